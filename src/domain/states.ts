/**
 * The states of each entity as data: for every state, which event leads where. Anything not listed is refused.
 * Values are written as the API shows them; the database stores some of them in upper case (see db/schema).
 */

type Table<S extends string, E extends string> = Readonly<Record<S, Readonly<Partial<Record<E, S>>>>>;

/**
 * The life of an atom. `blocked` = a dependency failed; it returns to `pending` when that dependency is retried. `kept` = tried again
 * in vain, the text accepted before stands. `withdrawn` = its execution was cancelled. An atom that becomes ready may be claimed in the
 * same statement.
 */
export const ATOM_STATES = ['pending', 'ready', 'running', 'completed', 'failed', 'blocked', 'skipped'] as const;
export type AtomStatus = (typeof ATOM_STATES)[number];
export type AtomEvent =
  | 'dependencies_accepted'
  | 'claimed'
  | 'accepted'
  | 'attempt_failed'
  | 'kept'
  | 'withdrawn'
  | 'exhausted'
  | 'lease_expired'
  | 'dependency_failed'
  | 'dependency_retried'
  | 'retried'
  | 'reopened'
  | 'skipped';

export const ATOM_TRANSITIONS: Table<AtomStatus, AtomEvent> = {
  pending: { dependencies_accepted: 'ready', dependency_failed: 'blocked', accepted: 'completed', skipped: 'skipped' },
  ready: { claimed: 'running', withdrawn: 'pending', accepted: 'completed', skipped: 'skipped' },
  running: {
    accepted: 'completed',
    kept: 'completed',
    attempt_failed: 'ready',
    lease_expired: 'ready',
    exhausted: 'failed',
    withdrawn: 'pending',
  },
  completed: { reopened: 'pending' },
  failed: { retried: 'pending', reopened: 'pending', accepted: 'completed', skipped: 'skipped' },
  blocked: { dependency_retried: 'pending', accepted: 'completed', skipped: 'skipped' },
  skipped: { retried: 'pending' },
};

/** The life of an execution (one run of a masterplan). */
export const EXECUTION_STATES = [
  'queued',
  'running',
  'paused',
  'waiting',
  'completed',
  'partial',
  'failed',
  'cancelled',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATES)[number];
export type ExecutionEvent =
  | 'picked_up'
  | 'paused'
  | 'resumed'
  | 'gate_reached'
  | 'continued'
  | 'all_accepted'
  | 'ended_with_failures'
  | 'nothing_accepted'
  | 'cancelled'
  | 'retried';

export const EXECUTION_TRANSITIONS: Table<ExecutionStatus, ExecutionEvent> = {
  queued: { picked_up: 'running', paused: 'paused', cancelled: 'cancelled' },
  running: {
    paused: 'paused',
    gate_reached: 'waiting',
    all_accepted: 'completed',
    ended_with_failures: 'partial',
    nothing_accepted: 'failed',
    cancelled: 'cancelled',
  },
  paused: { resumed: 'running', cancelled: 'cancelled' },
  waiting: { continued: 'running', cancelled: 'cancelled', paused: 'paused' },
  completed: { retried: 'running' },
  partial: { retried: 'running', continued: 'running' },
  failed: { retried: 'running', continued: 'running' },
  cancelled: {},
};

/** States in which an execution holds its masterplan: at most one such execution per masterplan. */
export const ACTIVE_EXECUTION_STATES = [
  'queued',
  'running',
  'paused',
  'waiting',
] as const satisfies readonly ExecutionStatus[];

/** A masterplan's planning; `ready` means that its tasks are stored. Execution has states of its own. */
export const PLANNING_STATES = ['planning', 'ready', 'failed'] as const;
export type PlanningStatus = (typeof PLANNING_STATES)[number];

/** The MVP's states of a masterplan, kept for its SQL users and shown by the API. */
export const MASTERPLAN_STATES = [
  'draft',
  'approved',
  'rejected',
  'in_progress',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const;
export type MasterplanStatus = (typeof MASTERPLAN_STATES)[number];

export const WAVE_STATES = ['pending', 'running', 'completed', 'failed', 'partial'] as const;
export type WaveStatus = (typeof WAVE_STATES)[number];

/** The life of a review item. `in_review` holds a lease; a skipped item waits behind those of its priority that nobody has seen. */
export const REVIEW_STATES = ['pending', 'in_review', 'approved', 'rejected', 'edited', 'regenerated'] as const;
export type ReviewStatus = (typeof REVIEW_STATES)[number];
export type ReviewEvent = 'claimed' | 'released' | 'approve' | 'reject' | 'edit' | 'regenerate' | 'skip' | 'requeued';

export const REVIEW_TRANSITIONS: Table<ReviewStatus, ReviewEvent> = {
  pending: {
    claimed: 'in_review',
    approve: 'approved',
    reject: 'rejected',
    edit: 'edited',
    regenerate: 'regenerated',
    skip: 'pending',
  },
  in_review: {
    released: 'pending',
    skip: 'pending',
    approve: 'approved',
    reject: 'rejected',
    edit: 'edited',
    regenerate: 'regenerated',
  },
  // What a person approved or wrote is only replaced by a person who saw it: such a decision names the version.
  approved: { requeued: 'pending', regenerate: 'regenerated' },
  rejected: { requeued: 'pending' },
  edited: { requeued: 'pending', regenerate: 'regenerated' },
  regenerated: { requeued: 'pending' },
};

/** The state that `event` leads to from `state`, or undefined when the table does not allow it. */
export function nextState<S extends string, E extends string>(table: Table<S, E>, state: S, event: E): S | undefined {
  return table[state][event];
}

/** All states from which `event` is allowed: the `where status in (…)` of a conditional UPDATE. */
export function statesAllowing<S extends string, E extends string>(table: Table<S, E>, event: E): S[] {
  return (Object.keys(table) as S[]).filter((state) => table[state][event] !== undefined);
}
