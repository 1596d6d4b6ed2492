import type { Logger } from '../adapters/telemetry/logger.ts';
import type pg from 'pg';
import type { Tx } from '../db/index.ts';
import type { ClaimedAtom, EndedAttempt } from './attempt-outcome.ts';
import { inExecutionTransaction } from './execution-transaction.ts';
import { claimAtoms, hasSuspects, type ClaimedRow } from './statements/claim-atoms.ts';
import type { LockedExecution } from './statements/lock-execution.ts';
import { settleExecution } from './statements/settle-execution.ts';
import { announceReady, storeOutcomes, type Stored } from './store-outcomes.ts';

/** What the engine counts, for metrics and tests. */
export interface EngineCounts {
  accepted: number;
  rejected: number;
  failed: number;
  /** Results dropped because the claim was no longer this worker's. */
  stale: number;
  transactions: number;
}

/** What a lane needs from the engine it belongs to. */
export interface LaneHost {
  readonly pool: pg.Pool;
  readonly log: Logger;
  readonly workerId: string;
  readonly leaseMs: number;
  reserve(lane: Lane): number;
  releaseReservation(count: number): void;
  isAlone(): boolean;
  newToken(): string;
  launch(lane: Lane, atoms: readonly ClaimedAtom[]): void;
  /** A group of `size` results was stored; null when the execution is gone. */
  stored(executionId: string, size: number, stored: Stored | null): void;
}

/** Milliseconds between tries while Postgres is away; grows to ten times this. */
const RETRY_MS = 200;

/** Milliseconds between two announcements of atoms that this process has no slot for; idle workers look by themselves as well. */
const ANNOUNCE_EVERY_MS = 50;

/** The transactions of one execution in this process, one after the other. */
export class Lane {
  readonly executionId: string;
  private readonly host: LaneHost;
  private readonly onIdle: () => void;
  private ended: EndedAttempt[] = [];
  private hungry = false;
  private backlog = false;
  private turning = false;
  private announcedAt = -Infinity;

  constructor(executionId: string, host: LaneHost, onIdle: () => void) {
    this.executionId = executionId;
    this.host = host;
    this.onIdle = onIdle;
  }

  /** True when its last claim left nothing free to take more with: there may be more atoms to claim. */
  hasBacklog(): boolean {
    return this.backlog;
  }

  isBusy(): boolean {
    return this.turning || this.ended.length > 0;
  }

  /** There are ready atoms, and no slot for them at the moment. */
  waitForSlots(): void {
    this.backlog = true;
  }

  /** There may be ready atoms to claim. */
  wantMore(): void {
    this.hungry = true;
    this.turn();
  }

  /** An attempt has ended; it is stored with the others that end about now. */
  finish(ended: EndedAttempt): void {
    this.ended.push(ended);
    this.turn();
  }

  private turn(): void {
    if (this.turning) return;
    this.turning = true;
    void this.loop();
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (this.hungry || this.ended.length > 0) {
      // Whatever ends in this turn of the event loop belongs to the same group.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.ended;
      this.ended = [];
      this.hungry = false;
      const wanted = this.host.reserve(this);
      try {
        await this.step(batch, wanted);
        failures = 0;
      } catch (error) {
        failures += 1;
        this.ended = [...batch, ...this.ended];
        this.hungry = true;
        this.host.log.warn({ err: error, executionId: this.executionId, failures }, 'results could not be stored yet');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * Math.min(failures, 10)));
      } finally {
        this.host.releaseReservation(wanted);
      }
    }
    this.turning = false;
    this.onIdle();
  }

  private async step(batch: readonly EndedAttempt[], wanted: number): Promise<void> {
    if (batch.length === 0 && wanted === 0) {
      this.backlog = true;
      return;
    }
    const { stored, claimed } = await inExecutionTransaction(this.host.pool, this.executionId, (tx, execution) =>
      execution ? this.transact(tx, execution, batch, wanted) : Promise.resolve({ stored: null, claimed: [] }),
    );
    this.host.launch(this, claimed);
    this.backlog = claimed.length === wanted;
    this.host.stored(this.executionId, batch.length, stored);
  }

  private async transact(
    tx: Tx,
    execution: LockedExecution,
    batch: readonly EndedAttempt[],
    wanted: number,
  ): Promise<{ stored: Stored | null; claimed: ClaimedAtom[] }> {
    const runs = execution.status === 'running' && !batch.some((e) => e.outcome.kind === 'over_budget');
    const token = this.host.newToken();
    const limit = runs ? wanted : 0;
    const direct = { worker: this.host.workerId, token, leaseMs: this.host.leaseMs, limit };
    const stored = batch.length > 0 ? await storeOutcomes(tx, execution, batch, direct) : null;
    const rows = [...(stored?.claimed ?? [])];
    // With everything that waited claimed already there is nothing more to look for.
    const maybeMore = stored === null || stored.claimed.length === 0 || stored.released > 0;
    if (maybeMore && rows.length < limit) rows.push(...(await this.claim(tx, execution, token, limit - rows.length)));
    await this.followUp(tx, execution, { runs, stored, claimed: rows.length });
    return { stored, claimed: rows.map((row) => this.claimedAtom(execution, token, row)) };
  }

  /** What others must hear: atoms that wait for a worker, or that nothing is left to do. */
  private async followUp(
    tx: Tx,
    execution: LockedExecution,
    step: { readonly runs: boolean; readonly stored: Stored | null; readonly claimed: number },
  ): Promise<void> {
    const { runs, stored, claimed } = step;
    if (!stored) return;
    if (runs && claimed === 0) {
      const settlement = await settleExecution(tx, execution);
      if (settlement === 'released') await announceReady(tx, this.executionId, 1);
      return;
    }
    const left = stored.released - (claimed - stored.claimed.length);
    if (left > 0 && this.mayAnnounce()) await announceReady(tx, this.executionId, left);
  }

  /** A worker with more than it can do says so now and then, not with every group. */
  private mayAnnounce(): boolean {
    const now = performance.now();
    if (now - this.announcedAt < ANNOUNCE_EVERY_MS) return false;
    this.announcedAt = now;
    return true;
  }

  private async claim(tx: Tx, execution: LockedExecution, token: string, limit: number): Promise<ClaimedRow[]> {
    const request = {
      executionId: this.executionId,
      graphId: execution.graphId,
      worker: this.host.workerId,
      token,
      leaseMs: this.host.leaseMs,
      concurrency: execution.concurrency,
    };
    const rows = await claimAtoms(tx, { ...request, limit, suspects: false });
    if (rows.length > 0 || !this.host.isAlone() || !(await hasSuspects(tx, this.executionId))) return rows;
    return claimAtoms(tx, { ...request, limit: 1, suspects: true });
  }

  private claimedAtom(execution: LockedExecution, token: string, row: ClaimedRow): ClaimedAtom {
    return {
      atomId: row.atomId,
      masterplanId: execution.masterplanId,
      executionId: this.executionId,
      token,
      filePath: row.filePath,
      attempt: row.attempts + 1,
      maxAttempts: row.maxAttempts,
      waveNumber: row.waveNumber,
      atomNumber: row.atomNumber,
      deliveries: row.deliveries,
      postponements: row.postponements,
    };
  }
}
