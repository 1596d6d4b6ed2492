import type { Pattern } from '../pattern.ts';

/** Curated examples in TypeScript for servers and libraries. */
export const TYPESCRIPT_EXAMPLES: readonly Pattern[] = [
  {
    id: 'debounce',
    purpose: 'Call a function only after there were no further calls for a while.',
    language: 'typescript',
    code: `export function debounce<A extends unknown[]>(call: (...args: A) => void, ms: number): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), ms);
  };
}`,
  },
  {
    id: 'limited-concurrency',
    purpose: 'Map over items with promises, at most so many at the same time, results in order.',
    language: 'typescript',
    code: `export async function mapLimited<T, R>(items: readonly T[], limit: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await map(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}`,
  },
  {
    id: 'typed-event-emitter',
    purpose: 'An event emitter whose events and payloads are typed, with unsubscribe.',
    language: 'typescript',
    code: `export class Emitter<Events extends Record<string, unknown>> {
  private readonly listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  on<K extends keyof Events>(event: K, listener: (payload: Events[K]) => void): () => void {
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all.add(listener));
    return () => all.delete(listener);
  }

  emit<K extends keyof Events>(event: K, payload: Events[K]): void {
    for (const listener of this.listeners.get(event) ?? []) listener(payload as never);
  }
}`,
  },
  {
    id: 'fetch-with-timeout',
    purpose: 'Call an HTTP API with a timeout and turn a failed status into an error.',
    language: 'typescript',
    code: `export async function getJson<T>(url: string, timeoutMs = 10_000): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new HttpError(response.status, await response.text());
  return (await response.json()) as T;
}`,
  },
  {
    id: 'result-type',
    purpose: 'Return a failure as a value instead of throwing, with a discriminated union.',
    language: 'typescript',
    code: `export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const fail = <E>(error: E): Result<never, E> => ({ ok: false, error });`,
  },
  {
    id: 'fastify-crud-route',
    purpose: 'A Fastify route that validates its body with a schema and answers 201 with a location.',
    language: 'typescript',
    code: `app.post('/books', { schema: { body: NewBook, response: { 201: Book } } }, async (request, reply) => {
  const book = await books.create(request.body);
  return reply.code(201).header('location', \`/books/\${book.id}\`).send(book);
});`,
  },
  {
    id: 'express-error-handler',
    purpose: 'Answer all errors of an Express app in one form, without leaking their text.',
    language: 'typescript',
    code: `export const problems: ErrorRequestHandler = (error, request, response, _next) => {
  const status = error instanceof HttpError ? error.status : 500;
  if (status === 500) log.error({ error, path: request.path }, 'request failed');
  const title = error instanceof HttpError ? error.message : 'Internal error';
  response.status(status).type('application/problem+json').json({ status, title });
};`,
  },
  {
    id: 'jwt-prehandler',
    purpose: 'Check the bearer token before a Fastify route runs, and the role of its owner.',
    language: 'typescript',
    code: `export function requires(role: Role): preHandlerHookHandler {
  return async (request) => {
    const claims = await request.jwtVerify<Claims>();
    if (!claims.roles.includes(role)) throw new ForbiddenError(\`needs the role \${role}\`);
  };
}`,
  },
  {
    id: 'drizzle-pagination',
    purpose: 'Read one page of rows with search, sort and the total with Drizzle.',
    language: 'typescript',
    code: `export async function listBooks(db: Db, { search, page, size }: BookQuery): Promise<Page<Book>> {
  const where = search === undefined ? undefined : ilike(books.title, \`%\${escapeLike(search)}%\`);
  const [items, total] = await Promise.all([
    db.select().from(books).where(where).orderBy(asc(books.title), asc(books.id)).limit(size).offset((page - 1) * size),
    db.$count(books, where),
  ]);
  return { items, total, page, size };
}`,
  },
  {
    id: 'lru-cache-map',
    purpose: 'A cache with a size limit that forgets what was used longest ago, on top of Map.',
    language: 'typescript',
    code: `export class LruCache<K, V> {
  private readonly entries = new Map<K, V>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(key: K): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.capacity) this.entries.delete(this.entries.keys().next().value as K);
  }
}`,
  },
  {
    id: 'deep-equal',
    purpose: 'Compare two values by their structure.',
    language: 'typescript',
    code: `export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && deepEqual(Reflect.get(a, key), Reflect.get(b, key)));
}`,
  },
  {
    id: 'group-by',
    purpose: 'Group the items of a list by a key and keep their order.',
    language: 'typescript',
    code: `export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}`,
  },
  {
    id: 'vitest-table',
    purpose: 'Test a function with a table of inputs and expected results.',
    language: 'typescript',
    code: `describe('slugify', () => {
  it.each([
    ['Hello World', 'hello-world'],
    ['  many   blanks ', 'many-blanks'],
    ['Ünïcode!', 'unicode'],
  ])('turns %j into %j', (title, slug) => {
    expect(slugify(title)).toBe(slug);
  });
});`,
  },
  {
    id: 'graceful-shutdown',
    purpose: 'End a server on SIGTERM: stop taking requests, let the running ones finish, close the database.',
    language: 'typescript',
    code: `for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void app
      .close()
      .then(() => pool.end())
      .then(() => process.exit(0));
  });
}`,
  },
];
