/** `jobs` in the Fastify back end: kept in the database and done by a worker inside the service. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { keepsDeleted } from './bases.ts';

/** `backend/src/db/tables/job.ts`. */
export function jobTableFile(project: ProjectModel): string {
  return fileText(`
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { recordColumns } from '../columns.ts';

/** What can be done in the background. */
export const JOB_KINDS = ['summary'${keepsDeleted(project) ? ", 'purge'" : ''}] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** How far a job is. */
export const JOB_STATUSES = ['queued', 'running', 'done', 'failed'] as const;

/** A number for each collection, as paths name it. */
export type JobResult = Record<string, number>;

export const jobs = sqliteTable(
  'jobs',
  {
    ...recordColumns(),
    kind: text({ enum: JOB_KINDS }).notNull(),
    status: text({ enum: JOB_STATUSES }).notNull().default('queued'),
    attempts: integer().notNull().default(0),
    result: text({ mode: 'json' }).$type<JobResult>(),
    error: text(),
    finished_at: text(),
  },
  (table) => [index('jobs_status').on(table.status)],
);

/** Work that is done after the request that asked for it. */
export type JobRow = typeof jobs.$inferSelect;
`);
}

/** `backend/src/schemas/job.ts`. */
export function jobSchemaFile(): string {
  return fileText(`
import { Type } from 'typebox';
import { JOB_KINDS, JOB_STATUSES } from '../db/tables/job.ts';
import { PAGE_PARAMETERS, pageSchema } from '../pagination.ts';
import { nullable } from './schema.ts';

/** What is to be done. */
export const JobCreate = Type.Object({ kind: Type.Enum(JOB_KINDS) }, { additionalProperties: false });

/** A job and what has become of it. */
export const JobRead = Type.Object({
  id: Type.Integer(),
  label: Type.String(),
  kind: Type.Enum(JOB_KINDS),
  status: Type.Enum(JOB_STATUSES),
  attempts: Type.Integer(),
  result: nullable(Type.Record(Type.String(), Type.Integer())),
  error: nullable(Type.String()),
  created_at: Type.String({ format: 'date-time' }),
  finished_at: nullable(Type.String({ format: 'date-time' })),
});

export const JobPage = pageSchema(JobRead);

/** What a list of jobs can be asked for. */
export const JobQuery = Type.Object(PAGE_PARAMETERS);
`);
}

/** `backend/src/repositories/job.ts`. */
export function jobRepositoryFile(): string {
  return fileText(`
import { eq, inArray, sql } from 'drizzle-orm';
import { now } from '../db/columns.ts';
import { type JobResult, type JobRow, jobs } from '../db/tables/job.ts';
import { Repository } from './repository.ts';

const MAX_ATTEMPTS = 3;

/** A short name for people. */
export function jobLabel({ id, kind }: JobRow): string {
  return \`\${kind} \${id}\`;
}

/** The queue of jobs: rows of a table, so that none is lost when the service stops. */
export class JobRepository extends Repository<JobRow> {
  protected readonly table = jobs;
  protected readonly sortable = { id: jobs.id };

  async labelsOf(rows: JobRow[]): Promise<string[]> {
    return rows.map(jobLabel);
  }

  /** Takes the oldest job that waits, so that nobody else does; undefined where none waits. */
  async claim(): Promise<JobRow | undefined> {
    const oldest = this.session
      .select({ id: jobs.id })
      .from(jobs)
      .where(eq(jobs.status, 'queued'))
      .orderBy(jobs.id)
      .limit(1);
    const [claimed] = await this.session
      .update(jobs)
      .set({ status: 'running', attempts: sql\`\${jobs.attempts} + 1\` })
      .where(inArray(jobs.id, oldest))
      .returning();
    return claimed;
  }

  /** Keeps the result of a job. */
  async finish(id: number, result: JobResult): Promise<void> {
    await this.change(id, { status: 'done', result, error: null, finished_at: now() });
  }

  /** Notes why an attempt failed; after the last one the job has failed. */
  async fail({ id, attempts }: JobRow, error: string): Promise<void> {
    const isLast = attempts >= MAX_ATTEMPTS;
    const outcome = isLast ? { status: 'failed', finished_at: now() } : { status: 'queued' };
    await this.change(id, { ...outcome, error });
  }

  /** Takes back what a stopped process was doing. */
  async recover(): Promise<void> {
    const running = await this.where(eq(jobs.status, 'running'));
    for (const job of running) await this.fail(job, 'The service was stopped.');
  }
}
`);
}

/** `backend/src/jobs/kinds.ts`. */
export function jobKindsFile(project: ProjectModel): string {
  const hasTrash = keepsDeleted(project);
  const purge = `
/** Removes what was deleted long ago; what refers to other records goes before them. */
async function purge(session: Session): Promise<JobResult> {
  const limit = new Date(Date.now() - KEPT_MS).toISOString();
  const result: JobResult = {};
  for (const [collection, open] of Object.entries(SERVICES).reverse()) {
    result[collection] = await open(session).purge(limit);
  }
  return result;
}
`;
  return fileText(`
import type { Session } from '../db/database.ts';
import type { JobKind, JobResult } from '../db/tables/job.ts';
import { SERVICES } from '../services/catalog.ts';

/** Does a job in the transaction of the session. */
export type JobWork = (session: Session) => Promise<JobResult>;
${hasTrash ? '\n/** How long deleted records can be restored before they are removed. */\nconst KEPT_MS = 30 * 24 * 60 * 60 * 1000;\n' : ''}
/** Counts the records of each collection. */
async function summarize(session: Session): Promise<JobResult> {
  const result: JobResult = {};
  for (const [collection, open] of Object.entries(SERVICES)) {
    const { total } = await open(session).list({ limit: 1 });
    result[collection] = total;
  }
  return result;
}
${hasTrash ? purge : ''}
/** What each kind of job does. */
export const KINDS: Readonly<Record<JobKind, JobWork>> = { summary: summarize${hasTrash ? ', purge' : ''} };
`);
}

/** `backend/src/jobs/worker.ts`. */
export function jobWorkerFile(): string {
  return fileText(`
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../db/database.ts';
import type { JobRow } from '../db/tables/job.ts';
import { JobRepository } from '../repositories/job.ts';
import { KINDS } from './kinds.ts';

/** Where the worker says what went wrong. */
export interface JobLog {
  error(error: unknown, message: string): void;
}

/** Does the jobs of the database, one after the other. */
export class JobWorker {
  private readonly database: Database;
  private readonly log: JobLog;
  private readonly kinds: typeof KINDS;
  private readonly pollMs: number;
  private readonly stopping = new AbortController();
  private ended: Promise<void> = Promise.resolve();

  constructor(database: Database, log: JobLog, { kinds = KINDS, pollMs = 1000 } = {}) {
    this.database = database;
    this.log = log;
    this.kinds = kinds;
    this.pollMs = pollMs;
  }

  /** Takes up what a stopped process has left, then does jobs until it is stopped. */
  async start(): Promise<void> {
    await this.database.write((session) => new JobRepository(session).recover());
    this.ended = this.run();
  }

  /** Lets the job that is being done end, and no other begin. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  /** Does the oldest job that waits; false where none does. */
  async runNext(): Promise<boolean> {
    const job = await this.database.write((session) => new JobRepository(session).claim());
    if (job === undefined) return false;
    await this.perform(job);
    return true;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const wasBusy = await this.tryNext();
      if (!wasBusy) await wait(this.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** A database that does not answer is a reason to wait, not to end. */
  private async tryNext(): Promise<boolean> {
    try {
      return await this.runNext();
    } catch (error) {
      this.log.error(error, 'The queue of jobs cannot be read.');
      return false;
    }
  }

  /** Does a job and keeps its result in one transaction, or else notes its failure. */
  private async perform(job: JobRow): Promise<void> {
    try {
      await this.database.write(async (session) => {
        const result = await this.kinds[job.kind](session);
        await new JobRepository(session).finish(job.id, result);
      });
    } catch (error) {
      this.log.error(error, \`Job \${job.id} failed.\`);
      await this.database.write((session) => new JobRepository(session).fail(job, String(error)));
    }
  }
}
`);
}

/** `backend/src/routes/job.ts`. */
export function jobRoutesFile(project: ProjectModel): string {
  const isGuarded = has(project, 'roles') && keepsDeleted(project);
  const start = isGuarded
    ? `async (request, reply) => {
      const { kind } = request.body;
      // What is purged is gone for good, like what only admins may delete.
      if (kind === 'purge') await requireAdmin(request);
      const job = await database.write((session) => new JobRepository(session).add({ kind }));`
    : `async ({ body }, reply) => {
      const job = await database.write((session) => new JobRepository(session).add(body));`;
  return fileText(`
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
${isGuarded ? "import { requireAdmin } from '../auth/guard.ts';\n" : ''}import type { Database } from '../db/database.ts';
import type { JobRow } from '../db/tables/job.ts';
import { NotFoundError } from '../errors.ts';
import { jobLabel, JobRepository } from '../repositories/job.ts';
import { JobCreate, JobPage, JobQuery, JobRead } from '../schemas/job.ts';
import { RecordPath } from '../schemas/schema.ts';
import { listPage } from '../services/list-page.ts';

const tags = ['jobs'];
const START = { tags, body: JobCreate, response: { 202: JobRead } };
const LIST = { tags, querystring: JobQuery, response: { 200: JobPage } };
const GET = { tags, params: RecordPath, response: { 200: JobRead } };

/** The HTTP interface of background jobs. */
export function jobRoutes(database: Database): FastifyPluginAsyncTypebox {
  const jobs = new JobRepository(database.session);
  return async (app) => {
    app.post('', { schema: START }, ${start}
      return reply.status(202).send(presentJob(job));
    });

    app.get('', { schema: LIST }, ({ query }) => listPage(jobs, query));

    app.get('/:id', { schema: GET }, async ({ params }) => {
      const job = await jobs.get(params.id);
      if (job === undefined) throw new NotFoundError(\`There is no job with id \${params.id}.\`);
      return presentJob(job);
    });
  };
}

function presentJob(job: JobRow) {
  return { ...job, label: jobLabel(job) };
}
`);
}
