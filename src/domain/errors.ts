/**
 * Every failure that leaves this service has a code from this catalogue. The code is stable; the title explains it to people;
 * the status is what HTTP clients see; `retryable` says whether the same call may succeed later without being changed.
 */
export const ERROR_CATALOGUE = {
  VALIDATION_FAILED: { status: 400, title: 'The request does not fit the schema', retryable: false },
  MALFORMED_JSON: { status: 400, title: 'The body is not JSON', retryable: false },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The content type is not supported', retryable: false },
  UNAUTHENTICATED: { status: 401, title: 'A valid bearer token is needed', retryable: false },
  TOKEN_EXPIRED: { status: 401, title: 'The bearer token has expired', retryable: false },
  FORBIDDEN: { status: 403, title: 'The token does not carry the needed role', retryable: false },
  NOT_FOUND: { status: 404, title: 'There is no such resource', retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The resource does not know this method', retryable: false },
  CONFLICT: { status: 409, title: 'The resource is in a state that does not allow this', retryable: false },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, title: 'The first request with this key still runs', retryable: true },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The idempotency key was used for another request', retryable: false },
  NOT_DECOMPOSED: { status: 409, title: 'The masterplan has no atoms yet', retryable: false },
  GRAPH_NOT_BUILT: { status: 409, title: 'The masterplan has no dependency graph yet', retryable: false },
  EXECUTION_RUNNING: { status: 409, title: 'An execution of this masterplan is under way', retryable: false },
  CANCELLED: { status: 409, title: 'The work was cancelled', retryable: false },
  PLAN_FAILED: { status: 409, title: 'Planning failed', retryable: false },
  REQUEST_NOT_SERVED: { status: 422, title: 'The provider cannot build what is asked', retryable: false },
  LIMIT_EXCEEDED: { status: 422, title: 'A limit of this service is exceeded', retryable: false },
  REGENERATION_EXHAUSTED: { status: 422, title: 'The atom was regenerated as often as allowed', retryable: false },
  CANDIDATE_INVALID: { status: 422, title: 'The code does not pass validation', retryable: false },
  BUDGET_EXCEEDED: { status: 402, title: 'The budget of the masterplan is used up', retryable: false },
  ATOM_BUDGET_EXCEEDED: { status: 402, title: 'The budget of the atom is used up', retryable: false },
  RATE_LIMITED: { status: 429, title: 'Too many requests', retryable: true },
  NOT_IMPLEMENTED: { status: 501, title: 'This service does not do this', retryable: false },
  MAINTENANCE: { status: 503, title: 'The service is in maintenance', retryable: true },
  FEATURE_DISABLED: { status: 503, title: 'The feature is switched off by its flag', retryable: false },
  DATABASE_UNAVAILABLE: { status: 503, title: 'The database does not answer', retryable: true },
  QUEUE_UNAVAILABLE: { status: 503, title: 'The queue does not answer', retryable: true },
  VECTORS_UNAVAILABLE: { status: 503, title: 'The vector store does not answer', retryable: true },
  PROVIDER_UNAVAILABLE: { status: 503, title: 'The model provider does not answer', retryable: true },
  PROVIDER_REJECTED: { status: 502, title: 'The model provider rejects the call', retryable: false },
  IDENTITY_UNAVAILABLE: {
    status: 503,
    title: 'The signing keys of the identity provider cannot be fetched',
    retryable: true,
  },
  OVERLOADED: { status: 503, title: 'The service is overloaded', retryable: true },
  SHUTTING_DOWN: { status: 503, title: 'The service is shutting down', retryable: true },
  INTERNAL: { status: 500, title: 'Something unexpected happened', retryable: false },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One problem of one field: `pointer` is a JSON Pointer (RFC 6901) into the request body, or `?name` for a query parameter. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

export interface MgeErrorOptions {
  /** Extra members of the problem document; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly fields?: readonly FieldProblem[];
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The one error class that crosses stages. `message` names the thing, the rule it broke and the next step. */
export class MgeError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: MgeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MgeError';
    this.code = code;
    this.details = options.details ?? {};
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  get retryable(): boolean {
    return ERROR_CATALOGUE[this.code].retryable;
  }
}
