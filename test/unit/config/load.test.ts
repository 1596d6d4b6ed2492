import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, type Environment } from '../../../src/config/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'mge-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfig(env, folder);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('works from an empty environment, with embedded services and the offline provider', () => {
    const config = loadConfig({}, folder);
    expect(config.services).toEqual({ databaseUrl: null, redisUrl: null, chromaUrl: null });
    expect(config.http.port).toBe(8000);
    expect(config.provider.name).toBe('blueprint');
    expect(config.budgetUsd).toBe(200);
    expect(config.concurrency).toBe(100);
    expect(config.dataDir).toBe(join(folder, '.mge'));
  });

  it('reports all problems at once, naming variable, value and rule', () => {
    const problems = problemsOf({
      PORT: '70000',
      DATABASE_URL: 'mysql://x',
      ENABLE_V2: 'maybe',
      MGE_PROVIDER: 'other',
    });
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(/PORT is "70000".*0 to 65535/);
    expect(problems.join('\n')).toMatch(/DATABASE_URL starts with "mysql:"/);
    expect(problems.join('\n')).toMatch(/ENABLE_V2 is "maybe"/);
    expect(problems.join('\n')).toMatch(/MGE_PROVIDER is "other".*blueprint, openai, anthropic/);
  });

  it('reads a secret from a file and refuses it twice', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, 'a-secret-from-a-file\n');
    expect(loadConfig({ JWT_SECRET_FILE: file }, folder).auth.jwtSecret).toBe('a-secret-from-a-file');
    expect(problemsOf({ JWT_SECRET_FILE: file, JWT_SECRET: 'a-secret-given-directly' })[0]).toMatch(/both set/);
    expect(problemsOf({ JWT_SECRET_FILE: join(folder, 'nowhere') })[0]).toMatch(/cannot be read/);
    expect(problemsOf({ JWT_SECRET: 'short' })[0]).toMatch(/shorter than 16/);
  });

  it('does not start in production without a way to check tokens', () => {
    expect(problemsOf({ NODE_ENV: 'production' })[0]).toMatch(/JWT_SECRET/);
    expect(problemsOf({ NODE_ENV: 'production', JWT_JWKS_URL: 'https://id.example.org/keys' })).toEqual([]);
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfig({}, folder);
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  });
});

describe('model providers', () => {
  it('need a key for the official API, and a model for a server of your own', () => {
    expect(problemsOf({ MGE_PROVIDER: 'openai' })).toEqual([
      'the provider "openai" needs OPENAI_API_KEY (or OPENAI_API_KEY_FILE)',
    ]);
    expect(problemsOf({ MGE_PROVIDER: 'anthropic' })).toEqual([
      'the provider "anthropic" needs ANTHROPIC_API_KEY (or ANTHROPIC_API_KEY_FILE)',
    ]);
    expect(problemsOf({ MGE_PROVIDER: 'openai', OPENAI_BASE_URL: 'http://localhost:11434/v1' })).toEqual([
      'OPENAI_BASE_URL names a server of your own, so MGE_MODEL must name a model that it serves',
    ]);
    expect(
      problemsOf({ MGE_PROVIDER: 'openai', OPENAI_BASE_URL: 'http://localhost:11434/v1', MGE_MODEL: 'm' }),
    ).toEqual([]);
    expect(problemsOf({ MGE_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: 'key' })).toEqual([]);
  });

  it('may have a fallback, which needs what it needs', () => {
    const first = { MGE_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: 'key' };
    expect(problemsOf({ ...first, MGE_PROVIDER_FALLBACK: 'openai' })).toHaveLength(1);
    expect(problemsOf({ ...first, MGE_PROVIDER_FALLBACK: 'anthropic' })).toHaveLength(1);
    expect(problemsOf({ MGE_PROVIDER_FALLBACK: 'openai', OPENAI_API_KEY: 'key' })).toHaveLength(1);
    expect(problemsOf({ ...first, MGE_PROVIDER_FALLBACK: 'openai', OPENAI_API_KEY: 'key' })).toEqual([]);
  });

  it('take prices and limits', () => {
    const config = loadConfig({ MGE_MODEL_PRICES: '{"m": [1, 2, 0.1]}', MGE_REQUESTS_PER_MINUTE: '60' }, folder);
    expect(config.provider.prices).toEqual({ m: [1, 2, 0.1] });
    expect(config.provider.requestsPerMinute).toBe(60);
    expect(config.provider.tokensPerMinute).toBeNull();
    for (const bad of ['[]', '{"m": 1}', '{"m": [1]}', '{"m": [1, -2]}', 'cheap'])
      expect(problemsOf({ MGE_MODEL_PRICES: bad }), bad).toHaveLength(1);
  });
});
