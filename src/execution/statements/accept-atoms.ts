import { sql } from 'drizzle-orm';
import { newId, type Tx } from '../../db/index.ts';
import type { ClaimedRow } from './claim-atoms.ts';
import { jsonRows, preparedRows } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';
import type { AttemptRecord } from './record-attempts.ts';
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
}

export interface AcceptResult {
  /** Those whose token still held; the others were dropped. */
  readonly accepted: readonly { readonly atomId: string; readonly filePath: string }[];
  /** Atoms that became ready and were claimed at once, without passing through the queue as ready ones. */
  readonly claimed: readonly ClaimedRow[];
  /** How many became ready and wait. */
  readonly released: number;
  /** Seconds from first to last atom of the waves that ended with this batch. */
  readonly waveSeconds: readonly number[];
}

interface ResultRow extends ClaimedRow {
  readonly kind: 'accepted' | 'claimed' | 'waiting' | 'wave';
  readonly seconds: number | null;
}

function inputRow(acceptance: Acceptance): object {
  const { record } = acceptance;
  return {
    atom_id: acceptance.atomId,
    token: acceptance.token,
    n: acceptance.attempt,
    code: acceptance.code,
    bytes: acceptance.bytes === null ? null : Buffer.from(acceptance.bytes).toString('base64'),
    sha: acceptance.sha256,
    provider: acceptance.provider,
    model: acceptance.model,
    confidence: acceptance.confidence,
    retry_id: record === null ? null : newId(),
    temperature: record?.temperature,
    strategy: record?.strategy,
    tokens: record?.tokens,
    cost: record?.costUsd,
    ms: record === null ? null : Math.round(record.durationMs),
  };
}

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
  const rows = await preparedRows<ResultRow>(
    tx,
    'mge_accept_atoms',
    sql`with input as (
          select * from json_to_recordset(${jsonRows(batch.map(inputRow))}) as i(atom_id uuid, token uuid, n int, code text, bytes text,
            sha text, provider text, model text, confidence float8, retry_id uuid, temperature float8, strategy text, tokens int,
            cost float8, ms int)
        ), run as (
          select ${execution.executionId}::uuid as execution_id, ${execution.graphId}::uuid as graph_id,
            ${execution.masterplanId}::uuid as masterplan_id, ${claim.token}::uuid as token, ${claim.worker}::text as worker,
            clock_timestamp() + make_interval(secs => ${claim.leaseMs / 1000}::float8) as lease_until
        ), done as (
          delete from atom_queue q using input i, run
          where q.atom_id = i.atom_id and q.claim_token = i.token and q.state = 'running' and q.execution_id = run.execution_id
          returning q.atom_id
        ), updated as (
          update atomic_units a
          set status = 'COMPLETED', attempts = a.attempts + 1, accepted_code = i.code, accepted_bytes = decode(i.bytes, 'base64'),
              accepted_sha256 = i.sha, accepted_provider = i.provider, accepted_model = i.model, accepted_by = null,
              confidence_score = i.confidence, execution_result = i.strategy, error_message = null, claim_token = null,
              claimed_by = null, lease_until = null, completed_at = now(), updated_at = now()
          from input i join done d on d.atom_id = i.atom_id
          where a.atom_id = i.atom_id
          returning a.atom_id, a.wave_number, a.file_path, a.name, a.attempts, a.confidence_score
        ), history as (
          insert into atom_retry_history (retry_id, atom_id, execution_id, attempt_number, temperature, provider, model,
            prompt_variation, candidate_sha256, success, tokens_used, cost_usd, duration_ms)
          select i.retry_id, i.atom_id, run.execution_id, i.n, i.temperature, i.provider, i.model, i.strategy, i.sha, true, i.tokens,
            i.cost, i.ms
          from input i join done d on d.atom_id = i.atom_id, run where i.retry_id is not null
          on conflict (atom_id, attempt_number) do nothing
        ), freed as (
          select d.from_atom_id as atom_id, count(distinct d.to_atom_id)::int as n
          from done join atom_dependencies d on d.to_atom_id = done.atom_id
          where not (d.metadata ? 'cut') and not (d.metadata ? 'internal' and (d.metadata->>'internal')::boolean)
          group by d.from_atom_id
        ), room as (
          select case when exists (select 1 from atom_queue q, run where q.execution_id = run.execution_id and q.state = 'ready') then 0
            else least(${claim.limit}::int, ${execution.concurrency}::int + (select count(*) from done) - (
              select count(*) from atom_queue q, run where q.execution_id = run.execution_id and q.state = 'running')) end as n
        ), ranked as (
          select f.atom_id, f.n, case when a.unmet_dependencies <= f.n and a.wave_number <= ${gate}::int and a.status = 'PENDING'
            then row_number() over (order by a.unmet_dependencies <= f.n and a.wave_number <= ${gate}::int and a.status = 'PENDING' desc,
              a.critical_path desc, a.atom_number) end as rank
          from freed f join atomic_units a on a.atom_id = f.atom_id
          where a.status in ('PENDING', 'BLOCKED')
        ), lowered as (
          update atomic_units a
          set unmet_dependencies = a.unmet_dependencies - r.n,
              status = case when r.rank is null then a.status when r.rank <= room.n then 'RUNNING' else 'READY' end::atom_status,
              started_at = case when r.rank <= room.n then coalesce(a.started_at, now()) else a.started_at end
          from ranked r, room
          where a.atom_id = r.atom_id
          returning a.atom_id, a.status, a.wave_number, a.atom_number, a.critical_path, a.file_path, a.attempts, a.max_attempts
        ), queued as (
          insert into atom_queue (atom_id, execution_id, wave_number, atom_number, priority, state, deliveries, claim_token, claimed_by,
            lease_until)
          select atom_id, run.execution_id, wave_number, atom_number, critical_path,
            case status when 'RUNNING' then 'running' else 'ready' end, case status when 'RUNNING' then 1 else 0 end,
            case status when 'RUNNING' then run.token end, case status when 'RUNNING' then run.worker end,
            case status when 'RUNNING' then run.lease_until end
          from lowered, run where status in ('READY', 'RUNNING')
        ), per_wave as (
          select wave_number, count(*)::int as n from updated group by wave_number
        ), waves as (
          update execution_waves w
          set completed_atoms = w.completed_atoms + p.n,
              status = case when w.completed_atoms + p.n + w.failed_atoms < w.total_atoms then 'RUNNING'
                       when w.failed_atoms = 0 then 'COMPLETED' else 'PARTIAL' end::wave_status,
              started_at = coalesce(w.started_at, now()),
              completed_at = case when w.completed_atoms + p.n + w.failed_atoms >= w.total_atoms then clock_timestamp() end,
              duration_seconds = case when w.completed_atoms + p.n + w.failed_atoms >= w.total_atoms
                                 then extract(epoch from clock_timestamp() - coalesce(w.started_at, now()))::int end
          from per_wave p, run
          where w.graph_id = run.graph_id and w.wave_number = p.wave_number
          returning w.wave_number, w.status, w.total_atoms, w.completed_atoms, w.failed_atoms, w.started_at, w.completed_at
        ), news as (
          insert into execution_events (masterplan_id, execution_id, type, data)
          select run.masterplan_id, run.execution_id, e.type, e.data
          from run, (
            select 1 as part, 0 as wave, 'atom.accepted' as type, jsonb_build_object('count', count(*), 'atoms', jsonb_agg(
              jsonb_build_object('atom_id', atom_id, 'name', name, 'file_path', file_path, 'wave_number', wave_number,
                'attempts', attempts, 'confidence', confidence_score))) as data
            from updated having count(*) > 0
            union all
            select 2, wave_number, 'wave.completed', jsonb_build_object('wave_number', wave_number, 'status', lower(status::text),
              'total_atoms', total_atoms, 'completed_atoms', completed_atoms, 'failed_atoms', failed_atoms,
              'seconds', extract(epoch from completed_at - started_at)::float8)
            from waves where completed_at is not null
          ) e order by e.part, e.wave
        ), bell as materialized (
          select pg_notify(${EVENTS_CHANNEL}, execution_id::text) from run
        )
        select 'accepted' as kind, atom_id as "atomId", file_path as "filePath", attempts, 0 as "maxAttempts", wave_number as "waveNumber",
          0 as "atomNumber", 0 as deliveries, 0 as postponements, null::float8 as seconds
        from updated, bell
        union all
        select case status when 'RUNNING' then 'claimed' else 'waiting' end, atom_id, file_path, attempts, max_attempts, wave_number,
          atom_number, 1, 0, null
        from lowered where status in ('READY', 'RUNNING')
        union all
        select 'wave', null, null, 0, 0, wave_number, 0, 0, 0, extract(epoch from completed_at - started_at)::float8
        from waves where completed_at is not null`,
  );
  return {
    accepted: rows.filter((row) => row.kind === 'accepted'),
    claimed: rows.filter((row) => row.kind === 'claimed'),
    released: rows.filter((row) => row.kind === 'waiting').length,
    waveSeconds: rows.flatMap((row) => (row.kind === 'wave' && row.seconds !== null ? [row.seconds] : [])),
  };
}
