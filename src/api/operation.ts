import type { FastifyContextConfig } from 'fastify';
import { Type, type TSchema } from 'typebox';
import { ERROR_CATALOGUE, type ErrorCode } from '../domain/index.ts';
import type { Access, FlowOperation } from './context.ts';
import { PROBLEM_SCHEMA_ID } from './schemas/common.ts';

export const TAGS = {
  masterplans: 'What to build: requests, plans and their tasks',
  atomization: 'Source to atoms',
  atoms: 'Atoms with their code, context, checks and attempts',
  graphs: 'Dependencies between atoms and the waves they make',
  validation: 'The four levels: run one by call, read stored results',
  execution: 'Runs: start, watch, steer, results',
  review: 'What people should look at',
  metrics: 'Figures for operators',
  admin: 'Maintenance and audit',
  health: 'Whether the service and its parts work',
} as const;
export type Tag = keyof typeof TAGS;

export interface RequestParts {
  readonly body?: TSchema;
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly headers?: TSchema;
}

export interface OperationOptions<S extends RequestParts, R extends Readonly<Record<number, TSchema>>> {
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly request?: S;
  /** Success answers by status. */
  readonly responses: R;
  /** Failures beyond those that the access, the body and the parameters bring. */
  readonly problems?: readonly ErrorCode[];
  readonly idempotent?: boolean;
  readonly bodyOptional?: boolean;
  readonly flow?: FlowOperation;
  readonly duringMaintenance?: boolean;
  /** Content type of the success answers; default `application/json`. */
  readonly produces?: readonly string[];
  /** The answer goes on for as long as there is something to tell: how long it takes says nothing. */
  readonly streams?: boolean;
}

export interface Operation<S extends RequestParts, R> {
  readonly schema: S & { readonly response: R };
  readonly config: FastifyContextConfig;
}

/** One call of the API: the schemas that check it, its place in the OpenAPI document, and who may make it. */
export function operation<const S extends RequestParts, const R extends Readonly<Record<number, TSchema>>>(
  options: OperationOptions<S, R>,
): Operation<S, R> {
  const headers = options.idempotent ? { headers: IdempotencyHeaders } : {};
  const schema = {
    operationId: options.id,
    tags: [options.tag],
    summary: options.summary,
    ...(options.description ? { description: options.description } : {}),
    security: options.access === 'open' ? [] : [{ bearer: [] }],
    ...options.request,
    ...headers,
    response: { ...successes(options), ...problems(options) },
  };
  const config: FastifyContextConfig = { access: options.access };
  if (options.idempotent) config.idempotent = true;
  if (options.bodyOptional) config.bodyOptional = true;
  if (options.duringMaintenance) config.duringMaintenance = true;
  if (options.streams) config.streams = true;
  if (options.flow) config.flow = options.flow;
  // The static type names the success answers only: problems are sent by the error handler, never by a route.
  return { schema: schema as unknown as S & { response: R }, config };
}

const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key and body give the same answer once; kept for 24 hours.',
    }),
  ),
});

function successes(
  options: OperationOptions<RequestParts, Readonly<Record<number, TSchema>>>,
): Record<string, unknown> {
  const produces = options.produces ?? ['application/json'];
  const entries = Object.entries(options.responses).map(([status, schema]) => {
    const description = (schema as { description?: string }).description ?? DESCRIPTIONS[status] ?? 'Success';
    if (status === '204' || status === '304') return [status, { description, type: 'null' }];
    return [status, { description, content: Object.fromEntries(produces.map((type) => [type, { schema }])) }];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted, still under way',
  204: 'Done, nothing to say',
  304: 'What you have is current',
};

/** All failures of an operation, grouped by status: one response each, naming the codes. */
function problems(options: OperationOptions<RequestParts, Readonly<Record<number, TSchema>>>): Record<string, unknown> {
  const { request = {}, access } = options;
  const codes = new Set<ErrorCode>(options.problems);
  if (access !== 'open') {
    for (const code of [
      'UNAUTHENTICATED',
      'TOKEN_EXPIRED',
      'FORBIDDEN',
      'RATE_LIMITED',
      'DATABASE_UNAVAILABLE',
      'OVERLOADED',
      'INTERNAL',
    ] as const)
      codes.add(code);
    if (!options.duringMaintenance) codes.add('MAINTENANCE');
  }
  if (request.body)
    for (const code of ['MALFORMED_JSON', 'VALIDATION_FAILED', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)
      codes.add(code);
  if (request.querystring) codes.add('VALIDATION_FAILED');
  if (request.params) codes.add('NOT_FOUND');
  if (options.idempotent)
    for (const code of ['IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_MISMATCH'] as const) codes.add(code);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes].sort()) {
    const { status } = ERROR_CATALOGUE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.join(', '),
        content: { 'application/problem+json': { schema: { $ref: `${PROBLEM_SCHEMA_ID}#` } } },
      },
    ]),
  );
}
