import { sql } from 'drizzle-orm';
import { newId, type Tx } from '../../db/index.ts';
import type { Finding } from '../../domain/index.ts';
import type { TestDoubt } from '../doubted-tests.ts';
import { jsonRows } from './json-rows.ts';

/** What one attempt was and what came of it: one row of `atom_retry_history`. */
export interface AttemptRecord {
  readonly temperature: number;
  readonly provider: string;
  readonly model: string | null;
  /** What was asked for, in words: `draft`, `regenerate`, `regenerate with feedback`. */
  readonly strategy: string;
  readonly candidateSha256: string | null;
  readonly success: boolean;
  /** Closed set: `validation`, `repeated_output`, `provider`, `crash`, or why the answer was no code (AnswerProblem); null for a success. */
  readonly errorType: string | null;
  readonly findings: readonly Finding[];
  /** Expectations of drafted tests that the text failed while it passed all else; of an accepted text, those in doubt. */
  readonly doubts?: readonly TestDoubt[];
  readonly errorMessage: string | null;
  /** The text that was rejected, so that a person can still take it; null for a success (the atom holds it) and for bytes. */
  readonly candidate: string | null;
  readonly tokens: number;
  readonly costUsd: number;
  readonly durationMs: number;
}

/** What is kept about why an attempt failed, or about the tests that an accepted text leaves in doubt. */
export function analysisOf({ errorType, findings, doubts = [] }: AttemptRecord): Record<string, unknown> | null {
  if (errorType === null && doubts.length === 0) return null;
  return { error_type: errorType, findings, ...(doubts.length === 0 ? {} : { doubts }) };
}

/** Stores attempts; one that is already stored stays as it is. */
export async function recordAttempts(
  tx: Tx,
  executionId: string,
  attempts: readonly { readonly atomId: string; readonly attempt: number; readonly record: AttemptRecord }[],
): Promise<void> {
  if (attempts.length === 0) return;
  const input = attempts.map(({ atomId, attempt, record }) => ({
    id: newId(),
    atom_id: atomId,
    n: attempt,
    temperature: record.temperature,
    provider: record.provider,
    model: record.model,
    strategy: record.strategy,
    sha: record.candidateSha256,
    analysis: analysisOf(record),
    success: record.success,
    message: record.errorMessage,
    candidate: record.candidate,
    tokens: record.tokens,
    cost: record.costUsd,
    ms: Math.round(record.durationMs),
  }));
  await tx.execute(sql`
    insert into atom_retry_history (retry_id, atom_id, execution_id, attempt_number, temperature, provider, model, prompt_variation,
      candidate_sha256, error_analysis, success, execution_result, error_message, tokens_used, cost_usd, duration_ms)
    select id, atom_id, ${executionId}::uuid, n, temperature, provider, left(model, 100), strategy, sha, analysis, success, candidate, message, tokens, cost, ms
    from json_to_recordset(${jsonRows(input)}) as i(id uuid, atom_id uuid, n int, temperature float8, provider text, model text,
      strategy text, sha text, analysis jsonb, success boolean, candidate text, message text, tokens int, cost float8, ms int)
    on conflict (atom_id, attempt_number) do nothing`);
}
