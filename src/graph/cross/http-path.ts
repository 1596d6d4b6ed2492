/** Paths of routes and requests as segments, and how well one fits the other. */

/** A segment that a parameter or a variable stands for. */
export const ANY = '*';

export interface RequestPath {
  readonly segments: readonly string[];
  /** Begins with something unknown: a base address, or a client with one of its own. */
  readonly open: boolean;
}

/** Values of names, as far as a file says them; undefined for a name that has none. */
export type Names = (name: string) => string | undefined;

const LITERAL = /^[rbfu]{0,2}(["'`])([\s\S]*)\1$/i;
const NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * The path that an expression stands for: a string, a template, a name with a known value, or such with something added behind.
 * Undefined when it is none, or says nothing.
 */
export function pathOf(expression: string, names: Names, depth = 0): RequestPath | undefined {
  if (depth > 3) return undefined;
  const [head = '', ...added] = splitSum(expression);
  const raw = rawOf(head, names);
  if (raw === undefined) return undefined;
  const open = raw.startsWith(UNKNOWN);
  const joined = added.length > 0 && raw.endsWith('/') ? `${raw}${UNKNOWN}` : raw;
  const segments = segmentsOf(open ? joined.slice(UNKNOWN.length) : joined);
  return segments === undefined ? undefined : { segments, open };
}

/** Stands for what a variable puts into a path. */
export const UNKNOWN = '\u0001';

function rawOf(expression: string, names: Names): string | undefined {
  if (NAME.test(expression)) return names(expression);
  const [, quote, content] = LITERAL.exec(expression) ?? [];
  if (content === undefined) return undefined;
  const formatted = quote === '`' || /^[rb]?f/i.test(expression);
  if (!formatted) return content;
  const hole = quote === '`' ? /\$\{([^}]*)\}/g : /\{([^}]*)\}/g;
  return content.replace(hole, (_, inner: string) => names(inner.trim()) ?? UNKNOWN);
}

/** The parts of `a + b + c`; strings are not taken apart. */
function splitSum(expression: string): string[] {
  if (!expression.includes('+')) return [expression];
  const parts = expression.match(/(?:"[^"]*"|'[^']*'|`[^`]*`|[^+"'`])+/g) ?? [];
  return parts.map((part) => part.trim());
}

/** The segments of a path, its variable ones as `*`; undefined when it is none. */
export function segmentsOf(path: string): string[] | undefined {
  const plain = path.replace(/^https?:\/\/[^/]*/, '').replace(/[?#][\s\S]*$/, '');
  if (!plain.startsWith('/') || /\s/.test(plain)) return undefined;
  return plain
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (/[\u0001*<>{}[\]]/.test(part) || part.startsWith(':') ? ANY : part));
}

/**
 * How well a route fits a request: 0 not at all, else more for more fixed segments, and most for the whole path. A request may have
 * a prefix that a proxy takes away, and one with an open beginning may lack what stands before.
 */
export function fit(route: readonly string[], request: RequestPath): number {
  const { segments, open } = request;
  const shared = Math.min(route.length, segments.length);
  if (shared === 0) return route.length === segments.length ? 1 : 0;
  if (route.length > segments.length && !open) return 0;
  let fixed = 0;
  for (let i = 1; i <= shared; i += 1) {
    const [ours, theirs] = [route[route.length - i], segments[segments.length - i]];
    if (ours === ANY) continue;
    if (ours !== theirs) return 0;
    fixed += 1;
  }
  if (fixed === 0) return 0;
  return fixed * 4 + (route.length === segments.length ? 2 : 0) + (route.length < segments.length ? 1 : 0);
}
