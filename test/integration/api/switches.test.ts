import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import pino from 'pino';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, startApi, type ApiUnderTest } from './api-under-test.ts';
import { stagesOver } from './stages-under-test.ts';

/** Each test has an API of its own kind. */
let api: ApiUnderTest | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

describe('a flag that is off', () => {
  it('closes its calls, names itself, and leaves health and the switch of maintenance', async () => {
    api = await startApi((deps) => ({
      stages: { ...stagesOver(deps), editReview: () => Promise.reject(new Error('unused')) },
      config: { ...deps.config, flags: { v2: true, atomization: false, dependencyGraph: true } },
    }));
    for (const path of ['/api/v2/atoms?masterplan_id=x', '/api/v2/atoms/7', '/api/v2/atomization/decompose']) {
      const answer = await api.call('GET', path);
      expectProblem(answer, 503, 'FEATURE_DISABLED');
      expect(answer.body['flag']).toBe('V2_ATOMIZATION_ENABLED');
    }
    for (const path of [
      '/api/v2/%61toms?masterplan_id=x',
      '/api/v%32/atomization/decompose',
      '/%61pi/v2/atoms/no/such',
    ])
      expectProblem(await api.call('GET', path), 503, 'FEATURE_DISABLED');
    expect((await api.call('GET', '/api/v2/atoms/health')).status).toBe(200);
    expect((await api.call('GET', '/api/v2/masterplans')).status).toBe(200);
  });

  it('can be the one for everything', async () => {
    api = await startApi((deps) => ({
      config: { ...deps.config, flags: { v2: false, atomization: true, dependencyGraph: true } },
    }));
    const answer = await api.call('GET', '/api/v2/masterplans');
    expectProblem(answer, 503, 'FEATURE_DISABLED');
    expect(answer.body['flag']).toBe('ENABLE_V2');
    expectProblem(await api.call('POST', '/api/v%32/masterplans', { body: {} }), 503, 'FEATURE_DISABLED');
    for (const path of ['/api/v2/health', '/api/v2/openapi.json', '/api/v1/health'])
      expect((await api.call('GET', path)).status).toBe(200);
  });
});

describe('a call that is switched off', () => {
  it('is no failure in the log', async () => {
    const lines: { level: number; err?: unknown; code?: string }[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]);
    api = await startApi((deps) => ({
      log: pino({ level: 'info' }, { write }),
      config: { ...deps.config, flags: { v2: false, atomization: true, dependencyGraph: true } },
    }));
    expectProblem(await api.call('GET', '/api/v2/masterplans'), 503, 'FEATURE_DISABLED');
    const about = lines.filter((line) => line.code === 'FEATURE_DISABLED');
    expect(about.map(({ level, err }) => ({ level, err }))).toEqual([
      { level: pino.levels.values['info'], err: undefined },
    ]);
  });
});

describe('the rate limit', () => {
  it('counts per subject, says what is left, and lets health through', async () => {
    api = await startApi((deps) => ({
      stages: { ...stagesOver(deps), editReview: () => Promise.reject(new Error('unused')) },
      rateLimit: { max: 3, windowMs: 60_000 },
    }));
    const left: unknown[] = [];
    for (let i = 0; i < 3; i++)
      left.push((await api.call('GET', '/api/v2/masterplans')).headers['ratelimit-remaining']);
    expect(left.map(Number)).toEqual([2, 1, 0]);
    const over = await api.call('GET', '/api/v2/masterplans');
    expectProblem(over, 429, 'RATE_LIMITED');
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0);
    expect((await api.call('GET', '/health/live')).status).toBe(200);
    const { tokenFor } = await import('../../unit/api/api-fixture.ts');
    expect((await api.call('GET', '/api/v2/masterplans', { token: await tokenFor('another') })).status).toBe(200);
  });
});

describe('a process that drains', () => {
  it('is not ready, turns calls away, and still says that it lives', async () => {
    let isDraining = false;
    api = await startApi(() => ({ draining: () => isDraining }));
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    isDraining = true;
    const ready = await api.call('GET', '/health/ready');
    expect([ready.status, (ready.body['checks'] as Record<string, unknown>)['process']]).toMatchObject([
      503,
      { detail: 'shutting down' },
    ]);
    const answer = await api.call('GET', '/api/v2/masterplans');
    expectProblem(answer, 503, 'SHUTTING_DOWN');
    expect(answer.headers['connection']).toBe('close');
    expect((await api.call('GET', '/health/live')).status).toBe(200);
  });
});

describe('what is not even HTTP', () => {
  it('gets a problem document too', async () => {
    api = await startApi();
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    const address = api.app.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(address.port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });
});

describe('tokens of an identity provider', () => {
  let provider: Server;
  let keys: JWK[] = [];
  let url: string;
  let privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    privateKey = pair.privateKey;
    keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }];
    provider = createServer((_request, response) => response.end(JSON.stringify({ keys })));
    await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
    const address = provider.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}/jwks.json`;
  });
  afterAll(() => provider.close());

  const sign = (kid: string, expiresIn = '5m') =>
    new SignJWT({ roles: ['admin'] })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setSubject('ada')
      .setExpirationTime(expiresIn)
      .sign(privateKey);

  it('are checked against its keys, and never against a public key taken for a secret', async () => {
    api = await startApi(() => ({ auth: { jwksUrl: url } }));
    const read = (token: string) => api!.call('GET', '/api/v2/metrics/users/active', { token });
    expect((await read(await sign('k1'))).status).toBe(200);
    expectProblem(await read(await sign('k1', '-1m')), 401, 'TOKEN_EXPIRED');
    expectProblem(await read(await sign('unknown')), 401, 'UNAUTHENTICATED');
    const confused = await new SignJWT({ role: 'admin' })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setSubject('eve')
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(JSON.stringify(keys[0])));
    expectProblem(await read(confused), 401, 'UNAUTHENTICATED');
  });

  it('cannot be checked while the provider does not answer, which is not the caller’s fault', async () => {
    api = await startApi(() => ({ auth: { jwksUrl: 'http://127.0.0.1:1/jwks.json' } }));
    const answer = await api.call('GET', '/api/v2/metrics/users/active', { token: await sign('k1') });
    expectProblem(answer, 503, 'IDENTITY_UNAVAILABLE');
  });
});
