import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startServices, type Services, type StartOptions } from '../../../src/adapters/embedded/index.ts';
import { openDataFolder } from '../../../src/adapters/embedded/data-folder.ts';
import { keeperAddress } from '../../../src/adapters/embedded/keeper-protocol.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { loadConfig } from '../../../src/config/index.ts';
import { startProgram } from '../../support/embedded-program.ts';
import { waitFor } from '../../support/wait-for.ts';

const log = createLogger('silent');
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
  cleanUp.length = 0;
});

// A folder whose database is made already: making one is most of the time of a start.
let prepared = '';
beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'mge-life-'));
  const services = await startServices(loadConfig({ MGE_DATA_DIR: prepared }, '/'), log, { only: ['postgres'] });
  await services.stop();
});
afterAll(() => rmSync(prepared, { recursive: true, force: true }));

function folder(options: { empty?: boolean } = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'mge-life-'));
  if (!options.empty) execFileSync('cp', ['-a', `${prepared}/.`, path]);
  cleanUp.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function start(dataDir: string, options: StartOptions = {}, env: Record<string, string> = {}): Promise<Services> {
  const services = await startServices(
    loadConfig({ NODE_ENV: 'test', MGE_DATA_DIR: dataDir, ...env }, '/'),
    log,
    options,
  );
  cleanUp.push(() => services.stop());
  return services;
}

async function sql<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

function isOpen(url: string, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(new URL(url).port) });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** Every process whose command line names the folder: the keeper and PostgreSQL do. */
function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDir) &&
          !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

const urlsOf = (services: Omit<Services, 'stop'>) =>
  [services.databaseUrl, services.redisUrl, services.chromaUrl!].filter(Boolean);
const allClosed = async (services: Omit<Services, 'stop'>) =>
  !(await Promise.all(urlsOf(services).map((url) => isOpen(url)))).includes(true);
const sourceOf = (services: Omit<Services, 'stop'>) =>
  Object.fromEntries(services.report.map((entry) => [entry.name, entry.source]));

describe('embedded servers', () => {
  it('start all three, stop without a trace, and find their data again', async () => {
    const dataDir = folder({ empty: true });
    const first = await start(dataDir);
    expect(sourceOf(first)).toEqual({ postgres: 'embedded', redis: 'embedded', chroma: 'embedded' });
    await sql(first.databaseUrl, `create table note (text text); insert into note values ('kept')`);
    const pidFile = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
    await first.stop();
    expect(await allClosed(first)).toBe(true);
    expect(processesOf(dataDir)).toEqual([]);

    // As after a crash and a restart of the machine: the number belongs to another process by now.
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), pidFile.replace(/^\d+/, String(process.pid)));
    const second = await start(dataDir, { only: ['postgres'] });
    expect(await sql(second.databaseUrl, 'select text from note')).toEqual([{ text: 'kept' }]);
    await second.stop();
    await second.stop();
  });

  it('keep their passwords to the owner and ask for them', async () => {
    const dataDir = folder();
    const { databaseUrl, redisUrl } = await start(dataDir, { only: ['postgres', 'redis'] });
    expect(statSync(join(dataDir, 'embedded.json')).mode & 0o777).toBe(0o600);
    const wrong = new URL(databaseUrl);
    wrong.password = 'guess';
    await expect(sql(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    const stranger = new Redis(Number(new URL(redisUrl).port), { lazyConnect: true, enableReadyCheck: false });
    await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/);
    stranger.disconnect();
    expect(await sql(databaseUrl, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  });

  it('are shared by a second program and stay until the last one is done', async () => {
    const dataDir = folder();
    const [first, second] = await Promise.all([
      startProgram(dataDir, { only: ['postgres'] }),
      startProgram(dataDir, { only: ['postgres'] }),
    ]);
    expect(urlsOf(second.services)).toEqual(urlsOf(first.services));
    expect([sourceOf(first.services)['postgres'], sourceOf(second.services)['postgres']].sort()).toEqual([
      'embedded',
      'reused',
    ]);
    first.process.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    expect(await sql(second.services.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    second.process.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    expect(await allClosed(second.services)).toBe(true);
  });

  it('end by themselves after a kill -9 of the program, and start again with the same data', async () => {
    const dataDir = folder();
    const program = await startProgram(dataDir);
    await sql(program.services.databaseUrl, `create table note (text text); insert into note values ('kept')`);
    process.kill(-program.process.pid!, 'SIGKILL');
    await waitFor(async () => processesOf(dataDir).length === 0 && (await allClosed(program.services)), {
      timeoutMs: 8_000,
      what: 'the end of all servers',
    });
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    const again = await start(dataDir);
    expect(await sql(again.databaseUrl, 'select text from note')).toEqual([{ text: 'kept' }]);
  });

  it('survive a kill -9 of program and keeper together: what is left is taken over or replaced, then stopped', async () => {
    const dataDir = folder();
    const program = await startProgram(dataDir);
    const postgres = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const keepers = processesOf(dataDir).filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('keeper-main'),
    );
    expect(keepers).toHaveLength(1);
    for (const pid of [...keepers, program.process.pid!]) process.kill(pid, 'SIGKILL');
    await waitFor(async () => !(await isOpen(program.services.chromaUrl!)), { what: 'the end of Chroma' });
    expect(processesOf(dataDir)).toContain(postgres);
    const again = await start(dataDir);
    expect(sourceOf(again)['postgres']).toBe('reused');
    expect(again.databaseUrl).toBe(program.services.databaseUrl);
    await again.stop();
    expect(processesOf(dataDir)).toEqual([]);
    expect(await allClosed(again)).toBe(true);
  });

  it('do not die of a Ctrl-C before the program has drained', async () => {
    const program = await startProgram(folder(), { only: ['postgres', 'redis'] });
    process.kill(-program.process.pid!, 'SIGINT');
    expect(await program.exited).toBe(0);
    expect(program.printed).toEqual(['drained']);
    expect(await allClosed(program.services)).toBe(true);
  });

  it('come back on the same address when one of them is killed', async () => {
    const dataDir = folder();
    const { databaseUrl } = await start(dataDir, { only: ['postgres'] });
    await sql(databaseUrl, `create table note (text text); insert into note values ('kept')`);
    process.kill(Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
    await waitFor(async () => !(await isOpen(databaseUrl)), { what: 'the end of PostgreSQL', intervalMs: 2 });
    const rows = await waitFor(() => sql<{ text: string }>(databaseUrl, 'select text from note').catch(() => null), {
      timeoutMs: 20_000,
    });
    expect(rows).toEqual([{ text: 'kept' }]);
  });

  it('do not listen to strangers: garbage and a wrong proof neither stop them nor learn anything', async () => {
    const dataDir = folder();
    const services = await start(dataDir, { only: ['redis'] });
    const shout = (text: string) =>
      new Promise<string>((resolve) => {
        let heard = '';
        const socket = connect(keeperAddress(openDataFolder(dataDir)), () => socket.write(text));
        socket.on('data', (chunk) => (heard += chunk.toString()));
        socket.on('close', () => resolve(heard));
      });
    const wish = {
      type: 'acquire',
      protocol: 1,
      nonce: 'a',
      proof: 'b'.repeat(64),
      servers: ['redis'],
      redisKind: null,
    };
    for (const text of ['{{{\n', 'null\n', 'x'.repeat(100_000), `${JSON.stringify(wish)}\n`])
      expect(await shout(text)).toMatch(/^\{"type":"challenge","nonce":"[0-9a-f]+"\}\n$/);
    expect(await isOpen(services.redisUrl)).toBe(true);
  });

  it('do without Chroma where it cannot run, but not without Redis', async () => {
    const dataDir = folder({ empty: true });
    mkdirSync(join(dataDir, 'logs', 'redis.log'), { recursive: true });
    writeFileSync(join(dataDir, 'chroma'), 'a file where a folder belongs');
    const services = await start(dataDir, { only: ['chroma'] });
    expect(services.chromaUrl).toBeNull();
    expect(services.report).toMatchObject([
      { name: 'chroma', source: 'unavailable', detail: expect.stringMatching(/EEXIST/) as string },
    ]);
    await expect(start(dataDir, { only: ['redis'] })).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringMatching(/REDIS_URL/) as string,
    });
  });

  it('are not started where a URL is configured', async () => {
    const dataDir = join(folder({ empty: true }), 'data');
    const env = {
      DATABASE_URL: 'postgresql://user:secret@db.example:5432/app',
      REDIS_URL: 'redis://cache.example:6379',
      CHROMA_URL: 'http://chroma.example:8000',
    };
    const outside = await start(dataDir, {}, env);
    expect(outside).toMatchObject({
      databaseUrl: env.DATABASE_URL,
      redisUrl: env.REDIS_URL,
      chromaUrl: env.CHROMA_URL,
    });
    expect(existsSync(dataDir)).toBe(false);
    expect(sourceOf(outside)).toEqual({ postgres: 'external', redis: 'external', chroma: 'external' });
    expect(JSON.stringify(outside.report)).not.toContain('secret');

    const mixed = await start(dataDir, {}, { DATABASE_URL: env.DATABASE_URL, CHROMA_URL: env.CHROMA_URL });
    expect(sourceOf(mixed)).toEqual({ postgres: 'external', redis: 'embedded', chroma: 'external' });
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  });

  it('refuse data that another password was made for, and say so', async () => {
    const dataDir = folder();
    await (await start(dataDir, { only: ['postgres'] })).stop();
    rmSync(join(dataDir, 'embedded.json'));
    await expect(start(dataDir, { only: ['postgres'] })).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringMatching(/embedded\.json.*DATABASE_URL/s) as string,
    });
    expect(processesOf(dataDir)).toEqual([]);
  });
});

describe.skipIf(process.getuid?.() !== 0)('embedded servers, started by root', () => {
  const nobody = { uid: 65534, gid: 65534 };

  it('start for an ordinary user as well', async () => {
    const home = folder({ empty: true });
    const dataDir = join(home, 'data');
    mkdirSync(dataDir);
    for (const path of [home, dataDir]) chownSync(path, nobody.uid, nobody.gid);
    const program = await startProgram(dataDir, { only: ['postgres', 'redis'] }, { ...nobody, cwd: '/' });
    expect(await sql(program.services.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(nobody.uid);
    program.process.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });

  it("run PostgreSQL under another account, also where that account cannot enter root's folder", async () => {
    const dataDir = join(folder({ empty: true }), '.mge');
    const services = await start(dataDir, { only: ['postgres'], ephemeral: true });
    const [{ data_directory: data } = { data_directory: '' }] = await sql<{ data_directory: string }>(
      services.databaseUrl,
      'show data_directory',
    );
    expect(data).not.toContain(dataDir);
    expect(services.report[0]?.detail).toContain(data);
    expect(statSync(data).uid).not.toBe(0);
    await services.stop();
    expect(existsSync(data)).toBe(false);
  });
});
