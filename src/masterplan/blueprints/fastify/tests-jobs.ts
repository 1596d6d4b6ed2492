/** Tests of `jobs` in the Fastify back end. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { keepsDeleted } from './bases.ts';
import { imports } from './entity-names.ts';

/** `backend/test/jobs.test.ts`: the HTTP interface. */
export function jobsTestFile(project: ProjectModel): string {
  const isGuarded = has(project, 'roles') && keepsDeleted(project);
  const guarded = `
  it('of the kind purge are for admins', async () => {
    const headers = await headersOf(await makeAccount(service.database));

    const refused = await service.sendAs(headers, 'POST', URL, { kind: 'purge' });

    expect(refused.statusCode).toBe(403);
    expect((await service.send('GET', URL)).json().total).toBe(0);
    expect((await service.sendAs(headers, 'POST', URL, { kind: 'summary' })).statusCode).toBe(202);
    expect((await service.send('POST', URL, { kind: 'purge' })).statusCode).toBe(202);
  });
`;
  return fileText(`
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
${isGuarded ? "import { headersOf, makeAccount } from './support/accounts.ts';\n" : ''}import { startService, type TestService } from './support/test-service.ts';

const URL = '/api/jobs';

describe('background jobs', () => {
  let service: TestService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.close());

  it('wait until they are done', async () => {
    const response = await service.send('POST', URL, { kind: 'summary' });

    expect(response.statusCode).toBe(202);
    const job = response.json();
    expect(job).toMatchObject({ kind: 'summary', status: 'queued', attempts: 0, result: null, error: null });
    expect(job.label).toBe(\`summary \${job.id}\`);
    expect((await service.send('GET', \`\${URL}/\${job.id}\`)).json()).toEqual(job);
  });

  it('are listed in pages, newest first', async () => {
    const first = (await service.send('POST', URL, { kind: 'summary' })).json();
    const last = (await service.send('POST', URL, { kind: 'summary' })).json();

    const page = (await service.send('GET', \`\${URL}?limit=1\`)).json();

    expect(page).toEqual({ items: [last], total: 2, limit: 1, offset: 0 });
    expect((await service.send('GET', \`\${URL}?offset=1\`)).json().items).toEqual([first]);
  });
${isGuarded ? guarded : ''}
  it('that are not there are not found', async () => {
    expect((await service.send('GET', \`\${URL}/999\`)).statusCode).toBe(404);
  });

  it.each([{ kind: 'dance' }, {}])('are not made of %j', async (body) => {
    const response = await service.send('POST', URL, body);

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('kind');
  });
});
`);
}

function purgeTests(entity: EntityModel): string {
  const { names } = entity;
  return `
  it('leaves deleted records out of a summary', async () => {
    await make${names.pascal}Deleted(0);

    expect((await resultOf('summary'))['${names.kebabPlural}']).toBe(0);
  });

  it('purges what was deleted long ago', async () => {
    await make${names.pascal}(service.database);
    const recent = await make${names.pascal}Deleted(29);
    await make${names.pascal}Deleted(31);

    expect((await resultOf('purge'))['${names.kebabPlural}']).toBe(1);

    const trash = (await service.send('GET', '/api/${names.kebabPlural}?deleted=true')).json();
    expect(trash.items.map(({ id }: { id: number }) => id)).toEqual([recent]);
    expect((await service.send('GET', '/api/${names.kebabPlural}')).json().total).toBe(1);
  });
`;
}

/** Records that need others go before those. */
function purgeOrderTest(project: ProjectModel): string {
  for (const child of project.entities) {
    const relation = child.relations.find(({ required, target }) => required && target !== child.names.pascal);
    if (relation === undefined) continue;
    const parent = entityNamed(project, relation.target).names;
    return `
  it('purges what needs a record before that record', async () => {
    const { id, ${relation.name}_id } = await make${child.names.pascal}(service.database);
    const moment = daysAgo(31);
    await service.database.write(async (session) => {
      await new ${child.names.pascal}Repository(session).change(id, { deleted_at: moment });
      await new ${parent.pascal}Repository(session).change(${relation.name}_id, { deleted_at: moment });
    });

    expect(await resultOf('purge')).toMatchObject({ '${child.names.kebabPlural}': 1, '${parent.kebabPlural}': 1 });
  });
`;
  }
  return '';
}

/** `backend/test/job-worker.test.ts`. */
export function jobWorkerTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  if (entity === undefined) return '';
  const { names } = entity;
  const hasTrash = keepsDeleted(project);
  const trashHelpers = `
  async function resultOf(kind: JobKind): Promise<JobResult> {
    const { id } = await addJob(kind);
    await worker.runNext();
    return (await jobOf(id)).result;
  }
  async function make${names.pascal}Deleted(days: number): Promise<number> {
    const { id } = await make${names.pascal}(service.database);
    await service.database.write((session) => new ${names.pascal}Repository(session).change(id, { deleted_at: daysAgo(days) }));
    return id;
  }
`;
  const body = `
${hasTrash ? 'const DAY_MS = 24 * 60 * 60 * 1000;\n\nfunction daysAgo(days: number): string {\n  return new Date(Date.now() - days * DAY_MS).toISOString();\n}\n' : ''}
async function breakDown(): Promise<never> {
  throw new Error('no disk');
}

describe('the worker', () => {
  const log = { error: vi.fn() };
  let service: TestService;
  let worker: JobWorker;

  beforeEach(async () => {
    log.error.mockClear();
    service = await startService();
    worker = new JobWorker(service.database, log);
  });

  afterEach(() => service.close());

  function change<Result>(work: (jobs: JobRepository) => Promise<Result>): Promise<Result> {
    return service.database.write((session) => work(new JobRepository(session)));
  }

  function addJob(kind: JobKind = 'summary'): Promise<JobRow> {
    return change((jobs) => jobs.add({ kind }));
  }

  async function jobOf(id: number) {
    return (await service.send('GET', \`/api/jobs/\${id}\`)).json();
  }
${hasTrash ? trashHelpers : ''}
  it('counts the records of each collection', async () => {
    await make${names.pascal}(service.database);
    const { id } = await addJob();

    expect(await worker.runNext()).toBe(true);

    const job = await jobOf(id);
    expect(job).toMatchObject({ status: 'done', attempts: 1, error: null });
    expect(job.result).toMatchObject({ '${names.kebabPlural}': 1 });
    expect(Date.parse(job.finished_at)).not.toBeNaN();
  });

  it('has nothing to do without jobs', async () => {
    expect(await worker.runNext()).toBe(false);
  });

  it('takes the oldest job, once', async () => {
    const [first, second] = [await addJob(), await addJob()];

    const claims = [await change((jobs) => jobs.claim()), await change((jobs) => jobs.claim())];

    expect(claims.map((job) => job?.id)).toEqual([first.id, second.id]);
    expect(await change((jobs) => jobs.claim())).toBeUndefined();
  });

  it('tries a job three times, and keeps nothing of what failed', async () => {
    const failing = new JobWorker(service.database, log, { kinds: { ...KINDS, summary: breakDown } });
    const { id } = await addJob();

    expect([await failing.runNext(), await failing.runNext()]).toEqual([true, true]);
    expect(await jobOf(id)).toMatchObject({ status: 'queued', attempts: 2, finished_at: null });
    expect([await failing.runNext(), await failing.runNext()]).toEqual([true, false]);

    expect(await jobOf(id)).toMatchObject({ status: 'failed', attempts: 3, error: 'Error: no disk', result: null });
    expect(log.error).toHaveBeenCalledTimes(3);
  });

  it('takes up what a stopped process held', async () => {
    const { id } = await addJob();
    await change((jobs) => jobs.claim());

    await change((jobs) => jobs.recover());

    expect(await change((jobs) => jobs.claim())).toMatchObject({ id, attempts: 2 });
  });

  it('does jobs until it is stopped', async () => {
    const busy = new JobWorker(service.database, log, { pollMs: 5 });
    await busy.start();
    const { id } = await addJob();
    await expect.poll(async () => (await jobOf(id)).status).toBe('done');

    await busy.stop();

    const late = await addJob();
    expect((await jobOf(late.id)).status).toBe('queued');
    expect(log.error).not.toHaveBeenCalled();
  });

  it('waits while the database does not answer', async () => {
    const busy = new JobWorker(service.database, log, { pollMs: 5 });
    await busy.start();

    service.database.close();

    await expect.poll(() => log.error).toHaveBeenCalledWith(expect.anything(), 'The queue of jobs cannot be read.');
    await busy.stop();
  });
${hasTrash ? purgeTests(entity) + purgeOrderTest(project) : ''}});
`;
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\(`).test(body);
  const others = (path: (kebab: string) => string, name: (pascal: string) => string) =>
    Object.fromEntries(
      project.entities.map(({ names: { kebab, pascal } }) => [path(kebab), [name(pascal)].filter(uses)]),
    );
  return fileText(`
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobKind, ${hasTrash ? 'JobResult, ' : ''}JobRow } from '../src/db/tables/job.ts';
${imports({
  '../src/jobs/kinds.ts': ['KINDS'],
  '../src/jobs/worker.ts': ['JobWorker'],
  ...others(
    (kebab) => `../src/repositories/${kebab}.ts`,
    (pascal) => `${pascal}Repository`,
  ),
  '../src/repositories/job.ts': ['JobRepository'],
  ...others(
    (kebab) => `./support/${kebab}-factory.ts`,
    (pascal) => `make${pascal}`,
  ),
  './support/test-service.ts': ['startService', 'type TestService'],
})}
${body}`);
}
