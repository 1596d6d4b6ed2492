import { Type, type Static, type TSchema, type TUnsafe } from 'typebox';
import { ERROR_CATALOGUE, type ErrorCode } from '../../domain/index.ts';

/** Schemas that the OpenAPI document names and answers refer to, by id. */
export type NamedSchema = TSchema & { readonly $id: string };

/** Gives a schema a name in the OpenAPI document. */
export function named<const T extends TSchema>(id: string, schema: T): T & { readonly $id: string } {
  return { ...schema, $id: id };
}

/** Refers to a named schema; has its static type. The named schema must be in the list that the server registers. */
export function ref<T extends NamedSchema>(schema: T): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}

/** One of a list of strings, as `enum`. */
export function oneOf<const T extends readonly string[]>(
  values: T,
  options: { description?: string } = {},
): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });
}

export function nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  return Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }] });
}

/** Text that PostgreSQL can store: no NUL. Lengths count UTF-16 units. */
export function text(options: { minLength?: number; maxLength: number; description?: string }) {
  return Type.String({ minLength: 1, ...options, pattern: '^[^\\u0000]*$' });
}

export const Uuid = Type.String({ format: 'uuid' });
/** RFC 3339, UTC. */
export const Instant = Type.String({ format: 'date-time' });
export const JsonObject = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true });

/** A closed object: unknown fields are refused in requests. */
export function closed<const P extends Record<string, TSchema>>(properties: P, options: { description?: string } = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

export const MasterplanParams = closed({ masterplan_id: Uuid });
export const AtomParams = closed({ atom_id: Uuid });

export const PAGE_LIMIT_MAX = 200;
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, description: 'Entries per page; 50 unless told.' }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 1000, description: '`page.next_cursor` of the page before.' })),
};
export const PageQuery = closed(pageQuery);
export const DEFAULT_PAGE_LIMIT = 50;

export const Page = named('Page', closed({ next_cursor: nullable(Type.String()), has_more: Type.Boolean() }));

/** A page of entries of one kind. */
export function pageOf<T extends TSchema>(entry: T, description: string) {
  return Type.Object({ data: Type.Array(entry), page: ref(Page) }, { description });
}

export const PROBLEM_SCHEMA_ID = 'Problem';
export const ProblemSchema = named(
  PROBLEM_SCHEMA_ID,
  Type.Object(
    {
      type: Type.String({ format: 'uri-reference', description: 'Page that explains the code.' }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String(),
      instance: Type.String({ description: '`urn:request:` and the request id.' }),
      code: oneOf(Object.keys(ERROR_CATALOGUE) as ErrorCode[]),
      request_id: Type.String(),
      retryable: Type.Boolean({ description: 'Whether the same call may succeed later without being changed.' }),
      errors: Type.Optional(
        Type.Array(
          closed({
            pointer: Type.String({ description: 'JSON Pointer into the body, or `?name` of the query.' }),
            detail: Type.String(),
          }),
        ),
      ),
      retry_after_ms: Type.Optional(Type.Integer()),
    },
    { additionalProperties: true, description: 'RFC 9457 problem document.' },
  ),
);
