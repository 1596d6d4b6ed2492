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
import { createValidation, type LevelReport, type Validation } from '../../src/validation/index.ts';
import { createTestRunner, type TestRunner } from '../../src/validation/running/test-runner.ts';
import { findPython } from '../../src/validation/system/python-toolchain.ts';
import { COMPLETE_CONTEXT } from '../../test/support/factories.ts';
import { fenced, ModelServer, type ModelCall, type ModelReply } from '../../test/support/model-server.ts';
import { caseRun } from './case-runs.ts';
import { findData, loadCases, loadVariants, type PrecisionCase, type Variant } from './data.ts';
import {
  ATTEMPTS,
  BAD_TRANSPORT,
  confidenceIn,
  type FinalAnswer,
  rankingFigures,
  validateAnswer,
  WRONG,
} from './final-answers.ts';

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

/** The answer that ended the loop, and those before it that were read and refused. */
interface Ended {
  readonly final: FinalAnswer;
  readonly refused: readonly FinalAnswer[];
}

async function runCase(parts: Parts, item: PrecisionCase): Promise<Ended> {
  const { id, language } = item;
  let findings: readonly Finding[] = [];
  let last: { text: string; report: LevelReport | null } = { text: '', report: null };
  const refused: FinalAnswer[] = [];
  let accepted = false;
  let attempts = 0;
  const clsOf = (text: string): string => parts.answered.get(`${id}\n${text.trim()}`) ?? 'transport';
  const answer = (right: boolean): FinalAnswer => {
    const confidence = confidenceIn(last.text, last.report, attempts);
    return { id, language, cls: clsOf(last.text), accepted, right, attempts, confidence };
  };
  while (!accepted && attempts < ATTEMPTS) {
    attempts += 1;
    const result = await parts.provider
      .generate(requestOf(item, attempts, findings), new AbortController().signal)
      .catch(() => null);
    if (result === null || result.problem) continue;
    const text = Buffer.from(result.code).toString('utf8');
    const files = { ...item.files, [item.target]: text };
    const report = await validateAnswer(parts.validation, item, files, !values['no-tests']);
    findings = report.checks.flatMap((check) => (check.outcome === 'failed' ? check.findings : [])).slice(0, 5);
    last = { text, report };
    accepted = report.outcome !== 'failed';
    if (!accepted) refused.push(answer(clsOf(text) === 'right'));
  }
  const hidden = caseRun(item, { ...item.files, [item.target]: last.text }, 'hidden');
  const verdict = hidden === null ? null : await parts.runner.run(hidden);
  return { final: answer(verdict?.outcome === 'passed'), refused };
}

function figuresOf(all: readonly Ended[]): Record<string, unknown> {
  const ended = all.map(({ final }) => final);
  const wrong = ended.filter(({ accepted, right }) => accepted && !right);
  return {
    cases: ended.length,
    finalRight: ended.filter(({ right }) => right).length / ended.length,
    gaveUp: ended.filter(({ accepted }) => !accepted).length,
    acceptedButWrong: wrong.map(({ id, cls, confidence }) => ({ id, cls, confidence })),
    meanAttempts: ended.reduce((sum, { attempts }) => sum + attempts, 0) / ended.length,
    finalAnswers: rankingFigures(ended),
    // Accepted answers, and every answer that was refused on the way to them.
    everyAnswer: rankingFigures([...ended.filter((one) => one.accepted), ...all.flatMap(({ refused }) => refused)]),
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
