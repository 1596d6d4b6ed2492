/** What the front-end tests share: cleaning up, an API in memory, sample records. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../model.ts';
import { sampleDay } from '../python-web/samples.ts';
import { idsOf } from './entity-api.ts';
import { has, where } from './features/feature-file.ts';

export function setupFile(project: ProjectModel): string {
  return fileText(`
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(() => {
  cleanup();
  window.location.hash = '';
${where(project, 'auth', '  sessionStorage.clear();\n')}});
`);
}

const ROUTED = ['auth', 'roles', 'csv', 'upload', 'soft_delete', 'audit', 'jobs'] as const;

export function fakeApiFile(project: ProjectModel): string {
  const routed = ROUTED.some((feature) => has(project, feature));
  const routeTypes = `
/** Answers beside the collections, by method and path: \`POST /api/auth/login\`. */
export type FakeRoutes = Record<string, (body: unknown) => Response>;
`;
  return fileText(`
import { vi } from 'vitest';

/** A record as the API stores it. */
export interface Row {
  id: number;
}

/** One collection of the API: its records, and how an input becomes one. */
export interface FakeCollection {
  rows: Row[];
  complete(values: Record<string, unknown>): Row;
}

${routed ? routeTypes : ''}
/** What a request carries, read where it is JSON. */
function bodyOf({ body }: RequestInit): unknown {
  return typeof body === 'string' ? JSON.parse(body) : body;
}

/** Answers every call of \`fetch\` with the same problem. */
export function installFailingApi(status: number, body: object): void {
  vi.stubGlobal('fetch', () => Promise.resolve(answer(status, body)));
}

${routed ? '/** An answer of the API. */\nexport ' : ''}function answer(status: number, body: unknown): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), { status });
}

function append(collection: FakeCollection, values: Record<string, unknown>): Row {
  const id = Math.max(0, ...collection.rows.map((row) => row.id)) + 1;
  const row = collection.complete({ ...values, id });
  collection.rows.unshift(row);
  return row;
}

function answerOne(
  collection: FakeCollection,
  method: string,
  id: number,
  changes: Record<string, unknown>,
): Response {
  const index = collection.rows.findIndex((row) => row.id === id);
  const row = collection.rows[index];
  if (!row) return answer(404, { detail: \`There is no record with id \${id}.\` });
  if (method === 'DELETE') {
    collection.rows.splice(index, 1);
    return answer(204, null);
  }
  const { label, ...stored } = { label: '', ...row, ...changes };
  if (method === 'PATCH') collection.rows[index] = collection.complete(stored);
  return answer(200, collection.rows[index]);
}

function pageOf(rows: Row[], params: URLSearchParams) {
  const limit = Number(params.get('limit') ?? 20);
  const offset = Number(params.get('offset') ?? 0);
  const kept = rows.filter((row) => passes(row, params));
  const sort = params.get('sort');
  const passing = sort ? sorted(kept, sort) : kept;
  const items = passing.slice(offset, offset + limit);
  return { items, total: passing.length, limit, offset };
}

function passes(row: Row, params: URLSearchParams): boolean {
  const values: Record<string, unknown> = { ...row };
  return [...params].every(([name, wanted]) => {
    if (['limit', 'offset', 'sort'].includes(name)) return true;
    if (name === 'search') return JSON.stringify(row).toLowerCase().includes(wanted.toLowerCase());
    const many = values[\`\${name}s\`];
    return Array.isArray(many) ? many.includes(Number(wanted)) : String(values[name]) === wanted;
  });
}

/** Records in the order that \`sort\` names: \`price\`, or \`-price\` downwards. */
function sorted(rows: Row[], sort: string): Row[] {
  const column = sort.replace('-', '');
  const valueOf = (row: Row) => String(Object.entries(row).find(([name]) => name === column)?.[1]);
  const upwards = [...rows].sort((a, b) => (valueOf(a) < valueOf(b) ? -1 : 1));
  return sort.startsWith('-') ? upwards.reverse() : upwards;
}

/** Answers every call of \`fetch\` from collections in memory, by path, until the test ends. */
export function installFakeApi(collections: Record<string, FakeCollection>${routed ? ', routes: FakeRoutes = {}' : ''}): void {
  const answerTo = (url: string, init: RequestInit): Response => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const method = init.method ?? 'GET';
${routed ? '    const route = routes[\`${method} ${pathname}\`];\n    if (route) return route(bodyOf(init));\n'.replaceAll('\\`', '`') : ''}    const [, path = '', id] = /^(\\/api\\/[^/]+)(?:\\/(\\d+))?$/.exec(pathname) ?? [];
    const collection = collections[path];
    if (!collection) return answer(404, { detail: \`No collection at \${pathname}.\` });
    const values = (bodyOf(init) ?? {}) as Record<string, unknown>;
    if (id !== undefined) return answerOne(collection, method, Number(id), values);
    return method === 'POST'
      ? answer(201, append(collection, values))
      : answer(200, pageOf(collection.rows, searchParams));
  };
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) =>
    Promise.resolve(answerTo(url, init)),
  );
}
`);
}

function sampleValue(entity: EntityModel, field: FieldModel): string {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return `'${sampleText(field)}'`;
    case 'integer':
      return String(Math.min(Math.max(3, field.min), field.max));
    case 'decimal':
      return String(Math.min(Math.max(12.5, field.min), field.max));
    case 'boolean':
      return String(field.defaultValue === true);
    case 'date':
      return `'2024-05-${sampleDay(entity, field)}'`;
    case 'datetime':
      return `'2024-05-${sampleDay(entity, field)}T12:00:00Z'`;
    case 'enum':
      return `'${field.values[0] ?? ''}'`;
  }
}

/** A text that fits into the field. */
export function sampleText(field: FieldModel): string {
  return `Sample ${field.name.replaceAll('_', ' ')}`.slice(0, field.maxLength);
}

/** The label of a sample record, as TypeScript source over its values. */
function labelSource(entity: EntityModel): string {
  if (entity.display !== null) return `values.${entity.display}`;
  const required = entity.relations.filter((relation) => relation.required).slice(0, 2);
  if (required.length === 0) return `\`${entity.names.human} \${values.id}\``;
  return `\`${required.map((relation) => `\${values.${relation.name}.label}`).join(' / ')}\``;
}

/** What the label of the sample record reads. */
export function sampleLabel(project: ProjectModel, entity: EntityModel): string {
  const display = entity.fields.find((field) => field.name === entity.display);
  if (display !== undefined) return sampleText(display);
  const required = entity.relations.filter((relation) => relation.required).slice(0, 2);
  if (required.length === 0) return `${entity.names.human} 1`;
  return required.map((relation) => sampleLabel(project, entityNamed(project, relation.target))).join(' / ');
}

function recordFactory(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const relations = entity.relations.flatMap((relation) => {
    const target = entityNamed(project, relation.target);
    return relation.required
      ? [`${relation.name}_id: 1,`, `${relation.name}: { id: 1, label: '${sampleLabel(project, target)}' },`]
      : [`${relation.name}_id: null,`, `${relation.name}: null,`];
  });
  const many = entity.many.flatMap((one) => [`${idsOf(one)}: [],`, `${one.name}: [],`]);
  const lines = [
    'id: 1,',
    ...entity.fields.map((field) => `${field.name}: ${sampleValue(entity, field)},`),
    ...relations,
    ...many,
    "created_at: '2024-05-01T08:00:00Z',",
    "updated_at: '2024-05-01T08:00:00Z',",
    ...(has(project, 'soft_delete') ? ['deleted_at: null,'] : []),
    ...(has(project, 'audit') ? ['created_by: null,', 'updated_by: null,'] : []),
    '...overrides,',
  ];
  return `
/** A ${names.human} as the API sends it. */
export function make${names.pascal}(overrides: Partial<${names.pascal}> = {}): ${names.pascal} {
  const values: Omit<${names.pascal}, 'label'> = {
${lines.map((line) => `    ${line}`).join('\n')}
  };
  return { label: ${labelSource(entity)}, ...values };
}
`;
}

export function recordsFile(project: ProjectModel): string {
  const imports = [...project.entities]
    .sort((a, b) => (a.names.kebabPlural < b.names.kebabPlural ? -1 : 1))
    .map(({ names }) => `import type { ${names.pascal} } from '../api/${names.kebabPlural}';`);
  const collections = project.entities.map(
    ({ names }) => `    '/api/${names.kebabPlural}': { rows: [make${names.pascal}()], complete: make${names.pascal} },`,
  );
  return fileText(`
${imports.join('\n')}
import type { FakeCollection } from './fake-api';
${project.entities.map((entity) => recordFactory(project, entity)).join('')}
/** All collections of the API with one record each. */
export function sampleCollections(): Record<string, FakeCollection> {
  return {
${collections.join('\n')}
  };
}
`);
}
