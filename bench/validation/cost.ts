/**
 * What level 1 costs without tests: every candidate is a text that was never seen, inside a file of a generated project, with the checks
 * warm. For each language milliseconds per atom, atoms per second, CPU per atom (the type checker's process included) beside that of a
 * bare parse of the same files, and the longest block of the event loop. JSON on standard output.
 *
 *   node --import tsx bench/validation/cost.ts [--atoms N (per language)] [--lanes N (candidates at a time)] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { openParser } from '../../src/adapters/parser/index.ts';
import { unconfined } from '../../src/adapters/sandbox/detect-sandbox.ts';
import { createValidation, type Validation } from '../../src/validation/index.ts';
import { cpuMs, quantile, watchLoop } from './meter.ts';
import { type AtomInput, neverSeen, projectAtoms } from './project-atoms.ts';

const { values } = parseArgs({
  options: {
    atoms: { type: 'string', default: '200' },
    lanes: { type: 'string', default: '4' },
    request: {
      type: 'string',
      default: 'A shop with products, categories, customers and orders, with FastAPI and React, login and CSV export',
    },
    json: { type: 'string' },
  },
});

const WARM_UP = 40;
const round = (value: number): number => Math.round(value * 10) / 10;

/** The same code as JavaScript: types taken off, cut where the draft is cut. */
function asJavaScript(input: AtomInput): AtomInput | null {
  const strip = (bytes: Uint8Array): Buffer =>
    Buffer.from(
      ts.transpileModule(Buffer.from(bytes).toString('utf8'), {
        compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
      }).outputText,
    );
  const { contract: _contract, ...rest } = input;
  if (input.language !== 'typescript') return null;
  const candidate = strip(input.candidate);
  const path = input.path.replace(/\.ts$/, '.js');
  return {
    ...rest,
    path,
    language: 'javascript',
    before: strip(input.before),
    candidate,
    draft: candidate,
    after: strip(input.after),
  };
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
}

const textOf = ({ before, candidate, after }: AtomInput): string =>
  Buffer.concat([before, candidate, after]).toString('utf8');

async function bareParseMs(inputs: readonly AtomInput[]): Promise<number> {
  const parser = await openParser();
  const texts = inputs.map((input) => [input.language, textOf(input)] as const);
  const parse = (): void => {
    for (const [language, text] of texts) parser.parse(language, text)?.delete();
  };
  parse();
  const before = process.cpuUsage();
  parse();
  const { user, system } = process.cpuUsage(before);
  parser.close();
  return (user + system) / 1_000 / Math.max(1, texts.length);
}

async function measure(validation: Validation, inputs: readonly AtomInput[]): Promise<Record<string, unknown>> {
  const take = (count: number): AtomInput[] =>
    Array.from({ length: count }, (_, i) => inputs[(i * 17) % inputs.length]).flatMap((input) =>
      input === undefined ? [] : [neverSeen(input)],
    );
  await inLanes(take(WARM_UP), async (input) => void (await validation.validateAtom(input)));
  const atoms = take(Number(values.atoms));
  const milliseconds: number[] = [];
  const outcomes = { passed: 0, failed: 0, not_run: 0 };
  const endWatch = watchLoop();
  const cpu = cpuMs();
  const began = performance.now();
  await inLanes(atoms, async (input) => {
    const start = performance.now();
    outcomes[(await validation.validateAtom(input)).outcome] += 1;
    milliseconds.push(performance.now() - start);
  });
  const seconds = (performance.now() - began) / 1_000;
  const each = (cpuMs() - cpu) / atoms.length;
  const loop = endWatch();
  const parse = await bareParseMs(atoms);
  return {
    atoms: atoms.length,
    linesOfFile: Math.round(
      quantile(
        atoms.map((input) => textOf(input).split('\n').length),
        0.5,
      ),
    ),
    medianMs: round(quantile(milliseconds, 0.5)),
    p95Ms: round(quantile(milliseconds, 0.95)),
    perSecond: round(atoms.length / seconds),
    cpuMsEach: round(each),
    bareParseCpuMs: round(parse),
    timesBareParse: round(each / parse),
    loop,
    outcomes,
  };
}

const { atoms } = await projectAtoms(values.request);
// What runs code is not measured here: without confinement nothing is run.
const validation = await createValidation({ sandbox: unconfined('this bench measures reading') });
const languages = {
  python: atoms.filter(({ language }) => language === 'python'),
  typescript: atoms.filter(({ language }) => language === 'typescript' || language === 'tsx'),
  javascript: atoms.flatMap((input) => asJavaScript(input) ?? []),
};
const report: Record<string, unknown> = {
  cores: availableParallelism(),
  load: loadavg()[0],
  lanes: Number(values.lanes),
};
for (const [language, inputs] of Object.entries(languages)) report[language] = await measure(validation, inputs);
await validation.close();
const json = JSON.stringify(report, null, 2);
process.stdout.write(`${json}\n`);
if (values.json !== undefined) writeFileSync(values.json, json);
