import { get, type IncomingMessage } from 'node:http';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newId, schema } from '../../../src/db/index.ts';
import { setMaintenance } from '../../../src/db/queries/set-maintenance.ts';
import { recordEvents, type NewEvent } from '../../../src/execution/statements/record-events.ts';
import { lockExecution } from '../../../src/execution/statements/lock-execution.ts';
import { openEvents, type EventClient } from '../../support/event-client.ts';
import { insertAtom, insertGraph, insertMasterplan } from '../../support/factories.ts';
import { waitFor } from '../../support/wait-for.ts';
import { tokenFor } from '../../unit/api/api-fixture.ts';
import { startApi, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
let base: string;
let token: string;

const LIMITS = { heartbeatMs: 80, watchMs: 40, perSubject: 600, pollMs: 200, stallMs: 400 };

beforeAll(async () => {
  api = await startApi(() => ({ eventStreams: LIMITS }));
  base = await api.app.listen({ host: '127.0.0.1', port: 0 });
  token = await tokenFor('someone');
});
afterAll(() => api.close());

interface Run {
  readonly masterplanId: string;
  readonly executionId: string;
}

/** A running execution of `someone` with one atom. */
async function startRun(): Promise<Run> {
  const { db } = api.database;
  const { masterplanId } = await insertMasterplan(db, { userId: 'someone' });
  const atom = await insertAtom(db, { masterplanId });
  const { graphId } = await insertGraph(db, { masterplanId, atomIds: [atom.atomId] });
  const executionId = newId<string>();
  await db.insert(schema.executions).values({
    executionId,
    masterplanId,
    graphId,
    status: 'running',
    provider: 'blueprint',
    concurrency: 1,
    maxAttempts: 1,
    startedBy: 'someone',
  });
  await record({ masterplanId, executionId }, [{ type: 'execution.started', data: {} }]);
  return { masterplanId, executionId };
}

/** Writes events as the engine does: under the lock of the execution, with the change of its state that they tell of. */
async function record(run: Run, events: readonly NewEvent[], status = 'running'): Promise<void> {
  await api.database.db.transaction(async (tx) => {
    await lockExecution(tx, run.executionId);
    await tx.execute(sql`UPDATE executions SET status = ${status} WHERE execution_id = ${run.executionId}::uuid`);
    await recordEvents(tx, run, events);
  });
}

const accepted = (n: number, padding = ''): NewEvent => ({ type: 'atom.accepted', data: { n, padding } });

const finish = (run: Run): Promise<void> =>
  record(run, [{ type: 'execution.ended', data: { status: 'completed' } }], 'completed');

async function idsOf(run: Run): Promise<number[]> {
  const { rows } = await api.database.pool.query<{ id: string }>(
    'SELECT event_id AS id FROM execution_events WHERE execution_id = $1 ORDER BY event_id',
    [run.executionId],
  );
  return rows.map((row) => Number(row.id));
}

const urlOf = (run: Run, query = ''): string => `${base}/api/v2/execution/events/${run.masterplanId}${query}`;

function open(run: Run, options: { query?: string; lastEventId?: number } = {}): Promise<EventClient> {
  const position = options.lastEventId === undefined ? {} : { 'last-event-id': String(options.lastEventId) };
  return openEvents(urlOf(run, options.query), { authorization: `Bearer ${token}`, ...position });
}

const names = (client: EventClient): string[] => client.events.map((event) => event.event);
const numbers = (client: EventClient): unknown[] =>
  client.events.filter((event) => event.event === 'atom.accepted').map((event) => event.data['n']);
const openStreams = async (): Promise<number> => (await api.deps.metrics.eventStreams.get()).values[0]?.value ?? 0;
const endedBy = async (reason: string): Promise<number> =>
  (await api.deps.metrics.eventStreamsEnded.get()).values.find((value) => value.labels.reason === reason)?.value ?? 0;

describe('a stream of live events', () => {
  it('begins with a snapshot, goes on in order, and closes after the closing event', async () => {
    const run = await startRun();
    const client = await open(run);
    expect(client.status).toBe(200);
    expect(client.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(client.headers.get('x-accel-buffering')).toBe('no');
    await waitFor(() => client.events.length === 1);
    expect(client.retries).toEqual([3000]);
    expect(client.events[0]).toMatchObject({
      event: 'snapshot',
      id: (await idsOf(run))[0],
      data: { execution_id: run.executionId, status: 'running', atoms_total: 1 },
    });
    for (let n = 1; n <= 20; n += 1) await record(run, [accepted(n), accepted(n + 0.5)]);
    await finish(run);
    await client.closed;
    expect(numbers(client)).toEqual(Array.from({ length: 20 }, (_, i) => [i + 1, i + 1.5]).flat());
    expect(client.events.map((event) => event.id)).toEqual(await idsOf(run));
    expect(client.events.at(-1)).toMatchObject({
      event: 'execution.ended',
      data: { execution_id: run.executionId, masterplan_id: run.masterplanId, status: 'completed' },
    });
  });

  it('gives each event once to a client that loses its connection again and again', async () => {
    const run = await startRun();
    const seen: number[] = [];
    let isDone = false;
    const reader = (async () => {
      let last = 0;
      while (!isDone) {
        const client = await open(run, last === 0 ? { query: '?after=0' } : { lastEventId: last });
        await waitFor(() => client.events.length >= 7 || client.events.at(-1)?.event === 'execution.ended');
        client.disconnect();
        await client.closed;
        for (const event of client.events) seen.push(event.id ?? -1);
        last = seen.at(-1) ?? 0;
        isDone = client.events.at(-1)?.event === 'execution.ended';
      }
    })();
    for (let n = 0; n < 150; n += 1) await record(run, [accepted(n)]);
    await finish(run);
    await reader;
    expect(seen).toEqual(await idsOf(run));
  });

  it('does not depend on notices', async () => {
    const run = await startRun();
    const client = await open(run);
    await waitFor(() => client.events.length === 1);
    await api.database.pool.query(
      `INSERT INTO execution_events (masterplan_id, execution_id, type, data) VALUES ($1, $2, 'wave.completed', '{}')`,
      [run.masterplanId, run.executionId],
    );
    await waitFor(() => names(client).includes('wave.completed'));
    client.disconnect();
  });

  it('shows an ended run and its end, and answers 204 to who has had it all', async () => {
    const run = await startRun();
    await finish(run);
    const client = await open(run);
    await client.closed;
    expect(names(client)).toEqual(['snapshot', 'execution.ended']);
    const again = await open(run, { lastEventId: client.events[1]?.id ?? 0 });
    expect(again.status).toBe(204);
    const fromStart = await open(run, { query: '?after=0' });
    await fromStart.closed;
    expect(names(fromStart)).toEqual(['execution.started', 'execution.ended']);
  });

  it('goes on when a run is revived after its end', async () => {
    const run = await startRun();
    await finish(run);
    const last = (await idsOf(run)).at(-1) ?? 0;
    await api.database.pool.query(`UPDATE executions SET status = 'running' WHERE execution_id = $1`, [
      run.executionId,
    ]);
    const client = await open(run, { lastEventId: last });
    await record(run, [{ type: 'execution.continued', data: {} }]);
    await waitFor(() => names(client).includes('execution.continued'));
    expect(names(client)).toEqual(['execution.continued']);
    client.disconnect();
  });

  it('begins with a snapshot for a position that this database does not know', async () => {
    const run = await startRun();
    const client = await open(run, { lastEventId: 999_999_999 });
    await waitFor(() => client.events.length === 1);
    expect(names(client)).toEqual(['snapshot']);
    client.disconnect();
  });

  it('shows signs of life, and frees what it held when the client leaves', async () => {
    const run = await startRun();
    await waitFor(async () => (await openStreams()) === 0);
    const client = await open(run);
    await waitFor(() => client.comments.filter((comment) => comment === 'heartbeat').length >= 2);
    expect(await openStreams()).toBe(1);
    const before = await endedBy('client');
    client.disconnect();
    await waitFor(async () => (await openStreams()) === 0);
    expect(await endedBy('client')).toBe(before + 1);
  });

  it('ends with a reason when the plan is deleted', async () => {
    const run = await startRun();
    const client = await open(run);
    await waitFor(() => client.events.length === 1);
    await api.database.pool.query('DELETE FROM masterplans WHERE masterplan_id = $1', [run.masterplanId]);
    await client.closed;
    expect(client.events.at(-1)).toMatchObject({ event: 'stream.closing', data: { reason: 'gone' } });
  });

  it('ends when the token does', async () => {
    const run = await startRun();
    const short = await tokenFor('someone', { role: 'user' }, { expiresAt: Math.floor(Date.now() / 1000) + 2 });
    const client = await openEvents(urlOf(run), { authorization: `Bearer ${short}` });
    expect(client.status).toBe(200);
    await client.closed;
    expect(client.events.at(-1)).toMatchObject({ event: 'stream.closing', data: { reason: 'token_expired' } });
  });

  it('is open to the owner only, and says what is wrong before it streams', async () => {
    const run = await startRun();
    const { masterplanId } = await insertMasterplan(api.database.db, { userId: 'someone' });
    const of = (id: string, options = {}) => api.call('GET', `/api/v2/execution/events/${id}`, options);
    expect((await of(run.masterplanId, { token: null })).status).toBe(401);
    expect((await of(run.masterplanId, { token: await tokenFor('stranger') })).body).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await of(masterplanId)).body).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect((await of(run.masterplanId, { headers: { 'last-event-id': 'yesterday' } })).status).toBe(400);
    expect((await of(`${run.masterplanId}?after=-1`)).status).toBe(400);
  });
});

describe('many and slow readers', () => {
  it('serves 500 subscribers from one reading of the table', async () => {
    const run = await startRun();
    const clients = await Promise.all(Array.from({ length: 500 }, () => open(run)));
    await waitFor(() => clients.every((client) => client.events.length === 1), { timeoutMs: 20_000 });
    const queries = vi.spyOn(api.deps.pool, 'query');
    for (let n = 0; n < 30; n += 1) await record(run, [accepted(n)]);
    await finish(run);
    await Promise.all(clients.map((client) => client.closed));
    const reads = queries.mock.calls.filter(([query]) => JSON.stringify(query).includes('execution_events')).length;
    queries.mockRestore();
    const expected = Array.from({ length: 30 }, (_, n) => n);
    for (const client of clients) expect(numbers(client)).toEqual(expected);
    expect(reads).toBeGreaterThan(0);
    // 31 changes; when every subscriber read for itself this would be thousands.
    expect(reads).toBeLessThanOrEqual(65);
    await waitFor(async () => (await openStreams()) === 0);
  });

  it('holds back for a reader that pauses, and loses nothing', async () => {
    const run = await startRun();
    const response = await new Promise<IncomingMessage>((resolve) =>
      get(urlOf(run, '?after=0'), { headers: { authorization: `Bearer ${token}` } }, resolve),
    );
    response.pause();
    const padding = 'x'.repeat(40_000);
    for (let n = 0; n < 100; n += 1) await record(run, [accepted(n, padding)]);
    await finish(run);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
    expect(ids).toEqual(await idsOf(run));
  });

  it('cuts off a reader that does not read at all, without growing', async () => {
    const run = await startRun();
    const before = await endedBy('too_slow');
    const stuck = await new Promise<IncomingMessage>((resolve) =>
      get(urlOf(run), { headers: { authorization: `Bearer ${token}` } }, resolve),
    );
    stuck.on('error', () => undefined);
    stuck.pause();
    const other = await open(run);
    const padding = 'x'.repeat(100_000);
    for (let n = 0; n < 200; n += 10)
      await record(
        run,
        Array.from({ length: 10 }, (_, i) => accepted(n + i, padding)),
      );
    await waitFor(() => numbers(other).length === 200, { timeoutMs: 20_000 });
    await waitFor(async () => (await endedBy('too_slow')) === before + 1);
    other.disconnect();
    stuck.destroy();
  });
});

describe('limits and the end of the service', () => {
  it('allows so many per caller', async () => {
    const small = await startApi(() => ({ eventStreams: { perSubject: 2 } }));
    const address = await small.app.listen({ host: '127.0.0.1', port: 0 });
    const { masterplanId } = await insertMasterplan(small.database.db, { userId: 'someone' });
    const { graphId } = await insertGraph(small.database.db, { masterplanId, atomIds: [] });
    await small.database.db.insert(schema.executions).values({
      executionId: newId<string>(),
      masterplanId,
      graphId,
      status: 'running',
      provider: 'blueprint',
      concurrency: 1,
      maxAttempts: 1,
      startedBy: 'someone',
    });
    const url = `${address}/api/v2/execution/events/${masterplanId}`;
    const headers = { authorization: `Bearer ${token}` };
    const clients = [await openEvents(url, headers), await openEvents(url, headers)];
    const refused = await fetch(url, { headers });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', limit: 2 });
    // Closing the server ends the streams instead of waiting for them.
    await small.close();
    await Promise.all(clients.map((client) => client.closed));
    for (const client of clients)
      expect(client.events.at(-1)).toMatchObject({ event: 'stream.closing', data: { reason: 'shutting_down' } });
  });

  it('ends streams when maintenance begins, and asks to stay away for a while', async () => {
    const run = await startRun();
    const client = await open(run);
    await waitFor(() => client.events.length === 1);
    const change = (enabled: boolean) =>
      setMaintenance(api.database.db, { enabled, message: null, until: null, by: 'test', now: new Date() });
    await change(true);
    await client.closed;
    expect(client.events.at(-1)).toMatchObject({ event: 'stream.closing', data: { reason: 'maintenance' } });
    expect(client.retries.at(-1)).toBeGreaterThan(3000);
    await change(false);
  });
});
