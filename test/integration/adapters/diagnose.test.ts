import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { diagnose, type Finding } from '../../../src/adapters/embedded/index.ts';
import { loadConfig } from '../../../src/config/index.ts';
import { freePort } from '../../support/program.ts';

const env = { NODE_ENV: 'test', MGE_DATA_DIR: join(tmpdir(), `mge-doctor-${process.pid}`) };
const byName = (findings: Finding[]) => Object.fromEntries(findings.map((finding) => [finding.name, finding]));

describe('diagnose', () => {
  it('asks the servers that are configured', async () => {
    const urls = {
      DATABASE_URL: inject('databaseUrl'),
      REDIS_URL: inject('redisUrl'),
      CHROMA_URL: inject('chromaUrl'),
    };
    const found = byName(await diagnose(loadConfig({ ...env, ...urls }, '/')));
    expect(found['postgresql']).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/PostgreSQL 1\d/) as string,
    });
    expect(found['redis']).toMatchObject({ state: 'ok', detail: expect.stringMatching(/noeviction/) as string });
    expect(found['chroma']).toMatchObject({ state: 'ok' });
    expect(found['data folder']).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/not made yet.*GB free/) as string,
    });
    expect(found['embedding model']).toMatchObject({ state: 'ok' });
  });

  it('says which ones would be started where none is configured', async () => {
    const found = byName(await diagnose(loadConfig(env, '/')));
    for (const name of ['postgresql', 'redis', 'chroma'])
      expect(found[name]).toMatchObject({ state: 'ok', detail: expect.stringMatching(/would be started/) as string });
  });

  it('names a problem for each server that does not answer', async () => {
    const port = await freePort();
    const urls = {
      DATABASE_URL: `postgresql://a:b@127.0.0.1:${port}/c`,
      REDIS_URL: `redis://127.0.0.1:${port}`,
      CHROMA_URL: `http://127.0.0.1:${port}`,
    };
    const found = byName(await diagnose(loadConfig({ ...env, ...urls }, '/')));
    for (const name of ['postgresql', 'redis', 'chroma']) expect(found[name]!.state).toBe('problem');
    expect(found['redis']!.detail).toMatch(/ECONNREFUSED/);
  });
});
