import { randomUUID } from 'node:crypto';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type pg from 'pg';
import type { Db } from '../db/index.ts';
import type { AtomBody, ClaimedAtom, EndedAttempt } from './attempt-outcome.ts';
import { Lane, type EngineCounts, type LaneHost } from './lane.ts';
import { Quiet } from './quiet.ts';
import { SUSPECT_DELIVERIES } from './statements/claim-atoms.ts';
import { renewLeases } from './statements/renew-leases.ts';
import { returnAtoms } from './statements/return-atoms.ts';
import type { Stored } from './store-outcomes.ts';
import { lockExecution } from './statements/lock-execution.ts';

export interface EngineOptions {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly log: Logger;
  readonly workerId: string;
  /** Atoms in flight at once in this process; as many more may be in their checks. */
  readonly slots: number;
  /** Milliseconds after which the atoms of a worker that gave no sign may be taken by another. */
  readonly leaseMs: number;
  readonly body: AtomBody;
  readonly metrics?: Metrics;
  /** Called with every batch that was stored. */
  readonly onStored?: (executionId: string, files: readonly string[]) => void;
}

interface Running {
  readonly atom: ClaimedAtom;
  readonly abort: AbortController;
  /** Its answer is there, and it holds no slot any more. */
  isChecked: boolean;
}

/**
 * Runs atoms in this process: as many at once as it has slots, each under a lease. Results are stored in groups: whatever ended
 * while the last group was being stored goes into the next one, together with the claim of the atoms that fill the freed slots.
 */
export class AtomEngine implements LaneHost {
  readonly pool: pg.Pool;
  readonly log: Logger;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly counts: EngineCounts = { accepted: 0, rejected: 0, failed: 0, stale: 0, transactions: 0 };
  private readonly options: EngineOptions;
  readonly slots: number;
  private readonly running = new Set<Running>();
  private readonly lanes = new Map<string, Lane>();
  private readonly whenFreeWaiters = new Set<() => void>();
  private reserved = 0;
  /** Of those that run, how many have their answer. */
  private checked = 0;
  private taking = true;
  private stopped = false;
  /** A suspect atom runs: nothing else starts beside it. */
  private exclusive = false;
  private renewal: NodeJS.Timeout | undefined;
  private readonly quiet = new Quiet<Lane>((lane) => {
    this.rest(lane);
    this.wakeAll();
  });
  isClosed = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.pool = options.pool;
    this.log = options.log;
    this.workerId = options.workerId;
    this.leaseMs = options.leaseMs;
    this.slots = options.slots;
  }

  start(): void {
    this.renewal = setInterval(() => void this.renew(), Math.max(50, this.leaseMs / 3));
  }

  /** Slots that nothing runs in and nothing is being claimed for; 0 while claiming is switched off. */
  freeSlots(): number {
    return Math.max(0, this.capacity());
  }

  /** `freeSlots`, negative by what was claimed ahead of slots. */
  private capacity(): number {
    return this.taking && !this.exclusive && !this.quiet.isOn
      ? this.slots - this.outstanding() + this.withoutSlot() - this.reserved
      : -Infinity;
  }

  /** Atoms that run and hold no slot: those in their checks, as many as there are slots at most. The others hold theirs on. */
  private withoutSlot(): number {
    return Math.min(this.checked, this.slots);
  }

  /** Resolves when a slot is free. */
  async whenFree(): Promise<void> {
    while (this.freeSlots() === 0 && !this.stopped)
      await new Promise<void>((resolve) => this.whenFreeWaiters.add(resolve));
  }

  /**
   * Looks for ready atoms of an execution. False when there is no free slot to run one in: the execution then gets its share of
   * the slots as they become free.
   */
  ring(executionId: string): boolean {
    if (!this.taking) return false;
    const isFree = this.freeSlots() > 0;
    if (isFree) this.laneOf(executionId).wantMore();
    else this.laneOf(executionId).waitForSlots();
    return isFree;
  }

  /** Switches claiming off (maintenance, stopping) or on; what runs goes on. */
  setTaking(taking: boolean): void {
    this.taking = taking && !this.stopped;
    if (this.taking) return this.wakeAll();
    this.quiet.end();
    this.giveBackHeld();
  }

  isTaking(): boolean {
    return this.taking;
  }

  /** Ends what runs for an execution that was cancelled: calls of models and checks get their signal. */
  abort(executionId: string): void {
    this.lanes.get(executionId)?.giveBack();
    for (const { atom, abort } of this.running) if (atom.executionId === executionId) abort.abort();
  }

  /**
   * Stops: claims nothing new, waits up to `drainMs` for what runs, then signals the rest to end and hands back what is left.
   */
  async stop(drainMs: number): Promise<void> {
    this.stopped = true;
    this.taking = false;
    this.quiet.end();
    this.giveBackHeld();
    for (const wake of this.whenFreeWaiters) wake();
    await this.idle(drainMs);
    for (const { abort } of this.running) abort.abort();
    await this.idle(Math.min(drainMs, 2_000));
    clearInterval(this.renewal);
    this.isClosed = true;
    await this.handBack();
  }

  /**
   * How many more atoms a lane may claim now: an equal share when other executions wait as well; alone in this process, some ahead of
   * the slots.
   */
  reserve(lane: Lane, part: number): number {
    if (this.quiet.isFor(lane) && this.taking && !this.exclusive && this.isAlone(0)) {
      this.quiet.serve();
      this.reserved += 1;
      return 1;
    }
    const others = [...this.lanes.values()].filter((other) => other !== lane && other.hasBacklog()).length;
    const share = Math.ceil(this.slots / (others + 1));
    const ahead = this.lanes.size === 1 ? lane.allowance() : 0;
    const free = Math.max(0, this.capacity() + ahead);
    const wanted = Math.ceil(part * (others > 0 ? Math.min(free, Math.max(0, share - lane.holding)) : free));
    this.reserved += wanted;
    return wanted;
  }

  /** True when nothing else at all runs here: a suspect atom may be tried. */
  isAlone(wanted: number): boolean {
    return this.outstanding() === 0 && this.reserved === wanted;
  }

  releaseReservation(lane: Lane, count: number): void {
    this.reserved -= count;
    if (count > 0) this.quiet.served(lane);
    this.lookIfEmpty();
    this.wakeAll(lane);
  }

  makeQuiet(lane: Lane): void {
    if (!this.taking || this.quiet.isOn) return;
    this.log.info({ executionId: lane.executionId }, 'taking nothing until a suspect atom can run alone');
    this.quiet.begin(lane);
    this.giveBackHeld();
    this.lookIfEmpty();
  }

  private lookIfEmpty(): void {
    if (this.quiet.isOn && this.isAlone(0)) this.quiet.isEmpty();
  }

  /** Free slots are for whoever waits: listeners, and lanes that had to leave atoms behind. */
  private wakeAll(except?: Lane): void {
    if (this.freeSlots() === 0) return;
    this.signalFree();
    for (const lane of this.lanes.values()) if (lane !== except && lane.hasBacklog()) lane.wantMore();
  }

  newToken(): string {
    return randomUUID();
  }

  launch(lane: Lane, atoms: readonly ClaimedAtom[]): void {
    if (atoms.some((atom) => atom.deliveries > SUSPECT_DELIVERIES)) this.exclusive = true;
    if (this.isClosed) return void this.returnTo(lane.executionId, atoms);
    lane.ahead.hold(atoms);
    // What a transaction claimed that was under way when this worker stopped taking goes back at once.
    if (!this.taking) return lane.giveBack();
    this.fill(lane);
    lane.ahead.watch();
  }

  /** Starts atoms that wait, as far as there are slots. */
  private fill(lane: Lane): void {
    if (this.stopped || lane.ahead.size === 0) return;
    const room = Math.min(
      lane.parallelism - lane.running + lane.withoutSlot,
      this.slots - this.running.size + this.withoutSlot(),
    );
    if (room > 0) for (const atom of lane.ahead.next(room)) void this.run(lane, atom);
  }

  private outstanding(): number {
    let held = 0;
    for (const lane of this.lanes.values()) held += lane.ahead.size;
    return this.running.size + held;
  }

  private giveBackHeld(): void {
    for (const lane of this.lanes.values()) lane.giveBack();
  }

  stored(executionId: string, size: number, stored: Stored | null): void {
    this.count(size, stored);
    if (stored && stored.files.length > 0) this.options.onStored?.(executionId, stored.files);
  }

  private count(size: number, stored: Stored | null): void {
    const { counts } = this;
    const { metrics } = this.options;
    const ended = {
      accepted: stored?.accepted ?? 0,
      failed: stored?.failed ?? 0,
      stale: stored?.stale ?? size,
    };
    counts.transactions += 1;
    counts.rejected += stored?.rejected ?? 0;
    for (const outcome of ['accepted', 'failed', 'stale'] as const) {
      counts[outcome] += ended[outcome];
      if (ended[outcome] > 0) metrics?.atoms.inc({ outcome }, ended[outcome]);
    }
    for (const seconds of stored?.waveSeconds ?? []) metrics?.waveDuration.observe(seconds);
  }

  private async run(lane: Lane, atom: ClaimedAtom): Promise<void> {
    const running: Running = { atom, abort: new AbortController(), isChecked: false };
    this.running.add(running);
    lane.running += 1;
    const started = performance.now();
    let ended: EndedAttempt;
    try {
      const answered = (): void => this.answered(lane, running);
      ended = { atom, outcome: await this.options.body(atom, running.abort.signal, answered) };
    } catch (error) {
      const message = (error as Error).message;
      this.log.error(
        { err: error, atomId: atom.atomId, executionId: atom.executionId },
        'attempt ended with an unexpected error',
      );
      ended = { atom, outcome: { kind: 'postponed', delayMs: 1_000 * 2 ** Math.min(atom.postponements, 6), message } };
    }
    this.running.delete(running);
    lane.running -= 1;
    if (running.isChecked) {
      this.checked -= 1;
      lane.checked -= 1;
    }
    if (this.running.size === 0) this.exclusive = false;
    const ms = performance.now() - started;
    lane.ahead.bodyTook(ms);
    this.observe(ended, ms / 1000);
    lane.finish(ended);
    this.fill(lane);
    this.lookIfEmpty();
  }

  /** The slot is for the next atom: an API should not wait for the checks of what it has answered. */
  private answered(lane: Lane, running: Running): void {
    if (running.isChecked || !this.running.has(running)) return;
    running.isChecked = true;
    this.checked += 1;
    lane.checked += 1;
    this.fill(lane);
    this.wakeAll();
  }

  private observe({ outcome }: EndedAttempt, seconds: number): void {
    const { metrics } = this.options;
    if (!metrics) return;
    metrics.atomDuration.observe({ phase: 'attempt' }, seconds);
    const checks = 'report' in outcome ? (outcome.report?.checks ?? []) : [];
    for (const check of checks) metrics.validations.inc({ level: 'atomic', result: check.outcome });
  }

  private laneOf(executionId: string): Lane {
    const known = this.lanes.get(executionId);
    if (known) return known;
    const lane: Lane = new Lane(executionId, this, () => this.rest(lane));
    this.lanes.set(executionId, lane);
    return lane;
  }

  /** Forgets a lane that has nothing to do. One that found no slot is kept: it gets its share with the next slots that become free. */
  private rest(lane: Lane): void {
    if (lane.outstanding > 0 || this.quiet.isFor(lane)) return;
    if (!lane.hasBacklog()) this.lanes.delete(lane.executionId);
    else if (this.freeSlots() > 0) lane.wantMore();
  }

  private signalFree(): void {
    if (this.freeSlots() === 0) return;
    for (const wake of this.whenFreeWaiters) wake();
    this.whenFreeWaiters.clear();
  }

  /** Renews the leases of what runs; aborts what is no longer ours, since its result would be dropped. */
  private async renew(): Promise<void> {
    const held = [...this.running];
    if (held.length === 0) return;
    try {
      const kept = new Set(
        await renewLeases(
          this.options.db,
          held.map((h) => h.atom),
          this.leaseMs,
        ),
      );
      for (const { atom, abort } of held) if (!kept.has(atom.atomId)) abort.abort();
    } catch (error) {
      this.log.warn({ err: error }, 'leases could not be renewed');
    }
  }

  private async idle(withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    const isBusy = () => this.running.size > 0 || [...this.lanes.values()].some((lane) => lane.isBusy());
    while (isBusy() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Gives back what did not end or could not be stored in time, so that others need not wait for the lease. */
  private async handBack(): Promise<void> {
    const held = new Map<string, ClaimedAtom[]>();
    for (const lane of this.lanes.values()) held.set(lane.executionId, lane.surrender());
    for (const { atom } of this.running) held.set(atom.executionId, [...(held.get(atom.executionId) ?? []), atom]);
    for (const [executionId, atoms] of held) await this.returnTo(executionId, atoms);
  }

  private async returnTo(executionId: string, atoms: readonly ClaimedAtom[]): Promise<void> {
    if (atoms.length === 0) return;
    const returned = atoms.map(({ atomId, token }) => {
      const nothing = { countsAttempt: false, postponed: false, untried: false, message: null };
      return { atomId, token, delayMs: 0, ...nothing };
    });
    await this.options.db
      .transaction(async (tx) => {
        const execution = await lockExecution(tx, executionId);
        if (execution) await returnAtoms(tx, execution, returned);
      })
      .catch((error: unknown) => this.log.warn({ err: error, executionId }, 'atoms could not be handed back'));
  }
}
