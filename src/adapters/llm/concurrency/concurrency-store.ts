import { sql } from 'drizzle-orm';
import type { Db, Tx } from '../../../db/index.ts';
import {
  addSamples,
  allowedAt,
  DEFAULT_POLICY,
  initialState,
  observe,
  type CallSample,
  type ConcurrencyPolicy,
  type ControlState,
  type LimitChange,
} from './controller.ts';
import { grantFor, type WorkerDemand } from './shares.ts';

/** Keys of `system_state` begin with this; the provider and a digest of the key follow. */
const KEY_PREFIX = 'llm_concurrency:';
/** Milliseconds after which a worker that gave no sign has no share any more. */
export const SILENT_MS = 5_000;
/** Milliseconds after which nobody's figures are worth showing. */
const STALE_MS = 3_600_000;

interface SeenWorker extends WorkerDemand {
  readonly seenAt: number;
}

/** One row of `system_state`: shared by all workers that call with one API key. */
interface SharedState {
  readonly control: ControlState;
  readonly workers: readonly SeenWorker[];
}

export interface SyncRequest {
  readonly provider: string;
  /** What the API key is known as here: a digest, never the key. */
  readonly keyId: string;
  readonly worker: string;
  readonly inFlight: number;
  readonly waiting: number;
  readonly sample: CallSample;
}

export interface SyncAnswer {
  /** Calls that this worker may have out until it asks again. */
  readonly granted: number;
  readonly limit: number;
  /** Milliseconds until the API may be called again; 0 = now. */
  readonly heldMs: number;
  /** What this very report changed; null = nothing. */
  readonly change: LimitChange | null;
}

/** Tells the others what this worker's calls came to, and gives its share. One row lock, on the database's clock. */
export async function syncConcurrency(
  db: Db,
  request: SyncRequest,
  policy: ConcurrencyPolicy = DEFAULT_POLICY,
  random: () => number = Math.random,
): Promise<SyncAnswer> {
  const key = `${KEY_PREFIX}${request.provider}:${request.keyId}`;
  return db.transaction(async (tx) => {
    const { stored, now } = await lockRow(tx, key, request.worker);
    const others = (stored?.workers ?? []).filter((w) => w.worker !== request.worker && w.seenAt > now - SILENT_MS);
    const demand = others.reduce((sum, w) => sum + w.inFlight + w.waiting, request.inFlight + request.waiting);
    const sample = addSamples(request.sample, { ...request.sample, ...NOTHING, demand });
    const before = stored?.control ?? initialState(policy, now);
    const control = observe(policy, before, sample, now, random());
    const me = { worker: request.worker, inFlight: request.inFlight, waiting: request.waiting, granted: 0 };
    const granted = grantFor(allowedAt(policy, control, now), me, others);
    const isIdle = me.inFlight + me.waiting === 0;
    const workers = isIdle ? others : [...others, { ...me, granted, seenAt: now }];
    await tx.execute(sql`
      update system_state set value = ${JSON.stringify({ control, workers } satisfies SharedState)}::jsonb,
        updated_by = ${request.worker}, updated_at = now() where key = ${key}`);
    return {
      granted,
      limit: control.limit,
      heldMs: Math.max(0, control.heldUntil - now),
      change: control.lastChange === before.lastChange ? null : control.lastChange,
    };
  });
}

const NOTHING = { answered: 0, throttled: 0, failed: 0, latencyMs: 0, retryAfterMs: 0 };

async function lockRow(tx: Tx, key: string, worker: string): Promise<{ stored: SharedState | null; now: number }> {
  const read = () =>
    tx.execute<{ value: Partial<SharedState>; now: number }>(
      sql`select value, (extract(epoch from clock_timestamp()) * 1000)::float8 as now from system_state where key = ${key} for update`,
    );
  let [row] = (await read()).rows;
  if (!row) {
    await tx.execute(
      sql`insert into system_state (key, value, updated_by) values (${key}, '{}', ${worker}) on conflict (key) do nothing`,
    );
    [row] = (await read()).rows;
  }
  if (!row) throw new Error('the row that was just made is not there');
  const { control, workers } = row.value;
  if (!control) return { stored: null, now: row.now };
  return { stored: { control, workers: workers ?? [] }, now: row.now };
}

/** How many calls of one key may be out, are out and wait, and why. */
export interface ConcurrencyView {
  readonly provider: string;
  readonly limit: number;
  readonly min: number;
  readonly max: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly workers: number;
  readonly usualLatencyMs: number | null;
  readonly latencyMs: number | null;
  /** 0 to 1. */
  readonly errorRate: number | null;
  /** No call goes out before; null = none was asked to wait. */
  readonly heldUntil: Date | null;
  readonly lastChange: { at: Date; from: number; to: number; reason: LimitChange['reason'] } | null;
}

/** All keys that were called within the last hour. */
export async function readConcurrency(tx: Tx, policy: ConcurrencyPolicy = DEFAULT_POLICY): Promise<ConcurrencyView[]> {
  const { rows } = await tx.execute<{ key: string; value: Partial<SharedState>; now: number }>(sql`
    select key, value, (extract(epoch from clock_timestamp()) * 1000)::float8 as now from system_state
    where starts_with(key, ${KEY_PREFIX}) and updated_at > clock_timestamp() - make_interval(secs => ${STALE_MS / 1000})
    order by key`);
  return rows.flatMap(({ key, value, now }) => (value.control ? [viewOf(policy, key, value.control, value, now)] : []));
}

function viewOf(
  policy: ConcurrencyPolicy,
  key: string,
  control: ControlState,
  { workers = [] }: Partial<SharedState>,
  now: number,
): ConcurrencyView {
  const alive = workers.filter((w) => w.seenAt > now - SILENT_MS);
  const sum = (pick: (worker: SeenWorker) => number) => alive.reduce((total, worker) => total + pick(worker), 0);
  const { lastChange } = control;
  return {
    provider: key.slice(KEY_PREFIX.length).split(':')[0] ?? '',
    limit: Math.floor(control.limit),
    min: policy.min,
    max: policy.max,
    inFlight: sum((w) => w.inFlight),
    waiting: sum((w) => w.waiting),
    workers: alive.length,
    usualLatencyMs: rounded(control.usualMs),
    latencyMs: rounded(control.latencyMs),
    errorRate: control.errorRate,
    heldUntil: control.heldUntil > now ? new Date(control.heldUntil) : null,
    lastChange: lastChange && {
      at: new Date(lastChange.at),
      from: Math.floor(lastChange.from),
      to: Math.floor(lastChange.to),
      reason: lastChange.reason,
    },
  };
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
