/** A plan in layers, workers in processes of their own, and the check that every atom was accepted exactly once. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { EngineCounts } from '../../src/execution/lane.ts';
import { Harness, type Plan } from '../integration/execution/harness.ts';
import { waitFor } from '../support/wait-for.ts';
import type { WorkerSettings } from './worker-process.ts';

const SCRIPT = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

/** `layers` layers of `width` atoms; each depends on two of the layer before. */
export function layered(layers: number, width: number) {
  const name = (layer: number, i: number) => `l${layer}_${i % width}`;
  const waves = Array.from({ length: layers }, (_, layer) => Array.from({ length: width }, (_, i) => name(layer, i)));
  const edges = waves
    .slice(1)
    .flatMap((wave, k) => wave.flatMap((from, i) => [[from, name(k, i)] as const, [from, name(k, i + 1)] as const]));
  return { waves, edges };
}

export interface WorkerChild {
  readonly process: ChildProcess;
  /** As it last said. */
  counts(): EngineCounts | null;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export class Chaos {
  readonly harness: Harness;
  private readonly children: WorkerChild[] = [];

  private constructor(harness: Harness) {
    this.harness = harness;
  }

  /** Over the servers of the test run, unless others are given. */
  static async open(own: Parameters<typeof Harness.open>[0] = {}): Promise<Chaos> {
    const harness = await Harness.open(own);
    // What was worked on, and what was paid for: one row each time, of whichever process.
    for (const table of ['chaos_runs', 'chaos_payments'])
      await harness.database.pool.query(
        `create table ${table} (run_id bigserial primary key, file_path text not null, pid int not null, at timestamptz not null default clock_timestamp())`,
      );
    return new Chaos(harness);
  }

  /** Starts a worker process and waits until it works. */
  async spawn(settings: Partial<WorkerSettings> = {}): Promise<WorkerChild> {
    const { harness } = this;
    const all: WorkerSettings = {
      databaseUrl: harness.database.url,
      redisUrl: harness.redis.url,
      prefix: harness.redis.prefix,
      slots: 4,
      leaseMs: 1_000,
      workMs: 15,
      ...settings,
    };
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), SCRIPT, JSON.stringify(all)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let last: EngineCounts | null = null;
    let started = false;
    child.stdout.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) {
        if (line === 'started') started = true;
        else if (line.startsWith('{') && line.endsWith('}')) last = JSON.parse(line) as EngineCounts;
      }
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const worker: WorkerChild = {
      process: child,
      counts: () => last,
      kill: async (signal) => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signal);
        if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await exited;
      },
    };
    this.children.push(worker);
    await waitFor(() => started, { timeoutMs: 60_000, what: 'the worker process' });
    return worker;
  }

  async accepted(plan: Plan): Promise<number> {
    return (await this.harness.status(plan)).atomsSucceeded;
  }

  /** Every atom is accepted, exactly once, and none was worked on after that. */
  async expectExactlyOnce(plan: Plan): Promise<void> {
    const { pool } = this.harness.database;
    const all = Object.values(plan.ids).sort();
    const events = await pool.query<{ id: string }>(
      `select a->>'atom_id' as id from execution_events e, jsonb_array_elements(e.data->'atoms') a
       where e.masterplan_id = $1 and e.type = 'atom.accepted'`,
      [plan.masterplanId],
    );
    expect(events.rows.map((row) => row.id).sort()).toEqual(all);
    const attempts = await pool.query<{ id: string }>(
      'select h.atom_id as id from atom_retry_history h join atomic_units a using (atom_id) where a.masterplan_id = $1 and h.success',
      [plan.masterplanId],
    );
    expect(attempts.rows.map((row) => row.id).sort()).toEqual(all);
    const late = await pool.query(
      `select a.name from chaos_runs r join atomic_units a on a.file_path = r.file_path and a.masterplan_id = $1
       where r.at > a.completed_at`,
      [plan.masterplanId],
    );
    expect(late.rows).toEqual([]);
    const early = await pool.query(
      `select a.name from atom_dependencies d
       join atomic_units a on a.atom_id = d.from_atom_id join atomic_units b on b.atom_id = d.to_atom_id
       join chaos_runs r on r.file_path = a.file_path
       where a.masterplan_id = $1 and r.at < b.completed_at`,
      [plan.masterplanId],
    );
    expect(early.rows).toEqual([]);
    const left = await pool.query('select 1 from atom_queue');
    expect(left.rowCount).toBe(0);
  }

  /**
   * Every answer that was paid for and came home was used: one settled entry per atom that had to be asked for, and no more calls than
   * atoms but for those that were out when something was killed.
   */
  async expectPaidOnce(plan: Plan, atoms: number, outAtKill: number): Promise<void> {
    const { pool } = this.harness.database;
    const settled = await pool.query<{ atom: string; n: number }>(
      `select atom_id as atom, count(*)::int as n from cost_ledger
       where masterplan_id = $1 and status = 'settled' group by 1`,
      [plan.masterplanId],
    );
    expect(settled.rows.filter((row) => row.n > 1)).toEqual([]);
    expect(settled.rows).toHaveLength(atoms);
    const paid = await pool.query<{ n: number }>('select count(*)::int as n from chaos_payments');
    expect(paid.rows[0]!.n).toBeGreaterThanOrEqual(atoms);
    expect(paid.rows[0]!.n).toBeLessThanOrEqual(atoms + outAtKill);
  }

  /** How often each file was worked on. */
  async runs(): Promise<Map<string, number>> {
    const { rows } = await this.harness.database.pool.query<{ path: string; n: number }>(
      'select file_path as path, count(*)::int as n from chaos_runs group by 1',
    );
    return new Map(rows.map((row) => [row.path, row.n]));
  }

  /** Removes every key of this deployment from Redis. */
  async flush(): Promise<void> {
    const { Redis } = await import('ioredis');
    const redis = new Redis(this.harness.redis.url);
    const keys = await redis.keys(`${this.harness.redis.prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  }

  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => child.kill('SIGKILL')));
    await this.harness.close();
  }
}
