/** Where the records of a library are kept. */
import { fileText } from '../layout.ts';

export function storeFile(): string {
  return fileText(`
import type { Identity } from './kind.ts';

/** A record as it is kept. */
export type StoredRecord = Identity & Readonly<Record<string, unknown>>;

/** The records of one kind, and the highest id that one of them ever had. */
export interface StoredCollection {
  lastId: number;
  records: StoredRecord[];
}

/** Everything that is kept, by plural name of the kind. */
export type StoredData = Record<string, StoredCollection>;

/** Where records are kept. */
export interface RecordStore {
  load(): Promise<StoredData>;
  /** Keeps all of the data, or leaves what was there. */
  save(data: StoredData): Promise<void>;
}

/** Keeps records as long as the program runs. */
export class MemoryStore implements RecordStore {
  private data: StoredData = {};

  async load(): Promise<StoredData> {
    return structuredClone(this.data);
  }

  async save(data: StoredData): Promise<void> {
    this.data = structuredClone(data);
  }
}
`);
}

export function jsonFileStoreFile(): string {
  return fileText(`
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { RecordStore, StoredData } from './store.ts';

/** Keeps records in a JSON file that one program uses at a time. */
export class JsonFileStore implements RecordStore {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async load(): Promise<StoredData> {
    try {
      return JSON.parse(await readFile(this.path, 'utf8')) as StoredData;
    } catch (error) {
      if (isMissing(error)) return {};
      throw error;
    }
  }

  /** Writes beside the file and then takes its place: it is never there by half. */
  async save(data: StoredData): Promise<void> {
    const draft = \`\${this.path}.tmp\`;
    await writeFile(draft, \`\${JSON.stringify(data, null, 2)}\\n\`);
    await rename(draft, this.path);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
`);
}

export function accessFile(): string {
  return fileText(`
import type { RecordStore, StoredCollection, StoredData } from './store.ts';

/** Reads and changes a store, one change after the other. */
export class Access {
  private readonly store: RecordStore;
  private last: Promise<unknown> = Promise.resolve();

  constructor(store: RecordStore) {
    this.store = store;
  }

  /** What the work makes of the data once all changes before it are kept. */
  async read<Result>(work: (data: StoredData) => Result): Promise<Result> {
    await this.last;
    return work(await this.store.load());
  }

  /** Keeps what the work changes in the data; nothing of it where it throws. */
  change<Result>(work: (data: StoredData) => Result): Promise<Result> {
    const result = this.last.then(() => this.apply(work));
    this.last = result.catch(() => undefined);
    return result;
  }

  private async apply<Result>(work: (data: StoredData) => Result): Promise<Result> {
    const data = await this.store.load();
    const result = work(data);
    await this.store.save(data);
    return result;
  }
}

/** The records of a kind within the data; an empty collection where there are none yet. */
export function collectionIn(data: StoredData, plural: string): StoredCollection {
  return (data[plural] ??= { lastId: 0, records: [] });
}
`);
}
