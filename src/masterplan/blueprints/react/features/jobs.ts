/** The jobs page of the front end: starting background jobs and watching them. */
import type { GeneratedFile } from '../../generated-file.ts';
import { fileText } from '../../layout.ts';
import type { ProjectModel } from '../../model.ts';
import { featureFile, has, where } from './feature-file.ts';

function jobsApiFile(project: ProjectModel): string {
  return fileText(`
import { queryString, request } from './http';
import type { Listable, Reference } from './resource';

export const JOB_KINDS = [
  { value: 'summary', label: 'Count all records' },
${where(project, 'soft_delete', "  { value: 'purge', label: 'Remove what was deleted long ago' },")}
];

/** Work that the server does in the background. */
export interface Job extends Reference {
  kind: string;
  status: 'queued' | 'running' | 'done' | 'failed';
  attempts: number;
  result: Record<string, unknown> | null;
  /** Why the last attempt failed. */
  error: string | null;
  created_at: string;
  finished_at: string | null;
}

interface Jobs extends Listable<Job, object> {
  start(kind: string): Promise<Job>;
}

/** All jobs, newest first. */
export const jobsApi: Jobs = {
  list: (query) => request('GET', \`/api/jobs\${queryString(query)}\`),
  start: (kind) => request('POST', '/api/jobs', { kind }),
};
`);
}

function jobTableFile(): string {
  return fileText(`
import { type Job, JOB_KINDS } from '../api/jobs';
import { formatInstant } from '../forms/convert';
import { labelIn } from '../forms/label-in';

/** What came of a job: its result, or why it failed. */
function outcomeOf({ result, error }: Job): string {
  if (result === null) return error ?? '';
  return Object.entries(result)
    .map(([name, value]) => \`\${name}: \${String(value)}\`)
    .join(', ');
}

/** Jobs, one in each row. */
export function JobTable({ jobs }: { jobs: Job[] }) {
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Status</th>
            <th scope="col">Attempts</th>
            <th scope="col">Result</th>
            <th scope="col">Ordered</th>
            <th scope="col">Finished</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td>{labelIn(JOB_KINDS, job.kind)}</td>
              <td>{job.status}</td>
              <td>{job.attempts}</td>
              <td>{outcomeOf(job)}</td>
              <td>{formatInstant(job.created_at)}</td>
              <td>{formatInstant(job.finished_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
`);
}

function jobsPageFile(): string {
  return fileText(`
import { useState } from 'react';
import { JOB_KINDS, jobsApi } from '../api/jobs';
import { CollectionFrame } from '../components/collection-frame';
import { JobTable } from '../components/job-table';
import { messageOf } from '../hooks/message-of';
import { useCollection } from '../hooks/use-collection';

const NO_FILTERS = {};

/** Starting background jobs, and what came of them. */
export function JobsPage() {
  const collection = useCollection(jobsApi, NO_FILTERS);
  const [failure, setFailure] = useState<string | null>(null);

  async function start(kind: string) {
    setFailure(null);
    await jobsApi.start(kind).catch((reason: unknown) => setFailure(messageOf(reason)));
    collection.reload();
  }

  return (
    <section aria-labelledby="jobs-heading">
      <h1 id="jobs-heading">Jobs</h1>
      <div className="toolbar">
        {JOB_KINDS.map(({ value, label }) => (
          <button key={value} type="button" className="primary" onClick={() => void start(value)}>
            {label}
          </button>
        ))}
        <button type="button" onClick={collection.reload}>
          Refresh
        </button>
      </div>
      {failure && (
        <p role="alert" className="error">
          {failure}
        </p>
      )}
      <CollectionFrame collection={collection} emptyText="No jobs here yet.">
        {(jobs) => <JobTable jobs={jobs} />}
      </CollectionFrame>
    </section>
  );
}
`);
}

function jobsPageTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { answer, type FakeRoutes, installFakeApi } from '../test/fake-api';
import { JobsPage } from './jobs-page';

const JOB = {
  id: 1,
  label: 'summary 1',
  kind: 'summary',
  status: 'queued',
  attempts: 0,
  result: null as Record<string, number> | null,
  error: null as string | null,
  created_at: '2024-05-01T08:00:00Z',
  finished_at: null as string | null,
};

function renderPage(rows: (typeof JOB)[], routes: FakeRoutes = {}) {
  installFakeApi({ '/api/jobs': { rows, complete: (values) => ({ ...JOB, ...values }) } }, routes);
  render(<JobsPage />);
}

describe('JobsPage', () => {
  it('starts a job', async () => {
    renderPage([]);
    await screen.findByText('No jobs here yet.');

    await userEvent.click(screen.getByRole('button', { name: 'Count all records' }));

    expect(await screen.findByRole('cell', { name: 'queued' })).toBeDefined();
    expect(screen.getByRole('cell', { name: 'Count all records' })).toBeDefined();
  });

  it('shows what came of a job after a refresh', async () => {
    const rows = [JOB];
    renderPage(rows);
    await screen.findByRole('cell', { name: 'queued' });
    rows[0] = { ...JOB, status: 'done', attempts: 1, result: { things: 3, owners: 2 } };

    await userEvent.click(screen.getByRole('button', { name: 'Refresh' }));

    expect(await screen.findByRole('cell', { name: 'things: 3, owners: 2' })).toBeDefined();
  });

  it('shows why a job failed', async () => {
    renderPage([{ ...JOB, status: 'failed', attempts: 3, error: 'The disk is full.' }]);

    expect(await screen.findByRole('cell', { name: 'The disk is full.' })).toBeDefined();
  });

  it('says that a job cannot be started', async () => {
    const refuse = () => answer(503, { detail: 'Closed for now.' });
    renderPage([], { 'POST /api/jobs': refuse });

    await userEvent.click(screen.getByRole('button', { name: 'Count all records' }));

    expect((await screen.findByRole('alert')).textContent).toBe('Closed for now.');
  });
});
`);
}

/** The files that jobs add. */
export function jobFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'jobs')) return [];
  return [
    featureFile('src/api/jobs.ts', jobsApiFile(project), 'Calls for jobs'),
    featureFile('src/components/job-table.tsx', jobTableFile(), 'Table of jobs'),
    featureFile('src/pages/jobs-page.tsx', jobsPageFile(), 'Page of jobs'),
    featureFile('src/pages/jobs-page.test.tsx', jobsPageTestFile(), 'Tests of the page of jobs'),
  ];
}
