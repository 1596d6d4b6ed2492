/** Front-end tests of one entity: form values, form, table and page. */
import { fileText, joined } from '../../layout.ts';
import { type EntityModel, type FieldModel, type ProjectModel } from '../../model.ts';
import { labelOf } from '../../naming.ts';
import { filterFields, searchFields } from '../backend/entity-access.ts';
import { changeableField } from '../backend/samples.ts';
import { columnFields } from './entity-view.ts';
import { sampleLabel, sampleText } from './tests-shared.ts';

/** Form fields that must be filled in: those that start blank and have a \`required\` rule. */
function blankRequired(entity: EntityModel): string[] {
  const fields = entity.fields.filter(
    (field) => field.required && field.type !== 'boolean' && field.defaultValue === null,
  );
  return [
    ...fields.map((field) => field.name),
    ...entity.relations.filter((r) => r.required).map((r) => `${r.name}_id`),
  ];
}

function limitTests(entity: EntityModel): string {
  const { names } = entity;
  const changed = (field: FieldModel, value: string): string =>
    `    const values = { ...${names.camel}Values(make${names.pascal}()), ${field.name}: ${value} };`;
  return entity.fields
    .flatMap((field) => {
      if (field.type === 'text' || field.type === 'longtext') {
        return [{ field, title: `limits the length of ${field.name}`, value: `'x'.repeat(${field.maxLength + 1})` }];
      }
      if (field.type === 'integer' || field.type === 'decimal') {
        return [{ field, title: `limits ${field.name}`, value: `'${field.min - 1}'` }];
      }
      return entity.rules.some((rule) => rule.later === field.name)
        ? [{ field, title: `keeps ${field.name} in order`, value: "'2000-01-01'" }]
        : [];
    })
    .map(
      ({ field, title, value }) => `
  it('${title}', () => {
${changed(field, value)}

    expect(Object.keys(validate${names.pascal}(values))).toEqual(['${field.name}']);
  });
`,
    )
    .join('');
}

export function valuesTestFile(entity: EntityModel): string {
  const { names } = entity;
  const required = blankRequired(entity);
  const members = [...entity.fields.map((field) => field.name), ...entity.relations.map((r) => `${r.name}_id`)];
  const instants = entity.fields.filter((field) => field.type === 'datetime').map((field) => field.name);
  const expected = members
    .filter((name) => !instants.includes(name))
    .map((name) => `      ${name}: ${names.camel}.${name},`);
  const list = required.map((name) => `'${name}'`).join(', ');
  const flat = `    expect(Object.keys(validate${names.pascal}(EMPTY_${names.snake.toUpperCase()}))).toEqual([${list}]);`;
  const emptyCheck =
    flat.length <= 100
      ? flat
      : `    const problems = Object.keys(validate${names.pascal}(EMPTY_${names.snake.toUpperCase()}));\n\n${wrappedEqual('problems', required)}`;
  return fileText(`
import { describe, expect, it } from 'vitest';
import { make${names.pascal} } from '../test/records';
import {
  EMPTY_${names.snake.toUpperCase()},
  ${names.camel}Input,
  ${names.camel}Values,
  validate${names.pascal},
} from './${names.kebab}-values';

describe('${names.camel}Input', () => {
  it('gives back what the form was filled from', () => {
    const ${names.camel} = make${names.pascal}();

    expect(${names.camel}Input(${names.camel}Values(${names.camel}))).toMatchObject({
${expected.join('\n')}
    });
  });
});

describe('validate${names.pascal}', () => {
  it('accepts a stored ${names.human}', () => {
    expect(validate${names.pascal}(${names.camel}Values(make${names.pascal}()))).toEqual({});
  });

  it('names the fields that must be filled in', () => {
${emptyCheck}
  });
${limitTests(entity)}});
`);
}

function wrappedEqual(subject: string, names: readonly string[]): string {
  const flat = `    expect(${subject}).toEqual([${names.map((name) => `'${name}'`).join(', ')}]);`;
  if (flat.length <= 100) return flat;
  return `    expect(${subject}).toEqual([\n${names.map((name) => `      '${name}',`).join('\n')}\n    ]);`;
}

// --- form ---

/** A field that the form tests type into. */
function typedField(entity: EntityModel): FieldModel | null {
  const field = changeableField(entity);
  return field !== null && (field.type === 'text' || field.type === 'longtext') ? field : null;
}

export function formTestFile(entity: EntityModel): string {
  const { names } = entity;
  const typed = typedField(entity);
  const required = blankRequired(entity)[0];
  const emptied =
    required === undefined
      ? ''
      : `
  it('does not send an empty form', async () => {
    const onSave = vi.fn();
    render(<${names.pascal}Form onSave={onSave} onCancel={vi.fn()} />);

    await userEvent.click(screen.getByRole('button', { name: 'Save' }));

    expect(screen.getAllByText('Please fill this in.')).toHaveLength(${blankRequired(entity).length});
    expect(onSave).not.toHaveBeenCalled();
  });
`;
  const changes =
    typed === null
      ? ''
      : `
  it('sends what was typed', async () => {
    const onSave = vi.fn(async () => {});
    render(<${names.pascal}Form ${names.camel}={make${names.pascal}()} onSave={onSave} onCancel={vi.fn()} />);
    const input = screen.getByLabelText('${labelOf(typed.name)}');

    await userEvent.clear(input);
    await userEvent.type(input, 'New');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));

    expect(onSave).toHaveBeenCalledWith(expect.objectContaining({ ${typed.name}: 'New' }));
  });
`;
  const anyField = entity.fields[0]?.name ?? 'id';
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/http';
import { installFakeApi } from '../test/fake-api';
import { make${names.pascal}, sampleCollections } from '../test/records';
import { ${names.pascal}Form } from './${names.kebab}-form';

beforeEach(() => installFakeApi(sampleCollections()));

describe('${names.pascal}Form', () => {${emptied}${changes}
  it('shows what the server objects to', async () => {
    const errors = [{ field: '${anyField}', message: 'Not this one.' }];
    const onSave = vi.fn(() => Promise.reject(new ApiError(409, 'It does not fit.', errors)));
    render(<${names.pascal}Form ${names.camel}={make${names.pascal}()} onSave={onSave} onCancel={vi.fn()} />);

    await userEvent.click(screen.getByRole('button', { name: 'Save' }));

    expect((await screen.findByRole('alert')).textContent).toBe('It does not fit.');
${entity.fields[0]?.type === 'boolean' ? '' : "    expect(screen.getByText('Not this one.')).toBeDefined();\n"}  });

  it('can be left without saving', async () => {
    const onCancel = vi.fn();
    render(<${names.pascal}Form onSave={vi.fn()} onCancel={onCancel} />);

    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));

    expect(onCancel).toHaveBeenCalledOnce();
  });
});
`).replace('=> {\n\n', '=> {\n');
}

// --- page ---

function pageFilterTest(entity: EntityModel): string {
  const { names } = entity;
  const search = searchFields(entity).find((field) => field.maxLength >= 20);
  if (search === undefined) return '';
  return `
  it('filters by a search', async () => {
    const other = make${names.pascal}({ id: 2, ${search.name}: 'Rare marmot' });
    installFakeApi({ ...sampleCollections(), [PATH]: { rows: [make${names.pascal}(), other], complete } });
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);
    await waitFor(() => expect(bodyRows()).toHaveLength(2));

    await userEvent.type(screen.getByLabelText('Search'), 'marmot');

    await waitFor(() => expect(bodyRows()).toHaveLength(1));
    expect(within(screen.getByRole('table')).getByText('Rare marmot')).toBeDefined();
  });
`;
}

function pageParamsTest(entity: EntityModel): string {
  const relation = entity.relations[0];
  const field = filterFields(entity)[0];
  const { names } = entity;
  const filter = relation !== undefined ? { name: `${relation.name}_id`, value: '999' } : filterOther(field);
  if (filter === null) return '';
  return `
  it('begins with the filters of the address', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams('${filter.name}=${filter.value}')} />);

    expect(await screen.findByText('No ${names.humanPlural} here yet.')).toBeDefined();
  });
`;
}

function filterOther(field: FieldModel | undefined): { name: string; value: string } | null {
  if (field === undefined) return null;
  if (field.type === 'boolean') return { name: field.name, value: String(field.defaultValue !== true) };
  return field.values[1] === undefined ? null : { name: field.name, value: field.values[1] };
}

function toggleTest(project: ProjectModel, entity: EntityModel): string {
  const field = columnFields(entity).find((candidate) => candidate.type === 'boolean');
  if (field === undefined) return '';
  const { names } = entity;
  const before = String(field.defaultValue === true);
  const after = String(field.defaultValue !== true);
  return `
  it('switches ${field.name.replaceAll('_', ' ')} in the list', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);
    const name = '${labelOf(field.name)}: ${sampleLabel(project, entity)}';
    const box = await screen.findByRole<HTMLInputElement>('checkbox', { name });
    expect(box.checked).toBe(${before});

    await userEvent.click(box);

    await waitFor(() => expect(box.checked).toBe(${after}));
  });
`;
}

function createTest(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const steps = fillSteps(project, entity);
  if (steps === null) return '';
  return `
  it('creates a ${names.human}', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);
    await screen.findByRole('table');

    await userEvent.click(screen.getByRole('button', { name: 'New ${names.human}' }));
    const form = within(screen.getByRole('form', { name: 'New ${names.human}' }));
${steps.map((step) => `    ${step}`).join('\n')}
    await userEvent.click(form.getByRole('button', { name: 'Save' }));

    await waitFor(() => expect(bodyRows()).toHaveLength(2));
    expect(screen.queryByRole('form')).toBeNull();
  });
`;
}

/** Filling in everything that a new record needs. */
function fillSteps(project: ProjectModel, entity: EntityModel): string[] | null {
  const fields = entity.fields.filter(
    (field) => field.required && field.type !== 'boolean' && field.defaultValue === null,
  );
  const inputs = fields.map((field) => {
    const label = `form.getByLabelText('${labelOf(field.name)}')`;
    switch (field.type) {
      case 'enum':
        return `await userEvent.selectOptions(${label}, '${field.values[0] ?? ''}');`;
      case 'date':
        return `fireEvent.change(${label}, { target: { value: '2024-06-02' } });`;
      case 'datetime':
        return `fireEvent.change(${label}, { target: { value: '2024-06-02T10:00' } });`;
      case 'integer':
      case 'decimal':
        return `await userEvent.type(${label}, '${Math.min(Math.max(3, Math.ceil(field.min)), Math.floor(field.max))}');`;
      default:
        return `await userEvent.type(${label}, '${'Fresh entry'.slice(0, field.maxLength)}');`;
    }
  });
  const relations = entity.relations
    .filter((relation) => relation.required)
    .flatMap((relation) => {
      const label = `form.getByLabelText('${labelOf(relation.name)}')`;
      return [
        `await waitFor(() => expect(${label}.children.length).toBe(2));`,
        `await userEvent.selectOptions(${label}, '1');`,
      ];
    });
  return [...inputs, ...relations];
}

function editTest(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const typed = typedField(entity);
  if (typed === null || typed.type === 'longtext') return '';
  const label = sampleLabel(project, entity);
  return `
  it('changes a ${names.human}', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);

    await userEvent.click(await screen.findByRole('button', { name: 'Edit ${label}' }));
    const form = within(screen.getByRole('form', { name: 'Edit ${label}' }));
    const input = form.getByLabelText('${labelOf(typed.name)}');
    await userEvent.clear(input);
    await userEvent.type(input, 'Changed');
    await userEvent.click(form.getByRole('button', { name: 'Save' }));

    expect(await within(screen.getByRole('table')).findByText('Changed')).toBeDefined();
    expect(screen.queryByRole('form')).toBeNull();
  });
`;
}

export function pageTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const label = sampleLabel(project, entity);
  const shown = columnFields(entity).find((field) => field.type === 'text');
  const search = pageFilterTest(entity);
  const tests = `
  it('lists the ${names.humanPlural}', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);

    const table = await screen.findByRole('table');
    expect(bodyRows()).toHaveLength(1);
    expect(${shown === undefined ? `within(table).getByRole('button', { name: 'Edit ${label}' })` : `within(table).getByText('${sampleText(shown)}')`}).toBeDefined();
  });
${search}${pageParamsTest(entity)}${createTest(project, entity)}${editTest(project, entity)}${toggleTest(project, entity)}
  it('deletes a ${names.human} after asking', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);

    await userEvent.click(await screen.findByRole('button', { name: 'Delete ${label}' }));
    await userEvent.click(screen.getByRole('button', { name: 'Confirm deleting ${label}' }));

    expect(await screen.findByText('No ${names.humanPlural} here yet.')).toBeDefined();
  });

  it('offers another try when the server fails', async () => {
    installFailingApi(503, { detail: 'Closed for now.' });
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);
    expect((await screen.findByRole('alert')).textContent).toContain('Closed for now.');
    installFakeApi(sampleCollections());

    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));

    expect(await screen.findByRole('table')).toBeDefined();
  });
`;
  const events = tests.includes('fireEvent.') ? 'fireEvent, ' : '';
  return fileText(`
import { ${events}render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { installFailingApi, installFakeApi } from '../test/fake-api';
import { ${joined([search === '' ? '' : `make${names.pascal}`, 'sampleCollections'], ', ')} } from '../test/records';
import { ${names.pascalPlural}Page } from './${names.kebabPlural}-page';
${search === '' ? '' : `\nconst PATH = '/api/${names.kebabPlural}';\nconst complete = make${names.pascal};\n`}
/** The rows of the table without its heading. */
function bodyRows(): HTMLElement[] {
  return screen.getAllByRole('row').slice(1);
}

describe('${names.pascalPlural}Page', () => {${tests.replace(/^\n/, '\n')}});
`).replace("', () => {\n\n", "', () => {\n");
}
