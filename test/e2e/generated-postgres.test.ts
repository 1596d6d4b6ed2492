/** Generated Python back ends do on PostgreSQL what they do on SQLite: their own tests of the HTTP interface pass there. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tasksOf } from '../../src/domain/index.ts';
import { createBlueprintProvider } from '../../src/masterplan/index.ts';
import { blueprintOf } from '../../src/masterplan/blueprints/registry.ts';
import { OwnServer } from '../support/own-servers.ts';

const run = promisify(execFile);
const PYTHON = process.env['MGE_TEST_PYTHON'] ?? '/usr/bin/python3';

/** A unique field, numbers, times, a relation to itself and one of many with many. */
const ENTITIES = [
  { name: 'keeper', fields: ['name: text(80) required unique'] },
  {
    name: 'animal',
    fields: ['name!', 'species: enum(mammal|bird) required', 'born_at: datetime', 'weight: decimal(0..500)'],
    relations: ['keeper required', 'mother: animal', 'helpers: many keeper'],
  },
];

/** What the tests do on SQLite in memory, and what they do on PostgreSQL instead. */
const ON_POSTGRES: readonly (readonly [string, string])[] = [
  ['import pytest\n', 'import os\n\nimport pytest\n'],
  ['Database(MEMORY_URL)', 'Database(os.environ["DATABASE_URL"])'],
  ['PRAGMA foreign_keys=OFF', 'SET LOCAL session_replication_role = replica'],
  ['PRAGMA foreign_keys=ON', 'SELECT 1'],
];

const TESTS = [
  'animal_api',
  'animal_csv_api',
  'animal_csv',
  'animal_trash_api',
  'audit_api',
  'jobs',
  'attachments_api',
];

async function missing(): Promise<string | null> {
  return run(PYTHON, ['-c', 'import fastapi, flask, httpx, jwt, multipart, psycopg2, pytest, sqlalchemy']).then(
    () => null,
    (error: Error) => error.message.trim().split('\n').at(-1) ?? 'unknown reason',
  );
}

async function writeBackend(blueprint: 'fastapi' | 'flask'): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), `mge-postgres-${blueprint}-`));
  const stack = { blueprint, frontend: 'none' };
  const spec = { name: 'Zoo', stack, features: blueprintOf(blueprint).features, entities: ENTITIES };
  const plan = await createBlueprintProvider().plan(
    { userRequest: 'Zoo', spec, seed: 0 },
    new AbortController().signal,
  );
  for (const { filePath, draft } of tasksOf(plan)) {
    await mkdir(dirname(join(root, filePath)), { recursive: true });
    await writeFile(join(root, filePath), draft ?? '');
  }
  return root;
}

async function moveToPostgres(root: string): Promise<void> {
  const path = join(root, 'backend/tests/conftest.py');
  let text = await readFile(path, 'utf8');
  for (const [from, to] of ON_POSTGRES) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  await writeFile(path, text);
}

const lacks = await missing();

describe.skipIf(lacks !== null)(
  `generated back ends on PostgreSQL${lacks === null ? '' : ` (not run: ${lacks})`}`,
  () => {
    let server: OwnServer;
    const roots: string[] = [];

    beforeAll(async () => {
      server = await OwnServer.postgres();
    });

    afterAll(async () => {
      await server.remove();
      for (const root of roots) await rm(root, { recursive: true, force: true });
    });

    it.each(['fastapi', 'flask'] as const)('%s passes its own tests', async (blueprint) => {
      const root = await writeBackend(blueprint);
      roots.push(root);
      await moveToPostgres(root);
      const address = new URL(server.url);
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: root,
        PYTHONDONTWRITEBYTECODE: '1',
        DATABASE_URL: `postgresql+psycopg2://${address.username}:${address.password}@${address.host}${address.pathname}`,
      };
      const files = TESTS.map((name) => `tests/test_${name}.py`);

      const { stdout } = await run(PYTHON, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...files], {
        cwd: join(root, 'backend'),
        env,
        timeout: 200_000,
      }).catch((error: { stdout?: string; stderr?: string }) => {
        throw new Error(`${error.stdout?.slice(-4_000) ?? ''}\n${error.stderr ?? ''}`);
      });

      expect(Number(/(\d+) passed/.exec(stdout)?.[1])).toBeGreaterThan(60);
      expect(stdout).not.toMatch(/failed|error/);
    });
  },
);
