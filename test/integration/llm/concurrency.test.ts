import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SharedGate, type CallEnd } from '../../../src/adapters/llm/concurrency/call-gate.ts';
import { readConcurrency, syncConcurrency } from '../../../src/adapters/llm/concurrency/concurrency-store.ts';
import { DEFAULT_POLICY, NO_CALLS } from '../../../src/adapters/llm/concurrency/controller.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { openProviders } from '../../../src/cli/model-providers.ts';
import { loadConfig } from '../../../src/config/index.ts';
import { refreshDatabaseGauges } from '../../../src/operations/index.ts';
import { goodReply } from '../../support/model-answers.ts';
import { ModelServer, type ModelCall } from '../../support/model-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, log } from '../execution/harness.ts';
import { modelEnvironment } from './model-run.ts';

let harness: Harness;
const gates: SharedGate[] = [];

beforeEach(async () => {
  harness = await Harness.open();
});
afterEach(async () => {
  for (const gate of gates.splice(0)) gate.close();
  await harness.close();
});

const KEY = { provider: 'openai', keyId: 'k1' };

function gate(worker: string, policy = DEFAULT_POLICY): SharedGate {
  const made = new SharedGate({ db: harness.database.db, log, ...KEY, worker, policy });
  gates.push(made);
  return made;
}

const never = () => new AbortController().signal;
const answered: CallEnd = { kind: 'answered', latencyMs: 20 };

describe('the limit of calls that are out', () => {
  it('holds over all workers together, and each gets its part', async () => {
    const policy = { ...DEFAULT_POLICY, start: 12, min: 12, max: 12 };
    const out = { a: 0, b: 0 };
    const served = { a: 0, b: 0 };
    let most = 0;
    const call = async (through: SharedGate, name: 'a' | 'b') => {
      const leave = await through.enter(never());
      out[name] += 1;
      most = Math.max(most, out.a + out.b);
      await new Promise((resolve) => setTimeout(resolve, 20));
      out[name] -= 1;
      served[name] += 1;
      leave(answered);
    };
    const [first, second] = [gate('a', policy), gate('b', policy)];
    const calls = [first, second].flatMap((through, i) =>
      Array.from({ length: 150 }, () => call(through, i === 0 ? 'a' : 'b')),
    );
    await waitFor(() => served.a >= 40 && served.b >= 40, { what: 'calls of both workers' });
    await Promise.all(calls);
    expect(most).toBeLessThanOrEqual(12);
    expect(most).toBeGreaterThanOrEqual(10);
    expect(served).toEqual({ a: 150, b: 150 });
  });

  it('keeps every worker back while the API wants to be left alone, and is known to a worker that starts then', async () => {
    const one = gate('a');
    const leave = await one.enter(never());
    const told = performance.now();
    leave({ kind: 'throttled', retryAfterMs: 700 });
    await waitFor(async () => (await readConcurrency(harness.database.db))[0]?.heldUntil !== null, { intervalMs: 5 });
    const newcomer = gate('b');
    await newcomer.enter(never());
    expect(performance.now() - told).toBeGreaterThanOrEqual(690);
    expect((await readConcurrency(harness.database.db))[0]).toMatchObject({
      limit: 50,
      lastChange: { from: 100, to: 50, reason: 'rate_limited' },
    });
  });

  it('lets a caller that gives up go, without taking a place', async () => {
    const policy = { ...DEFAULT_POLICY, start: 1, min: 1, max: 1 };
    const only = gate('a', policy);
    const leave = await only.enter(never());
    const abort = new AbortController();
    const given = only.enter(abort.signal);
    abort.abort(new Error('cancelled'));
    await expect(given).rejects.toThrow('cancelled');
    const next = only.enter(never());
    leave(answered);
    (await next)(answered);
  });

  it('does not count what a worker held that has gone silent', async () => {
    const { db, pool } = harness.database;
    const policy = { ...DEFAULT_POLICY, start: 10 };
    const ask = (worker: string) =>
      syncConcurrency(db, { ...KEY, worker, inFlight: 10, waiting: 0, sample: NO_CALLS }, policy);
    expect((await ask('dead')).granted).toBe(10);
    expect((await ask('alive')).granted).toBe(0);
    await pool.query(
      `update system_state set value = jsonb_set(value, '{workers,0,seenAt}', to_jsonb((value#>>'{workers,0,seenAt}')::float8 - 6000))
       where key like 'llm_concurrency:%'`,
    );
    expect((await ask('alive')).granted).toBe(10);
  });

  it('bounds calls also while Postgres does not answer', async () => {
    const broken = { transaction: () => Promise.reject(new Error('away')) } as unknown as typeof harness.database.db;
    const alone = new SharedGate({ db: broken, log, ...KEY, worker: 'a' });
    gates.push(alone);
    const leave = await alone.enter(never());
    let second = false;
    const next = alone.enter(never()).then((done) => ((second = true), done));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(second).toBe(false);
    leave(answered);
    (await next)(answered);
  });
});

describe('an API that turns calls away', () => {
  it('gets fewer calls at once from all workers, and every atom is made all the same', async () => {
    // It bears 12 calls at once; what goes beyond is told to come back.
    let open = 0;
    let refused = 0;
    const reply = async (call: ModelCall) => {
      open += 1;
      try {
        await new Promise((resolve) => setTimeout(resolve, 60));
        if (open > 12) {
          refused += 1;
          return { status: 429, headers: { 'retry-after-ms': '150' } };
        }
        return goodReply(call);
      } finally {
        open -= 1;
      }
    };
    const server = await ModelServer.start({ reply });
    const config = loadConfig(modelEnvironment(server), '/');
    const { url: redisUrl, prefix } = harness.redis;
    const metrics = createMetrics({ version: 'test', processMetrics: false });
    const { db } = harness.database;
    const models = [1, 2].map(() =>
      openProviders({ config, redisUrl, db, prefix, log, metrics, retry: { retries: 8, baseMs: 20, capMs: 200 } }),
    );
    const plan = await harness.plan({
      waves: [Array.from({ length: 90 }, (_, n) => `atom${n}`)],
      edges: [],
      draft: (name) => `${name} = "BROKEN"\n`,
      config: { provider: 'openai', budget_usd: 10_000 },
    });
    for (const { lookup } of models) await harness.worker({ providers: lookup, slots: 60 });
    await harness.start(plan);
    const ended = await harness.until(plan, 'completed');
    expect(ended).toMatchObject({ atomsSucceeded: 90, atomsFailed: 0 });
    expect(refused).toBeGreaterThan(0);
    // 120 slots in two workers, and never more calls at once than the limit that they share.
    expect(server.peak).toBeLessThanOrEqual(DEFAULT_POLICY.start + 2 * DEFAULT_POLICY.step);
    const [view] = await readConcurrency(db);
    expect(view).toMatchObject({ provider: 'openai', min: 10, max: 200 });
    expect(view!.limit).toBeLessThan(DEFAULT_POLICY.start);
    const changes = (await metrics.concurrencyChanges.get()).values;
    expect(changes.find(({ labels }) => labels.reason === 'rate_limited')?.value).toBeGreaterThan(0);
    await refreshDatabaseGauges({ ...harness.deps, metrics })();
    expect((await metrics.concurrencyLimit.get()).values).toEqual([
      { value: view!.limit, labels: { provider: 'openai' } },
    ]);
    await harness.stopWorkers();
    for (const model of models) model.close();
    await server.stop();
  });
});
