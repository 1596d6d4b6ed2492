/**
 * Atomized files on their way between threads. Copying deep objects costs both threads several times what reading text does, so
 * atoms travel as JSON in one block of memory that changes hands without a copy, and are read again when somebody asks for them.
 */
import type { AtomContext } from '../domain/index.ts';
import type { AtomDraft, AtomizedFile } from './atomized-file.ts';

type Header = Omit<AtomizedFile, 'atoms'>;
type Body = Omit<AtomDraft, 'context'>;

/** Where the parts of a file lie in the block, in bytes; the contexts follow the atoms. */
interface Place {
  readonly start: number;
  readonly contexts: number;
  readonly end: number;
}

export interface PackedFiles {
  readonly headers: readonly Header[];
  readonly places: readonly Place[];
  readonly block: ArrayBuffer;
}

/** Packs files for another thread; `block` is to be transferred. */
export function packFiles(files: readonly AtomizedFile[]): PackedFiles {
  const parts: Buffer[] = [];
  let at = 0;
  const add = (value: unknown): number => {
    const part = Buffer.from(JSON.stringify(value));
    parts.push(part);
    at += part.length;
    return at;
  };
  const headers: Header[] = [];
  const places = files.map(({ atoms, ...header }) => {
    headers.push(header);
    const start = at;
    const contexts = add(atoms.map(({ context: _, ...body }) => body));
    return { start, contexts, end: add(atoms.map(({ context }) => context)) };
  });
  const block = new ArrayBuffer(at);
  const bytes = Buffer.from(block);
  let to = 0;
  for (const part of parts) to += part.copy(bytes, to);
  return { headers, places, block };
}

const parse = (block: ArrayBuffer, start: number, end: number): unknown =>
  JSON.parse(Buffer.from(block, start, end - start).toString());

/** The contexts of one file, read when the first is asked for. */
class Contexts {
  private readonly block: ArrayBuffer;
  private readonly place: Place;
  private read: readonly AtomContext[] | undefined;

  constructor(block: ArrayBuffer, place: Place) {
    this.block = block;
    this.place = place;
  }

  at(ordinal: number): AtomContext {
    this.read ??= parse(this.block, this.place.contexts, this.place.end) as AtomContext[];
    return this.read[ordinal] as AtomContext;
  }
}

/** An atom whose context is read when it is asked for. */
class UnpackedAtom {
  readonly #contexts: Contexts;

  constructor(body: Body, contexts: Contexts) {
    Object.assign(this, body);
    this.#contexts = contexts;
  }

  get context(): AtomContext {
    return this.#contexts.at((this as unknown as Body).ordinal);
  }
}

function readAtoms(block: ArrayBuffer, place: Place): AtomDraft[] {
  const contexts = new Contexts(block, place);
  const bodies = parse(block, place.start, place.contexts) as Body[];
  return bodies.map((body) => new UnpackedAtom(body, contexts) as unknown as AtomDraft);
}

/** The files that another thread packed. */
export function unpackFiles({ headers, places, block }: PackedFiles): AtomizedFile[] {
  return headers.map((header, i) => {
    let atoms: readonly AtomDraft[] | undefined;
    const get = (): readonly AtomDraft[] => (atoms ??= readAtoms(block, places[i] as Place));
    return Object.defineProperty({ ...header }, 'atoms', { enumerable: true, get }) as unknown as AtomizedFile;
  });
}
