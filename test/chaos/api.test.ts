import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEvents, type ReceivedEvent } from '../support/event-client.ts';
import { freePort } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { SECRET, tokenFor } from '../unit/api/api-fixture.ts';
import type { ApiSettings } from './api-process.ts';
import { Chaos, layered } from './chaos-harness.ts';

const SCRIPT = fileURLToPath(new URL('./api-process.ts', import.meta.url));
/** The owner of the plans that the harness makes. */
const OWNER = 'test-user';

let chaos: Chaos;
let port: number;
let api: ChildProcess | null = null;
beforeEach(async () => {
  chaos = await Chaos.open();
  port = await freePort();
});
afterEach(async () => {
  await killApi();
  await chaos.close();
});

async function startApi(): Promise<void> {
  const { database, redis } = chaos.harness;
  const settings: ApiSettings = {
    databaseUrl: database.url,
    redisUrl: redis.url,
    prefix: redis.prefix,
    secret: SECRET,
    port,
  };
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), SCRIPT, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  api = child;
  let listens = false;
  child.stdout.on('data', (chunk: Buffer) => (listens ||= chunk.toString().includes('listening')));
  await waitFor(() => listens, { timeoutMs: 60_000, what: 'the API' });
}

async function killApi(): Promise<void> {
  const child = api;
  api = null;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

const base = () => `http://127.0.0.1:${port}/api/v2/execution`;

describe('kill -9 of the API', () => {
  it('while it starts a run, and again while people watch, starts it once and loses neither atoms nor events', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(8, 6));
    await chaos.spawn({ workMs: 60 });
    await chaos.spawn({ workMs: 60 });
    const headers = { authorization: `Bearer ${await tokenFor(OWNER)}`, 'content-type': 'application/json' };
    const start = () =>
      fetch(`${base()}/start`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ masterplan_id: plan.masterplanId }),
      });
    await startApi();
    // It may die before, while or after the run is stored; the client does not learn which, and asks again.
    const first = start().catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 15));
    await killApi();
    await first;
    await startApi();
    const second = await start();
    expect([202, 409]).toContain(second.status);
    const runs = await harness.database.pool.query('select 1 from executions where masterplan_id = $1', [
      plan.masterplanId,
    ]);
    expect(runs.rowCount).toBe(1);

    const seen: ReceivedEvent[] = [];
    const follow = async (lastEventId: number | null) => {
      const position = lastEventId === null ? '?after=0' : '';
      const client = await openEvents(`${base()}/events/${plan.masterplanId}${position}`, {
        ...headers,
        ...(lastEventId === null ? {} : { 'last-event-id': String(lastEventId) }),
      });
      return client;
    };
    const before = await follow(null);
    await waitFor(async () => (await chaos.accepted(plan)) >= 10, { intervalMs: 5 });
    await killApi();
    await before.closed;
    seen.push(...before.events);
    // Nobody watches, and the run goes on.
    const accepted = await chaos.accepted(plan);
    await waitFor(async () => (await chaos.accepted(plan)) > accepted, { what: 'the run going on without an API' });
    await startApi();
    const after = await follow(seen.at(-1)?.id ?? null);
    await after.closed;
    seen.push(...after.events);
    await harness.until(plan, 'completed');
    const stored = await harness.database.pool.query<{ id: string }>(
      'select event_id as id from execution_events where masterplan_id = $1 order by event_id',
      [plan.masterplanId],
    );
    expect(seen.map((event) => event.id)).toEqual(stored.rows.map((row) => Number(row.id)));
    await chaos.expectExactlyOnce(plan);
    expect([...(await chaos.runs()).values()]).toEqual(Array.from({ length: 48 }, () => 1));
  });
});
