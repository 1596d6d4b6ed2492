/**
 * Schema migrations: numbered pairs of SQL files in drizzle/, `NNN_name.up.sql` and `NNN_name.down.sql`, run in order. Each
 * revision is one transaction that also holds a database-wide advisory lock, so replicas that start together run one after the
 * other and the later ones find nothing left to do.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { MgeError } from '../domain/index.ts';

/** One schema revision. `sha256` is over the up file: what has been applied must not change any more. */
export interface Revision {
  /** File name without ending, e.g. `002_mge_v2_schema`. */
  readonly revision: string;
  readonly number: number;
  readonly up: string;
  readonly down: string;
  readonly sha256: string;
}

export interface AppliedRevision {
  readonly revision: string;
  readonly sha256: string;
  readonly appliedAt: Date;
}

/** What `upgrade` and `downgrade` tell while they run. */
export interface MigrationLog {
  info(fields: Record<string, unknown>, message: string): void;
}

type Connection = pg.Pool | pg.PoolClient;

const SILENT: MigrationLog = { info: () => undefined };
/** From src/db and from dist/db the folder is two levels up. */
const FOLDER = fileURLToPath(new URL('../../drizzle/', import.meta.url));
/** Key of the advisory lock; any constant that nothing else in the database uses. */
const LOCK_KEY = '7307202710092514';
/** Held from the look at a database to the end of its first migration. */
const START_LOCK_KEY = '7307202710092516';
/** How long a revision waits for a table that others use before it gives up and changes nothing. */
const LOCK_TIMEOUT = '60s';

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS mge_migrations (
  revision varchar(100) PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);`;

const COUNT_TABLES = `SELECT count(*)::int AS tables FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND c.relname <> 'mge_migrations'`;

/**
 * All revisions that this version of the program knows, oldest first.
 * @throws {MgeError} INTERNAL when the folder is incomplete (a gap in the numbers, a revision without its way back).
 */
export function listRevisions(folder: string = FOLDER): Revision[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.up.sql'));
  const revisions = names.sort().map((name) => readRevision(folder, name.slice(0, -'.up.sql'.length)));
  revisions.forEach((revision, i) => {
    if (revision.number !== i + 1) {
      throw new MgeError(
        'INTERNAL',
        `migrations in ${folder} must be numbered 001, 002, ...: ${revision.revision} is number ${i + 1}`,
      );
    }
  });
  if (revisions.length === 0)
    throw new MgeError('INTERNAL', `there are no migrations in ${folder}: the installation is incomplete`);
  return revisions;
}

function readRevision(folder: string, revision: string): Revision {
  const read = (direction: string) =>
    readFileSync(`${folder}/${revision}.${direction}.sql`, 'utf8').replaceAll('\r\n', '\n');
  try {
    const up = read('up');
    const sha256 = createHash('sha256').update(up).digest('hex');
    return { revision, number: Number.parseInt(revision, 10), up, down: read('down'), sha256 };
  } catch (cause) {
    throw new MgeError('INTERNAL', `migration ${revision} cannot be read in both directions`, { cause });
  }
}

/** The newest applied revision, or null when there is none. Changes nothing. */
export async function currentRevision(pool: Connection): Promise<string | null> {
  return (await history(pool)).at(-1)?.revision ?? null;
}

/** What has been applied and when, oldest first. Changes nothing. */
export async function history(pool: Connection): Promise<AppliedRevision[]> {
  const found = await pool.query<{ exists: boolean }>("SELECT to_regclass('mge_migrations') IS NOT NULL AS exists");
  return found.rows[0]?.exists === true ? readApplied(pool) : [];
}

/**
 * Brings the schema up to `target`: `head`, a revision's number, its full name, or an unambiguous start of the name.
 * @returns the revisions that this call applied, oldest first; empty when there was nothing to do.
 * @throws {MgeError} CONFLICT when the database holds revisions that differ from, or are unknown to, this version.
 * @throws {MgeError} VALIDATION_FAILED when `target` names no revision.
 */
export async function upgrade(pool: pg.Pool, target = 'head', log: MigrationLog = SILENT): Promise<string[]> {
  const known = listRevisions();
  const goal = resolveTarget(known, target);
  return withClient(pool, (client) => stepwise(client, log, (applied) => nextUp(known, applied, goal)));
}

/**
 * Takes the schema back down to `target`, which stays applied; `base` takes everything back.
 * @returns the revisions that this call took back, newest first.
 * @throws {MgeError} as `upgrade`.
 */
export async function downgrade(pool: pg.Pool, target: string, log: MigrationLog = SILENT): Promise<string[]> {
  const known = listRevisions();
  const goal = resolveTarget(known, target);
  return withClient(pool, (client) =>
    stepwise(client, log, (applied) => {
      const revision = known[applied.length - 1];
      return revision === undefined || applied.length <= goal ? null : { revision, direction: 'down' };
    }),
  );
}

/**
 * `upgrade` to head for a database that holds no table yet. Replicas that start together wait for the first one; each of them
 * then finds the database at head.
 * @returns whether the database is at head now; false when it holds something else, and nothing was changed.
 */
export async function upgradeIfEmpty(pool: pg.Pool, log: MigrationLog = SILENT): Promise<boolean> {
  const known = listRevisions();
  return withClient(pool, async (client) => {
    await client.query(`SELECT pg_advisory_lock(${START_LOCK_KEY})`);
    try {
      const { rows } = await client.query<{ tables: number }>(COUNT_TABLES);
      if (rows[0]?.tables === 0) await stepwise(client, log, (applied) => nextUp(known, applied, known.length));
      return (await currentRevision(client)) === known.at(-1)?.revision;
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${START_LOCK_KEY})`);
    }
  });
}

interface Step {
  readonly revision: Revision;
  readonly direction: 'up' | 'down';
}

type NextStep = (applied: readonly AppliedRevision[]) => Step | null;

function nextUp(known: readonly Revision[], applied: readonly AppliedRevision[], goal: number): Step | null {
  const revision = known[applied.length];
  return revision === undefined || applied.length >= goal ? null : { revision, direction: 'up' };
}

async function withClient<T>(pool: pg.Pool, use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
}

async function stepwise(client: pg.PoolClient, log: MigrationLog, next: NextStep): Promise<string[]> {
  const done: string[] = [];
  for (let step = await runStep(client, next); step !== null; step = await runStep(client, next)) {
    log.info({ revision: step.name, direction: step.direction, ms: step.ms }, `migration ${step.direction}`);
    done.push(step.name);
  }
  return done;
}

async function runStep(client: pg.PoolClient, next: NextStep) {
  const started = performance.now();
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK_KEY})`);
    await client.query(CREATE_TABLE);
    const applied = await readApplied(client);
    assertKnown(applied);
    const step = next(applied);
    if (step !== null) await applyStep(client, step);
    await client.query('COMMIT');
    return (
      step && { name: step.revision.revision, direction: step.direction, ms: Math.round(performance.now() - started) }
    );
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function applyStep(client: pg.PoolClient, step: Step): Promise<void> {
  const { revision, sha256, up, down } = step.revision;
  try {
    await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query(step.direction === 'up' ? up : down);
    if (step.direction === 'up') {
      await client.query('INSERT INTO mge_migrations (revision, checksum) VALUES ($1, $2)', [revision, sha256]);
    } else {
      await client.query('DELETE FROM mge_migrations WHERE revision = $1', [revision]);
    }
  } catch (cause) {
    throw new MgeError(
      'INTERNAL',
      `migration ${revision} (${step.direction}) failed and changed nothing: ${describe(cause, step)}`,
      { cause },
    );
  }
}

/** The server's message, with the line of the SQL file where it knows it. */
function describe(cause: unknown, step: Step): string {
  if (!(cause instanceof Error)) return String(cause);
  const position = Number((cause as { position?: string }).position);
  if (!Number.isInteger(position)) return cause.message;
  const text = step.direction === 'up' ? step.revision.up : step.revision.down;
  return `${cause.message} (line ${text.slice(0, position).split('\n').length})`;
}

async function readApplied(client: Connection): Promise<AppliedRevision[]> {
  const { rows } = await client.query<{ revision: string; checksum: string; applied_at: Date }>(
    'SELECT revision, checksum, applied_at FROM mge_migrations ORDER BY revision',
  );
  return rows.map((row) => ({ revision: row.revision, sha256: row.checksum, appliedAt: row.applied_at }));
}

/** Refuses to touch a database whose history is not a beginning of ours. */
function assertKnown(applied: readonly AppliedRevision[]): void {
  const known = listRevisions();
  applied.forEach((row, i) => {
    const ours = known[i];
    if (ours?.revision !== row.revision) {
      throw new MgeError(
        'CONFLICT',
        `the database holds revision ${row.revision}, which this version of mge does not know; run the version that applied it`,
      );
    }
    if (ours.sha256 !== row.sha256) {
      throw new MgeError(
        'CONFLICT',
        `revision ${row.revision} was applied with checksum ${row.sha256}, but its file now has ${ours.sha256}; ` +
          'an applied migration must not change: put the file back and write a new revision',
      );
    }
  });
}

/** How many revisions are applied when `target` is reached. */
function resolveTarget(known: readonly Revision[], target: string): number {
  if (target === 'head') return known.length;
  if (target === 'base') return 0;
  const byNumber = /^\d+$/.test(target) ? known.filter((r) => r.number === Number(target)) : [];
  const exact = known.filter((r) => r.revision === target);
  const byPrefix = known.filter(
    (r) => r.revision.startsWith(target) || r.revision.replace(/^\d+_/, '').startsWith(target),
  );
  const matches = [byNumber, exact, byPrefix].find((found) => found.length > 0) ?? [];
  const [match] = matches;
  if (match === undefined || matches.length > 1 || target === '') {
    const names = known.map((r) => r.revision).join(', ');
    const problem = matches.length > 1 ? 'is not one revision but several' : 'is no revision';
    throw new MgeError('VALIDATION_FAILED', `"${target}" ${problem}; there are: base, ${names}, head`);
  }
  return match.number;
}

/**
 * The SQL that leads from one revision to another, to be read or run by hand with psql; nothing is executed. Upwards when `to`
 * is newer than `from`, else the way back. The result is one transaction per revision, as `upgrade` runs it.
 * @throws {MgeError} VALIDATION_FAILED when a name is no revision.
 */
export function renderSql(from: string, to: string): string {
  const known = listRevisions();
  const [start, end] = [resolveTarget(known, from), resolveTarget(known, to)];
  const steps: Step[] =
    end >= start
      ? known.slice(start, end).map((revision) => ({ revision, direction: 'up' }))
      : known
          .slice(end, start)
          .reverse()
          .map((revision) => ({ revision, direction: 'down' }));
  return steps.map(renderStep).join('\n');
}

function renderStep({ revision: { revision, sha256, up, down }, direction }: Step): string {
  const record =
    direction === 'up'
      ? `INSERT INTO mge_migrations (revision, checksum) VALUES ('${revision}', '${sha256}');`
      : `DELETE FROM mge_migrations WHERE revision = '${revision}';`;
  return [
    `-- Running ${direction === 'up' ? 'upgrade' : 'downgrade'} ${revision}`,
    'BEGIN;',
    `SELECT pg_advisory_xact_lock(${LOCK_KEY});`,
    CREATE_TABLE,
    `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}';`,
    (direction === 'up' ? up : down).trimEnd(),
    record,
    'COMMIT;',
    '',
  ].join('\n');
}
