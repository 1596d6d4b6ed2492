import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { CodeProvider, GenerationRequest, ProviderLookup } from '../adapters/llm/provider.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Db } from '../db/index.ts';
import { MgeError, type Finding } from '../domain/index.ts';
import { scoreConfidence } from '../review/index.ts';
import type { LevelReport, Validation } from '../validation/index.ts';
import type { AtomBody, AttemptOutcome, ClaimedAtom } from './attempt-outcome.ts';
import { releaseCost, reserveCost, settleCost } from './cost-ledger.ts';
import { AtomLoader, loadDependencies, type LoadedAtom } from './load-atoms.ts';
import { MAX_POSTPONEMENTS, providerDelayMs, seedOf, temperatureOf } from './retry-policy.ts';
import { RunSettings, type ExecutionSettings } from './run-settings.ts';
import type { AttemptRecord } from './statements/record-attempts.ts';

export interface RunnerDeps {
  readonly db: Db;
  readonly providers: ProviderLookup;
  readonly validation: Pick<Validation, 'validateAtom'>;
  readonly defaultBudgetUsd: number;
  readonly metrics?: Metrics;
}

/** A candidate and where it comes from. */
interface Candidate {
  readonly bytes: Uint8Array;
  readonly strategy: string;
  readonly provider: string;
  readonly model: string | null;
  readonly tokens: number;
  readonly costUsd: number;
}

/** The body of an atom: a candidate (its draft first, then the provider), checked inside its file. */
export function createRunner(deps: RunnerDeps): AtomBody {
  const loader = new AtomLoader(deps.db);
  const settings = new RunSettings(deps.db);
  return async (claimed, signal) => {
    const started = performance.now();
    if (signal.aborted) return { kind: 'released' };
    const [atom, run] = await Promise.all([
      loader.load(claimed.masterplanId, claimed.atomId),
      settings.of(claimed.executionId),
    ]);
    if (!atom) return { kind: 'exhausted', record: null, report: null, message: 'the atom does not exist any more' };
    const made = await makeCandidate(deps, claimed, atom, run, signal);
    if ('kind' in made) return made;
    const digest = sha256(made.bytes);
    const record = (
      success: boolean,
      errorType: string | null,
      findings: readonly Finding[],
      message: string | null,
    ): AttemptRecord => ({
      temperature: temperatureOf(claimed.attempt),
      provider: made.provider,
      model: made.model,
      strategy: made.strategy,
      candidateSha256: digest,
      success,
      errorType,
      findings,
      errorMessage: message,
      candidate: success ? null : textOf(made.bytes).code,
      tokens: made.tokens,
      costUsd: made.costUsd,
      durationMs: performance.now() - started,
    });
    if (atom.history.some((past) => past.sha256 === digest)) {
      const message = `${made.provider} gave the same text as in an earlier attempt that was rejected`;
      const findings = [repeated(atom, message), ...(atom.history.at(-1)?.findings ?? [])];
      deps.metrics?.atomAttempts.inc({ result: 'failed', reason: 'repeated_output' });
      return { kind: 'exhausted', record: record(false, 'repeated_output', findings, message), report: null, message };
    }
    const report = await deps.validation.validateAtom({
      path: atom.filePath,
      language: atom.language,
      before: atom.before,
      candidate: made.bytes,
      after: atom.after,
      ...(atom.hasDraft ? { draft: atom.draft } : {}),
      atom: { name: atom.name, role: atom.role, loc: atom.loc, complexity: atom.complexity, isAtomic: atom.isAtomic },
    });
    if (signal.aborted) return { kind: 'released' };
    return judge(deps, claimed, atom, made, report, record, digest);
  };
}

function judge(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  atom: LoadedAtom,
  made: Candidate,
  report: LevelReport,
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
    return { kind: 'accepted', text, record: record(true, null, [], null), report };
  }
  const findings = report.checks.filter((check) => check.outcome === 'failed').flatMap((check) => check.findings);
  const message = summarize(report, findings);
  deps.metrics?.atomAttempts.inc({ result: 'failed', reason: 'validation' });
  return { kind: 'rejected', record: record(false, 'validation', findings, message), report };
}

/** The draft in the first attempt, when there is one and no reviewer asked for another text; else the provider's answer. */
async function makeCandidate(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  atom: LoadedAtom,
  run: ExecutionSettings,
  signal: AbortSignal,
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
  const provider = deps.providers(run.provider);
  const request = await requestOf(deps, claimed, atom, run);
  try {
    const result = await callProvider(deps, claimed, provider, request, signal);
    return {
      bytes: result.code,
      strategy: atom.feedback ? 'regenerate with feedback' : 'regenerate',
      provider: provider.name,
      model: result.model,
      tokens: result.tokensIn + result.tokensOut,
      costUsd: result.costUsd,
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
    temperature: temperatureOf(claimed.attempt),
    seed: seedOf(run.seed, atom.atomNumber, claimed.attempt),
    before: decode(atom.before),
    after: decode(atom.after),
    dependencies: await loadDependencies(deps.db, atom.atomId),
    findings: atom.history.at(-1)?.findings ?? [],
    feedback: atom.feedback,
  };
}

/** Calls the provider; what may cost money is reserved before and settled, or given back, after. */
async function callProvider(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  provider: CodeProvider,
  request: GenerationRequest,
  signal: AbortSignal,
) {
  const usd = provider.reserveUsd(request);
  if (usd <= 0) return provider.generate(request, signal);
  const entry = await reserveCost(deps.db, {
    masterplanId: claimed.masterplanId,
    executionId: claimed.executionId,
    atomId: claimed.atomId,
    attempt: claimed.attempt,
    operation: 'generate',
    provider: provider.name,
    model: provider.model,
    usd,
    defaultBudgetUsd: deps.defaultBudgetUsd,
  });
  try {
    const result = await provider.generate(request, signal);
    await settleCost(deps.db, entry, { usd: result.costUsd, tokensIn: result.tokensIn, tokensOut: result.tokensOut });
    return result;
  } catch (error) {
    await releaseCost(deps.db, entry);
    throw error;
  }
}

function outcomeOfError(
  deps: RunnerDeps,
  claimed: ClaimedAtom,
  provider: CodeProvider,
  error: unknown,
): AttemptOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof MgeError && error.code === 'BUDGET_EXCEEDED') return { kind: 'over_budget', message };
  const temporary = !(error instanceof MgeError) || error.retryable;
  if (temporary && claimed.postponements < MAX_POSTPONEMENTS) {
    deps.metrics?.atomAttempts.inc({ result: 'postponed', reason: 'provider' });
    const asked = error instanceof MgeError ? error.retryAfterMs : undefined;
    return { kind: 'postponed', delayMs: providerDelayMs(claimed.postponements + 1, asked), message };
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
    costUsd: 0,
    durationMs: 0,
  };
  return { kind: 'exhausted', record, report: null, message };
}

function repeated(atom: LoadedAtom, message: string): Finding {
  const line = Buffer.from(atom.before).toString('latin1').split('\n').length;
  return {
    file: atom.filePath,
    line,
    column: 1,
    rule: 'repeated-output',
    severity: 'error',
    message,
    suggestion: null,
  };
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
