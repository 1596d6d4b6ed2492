/** Tests of the Fastify back end as a whole and of what does not depend on the entities. */
import { fileText } from '../layout.ts';

export function appTestFile(): string {
  return fileText(`
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { DEFAULT_SETTINGS } from '../src/settings.ts';
import { startService, type TestService } from './support/test-service.ts';

describe('the service', () => {
  let service: TestService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.close());

  it('is healthy while its database answers', async () => {
    const response = await service.send('GET', '/health');

    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ status: 'ok' });
  });

  it('is not healthy without its database', async () => {
    service.database.close();

    const response = await service.send('GET', '/health');

    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ detail: 'Something went wrong on our side.', errors: [] });
  });

  it('describes itself', async () => {
    const description = (await service.send('GET', '/openapi.json')).json();

    expect(description.openapi).toMatch(/^3\\./);
    expect(Object.keys(description.paths)).toContain('/health');
  });

  it('answers in its own form where there is nothing', async () => {
    const response = await service.send('GET', '/api/nothing');

    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({ detail: 'There is nothing at GET /api/nothing.', errors: [] });
  });

  it.each([
    { origin: 'http://localhost:5173', allowed: 'http://localhost:5173' },
    { origin: 'http://elsewhere.example', allowed: undefined },
  ])('lets pages of $origin call it: $allowed', async ({ origin, allowed }) => {
    const app = await buildApp(DEFAULT_SETTINGS, service.database);

    const response = await app.inject({ url: '/health', headers: { origin } });

    expect(response.headers['access-control-allow-origin']).toBe(allowed);
  });
});
`);
}

export function settingsTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, readSettings } from '../src/settings.ts';

describe('readSettings', () => {
  it('has defaults where nothing is set', () => {
    expect(readSettings({})).toEqual(DEFAULT_SETTINGS);
    expect(readSettings({ PORT: '', DATABASE_URL: '' })).toEqual(DEFAULT_SETTINGS);
  });

  it('takes what the environment says', () => {
    const settings = readSettings({ HOST: '::', PORT: '80', DATABASE_URL: 'file:other.db' });

    expect(settings).toMatchObject({ host: '::', port: 80, databaseUrl: 'file:other.db' });
  });

  it('reads origins as a list', () => {
    const { allowedOrigins } = readSettings({ ALLOWED_ORIGINS: 'http://a.example, http://b.example,' });

    expect(allowedOrigins).toEqual(['http://a.example', 'http://b.example']);
  });

  it.each(['eighty', '1.5', '70000'])('refuses the port %s', (port) => {
    expect(() => readSettings({ PORT: port })).toThrow(RangeError);
  });
});
`);
}

export function errorHandlerTestFile(): string {
  return fileText(`
import fastify, { type FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { handleError } from '../src/error-handler.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../src/errors.ts';

describe('handleError', () => {
  let app: FastifyInstance;

  beforeEach(() => {
    app = fastify();
    app.setErrorHandler(handleError);
  });

  async function answerTo(error: Error) {
    app.get('/', async () => {
      throw error;
    });
    return app.inject('/');
  }

  it.each([
    { error: new NotFoundError('gone'), status: 404, errors: [] },
    { error: new ConflictError('taken', 'name'), status: 409, errors: [{ field: 'name', message: 'taken' }] },
    { error: new InvalidInputError('bad', 'age'), status: 422, errors: [{ field: 'age', message: 'bad' }] },
  ])('answers $status with the reason', async ({ error, status, errors }) => {
    const response = await answerTo(error);

    expect(response.statusCode).toBe(status);
    expect(response.json()).toEqual({ detail: error.message, errors });
  });

  it('keeps the details of other errors to itself', async () => {
    const response = await answerTo(new Error('the password is 12345'));

    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('12345');
  });

  it('answers a body that is no JSON as the mistake of the client', async () => {
    app.post('/', async () => ({}));

    const response = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/json' },
      payload: '{',
    });

    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toEqual([]);
  });
});
`);
}

export function databaseTestFile(): string {
  return fileText(`
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase, type Session } from '../src/db/database.ts';

const ADD = sql\`INSERT INTO notes (text) VALUES ('a')\`;

async function countNotes(session: Session): Promise<number> {
  const [row] = await session.all<{ total: number }>(sql\`SELECT count(*) AS total FROM notes\`);
  return row?.total ?? 0;
}

describe('a database in a file', () => {
  let folder: string;
  let database: Database;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'database-test-'));
    database = await openDatabase(\`file:\${join(folder, 'app.db')}\`);
    await database.write((session) => session.run(sql\`CREATE TABLE notes (text TEXT NOT NULL)\`));
  });

  afterEach(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  it('keeps nothing of a change that fails', async () => {
    const change = database.write(async (session) => {
      await session.run(ADD);
      throw new Error('stop');
    });

    await expect(change).rejects.toThrow('stop');
    expect(await countNotes(database.session)).toBe(0);
  });

  it('makes changes one after the other', async () => {
    const counts = await Promise.all(
      [1, 2, 3].map(() =>
        database.write(async (session) => {
          const before = await countNotes(session);
          await session.run(ADD);
          return before;
        }),
      ),
    );

    expect(counts).toEqual([0, 1, 2]);
  });

  it('can be read while a change is under way', async () => {
    const seen = await database.write(async (session) => {
      await session.run(ADD);
      return countNotes(database.session);
    });

    expect(seen).toBe(0);
    expect(await countNotes(database.session)).toBe(1);
  });

  it('is still there when it is opened again', async () => {
    await database.write((session) => session.run(ADD));
    database.close();

    database = await openDatabase(\`file:\${join(folder, 'app.db')}\`);

    expect(await countNotes(database.session)).toBe(1);
  });

  it('checks foreign keys', async () => {
    const [row] = await database.session.all<{ foreign_keys: number }>(sql\`PRAGMA foreign_keys\`);

    expect(row?.foreign_keys).toBe(1);
  });
});
`);
}

export function trimTextsTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { trimTexts } from '../src/trim-texts.ts';

describe('trimTexts', () => {
  it('takes the blanks around texts away', async () => {
    const body = { title: '  milk ', count: 2, done: null };

    await trimTexts({ body });

    expect(body).toEqual({ title: 'milk', count: 2, done: null });
  });

  it.each([undefined, null, 'text', [' a ']])('leaves the body %j as it is', async (body) => {
    const before = structuredClone(body);

    await trimTexts({ body });

    expect(body).toEqual(before);
  });
});
`);
}
