/** The feature \`rate_limit\` of the Fastify back end. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';

export function rateLimitFile(): string {
  return fileText(`
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { RequestError } from './errors.ts';

/** Lets each client address make so many requests a minute; answers 429 with \`Retry-After\` to more. */
export async function limitRequests(api: FastifyInstance, perMinute: number): Promise<void> {
  await api.register(rateLimit, {
    max: perMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: () => new RequestError(429, 'Too many requests. Please try again later.'),
  });
}
`);
}

export function rateLimitTestFile(project: ProjectModel): string {
  const path = project.entities[0]?.names.kebabPlural ?? '';
  return fileText(`
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { DEFAULT_SETTINGS, readSettings } from '../src/settings.ts';
import { startService, type TestService } from './support/test-service.ts';

const URL = '/api/${path}';

describe('the limit of requests', () => {
  let service: TestService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.close());

  async function limitedApp(): Promise<Pick<FastifyInstance, 'inject'>> {
    const settings = { ...DEFAULT_SETTINGS, rateLimitPerMinute: 2, trustProxy: true };
    return buildApp(settings, service.database);
  }

  it('holds back who asks too often', async () => {
    const app = await limitedApp();
    await app.inject(URL);
    await app.inject(URL);

    const response = await app.inject(URL);

    expect(response.statusCode).toBe(429);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.json()).toEqual({ detail: 'Too many requests. Please try again later.', errors: [] });
  });

  it('counts each client by itself', async () => {
    const app = await limitedApp();
    const from = (address: string) => ({ url: URL, headers: { 'x-forwarded-for': address } });
    await app.inject(from('10.0.0.1'));
    await app.inject(from('10.0.0.1'));

    expect((await app.inject(from('10.0.0.1'))).statusCode).toBe(429);
    expect((await app.inject(from('10.0.0.2'))).statusCode).not.toBe(429);
  });

  it('leaves the check of health free', async () => {
    const app = await limitedApp();

    for (let count = 0; count < 3; count += 1) {
      expect((await app.inject('/health')).statusCode).toBe(200);
    }
  });

  it('is taken from the environment', () => {
    const settings = readSettings({ RATE_LIMIT_PER_MINUTE: '5', TRUST_PROXY: 'true' });

    expect(settings).toMatchObject({ rateLimitPerMinute: 5, trustProxy: true });
    expect(() => readSettings({ RATE_LIMIT_PER_MINUTE: 'many' })).toThrow(RangeError);
  });
});
`);
}
