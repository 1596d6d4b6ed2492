/** `auth` and `roles` in the Fastify back end: accounts, who may do what, and their HTTP interface. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { isAudited } from './bases.ts';

export function accountTableFile(): string {
  return fileText(`
import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { recordColumns } from '../columns.ts';

/** What an account may do. */
export const ROLES = ['admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

export const accounts = sqliteTable('accounts', {
  ...recordColumns(),
  email: text().notNull().unique(),
  name: text().notNull(),
  password_hash: text().notNull(),
  role: text({ enum: ROLES }).notNull().default('member'),
});

/** An account as it is stored. */
export type AccountRow = typeof accounts.$inferSelect;
`);
}

export function accountSchemaFile(project: ProjectModel): string {
  const roles = `
export const AccountPage = pageSchema(AccountRead);

/** What a list of accounts can be asked for. */
export const AccountQuery = Type.Object(PAGE_PARAMETERS);

/** What an admin may change about an account. */
export const RoleChange = Type.Object({ role: Type.Enum(ROLES) }, { additionalProperties: false });
`;
  const hasRoles = has(project, 'roles');
  return fileText(`
import { type Static, Type } from 'typebox';
import { ROLES } from '../db/tables/account.ts';
${hasRoles ? "import { PAGE_PARAMETERS, pageSchema } from '../pagination.ts';\n" : ''}import { RECORD_FIELDS } from './schema.ts';

/** A new account. */
export const Registration = Type.Object(
  {
    email: Type.String({ minLength: 3, maxLength: 254 }),
    password: Type.String({ minLength: 8, maxLength: 128 }),
    name: Type.String({ minLength: 1, maxLength: 100 }),
  },
  { additionalProperties: false },
);

/** What someone signs in with; passwords are no longer than scrypt should be bothered with. */
export const Credentials = Type.Object({
  email: Type.String({ maxLength: 254 }),
  password: Type.String({ maxLength: 128 }),
});

/** What a client sends with its requests, and for how many seconds it is valid. */
export const AccessToken = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer(),
});

/** An account as others may see it. */
export const AccountRead = Type.Object({
  ...RECORD_FIELDS,
  email: Type.String(),
  name: Type.String(),
  role: Type.Enum(ROLES),
});
${hasRoles ? roles : ''}
export type Registration = Static<typeof Registration>;
export type Credentials = Static<typeof Credentials>;
export type AccountRead = Static<typeof AccountRead>;
`);
}

export function accountRepositoryFile(project: ProjectModel): string {
  const admins = `
  /** How many accounts are admins. */
  async countAdmins(): Promise<number> {
    return this.count(eq(accounts.role, 'admin'));
  }
`;
  return fileText(`
import { eq } from 'drizzle-orm';
import { type AccountRow, accounts } from '../db/tables/account.ts';
import { Repository } from './repository.ts';

/** Stored accounts. */
export class AccountRepository extends Repository<AccountRow> {
  protected readonly table = accounts;
  protected readonly sortable = { id: accounts.id };

  async labelsOf(rows: AccountRow[]): Promise<string[]> {
    return rows.map((row) => row.name);
  }

  /** The account of an address in lower case. */
  async byEmail(email: string): Promise<AccountRow | undefined> {
    const [account] = await this.where(eq(accounts.email, email));
    return account;
  }
${has(project, 'roles') ? admins : ''}}
`);
}

const ROLE_METHODS = `
  /** One page of the accounts, newest first. */
  async list({ limit = DEFAULT_LIMIT, offset = 0 }: Partial<PageRequest>): Promise<PageOf<AccountRead>> {
    const accounts = new AccountRepository(this.database.session);
    const rows = await accounts.page(undefined, undefined, { limit, offset });
    return { items: rows.map(presentAccount), total: await accounts.count(), limit, offset };
  }

  /** Makes an account an admin or a member; the last admin stays one. */
  async changeRole(id: number, role: Role): Promise<AccountRead> {
    return this.database.write(async (session) => {
      const accounts = new AccountRepository(session);
      const account = await accounts.get(id);
      if (account === undefined) throw new NotFoundError(\`There is no account with id \${id}.\`);
      if (role !== 'admin') await checkOtherAdmin(accounts, account);
      await accounts.change(id, { role });
      return presentAccount({ ...account, role });
    });
  }
`;

const ROLE_FUNCTIONS = `
/** The first account is the admin: somebody has to be. */
async function firstRole(accounts: AccountRepository): Promise<Role> {
  return (await accounts.count()) === 0 ? 'admin' : 'member';
}

/** Throws where nobody but this account is an admin. */
async function checkOtherAdmin(accounts: AccountRepository, { role }: AccountRow): Promise<void> {
  if (role === 'admin' && (await accounts.countAdmins()) === 1) {
    throw new ConflictError('The last admin cannot become a member.', 'role');
  }
}
`;

export function accountServiceFile(project: ProjectModel): string {
  const hasRoles = has(project, 'roles');
  return fileText(`
import { hashPassword, NO_PASSWORD, verifyPassword } from '../auth/passwords.ts';
import type { Database } from '../db/database.ts';
import type { AccountRow${hasRoles ? ', Role' : ''} } from '../db/tables/account.ts';
import { ConflictError, InvalidInputError, ${hasRoles ? 'NotFoundError, ' : ''}UnauthorizedError } from '../errors.ts';
${hasRoles ? "import { DEFAULT_LIMIT, type PageOf, type PageRequest } from '../pagination.ts';\n" : ''}import { AccountRepository } from '../repositories/account.ts';
import type { AccountRead, Credentials, Registration } from '../schemas/account.ts';

const EMAIL = /^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$/;

/** Registers accounts and checks who signs in. */
export class AccountService {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Stores a new account; no two have the same address. */
  async register({ email, name, password }: Registration): Promise<AccountRead> {
    // Hashed before the transaction: it takes its time, and others wait to write.
    const values = { email: checkedEmail(email), name, password_hash: await hashPassword(password) };
    return this.database.write(async (session) => {
      const accounts = new AccountRepository(session);
      if ((await accounts.byEmail(values.email)) !== undefined) {
        throw new ConflictError('There is already an account with this address.', 'email');
      }
      return presentAccount(await accounts.add(${hasRoles ? '{ ...values, role: await firstRole(accounts) }' : 'values'}));
    });
  }

  /** The account of an address and its password; an error does not tell which was wrong. */
  async authenticate({ email, password }: Credentials): Promise<AccountRow> {
    const account = await new AccountRepository(this.database.session).byEmail(email.toLowerCase());
    // As much work without an account as with one: the time tells nothing.
    const fits = await verifyPassword(password, account?.password_hash ?? NO_PASSWORD);
    if (account === undefined || !fits) {
      throw new UnauthorizedError('The address or the password is wrong.');
    }
    return account;
  }
${hasRoles ? ROLE_METHODS : ''}}

/** An account as clients get it: never with its password. */
export function presentAccount(account: AccountRow): AccountRead {
  const { id, email, name, role, created_at, updated_at } = account;
  return { id, label: name, email, name, role, created_at, updated_at };
}

/** An address in lower case; throws where it cannot be one. */
function checkedEmail(text: string): string {
  if (!EMAIL.test(text)) throw new InvalidInputError('This is no e-mail address.', 'email');
  return text.toLowerCase();
}
${hasRoles ? ROLE_FUNCTIONS : ''}`);
}

export function authRoutesFile(): string {
  return fileText(`
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { accountOf, type Guard } from '../auth/guard.ts';
import type { TokenIssuer } from '../auth/tokens.ts';
import type { Database } from '../db/database.ts';
import { AccessToken, AccountRead, Credentials, Registration } from '../schemas/account.ts';
import { AccountService, presentAccount } from '../services/account.ts';

const tags = ['auth'];
const REGISTER = { tags, security: [], body: Registration, response: { 201: AccountRead } };
const LOGIN = { tags, security: [], body: Credentials, response: { 200: AccessToken } };
const ME = { tags, response: { 200: AccountRead } };

/** The HTTP interface of registering and signing in. */
export function authRoutes(
  database: Database,
  tokens: TokenIssuer,
  guard: Guard,
): FastifyPluginAsyncTypebox {
  const service = new AccountService(database);
  return async (app) => {
    app.post('/register', { schema: REGISTER }, async ({ body }, reply) => {
      const account = await service.register(body);
      return reply.status(201).send(account);
    });

    app.post('/login', { schema: LOGIN }, async ({ body }) => {
      const { id } = await service.authenticate(body);
      const access_token = await tokens.issue(id);
      return { access_token, token_type: 'bearer' as const, expires_in: tokens.seconds };
    });

    app.get('/me', { schema: ME, preParsing: guard }, async (request) => presentAccount(accountOf(request)));
  };
}
`);
}

export function accountRoutesFile(): string {
  return fileText(`
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { requireAdmin } from '../auth/guard.ts';
import type { Database } from '../db/database.ts';
import { AccountPage, AccountQuery, AccountRead, RoleChange } from '../schemas/account.ts';
import { RecordPath } from '../schemas/schema.ts';
import { AccountService } from '../services/account.ts';

const tags = ['accounts'];
const LIST = { tags, querystring: AccountQuery, response: { 200: AccountPage } };
const UPDATE = { tags, params: RecordPath, body: RoleChange, response: { 200: AccountRead } };

/** The HTTP interface of the accounts, for admins. */
export function accountRoutes(database: Database): FastifyPluginAsyncTypebox {
  const service = new AccountService(database);
  return async (app) => {
    app.addHook('preParsing', requireAdmin);

    app.get('', { schema: LIST }, ({ query }) => service.list(query));

    app.patch('/:id', { schema: UPDATE }, ({ params, body }) =>
      service.changeRole(params.id, body.role),
    );
  };
}
`);
}

/** `backend/src/auth/guard.ts`: who sends a request, and what that account may do. */
export function guardFile(project: ProjectModel): string {
  const hasRoles = has(project, 'roles');
  const rights = `
/** Hook: refuses accounts that are no admins. */
export async function requireAdmin(request: FastifyRequest): Promise<void> {
  if (accountOf(request).role !== 'admin') throw new ForbiddenError('Only admins may do this.');
}

/** Hook of all records: members may do everything but delete. */
export async function authorize(request: FastifyRequest): Promise<void> {
  if (request.method === 'DELETE') await requireAdmin(request);
}
`;
  const actor = `
/** What is known of who sends a request. */
export type Sender = Pick<FastifyRequest, 'account'>;

/** E-mail of who sends a request that a guard let through. */
export function actorOf({ account }: Sender): string | null {
  return account?.email ?? null;
}
`;
  return fileText(`
import type { FastifyRequest } from 'fastify';
import type { Database } from '../db/database.ts';
import type { AccountRow } from '../db/tables/account.ts';
import { ${hasRoles ? 'ForbiddenError, ' : ''}UnauthorizedError } from '../errors.ts';
import { AccountRepository } from '../repositories/account.ts';
import type { TokenIssuer } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request; null until a guard has found out. */
    account: AccountRow | null;
  }
}

/** Hook before a body is read, and after requests are counted: lets nobody through who is not signed in. */
export type Guard = (request: FastifyRequest) => Promise<void>;

/** A guard that takes the tokens of the issuer. */
export function signInGuard(database: Database, tokens: TokenIssuer): Guard {
  return async (request) => {
    const id = await tokens.read(bearerToken(request));
    const account = await new AccountRepository(database.session).get(id);
    if (account === undefined) throw new UnauthorizedError('The account is gone.');
    request.account = account;
  };
}

/** Who sends a request that a guard let through. */
export function accountOf({ account }: FastifyRequest): AccountRow {
  if (account === null) throw new UnauthorizedError('Sign in first.');
  return account;
}
${isAudited(project) ? actor : ''}${hasRoles ? rights : ''}
function bearerToken({ headers }: FastifyRequest): string {
  const [, token] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) throw new UnauthorizedError('Sign in first.');
  return token;
}
`);
}
