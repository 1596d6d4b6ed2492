import { ModelCallError } from '../adapters/llm/model-error.ts';
import { MgeError } from '../domain/index.ts';
import { MAX_POSTPONEMENTS, providerDelayMs } from './retry-policy.ts';

/**
 * What a call without an answer means for its atom. Only `terminal` ends it, and only that uses an attempt.
 * `budget`: no call can be paid, or no key is taken, until a person acts: the run pauses with its state kept.
 * `retryable`: the provider is away or asks to wait: the atom waits.
 * `terminal`: the provider does not take the request, or was away as often in a row as is waited for.
 */
export type FailureClass =
  | { readonly kind: 'budget' }
  | { readonly kind: 'retryable'; readonly delayMs: number }
  | { readonly kind: 'terminal' };

/** Milliseconds after which a stream that broke for the first time is asked for again. */
const BROKEN_STREAM_DELAY_MS = 100;

/** @param postponements claims in a row that the provider could not serve. */
export function classifyFailure(error: unknown, postponements: number): FailureClass {
  if (error instanceof MgeError && error.code === 'BUDGET_EXCEEDED') return { kind: 'budget' };
  if (error instanceof ModelCallError && error.failure === 'key') return { kind: 'budget' };
  const passes = !(error instanceof MgeError) || error.retryable;
  if (!passes || postponements >= MAX_POSTPONEMENTS) return { kind: 'terminal' };
  // A stream that broke says nothing about the next one; what it cost is booked, so it is asked for again soon.
  if (error instanceof ModelCallError && error.failure === 'broken' && postponements === 0)
    return { kind: 'retryable', delayMs: BROKEN_STREAM_DELAY_MS };
  const asked = error instanceof MgeError ? error.retryAfterMs : undefined;
  return { kind: 'retryable', delayMs: providerDelayMs(postponements + 1, asked) };
}

/** US dollars that a call without an answer may have cost. */
export function spentOn(error: unknown): number {
  return error instanceof ModelCallError ? error.spentUsd : 0;
}
