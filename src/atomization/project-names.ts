/**
 * Finds names that a file uses and other files of the project define, in languages that need no import between files: of one
 * folder (Go's package), or of the whole project (Java's and C#'s packages, Ruby's constants, SQL's tables, variables of SCSS).
 */
import type { AtomContext } from '../domain/index.ts';
import { withContext } from './atomicity.ts';
import { Breather } from './breather.ts';
import type { AtomDraft, AtomizedFile } from './atomized-file.ts';
import { withNames } from './context/index.ts';
import { folderOf } from './project-modules.ts';

type Reach = 'folder' | 'project';

const REACH: Readonly<Record<string, Reach>> = {
  go: 'folder',
  java: 'project',
  csharp: 'project',
  ruby: 'project',
  rust: 'project',
  php: 'project',
  sql: 'project',
  scss: 'project',
};

/** Kinds of definitions that other files can see, wherever they stand. */
const VISIBLE = new Set(['type', 'function', 'declaration']);

const plain = (name: string): string => name.replace(/["`]/g, '').toLowerCase();
const keyOf = (language: string, name: string): string => (language === 'sql' ? plain(name) : name);

function spaceOf(file: AtomizedFile): string | undefined {
  const reach = REACH[file.language];
  if (reach === undefined) return undefined;
  return reach === 'folder' ? `${file.language}:${folderOf(file.path)}` : file.language;
}

async function definedNames(files: readonly AtomizedFile[], breather: Breather): Promise<Map<string, Set<string>>> {
  const spaces = new Map<string, Set<string>>();
  for (const file of files) {
    const space = spaceOf(file);
    if (space === undefined) continue;
    await breather.pause();
    const names = spaces.get(space) ?? new Set<string>();
    spaces.set(space, names);
    for (const atom of file.atoms)
      for (const { name, kind } of atom.context.defines)
        if (VISIBLE.has(kind) || (kind !== 'parameter' && atom.role !== 'body')) names.add(keyOf(file.language, name));
  }
  return spaces;
}

function linkAtom(atom: AtomDraft, language: string, names: ReadonlySet<string>): AtomDraft {
  let found = 0;
  const uses: AtomContext['uses'] = atom.context.uses.map((use) => {
    if (use.kind !== 'unknown' || !names.has(keyOf(language, use.name))) return use;
    found++;
    return { ...use, kind: 'project' };
  });
  if (found === 0) return atom;
  const unresolved = uses.filter(({ kind }) => kind === 'unknown').length;
  return withContext(atom, withNames(atom.context, uses), unresolved);
}

/** The same files with names resolved that another file of the project defines. Lets other work through. */
export async function linkNames(files: readonly AtomizedFile[]): Promise<AtomizedFile[]> {
  const breather = new Breather();
  const spaces = await definedNames(files, breather);
  const linked: AtomizedFile[] = [];
  for (const file of files) {
    const names = spaces.get(spaceOf(file) ?? '');
    if (names === undefined || names.size === 0) linked.push(file);
    else linked.push({ ...file, atoms: file.atoms.map((atom) => linkAtom(atom, file.language, names)) });
    await breather.pause();
  }
  return linked;
}
