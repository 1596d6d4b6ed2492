/** The files of `jobs` in the Fastify back end. */
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { filesOf } from './files.ts';
import * as jobs from './jobs.ts';
import { jobsTestFile, jobWorkerTestFile } from './tests-jobs.ts';

/** None where nothing is done in the background. */
export function jobFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'jobs')) return [];
  const file = filesOf('backend-features');
  return [
    file('src/db/tables/job.ts', jobs.jobTableFile(project), 'Table of background jobs'),
    file('src/schemas/job.ts', jobs.jobSchemaFile(), 'Schemas of background jobs'),
    file('src/repositories/job.ts', jobs.jobRepositoryFile(), 'The queue of background jobs'),
    file('src/jobs/kinds.ts', jobs.jobKindsFile(project), 'What background jobs do'),
    file('src/jobs/worker.ts', jobs.jobWorkerFile(), 'The worker that does background jobs'),
    file('src/routes/job.ts', jobs.jobRoutesFile(project), 'HTTP interface of background jobs'),
    file('test/jobs.test.ts', jobsTestFile(project), 'Tests of background jobs', 'test'),
    file('test/job-worker.test.ts', jobWorkerTestFile(project), 'Tests of the worker', 'test'),
  ];
}
