/**
 * A generated project through all four levels: seconds and CPU seconds of each, what fails, and the longest block of the event loop.
 * Level 1 sees every atom as a text that was never seen, with its task and dependents, and tries examples in the sandbox; the project's
 * own tests run at level 4. Level 4 needs the toolchains of the project's parts (`not_run` otherwise). JSON on standard output.
 *
 *   node --import tsx bench/validation/levels.ts [--request "WORDS"] [--lanes N (atoms and files at a time)] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { posix } from 'node:path';
import { parseArgs } from 'node:util';
import { detectSandbox } from '../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { createValidation, type LevelReport } from '../../src/validation/index.ts';
import { cpuMs, watchLoop } from './meter.ts';
import { neverSeen, projectAtoms } from './project-atoms.ts';

const { values } = parseArgs({
  options: {
    request: {
      type: 'string',
      default: 'A shop with products, categories, customers and orders, with FastAPI and React, login and CSV export',
    },
    lanes: { type: 'string', default: '4' },
    json: { type: 'string' },
  },
});

const round = (value: number): number => Math.round(value * 10) / 10;

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<LevelReport>): Promise<LevelReport[]> {
  const reports: LevelReport[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) reports.push(await work(item));
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  return reports;
}

/** The findings that failed something, each once. */
function failuresOf(reports: readonly LevelReport[]): string[] {
  const failed = reports.flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === 'failed'));
  const told = failed.flatMap(({ testType, findings }) =>
    findings
      .filter(({ severity }) => severity === 'error' || severity === 'critical')
      .map(({ file, line, rule, message }) => `${testType}/${rule} ${file}:${line} ${message.slice(0, 120)}`),
  );
  return [...new Set(told)].slice(0, 20);
}

async function timed(work: () => Promise<LevelReport[]>): Promise<Record<string, unknown>> {
  const cpu = cpuMs();
  const endWatch = watchLoop();
  const began = performance.now();
  const reports = await work();
  const seconds = (performance.now() - began) / 1_000;
  const outcomes = { passed: 0, failed: 0, not_run: 0 };
  for (const { outcome } of reports) outcomes[outcome] += 1;
  return {
    reports: reports.length,
    seconds: round(seconds),
    cpuSeconds: round((cpuMs() - cpu) / 1_000),
    loop: endWatch(),
    outcomes,
    failures: failuresOf(reports),
  };
}

const project = await projectAtoms(values.request);
const sandbox = await detectSandbox(createLogger('error'));
const validation = await createValidation({ sandbox });
const folders = new Map<string, string[]>();
for (const { path } of project.files) {
  const folder = posix.dirname(path);
  folders.set(folder, [...(folders.get(folder) ?? []), path]);
}
const { files, checks, criteria } = project;
const began = performance.now();
const report: Record<string, unknown> = {
  cores: availableParallelism(),
  load: loadavg()[0],
  files: files.length,
  atoms: project.atoms.length,
  level1: await timed(() => inLanes(project.atoms.map(neverSeen), (input) => validation.validateAtom(input))),
  level2: await timed(() => inLanes(files, (file) => validation.validateModule(file))),
  level3: await timed(() => inLanes([...folders.values()], (paths) => validation.validateComponent(files, paths))),
  level4: await timed(async () => [await validation.validateSystem({ files, checks, criteria })]),
};
report['seconds'] = round((performance.now() - began) / 1_000);
await validation.close();
const json = JSON.stringify(report, null, 2);
process.stdout.write(`${json}\n`);
if (values.json !== undefined) writeFileSync(values.json, json);
