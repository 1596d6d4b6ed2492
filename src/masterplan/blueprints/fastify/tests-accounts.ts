/** Tests of `auth` and `roles` in the Fastify back end, and the accounts that tests sign in with. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';

/** `backend/test/support/accounts.ts`. */
export function testAccountsFile(): string {
  return fileText(`
import { TokenIssuer } from '../../src/auth/tokens.ts';
import type { Database } from '../../src/db/database.ts';
import type { AccountRow } from '../../src/db/tables/account.ts';
import { AccountRepository } from '../../src/repositories/account.ts';
import { nextNumber } from './numbers.ts';

/** Signs the tokens of tests. */
export const SECRET_KEY = 'secret of the tests: 32 letters!';

/** A stored account that nobody has a password for: hashing one takes its time. */
export function makeAccount(
  database: Database,
  overrides: Partial<AccountRow> = {},
): Promise<AccountRow> {
  const number = nextNumber();
  const values = { email: \`person\${number}@example.com\`, name: \`Person \${number}\`, password_hash: '' };
  return database.write((session) => new AccountRepository(session).add({ ...values, ...overrides }));
}

/** The headers of requests that an account sends. */
export async function headersOf({ id }: Pick<AccountRow, 'id'>): Promise<Record<string, string>> {
  const token = await new TokenIssuer(SECRET_KEY).issue(id);
  return { authorization: \`Bearer \${token}\` };
}

/** What a client sends to register. */
export function registration(overrides: Record<string, string> = {}) {
  return { email: 'ada@example.com', password: 'correct horse', name: 'Ada', ...overrides };
}
`);
}

export function authTestFile(project: ProjectModel): string {
  const url = `/api/${project.entities[0]?.names.kebabPlural ?? ''}`;
  return fileText(`
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headersOf, registration } from './support/accounts.ts';
import { startService, type TestService } from './support/test-service.ts';

const CREDENTIALS = { email: 'ada@example.com', password: 'correct horse' };

describe('signing in', () => {
  let service: TestService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.close());

  function sendAsStranger(method: 'GET' | 'POST', url: string, payload?: object) {
    return service.sendAs({}, method, url, payload);
  }

  function register(overrides: Record<string, string> = {}) {
    return sendAsStranger('POST', '/api/auth/register', registration(overrides));
  }

  it('needs an account, which is shown without its password', async () => {
    const response = await register();

    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ email: 'ada@example.com', label: 'Ada', role: 'member' });
    expect(response.body).not.toContain('password');
  });

  it('opens the API', async () => {
    const account = (await register()).json();

    const token = (await sendAsStranger('POST', '/api/auth/login', CREDENTIALS)).json();

    expect(token).toMatchObject({ token_type: 'bearer', expires_in: 8 * 60 * 60 });
    const headers = { authorization: \`Bearer \${token.access_token}\` };
    expect((await service.sendAs(headers, 'GET', '/api/auth/me')).json()).toEqual(account);
    expect((await service.sendAs(headers, 'GET', '${url}')).statusCode).toBe(200);
  });

  it.each(['/api/auth/me', '${url}', '${url}/1'])('is needed for %s', async (path) => {
    const response = await sendAsStranger('GET', path);

    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.json().errors).toEqual([]);
  });

  it('takes no forged token', async () => {
    const response = await service.sendAs({ authorization: 'Bearer forged' }, 'GET', '${url}');

    expect(response.statusCode).toBe(401);
  });

  it('ends with the account', async () => {
    const headers = await headersOf({ id: 999 });

    expect((await service.sendAs(headers, 'GET', '${url}')).statusCode).toBe(401);
  });

  it('does not tell whether the address or the password was wrong', async () => {
    await register();

    const wrong = [
      { ...CREDENTIALS, password: 'battery staple' },
      { ...CREDENTIALS, email: 'bob@example.com' },
    ];
    const answers = await Promise.all(wrong.map((payload) => sendAsStranger('POST', '/api/auth/login', payload)));

    expect(answers.map((answer) => answer.statusCode)).toEqual([401, 401]);
    expect(answers[0]?.body).toBe(answers[1]?.body);
  });

  it('has one account for each address, whatever its case', async () => {
    await register();

    const response = await register({ email: 'ADA@example.com' });

    expect(response.statusCode).toBe(409);
    expect(response.json().errors[0].field).toBe('email');
  });

  it.each([
    { field: 'password', value: 'short' },
    { field: 'password', value: 'x'.repeat(129) },
    { field: 'email', value: 'ada' },
    { field: 'email', value: 'ada@home' },
    { field: 'email', value: 'a b@example.com' },
    { field: 'name', value: ' ' },
    { field: 'role', value: 'admin' },
  ])('refuses to register $value as $field', async ({ field, value }) => {
    const response = await register({ [field]: value });

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe(field);
  });

  it('takes passwords as they are, with blanks around them', async () => {
    await register({ password: ' correct horse ' });

    const response = await sendAsStranger('POST', '/api/auth/login', CREDENTIALS);

    expect(response.statusCode).toBe(401);
  });
});
`);
}

export function accountsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const names = entity?.names;
  const url = `/api/${names?.kebabPlural ?? ''}`;
  return fileText(`
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../src/db/database.ts';
import type { AccountRow } from '../src/db/tables/account.ts';
import { AccountService } from '../src/services/account.ts';
import { headersOf, makeAccount, registration } from './support/accounts.ts';
import { make${names?.pascal ?? ''} } from './support/${names?.kebab ?? ''}-factory.ts';
import { startService, type TestService } from './support/test-service.ts';

const URL = '/api/accounts';

describe('accounts', () => {
  let service: TestService;
  let member: AccountRow;

  beforeEach(async () => {
    service = await startService();
    member = await makeAccount(service.database);
  });

  afterEach(() => service.close());

  it('are listed for admins, newest first', async () => {
    const page = (await service.send('GET', URL)).json();

    expect(page.total).toBe(2);
    expect(page.items[0]).toMatchObject({ email: member.email, role: 'member' });
  });

  it('get their roles from admins', async () => {
    const response = await service.send('PATCH', \`\${URL}/\${member.id}\`, { role: 'admin' });

    expect(response.statusCode).toBe(200);
    expect(response.json().role).toBe('admin');
  });

  it('that are admins may become members while there are others', async () => {
    await service.send('PATCH', \`\${URL}/\${member.id}\`, { role: 'admin' });

    const response = await service.send('PATCH', \`\${URL}/\${member.id}\`, { role: 'member' });

    expect(response.json().role).toBe('member');
  });

  it('have one admin at least', async () => {
    const admin = (await service.send('GET', '/api/auth/me')).json();

    const response = await service.send('PATCH', \`\${URL}/\${admin.id}\`, { role: 'member' });

    expect(response.statusCode).toBe(409);
    expect(response.json().errors[0].field).toBe('role');
  });

  it('that are members neither see others nor change roles', async () => {
    const headers = await headersOf(member);
    const change = { role: 'admin' };

    expect((await service.sendAs(headers, 'GET', URL)).statusCode).toBe(403);
    const response = await service.sendAs(headers, 'PATCH', \`\${URL}/\${member.id}\`, change);
    expect(response.statusCode).toBe(403);
  });

  it('that are members cannot delete', async () => {
    const { id } = await make${names?.pascal ?? ''}(service.database);
    const headers = await headersOf(member);

    expect((await service.sendAs(headers, 'DELETE', \`${url}/\${id}\`)).statusCode).toBe(403);
    expect((await service.sendAs(headers, 'GET', \`${url}/\${id}\`)).statusCode).toBe(200);
  });

  it('have no other roles', async () => {
    const response = await service.send('PATCH', \`\${URL}/\${member.id}\`, { role: 'king' });

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('role');
  });

  it('that are not there have no role', async () => {
    expect((await service.send('PATCH', \`\${URL}/999\`, { role: 'admin' })).statusCode).toBe(404);
  });
});

describe('the first account', () => {
  let database: Database;

  beforeEach(async () => {
    database = await openDatabase(':memory:');
  });

  afterEach(() => database.close());

  it('is the admin, those after it are members', async () => {
    const accounts = new AccountService(database);

    const first = await accounts.register(registration());
    const second = await accounts.register(registration({ email: 'bob@example.com' }));

    expect([first.role, second.role]).toEqual(['admin', 'member']);
  });
});
`);
}
