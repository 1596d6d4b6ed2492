/** Tests of what does not depend on the kinds of records. */
import { fileText } from '../layout.ts';

export function fieldsTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import * as fields from '../../src/core/fields.ts';

describe('fields', () => {
  it('take the blanks around texts away', () => {
    expect(fields.text(4).read('  milk ')).toBe('milk');
  });

  it('keep instants in UTC', () => {
    expect(fields.instant().read('2024-05-10T14:00:00+02:00')).toBe('2024-05-10T12:00:00.000Z');
  });

  it('keep each id once', () => {
    expect(fields.references().read([2, 1, 2])).toEqual([2, 1]);
    expect(fields.references().read(undefined)).toEqual([]);
  });

  it('fall back where they have a value of their own', () => {
    expect(fields.withDefault(fields.flag(), true).read(undefined)).toBe(true);
    expect(fields.optional(fields.day()).read(undefined)).toBeNull();
    expect(fields.optional(fields.day()).read(null)).toBeNull();
  });

  it('take numbers up to both bounds', () => {
    expect(fields.decimal(0, 1.5).read(1.5)).toBe(1.5);
    expect(fields.integer(0, 3).read(0)).toBe(0);
  });

  it.each([
    { name: 'a long text', field: fields.text(3), value: 'milk' },
    { name: 'a blank text', field: fields.text(3), value: '  ' },
    { name: 'a number as text', field: fields.text(3), value: 1 },
    { name: 'half a number', field: fields.integer(0, 3), value: 1.5 },
    { name: 'a number beyond its bounds', field: fields.integer(0, 3), value: 4 },
    { name: 'no number', field: fields.decimal(0, 3), value: Number.NaN },
    { name: 'a yes that is no flag', field: fields.flag(), value: 'yes' },
    { name: 'an unknown choice', field: fields.choice(['a', 'b']), value: 'c' },
    { name: 'a day that no month has', field: fields.day(), value: '2024-02-30' },
    { name: 'a time without a zone', field: fields.instant(), value: '2024-02-03T12:00:00' },
    { name: 'an id below one', field: fields.reference(), value: 0 },
    { name: 'an id that is no list', field: fields.references(), value: 1 },
  ])('refuse $name', ({ field, value }) => {
    expect(() => field.read(value)).toThrow(fields.RefusedValue);
  });
});
`);
}

export function queryTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { inOrder, matching, searching } from '../../src/core/query.ts';

const NOW = { createdAt: '2024-05-01T12:00:00.000Z', updatedAt: '2024-05-01T12:00:00.000Z' };
const RECORDS = [
  { ...NOW, id: 1, name: 'Pear', weight: 10, tagIds: [1, 2] },
  { ...NOW, id: 2, name: 'apple', weight: 9, tagIds: [2] },
  { ...NOW, id: 3, name: null, weight: 10, tagIds: [] },
];

const idsOf = (records: readonly { id: number }[]) => records.map(({ id }) => id);

describe('inOrder', () => {
  it('sorts texts as people do and numbers by size', () => {
    expect(idsOf(inOrder(RECORDS, 'name'))).toEqual([2, 1, 3]);
    expect(idsOf(inOrder(RECORDS, 'weight'))).toEqual([2, 3, 1]);
  });

  it('has records without a value last in both directions', () => {
    expect(idsOf(inOrder(RECORDS, '-name'))).toEqual([1, 2, 3]);
  });

  it('leaves the records in their places', () => {
    inOrder(RECORDS, '-id');

    expect(idsOf(RECORDS)).toEqual([1, 2, 3]);
  });
});

describe('matching', () => {
  it('finds values, and members of lists', () => {
    expect(idsOf(matching(RECORDS, { weight: 10 }))).toEqual([1, 3]);
    expect(idsOf(matching(RECORDS, { tagIds: 2, weight: 9 }))).toEqual([2]);
    expect(idsOf(matching(RECORDS, { name: null }))).toEqual([3]);
  });

  it('finds everything where nothing is asked for', () => {
    expect(matching(RECORDS, { name: undefined })).toEqual(RECORDS);
  });
});

describe('searching', () => {
  it('looks into the named fields alone', () => {
    expect(idsOf(searching(RECORDS, ['name'], 'APP'))).toEqual([2]);
    expect(idsOf(searching(RECORDS, ['name'], '10'))).toEqual([]);
  });
});
`);
}

export function storeTestFile(): string {
  return fileText(`
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Access, collectionIn } from '../../src/core/access.ts';
import { JsonFileStore } from '../../src/core/json-file-store.ts';
import { MemoryStore, type StoredData } from '../../src/core/store.ts';

const DATA: StoredData = { notes: { lastId: 3, records: [] } };

describe('JsonFileStore', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-test-'));
    path = join(folder, 'data.json');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is empty before the first save', async () => {
    expect(await new JsonFileStore(path).load()).toEqual({});
  });

  it('gives another one what it kept, and leaves nothing beside it', async () => {
    await new JsonFileStore(path).save(DATA);

    expect(await new JsonFileStore(path).load()).toEqual(DATA);
    expect(await readdir(folder)).toEqual(['data.json']);
  });

  it('does not take a broken file for an empty one', async () => {
    await writeFile(path, '{');

    await expect(new JsonFileStore(path).load()).rejects.toThrow(SyntaxError);
  });
});

describe('MemoryStore', () => {
  it('does not change with what it was given', async () => {
    const store = new MemoryStore();
    const data = structuredClone(DATA);
    await store.save(data);
    collectionIn(data, 'notes').lastId = 9;

    expect(await store.load()).toEqual(DATA);
  });
});

describe('Access', () => {
  const increase = (data: StoredData) => (collectionIn(data, 'notes').lastId += 1);

  it('makes changes one after the other', async () => {
    const access = new Access(new MemoryStore());

    expect(await Promise.all([1, 2, 3].map(() => access.change(increase)))).toEqual([1, 2, 3]);
  });

  it('keeps nothing of a change that fails, and goes on', async () => {
    const access = new Access(new MemoryStore());
    const failing = access.change((data) => {
      increase(data);
      throw new Error('stop');
    });

    await expect(failing).rejects.toThrow('stop');
    expect(await access.change(increase)).toBe(1);
  });

  it('reads what the changes before it made', async () => {
    const access = new Access(new MemoryStore());
    const change = access.change(increase);

    expect(await access.read((data) => collectionIn(data, 'notes').lastId)).toBe(1);
    await change;
  });
});
`);
}
