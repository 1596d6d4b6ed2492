import { MODEL_PROVIDER_NAMES, type Config, type ModelProviderName } from './config.ts';
import type { Reader } from './reader.ts';

type Provider = Config['provider'];
type ModelSettings = Pick<
  Provider,
  'fallback' | 'tiers' | 'prices' | 'requestsPerMinute' | 'tokensPerMinute' | 'answerCacheHours' | 'patterns'
>;

/** Where each API lives when nothing else is said. */
export const OFFICIAL_URLS: Readonly<Record<ModelProviderName, string>> = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
};

const PER_MINUTE = { min: 1, max: 1_000_000_000, integer: true } as const;

/** What says which models are used, what they cost and how often they may be called. */
export function readModelSettings(r: Reader): ModelSettings {
  const perMinute = (name: string) => (r.text(name) === null ? null : r.number(name, 1, PER_MINUTE));
  return {
    fallback:
      r.text('MGE_PROVIDER_FALLBACK') === null
        ? null
        : r.oneOf('MGE_PROVIDER_FALLBACK', MODEL_PROVIDER_NAMES, 'openai'),
    tiers: {
      plan: r.text('MGE_MODEL_PLAN'),
      draft: r.text('MGE_MODEL_DRAFT'),
      repair: r.text('MGE_MODEL_REPAIR'),
      escalate: r.text('MGE_MODEL_ESCALATE'),
    },
    prices: readPrices(r),
    requestsPerMinute: perMinute('MGE_REQUESTS_PER_MINUTE'),
    tokensPerMinute: perMinute('MGE_TOKENS_PER_MINUTE'),
    answerCacheHours: r.number('MGE_ANSWER_CACHE_HOURS', 168, { min: 0, max: 8_760, integer: true }),
    patterns: r.flag('MGE_PATTERNS', true),
  };
}

/** `{"model": [input, output], "other": [input, output, cached input]}` */
function readPrices(r: Reader): Record<string, readonly number[]> {
  const raw = r.text('MGE_MODEL_PRICES');
  if (raw === null) return {};
  const usage =
    'MGE_MODEL_PRICES takes a JSON object like {"my-model": [0.5, 1.5]}: US dollars per million input and output tokens';
  try {
    const value = JSON.parse(raw) as unknown;
    const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : null;
    if (entries?.every(([, price]) => isPrice(price)) === true) return Object.fromEntries(entries);
  } catch {
    // Reported like every other form that is not a price list.
  }
  r.problems.push(usage);
  return {};
}

function isPrice(value: unknown): boolean {
  const numbers = Array.isArray(value) && value.every((n) => typeof n === 'number' && Number.isFinite(n) && n >= 0);
  return numbers && (value.length === 2 || value.length === 3);
}

/** What keeps the providers that are asked for from working. */
export function modelProblems(provider: Provider): string[] {
  const asked = [provider.name, provider.fallback].filter((name) => name === 'openai' || name === 'anthropic');
  const problems = [...new Set(asked)].flatMap((name) => providerProblems(name, provider));
  if (provider.fallback !== null && provider.name === 'blueprint')
    problems.push('MGE_PROVIDER_FALLBACK is set, but MGE_PROVIDER is "blueprint", which needs none');
  if (provider.fallback !== null && provider.fallback === provider.name)
    problems.push(`MGE_PROVIDER_FALLBACK is "${provider.fallback}", like MGE_PROVIDER; name the other one`);
  return problems;
}

function providerProblems(name: ModelProviderName, provider: Provider): string[] {
  const prefix = name.toUpperCase();
  const { baseUrl, apiKey } = provider[name];
  const official = isOfficial(name, baseUrl);
  const problems: string[] = [];
  // Local servers that speak the OpenAI protocol mostly take no key.
  if (apiKey === null && (official || name === 'anthropic'))
    problems.push(`the provider "${name}" needs ${prefix}_API_KEY (or ${prefix}_API_KEY_FILE)`);
  const named = provider.model !== null || Object.values(provider.tiers).every((model) => model !== null);
  if (!official && !named && name === provider.name)
    problems.push(`${prefix}_BASE_URL names a server of your own, so MGE_MODEL must name a model that it serves`);
  return problems;
}

export function isOfficial(name: ModelProviderName, baseUrl: string): boolean {
  return baseUrl.replace(/\/+$/, '') === OFFICIAL_URLS[name];
}
