import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { MgeError } from '../../../src/domain/index.ts';
import { readSpec } from '../../../src/masterplan/blueprints/spec.ts';
import { SPEC_SCHEMA } from '../../../src/masterplan/blueprints/spec-schema.ts';

const isValid = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(SPEC_SCHEMA);

function isRead(spec: unknown): boolean {
  try {
    readSpec(spec);
    return true;
  } catch (error) {
    if (error instanceof MgeError) return false;
    throw error;
  }
}

const withEntity = (values: object) => ({ entities: [{ name: 'animal', fields: ['name!'], ...values }] });

/** Parts that are right or wrong each on their own, so that parser and schema have to agree on them. */
const FIELDS: readonly unknown[] = [
  'name',
  ' Unit Price! : decimal( -1.5.. ) required default 2',
  'size: text(20) unique',
  'kind: enum(a|b) = a',
  'body: longtext',
  'price: money',
  'price: text(x)',
  'weight: integer(1)',
  'born: date(2)',
  'kind: enum',
  ':',
  '',
  7,
  null,
  { name: 'size', type: 'text', max_length: 30, unique: true },
  { name: 'weight', type: 'decimal(0..)', min: 1, max: 3.5, default: 2 },
  { name: 'kind', type: 'enum', values: ['a', 'b'], required: true, default: 'a' },
  { name: 'born on' },
  { name: 'kind', type: 'enum' },
  { name: 'kind', type: 'text', values: ['a', 'b'] },
  { name: 'size', max_length: 0 },
  { name: 'size', required: 'yes' },
  { name: 'size', default: [] },
  { name: 'size', colour: 1 },
  { type: 'text' },
];

const RELATIONS: readonly unknown[] = [
  'mother: animal',
  'mother: animal restrict',
  'mother: 1',
  ':',
  3,
  { name: 'mother', entity: 'animal', on_delete: 'cascade' },
  { name: 'mother', entity: 'animal', many: false },
  { name: 'mother', entity: 'animal', on_delete: 'explode' },
  { name: 'mother', entity: 4 },
  { name: 'mothers', entity: 'animal', many: true, required: true },
  { name: 'mothers', entity: 'animal', many: 1 },
  { entity: 'animal' },
];

const REST: readonly unknown[] = [
  null,
  [],
  {},
  { entities: [] },
  { entities: Array.from({ length: 21 }, (_, at) => ({ name: `a${at}`, fields: ['name'] })) },
  { ...withEntity({}), colour: 1 },
  { ...withEntity({}), name: '<b>' },
  { ...withEntity({}), name: 'Élan & Co' },
  { ...withEntity({}), name: null },
  { ...withEntity({}), stack: { blueprint: 'fastapi', frontend: 'none' }, features: ['csv', 'auth'] },
  { ...withEntity({}), stack: { blueprint: 'cobol' } },
  { ...withEntity({}), stack: 'fastapi' },
  { ...withEntity({}), features: ['magic'] },
  withEntity({ name: '1' }),
  withEntity({ fields: [] }),
  withEntity({ fields: 'name' }),
  withEntity({ color: 'red' }),
  withEntity({ fields: ['from: date', 'until: date'], rules: ['from before until'] }),
  withEntity({ rules: ['sooner rather than later'] }),
  withEntity({ relations: null }),
];

describe('the schema of spec', () => {
  it.each([
    ...FIELDS.map((one) => withEntity({ fields: [one] })),
    ...RELATIONS.map((one) => withEntity({ relations: [one] })),
    ...REST,
  ])('says of %j what the parser says', (spec) => {
    expect(isValid(spec)).toBe(isRead(spec));
  });

  it('takes links of many with many as the parser does', () => {
    const spec = {
      entities: [
        { name: 'tag', fields: ['name!'] },
        {
          name: 'post',
          fields: ['title!'],
          relations: ['tags: many tag', { name: 'topics', entity: 'tag', many: true }],
        },
      ],
    };

    expect([isValid(spec), isRead(spec)]).toEqual([true, true]);
  });

  it('takes whatever the parser takes', () => {
    const text = fc.array(
      fc.constantFrom(
        'a',
        'due',
        '!',
        ':',
        ' ',
        'text',
        'enum',
        '(',
        ')',
        '1',
        '..',
        '9',
        'a|b',
        'required',
        'default',
        'many',
      ),
      { maxLength: 9 },
    );
    fc.assert(
      fc.property(text, text, (field, relation) => {
        const fields = ['name', field.join('')];
        const spec = withEntity({ fields, relations: [`animal ${relation.join('')}`] });
        fc.pre(isRead(spec));
        expect(isValid(spec), JSON.stringify(spec)).toBe(true);
      }),
      { numRuns: 400, maxSkipsPerRun: 1_000 },
    );
  });

  it('is the one in docs/spec.schema.json', async () => {
    const text = await prettier.format(JSON.stringify(SPEC_SCHEMA), { parser: 'json', printWidth: 120 });
    await expect(text).toMatchFileSnapshot('../../../docs/spec.schema.json');
  });
});
