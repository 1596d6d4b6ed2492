import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a cached health check to a decompose that waits for its plan. */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120];
/** Seconds; from a draft that passes at once to an attempt with a slow model. */
const ATOM_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Seconds; waves and whole runs. */
const RUN_BUCKETS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400];

/** What a flow operation of the API or a worker ended as: `refused` = the caller's fault, `failed` = ours. */
export type FlowStatus = 'completed' | 'refused' | 'failed';

function createHttpMetrics(registers: Registry[]) {
  return {
    httpRequests: new Counter({
      name: 'http_requests_total',
      help: 'HTTP requests by method, route pattern and status',
      labelNames: ['method', 'route', 'status'] as const,
      registers,
    }),
    httpDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer an HTTP request',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: HTTP_BUCKETS,
      registers,
    }),
    flowOperations: new Counter({
      name: 'flow_operations_total',
      help: 'Operations that clients asked for, by operation and how they ended (completed, refused, failed)',
      labelNames: ['operation', 'status'] as const,
      registers,
    }),
    buildInfo: new Gauge({
      name: 'mge_build_info',
      help: 'Always 1; the labels say what runs',
      labelNames: ['version', 'node'] as const,
      registers,
    }),
  };
}

function createEngineMetrics(registers: Registry[]) {
  return {
    atoms: new Counter({
      name: 'mge_atoms_total',
      help: 'Atoms by how they ended',
      labelNames: ['outcome'] as const,
      registers,
    }),
    atomAttempts: new Counter({
      name: 'mge_atom_attempts_total',
      help: 'Attempts at atoms by result and kind of failure',
      labelNames: ['result', 'reason'] as const,
      registers,
    }),
    atomDuration: new Histogram({
      name: 'mge_atom_duration_seconds',
      help: 'Time that one attempt spends in each phase',
      labelNames: ['phase'] as const,
      buckets: ATOM_BUCKETS,
      registers,
    }),
    waveDuration: new Histogram({
      name: 'mge_wave_duration_seconds',
      help: 'Time from the first to the last atom of a wave',
      buckets: RUN_BUCKETS,
      registers,
    }),
    runDuration: new Histogram({
      name: 'mge_run_duration_seconds',
      help: 'Active time of a run, without pauses',
      labelNames: ['outcome'] as const,
      buckets: RUN_BUCKETS,
      registers,
    }),
    validations: new Counter({
      name: 'mge_validation_total',
      help: 'Checks by level and result',
      labelNames: ['level', 'result'] as const,
      registers,
    }),
    validationCache: new Counter({
      name: 'mge_validation_cache_total',
      help: 'Runs of tests and verdicts of rules by whether one of the same content was kept: hit, miss, or away (Redis does not answer)',
      labelNames: ['result'] as const,
      registers,
    }),
    reconcilerRequeued: new Counter({
      name: 'mge_reconciler_requeued_total',
      help: 'Work that the reconciler found and put back, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    reviewDecisions: new Counter({
      name: 'mge_review_decisions_total',
      help: 'Decisions of reviewers',
      labelNames: ['decision'] as const,
      registers,
    }),
  };
}

/** Locks, replays and the outbox, by the names that operators of `m10_recovery` know. */
function createRecoveryMetrics(registers: Registry[]) {
  return {
    locksAcquired: new Counter({
      name: 'm10_locks_acquired_total',
      help: 'Distributed locks that this process took; renewing one it holds is not counted',
      registers,
    }),
    locksFailed: new Counter({
      name: 'm10_locks_failed_total',
      help: 'Locks that were refused or lost before their time; a stand-by that keeps asking is counted once',
      registers,
    }),
    replayDuplicates: new Counter({
      name: 'm10_replay_duplicates_total',
      help: 'Replays of dead letters that had been replayed before, and were refused',
      registers,
    }),
    outboxPending: new Gauge({
      name: 'm10_outbox_pending_gauge',
      help: 'Events of the outbox that are not delivered yet',
      registers,
    }),
    outboxRetries: new Counter({
      name: 'm10_outbox_retry_total',
      help: 'Events of the outbox whose delivery failed and will be tried again',
      registers,
    }),
  };
}

function createEventMetrics(registers: Registry[]) {
  return {
    eventStreams: new Gauge({
      name: 'mge_event_streams',
      help: 'Open streams of live events in this process',
      registers,
    }),
    eventStreamsEnded: new Counter({
      name: 'mge_event_streams_ended_total',
      help: 'Streams of live events that ended, by why',
      labelNames: ['reason'] as const,
      registers,
    }),
  };
}

function createModelMetrics(registers: Registry[]) {
  return {
    modelRequests: new Counter({
      name: 'mge_llm_requests_total',
      help: 'Calls to model providers',
      labelNames: ['provider', 'model', 'outcome'] as const,
      registers,
    }),
    modelTokens: new Counter({
      name: 'mge_llm_tokens_total',
      help: 'Tokens sent to and received from models',
      labelNames: ['provider', 'model', 'direction'] as const,
      registers,
    }),
    modelCost: new Counter({
      name: 'mge_llm_cost_usd_total',
      help: 'Settled cost of model calls in US dollars',
      labelNames: ['provider', 'model'] as const,
      registers,
    }),
    concurrencyChanges: new Counter({
      name: 'mge_llm_concurrency_changes_total',
      help: 'Changes of the number of model calls that may be out at once, by why (increase, rate_limited, errors, latency)',
      labelNames: ['provider', 'reason'] as const,
      registers,
    }),
    answerCache: new Counter({
      name: 'mge_llm_answer_cache_total',
      help: 'Repeatable model calls (temperature 0) by whether an accepted answer was kept',
      labelNames: ['result'] as const,
      registers,
    }),
    patternLookups: new Counter({
      name: 'mge_pattern_lookups_total',
      help: 'Searches for patterns by meaning: found, none, or unavailable',
      labelNames: ['result'] as const,
      registers,
    }),
  };
}

/** Read from Postgres when Prometheus asks: every replica shows the same. */
function createDatabaseGauges(registers: Registry[]) {
  return {
    runsActive: new Gauge({
      name: 'mge_runs_active',
      help: 'Executions that hold their masterplan, by status',
      labelNames: ['status'] as const,
      registers,
    }),
    atomsInState: new Gauge({
      name: 'mge_atoms_in_state',
      help: 'Atoms of active executions, by status',
      labelNames: ['status'] as const,
      registers,
    }),
    reviewQueueDepth: new Gauge({
      name: 'mge_review_queue_depth',
      help: 'Review items that wait for a decision, by state',
      labelNames: ['state'] as const,
      registers,
    }),
    reviewOldestAge: new Gauge({
      name: 'mge_review_oldest_age_seconds',
      help: 'Age of the oldest undecided review item',
      registers,
    }),
    precision: new Gauge({
      name: 'mge_precision_ratio',
      help: 'Mean precision of the executions that ended within the window, 0 to 1; absent when there are none',
      labelNames: ['window'] as const,
      registers,
    }),
    budgetRemaining: new Gauge({
      name: 'mge_budget_remaining_ratio',
      help: 'Share of the budget left of the active execution that has least left, 0 to 1; absent when there are none',
      labelNames: ['scope'] as const,
      registers,
    }),
    concurrencyLimit: new Gauge({
      name: 'mge_llm_concurrency_limit',
      help: 'Model calls that may be out at once over all workers, by provider; absent where none was made within the hour',
      labelNames: ['provider'] as const,
      registers,
    }),
    concurrencyInFlight: new Gauge({
      name: 'mge_llm_concurrency_in_flight',
      help: 'Model calls that are out, over all workers',
      labelNames: ['provider'] as const,
      registers,
    }),
    concurrencyWaiting: new Gauge({
      name: 'mge_llm_concurrency_waiting',
      help: 'Model calls that wait to go out, over all workers',
      labelNames: ['provider'] as const,
      registers,
    }),
    databaseGaugesUp: new Gauge({
      name: 'mge_database_gauges_up',
      help: '1 when the gauges that are read from Postgres are fresh, 0 when Postgres did not answer',
      registers,
    }),
  };
}

/**
 * All metrics of one process, in a registry of their own. Labels come from closed sets, never from ids or free text.
 * @param options.processMetrics false leaves out CPU, memory and event loop (for tests that make many); default true.
 */
export function createMetrics(options: { readonly version: string; readonly processMetrics?: boolean }) {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  const metrics = {
    registry,
    ...createHttpMetrics(registers),
    ...createEngineMetrics(registers),
    ...createRecoveryMetrics(registers),
    ...createEventMetrics(registers),
    ...createModelMetrics(registers),
    ...createDatabaseGauges(registers),
  };
  metrics.buildInfo.set({ version: options.version, node: process.version }, 1);
  return metrics;
}

export type Metrics = ReturnType<typeof createMetrics>;
