/** How a limit is divided among the workers that call with the same key. Pure. */

export interface WorkerDemand {
  readonly worker: string;
  /** Calls that are out. */
  readonly inFlight: number;
  /** Calls that wait to go out. */
  readonly waiting: number;
  /** Calls that it may have out, as it was last told. */
  readonly granted: number;
}

/**
 * Max-min fair: nobody gets more than it can use, nobody gets less than an equal part while it could use it. The sum never passes
 * the limit. What an equal division leaves over goes to those who want most.
 */
export function fairShares(limit: number, demands: readonly WorkerDemand[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  let left = Math.max(0, Math.floor(limit));
  const wanted = demands
    .map(({ worker, inFlight, waiting }) => ({ worker, want: inFlight + waiting }))
    .sort((a, b) => a.want - b.want || (a.worker < b.worker ? -1 : 1));
  for (const [i, { worker, want }] of wanted.entries()) {
    const share = Math.min(want, Math.floor(left / (wanted.length - i)));
    shares.set(worker, share);
    left -= share;
  }
  return shares;
}

/**
 * What a worker may have out from now on. Others keep what they were told until they ask again themselves, so a share that grew
 * because another one's has to shrink is given when that has happened: together they never pass the limit.
 */
export function grantFor(limit: number, me: WorkerDemand, others: readonly WorkerDemand[]): number {
  const fair = fairShares(limit, [me, ...others]).get(me.worker) ?? 0;
  const taken = others.reduce((sum, other) => sum + Math.max(other.granted, other.inFlight), 0);
  return Math.max(0, Math.min(fair, Math.floor(limit) - taken));
}
