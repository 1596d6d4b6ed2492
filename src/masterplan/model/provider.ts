import { createHash } from 'node:crypto';
import type { AnswerCache } from '../../adapters/llm/answer-cache.ts';
import { checkAnswer } from '../../adapters/llm/check-answer.ts';
import type { ModelAnswer, ModelClient, ModelRequest, ModelTier } from '../../adapters/llm/model-client.ts';
import type {
  CallMeter,
  CodeProvider,
  DraftRequest,
  GenerationRequest,
  GenerationResult,
  PlanningRequest,
  Suggestion,
} from '../../adapters/llm/provider.ts';
import { MgeError, type Plan } from '../../domain/index.ts';
import { readMarkdownPlan } from '../markdown.ts';
import { askCached, type Asked } from './cached-call.ts';
import { WirePlan } from './plan-schema.ts';
import { atomPrompt, exampleLabel } from './prompts/atom-prompt.ts';
import { draftPrompt } from './prompts/draft-prompt.ts';
import { planPrompt, type RepairInput } from './prompts/plan-prompt.ts';
import type { BuiltPrompt } from './prompts/prompt.ts';
import { suggestPrompt } from './prompts/suggest-prompt.ts';
import { readPlan, testNameOf } from './read-plan.ts';
import { readSuggestions, SUGGEST_JSON } from './suggest.ts';

/** Tokens that an answer may have. Models that think before they answer count that too. */
const OUTPUT_TOKENS = { plan: 32_000, draft: 16_000, atom: 6_000, suggest: 8_000 } as const;
const PLAN_TEMPERATURE = 0.3;
const SUGGEST_TEMPERATURE = 0.3;
const DRAFT_TEMPERATURES = [0.5, 0.3, 0.2] as const;
/** Times that a plan is asked for again with its errors. */
const PLAN_REPAIRS = 2;
/** Attempts from this one on go to the strongest model. */
const ESCALATE_FROM = 4;

const PLAN_JSON = { name: 'plan', schema: JSON.parse(JSON.stringify(WirePlan)) as Record<string, unknown> };

/** What setting money aside takes for 3,500 tokens in and 350 out: what a prompt for an atom and its answer have about. */
const TYPICAL_CALL: ModelRequest = {
  tier: 'draft',
  system: '',
  user: 'x'.repeat(7_000),
  temperature: 0,
  seed: 0,
  maxOutputTokens: 350,
};

interface ModelSource {
  readonly client: ModelClient;
  readonly cache: AnswerCache | null;
}

/** Plans and code from a model. `name` is the provider that a masterplan names; `cache` keeps accepted answers of repeatable calls. */
export function createModelProvider(client: ModelClient, cache: AnswerCache | null = null): CodeProvider {
  const source: ModelSource = { client, cache };
  return {
    name: client.provider,
    model: client.modelOf('draft'),
    plansInJob: true,
    takesPatterns: true,
    escalates: client.modelOf('escalate') !== client.modelOf('repair'),
    plan: (request, signal, meter = unmetered) => plan(source, request, signal, meter),
    draft: (request, signal, meter) => draft(source, request, signal, meter),
    generate: (request, signal) => generate(source, request, signal),
    suggest: (request, signal, meter) => suggest(source, request, signal, meter),
    accepted: (request) => asked.get(request)?.keep() ?? Promise.resolve(),
    reserveUsd: (request) => client.reserveUsd(atomRequest(request).call),
    expectedUsd: () => client.reserveUsd(TYPICAL_CALL),
  };
}

/** Answers that wait for their checks. */
const asked = new WeakMap<GenerationRequest, Asked>();

const unmetered: CallMeter = (_call, make) => make();

async function plan(
  source: ModelSource,
  request: PlanningRequest,
  signal: AbortSignal,
  meter: CallMeter,
): Promise<Plan> {
  const { requirements } = readMarkdownPlan(request.userRequest);
  let repair: RepairInput | null = null;
  for (let round = 0; ; round += 1) {
    const prompt = planPrompt(request, repair);
    const call: ModelRequest = {
      ...base(prompt, 'plan', request.deterministic === true ? 0 : PLAN_TEMPERATURE, request.seed + round),
      maxOutputTokens: OUTPUT_TOKENS.plan,
      json: PLAN_JSON,
    };
    const operation = round === 0 ? 'plan' : 'plan_repair';
    const made = await paid(source, request, { meter, operation, prompt, call, signal });
    const { answer } = made;
    const read = readPlan(answer.text, answer.finish, requirements);
    if ('plan' in read) {
      await made.keep();
      return read.plan;
    }
    if (round >= PLAN_REPAIRS) throw planFailed(read.errors);
    repair = { answer: answer.text, errors: read.errors };
  }
}

function planFailed(errors: readonly string[]): MgeError {
  const more = errors.length > 5 ? ` and ${errors.length - 5} more` : '';
  return new MgeError(
    'PLAN_FAILED',
    `The model gave no plan that can be used, after ${PLAN_REPAIRS} repairs: ${errors.slice(0, 5).join('; ')}${more}.`,
    { details: { errors: errors.slice(0, 20) } },
  );
}

async function draft(
  source: ModelSource,
  request: DraftRequest,
  signal: AbortSignal,
  meter: CallMeter,
): Promise<Uint8Array> {
  let complaint: string | null = null;
  for (const [round, temperature] of DRAFT_TEMPERATURES.entries()) {
    const prompt = draftPrompt(request, complaint);
    const last = round === DRAFT_TEMPERATURES.length - 1;
    const call: ModelRequest = {
      ...base(
        prompt,
        last ? 'escalate' : 'draft',
        request.deterministic === true ? 0 : temperature,
        request.seed + round,
      ),
      maxOutputTokens: OUTPUT_TOKENS.draft * (round + 1),
    };
    const made = await paid(source, request, { meter, operation: 'draft', prompt, call, signal });
    const { answer } = made;
    const checked = checkAnswer(answer.text, answer.finish, { language: request.task.language, replaces: null });
    complaint = 'problem' in checked ? checked.message : missingTests(checked.code, request.tests);
    if ('code' in checked && complaint === null) {
      await made.keep();
      return Buffer.from(checked.code, 'utf8');
    }
  }
  throw new MgeError(
    'PLAN_FAILED',
    `The model wrote no usable file for "${request.task.name}" (${request.task.filePath}): ${complaint ?? ''}.`,
  );
}

/** A criterion is proven by its test: a test file without the test proves nothing. */
function missingTests(code: string, tests: readonly string[]): string | null {
  const missing = tests.map(testNameOf).filter((name) => !code.includes(name));
  return missing.length === 0 ? null : `these tests are missing: ${missing.join(', ')}`;
}

function atomTier(request: GenerationRequest): ModelTier {
  if (request.escalate === true || request.attempt >= ESCALATE_FROM) return 'escalate';
  return request.attempt === 1 ? 'draft' : 'repair';
}

/** Built once for setting money aside and once more for the call would be twice the work. */
const built = new WeakMap<GenerationRequest, AtomCall>();

interface AtomCall {
  readonly prompt: BuiltPrompt;
  readonly call: ModelRequest;
}

function atomRequest(request: GenerationRequest): AtomCall {
  const made = built.get(request) ?? buildAtomRequest(request);
  built.set(request, made);
  return made;
}

function buildAtomRequest(request: GenerationRequest): AtomCall {
  const wasCutOff = request.findings.some((finding) => finding.rule === 'answer-truncated');
  const prompt = atomPrompt(request);
  const call = {
    ...base(prompt, atomTier(request), request.temperature, request.seed),
    maxOutputTokens: OUTPUT_TOKENS.atom * (wasCutOff ? 2 : 1),
  };
  return { prompt, call };
}

/** Names of the examples that a prompt shows. */
function shownPatterns(request: GenerationRequest, prompt: BuiltPrompt): string[] {
  return (request.patterns ?? []).map((one) => one.name).filter((name) => prompt.used.includes(exampleLabel(name)));
}

async function generate(
  { client, cache }: ModelSource,
  request: GenerationRequest,
  signal: AbortSignal,
): Promise<GenerationResult> {
  const { prompt, call } = atomRequest(request);
  const question = { promptVersion: prompt.version, masterplanId: request.masterplanId ?? null, request: call };
  const made = await askCached(cache, client, question, () => client.complete(call, signal));
  asked.set(request, made);
  const { answer } = made;
  const replaces = Buffer.from(request.atom.draft).toString('utf8');
  const checked = checkAnswer(answer.text, answer.finish, { language: request.atom.language, replaces });
  const result = {
    provider: answer.provider,
    model: answer.model,
    tokensIn: answer.usage.tokensIn,
    tokensOut: answer.usage.tokensOut,
    costUsd: answer.costUsd,
    patterns: shownPatterns(request, prompt),
  };
  if ('code' in checked) return { ...result, code: Buffer.from(checked.code, 'utf8') };
  return { ...result, code: new Uint8Array(), problem: { kind: checked.problem, message: checked.message } };
}

async function suggest(
  source: ModelSource,
  request: GenerationRequest,
  signal: AbortSignal,
  meter: CallMeter,
): Promise<Suggestion[]> {
  const prompt = suggestPrompt(request);
  const call: ModelRequest = {
    ...base(prompt, 'escalate', SUGGEST_TEMPERATURE, request.seed),
    maxOutputTokens: OUTPUT_TOKENS.suggest,
    json: SUGGEST_JSON,
  };
  // An answer that cannot be read is paid for and not kept: whoever asks again gets another one.
  const readable = (answer: ModelAnswer) => void readSuggestions(answer);
  const made = await paid(source, request, { meter, operation: 'suggest', prompt, call, signal, check: readable });
  return readSuggestions(made.answer);
}

function base(
  prompt: BuiltPrompt,
  tier: ModelTier,
  temperature: number,
  seed: number,
): Pick<ModelRequest, 'tier' | 'system' | 'user' | 'temperature' | 'seed'> {
  return { tier, system: prompt.system, user: prompt.user, temperature, seed: seed % 2_147_483_647 };
}

interface PaidQuestion {
  readonly meter: CallMeter;
  readonly operation: string;
  readonly prompt: BuiltPrompt;
  readonly call: ModelRequest;
  readonly signal: AbortSignal;
  /** Throws for an answer that is not to be kept. */
  readonly check?: (answer: ModelAnswer) => void;
}

/** A call whose cost is accounted for; an answer from the cache costs nothing and is not. */
function paid(
  { client, cache }: ModelSource,
  { masterplanId }: { readonly masterplanId?: string },
  { meter, operation, prompt, call, signal, check }: PaidQuestion,
): Promise<Asked> {
  const model = client.modelOf(call.tier);
  const { system, user, temperature, seed, maxOutputTokens } = call;
  const matters = [operation, prompt.version, client.provider, model, system, user, temperature, seed, maxOutputTokens];
  const key = createHash('sha256').update(JSON.stringify(matters)).digest('hex');
  const question = { promptVersion: prompt.version, masterplanId: masterplanId ?? null, request: call };
  return askCached(cache, client, question, () =>
    meter({ operation, key, provider: client.provider, model, usd: client.reserveUsd(call) }, async () => {
      const answer = await client.complete(call, signal);
      check?.(answer);
      return answer;
    }),
  );
}
