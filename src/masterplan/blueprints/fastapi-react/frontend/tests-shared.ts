/** Front-end tests that do not belong to one entity, and what the tests share. */
import { bracketedTs, fileText, joined } from '../../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../../model.ts';
import { labelOf } from '../../naming.ts';
import { sampleDay } from '../backend/samples.ts';

export function setupFile(): string {
  return fileText(`
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(() => {
  cleanup();
  window.location.hash = '';
});
`);
}

export function fakeApiFile(): string {
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

/** Answers every call of \`fetch\` from collections in memory, by path, until the test ends. */
export function installFakeApi(collections: Record<string, FakeCollection>): void {
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const [, path = '', id] = /^(\\/api\\/[^/]+)(?:\\/(\\d+))?$/.exec(pathname) ?? [];
    const collection = collections[path];
    if (!collection) return answer(404, { detail: \`No collection at \${pathname}.\` });
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {};
    if (id !== undefined) return answerOne(collection, init.method, Number(id), body);
    return init.method === 'POST'
      ? answer(201, append(collection, body))
      : answer(200, pageOf(collection.rows, searchParams));
  });
}

/** Answers every call of \`fetch\` with the same problem. */
export function installFailingApi(status: number, body: object): void {
  vi.stubGlobal('fetch', async () => answer(status, body));
}

function answer(status: number, body: unknown): Response {
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
  method: string | undefined,
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
  const passing = rows.filter((row) => passes(row, params));
  const items = passing.slice(offset, offset + limit);
  return { items, total: passing.length, limit, offset };
}

function passes(row: Row, params: URLSearchParams): boolean {
  const values: Record<string, unknown> = { ...row };
  return [...params].every(([name, wanted]) => {
    if (name === 'limit' || name === 'offset') return true;
    if (name !== 'search') return String(values[name]) === wanted;
    return JSON.stringify(row).toLowerCase().includes(wanted.toLowerCase());
  });
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
  const lines = [
    'id: 1,',
    ...entity.fields.map((field) => `${field.name}: ${sampleValue(entity, field)},`),
    ...relations,
    "created_at: '2024-05-01T08:00:00Z',",
    "updated_at: '2024-05-01T08:00:00Z',",
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

export function httpTestFile(): string {
  return fileText(`
import { describe, expect, it, vi } from 'vitest';
import { installFailingApi } from '../test/fake-api';
import { ApiError, queryString, request } from './http';

function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => Promise.reject(new Error('the request should fail')),
    (reason: ApiError) => reason,
  );
}

describe('queryString', () => {
  it('leaves out what is not set', () => {
    expect(queryString({ search: 'a b', limit: 5, done: false, status: '', other: null })).toBe(
      '?search=a+b&limit=5&done=false',
    );
  });

  it('is empty when nothing is set', () => {
    expect(queryString({ search: '' })).toBe('');
  });
});

describe('request', () => {
  it('sends JSON and reads the answer', async () => {
    const fetch = vi.fn(async () => new Response('{"id":1}'));
    vi.stubGlobal('fetch', fetch);

    expect(await request('POST', '/api/things', { a: 1 })).toEqual({ id: 1 });
    expect(fetch).toHaveBeenCalledWith('/api/things', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a":1}',
    });
  });

  it('passes on what the server says about fields', async () => {
    const errors = [{ field: 'name', message: 'too short' }];
    installFailingApi(422, { detail: 'Not valid.', errors });

    const error = await failureOf(request('GET', '/api/things'));

    expect(error).toMatchObject({ status: 422, message: 'Not valid.', errors });
  });

  it('copes with errors that are not JSON', async () => {
    vi.stubGlobal('fetch', async () => new Response('<h1>Bad gateway</h1>', { status: 502 }));

    const error = await failureOf(request('GET', '/api/things'));

    expect(error.message).toBe('The server answered with status 502.');
  });

  it('reports a server that is not there', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));

    const error = await failureOf(request('GET', '/api/things'));

    expect(error).toMatchObject({ status: 0, message: 'The server cannot be reached.' });
  });
});
`);
}

export function rulesTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import {
  firstProblem,
  maxLength,
  notBefore,
  numberBetween,
  onlyProblems,
  required,
  wholeNumber,
} from './rules';

describe('rules', () => {
  it('find what is missing', () => {
    expect(required('  ')).toBe('Please fill this in.');
    expect(required('x')).toBeUndefined();
  });

  it('find what is too long', () => {
    expect(maxLength(2)('abc')).toBe('At most 2 characters.');
    expect(maxLength(2)(' ab ')).toBeUndefined();
  });

  it.each([
    ['abc', 'Please enter a number.'],
    ['0', 'Between 1 and 9.'],
    ['10', 'Between 1 and 9.'],
    ['5', undefined],
    ['', undefined],
  ])('check the number %j', (value, problem) => {
    expect(numberBetween(1, 9)(value)).toBe(problem);
  });

  it('find fractions where whole numbers are wanted', () => {
    expect(wholeNumber('1.5')).toBe('Please enter a whole number.');
    expect(wholeNumber('2')).toBeUndefined();
  });

  it('find dates out of order', () => {
    expect(notBefore('2024-05-02', 'start')('2024-05-01')).toBe('Not before start.');
    expect(notBefore('2024-05-02', 'start')('2024-05-02')).toBeUndefined();
  });
});

describe('firstProblem', () => {
  it('stops at the first rule that fails', () => {
    expect(firstProblem('', [required, maxLength(0)])).toBe('Please fill this in.');
    expect(firstProblem('a', [required, maxLength(1)])).toBeUndefined();
  });
});

describe('onlyProblems', () => {
  it('leaves out fields without a problem', () => {
    expect(onlyProblems({ a: 'wrong', b: undefined })).toEqual({ a: 'wrong' });
  });
});
`);
}

export function convertTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import {
  formatInstant,
  instantOrNull,
  localTimeOf,
  numberOrNull,
  textOf,
  textOrNull,
} from './convert';
import { labelIn } from './label-in';

describe('convert', () => {
  it('turns blank inputs into null', () => {
    expect([textOrNull('  '), numberOrNull(''), instantOrNull('')]).toEqual([null, null, null]);
  });

  it('reads texts and numbers', () => {
    expect(textOrNull(' milk ')).toBe('milk');
    expect(numberOrNull('2.5')).toBe(2.5);
  });

  it('shows null as blank', () => {
    expect([textOf(null), localTimeOf(null), formatInstant(null)]).toEqual(['', '', '']);
    expect(textOf(0)).toBe('0');
  });

  it('brings instants through a date-and-time input unchanged', () => {
    const instant = '2024-05-01T12:30:00.000Z';

    expect(instantOrNull(localTimeOf(instant))).toBe(instant);
  });

  it('shows instants without the T', () => {
    expect(formatInstant('2024-05-01T12:30:00Z')).toMatch(/^2024-0\\d-\\d\\d \\d\\d:30$/);
  });
});

describe('labelIn', () => {
  it('finds the label of a value', () => {
    const options = [{ value: 'a', label: 'First' }];

    expect(labelIn(options, 'a')).toBe('First');
    expect(labelIn(options, null)).toBe('');
  });
});
`);
}

export function pagerTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { Pager } from './pager';

const PAGE = { items: [1, 2], total: 5, limit: 2, offset: 2 };

describe('Pager', () => {
  it('moves one page in both directions', async () => {
    const onMove = vi.fn();
    render(<Pager page={PAGE} onMove={onMove} />);

    await userEvent.click(screen.getByRole('button', { name: 'Previous' }));
    await userEvent.click(screen.getByRole('button', { name: 'Next' }));

    expect(onMove.mock.calls).toEqual([[0], [4]]);
  });

  it('says where it stands', () => {
    render(<Pager page={PAGE} onMove={vi.fn()} />);

    expect(screen.getByText('3–4 of 5')).toBeDefined();
  });

  it('stops at both ends', () => {
    render(<Pager page={{ items: [], total: 0, limit: 2, offset: 0 }} onMove={vi.fn()} />);

    const buttons = screen.getAllByRole<HTMLButtonElement>('button');
    expect(buttons.map((button) => button.disabled)).toEqual([true, true]);
  });
});
`);
}

export function deleteButtonTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { DeleteButton } from './delete-button';

describe('DeleteButton', () => {
  it('deletes after asking', async () => {
    const onDelete = vi.fn();
    render(<DeleteButton label="milk" onDelete={onDelete} />);

    await userEvent.click(screen.getByRole('button', { name: 'Delete milk' }));
    expect(onDelete).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Confirm deleting milk' }));

    expect(onDelete).toHaveBeenCalledOnce();
  });

  it('keeps the record on request', async () => {
    const onDelete = vi.fn();
    render(<DeleteButton label="milk" onDelete={onDelete} />);

    await userEvent.click(screen.getByRole('button', { name: 'Delete milk' }));
    await userEvent.click(screen.getByRole('button', { name: 'Keep' }));

    expect(screen.getByRole('button', { name: 'Delete milk' })).toBeDefined();
    expect(onDelete).not.toHaveBeenCalled();
  });
});
`);
}

export function routeTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { parseRoute } from './use-hash-route';

describe('parseRoute', () => {
  it('separates path and parameters', () => {
    const route = parseRoute('#/things?owner_id=3');

    expect(route.path).toBe('/things');
    expect(route.params.get('owner_id')).toBe('3');
  });

  it('falls back to the start', () => {
    expect(parseRoute('').path).toBe('/');
  });
});
`);
}

export function appTestFile(project: ProjectModel): string {
  const [first] = project.entities;
  const last = project.entities.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a project needs an entity');
  const title = (entity: EntityModel): string => labelOf(entity.names.humanPlural);
  const navigation =
    first === last
      ? ''
      : `
  it('goes to another page', async () => {
    installFakeApi(sampleCollections());
    render(<App />);

    await userEvent.click(screen.getByRole('link', { name: '${title(last)}' }));

    expect(await screen.findByRole('heading', { level: 1, name: '${title(last)}' })).toBeDefined();
  });
`;
  return fileText(`
${joined([
  "import { render, screen } from '@testing-library/react';",
  first === last ? '' : "import userEvent from '@testing-library/user-event';",
  bracketedTs('import {', ['describe', 'expect', 'it'], "} from 'vitest';"),
])}
import { App } from './app';
import { installFakeApi } from './test/fake-api';
import { sampleCollections } from './test/records';

describe('App', () => {
  it('starts with the ${first.names.humanPlural}', async () => {
    installFakeApi(sampleCollections());
    render(<App />);

    expect(await screen.findByRole('table')).toBeDefined();
    expect(screen.getByRole('heading', { level: 1, name: '${title(first)}' })).toBeDefined();
    const link = screen.getByRole('link', { current: 'page' });
    expect(link.textContent).toBe('${title(first)}');
  });
${navigation}});
`);
}
