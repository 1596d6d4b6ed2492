import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { CodeProvider, GenerationRequest, GenerationResult, ProviderLookup } from '../adapters/llm/provider.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Db } from '../db/index.ts';
import type { Finding } from '../domain/index.ts';
import type { PatternSource } from '../masterplan/index.ts';
import { doubtedTestsOf, evidenceOf, scoreConfidence } from '../review/index.ts';
import type { LevelReport, Validation } from '../validation/index.ts';
import { loadContract } from './atom-contract.ts';
import { loadTests } from './atom-tests.ts';
import type { AtomBody, AttemptOutcome, ClaimedAtom } from './attempt-outcome.ts';
import { AtomLoader, loadDependencies, type LoadedAtom, type PastAttempt } from './load-atoms.ts';
import { paidCall, type AnswerForm } from './paid-call.ts';
import { classifyFailure, spentOn } from './provider-failure.ts';
import { seedOf, temperatureOf } from './retry-policy.ts';
import { RunSettings, type ExecutionSettings } from './run-settings.ts';
import type { AttemptRecord } from './statements/record-attempts.ts';
import { areInDoubt } from './doubted-tests.ts';
import { unlessAborted } from './unless-aborted.ts';
import { doubtedDraft, type Weighed, validateWeighed } from './weigh-tests.ts';

export interface RunnerDeps {
  readonly db: Db;
  readonly providers: ProviderLookup;
  readonly validation: Pick<Validation, 'validateAtom'>;
  readonly defaultBudgetUsd: number;
  readonly metrics?: Metrics;
  /** Examples for prompts; without it there are none. */
  readonly patterns?: PatternSource;
}

/** A candidate and where it comes from. */
interface Candidate {
  readonly bytes: Uint8Array;
  readonly strategy: string;
  readonly provider: string;
  readonly model: string | null;
  readonly tokens: number;
  readonly costUsd: number;
  /** Why the answer is no code; `bytes` is empty then. */
  readonly problem?: GenerationResult['problem'];
  /** The provider has a stronger model that has not been asked yet. */
  readonly canEscalate?: boolean;
  /** Tells who made it that it passed. */
  readonly accepted?: () => Promise<void>;
}

const REPEATED = 'repeated-output';

/** The body of an atom: a candidate (its draft first, then the provider), checked inside its file. */
export function createRunner(deps: RunnerDeps): AtomBody {
  const loader = new AtomLoader(deps.db);
  const settings = new RunSettings(deps.db);
  return async (claimed, signal, answered) => {
    const started = performance.now();
    if (signal.aborted) return { kind: 'released' };
    const [atom, run] = await Promise.all([
      loader.load(claimed.masterplanId, claimed.atomId),
      settings.of(claimed.executionId),
    ]);
    if (!atom) return { kind: 'exhausted', record: null, report: null, message: 'the atom does not exist any more' };
    const made = await makeCandidate(deps, claimed, atom, run, { signal, answered });
    if ('kind' in made) return made;
    const digest = made.problem ? null : sha256(made.bytes);
    const record = (
      success: boolean,
      errorType: string | null,
      findings: readonly Finding[],
      message: string | null,
    ): AttemptRecord => ({
      temperature: run.deterministic ? 0 : temperatureOf(claimed.attempt),
      provider: made.provider,
      model: made.model,
      strategy: made.strategy,
      candidateSha256: digest,
      success,
      errorType,
      findings,
      errorMessage: message,
      candidate: success || made.problem ? null : textOf(made.bytes).code,
      tokens: made.tokens,
      costUsd: made.costUsd,
      durationMs: performance.now() - started,
    });
    if (digest === null) {
      const { kind, message } = made.problem ?? { kind: 'empty', message: 'the answer was empty' };
      deps.metrics?.atomAttempts.inc({ result: 'failed', reason: 'answer' });
      const finding = findingAt(atom, `answer-${kind}`, message);
      return { kind: 'rejected', record: record(false, kind, [finding], message), report: null };
    }
    const rejection = rejectionOf(atom, digest);
    const isRepeated = rejection !== null && isLeftToTests(atom, digest, rejection);
    if (rejection && !isRepeated) {
      const repeated = `${made.provider} gave the same text as in an earlier attempt that was rejected`;
      // What was wrong with the text comes first: that it came back says nothing about it.
      const message = rejection.message === null ? repeated : `${rejection.message}; ${repeated}`;
      const findings = [...rejection.findings, findingAt(atom, REPEATED, repeated)];
      deps.metrics?.atomAttempts.inc({ result: 'failed', reason: 'repeated_output' });
      const failed = record(false, 'repeated_output', findings, message);
      // Once more with the strongest model, where there is one; a text that comes back even then will come back for ever.
      if (made.canEscalate && !hasRepeated(atom)) return { kind: 'rejected', record: failed, report: null };
      return { kind: 'exhausted', record: failed, report: null, message };
    }
    const doubted = made.strategy === 'draft' ? await doubtedDraft(deps, claimed, atom, run) : [];
    if (doubted.length > 0) {
      deps.metrics?.atomAttempts.inc({ result: 'failed', reason: 'validation' });
      const failed = record(false, 'validation', doubted, doubted[0]?.message ?? null);
      return { kind: 'rejected', record: failed, report: null };
    }
    const [contract, tests] = await Promise.all([loadContract(deps.db, atom), loadTests(deps.db, atom)]);
    const input: Parameters<Validation['validateAtom']>[0] = {
      path: atom.filePath,
      language: atom.language,
      before: atom.before,
      candidate: made.bytes,
      after: atom.after,
      ...(atom.hasDraft ? { draft: atom.draft } : {}),
      atom: { name: atom.name, role: atom.role, loc: atom.loc, complexity: atom.complexity, isAtomic: atom.isAtomic },
      ...(contract === null ? {} : { contract }),
      ...(tests.length === 0 ? {} : { tests }),
    };
    const weighed = await unlessAborted(
      validateWeighed(deps, { claimed, atom, sha256: digest, isRepeated }, input),
      signal,
    );
    if (weighed === null || signal.aborted) return { kind: 'released' };
    if (weighed.report.outcome !== 'failed') await made.accepted?.();
    return judge(deps, claimed, atom, made, weighed, record, digest);
  };
}

function judge(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  atom: LoadedAtom,
  made: Candidate,
  { report, doubts }: Weighed,
  record: (
    success: boolean,
    errorType: string | null,
    findings: readonly Finding[],
    message: string | null,
  ) => AttemptRecord,
  digest: string,
): AttemptOutcome {
  // A level of which nothing could run says nothing against the candidate; it also adds nothing to the confidence.
  if (report.outcome !== 'failed') {
    const confidence = scoreConfidence({
      checks: { atomic: report.score, module: null, component: null, system: null },
      evidence: evidenceOf(report.checks),
      doubtedTests: doubtedTestsOf(report.checks),
      attempts: claimed.attempt,
      maxAttempts: claimed.maxAttempts,
      complexity: atom.complexity,
      integration: null,
    });
    deps.metrics?.atomAttempts.inc({ result: 'accepted', reason: 'none' });
    const text = {
      ...textOf(made.bytes),
      sha256: digest,
      provider: made.provider,
      model: made.model,
      confidence: confidence.score,
    };
    return { kind: 'accepted', text, record: { ...record(true, null, [], null), doubts }, report };
  }
  const findings = report.checks.filter((check) => check.outcome === 'failed').flatMap((check) => check.findings);
  const message = summarize(report, findings);
  deps.metrics?.atomAttempts.inc({ result: 'failed', reason: 'validation' });
  return { kind: 'rejected', record: { ...record(false, 'validation', findings, message), doubts }, report };
}

/** The draft in the first attempt, when there is one and no reviewer asked for another text; else the provider's answer. */
async function makeCandidate(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  atom: LoadedAtom,
  run: ExecutionSettings,
  { signal, answered }: { readonly signal: AbortSignal; readonly answered: () => void },
): Promise<Candidate | AttemptOutcome> {
  if (claimed.attempt === 1 && atom.hasDraft)
    return {
      bytes: atom.draft,
      strategy: 'draft',
      provider: run.draftProvider,
      model: run.draftModel,
      tokens: 0,
      costUsd: 0,
    };
  const provider = deps.providers(run.provider, run.model);
  const request = await requestOf(deps, claimed, atom, run, provider);
  try {
    const result = await callProvider(deps, claimed, provider, request, signal);
    answered();
    return {
      bytes: result.code,
      strategy: strategyOf(atom, result),
      provider: result.provider ?? provider.name,
      model: result.model,
      tokens: result.tokensIn + result.tokensOut,
      costUsd: result.costUsd,
      canEscalate: provider.escalates === true,
      accepted: () => provider.accepted?.(request) ?? Promise.resolve(),
      ...(result.problem ? { problem: result.problem } : {}),
    };
  } catch (error) {
    if (signal.aborted) return { kind: 'released' };
    return outcomeOfError(deps, claimed, provider, error);
  }
}

async function requestOf(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  atom: LoadedAtom,
  run: ExecutionSettings,
  provider: CodeProvider,
): Promise<GenerationRequest> {
  const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
  return {
    atom: {
      name: atom.name,
      description: atom.description,
      filePath: atom.filePath,
      language: atom.language,
      role: atom.role,
      symbolPath: atom.symbolPath,
      context: atom.context,
      draft: atom.draft,
    },
    attempt: claimed.attempt,
    temperature: run.deterministic ? 0 : temperatureOf(claimed.attempt),
    masterplanId: claimed.masterplanId,
    patterns: await patternsFor(deps, atom, run, provider),
    seed: seedOf(run.seed, atom.atomNumber, claimed.attempt),
    before: decode(atom.before),
    after: decode(atom.after),
    dependencies: await loadDependencies(deps.db, atom.atomId),
    findings: atom.history.at(-1)?.findings ?? [],
    feedback: atom.feedback,
    escalate: hasRepeated(atom),
  };
}

async function patternsFor(
  deps: RunnerDeps,
  atom: LoadedAtom,
  run: ExecutionSettings,
  provider: CodeProvider,
): Promise<NonNullable<GenerationRequest['patterns']>> {
  if (deps.patterns === undefined || provider.takesPatterns !== true) return [];
  const { name, description, filePath: path, language } = atom;
  return deps.patterns.find({ text: `${name}. ${description}`, path, language, userId: run.userId });
}

/** What was asked for, in words; the examples that the prompt showed are part of it. */
function strategyOf(atom: LoadedAtom, result: GenerationResult): string {
  const asked = atom.feedback ? 'regenerate with feedback' : 'regenerate';
  return result.patterns?.length ? `${asked}; examples: ${result.patterns.join(', ')}` : asked;
}

function hasRepeated(atom: LoadedAtom): boolean {
  return atom.history.at(-1)?.findings.some((finding) => finding.rule === REPEATED) === true;
}

/** Calls the provider; what may cost money is reserved before and settled after, and its answer kept until the attempt is stored. */
async function callProvider(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  provider: CodeProvider,
  request: GenerationRequest,
  signal: AbortSignal,
): Promise<GenerationResult> {
  const usd = provider.reserveUsd(request);
  if (usd <= 0) return provider.generate(request, signal);
  const reservation = {
    masterplanId: claimed.masterplanId,
    executionId: claimed.executionId,
    atomId: claimed.atomId,
    attempt: claimed.attempt,
    operation: 'generate',
    provider: provider.name,
    model: provider.model,
    usd,
    defaultBudgetUsd: deps.defaultBudgetUsd,
    requestKey: requestKeyOf(claimed, provider, request),
  };
  return paidCall(deps.db, reservation, GENERATION_FORM, () => provider.generate(request, signal));
}

/** An attempt is one call. Its neighbours may change while it is out: what was asked for stays the same, and so does the answer. */
function requestKeyOf(claimed: ClaimedAtom, provider: CodeProvider, request: GenerationRequest): string {
  const matters = [claimed.atomId, claimed.attempt, provider.name, provider.model, request.feedback, request.findings];
  return sha256(Buffer.from(JSON.stringify(matters)));
}

type KeptGeneration = Omit<GenerationResult, 'code'> & { readonly code: string };

const GENERATION_FORM: AnswerForm<GenerationResult> = {
  encode: (result) => {
    const kept: KeptGeneration = { ...result, code: Buffer.from(result.code).toString('base64') };
    return Buffer.from(JSON.stringify(kept));
  },
  decode: (bytes) => {
    const kept = JSON.parse(bytes.toString('utf8')) as KeptGeneration;
    return { ...kept, code: Buffer.from(kept.code, 'base64') };
  },
  spent: (result) => ({ usd: result.costUsd, tokensIn: result.tokensIn, tokensOut: result.tokensOut }),
};

function outcomeOfError(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  provider: CodeProvider,
  error: unknown,
): AttemptOutcome {
  const message = error instanceof Error ? error.message : String(error);
  const failure = classifyFailure(error, claimed.postponements);
  if (failure.kind === 'budget') return { kind: 'over_budget', message };
  if (failure.kind === 'retryable') {
    deps.metrics?.atomAttempts.inc({ result: 'postponed', reason: 'provider' });
    return { kind: 'postponed', delayMs: failure.delayMs, message };
  }
  deps.metrics?.atomAttempts.inc({ result: 'failed', reason: 'provider' });
  const record: AttemptRecord = {
    temperature: temperatureOf(claimed.attempt),
    provider: provider.name,
    model: provider.model,
    strategy: 'regenerate',
    candidateSha256: null,
    success: false,
    errorType: 'provider',
    findings: [],
    errorMessage: message,
    candidate: null,
    tokens: 0,
    costUsd: spentOn(error),
    durationMs: 0,
  };
  return { kind: 'exhausted', record, report: null, message };
}

type Rejection = Pick<PastAttempt, 'message' | 'findings' | 'doubts'>;

/** The first time that a text was rejected, by a check or a person. A text that was accepted and is asked for again is no repetition. */
function rejectionOf(atom: LoadedAtom, digest: string): Rejection | null {
  const past = atom.history.find((attempt) => attempt.rejected && attempt.sha256 === digest);
  if (past) return past;
  return atom.rejectedEdit === digest ? { message: 'a reviewer rejected this text', findings: [], doubts: [] } : null;
}

/** Only drafted tests refused the text, and others like it: that it comes back speaks against the tests, which are asked once more. */
function isLeftToTests(atom: LoadedAtom, sha256: string, { doubts }: Rejection): boolean {
  return areInDoubt({ present: { sha256, doubts }, past: atom.history, isLast: true, brought: '' });
}

/** A finding on the answer as a whole stands at the atom's first line. */
function findingAt(atom: LoadedAtom, rule: string, message: string): Finding {
  const line = Buffer.from(atom.before).toString('latin1').split('\n').length;
  return { file: atom.filePath, line, column: 1, rule, severity: 'error', message, suggestion: null };
}

function summarize(report: LevelReport, findings: readonly Finding[]): string {
  const first = findings[0];
  if (!first)
    return `level 1 failed: ${
      report.checks
        .filter((c) => c.outcome === 'failed')
        .map((c) => c.testType)
        .join(', ') || 'score too low'
    }`;
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  return `${first.file}:${first.line}: ${first.message}${more}`;
}

/** Text where text is the same as the bytes, else the bytes. */
export function textOf(bytes: Uint8Array): { code: string | null; bytes: Uint8Array | null } {
  if (isUtf8(bytes) && !bytes.includes(0) && !startsWithBom(bytes))
    return { code: Buffer.from(bytes).toString('utf8'), bytes: null };
  return { code: null, bytes };
}

/** Decoding and encoding again would keep a BOM, but not every consumer of text does. */
function startsWithBom(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
