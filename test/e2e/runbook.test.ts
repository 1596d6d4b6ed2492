import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mge, ROOT, startService, type RunningService } from '../support/program.ts';

const run = promisify(execFile);
let service: RunningService;

beforeAll(async () => {
  service = await startService();
}, 120_000);
afterAll(() => service.stop());

describe('the migration runbook', () => {
  it('passes its health, smoke-test and monitoring steps as printed, integrity statements included', async () => {
    const env = {
      ...process.env,
      BASE: service.base,
      TEST_TOKEN: await service.token('test-user-migration', 'user'),
      ADMIN_TOKEN: await service.token('operator', 'admin'),
      DATABASE_URL: (await mge(['db', 'url'], service.env)).stdout.trim(),
    };
    const { stdout } = await run('bash', [join(ROOT, 'test/e2e/runbook.sh')], { env }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(stdout).toMatch(/\d+ passed, 0 failed/);
  });
});

describe('a second service on the same port', () => {
  it('ends at once with a configuration problem and leaves the first alone', async () => {
    const second = await mge(['start'], service.env);
    expect(second.code).toBe(78);
    expect(second.stderr).toMatch(/cannot be listened on: another program listens there/);
    expect((await fetch(`${service.base}/health/ready`)).status).toBe(200);
  });
});
