/** A PostgreSQL and a Redis of a test's own, to be stopped and started while others use them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder, type DataFolder } from '../../src/adapters/embedded/data-folder.ts';
import { databaseUrl, startPostgres } from '../../src/adapters/embedded/postgres-server.ts';
import { preparePostgres } from '../../src/adapters/embedded/postgres-files.ts';
import { redisUrl, startRedis } from '../../src/adapters/embedded/redis-server.ts';
import type { RunningServer, ServerContext } from '../../src/adapters/embedded/server-process.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';

/** A server that comes back on the same port, with the same data where it keeps any. */
export class OwnServer {
  readonly url: string;
  private running: RunningServer;
  private readonly context: ServerContext;
  private readonly boot: (context: ServerContext) => Promise<RunningServer>;

  private constructor(
    context: ServerContext,
    running: RunningServer,
    url: string,
    boot: (context: ServerContext) => Promise<RunningServer>,
  ) {
    this.context = context;
    this.running = running;
    this.url = url;
    this.boot = boot;
  }

  /** Durable: what was committed is there after a crash. */
  static async postgres(): Promise<OwnServer> {
    const context = contextIn(mkdtempSync(join(tmpdir(), 'mge-chaos-pg-')));
    const running = await startPostgres(context);
    return new OwnServer(context, running, databaseUrl(context.folder, running.port), startPostgres);
  }

  /** Keeps nothing: after a restart it is empty. */
  static async redis(): Promise<OwnServer> {
    const context = contextIn(mkdtempSync(join(tmpdir(), 'mge-chaos-redis-')));
    const running = await startRedis(context);
    return new OwnServer(context, running, redisUrl(context.folder, running.port), startRedis);
  }

  /** Ends the sessions in order and stops. */
  stop(): Promise<void> {
    return this.running.stop();
  }

  /** kill -9 of PostgreSQL: the next start replays its log. */
  async crash(): Promise<void> {
    const data = preparePostgres(this.context.folder).data;
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const backends = childrenOf(pid);
    for (const victim of [pid, ...backends]) kill(victim);
    await this.running.exited;
  }

  async start(): Promise<void> {
    this.running = await this.boot({ ...this.context, port: this.running.port });
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.context.folder.root, { recursive: true, force: true });
  }
}

function contextIn(root: string): ServerContext {
  const folder: DataFolder = openDataFolder(root);
  return { folder, log: createLogger('fatal'), ephemeral: false, redisKind: null, port: 0 };
}

/** Processes that the given one has started. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]?.split(' ');
      return Number(fields?.[1]) === parent ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went with its parent.
  }
}
