import { MgeError } from '../../domain/index.ts';
import { redactSecrets } from './redact.ts';

/**
 * Why there is no answer:
 * `rate_limited`, `unavailable` (overload, 5xx, no connection): the API did not take the call, it costs nothing;
 * `timeout`, `broken` (the stream broke): it may have been charged;
 * `key` (401, 403, no credit): no call can succeed until a person acts;
 * `request`: the API does not take this request.
 */
export type ModelFailure = 'rate_limited' | 'unavailable' | 'timeout' | 'broken' | 'key' | 'request';

const LASTING: ReadonlySet<ModelFailure> = new Set(['key', 'request']);

/** A call of a model that gave no answer. */
export class ModelCallError extends MgeError {
  readonly failure: ModelFailure;
  readonly httpStatus: number | null;
  /** US dollars that the try may have cost, by estimate: counted against the budget. */
  readonly spentUsd: number;

  constructor(
    failure: ModelFailure,
    message: string,
    options: { httpStatus?: number; retryAfterMs?: number; spentUsd?: number; cause?: unknown } = {},
  ) {
    super(LASTING.has(failure) ? 'PROVIDER_REJECTED' : 'PROVIDER_UNAVAILABLE', redactSecrets(message), {
      ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
    });
    this.name = 'ModelCallError';
    this.failure = failure;
    this.httpStatus = options.httpStatus ?? null;
    this.spentUsd = options.spentUsd ?? 0;
  }
}

/** What an HTTP status of a model API means; null for one that is no failure of the call. */
export function failureOfStatus(status: number, code: string | null): ModelFailure {
  if (code === 'insufficient_quota' || code === 'billing_error') return 'key';
  if (status === 401 || status === 402 || status === 403) return 'key';
  if (status === 429) return 'rate_limited';
  if (status === 408 || status === 409 || status >= 500) return 'unavailable';
  return 'request';
}

interface HeaderBag {
  get(name: string): string | null;
}

/** Milliseconds that the API asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date); undefined where it does not say. */
export function retryAfterOf(headers: HeaderBag | undefined, nowMs = Date.now()): number | undefined {
  const ms = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers?.get('retry-after') ?? '';
  if (text === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
