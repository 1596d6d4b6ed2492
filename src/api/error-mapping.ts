import { MgeError, type FieldProblem } from '../domain/index.ts';

/** What is read of an error of unknown make. */
interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly statusCode?: unknown;
  readonly validation?: unknown;
  readonly validationContext?: unknown;
}

/** One error of the schema validator. */
interface SchemaViolation {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const RETRY_SERVICE_MS = 5_000;
/** The transaction lost against another one, time and again. */
const LOST_RACE_STATES = new Set(['40P01', '40001']);
const DATABASE_DOWN = 'PostgreSQL does not answer. Try again in a few seconds.';

/** SQLSTATE classes and codes that mean "the database cannot serve now" rather than "the statement is wrong". */
const DATABASE_DOWN_STATES = /^(08...|53...|57P0[1235]|57014|58...|25006)$/;
/** Text that PostgreSQL cannot store: NUL, or bytes that are not UTF-8. */
const UNSTORABLE_TEXT_STATES = new Set(['22021', '22P05']);
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);
const DATABASE_DOWN_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|connection ended|query read timeout|cannot use a pool after calling end/i;
const REDIS_NAMES = new Set(['MaxRetriesPerRequestError', 'ReplyError', 'ClusterAllFailedError']);
const REDIS_MESSAGES =
  /connection is closed|stream isn't writeable|command timed out|max retries per request|connection is already closed/i;

/** What Fastify and its plugins throw, by code. */
const FRAMEWORK_ERRORS: Readonly<Record<string, () => MgeError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new MgeError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.', {
      details: { accepted: ['application/json'] },
    }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new MgeError('MALFORMED_JSON', 'The body is shorter or longer than its Content-Length says.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new MgeError('MALFORMED_JSON', 'The body is empty; a JSON object is needed.'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => new MgeError('MALFORMED_JSON', 'The body is not JSON.'),
  FST_ERR_BAD_URL: () => new MgeError('VALIDATION_FAILED', 'The path holds a percent escape that is not valid UTF-8.'),
  FST_ERR_MAX_LIMIT: () => new MgeError('VALIDATION_FAILED', 'A path segment is too long.'),
  FST_ERR_HANDLER_TIMEOUT: () => new MgeError('OVERLOADED', 'The request took too long; try again later.'),
  FST_UNDER_PRESSURE: () =>
    new MgeError('OVERLOADED', 'The service is overloaded; try again in a few seconds.', { retryAfterMs: 10_000 }),
};

/** Turns whatever was thrown into the catalogue's terms. What is not known becomes INTERNAL, with nothing of its text. */
export function asMgeError(error: unknown): MgeError {
  const chain = causesOf(error);
  const own = chain.find((link): link is MgeError => link instanceof MgeError);
  if (own) return own;
  const top = chain[0] ?? {};
  if (Array.isArray(top.validation))
    return fromValidation(top.validation as SchemaViolation[], String(top.validationContext));
  const framework = fromFramework(top);
  if (framework) return framework;
  for (const link of chain) {
    const service = fromService(link, chain);
    if (service) return service;
  }
  if (typeof top.statusCode === 'number' && top.statusCode >= 400 && top.statusCode < 500)
    return new MgeError('VALIDATION_FAILED', 'The request cannot be read.', { cause: error });
  return new MgeError('INTERNAL', 'Something unexpected happened; the request id finds it in the log.', {
    cause: error,
  });
}

function fromFramework(error: ErrorLike): MgeError | undefined {
  if (error.statusCode === 429) return new MgeError('RATE_LIMITED', String(error.message));
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new MgeError('BODY_TOO_LARGE', 'The body is larger than this call accepts.');
  if (typeof error.code === 'string') return FRAMEWORK_ERRORS[error.code]?.();
  return undefined;
}

function fromService(link: ErrorLike, chain: readonly ErrorLike[]): MgeError | undefined {
  const code = typeof link.code === 'string' ? link.code : '';
  const message = typeof link.message === 'string' ? link.message : '';
  const options = { retryAfterMs: RETRY_SERVICE_MS, cause: link };
  if (UNSTORABLE_TEXT_STATES.has(code))
    return new MgeError(
      'VALIDATION_FAILED',
      'A text holds a NUL character or bytes that are not UTF-8; send such content base64-encoded.',
      options,
    );
  if (LOST_RACE_STATES.has(code))
    return new MgeError('OVERLOADED', 'Others change the same at this moment. Try again.', {
      ...options,
      retryAfterMs: 1_000,
    });
  if (REDIS_NAMES.has(String(link.name)) || REDIS_MESSAGES.test(message))
    return new MgeError('QUEUE_UNAVAILABLE', 'Redis does not answer. Try again in a few seconds.', options);
  if (DATABASE_DOWN_STATES.test(code) || DATABASE_DOWN_MESSAGES.test(message))
    return new MgeError('DATABASE_UNAVAILABLE', DATABASE_DOWN, options);
  if (SOCKET_CODES.has(code) && !chain.some((other) => String(other.name).startsWith('Chroma')))
    return new MgeError('DATABASE_UNAVAILABLE', DATABASE_DOWN, options);
  return undefined;
}

/** The error, what caused it, and the parts of an AggregateError, outermost first; at most 10 links. */
function causesOf(error: unknown): (ErrorLike & object)[] {
  const chain: (ErrorLike & object)[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && chain.length < 10) {
    const link = queue.shift();
    if (typeof link !== 'object' || link === null) continue;
    const known: ErrorLike & object = link;
    chain.push(known);
    queue.push(known.cause);
    if (Array.isArray(known.errors)) queue.push(...(known.errors as unknown[]));
  }
  return chain;
}

/** Schema violations as field problems: a JSON Pointer into the body, `?name` for the query, the plain name elsewhere. */
function fromValidation(violations: readonly SchemaViolation[], context: string): MgeError {
  if (context === 'params')
    return new MgeError('NOT_FOUND', 'There is no such resource: an id in the path is not a valid one.');
  const fields = violations.flatMap((violation) => fieldsOf(violation, context));
  const unique = [...new Map(fields.map((field) => [`${field.pointer} ${field.detail}`, field])).values()];
  const first = unique[0];
  const what = context === 'querystring' ? 'query' : context === 'headers' ? 'headers' : 'body';
  const where =
    first && first.pointer !== '' ? ` (${first.pointer} ${first.detail})` : first ? ` (it ${first.detail})` : '';
  return new MgeError('VALIDATION_FAILED', `The ${what} does not fit the schema${where}.`, { fields: unique });
}

function fieldsOf(violation: SchemaViolation, context: string): FieldProblem[] {
  const at = (name?: string): string => {
    const pointer = name === undefined ? violation.instancePath : `${violation.instancePath}/${escapePointer(name)}`;
    return context === 'body' ? pointer : pointer.replace(/^\//, context === 'querystring' ? '?' : '');
  };
  const names = (key: string): string[] =>
    Array.isArray(violation.params[key]) ? (violation.params[key] as string[]) : [];
  switch (violation.keyword) {
    case 'required':
      return names('requiredProperties').map((name) => ({ pointer: at(name), detail: 'is required' }));
    case 'additionalProperties':
      return names('additionalProperties').map((name) => ({ pointer: at(name), detail: 'is not a known field' }));
    // Said twice by the validator: once as `additionalProperties` of the parent.
    case 'boolean':
      return [];
    case 'const':
    case 'anyOf':
      return [{ pointer: at(), detail: 'is not one of the allowed values' }];
    case 'pattern':
      return [{ pointer: at(), detail: 'does not have the right form' }];
    default:
      return [{ pointer: at(), detail: violation.message }];
  }
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
