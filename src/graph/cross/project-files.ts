/** Which file an import means, as far as routers and style sheets need it: by the end of its path. */
import type { CrossFile } from './source-text.ts';

export class ProjectFiles {
  private readonly byPath: ReadonlyMap<string, CrossFile>;
  private readonly byStem = new Map<string, CrossFile[]>();

  constructor(files: readonly CrossFile[]) {
    this.byPath = new Map(files.map((file) => [file.path, file]));
    for (const file of files) {
      const stem = stemOf(file.path);
      const known = this.byStem.get(stem);
      if (known === undefined) this.byStem.set(stem, [file]);
      else known.push(file);
    }
  }

  /** A module of Python by its dotted name, seen from a file: the one file whose path ends so, the nearest first. */
  pythonModule(name: string, from: string): CrossFile | undefined {
    const parts = name.split('.').filter((part) => part !== '');
    const last = parts.at(-1);
    if (last === undefined) return undefined;
    const end = parts.join('/');
    const found = (this.byStem.get(last) ?? []).filter(({ path, language }) => {
      const module = path.replace(/(\/__init__)?\.pyi?$/, '');
      return language === 'python' && (module === end || module.endsWith(`/${end}`));
    });
    return nearest(found, from);
  }

  /** A file by a path relative to another, with or without its extension. */
  relative(specifier: string, from: string): CrossFile | undefined {
    if (!specifier.startsWith('.')) return undefined;
    const base = normalize(`${folder(from)}/${specifier}`);
    const plain = base.replace(/\.[cm]?jsx?$/, '');
    for (const candidate of [base, ...ENDINGS.map((ending) => `${plain}${ending}`)]) {
      const file = this.byPath.get(candidate);
      if (file !== undefined) return file;
    }
    return undefined;
  }
}

const ENDINGS = ['.ts', '.tsx', '.js', '.jsx', '.mjs', '.cjs', '/index.ts', '/index.tsx', '/index.js'];

function stemOf(path: string): string {
  const parts = path.replace(/\.[^./]+$/, '').split('/');
  return (parts.at(-1) === '__init__' ? parts.at(-2) : parts.at(-1)) ?? '';
}

function folder(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function normalize(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '.' && part !== '') out.push(part);
  }
  return out.join('/');
}

/** The file that shares the longest path with another. */
function nearest(files: readonly CrossFile[], from: string): CrossFile | undefined {
  const shared = (path: string): number => {
    let i = 0;
    while (i < path.length && path[i] === from[i]) i += 1;
    return i;
  };
  return [...files].sort((a, b) => shared(b.path) - shared(a.path) || (a.path < b.path ? -1 : 1))[0];
}
