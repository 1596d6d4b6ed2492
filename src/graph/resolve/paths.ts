/** From the name in an import to the file it means. */

/** One `paths` entry of a tsconfig, or a workspace package: what `prefix` stands for. A trailing `*` matches the rest. */
export interface PathAlias {
  /** Folder whose files the alias holds for; empty for all. */
  readonly under: string;
  readonly pattern: string;
  /** Paths from the root of the file set. */
  readonly targets: readonly string[];
}

/** Joins and normalises with `/`; null when it leads out of the root. */
export function joinPath(folder: string, relative: string): string | null {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (parts.length === 0) return null;
      parts.pop();
    } else parts.push(part);
  }
  return parts.join('/');
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

const SCRIPT_ENDINGS = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
const INDEX_ENDINGS = SCRIPT_ENDINGS.map((ending) => `/index${ending}`);
const COMPILED: readonly [RegExp, readonly string[]][] = [
  [/\.js$/, ['.ts', '.tsx', '.d.ts', '.js', '.jsx']],
  [/\.jsx$/, ['.tsx', '.jsx']],
  [/\.mjs$/, ['.mts', '.d.mts', '.mjs']],
  [/\.cjs$/, ['.cts', '.d.cts', '.cjs']],
];

function scriptFile(paths: ReadonlyMap<string, number>, base: string): number | undefined {
  for (const [ending, sources] of COMPILED) {
    if (!ending.test(base)) continue;
    for (const source of sources) {
      const found = paths.get(base.replace(ending, source));
      if (found !== undefined) return found;
    }
  }
  const exact = paths.get(base);
  if (exact !== undefined) return exact;
  for (const ending of [...SCRIPT_ENDINGS, ...INDEX_ENDINGS]) {
    const found = paths.get(base === '' ? ending.slice(1) : base + ending);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The file that `import … from 'name'` in the file at `from` means; undefined when it is none of them. */
export function resolveScript(
  paths: ReadonlyMap<string, number>,
  aliases: readonly PathAlias[],
  from: string,
  name: string,
): number | undefined {
  if (name.startsWith('.')) {
    const base = joinPath(folderOf(from), name);
    return base === null ? undefined : scriptFile(paths, base);
  }
  for (const alias of aliases) {
    if (alias.under !== '' && !from.startsWith(`${alias.under}/`)) continue;
    const rest = matchAlias(alias.pattern, name);
    if (rest === undefined) continue;
    for (const target of alias.targets) {
      const base = joinPath('', target.replace('*', rest));
      const found = base === null ? undefined : scriptFile(paths, base);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function matchAlias(pattern: string, name: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === name ? '' : undefined;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return undefined;
  return name.slice(head.length, name.length - tail.length);
}

/** A Python module: the file that holds it, or the folder of a package without an `__init__.py`. */
export interface PythonModule {
  readonly file: number | undefined;
  readonly folder: string;
}

/** Finds Python modules among a set of paths. */
export class PythonPaths {
  private readonly paths: ReadonlyMap<string, number>;
  private readonly folders = new Set<string>();

  constructor(paths: ReadonlyMap<string, number>) {
    this.paths = paths;
    for (const path of paths.keys()) {
      if (!/\.pyi?$/.test(path)) continue;
      for (let folder = folderOf(path); folder !== '' && !this.folders.has(folder); folder = folderOf(folder)) {
        this.folders.add(folder);
      }
    }
  }

  /** The module at a path without ending. */
  at(base: string): PythonModule | undefined {
    const prefix = base === '' ? '' : `${base}/`;
    const init = this.paths.get(`${prefix}__init__.py`) ?? this.paths.get(`${prefix}__init__.pyi`);
    if (init !== undefined) return { file: init, folder: base };
    const file = base === '' ? undefined : (this.paths.get(`${base}.py`) ?? this.paths.get(`${base}.pyi`));
    if (file !== undefined) return { file, folder: base };
    return this.folders.has(base) || base === '' ? { file: undefined, folder: base } : undefined;
  }

  /** `level` leading dots, then `name` (may be empty), written in the file at `from`. */
  resolve(from: string, level: number, name: string): PythonModule | undefined {
    const parts = name === '' ? [] : name.split('.');
    if (level > 0) {
      let folder = folderOf(from);
      for (let up = 1; up < level; up += 1) folder = folderOf(folder);
      return this.at([...(folder === '' ? [] : [folder]), ...parts].join('/'));
    }
    let root = folderOf(from);
    for (;;) {
      const inPackage = this.paths.has(root === '' ? '__init__.py' : `${root}/__init__.py`);
      if (!inPackage) {
        const found = this.under(root, parts) ?? this.under(root === '' ? 'src' : `${root}/src`, parts);
        if (found !== undefined) return found;
      }
      if (root === '') return undefined;
      root = folderOf(root);
    }
  }

  private under(root: string, parts: readonly string[]): PythonModule | undefined {
    return this.at([...(root === '' ? [] : [root]), ...parts].join('/'));
  }
}
