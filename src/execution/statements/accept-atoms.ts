import { newIds, type Tx } from '../../db/index.ts';
import { SUSPECT_DELIVERIES, type ClaimedRow } from './claim-atoms.ts';
import { arrayText, fixedRows, type ArrayValue } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';
import { analysisOf, type AttemptRecord } from './record-attempts.ts';
import { EVENTS_CHANNEL } from './record-events.ts';

/** The accepted text of one atom and the attempt that brought it. Exactly one of `code` and `bytes` is set. */
export interface Acceptance {
  readonly atomId: string;
  readonly token: string;
  readonly attempt: number;
  readonly code: string | null;
  readonly bytes: Uint8Array | null;
  readonly sha256: string;
  readonly provider: string;
  readonly model: string | null;
  readonly confidence: number | null;
  /** Null keeps the attempt out of the history. */
  readonly record: AttemptRecord | null;
}

/** What the worker that stores a batch can take in the same breath. */
export interface DirectClaim {
  readonly worker: string;
  readonly token: string;
  readonly leaseMs: number;
  /** Free slots. */
  readonly limit: number;
  /** Atoms in flight at most over all workers. */
  readonly concurrency: number;
  /** Atoms that it may hold beyond the concurrency of the execution, while no other worker runs any of it. */
  readonly ahead: number;
}

export interface AcceptResult {
  /** How many were accepted: those whose token still held. */
  readonly accepted: number;
  /** Atoms whose token no longer held: their results were dropped. */
  readonly lost: readonly string[];
  /** Atoms that became ready and were claimed at once, without passing through the queue as ready ones. */
  readonly claimed: readonly ClaimedRow[];
  /** How many became ready and wait. */
  readonly released: number;
  /** Seconds from first to last atom of the waves that ended with this batch. */
  readonly waveSeconds: readonly number[];
}

interface ResultRow extends Omit<ClaimedRow, 'atomId'> {
  /** Null in the one row that sums up. */
  readonly atomId: string | null;
  readonly accepted: number;
  readonly waiting: number;
  readonly lost: string[] | null;
  readonly waveSeconds: number[] | null;
}

function analysisText(record: AttemptRecord | null): string | null {
  const analysis = record === null ? null : analysisOf(record);
  return analysis === null ? null : JSON.stringify(analysis);
}

/** What `input` of the statement takes apart, column by column. */
const COLUMNS: readonly {
  readonly name: string;
  readonly type: string;
  readonly of: (acceptance: Acceptance, id: string) => ArrayValue;
}[] = [
  { name: 'atom_id', type: 'uuid', of: (a) => a.atomId },
  { name: 'token', type: 'uuid', of: (a) => a.token },
  { name: 'n', type: 'int', of: (a) => a.attempt },
  { name: 'code', type: 'text', of: (a) => a.code },
  { name: 'bytes', type: 'text', of: (a) => (a.bytes === null ? null : Buffer.from(a.bytes).toString('base64')) },
  { name: 'sha', type: 'text', of: (a) => a.sha256 },
  { name: 'provider', type: 'text', of: (a) => a.provider },
  { name: 'model', type: 'text', of: (a) => a.model },
  { name: 'confidence', type: 'float8', of: (a) => a.confidence },
  { name: 'retry_id', type: 'uuid', of: (a, id) => (a.record === null ? null : id) },
  { name: 'temperature', type: 'float8', of: (a) => a.record?.temperature },
  { name: 'strategy', type: 'text', of: (a) => a.record?.strategy },
  { name: 'tokens', type: 'int', of: (a) => a.record?.tokens },
  { name: 'cost', type: 'float8', of: (a) => a.record?.costUsd },
  { name: 'ms', type: 'int', of: (a) => (a.record === null ? null : Math.round(a.record.durationMs)) },
  { name: 'analysis', type: 'text', of: (a) => analysisText(a.record) },
];

const EXECUTION = `$${COLUMNS.length + 1}::uuid`;
const GRAPH = `$${COLUMNS.length + 2}::uuid`;
const MASTERPLAN = `$${COLUMNS.length + 3}::uuid`;
const TOKEN = `$${COLUMNS.length + 4}::uuid`;
const WORKER = `$${COLUMNS.length + 5}::text`;
const LEASE_SECONDS = `$${COLUMNS.length + 6}::float8`;
const LIMIT = `$${COLUMNS.length + 7}::int`;
const CONCURRENCY = `$${COLUMNS.length + 8}::int`;
const AHEAD = `$${COLUMNS.length + 9}::int`;
const GATE = `$${COLUMNS.length + 10}::int`;

/** Of a dependent `a` whose counter falls by `n`: nothing holds it back any more. */
const becomesReady = (n: string): string =>
  `a.status = 'PENDING' and a.unmet_dependencies <= ${n} and a.wave_number <= ${GATE}`;

// Every join is from a batch to an index, so that a plan that was made for empty tables stays good. A token stands on a row only
// while it runs; naming the state as well would lead the planner to the index of running atoms instead of the key.
const ACCEPT = {
  name: 'mge_accept_atoms',
  text: `
with input as materialized (
  select * from unnest(${COLUMNS.map(({ type }, n) => `$${n + 1}::${type}[]`).join(', ')})
    as i(${COLUMNS.map(({ name }) => name).join(', ')})
), done as (
  delete from atom_queue q using input i
  where q.atom_id = i.atom_id and q.claim_token = i.token and q.execution_id = ${EXECUTION}
  returning i.*
), updated as (
  update atomic_units a
  set status = 'COMPLETED', attempts = a.attempts + 1, accepted_code = d.code, accepted_bytes = decode(d.bytes, 'base64'),
      accepted_sha256 = d.sha, accepted_provider = d.provider, accepted_model = left(d.model, 100), accepted_by = null,
      confidence_score = d.confidence, execution_result = d.strategy, error_message = null, claim_token = null,
      claimed_by = null, lease_until = null, completed_at = now(), updated_at = now()
  from done d
  where a.atom_id = d.atom_id
  returning a.atom_id, a.wave_number, a.file_path, a.name, a.attempts, a.confidence_score
), history as (
  insert into atom_retry_history (retry_id, atom_id, execution_id, attempt_number, temperature, provider, model,
    prompt_variation, candidate_sha256, error_analysis, success, tokens_used, cost_usd, duration_ms)
  select d.retry_id, d.atom_id, ${EXECUTION}, d.n, d.temperature, d.provider, left(d.model, 100), d.strategy, d.sha, d.analysis::jsonb, true, d.tokens, d.cost, d.ms
  from done d where d.retry_id is not null
  on conflict (atom_id, attempt_number) do nothing
), freed as materialized (
  select d.from_atom_id as atom_id, count(distinct d.to_atom_id)::int as n
  from done join atom_dependencies d on d.to_atom_id = done.atom_id
  where not (d.metadata ? 'cut') and not (d.metadata ? 'internal' and (d.metadata->>'internal')::boolean)
  group by d.from_atom_id
), running as materialized (
  select count(*) as n, count(*) filter (where q.claimed_by <> ${WORKER}) as elsewhere
  from atom_queue q where q.execution_id = ${EXECUTION} and q.state = 'running'
), room as materialized (
  select (select count(*) from freed) as freed, case
      when exists (select 1 from atom_queue q where q.execution_id = ${EXECUTION} and q.state = 'ready'
        and q.available_at <= clock_timestamp() and q.deliveries < ${SUSPECT_DELIVERIES}) then 0
      else least(${LIMIT}, ${CONCURRENCY} + case when r.elsewhere > 0 then 0 else ${AHEAD} end + (select count(*) from done) - r.n) end as n
  from running r
), ranked as (
  select f.atom_id, f.n, row_number() over (order by x.atom_number is null, x.critical_path desc, x.atom_number) as rank
  from freed f left join lateral (
    select a.critical_path, a.atom_number from atomic_units a
    where a.atom_id = case when (select room.freed > room.n from room) then f.atom_id end and ${becomesReady('f.n')}) x on true
), lowered as (
  update atomic_units a
  set unmet_dependencies = a.unmet_dependencies - r.n,
      status = case when not (${becomesReady('r.n')}) then a.status when r.rank <= room.n then 'RUNNING' else 'READY' end::atom_status,
      started_at = case when ${becomesReady('r.n')} and r.rank <= room.n then coalesce(a.started_at, now()) else a.started_at end
  from ranked r, room
  where a.atom_id = r.atom_id and a.status in ('PENDING', 'BLOCKED')
  returning a.atom_id, a.status, a.wave_number, a.atom_number, a.critical_path, a.file_path, a.attempts, a.max_attempts
), queued as (
  insert into atom_queue (atom_id, execution_id, wave_number, atom_number, priority, state, deliveries, claim_token, claimed_by,
    lease_until)
  select atom_id, ${EXECUTION}, wave_number, atom_number, critical_path,
    case status when 'RUNNING' then 'running' else 'ready' end, case status when 'RUNNING' then 1 else 0 end,
    case status when 'RUNNING' then ${TOKEN} end, case status when 'RUNNING' then ${WORKER} end,
    case status when 'RUNNING' then clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}) end
  from lowered where status in ('READY', 'RUNNING')
), waves as (
  update execution_waves w
  set completed_atoms = w.completed_atoms + p.n,
      status = case when w.completed_atoms + p.n + w.failed_atoms < w.total_atoms then 'RUNNING'
               when w.failed_atoms = 0 then 'COMPLETED' else 'PARTIAL' end::wave_status,
      started_at = coalesce(w.started_at, now()),
      completed_at = case when w.completed_atoms + p.n + w.failed_atoms >= w.total_atoms then clock_timestamp() end,
      duration_seconds = case when w.completed_atoms + p.n + w.failed_atoms >= w.total_atoms
                         then extract(epoch from clock_timestamp() - coalesce(w.started_at, now()))::int end
  from (select wave_number, count(*)::int as n from updated group by wave_number) p
  where w.graph_id = ${GRAPH} and w.wave_number = p.wave_number
  returning w.wave_number, w.status, w.total_atoms, w.completed_atoms, w.failed_atoms, w.started_at, w.completed_at
), news as (
  insert into execution_events (masterplan_id, execution_id, type, data)
  select ${MASTERPLAN}, ${EXECUTION}, e.type, e.data
  from (
    select 1 as part, 0 as wave, 'atom.accepted' as type, jsonb_build_object('count', count(*), 'atoms', jsonb_agg(u)) as data
    from (select atom_id, name, file_path, wave_number, attempts, confidence_score as confidence from updated) u having count(*) > 0
    union all
    select 2, wave_number, 'wave.completed', jsonb_build_object('wave_number', wave_number, 'status', lower(status::text),
      'total_atoms', total_atoms, 'completed_atoms', completed_atoms, 'failed_atoms', failed_atoms,
      'seconds', extract(epoch from completed_at - started_at)::float8)
    from waves where completed_at is not null
  ) e order by e.part, e.wave
), summary as (
  select (select count(*) from updated)::int as accepted,
    (select count(*) from lowered where status = 'READY')::int as waiting,
    case when (select count(*) from updated) < (select count(*) from input)
      then array(select i.atom_id::text from input i where i.atom_id not in (select u.atom_id from updated u)) end as lost,
    array(select extract(epoch from completed_at - started_at)::float8 from waves where completed_at is not null) as seconds,
    pg_notify('${EVENTS_CHANNEL}', ${EXECUTION}::text) as bell
)
select atom_id as "atomId", file_path as "filePath", attempts, max_attempts as "maxAttempts", wave_number as "waveNumber",
  atom_number as "atomNumber", 1 as deliveries, 0 as postponements, 0 as accepted, 0 as waiting, null::text[] as lost,
  null::float8[] as "waveSeconds"
from lowered where status = 'RUNNING'
union all
select null, null, 0, 0, 0, 0, 0, 0, accepted, waiting, lost, seconds from summary where bell is not null`,
};

/**
 * Accepts a batch in one statement: texts, history, counters of the waves, live events; and lowers the counters of the dependents.
 * Those that reach zero within the wave limit are claimed on the spot, most urgent first, as far as `claim` has room and nothing
 * more urgent can be waiting already; the others are queued. The execution must be locked.
 */
export async function acceptAtoms(
  tx: Tx,
  execution: LockedExecution,
  batch: readonly Acceptance[],
  claim: DirectClaim,
): Promise<AcceptResult> {
  // Nothing is released atom by atom behind a barrier: the next wave opens when this one has ended.
  const gate = execution.barrier ? 0 : (execution.waveLimit ?? 2_147_483_647);
  const ids = newIds(batch.length);
  const rows = await fixedRows<ResultRow>(tx, ACCEPT, [
    ...COLUMNS.map(({ of }) => arrayText(batch.map((acceptance, n) => of(acceptance, ids[n] ?? '')))),
    execution.executionId,
    execution.graphId,
    execution.masterplanId,
    claim.token,
    claim.worker,
    claim.leaseMs / 1000,
    claim.limit,
    claim.concurrency,
    claim.ahead,
    gate,
  ]);
  const summary = rows.at(-1);
  return {
    accepted: summary?.accepted ?? 0,
    lost: summary?.lost ?? [],
    claimed: rows.filter((row): row is ResultRow & ClaimedRow => row.atomId !== null),
    released: summary?.waiting ?? 0,
    waveSeconds: summary?.waveSeconds ?? [],
  };
}
