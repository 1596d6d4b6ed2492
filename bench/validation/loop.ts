/**
 * The loop of attempts against the protocol server: each case is asked for until its answer is accepted, at most four times. A share of
 * the answers is wrong (variants of all classes of fault), a share is badly transported. Says which final texts pass the tests that
 * decide, what was accepted and wrong by class of fault, and how well confidence ranks. JSON on standard output.
 *
 *   node --import tsx bench/validation/loop.ts --data DIR [--no-tests] [--every N] [--seed N] [--rounds N] [--lanes N]
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createOpenAiClient } from '../../src/adapters/llm/openai-client.ts';
import { FREE } from '../../src/adapters/llm/prices.ts';
import type { CodeProvider, GenerationRequest } from '../../src/adapters/llm/provider.ts';
import { languageOf } from '../../src/adapters/parser/index.ts';
import { detectSandbox } from '../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import type { Finding } from '../../src/domain/index.ts';
import { createModelProvider } from '../../src/masterplan/index.ts';
import { evidenceOf, scoreConfidence } from '../../src/review/index.ts';
import { createValidation, type Validation } from '../../src/validation/index.ts';
import { createTestRunner, type TestRunner } from '../../src/validation/running/test-runner.ts';
import { findPython } from '../../src/validation/system/python-toolchain.ts';
import { COMPLETE_CONTEXT } from '../../test/support/factories.ts';
import { fenced, ModelServer, type ModelCall, type ModelReply } from '../../test/support/model-server.ts';
import { caseRun } from './case-runs.ts';
import { contractOf } from './contract.ts';
import { findData, loadCases, loadVariants, type PrecisionCase, type Variant } from './data.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    'no-tests': { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '16' },
  },
});

const CONTEXT: GenerationRequest['atom']['context'] = { ...COMPLETE_CONTEXT, completeness_score: 0 };
const WRONG = 0.13;
const BAD_TRANSPORT = 0.05;
const ATTEMPTS = 4;

interface Ended {
  readonly id: string;
  readonly cls: string;
  readonly accepted: boolean;
  readonly right: boolean;
  readonly attempts: number;
  readonly confidence: number;
}

type Answered = Map<string, string>;

/** Plays the model: the right text, a wrong variant of it, or an answer that does not arrive whole. */
function replies(cases: ReadonlyMap<string, PrecisionCase>, wrong: ReadonlyMap<string, Variant[]>, answered: Answered) {
  return (call: ModelCall, random: () => number): ModelReply => {
    const id = /\[case ([^\]]+)\]/.exec(call.user)?.[1] ?? '';
    const item = cases.get(id);
    if (item === undefined) return { status: 400, message: `no case ${id}` };
    const code = item.files[item.target] ?? '';
    const dice = random();
    if (dice < BAD_TRANSPORT) {
      const half = code.slice(0, Math.floor(code.length / 2));
      const kinds: ModelReply[] = [
        { text: fenced(half, item.language), finish: 'length' },
        '',
        { text: 'I cannot help with that.', finish: 'refusal' },
      ];
      return kinds[Math.floor(random() * kinds.length)] ?? '';
    }
    const variants = wrong.get(id) ?? [];
    const variant = dice < BAD_TRANSPORT + WRONG ? variants[Math.floor(random() * variants.length)] : undefined;
    const text = variant === undefined ? code : (variant.files[item.target] ?? '');
    answered.set(`${id}\n${text.trim()}`, variant?.cls ?? 'right');
    return fenced(text, item.language);
  };
}

function requestOf(item: PrecisionCase, attempt: number, findings: readonly Finding[]): GenerationRequest {
  return {
    atom: {
      name: item.entry ?? item.target,
      description: `[case ${item.id}] ${item.task}`,
      filePath: item.target,
      language: languageOf(item.target),
      role: 'module',
      symbolPath: item.entry ?? '',
      context: CONTEXT,
      draft: new Uint8Array(),
    },
    attempt,
    temperature: 0.7,
    seed: attempt,
    before: '',
    after: '',
    dependencies: [],
    findings,
    feedback: null,
  };
}

interface Parts {
  readonly provider: CodeProvider;
  readonly validation: Validation;
  readonly runner: TestRunner;
  readonly answered: Answered;
}

async function runCase(parts: Parts, item: PrecisionCase): Promise<Ended> {
  let findings: readonly Finding[] = [];
  let last: { text: string; score: number | null; evidence: number } = { text: '', score: null, evidence: 0 };
  let accepted = false;
  let attempt = 0;
  while (!accepted && attempt < ATTEMPTS) {
    attempt += 1;
    const result = await parts.provider
      .generate(requestOf(item, attempt, findings), new AbortController().signal)
      .catch(() => null);
    if (result === null || result.problem) continue;
    const text = Buffer.from(result.code).toString('utf8');
    const report = await validate(parts.validation, item, text);
    findings = report.checks.flatMap((check) => (check.outcome === 'failed' ? check.findings : [])).slice(0, 5);
    last = { text, score: report.score, evidence: evidenceOf(report.checks) };
    accepted = report.outcome !== 'failed';
  }
  const hidden = caseRun(item, { ...item.files, [item.target]: last.text }, 'hidden');
  const verdict = hidden === null ? null : await parts.runner.run(hidden);
  const { score } = scoreConfidence({
    checks: { atomic: accepted ? last.score : 0, module: null },
    evidence: last.evidence,
    attempts: attempt,
    maxAttempts: ATTEMPTS,
    complexity: Math.min(10, 1 + last.text.split('\n').length / 15),
    integration: null,
  });
  const cls = parts.answered.get(`${item.id}\n${last.text.trim()}`) ?? 'transport';
  return { id: item.id, cls, accepted, right: verdict?.outcome === 'passed', attempts: attempt, confidence: score };
}

function validate(validation: Validation, item: PrecisionCase, text: string) {
  const files = { ...item.files, [item.target]: text };
  const variant = {
    mid: '',
    case: item.id,
    cls: '',
    kind: 'fault',
    note: '',
    language: item.language,
    set: item.set,
    visible_pass: null,
    files,
  } as const;
  const contract = contractOf(item, variant);
  const visible = values['no-tests'] ? null : caseRun(item, files, 'visible');
  return validation.validateAtom({
    path: item.target,
    language: languageOf(item.target),
    before: new Uint8Array(),
    candidate: Buffer.from(text),
    after: new Uint8Array(),
    atom: { name: item.entry ?? item.target, role: 'module', loc: 10, complexity: 1, isAtomic: true },
    contract: values['no-tests'] ? { ...contract, dependents: [] } : contract,
    ...(visible === null ? {} : { tests: [visible] }),
  });
}

/** Chance that a wrong answer has less confidence than a right one; ties count half. */
function auroc(ended: readonly Ended[]): number | null {
  const wrong = ended.filter(({ right }) => !right);
  const right = ended.filter((one) => one.right);
  if (wrong.length === 0 || right.length === 0) return null;
  let wins = 0;
  for (const bad of wrong)
    for (const good of right)
      wins += bad.confidence < good.confidence ? 1 : bad.confidence === good.confidence ? 0.5 : 0;
  return Math.round((1_000 * wins) / (wrong.length * right.length)) / 1_000;
}

function figuresOf(ended: readonly Ended[]): Record<string, unknown> {
  const wrong = ended.filter(({ accepted, right }) => accepted && !right);
  const sorted = [...ended].sort((a, b) => a.confidence - b.confidence);
  const lowest = new Set(sorted.slice(0, Math.ceil(sorted.length * 0.2)));
  return {
    cases: ended.length,
    finalRight: ended.filter(({ right }) => right).length / ended.length,
    gaveUp: ended.filter(({ accepted }) => !accepted).length,
    acceptedButWrong: wrong.map(({ id, cls, confidence }) => ({ id, cls, confidence })),
    meanAttempts: ended.reduce((sum, { attempts }) => sum + attempts, 0) / ended.length,
    auroc: auroc(ended),
    wrongInLowestFifth: wrong.length === 0 ? null : wrong.filter((one) => lowest.has(one)).length / wrong.length,
  };
}

async function measure(folder: string): Promise<void> {
  const cases = await loadCases(folder);
  const wrong = new Map<string, Variant[]>();
  for await (const variant of loadVariants(folder, cases))
    if (variant.kind === 'fault') wrong.set(variant.case, [...(wrong.get(variant.case) ?? []), variant]);
  const answered: Answered = new Map();
  const server = await ModelServer.start({ reply: replies(cases, wrong, answered), seed: Number(values.seed) });
  const sandbox = await detectSandbox(createLogger('error'));
  const client = createOpenAiClient({
    baseUrl: server.openAiUrl,
    apiKey: 'none',
    models: { plan: 'm', draft: 'm', repair: 'm', escalate: 'm' },
    priceOf: () => FREE,
  });
  const validation = await createValidation({ sandbox, threads: availableParallelism() });
  const runner = createTestRunner({ sandbox, python: async () => (await findPython()).python });
  const parts: Parts = { provider: createModelProvider(client), validation, runner, answered };
  const wanted = [...cases.values()].filter((_, index) => index % Number(values.every) === 0);
  const queue = Array.from({ length: Number(values.rounds) }, () => wanted).flat();
  const ended: Ended[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = queue[next++]; item !== undefined; item = queue[next++]) ended.push(await runCase(parts, item));
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  await validation.close();
  await server.stop();
  process.stdout.write(`${JSON.stringify(figuresOf(ended), null, 2)}\n`);
}

const data = findData(values.data);
if ('reason' in data) process.stdout.write(`${JSON.stringify({ skipped: true, reason: data.reason })}\n`);
else await measure(data.folder);
