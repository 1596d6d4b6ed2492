import { languageOf, openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { atomizeInThread, isLossless, type AtomDraft, type AtomizedFile } from '../../../src/atomization/index.ts';
import type { SourceFile } from '../../../src/domain/index.ts';

let parser: SourceParser | undefined;

/** The parser of this test file's thread. */
export async function sharedParser(): Promise<SourceParser> {
  return (parser ??= await openParser());
}

export function fileOf(path: string, content: string | Uint8Array): SourceFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { path, language: languageOf(path, bytes), bytes };
}

/** Atomizes a file and makes sure that nothing was lost: every test that cuts is a test of that too. */
export async function atomize(path: string, content: string | Uint8Array): Promise<AtomizedFile> {
  const source = fileOf(path, content);
  const file = atomizeInThread(await sharedParser(), source);
  if (!isLossless(source, file)) throw new Error(`the atoms of ${path} do not join to the file`);
  return file;
}

/** The texts of the atoms. */
export async function textsOf(path: string, content: string): Promise<string[]> {
  const file = await atomize(path, content);
  const bytes = Buffer.from(content);
  return file.atoms.map(({ range }) => bytes.subarray(range.startByte, range.endByte).toString());
}

export function atomNamed(file: AtomizedFile, name: string): AtomDraft {
  const found = file.atoms.find((atom) => atom.name === name);
  if (found === undefined) throw new Error(`no atom "${name}" among ${file.atoms.map((atom) => atom.name).join(', ')}`);
  return found;
}

/** `count` lines made by `line`. */
export const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
