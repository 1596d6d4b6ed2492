import { describe, expect, it } from 'vitest';
import { failureOfStatus, ModelCallError, retryAfterOf } from '../../../src/adapters/llm/model-error.ts';
import { boundUsd, costOf, FREE, priceOf, UNKNOWN_PRICE } from '../../../src/adapters/llm/prices.ts';
import { fitToBudget, headOf, signaturesOf, tailOf } from '../../../src/adapters/llm/prompt-budget.ts';
import { limitsOf } from '../../../src/adapters/llm/rate-limiter.ts';
import { guardSecret, redactSecrets } from '../../../src/adapters/llm/redact.ts';
import { boundTokens, estimateTokens } from '../../../src/adapters/llm/tokens.ts';

describe('prices', () => {
  it('go by the longest name that fits, the own list first', () => {
    expect(priceOf('gpt-5.4-mini-2026-03-17', {}, FREE).input).toBe(0.75);
    expect(priceOf('openai/gpt-5.4', {}, FREE).input).toBe(2.5);
    expect(priceOf('claude-opus-5-5', {}, FREE).output).toBe(20);
    expect(priceOf('gpt-5.4', { 'gpt-5': { input: 1, output: 1 } }, FREE).input).toBe(1);
    expect(priceOf('unheard-of', {}, UNKNOWN_PRICE)).toBe(UNKNOWN_PRICE);
  });

  it('count cached and written input by their own rates', () => {
    const price = { input: 10, output: 20, cachedInput: 1, cacheWrite: 12 };
    const usage = { tokensIn: 1_000_000, tokensOut: 100_000, cachedIn: 500_000, cacheWrites: 100_000 };
    expect(costOf(price, usage)).toBeCloseTo(4 + 0.5 + 1.2 + 2);
    expect(boundUsd(price, usage.tokensIn, usage.tokensOut)).toBeGreaterThan(costOf(price, usage));
  });
});

describe('tokens', () => {
  it('are bounded from above, for any script', () => {
    for (const text of ['const x = 1;\n'.repeat(50), 'größer ist größer', '合計を計算する', '🎉🎉🎉', '{}[]()<>;:!?'])
      expect(boundTokens(text)).toBeGreaterThanOrEqual(Buffer.byteLength(text) / 2);
    expect(boundTokens('x'.repeat(1_000))).toBeGreaterThan(estimateTokens('x'.repeat(1_000)));
  });
});

describe('a failure of a model API', () => {
  it.each([
    [408, null, 'unavailable'],
    [409, null, 'unavailable'],
    [429, null, 'rate_limited'],
    [429, 'insufficient_quota', 'key'],
    [500, null, 'unavailable'],
    [529, 'overloaded_error', 'unavailable'],
    [401, null, 'key'],
    [403, null, 'key'],
    [400, null, 'request'],
    [404, null, 'request'],
  ] as const)('with status %i (%s) is %s', (status, code, failure) => {
    expect(failureOfStatus(status, code)).toBe(failure);
  });

  it('says whether another try can help, and repeats no secret', () => {
    expect(new ModelCallError('unavailable', 'x').retryable).toBe(true);
    const error = new ModelCallError('key', 'Incorrect API key provided: sk-proj-abcdefghijklmnopqrstuv');
    expect(error.retryable).toBe(false);
    expect(error.message).not.toContain('abcdefghijklmnop');
  });

  it('asks to wait in seconds, milliseconds or until a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterOf(new Headers({ 'retry-after': '2' }), now)).toBe(2_000);
    expect(retryAfterOf(new Headers({ 'retry-after': '9', 'retry-after-ms': '120' }), now)).toBe(120);
    expect(retryAfterOf(new Headers({ 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' }), now)).toBe(7_000);
    expect(retryAfterOf(new Headers({ 'retry-after': 'soon' }), now)).toBeUndefined();
    expect(retryAfterOf(undefined, now)).toBeUndefined();
  });

  it('states the limits of the key in the words of either API', () => {
    expect(limitsOf(new Headers({ 'x-ratelimit-limit-requests': '500', 'x-ratelimit-limit-tokens': '30000' }))).toEqual(
      {
        requestsPerMinute: 500,
        tokensPerMinute: 30_000,
      },
    );
    expect(limitsOf(new Headers({ 'anthropic-ratelimit-requests-limit': '50' }))).toEqual({
      requestsPerMinute: 50,
      tokensPerMinute: null,
    });
    expect(limitsOf(new Headers())).toEqual({ requestsPerMinute: null, tokensPerMinute: null });
  });
});

describe('secrets', () => {
  it.each([
    'sk-proj-AbCdEfGhIjKlMnOpQrSt',
    'sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWx',
    'AKIAIOSFODNN7EXAMPLE',
    'ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789',
    'glpat-AbCdEfGhIjKlMnOpQr',
    'xoxb-1234567890-abcdefghij',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\ncut off',
    'Authorization: Bearer abcdef1234567890',
    'postgresql://app:verysecretpassword@db:5432/app',
  ])('like %s do not get through', (secret) => {
    const clean = redactSecrets(`before ${secret} after`);
    expect(clean).toContain('[redacted]');
    expect(clean).not.toContain(secret);
  });

  it('of the configuration do not, whatever they look like', () => {
    guardSecret('plain-words-1');
    expect(redactSecrets('the key is plain-words-1!')).toBe('the key is [redacted]!');
  });

  it('and code without any stays as it is', () => {
    const code = 'const task = { id: 1, url: "http://host:8000/a@b", sk: "sk-1" };\n';
    expect(redactSecrets(code)).toBe(code);
  });
});

describe('the token budget of a prompt', () => {
  const part = (label: string, ...forms: string[]) => ({ label, forms });

  it('takes the best form that fits, in the order of importance', () => {
    const long = 'x'.repeat(3_300);
    const { chosen, leftOut } = fitToBudget(
      [part('a', 'first'), part('b', long, 'short'), part('c', long), part('d', 'last')],
      200,
    );
    expect(chosen).toEqual([
      { label: 'a', text: 'first' },
      { label: 'b', text: 'short' },
      { label: 'd', text: 'last' },
    ]);
    expect(leftOut).toEqual(['c']);
  });

  it('cuts neighbours to the lines next to the target', () => {
    const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`);
    const text = lines.join('\n');
    expect(tailOf(text, 20)).toMatch(/^line 9\d\n[\s\S]*line 99$/);
    expect(headOf(text, 20)).toMatch(/^line 0\n/);
    expect(estimateTokens(tailOf(text, 20))).toBeLessThanOrEqual(20);
  });

  it('knows the signatures of code', () => {
    const code = 'import os\n\nclass Box:\n    def open(self) -> None:\n        return self.lid()\n\nMAX = 3\n';
    expect(signaturesOf(code)).toBe('import os\nclass Box:\n    def open(self) -> None:\nMAX = 3');
  });
});
