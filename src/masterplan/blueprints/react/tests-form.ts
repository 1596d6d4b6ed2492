/** `src/forms/<entity>-values.test.ts` and `src/components/<entity>-form.test.tsx`. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { idsOf } from './entity-api.ts';
import { blankRequired, typedField } from './test-cases.ts';
import { sampleLabel } from './test-support.ts';

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
  const members = [
    ...entity.fields.map((field) => field.name),
    ...entity.relations.map((r) => `${r.name}_id`),
    ...entity.many.map(idsOf),
  ];
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

/** Choosing linked records: the first relation of many with many stands for all. */
function choiceTest(project: ProjectModel, entity: EntityModel): string {
  const [many] = entity.many;
  if (many === undefined) return '';
  const { names } = entity;
  const choice = sampleLabel(project, entityNamed(project, many.target));
  return `
  it('sends the chosen ${many.name.replaceAll('_', ' ')}', async () => {
    const onSave = vi.fn(async () => {});
    render(<${names.pascal}Form ${names.camel}={make${names.pascal}()} onSave={onSave} onCancel={vi.fn()} />);
    const group = within(screen.getByRole('group', { name: '${labelOf(many.name)}' }));

    await userEvent.click(await group.findByRole('checkbox', { name: '${choice}' }));
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));

    expect(onSave).toHaveBeenCalledWith(expect.objectContaining({ ${idsOf(many)}: [1] }));
  });
`;
}

export function formTestFile(project: ProjectModel, entity: EntityModel): string {
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
    await userEvent.type(input, '${'New'.slice(0, typed.maxLength)}');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));

    expect(onSave).toHaveBeenCalledWith(expect.objectContaining({ ${typed.name}: '${'New'.slice(0, typed.maxLength)}' }));
  });
`;
  const choices = choiceTest(project, entity);
  const anyField = entity.fields[0]?.name ?? 'id';
  return fileText(`
import { render, screen${choices === '' ? '' : ', within'} } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/http';
import { installFakeApi } from '../test/fake-api';
import { make${names.pascal}, sampleCollections } from '../test/records';
import { ${names.pascal}Form } from './${names.kebab}-form';

beforeEach(() => installFakeApi(sampleCollections()));

describe('${names.pascal}Form', () => {${emptied}${changes}${choices}
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
