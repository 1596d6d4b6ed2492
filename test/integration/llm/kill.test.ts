import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { goodReply, subjectOf } from '../../support/model-answers.ts';
import type { ModelWorkerSettings } from '../../support/model-worker.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness } from '../execution/harness.ts';
import { modelEnvironment, ModelRun } from './model-run.ts';

const SCRIPT = fileURLToPath(new URL('../../support/model-worker.ts', import.meta.url));
const ATOMS = 24;

let harness: Harness;
let run: ModelRun;
const children: ChildProcess[] = [];

beforeEach(async () => {
  harness = await Harness.open();
  run = await ModelRun.open(harness, { reply: goodReply, latencyMs: [20, 300], seed: 11 });
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  await run.close();
  await harness.close();
});

/** A worker in which no answer gets past its checks. */
async function start(): Promise<ChildProcess> {
  const settings: ModelWorkerSettings = {
    databaseUrl: harness.database.url,
    redisUrl: harness.redis.url,
    prefix: harness.redis.prefix,
    environment: modelEnvironment(run.server),
    checkMs: 60_000,
  };
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), SCRIPT, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let started = false;
  child.stdout.on('data', (chunk: Buffer) => (started ||= chunk.toString().includes('started')));
  await waitFor(() => started, { timeoutMs: 20_000, what: 'the worker process' });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** Names of atoms whose answer is paid for and kept, and which are not accepted yet. */
async function keptAndOpen(masterplanId: string): Promise<string[]> {
  const { rows } = await harness.database.pool.query<{ name: string }>(
    `select a.name from cost_ledger c join atomic_units a using (atom_id)
     where c.masterplan_id = $1 and c.status = 'settled' and c.answer is not null and a.status <> 'COMPLETED'`,
    [masterplanId],
  );
  return rows.map((row) => row.name);
}

it('kill -9 of a worker repeats no paid call whose answer had been stored', async () => {
  const plan = await harness.plan({
    waves: [Array.from({ length: ATOMS }, (_, n) => `atom${n}`)],
    edges: [],
    draft: (name) => `${name} = "BROKEN"\n`,
    config: { provider: 'openai' },
  });
  const first = await start();
  await harness.start(plan);
  // Answers are in the ledger, none of them is in the plan, others are on their way.
  await waitFor(async () => (await keptAndOpen(plan.masterplanId)).length >= 6, { timeoutMs: 20_000, intervalMs: 10 });
  await kill(first);
  const kept = await keptAndOpen(plan.masterplanId);
  const paidBefore = run.server.calls.length;
  const lost = paidBefore - kept.length;
  expect(kept.length).toBeGreaterThanOrEqual(6);

  await run.worker({ slots: 12 });
  await harness.until(plan, 'completed');
  const askedAfter = run.server.calls.slice(paidBefore).map((call) => subjectOf(call).name);
  expect(askedAfter.filter((name) => kept.includes(name))).toEqual([]);
  // Only what was in flight at the kill is asked for a second time, and all else once.
  expect(run.server.calls.length).toBe(ATOMS + lost);
  const ledger = await run.ledger(plan.masterplanId);
  expect(ledger.filter((entry) => entry.status === 'settled').length).toBe(ATOMS);
  // What nobody settled still counts against the budget: it may have been charged.
  expect(ledger.filter((entry) => entry.status === 'reserved').length).toBeGreaterThanOrEqual(lost);
});
