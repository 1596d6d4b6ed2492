import { ERROR_CATALOGUE, type ErrorCode, type FieldProblem, type MgeError } from '../domain/index.ts';

/** An RFC 9457 problem document; members beyond the standard ones are extensions. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly request_id: string;
  readonly retryable: boolean;
  readonly errors?: readonly FieldProblem[];
  readonly retry_after_ms?: number;
  readonly [extension: string]: unknown;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** Milliseconds that a client is told to wait when a retryable failure does not know better. */
const DEFAULT_RETRY_AFTER_MS = 2_000;

/** `MALFORMED_JSON` -> `malformed-json`: the last segment of the problem's type and the anchor of its documentation. */
export function slugOf(code: ErrorCode): string {
  return code.toLowerCase().replaceAll('_', '-');
}

/** Writes an error as a problem document. Standard members cannot be overwritten by the error's details. */
export function problemOf(error: MgeError, requestId: string): Problem {
  const { status, title, retryable } = ERROR_CATALOGUE[error.code];
  const retryAfterMs = error.retryAfterMs ?? (retryable ? DEFAULT_RETRY_AFTER_MS : undefined);
  return {
    ...error.details,
    type: `/errors/${slugOf(error.code)}`,
    title,
    status,
    detail: error.message,
    instance: `urn:request:${requestId}`,
    code: error.code,
    request_id: requestId,
    retryable,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  };
}

/** Value of the Retry-After header (whole seconds, at least 1), where the problem says when to come back. */
export function retryAfterSeconds(problem: Problem): number | undefined {
  return problem.retry_after_ms === undefined ? undefined : Math.max(1, Math.ceil(problem.retry_after_ms / 1000));
}
