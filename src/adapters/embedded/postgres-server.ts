import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { logTail, openLog, type DataFolder } from './data-folder.ts';
import { makePrivateFolder, preparePostgres, type PostgresPlace } from './postgres-files.ts';
import { freePort } from './ports.ts';
import {
  endProcess,
  exitOf,
  isAlive,
  pause,
  untilReady,
  type RunningServer,
  type ServerContext,
} from './server-process.ts';

/** The name of the role and of the database. */
export const DATABASE_NAME = 'devmatrix';

// SIGINT: end the sessions, write everything, go. SIGQUIT: go at once; the next start replays the log.
const FAST_STOP = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 2_000],
] as const;

export function databaseUrl(folder: DataFolder, port: number): string {
  return `postgresql://${DATABASE_NAME}:${folder.databasePassword}@127.0.0.1:${port}/${DATABASE_NAME}`;
}

/** Starts PostgreSQL on the data of the folder, making them first where there are none. */
export async function startPostgres(context: ServerContext): Promise<RunningServer> {
  const place = preparePostgres(context.folder);
  const survivor = await adoptSurvivor(context, place);
  if (survivor) return survivor;
  const port = await freePort(context.port);
  if (!existsSync(join(place.data, 'PG_VERSION'))) await initialise(context, place);
  const out = openLog(context.folder, 'postgres');
  const child = spawn(join(place.bin, 'postgres'), serverArguments(context, place, port), {
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', out, out],
    // Its own session: a Ctrl-C in the terminal is for the program, which then stops its servers in order.
    detached: true,
    ...account(place),
  });
  closeSync(out);
  const exited = exitOf(child);
  let gone = false;
  void exited.then(() => (gone = true));
  const stop = () => (child.pid ? endProcess(child.pid, FAST_STOP, () => gone) : Promise.resolve());
  try {
    await untilReady({
      ready: () => answers(context.folder, port),
      exited,
      timeoutMs: 60_000,
      explain: () => logTail(context.folder, 'postgres'),
    });
    await createDatabase(context.folder, port);
  } catch (error) {
    await stop();
    throw error;
  }
  const where = place.outside ? `, data in ${place.data}` : '';
  const who = place.user ? ` as ${place.user.name}` : '';
  return { port, source: 'embedded', detail: `PostgreSQL ${place.version}${who}${where}`, exited, stop };
}

function serverArguments(context: ServerContext, place: PostgresPlace, port: number): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=128MB',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_min_error_statement=panic',
    ...(context.ephemeral
      ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=400']
      : []),
  ];
  return ['-D', place.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

function account(place: PostgresPlace): { uid: number; gid: number } | Record<string, never> {
  return place.user ? { uid: place.user.uid, gid: place.user.gid } : {};
}

/** Makes a new cluster beside its final place and moves it there when it is complete: a killed start leaves nothing half-made. */
async function initialise(context: ServerContext, place: PostgresPlace): Promise<void> {
  const parent = dirname(place.data);
  for (const name of readdirSync(parent))
    if (/^(init|password)-/.test(name)) rmSync(join(parent, name), { recursive: true, force: true });
  if (existsSync(place.data)) throw new Error(`${place.data} exists but holds no PostgreSQL cluster; move it away`);
  const draft = join(parent, `init-${process.pid}`);
  const passwordFile = join(parent, `password-${process.pid}`);
  makePrivateFolder(draft, place.user);
  writeFileSync(passwordFile, context.folder.databasePassword, { mode: 0o600 });
  if (place.user) chownSync(passwordFile, place.user.uid, place.user.gid);
  const problem = await run(
    join(place.bin, 'initdb'),
    [
      '-D',
      draft,
      '-U',
      DATABASE_NAME,
      `--pwfile=${passwordFile}`,
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ],
    account(place),
  );
  rmSync(passwordFile, { force: true });
  if (problem !== null) {
    rmSync(draft, { recursive: true, force: true });
    throw new Error(`initdb failed: ${problem}`);
  }
  renameSync(draft, place.data);
}

/** Runs a program to its end; returns null when it succeeds, otherwise what it said. */
async function run(
  program: string,
  args: readonly string[],
  identity: ReturnType<typeof account>,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      ...identity,
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : said.trim() || `exit code ${code}`));
  });
}

async function withClient<T>(
  folder: DataFolder,
  port: number,
  database: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: DATABASE_NAME,
    password: folder.databasePassword,
    database,
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function answers(folder: DataFolder, port: number): Promise<boolean> {
  try {
    return await withClient(
      folder,
      port,
      'postgres',
      async (client) => (await client.query('select 1')).rowCount === 1,
    );
  } catch (error) {
    // 28P01: it answers, but the password of the data folder is not the one of the cluster; waiting does not help.
    if ((error as { code?: string }).code === '28P01')
      throw new Error(
        'the password in embedded.json is not the one of this PostgreSQL cluster: was the file replaced?',
        { cause: error },
      );
    return false;
  }
}

async function createDatabase(folder: DataFolder, port: number): Promise<void> {
  await withClient(folder, port, 'postgres', async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
  });
}

/**
 * A PostgreSQL whose keeper was killed lives on and holds its data folder. It is taken over when it answers, stopped when it does
 * not; a `postmaster.pid` that names a process of somebody else is removed, because PostgreSQL would refuse to start.
 */
async function adoptSurvivor(context: ServerContext, place: PostgresPlace): Promise<RunningServer | null> {
  const pidFile = join(place.data, 'postmaster.pid');
  if (!existsSync(pidFile)) return null;
  const lines = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || !runsHere(pid, place.data)) {
    context.log.warn({ pid }, 'stale postmaster.pid removed');
    rmSync(pidFile, { force: true });
    return null;
  }
  const gone = () => !isAlive(pid);
  for (let attempt = 0; attempt < 40 && !gone(); attempt += 1) {
    if (port > 0 && (await answers(context.folder, port).catch(() => false))) {
      context.log.warn({ pid, port }, 'a PostgreSQL left behind is taken over');
      await createDatabase(context.folder, port);
      return {
        port,
        source: 'reused',
        detail: `PostgreSQL ${place.version}, left behind by a process that was killed`,
        exited: endOf(gone),
        stop: () => endProcess(pid, FAST_STOP, gone),
      };
    }
    await pause(50);
  }
  await endProcess(pid, FAST_STOP, gone);
  return null;
}

/** Whether process `pid` is a PostgreSQL on these data: process numbers are given out again, above all in containers. */
function runsHere(pid: number, data: string): boolean {
  const command = existsSync('/proc/self/cmdline')
    ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ')
    : spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout;
  return command.includes('postgres') && command.includes(data);
}

async function endOf(gone: () => boolean): Promise<void> {
  while (!gone()) await pause(500);
}
