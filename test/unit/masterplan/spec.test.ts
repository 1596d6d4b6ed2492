import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MgeError } from '../../../src/domain/index.ts';
import { readSpec } from '../../../src/masterplan/blueprints/spec.ts';
import { guessType, parseField, parseRelation } from '../../../src/masterplan/blueprints/request/field-text.ts';

function pointersOf(spec: unknown): string[] {
  try {
    readSpec(spec);
    return [];
  } catch (error) {
    if (error instanceof MgeError) return error.fields.map((field) => field.pointer);
    throw error;
  }
}

const entity = (values: object = {}) => ({ name: 'Animal', fields: ['name!'], ...values });
const withField = (field: unknown) => ({ entities: [entity({ fields: [field] })] });

describe('readSpec', () => {
  it('takes the stack and features, and refuses those that are not known', () => {
    const entities = [entity()];
    expect(readSpec({ entities })).toMatchObject({ blueprint: null, frontend: undefined, features: [] });
    expect(
      readSpec({ entities, stack: { blueprint: 'fastapi', frontend: 'none' }, features: ['csv', 'auth'] }),
    ).toMatchObject({ blueprint: 'fastapi', frontend: null, features: ['csv', 'auth'] });
    expect(
      pointersOf({ entities, stack: { blueprint: 'cobol', frontend: 'vue', x: 1 }, features: ['csv', 'magic'] }),
    ).toEqual(['/spec/stack/x', '/spec/stack/blueprint', '/spec/stack/frontend', '/spec/features/1']);
    expect(pointersOf({ entities, stack: 'fastapi', features: 'auth' })).toEqual(['/spec/stack', '/spec/features']);
  });

  it('reads the short and the long form alike', () => {
    const short = readSpec({
      name: 'Zoo',
      entities: [
        { name: 'Keeper', fields: ['name: text(80) required unique'] },
        {
          name: 'animal',
          fields: ['kind: enum(Wild cat|dog) required default dog', 'weight: decimal(0..500)', 'born: date'],
          relations: ['keeper required cascade'],
        },
      ],
    });
    const long = readSpec({
      name: 'Zoo',
      entities: [
        { name: 'keeper', fields: [{ name: 'name', type: 'text', max_length: 80, required: true, unique: true }] },
        {
          name: 'Animal',
          fields: [
            { name: 'kind', type: 'enum', values: ['wild cat', 'dog'], required: true, default: 'dog' },
            { name: 'weight', type: 'decimal', min: 0, max: 500 },
            { name: 'born', type: 'date' },
          ],
          relations: [{ name: 'keeper', entity: 'Keeper', required: true, on_delete: 'cascade' }],
        },
      ],
    });

    expect(long).toEqual(short);
    expect(short.entities[1]!.fields[0]).toMatchObject({ values: ['wild_cat', 'dog'], defaultValue: 'dog' });
  });

  it.each([
    [null, '/spec'],
    [[], '/spec'],
    [{}, '/spec/entities'],
    [{ entities: [] }, '/spec/entities'],
    [{ entities: [entity()], colour: 1 }, '/spec/colour'],
    [{ name: '<b>', entities: [entity()] }, '/spec/name'],
    [{ entities: [entity({ name: '1' })] }, '/spec/entities/0/name'],
    [{ entities: [entity({ fields: [] })] }, '/spec/entities/0/fields'],
    [{ entities: [entity({ color: 'red' })] }, '/spec/entities/0/color'],
    [withField('price: money'), '/spec/entities/0/fields/0'],
    [withField({ name: 'a', type: 'enum', values: ['x'] }), '/spec/entities/0/fields/0'],
    [withField({ name: 'a', type: 'integer', min: 3, max: 1 }), '/spec/entities/0/fields/0'],
    [withField({ name: 'a', type: 'boolean', default: 'perhaps' }), '/spec/entities/0/fields/0'],
    [withField({ name: 'a', colour: 1 }), '/spec/entities/0/fields/0/colour'],
    [withField(7), '/spec/entities/0/fields/0'],
    [{ entities: [entity({ relations: ['owner'] })] }, '/spec/entities/0/relations/0'],
    [{ entities: [entity({ relations: ['parent: animal required'] })] }, '/spec/entities/0/relations/0'],
    [
      { entities: [entity({ relations: [{ name: 'animal', required: true, on_delete: 'set_null' }] })] },
      '/spec/entities/0/relations/0',
    ],
    [{ entities: [entity({ relations: ['owners: many owner'] })] }, '/spec/entities/0/relations/0'],
    [{ entities: [entity({ relations: ['friends: many animal'] })] }, '/spec/entities/0/relations/0'],
    [{ entities: [entity({ relations: ['tag: many tag'] })] }, '/spec/entities/0/relations/0'],
    [
      { entities: [entity({ relations: [{ name: 'tags', many: true, required: true }] })] },
      '/spec/entities/0/relations/0',
    ],
    [{ entities: [entity({ relations: [{ name: 'tags', many: 'yes' }] })] }, '/spec/entities/0/relations/0'],
    [{ entities: [entity({ fields: ['a: date', 'b: datetime'], rules: ['a before b'] })] }, '/spec/entities/0/rules/0'],
  ])('points at what is wrong in %j', (spec, pointer) => {
    expect(pointersOf(spec)).toEqual([pointer]);
  });

  it('reads relations of many with many, in both forms', () => {
    const entities = (relation: unknown) => [{ name: 'tag', fields: ['name!'] }, entity({ relations: [relation] })];
    const [short, long] = ['key tags: many tag', { name: 'key_tags', entity: 'Tag', many: true }].map(
      (relation) => readSpec({ entities: entities(relation) }).entities[1]!,
    );

    expect(short!.many).toEqual([{ name: 'key_tags', singular: 'key_tag', target: 'Tag' }]);
    expect(short!.relations).toEqual([]);
    expect(long).toEqual(short);
  });

  it('points at a wrong relation whatever its kind and place', () => {
    const relations = ['tags: many tag', 'keeper', 'mother: animal', 'cages: many cage'];
    expect(pointersOf({ entities: [{ name: 'tag', fields: ['name!'] }, entity({ relations })] })).toEqual([
      '/spec/entities/1/relations/1',
      '/spec/entities/1/relations/3',
    ]);
  });

  it('names every problem at once', () => {
    expect(pointersOf({ entities: [{ name: '', fields: ['a: x'] }, entity({ fields: ['b: y', 'c: z'] })] })).toEqual([
      '/spec/entities/0/name',
      '/spec/entities/1/fields/0',
      '/spec/entities/1/fields/1',
    ]);
  });

  it('answers anything with a spec or a problem document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const entities = [{ name: 'thing', fields: [value] }];
        for (const spec of [value, { entities: value }, { entities }]) pointersOf(spec);
      }),
      { numRuns: 300 },
    );
  });
});

describe('field texts', () => {
  it.each([
    ['is_open', 'boolean'],
    ['due_date', 'date'],
    ['starts_at', 'datetime'],
    ['price', 'decimal'],
    ['quantity', 'integer'],
    ['description', 'longtext'],
    ['colour', 'text'],
  ])('guesses the type of %s', (name, type) => {
    expect(guessType(name)).toBe(type);
  });

  it('reads bounds, defaults and flags', () => {
    expect(parseField('Unit Price!: decimal(-1.5..) default 2')).toMatchObject({
      name: 'unit_price',
      type: 'decimal',
      required: true,
      min: -1.5,
      defaultValue: 2,
    });
  });

  it.each([
    '',
    ':',
    'a: ',
    'a: text(0)',
    'a: integer(1)',
    'a: integer unique',
    'a: date default 2024-01-01',
    'a: integer(1..3) default 4',
    'a b c d e f g h i j k l m n',
  ])('refuses %j', (text) => {
    expect(() => parseField(text)).toThrow();
  });

  it('reads relations', () => {
    expect(parseRelation('author required')).toEqual({
      name: 'author',
      target: 'Author',
      required: true,
      onDelete: 'restrict',
    });
    expect(parseRelation('lead author: writer')).toEqual({
      name: 'lead_author',
      target: 'Writer',
      required: false,
      onDelete: 'set_null',
    });
  });
});
