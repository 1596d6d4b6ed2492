import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getMaintenance } from '../../../src/db/queries/get-maintenance.ts';
import { setMaintenance } from '../../../src/db/queries/set-maintenance.ts';
import { tokenFor } from '../../unit/api/api-fixture.ts';
import { waitFor } from '../../support/wait-for.ts';
import { expectProblem, startApi, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
let admin: string;

beforeAll(async () => {
  api = await startApi();
  admin = await tokenFor('operator', { role: 'admin' });
});
afterAll(() => api.close());

describe('health', () => {
  const OPEN = [
    '/health',
    '/health/ready',
    '/api/v1/health',
    '/api/v1/health/db',
    '/api/v1/health/redis',
    '/api/v1/health/chromadb',
    '/api/v2/health',
    '/api/v2/atoms/health',
    '/api/v2/graphs/health',
    '/api/v2/validation/health',
    '/api/v2/execution/health',
    '/api/v2/review/health',
    '/health/live',
  ];

  it.each(OPEN)('%s answers without a token and says what was checked; HEAD works', async (path) => {
    const answer = await api.call('GET', path, { token: null });
    expect(answer.status).toBe(200);
    expect(answer.body['status']).toBe('healthy');
    expect(Object.keys(answer.body['checks'] as object).length).toBeGreaterThan(0);
    expect((await api.call('HEAD', path, { token: null })).status).toBe(200);
  });

  it('tells a database at an older schema from a working one', async () => {
    await api.database.pool.query(
      `UPDATE mge_migrations SET revision = '999_from_the_future' WHERE revision = (SELECT max(revision) FROM mge_migrations)`,
    );
    await waitFor(async () => (await api.call('GET', '/health/ready')).status === 503);
    const { body } = await api.call('GET', '/health/ready');
    expect(body['checks']).toMatchObject({ migrations: { status: 'unhealthy' }, database: { status: 'healthy' } });
    await api.database.pool.query(`UPDATE mge_migrations SET revision = $1 WHERE revision = '999_from_the_future'`, [
      (await import('../../../src/db/migrations.ts')).listRevisions().at(-1)?.revision,
    ]);
    await waitFor(async () => (await api.call('GET', '/health/ready')).status === 200);
  });
});

describe('maintenance', () => {
  it('closes /api/v1 and /api/v2 within 2 s for every replica, says when to come back, and leaves liveness, metrics and its own switch', async () => {
    await setMaintenance(api.database.db, {
      enabled: true,
      message: 'Upgrading',
      until: new Date(Date.now() + 600_000),
      by: 'cli',
      now: new Date(),
    });
    const closed = Date.now();
    await waitFor(async () => (await api.call('GET', '/api/v1/health')).status === 503, { timeoutMs: 2_000 });
    expect(Date.now() - closed).toBeLessThan(2_000);
    const answer = await api.call('GET', '/api/v2/masterplans', { token: null });
    expectProblem(answer, 503, 'MAINTENANCE');
    expect(answer.body['detail']).toBe('Upgrading');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(500);
    const head = await api.call('HEAD', '/api/v1/health', { token: null });
    expect(head.status).toBe(503);
    expect(head.headers['retry-after']).toBeDefined();
    for (const path of ['/api/v2/health', '/api/v1/health/db', '/api/v2/no/such/thing'])
      expectProblem(await api.call('GET', path), 503, 'MAINTENANCE');
    for (const path of ['/health/live', '/metrics', '/docs/json', '/api/v2/openapi.json'])
      expect((await api.call('GET', path, { token: null })).status, path).toBe(200);
    // However the path is written: the router decodes it, and takes the whole URL too.
    for (const [method, path] of [
      ['POST', '/api/v%32/masterplans'],
      ['POST', '/%61pi/v2/masterplans'],
      ['GET', '/api/%76%32/masterplans/0191aaaa-0000-7000-8000-000000000000'],
      ['GET', '/%61pi/v2/no/such/thing'],
      ['GET', '/api/v1%2Fhealth'],
      ['HEAD', '/api/v%31/health'],
    ] as const)
      expect((await api.call(method, path)).status, `${method} ${path}`).toBe(path.includes('%2F') ? 404 : 503);
    expect(await rawStatus(api, 'GET http://mge.example/api/v2/masterplans')).toBe(503);

    expectProblem(await api.call('PUT', '/api/v2/admin/maintenance', { body: { enabled: false } }), 403, 'FORBIDDEN');
    const off = await api.call('PUT', '/api/v2/admin/maintenance', { token: admin, body: { enabled: false } });
    expect(off).toMatchObject({ status: 200, body: { enabled: false, by: 'operator' } });
    expect((await api.call('GET', '/api/v1/health')).status).toBe(200);
    expect((await getMaintenance(api.database.db)).enabled).toBe(false);
    const audit = await api.call('GET', '/api/v2/admin/audit?limit=1', { token: admin });
    expect(audit.body['data']).toMatchObject([{ actor: 'operator', action: 'maintenance.off' }]);
  });
});

/** The status of a request line that clients of the usual kind do not send. */
async function rawStatus({ app }: ApiUnderTest, line: string): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(address.port, '127.0.0.1', () =>
      socket.write(`${line} HTTP/1.1\r\nhost: mge.example\r\nconnection: close\r\n\r\n`),
    );
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

describe('authentication', () => {
  it('is needed however the path is written', async () => {
    for (const path of ['/api/v%32/masterplans', '/%61pi/v2/admin/audit'])
      expectProblem(await api.call('GET', path, { token: null }), 401, 'UNAUTHENTICATED');
    expectProblem(await api.call('GET', '/api/v2/%61dmin/audit'), 403, 'FORBIDDEN');
  });

  it('refuses what carries no token, a forged one, an expired one, or too small a role, each in its own words', async () => {
    const none = await api.call('GET', '/api/v2/metrics/users/active', { token: null });
    expectProblem(none, 401, 'UNAUTHENTICATED');
    expect(none.headers['www-authenticate']).toBe('Bearer realm="mge"');
    const forged = await tokenFor('operator', { role: 'admin' }, { secret: 'another secret of at least 32 bytes' });
    expectProblem(await api.call('GET', '/api/v2/metrics/users/active', { token: forged }), 401, 'UNAUTHENTICATED');
    expectProblem(await api.call('GET', '/api/v2/metrics/users/active', { token: 'nonsense' }), 401, 'UNAUTHENTICATED');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"x","role":"admin"}').toString('base64url')}.`;
    expectProblem(await api.call('GET', '/api/v2/metrics/users/active', { token: unsigned }), 401, 'UNAUTHENTICATED');
    const expired = await tokenFor('operator', { role: 'admin' }, { expiresAt: Math.floor(Date.now() / 1000) - 1 });
    expectProblem(await api.call('GET', '/api/v2/metrics/users/active', { token: expired }), 401, 'TOKEN_EXPIRED');
    const user = await api.call('GET', '/api/v2/metrics/users/active');
    expectProblem(user, 403, 'FORBIDDEN');
    expect(user.headers['www-authenticate']).toContain('insufficient_scope');
    const withoutRole = await tokenFor('someone', {});
    expectProblem(await api.call('GET', '/api/v2/masterplans', { token: withoutRole }), 403, 'FORBIDDEN');
    const several = await tokenFor('operator', { roles: ['admin', 'unknown'] });
    expect((await api.call('GET', '/api/v2/metrics/users/active', { token: several })).status).toBe(200);
  });

  it('counts who was active', async () => {
    const token = await tokenFor('counted', { role: 'admin' });
    await api.call('GET', '/api/v2/admin/audit', { token });
    await waitFor(
      async () => (await api.count(`SELECT count(*) n FROM user_activity WHERE user_id = 'counted'`)) === 1,
    );
    const { body } = await api.call('GET', '/api/v2/metrics/users/active', { token });
    expect((body['active_users'] as Record<string, number>)['5m']).toBeGreaterThanOrEqual(1);
  });
});

describe('every answer', () => {
  it('carries the request id, the caller’s own where it is a sane one', async () => {
    const own = await api.call('GET', '/health/live', { headers: { 'x-request-id': 'abc-123' } });
    expect(own.headers['x-request-id']).toBe('abc-123');
    const odd = await api.call('GET', '/health/live', { headers: { 'x-request-id': 'a b<script>' } });
    expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('tells no such path from no such method', async () => {
    expectProblem(await api.call('GET', '/api/v2/nothing'), 404, 'NOT_FOUND');
    for (const path of ['/api/v2/admin/maintenance', '/api/v%32/admin/maintenance']) {
      const method = await api.call('DELETE', path, { token: admin });
      expectProblem(method, 405, 'METHOD_NOT_ALLOWED');
      expect(method.headers['allow']).toBe('GET, HEAD, PUT');
    }
  });

  it('is counted by route pattern, never by what was in the path', async () => {
    await api.call('GET', '/api/v2/masterplans/0191aaaa-0000-7000-8000-000000000000');
    const { body } = await api.call('GET', '/metrics', { token: null });
    expect(body['text']).toContain(
      'http_requests_total{method="GET",route="/api/v2/masterplans/:masterplan_id",status="404"}',
    );
    expect(body['text']).not.toContain('0191aaaa');
    expect(body['text']).toMatch(/^mge_database_gauges_up 1$/m);
    expect(body['text']).toMatch(/^mge_runs_active\{status="running"\} 0$/m);
  });

  it('lets the page of the documentation load its own files over plain HTTP', async () => {
    const policy = String((await api.call('GET', '/docs/')).headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('upgrade-insecure-requests');
  });

  it('promises nothing about TLS, which this process does not speak', async () => {
    for (const path of ['/health/live', '/docs/', '/api/v2/masterplans'])
      expect((await api.call('GET', path)).headers['strict-transport-security'], path).toBeUndefined();
  });

  it('lets only known origins read it', async () => {
    const known = await api.call('GET', '/health/live', { headers: { origin: 'https://app.example' } });
    expect(known.headers['access-control-allow-origin']).toBe('https://app.example');
    const other = await api.call('GET', '/health/live', { headers: { origin: 'https://evil.example' } });
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a body', () => {
  const put = (body: string, type: string) =>
    api.call('PUT', '/api/v2/admin/maintenance', { token: admin, body, headers: { 'content-type': type } });

  it('is JSON, also under the type that curl -d sends', async () => {
    expect((await put('{"enabled": false}', 'application/x-www-form-urlencoded')).status).toBe(200);
    expectProblem(await put('enabled=false', 'application/x-www-form-urlencoded'), 400, 'MALFORMED_JSON');
    expectProblem(await put('{"enabled": ', 'application/json'), 400, 'MALFORMED_JSON');
    expectProblem(await put('', 'application/json'), 400, 'MALFORMED_JSON');
    expectProblem(await put('{"enabled": false, "__proto__": {"x": 1}}', 'application/json'), 400, 'MALFORMED_JSON');
    expectProblem(await put('<enabled/>', 'application/xml'), 415, 'UNSUPPORTED_MEDIA_TYPE');
    expectProblem(
      await put(JSON.stringify({ enabled: false, message: 'x'.repeat(1_100_000) }), 'application/json'),
      413,
      'BODY_TOO_LARGE',
    );
  });

  it('is UTF-8: bytes that are not are refused, never put right in silence', async () => {
    const send = (message: Buffer, type = 'application/json') =>
      api.app.inject({
        method: 'PUT',
        url: '/api/v2/admin/maintenance',
        headers: { authorization: `Bearer ${admin}`, 'content-type': type },
        payload: Buffer.concat([Buffer.from('{"enabled": true, "message": "'), message, Buffer.from('"}')]),
      });
    for (const bytes of [[0xff], [0x63, 0x61, 0x66, 0xe9], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
      for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
        const answer = await send(Buffer.from(bytes), type);
        expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'MALFORMED_JSON']);
        expect(answer.json<{ detail: string }>().detail).toContain('UTF-8');
      }
    }
    expect((await getMaintenance(api.database.db)).enabled).toBe(false);
    const right = await send(Buffer.from('café 🦄 \ufffd'));
    expect([right.statusCode, right.json<{ message: string }>().message]).toEqual([200, 'café 🦄 \ufffd']);
    await api.call('PUT', '/api/v2/admin/maintenance', { token: admin, body: { enabled: false } });
  });

  it('is checked without being bent into shape, and every wrong field is named', async () => {
    const answer = await api.call('PUT', '/api/v2/admin/maintenance', {
      token: admin,
      body: { enabled: 'yes', colour: 'red', until: 'soon', 'a/b~c': 1 },
    });
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    const found = (answer.body['errors'] as { pointer: string }[]).map((error) => error.pointer);
    expect(found).toEqual(expect.arrayContaining(['/enabled', '/colour', '/until', '/a~1b~0c']));
    expectProblem(
      await api.call('PUT', '/api/v2/admin/maintenance', { token: admin, body: '[]' }),
      400,
      'VALIDATION_FAILED',
    );
    expectProblem(await api.call('GET', '/api/v2/admin/audit?limit=0', { token: admin }), 400, 'VALIDATION_FAILED');
    expectProblem(await api.call('GET', '/api/v2/admin/audit?colour=red', { token: admin }), 400, 'VALIDATION_FAILED');
    expectProblem(
      await api.call('GET', '/api/v2/admin/audit?cursor=%00%00', { token: admin }),
      400,
      'VALIDATION_FAILED',
    );
  });
});
