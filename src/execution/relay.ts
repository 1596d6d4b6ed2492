import { claimOutboxEvents, type ClaimedEvent } from '../db/queries/claim-outbox-events.ts';
import { completeOutboxEvent } from '../db/queries/complete-outbox-event.ts';
import { completeOutboxEvents } from '../db/queries/complete-outbox-events.ts';
import { MgeError } from '../domain/index.ts';
import type { WorkerBase } from './deps.ts';
import { applyReviewDecision } from './apply-review-decision.ts';
import { rememberApproved } from './remember-approved.ts';

const BATCH = 200;
const LEASE_SECONDS = 30;
/** One bell calls for this many atoms; a worker that comes takes as many as it has slots for. */
const ATOMS_PER_BELL = 10;
/** More bells than any deployment has workers help nobody. */
const MAX_BELLS = 64;

type Handled = { readonly events: readonly ClaimedEvent[]; readonly deliver: () => Promise<void> };

export interface Relayed {
  readonly claimed: number;
  /** False when the queue did not take what it was given: another process may reach it. */
  readonly reachedQueue: boolean;
}

/** Delivers what waits in the outbox. Only the leader calls this. */
export async function relayOnce(deps: WorkerBase): Promise<Relayed> {
  const events = await claimOutboxEvents(deps.db, deps.workerId, BATCH, LEASE_SECONDS);
  if (events.length === 0) return { claimed: 0, reachedQueue: true };
  const of = (type: string) => events.filter((event) => event.eventType === type);
  const bells = of('atoms.ready');
  const stages = of('stage.queued');
  const rang = await handle(deps, { events: bells, deliver: () => deps.queues.ringAtoms(bellsFor(bells)) });
  const announced = await handle(deps, {
    events: stages,
    deliver: () => deps.queues.announceStages(stages.map((event) => ({ jobId: event.aggregateId }))),
  });
  for (const event of of('review.decided'))
    await handle(deps, { events: [event], deliver: () => decideAndRemember(deps, event) });
  // Events that nobody here listens to are for readers of the table only.
  const known = new Set(['atoms.ready', 'stage.queued', 'review.decided']);
  await completeOutboxEvents(
    deps.db,
    events.filter((event) => !known.has(event.eventType)).map((event) => event.eventId),
  );
  return { claimed: events.length, reachedQueue: rang && announced };
}

async function decideAndRemember(deps: WorkerBase, event: ClaimedEvent): Promise<void> {
  await applyReviewDecision(deps, event);
  // Not waited for: the vector store may be slow, and bells wait behind this.
  void rememberApproved(deps, event);
}

/** False when they could not be delivered; they become due again later. */
async function handle(deps: WorkerBase, { events, deliver }: Handled): Promise<boolean> {
  if (events.length === 0) return true;
  try {
    await deliver();
    await completeOutboxEvents(
      deps.db,
      events.map((event) => event.eventId),
    );
    return true;
  } catch (error) {
    // A queue that is away has been told of by its connection; here it would be told with every try.
    const isAway = error instanceof MgeError && error.code === 'QUEUE_UNAVAILABLE';
    deps.log[isAway ? 'debug' : 'warn'](
      { err: error, events: events.length, type: events[0]?.eventType },
      'outbox events could not be delivered yet',
    );
    deps.metrics?.outboxRetries.inc(events.length);
    for (const event of events)
      await completeOutboxEvent(deps.db, event.eventId, (error as Error).message, deps.workerId);
    return false;
  }
}

function bellsFor(events: readonly ClaimedEvent[]): { executionId: string }[] {
  const counts = new Map<string, number>();
  for (const event of events) {
    const count = typeof event.payload['count'] === 'number' ? event.payload['count'] : 1;
    counts.set(event.aggregateId, (counts.get(event.aggregateId) ?? 0) + count);
  }
  return [...counts].flatMap(([executionId, count]) =>
    Array.from({ length: Math.min(MAX_BELLS, Math.ceil(count / ATOMS_PER_BELL)) }, () => ({ executionId })),
  );
}
