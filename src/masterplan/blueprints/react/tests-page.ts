/** `src/pages/<entities>-page.test.tsx`. */
import { fileText, joined } from '../layout.ts';
import type { EntityModel, FieldModel, ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { filterFields, searchFields } from '../filters.ts';
import { idsOf } from './entity-api.ts';
import { has, where } from './features/feature-file.ts';
import { columnFields } from './entity-table.ts';
import { typedField } from './test-cases.ts';
import { sampleLabel, sampleText } from './test-support.ts';

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
${search.type === 'longtext' ? '' : "    expect(within(screen.getByRole('table')).getByText('Rare marmot')).toBeDefined();\n"}  });
`;
}

/** Two records, sorted by their first text. */
function pageSortTest(entity: EntityModel): string {
  const { names } = entity;
  const field = columnFields(entity).find(({ type, maxLength }) => type === 'text' && maxLength >= 20);
  if (field === undefined) return '';
  return `
  it('sorts by a column', async () => {
    const other = make${names.pascal}({ id: 2, ${field.name}: 'Aardvark' });
    installFakeApi({ ...sampleCollections(), [PATH]: { rows: [make${names.pascal}(), other], complete } });
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);
    await waitFor(() => expect(bodyRows()).toHaveLength(2));

    await userEvent.click(screen.getByRole('button', { name: '${labelOf(field.name)}' }));

    await waitFor(() => expect(bodyRows()[0]?.textContent).toContain('Aardvark'));
    const heading = screen.getByRole('columnheader', { name: '${labelOf(field.name)}' });
    expect(heading.getAttribute('aria-sort')).toBe('ascending');
  });
`;
}

/** Linked records in the list; the first relation of many with many stands for all. */
function pageManyTest(entity: EntityModel): string {
  const { names } = entity;
  const [many] = entity.many;
  if (many === undefined) return '';
  return `
  it('shows the ${many.name.replaceAll('_', ' ')} of a ${names.human}', async () => {
    const linked = make${names.pascal}({ ${idsOf(many)}: [7], ${many.name}: [{ id: 7, label: 'Seventh' }] });
    installFakeApi({ ...sampleCollections(), [PATH]: { rows: [linked], complete } });
    render(<${names.pascalPlural}Page params={new URLSearchParams('${many.singular}_id=7')} />);

    expect(await screen.findByText('Seventh')).toBeDefined();
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
  const changed = 'Changed'.slice(0, typed.maxLength);
  return `
  it('changes a ${names.human}', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);

    await userEvent.click(await screen.findByRole('button', { name: 'Edit ${label}' }));
    const form = within(screen.getByRole('form', { name: 'Edit ${label}' }));
    const input = form.getByLabelText('${labelOf(typed.name)}');
    await userEvent.clear(input);
    await userEvent.type(input, '${changed}');
    await userEvent.click(form.getByRole('button', { name: 'Save' }));

    expect(await within(screen.getByRole('table')).findByText('${changed}')).toBeDefined();
    expect(screen.queryByRole('form')).toBeNull();
  });
`;
}

/** What the features of the project add to the page. */
function featureTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const label = sampleLabel(project, entity);
  const begin = `    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);
`;
  const trash = `
  it('shows the trash in place of the list', async () => {
${begin}    await screen.findByRole('table');

    await userEvent.click(screen.getByRole('button', { name: 'Trash' }));

    expect(await screen.findByText('The trash is empty.')).toBeDefined();
    expect(screen.queryByRole('table')).toBeNull();
  });
`;
  const files = `
  it('shows the files of a ${names.human}', async () => {
    const routes = { 'GET /api/${names.kebabPlural}/1/attachments': () => answer(200, []) };
    installFakeApi(sampleCollections(), routes);
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);

    await userEvent.click(await screen.findByRole('button', { name: 'Files of ${label}' }));

    expect(await screen.findByText('No files here yet.')).toBeDefined();
  });
`;
  const imported = `
  it('shows what was imported', async () => {
    const collections = sampleCollections();
    const add = () => {
      collections['/api/${names.kebabPlural}']?.rows.push(make${names.pascal}({ id: 2 }));
      return answer(200, { created: 1 });
    };
    installFakeApi(collections, { 'POST /api/${names.kebabPlural}/import': add });
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);
    await screen.findByRole('table');

    await userEvent.upload(screen.getByLabelText('Import CSV'), new File(['id'], 'data.csv', { type: 'text/csv' }));

    await waitFor(() => expect(bodyRows()).toHaveLength(2));
  });
`;
  const history = `
  it('leads to the history of a ${names.human}', async () => {
${begin}
    const link = await screen.findByRole('link', { name: 'History' });

    expect(link.getAttribute('href')).toBe('#/history?entity=${names.kebabPlural}&record_id=1');
  });
`;
  return [
    where(project, 'soft_delete', trash),
    where(project, 'upload', files),
    where(project, 'csv', imported),
    where(project, 'audit', history),
  ].join('');
}

export function pageTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const label = sampleLabel(project, entity);
  const shown = columnFields(entity).find((field) => field.type === 'text');
  const own = pageFilterTest(entity) + pageSortTest(entity) + pageManyTest(entity);
  const tests = `
  it('lists the ${names.humanPlural}', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />);

    expect(await screen.findByRole('button', { name: 'Edit ${label}' })).toBeDefined();
    expect(bodyRows()).toHaveLength(1);
${shown === undefined ? '' : `    expect(bodyRows()[0]?.textContent).toContain('${sampleText(shown)}');\n`}  });
${own}${pageParamsTest(entity)}${createTest(project, entity)}${editTest(project, entity)}${toggleTest(project, entity)}
  it('deletes a ${names.human} after asking', async () => {
    installFakeApi(sampleCollections());
    render(<${names.pascalPlural}Page params={new URLSearchParams()} />${has(project, 'roles') ? ', { wrapper: AsAdmin }' : ''});

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
${featureTests(project, entity)}`;
  const events = tests.includes('fireEvent.') ? 'fireEvent, ' : '';
  const imported = ['render', 'screen', 'waitFor', 'within'].filter(
    (name) => tests.includes(`${name}(`) || name === 'screen',
  );
  return fileText(`
import { ${events}${imported.join(', ')} } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { ${/\banswer\(/.test(tests) ? 'answer, ' : ''}installFailingApi, installFakeApi } from '../test/fake-api';
import { ${joined([tests.includes(`make${names.pascal}(`) ? `make${names.pascal}` : own === '' ? '' : `make${names.pascal}`, 'sampleCollections'], ', ')} } from '../test/records';
${where(project, 'roles', "import { AsAdmin } from '../test/session';\n")}import { ${names.pascalPlural}Page } from './${names.kebabPlural}-page';
${own === '' ? '' : `\nconst PATH = '/api/${names.kebabPlural}';\nconst complete = make${names.pascal};\n`}
/** The rows of the table without its heading. */
function bodyRows(): HTMLElement[] {
  return screen.getAllByRole('row').slice(1);
}

describe('${names.pascalPlural}Page', () => {${tests.replace(/^\n/, '\n')}});
`).replace("', () => {\n\n", "', () => {\n");
}
