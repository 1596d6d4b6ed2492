/**
 * Decomposes a masterplan made of a real repository, end to end: the service as it is started by hand (embedded PostgreSQL, Redis
 * and Chroma, HTTP server and worker in one process), a plan with `files[]`, the decomposition through the API; health is asked for
 * all the while. Usage: tsx bench/atomize/decompose.ts [--lines 100000] [--runs 3] [--json FILE] [FOLDER…]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSources } from '../../src/atomization/folder.ts';
import { decodeSource } from '../../src/adapters/parser/index.ts';
import { defaultRoots } from './corpus.ts';
import type { LoopLag } from './loop-lag.ts';

const { values, positionals } = parseArgs({
  options: {
    lines: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
  allowPositionals: true,
});
const RUNS = Number(values.runs);
/** Milliseconds between two questions for health. */
const SAMPLE_MS = 10;
const READY_MS = 120_000;
/** The plan takes this many files at most. */
const MAX_FILES = 2_000;

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MAIN = at('../../src/cli/main.ts');

interface PlanFile {
  readonly path: string;
  readonly content: string;
  readonly encoding?: 'base64';
}

/** Sources of programs under the folders, up to the wanted number of lines. */
async function readRepository(roots: readonly string[], wanted: number): Promise<{ files: PlanFile[]; lines: number }> {
  const files: PlanFile[] = [];
  let lines = 0;
  for (const [i, root] of roots.entries()) {
    for (const { path, bytes } of (await readSources(root)).files) {
      if (!/\.(py|[cm]?[jt]sx?)$/.test(path) || bytes.length === 0) continue;
      if (lines >= wanted || files.length >= MAX_FILES) break;
      const { text, encoding } = decodeSource(bytes);
      lines += text.split('\n').length;
      const name = roots.length === 1 ? path : `${String(i)}/${path}`;
      if (encoding === 'utf-8' && !text.includes('\0'))
        files.push({ path: name, content: Buffer.from(bytes).toString() });
      else files.push({ path: name, content: Buffer.from(bytes).toString('base64'), encoding: 'base64' });
    }
  }
  return { files, lines };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function percentiles(samples: readonly number[]) {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { samples: sorted.length, p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), max: round(sorted.at(-1) ?? 0) };
}

class Service {
  readonly base: string;
  private readonly child: ChildProcess;
  private readonly env: NodeJS.ProcessEnv;
  private readonly headers: Record<string, string>;

  private constructor(base: string, child: ChildProcess, env: NodeJS.ProcessEnv, token: string) {
    this.base = base;
    this.child = child;
    this.env = env;
    this.headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  }

  static async start(dataDir: string): Promise<Service> {
    const port = await freePort();
    const env = { ...process.env, MGE_DATA_DIR: dataDir, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'warn' };
    const argv = ['--import', 'tsx', '--import', at('./loop-lag.ts'), MAIN, 'start'];
    const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const base = `http://127.0.0.1:${String(port)}`;
    for (const deadline = Date.now() + READY_MS; ; await setTimeout(200)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('the service did not become ready');
      const answer = await fetch(`${base}/health/ready`).catch(() => undefined);
      if (answer?.status === 200) break;
    }
    const token = execFileSync(
      process.execPath,
      ['--import', 'tsx', MAIN, 'token', '--sub', 'bench', '--role', 'admin'],
      {
        env,
        encoding: 'utf8',
      },
    );
    return new Service(base, child, env, token.trim());
  }

  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(this.base + path, { method, headers: this.headers, ...text });
    const json = answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
    if (!answer.ok)
      throw new Error(`${method} ${path}: ${String(answer.status)} ${JSON.stringify(json).slice(0, 400)}`);
    return json;
  }

  async lag(): Promise<LoopLag> {
    this.child.send('lag');
    const [answer] = (await once(this.child, 'message')) as [LoopLag];
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}

/** Asks for health every few milliseconds until told to stop; the times of the answers. */
function sampleHealth(base: string, path: string): () => Promise<number[]> {
  const times: number[] = [];
  let goes = true;
  const run = (async () => {
    while (goes) {
      const start = performance.now();
      await (await fetch(base + path)).arrayBuffer();
      times.push(performance.now() - start);
      await setTimeout(SAMPLE_MS);
    }
  })();
  return async () => {
    goes = false;
    await run;
    return times;
  };
}

async function decomposeOnce(service: Service, files: readonly PlanFile[], lines: number) {
  const plan = await service.call('POST', '/api/v2/masterplans', {
    user_request: 'Keep this repository as it is.',
    user_id: 'bench',
    session_id: 'bench',
    files,
  });
  const id = String(plan['masterplan_id']);
  await setTimeout(500);
  const before = await service.lag();
  const health = sampleHealth(service.base, '/api/v2/health');
  const live = sampleHealth(service.base, '/health/live');
  const start = performance.now();
  let answer = await service.call('POST', '/api/v2/atomization/decompose', { masterplan_id: id });
  while (answer['total_atoms'] === undefined && answer['status'] !== 'completed') {
    if (answer['status'] === 'failed') throw new Error(JSON.stringify(answer));
    await setTimeout(50);
    answer = await service.call('GET', `/api/v2/masterplans/${id}/jobs/${String(answer['job_id'])}`);
  }
  const ms = performance.now() - start;
  const [healthTimes, liveTimes] = [await health(), await live()];
  const lag = await service.lag();
  const stats = answer['stats'] ?? (answer['result'] as Record<string, unknown> | undefined)?.['stats'] ?? {};
  await service.call('DELETE', `/api/v2/masterplans/${id}`).catch(() => undefined);
  return {
    ms: Math.round(ms),
    linesPerSecond: Math.round((1000 * lines) / ms),
    serviceCpuMs: lag.cpuMs - before.cpuMs,
    health: percentiles(healthTimes),
    live: percentiles(liveTimes),
    loopLagMs: { p95: lag.p95, p99: lag.p99, max: lag.max },
    atoms: answer['total_atoms'] ?? null,
    stats,
  };
}

const roots = positionals.length > 0 ? positionals : defaultRoots();
const { files, lines } = await readRepository(roots, Number(values.lines));
const dataDir = mkdtempSync(join(tmpdir(), 'mge-bench-'));
const service = await Service.start(dataDir);
try {
  const runs = [];
  for (let i = 0; i <= RUNS; i++) {
    const run = await decomposeOnce(service, files, lines);
    process.stderr.write(`${i === 0 ? 'warm-up' : `run ${String(i)}`}: ${JSON.stringify(run)}\n`);
    if (i > 0) runs.push(run);
  }
  runs.sort((a, b) => a.ms - b.ms);
  const result = {
    machine: { cpus: cpus().length, node: process.version, loadAverage: loadavg()[0] },
    date: new Date().toISOString(),
    roots,
    files: files.length,
    lines,
    median: runs[runs.length >> 1],
    runs,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
