import { beforeAll, describe, expect, it } from 'vitest';
import { languageOf, openParser } from '../../../src/adapters/parser/index.ts';
import { tasksOf } from '../../../src/domain/index.ts';
import { createBlueprintProvider } from '../../../src/masterplan/index.ts';
import { apiFindings } from '../../../src/validation/component/api-contracts.ts';
import { PythonProgram } from '../../../src/validation/component/python/python-program.ts';
import { tableVerdict } from '../../../src/validation/component/table-contracts.ts';
import { warmProject } from '../../../src/validation/script/warm-project.ts';

type Project = Readonly<Record<string, string>>;

const parser = await openParser();
const provider = createBlueprintProvider();
const REQUESTS = {
  fastapi: 'A blog with posts and comments with FastAPI and React, login, roles, background jobs and CSV import',
  fastify: 'A blog with posts and comments with Fastify and React, soft delete',
} as const;
const projects = new Map<string, Project>();

/** What the comparisons read of a generated project: routes, schemas, tables, migrations, and the front end's client. */
async function generate(userRequest: string): Promise<Project> {
  const plan = await provider.plan({ userRequest, spec: null, seed: 0 }, new AbortController().signal);
  const kept = tasksOf(plan).filter(
    ({ filePath }) =>
      (/^backend\/(?:app|src)\/(?:routers|routes|schemas|models|db|main|app|pagination|csv_body)|\.sql$/.test(
        filePath,
      ) ||
        /^frontend\/src\/(?:api|auth)\//.test(filePath)) &&
      !/\.test\./.test(filePath),
  );
  return Object.fromEntries(kept.map((task) => [task.filePath, Buffer.from(task.draft ?? []).toString('utf8')]));
}

/** The two comparisons by themselves: the compiler's diagnostics of every file are not what is asked for here. */
function findings(project: Project): string[] {
  const files = Object.entries(project).map(([path, text]) => ({ path, language: languageOf(path), text }));
  const python = new PythonProgram(parser, files);
  const compiled = warmProject();
  compiled.update(files, 'frontend/src/api/http.ts');
  const sources = { files, python, script: compiled.program() };
  const tables = tableVerdict(sources, files);
  const found = [...(apiFindings(sources, files) ?? []), ...('findings' in tables ? tables.findings : [])];
  return found.map(({ rule }) => rule);
}

beforeAll(async () => {
  for (const [name, request] of Object.entries(REQUESTS)) projects.set(name, await generate(request));
}, 180_000);

describe('one fault in a generated project', () => {
  it.each(Object.keys(REQUESTS))('is not found where there is none: %s', (name) => {
    expect(findings(projects.get(name)!)).toEqual([]);
  });

  const client = 'frontend/src/api';
  const sql = 'backend/drizzle/0000_tables.sql';
  it.each([
    ['fastapi', 'backend/app/schemas/post.py', '    published: bool\n', '    is_published: bool\n', 'unsent-member'],
    ['fastapi', 'backend/app/schemas/comment.py', '    author_name: str\n', '    author_name: int\n', 'member-type'],
    [
      'fastapi',
      'backend/app/schemas/post.py',
      '    title: Text200\n',
      '    title: Text200\n    slug: str\n',
      'missing-member',
    ],
    ['fastapi', 'backend/app/routers/jobs.py', 'prefix="/api/jobs"', 'prefix="/api/tasks"', 'unserved-request'],
    ['fastapi', 'backend/app/models/job.py', '"done"', '"finished"', 'member-values'],
    ['fastapi', `${client}/posts.ts`, 'published_on: string | null', 'publishedOn: string | null', 'member-name'],
    ['fastapi', `${client}/posts.ts`, "'/api/posts'", "'/api/post'", 'unserved-request'],
    ['fastapi', `${client}/auth.ts`, "'POST', '/api/auth/register'", "'PUT', '/api/auth/register'", 'unserved-request'],
    ['fastapi', `${client}/auth.ts`, "'admin' | 'member'", "'admin' | 'user'", 'member-values'],
    ['fastapi', `${client}/auth.ts`, '{ access_token: string }', '{ token: string }', 'unsent-member'],
    ['fastapi', `${client}/csv.ts`, '{ created: number }', '{ imported: number }', 'unsent-member'],
    ['fastapi', `${client}/csv.ts`, '/import`', '/upload`', 'unserved-request'],
    [
      'fastapi',
      `${client}/resource.ts`,
      "request('PATCH', `${path}/${id}`",
      "request('PATCH', path",
      'unserved-request',
    ],
    ['fastify', `${client}/resource.ts`, "request('PATCH'", "request('PUT'", 'unserved-request'],
    ['fastify', `${client}/comments.ts`, '  post_id: number;\n}', '  postId: number;\n}', 'member-name'],
    ['fastify', 'backend/src/schemas/post.ts', 'body: Type.String(),', 'text: Type.String(),', 'unsent-member'],
    ['fastify', sql, '`body` text NOT NULL', '`body` text', 'column-nullability'],
    ['fastify', sql, '`author_name` text', '`author_name` integer', 'column-type'],
    ['fastify', sql, '\t`title` text NOT NULL,\n', '', 'missing-column'],
    ['fastify', sql, 'REFERENCES `posts`', 'REFERENCES `articles`', 'foreign-key'],
  ])('%s: %s, %j instead of %j', (name, path, from, to, rule) => {
    const project = projects.get(name)!;
    expect(project[path]).toContain(from);
    expect(findings({ ...project, [path]: project[path]!.replace(from, to) })).toContain(rule);
  });
});
