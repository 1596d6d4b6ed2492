/** Source of the Fastify back end that does not depend on the entities: errors, settings, pages and the start. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';

export function settingsFile(project: ProjectModel): string {
  const isLimited = project.features.includes('rate_limit');
  const hasAccounts = has(project, 'auth');
  const [hasJobs, hasUploads] = [has(project, 'jobs'), has(project, 'upload')];
  return fileText(`
/** What the environment decides. */
export interface Settings {
  host: string;
  port: number;
  /** A libSQL address: a file such as \`file:app.db\`, or \`:memory:\`. */
  databaseUrl: string;
  /** Pages that may call the API from a browser. */
  allowedOrigins: string[];${
    isLimited
      ? `
  /** Requests that each client address may make. */
  rateLimitPerMinute: number;
  /** Whether a proxy in front of the service names the address of the client. */
  trustProxy: boolean;`
      : ''
  }${
    hasAccounts
      ? `
  /** Signs the tokens of who is signed in. Empty: a random one for each start. */
  secretKey: string;`
      : ''
  }${
    hasUploads
      ? `
  /** Where attached files are kept. */
  uploadDir: string;
  /** The largest file that can be attached. */
  uploadMaxMb: number;`
      : ''
  }${
    hasJobs
      ? `
  /** Whether this process does the background jobs: one should. */
  jobWorker: boolean;`
      : ''
  }
}

export const DEFAULT_SETTINGS: Settings = {
  host: '127.0.0.1',
  port: 8000,
  databaseUrl: 'file:app.db',
  allowedOrigins: ['http://localhost:5173'],${isLimited ? '\n  rateLimitPerMinute: 300,\n  trustProxy: false,' : ''}${hasAccounts ? "\n  secretKey: ''," : ''}${hasUploads ? "\n  uploadDir: './uploads',\n  uploadMaxMb: 10," : ''}${hasJobs ? '\n  jobWorker: true,' : ''}
};

/** Reads the settings; variables that are not set or empty leave the defaults. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  return {
    host: env['HOST'] || DEFAULT_SETTINGS.host,
    port: env['PORT'] ? readNumber('PORT', env['PORT'], 0, 65_535) : DEFAULT_SETTINGS.port,
    databaseUrl: env['DATABASE_URL'] || DEFAULT_SETTINGS.databaseUrl,
    allowedOrigins: env['ALLOWED_ORIGINS']
      ? readList(env['ALLOWED_ORIGINS'])
      : DEFAULT_SETTINGS.allowedOrigins,${
        isLimited
          ? `
    rateLimitPerMinute: env['RATE_LIMIT_PER_MINUTE']
      ? readNumber('RATE_LIMIT_PER_MINUTE', env['RATE_LIMIT_PER_MINUTE'], 1, 1_000_000)
      : DEFAULT_SETTINGS.rateLimitPerMinute,
    trustProxy: env['TRUST_PROXY'] === 'true',`
          : ''
      }${hasAccounts ? "\n    secretKey: env['SECRET_KEY'] ?? DEFAULT_SETTINGS.secretKey," : ''}${
        hasUploads
          ? `
    uploadDir: env['UPLOAD_DIR'] || DEFAULT_SETTINGS.uploadDir,
    uploadMaxMb: env['UPLOAD_MAX_MB']
      ? readNumber('UPLOAD_MAX_MB', env['UPLOAD_MAX_MB'], 1, 1000)
      : DEFAULT_SETTINGS.uploadMaxMb,`
          : ''
      }${hasJobs ? "\n    jobWorker: env['JOB_WORKER'] !== 'off'," : ''}
  };
}

function readNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(\`\${name} must be a whole number from \${min} to \${max}, not "\${text}".\`);
  }
  return value;
}

function readList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
`);
}

const ACCOUNT_ERRORS = `
/** Nobody is signed in, or not as who they say. */
export class UnauthorizedError extends RequestError {
  constructor(message: string) {
    super(401, message);
  }
}
`;

const RIGHT_ERRORS = `
/** The account may not do this. */
export class ForbiddenError extends RequestError {
  constructor(message: string) {
    super(403, message);
  }
}
`;

export function errorsFile(project: ProjectModel): string {
  return fileText(`
/** A message about one field of what a client sent. */
export interface FieldError {
  field: string;
  message: string;
}

/** A request that cannot be fulfilled; the error handler answers with its status. */
export class RequestError extends Error {
  readonly status: number;
  readonly errors: FieldError[];

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.name = new.target.name;
    this.status = status;
    this.errors = field === undefined ? [] : [{ field, message }];
  }
}

/** There is no such record. */
export class NotFoundError extends RequestError {
  constructor(message: string) {
    super(404, message);
  }
}

/** The request does not fit what is stored. */
export class ConflictError extends RequestError {
  constructor(message: string, field?: string) {
    super(409, message, field);
  }
}

/** What the client sent is not valid. */
export class InvalidInputError extends RequestError {
  constructor(message: string, field: string) {
    super(422, message, field);
  }
}
${has(project, 'auth') ? ACCOUNT_ERRORS : ''}${has(project, 'roles') ? RIGHT_ERRORS : ''}`);
}

export function errorHandlerFile(project: ProjectModel): string {
  return fileText(`
import { LibsqlError } from '@libsql/client';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type FieldError, RequestError } from './errors.ts';

/** The form of every error that leaves the service. */
interface ErrorBody {
  detail: string;
  errors: FieldError[];
}

type ValidationIssue = NonNullable<FastifyError['validation']>[number];

/** Answers errors that are the client's with their reason, and all others without details. */
export function handleError(error: FastifyError | RequestError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof RequestError) {
${has(project, 'auth') ? "    if (error.status === 401) reply.header('WWW-Authenticate', 'Bearer');\n" : ''}    return reply.status(error.status).send(bodyOf(error.message, error.errors));
  }
  if (isConstraintError(error)) {
    return reply.status(409).send(bodyOf('This does not fit what is stored.'));
  }
  // An address whose id cannot be one is an address of nothing.
  if (error.validationContext === 'params') return handleUnknownRoute(request, reply);
  if (error.validation !== undefined) {
    return reply.status(422).send(bodyOf('The request is not valid.', fieldErrors(error.validation)));
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return reply.status(error.statusCode).send(bodyOf(error.message));
  }
  request.log.error(error);
  return reply.status(500).send(bodyOf('Something went wrong on our side.'));
}

/** Answers requests for addresses that are not there. */
export function handleUnknownRoute(request: FastifyRequest, reply: FastifyReply) {
  return reply.status(404).send(bodyOf(\`There is nothing at \${request.method} \${request.url}.\`));
}

/** Whether a rule of the database refused a change that passed those of the service. */
function isConstraintError({ cause }: Error): boolean {
  return cause instanceof LibsqlError && cause.code.startsWith('SQLITE_CONSTRAINT');
}

function bodyOf(detail: string, errors: FieldError[] = []): ErrorBody {
  return { detail, errors };
}

/** The first message about each field; that none of several forms fits says less than why. */
export function fieldErrors(issues: ValidationIssue[]): FieldError[] {
  const messages = new Map<string, string>();
  const specific = issues.filter((issue) => issue.keyword !== 'anyOf');
  for (const issue of specific.length > 0 ? specific : issues) {
    for (const field of fieldsOf(issue)) {
      if (!messages.has(field)) messages.set(field, messageOf(issue));
    }
  }
  return [...messages].map(([field, message]) => ({ field, message }));
}

/** The fields that an issue is about: missing and unknown ones stand beside its place. */
function fieldsOf({ instancePath, params }: ValidationIssue): string[] {
  const place = instancePath.split('/')[1];
  if (place !== undefined && place !== '') return [place];
  const named = params['requiredProperties'] ?? params['additionalProperties'];
  return Array.isArray(named) ? named.map(String) : ['body'];
}

function messageOf({ keyword, message }: ValidationIssue): string {
  if (keyword === 'required') return 'This field is needed.';
  if (keyword === 'additionalProperties' || keyword === 'boolean') return 'There is no such field.';
  return \`This \${message ?? 'is not valid'}.\`;
}
`);
}

export function trimTextsFile(project: ProjectModel): string {
  return fileText(`
import type { FastifyRequest } from 'fastify';

/** Hook: texts lose the blanks around them before validation, so that blank ones are empty${has(project, 'auth') ? '; passwords are as they are' : ''}. */
export async function trimTexts({ body }: Pick<FastifyRequest, 'body'>): Promise<void> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  const texts = Object.entries(body).filter(([${has(project, 'auth') ? 'name' : ''}, value]) => ${has(project, 'auth') ? "name !== 'password' && " : ''}typeof value === 'string');
  Object.assign(body, Object.fromEntries(texts.map(([name, value]) => [name, value.trim()])));
}
`);
}

export function paginationFile(): string {
  return fileText(`
import { type TSchema, Type } from 'typebox';

/** The position of a page in a list. */
export interface PageRequest {
  limit: number;
  offset: number;
}

/** Part of a list, and how many records it has in all. */
export interface PageOf<Item> extends PageRequest {
  items: Item[];
  total: number;
}

/** Largest number that ids and positions may have: what clients of all languages can hold. */
export const MAX_INTEGER = 2_147_483_647;

/** Records of a page that names no limit. */
export const DEFAULT_LIMIT = 20;

/** Query parameters of every list. */
export const PAGE_PARAMETERS = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_INTEGER, default: 0 })),
};

/** Schema of a page of items. */
export function pageSchema<Item extends TSchema>(item: Item) {
  return Type.Object({
    items: Type.Array(item),
    total: Type.Integer(),
    limit: Type.Integer(),
    offset: Type.Integer(),
  });
}
`);
}

const START_WORKER = `
if (settings.jobWorker) {
  const worker = new JobWorker(database, app.log);
  app.addHook('onClose', () => worker.stop());
  await worker.start();
}
`;

export function mainFile(project: ProjectModel): string {
  const hasJobs = has(project, 'jobs');
  return fileText(`
import { buildApp } from './app.ts';
import { openDatabase } from './db/database.ts';
${hasJobs ? "import { JobWorker } from './jobs/worker.ts';\n" : ''}import { readSettings } from './settings.ts';

const settings = readSettings(process.env);
const database = await openDatabase(settings.databaseUrl);
const app = await buildApp(settings, database, { logger: true });
app.addHook('onClose', async () => database.close());
${hasJobs ? START_WORKER : ''}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void app.close());
}
await app.listen({ host: settings.host, port: settings.port });
`);
}

export function healthRoutesFile(): string {
  return fileText(`
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Database } from '../db/database.ts';

const Health = Type.Object({ status: Type.Literal('ok') });

/** Whether the service and its database are up. */
export function healthRoutes(database: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/health', { schema: { tags: ['health'], response: { 200: Health } } }, async () => {
      await database.ping();
      return { status: 'ok' as const };
    });
  };
}
`);
}
