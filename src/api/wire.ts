/** `masterplanId` -> `masterplan_id`, in types. */
export type SnakeCase<S> = S extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : S;

type WireValue<V> = V extends Date ? string : V;
/** An object as the API writes it: keys in snake_case, instants as RFC 3339. Nested values stay as they are. */
export type Wire<T> = { [K in keyof T as SnakeCase<K>]: WireValue<T[K]> };

/** Writes the fields of an object as the API spells them; one level deep, so that stored JSON keeps its own keys. */
export function wire<const T extends object>(value: T): Wire<T> {
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    inner instanceof Date ? inner.toISOString() : inner,
  ]);
  return Object.fromEntries(entries) as Wire<T>;
}

/** `Wire` at every depth. */
export type WireDeep<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? WireDeep<E>[]
    : T extends object
      ? { [K in keyof T as SnakeCase<K>]: WireDeep<T[K]> }
      : T;

/** `wire` at every depth: for answers that hold no stored JSON. */
export function wireDeep<const T extends object>(value: T): WireDeep<T> {
  return deep(value) as WireDeep<T>;
}

function deep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deep);
  if (typeof value !== 'object' || value === null || value instanceof Date)
    return value instanceof Date ? value.toISOString() : value;
  return Object.fromEntries(Object.entries(wire(value)).map(([key, inner]) => [key, deep(inner)]));
}
