import { sql } from 'drizzle-orm';
import type { Db } from '../../db/index.ts';
import { rowsOf } from '../statements/json-rows.ts';
import { checkTimesOf, type AttemptTimes } from './check-times.ts';
import type { CheckTimes } from './schedule-run.ts';
import type { AttemptModel } from './simulate-run.ts';

/** Attempts that are looked at, the latest first. */
const LATEST = 4_000;
/** From so many attempts on, what they say stands alone; below it is mixed with what is assumed. */
const ENOUGH = 50;

/** What is assumed of a provider that nothing is known of: 13 % wrong answers, 2 to 20 s each, 25 checks a second. */
export const ASSUMED = {
  draftPasses: 0.97,
  answerPasses: 0.87,
  answerSeconds: [2, 4, 6, 8, 10, 12, 14, 16, 18, 20],
  checks: { busySeconds: 0.04, ownSeconds: 0.05 },
} as const;

export interface AttemptHistory {
  /** Attempts with a draft and with a generated answer that the model of attempts rests on. */
  readonly drafts: number;
  readonly answers: number;
  readonly model: Omit<AttemptModel, 'maxAttempts'>;
}

interface Row extends AttemptTimes {
  readonly is_draft: boolean;
  readonly success: boolean;
  readonly usd: number;
}

/**
 * What earlier attempts of a provider (and model, where the masterplan asks for one) took, over all masterplans. `usdWithoutHistory` is
 * what an answer is assumed to cost. Few attempts are mixed with the assumptions: share = (seen + assumed x 50) / (attempts + 50).
 */
export async function attemptHistory(
  db: Db,
  provider: string,
  model: string | null,
  usdWithoutHistory: number,
): Promise<AttemptHistory> {
  const rows = await rowsOf<Row>(
    db,
    sql`select h.prompt_variation = 'draft' as is_draft, h.success, h.cost_usd::float8 as usd, h.execution_id as run,
          extract(epoch from h.created_at)::float8 as ended, h.duration_ms::float8 / 1000 as seconds,
          case when h.prompt_variation = 'draft' then 0 else l.seconds end as called
        from atom_retry_history h join executions e using (execution_id)
        left join lateral (
          select sum(extract(epoch from c.settled_at - c.created_at))::float8 as seconds from cost_ledger c
          where c.execution_id = h.execution_id and c.atom_id = h.atom_id and c.attempt_number = h.attempt_number
            and c.settled_at is not null
        ) l on true
        where e.provider = ${provider} and (${model}::text is null or h.prompt_variation = 'draft' or h.model = ${model}::text)
          and coalesce(h.error_analysis->>'error_type', '') not in ('crash', 'repeated_output')
        order by h.created_at desc limit ${LATEST}`,
  );
  const drafts = rows.filter((row) => row.is_draft);
  const answers = rows.filter((row) => !row.is_draft);
  const checks = checkTimesOf(rows) ?? ASSUMED.checks;
  return {
    drafts: drafts.length,
    answers: answers.length,
    model: {
      draftPasses: passing(drafts, ASSUMED.draftPasses),
      answerPasses: passing(answers, ASSUMED.answerPasses),
      answerSeconds: secondsOf(answers, checks),
      checks,
      usdPerAnswer: meanUsd(answers, usdWithoutHistory),
    },
  };
}

/** Assumptions weigh as much as `ENOUGH` attempts until there are that many; then they count for nothing. */
function weightOfAssumed(rows: readonly Row[]): number {
  return rows.length >= ENOUGH ? 0 : ENOUGH;
}

function passing(rows: readonly Row[], assumed: number): number {
  const weight = weightOfAssumed(rows);
  return (rows.filter((row) => row.success).length + assumed * weight) / (rows.length + weight);
}

/** Seconds of the calls. A call that was not booked is what the attempt took without its check. */
function secondsOf(rows: readonly Row[], checks: CheckTimes): number[] {
  const seen = rows.map(
    ({ called, seconds }) => called ?? Math.max(0, seconds - checks.busySeconds - checks.ownSeconds),
  );
  return rows.length >= ENOUGH ? seen : [...seen, ...ASSUMED.answerSeconds];
}

function meanUsd(rows: readonly Row[], assumed: number): number {
  const weight = weightOfAssumed(rows);
  return (rows.reduce((sum, row) => sum + row.usd, 0) + assumed * weight) / (rows.length + weight);
}
