import type { Logger } from '../telemetry/logger.ts';
import type { ModelClient } from './model-client.ts';
import { ModelCallError } from './model-error.ts';

/** Milliseconds that a provider which failed is left alone. */
const REST_MS = 60_000;

/**
 * The first provider, and the second one while the first does not answer or takes no call with its key. An answer names who gave it.
 * Requests that a provider rejects for what they are do not go to another.
 */
export function withFailover(
  first: ModelClient,
  second: ModelClient,
  options: { readonly log: Logger; readonly restMs?: number },
): ModelClient {
  let restsUntil = 0;
  return {
    provider: first.provider,
    modelOf: (tier) => first.modelOf(tier),
    reserveUsd: (request) => Math.max(first.reserveUsd(request), second.reserveUsd(request)),
    complete: async (request, signal, onText) => {
      if (Date.now() < restsUntil) return second.complete(request, signal, onText);
      try {
        return await first.complete(request, signal, onText);
      } catch (error) {
        // What may have been charged is accounted for by the caller before anything else is paid.
        const passOn = error instanceof ModelCallError && error.failure !== 'request' && error.spentUsd === 0;
        if (!passOn) throw error;
        restsUntil = Date.now() + (options.restMs ?? REST_MS);
        options.log.warn({ err: error, from: first.provider, to: second.provider }, 'model provider failed over');
        return second.complete(request, signal, onText);
      }
    },
  };
}
