import type { ModelUsage } from './model-client.ts';

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** Input read from the API's prompt cache; default: as `input`. */
  readonly cachedInput?: number;
  /** Input written to the cache, where that costs extra; default: as `input`. */
  readonly cacheWrite?: number;
}

export type PriceList = Readonly<Record<string, ModelPrice>>;

/**
 * Published list prices by the beginning of a model's name; the longest that fits counts. Where a list price starts lower and depends
 * on the kind of use, the higher one stands here. Deployments put theirs over it with MGE_MODEL_PRICES.
 */
export const LIST_PRICES: PriceList = {
  'claude-fable': { input: 10, output: 50, cachedInput: 1, cacheWrite: 12.5 },
  'claude-opus-5-5': { input: 4, output: 20, cachedInput: 0.4, cacheWrite: 5 },
  'claude-opus-5': { input: 5, output: 25, cachedInput: 0.5, cacheWrite: 6.25 },
  'claude-opus-4': { input: 5, output: 25, cachedInput: 0.5, cacheWrite: 6.25 },
  'claude-opus-4-1': { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75 },
  'claude-sonnet-5': { input: 2, output: 10, cachedInput: 0.2, cacheWrite: 2.5 },
  'claude-sonnet-4': { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 },
  'claude-haiku': { input: 1, output: 5, cachedInput: 0.1, cacheWrite: 1.25 },
  'gpt-5.5': { input: 5, output: 30, cachedInput: 0.5 },
  'gpt-5.4': { input: 2.5, output: 15, cachedInput: 0.25 },
  'gpt-5.4-mini': { input: 0.75, output: 4.5, cachedInput: 0.075 },
  'gpt-5.4-nano': { input: 0.2, output: 1.25, cachedInput: 0.02 },
  'gpt-5.4-pro': { input: 30, output: 180 },
  'gpt-5.5-pro': { input: 30, output: 180 },
  'gpt-4.1': { input: 2, output: 8, cachedInput: 0.5 },
  'gpt-4.1-mini': { input: 0.4, output: 1.6, cachedInput: 0.1 },
  'gpt-4o': { input: 2.5, output: 10, cachedInput: 1.25 },
  'gpt-4o-mini': { input: 0.15, output: 0.6, cachedInput: 0.075 },
};

/** What a model of unknown price counts as: the dearest of the list, so that a budget holds rather than not. */
export const UNKNOWN_PRICE: ModelPrice = { input: 15, output: 75 };

/** A server on this machine. */
export const FREE: ModelPrice = { input: 0, output: 0 };

/** The price of a model: the deployment's own word first, then the list, then `fallback`. */
export function priceOf(model: string, own: PriceList, fallback: ModelPrice): ModelPrice {
  return longestPrefix(model, own) ?? longestPrefix(model, LIST_PRICES) ?? fallback;
}

function longestPrefix(model: string, prices: PriceList): ModelPrice | null {
  const name = model.includes('/') ? model.slice(model.lastIndexOf('/') + 1) : model;
  const fits = Object.keys(prices).filter((prefix) => model.startsWith(prefix) || name.startsWith(prefix));
  const best = fits.sort((a, b) => b.length - a.length)[0];
  return best === undefined ? null : (prices[best] ?? null);
}

/** US dollars of a call. */
export function costOf(price: ModelPrice, usage: ModelUsage): number {
  const plain = Math.max(0, usage.tokensIn - usage.cachedIn - usage.cacheWrites);
  const input =
    plain * price.input +
    usage.cachedIn * (price.cachedInput ?? price.input) +
    usage.cacheWrites * (price.cacheWrite ?? price.input);
  return (input + usage.tokensOut * price.output) / 1_000_000;
}

/** US dollars that so many tokens cost at most. */
export function boundUsd(price: ModelPrice, tokensIn: number, tokensOut: number): number {
  return (tokensIn * Math.max(price.input, price.cacheWrite ?? 0) + tokensOut * price.output) / 1_000_000;
}
