import type { Logger } from '../adapters/telemetry/logger.ts';
import type pg from 'pg';
import { acquireLock } from '../db/queries/acquire-lock.ts';
import type { Tx } from '../db/index.ts';
import type { ClaimedAtom, EndedAttempt } from './attempt-outcome.ts';
import { ClaimsAhead } from './claims-ahead.ts';
import { inExecutionTransaction } from './execution-transaction.ts';
import { QUIET_MS } from './quiet.ts';
import { RefusedResults } from './refused-results.ts';
import { claimAtoms, hasSuspects, onlySuspectsLeft, type ClaimedRow } from './statements/claim-atoms.ts';
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
  readonly slots: number;
  /** Sets slots aside for a claim of the lane; `part` of those that are free. Gives how many atoms it may claim. */
  reserve(lane: Lane, part: number): number;
  /** What the lane claimed is launched, or nothing came of it: the slots that are free now are for everybody. */
  releaseReservation(lane: Lane, count: number): void;
  /** Only suspect atoms of the lane are left: takes nothing else until they can run alone here. */
  makeQuiet(lane: Lane): void;
  /** True from the moment on at which what is left was handed back: nothing is stored any more. */
  readonly isClosed: boolean;
  /** True when nothing runs in this process, and nothing but a claim of `wanted` atoms is under way. */
  isAlone(wanted: number): boolean;
  newToken(): string;
  launch(lane: Lane, atoms: readonly ClaimedAtom[]): void;
  /** A group of `size` results was stored; null when the execution is gone. */
  stored(executionId: string, size: number, stored: Stored | null): void;
}

/** Milliseconds between tries while Postgres is away; grows to ten times this. */
const RETRY_MS = 200;

/** Milliseconds between two announcements of atoms that this process has no slot for; idle workers look by themselves as well. */
const ANNOUNCE_EVERY_MS = 50;

/** Transactions of one execution at once: while Postgres works on one, this process makes the next. They pass one by one. */
const PIPELINE = 2;

/** A group of this size is stored in two halves when nothing else is under way, so that neither side waits for the other. */
const WORTH_SPLITTING = 400;

/** Results from which on a second transaction is worth its cost. */
const WORTH_A_SECOND = 24;

/** The transactions of one execution in this process. */
export class Lane {
  readonly executionId: string;
  /** Claimed for this execution, and waiting for a slot. */
  readonly ahead: ClaimsAhead;
  /** Atoms that run now. */
  running = 0;
  /** Of those, how many have their answer. */
  checked = 0;
  private readonly host: LaneHost;
  private readonly onIdle: () => void;
  private readonly refused = new RefusedResults();
  private ended: EndedAttempt[] = [];
  private hungry = false;
  private backlog = false;
  private scheduled = false;
  private inTransit = 0;
  private failures = 0;
  private concurrency = Infinity;
  private announcedAt = -Infinity;
  private seeksQuiet = false;

  constructor(executionId: string, host: LaneHost, onIdle: () => void) {
    this.executionId = executionId;
    this.host = host;
    this.onIdle = onIdle;
    this.ahead = new ClaimsAhead(() => this.giveBack());
  }

  /** True when its last claim left nothing free to take more with: there may be more atoms to claim. */
  hasBacklog(): boolean {
    return this.backlog;
  }

  isBusy(): boolean {
    return this.inTransit > 0 || this.scheduled || this.ended.length > 0 || this.ahead.size > 0;
  }

  /** Atoms of it in this process that run or wait for a slot. */
  get outstanding(): number {
    return this.running + this.ahead.size;
  }

  /** Of its atoms that run, those that hold no slot: as many as may run at once, at most. */
  get withoutSlot(): number {
    return Math.min(this.checked, this.parallelism);
  }

  /** Its atoms that hold a slot or wait for one. */
  get holding(): number {
    return this.outstanding - this.withoutSlot;
  }

  /** How many of its atoms may run here at once, apart from those in their checks. */
  get parallelism(): number {
    return Math.min(this.host.slots, this.concurrency);
  }

  /**
   * How many atoms it may claim beyond the slots. None while the execution may run on more slots than this process has: those of
   * others are to be given work first.
   */
  allowance(): number {
    return this.concurrency <= this.host.slots ? this.ahead.allowance(this.parallelism) : 0;
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

  /** Atoms that wait for a slot go back to the ready ones. */
  giveBack(): void {
    for (const atom of this.ahead.giveUp()) this.finish({ atom, outcome: { kind: 'released', untried: true } });
  }

  /** All that it holds and has not stored, for others to try again. */
  surrender(): ClaimedAtom[] {
    return [...this.ahead.giveUp(), ...this.ended.splice(0).map(({ atom }) => atom)];
  }

  private turn(): void {
    if (this.scheduled || this.host.isClosed) return;
    this.scheduled = true;
    // Whatever ends in this turn of the event loop belongs to the same group.
    setImmediate(() => {
      this.scheduled = false;
      if (this.host.isClosed) return;
      while (this.mayBegin()) void this.carry();
      if (!this.isBusy() && !this.hungry) this.onIdle();
    });
  }

  private mayBegin(): boolean {
    if (this.inTransit === 0) return this.hungry || this.ended.length > 0;
    if (this.inTransit >= PIPELINE || this.failures > 0) return false;
    return this.ended.length >= Math.max(WORTH_A_SECOND, this.outstanding);
  }

  /** Stores what has ended, or the first half of it. */
  private async carry(): Promise<void> {
    const isSplit = this.inTransit === 0 && this.outstanding === 0 && this.ended.length >= WORTH_SPLITTING;
    const size = isSplit ? Math.ceil(this.ended.length / 2) : this.ended.length;
    const batch = this.ended.splice(0, Math.min(size, this.refused.limit));
    this.hungry = false;
    this.inTransit += 1;
    const wanted = this.host.reserve(this, isSplit ? 0.5 : 1);
    const began = performance.now();
    try {
      await this.step(batch, wanted);
      this.failures = 0;
      this.refused.stored();
      if (batch.length > 0) this.ahead.transactionTook(performance.now() - began);
    } catch (error) {
      await this.failed(error, batch);
    } finally {
      this.inTransit -= 1;
      this.turn();
    }
  }

  private async failed(error: unknown, batch: readonly EndedAttempt[]): Promise<void> {
    this.failures += 1;
    const instead = this.refused.after(error, batch);
    this.ended.unshift(...(instead ?? batch));
    this.hungry = true;
    this.host.log.warn(
      { err: error, executionId: this.executionId, failures: this.failures },
      'results could not be stored yet',
    );
    if (instead === null && !this.host.isClosed)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * Math.min(this.failures, 10)));
  }

  private async step(batch: readonly EndedAttempt[], wanted: number): Promise<void> {
    if (batch.length === 0 && wanted === 0) {
      this.backlog = true;
      return;
    }
    let stored: Stored | null;
    try {
      stored = await this.exchange(batch, wanted);
    } finally {
      // Before anybody hears of free slots: those that were set aside here and not needed are among them.
      this.host.releaseReservation(this, wanted);
    }
    if (this.seeksQuiet) this.host.makeQuiet(this);
    this.host.stored(this.executionId, batch.length, stored);
  }

  /** Stores the group and claims for it, in one transaction; what was claimed starts. */
  private async exchange(batch: readonly EndedAttempt[], wanted: number): Promise<Stored | null> {
    this.seeksQuiet = false;
    const { stored, claimed, runs } = await inExecutionTransaction(this.host.pool, this.executionId, (tx, execution) =>
      execution
        ? this.transact(tx, execution, batch, wanted)
        : Promise.resolve({ stored: null, claimed: [], runs: false }),
    );
    this.host.launch(this, claimed);
    if (!runs) this.giveBack();
    this.backlog = claimed.length === wanted;
    return stored;
  }

  private async transact(
    tx: Tx,
    execution: LockedExecution,
    batch: readonly EndedAttempt[],
    wanted: number,
  ): Promise<{ stored: Stored | null; claimed: ClaimedAtom[]; runs: boolean }> {
    this.concurrency = execution.concurrency;
    const runs = execution.status === 'running' && !batch.some((e) => e.outcome.kind === 'over_budget');
    const token = this.host.newToken();
    const limit = runs ? wanted : 0;
    const ahead = this.ahead.allowed;
    const concurrency = this.concurrencyNow();
    const direct = { worker: this.host.workerId, token, leaseMs: this.host.leaseMs, limit, concurrency, ahead };
    const stored = batch.length > 0 ? await storeOutcomes(tx, execution, batch, direct) : null;
    const rows = [...(stored?.claimed ?? [])];
    // With everything that waited claimed already there is nothing more to look for.
    const maybeMore = stored === null || stored.claimed.length === 0 || stored.released > 0;
    if (maybeMore && rows.length < limit)
      rows.push(...(await this.claim(tx, execution, { token, limit: limit - rows.length, ahead, wanted })));
    await this.followUp(tx, execution, { runs, stored, claimed: rows.length });
    return { stored, claimed: rows.map((row) => this.claimedAtom(execution, token, row)), runs };
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

  private async claim(
    tx: Tx,
    execution: LockedExecution,
    {
      wanted,
      ...claim
    }: { readonly token: string; readonly limit: number; readonly ahead: number; readonly wanted: number },
  ): Promise<ClaimedRow[]> {
    const request = {
      ...claim,
      executionId: this.executionId,
      graphId: execution.graphId,
      worker: this.host.workerId,
      leaseMs: this.host.leaseMs,
      concurrency: this.concurrencyNow(),
    };
    const rows = await claimAtoms(tx, { ...request, suspects: false });
    const isAlone = this.host.isAlone(wanted);
    if (rows.length > 0 || (!isAlone && this.outstanding > 0) || !(await hasSuspects(tx, this.executionId)))
      return rows;
    if (isAlone) return claimAtoms(tx, { ...request, limit: 1, suspects: true });
    // One worker is enough: the others go on with what they have.
    this.seeksQuiet =
      (await onlySuspectsLeft(tx, this.executionId)) &&
      (await acquireLock(tx, `mge:suspect:${this.executionId}`, this.host.workerId, QUIET_MS / 1000));
    return rows;
  }

  /** The rows of what has its answer, or waits to be stored, are still those of running atoms: they leave room for others. */
  private concurrencyNow(): number {
    return this.concurrency + Math.min(this.checked + this.ended.length, this.concurrency);
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
