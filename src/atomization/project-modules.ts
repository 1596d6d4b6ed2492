/** Resolves what import statements name to files of the project. */
import type { AtomizedFile } from './atomized-file.ts';

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** `a/b/../c` to `a/c`. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

const SCRIPT_ENDINGS = ['', '.ts', '.tsx', '.js', '.jsx', '.mjs', '/index.ts', '/index.tsx', '/index.js', '/index.mjs'];
const PYTHON_ENDINGS = ['.py', '/__init__.py'];
/** Where a package keeps what its name stands for. */
const PACKAGE_FOLDERS = ['', 'src/', 'lib/', 'source/'];

export class Modules {
  private readonly byPath = new Map<string, number>();
  /** Files by every ending of their path that begins behind a slash. */
  private readonly bySuffix = new Map<string, number>();
  /** Folders of the packages that the project holds, by their name. */
  private readonly packages = new Map<string, string>();
  /** Name of the Python package that the project itself is, where it is one: that of a folder which the paths do not show. */
  private readonly ownName: string;

  /** `textOf` gives the text of a file; it is asked for package manifests only. */
  constructor(files: readonly AtomizedFile[], textOf: (file: number) => string) {
    files.forEach((file, index) => {
      this.byPath.set(file.path, index);
      for (let at = file.path.indexOf('/'); ; at = file.path.indexOf('/', at + 1)) {
        if (at < 0) break;
        const suffix = file.path.slice(at + 1);
        if (!this.bySuffix.has(suffix)) this.bySuffix.set(suffix, index);
      }
      if (!/(^|\/)package\.json$/.test(file.path)) return;
      const name = /"name"\s*:\s*"([^"\n]+)"/.exec(textOf(index))?.[1];
      if (name !== undefined && !this.packages.has(name)) this.packages.set(name, folderOf(file.path));
    });
    this.ownName = this.byPath.has('__init__.py') ? this.nameInImports(files) : '';
  }

  /** The first part of absolute imports whose rest is a module at the top of the project; empty for none. */
  private nameInImports(files: readonly AtomizedFile[]): string {
    for (const file of files) {
      if (!file.path.endsWith('.py')) continue;
      for (const atom of file.atoms)
        for (const { module, names } of atom.context.imports) {
          const [name = '', ...rest] = module.split('.');
          if (name === '' || this.exact(name, PYTHON_ENDINGS) >= 0) continue;
          const inside = rest.length > 0 ? [rest.join('/')] : names;
          if (inside.some((part) => this.exact(part, PYTHON_ENDINGS) >= 0)) return name;
        }
    }
    return '';
  }

  private exact(base: string, endings: readonly string[]): number {
    for (const ending of endings) {
      const found = this.byPath.get(base + ending);
      if (found !== undefined) return found;
    }
    return -1;
  }

  private first(base: string, endings: readonly string[]): number {
    const exact = this.exact(base, endings);
    if (exact >= 0) return exact;
    for (const ending of endings) {
      const found = this.bySuffix.get(base + ending);
      if (found !== undefined && ending !== '') return found;
    }
    return -1;
  }

  /** Files that importing `names` from `module` in the file at `path` leads to. */
  resolve(path: string, module: string, names: readonly string[]): number[] {
    if (/\.pyi?$/.test(path)) return this.python(path, module, names);
    const base = module.startsWith('.') ? normalize(folderOf(path) + module) : module.replace(/^[@~]\//, '');
    const plain = base.replace(/\.[cm]?[jt]sx?$/, '');
    const ways = [
      () => this.package(module),
      () => this.first(base, SCRIPT_ENDINGS),
      () => this.first(plain, SCRIPT_ENDINGS),
    ];
    for (const way of ways) {
      const found = way();
      if (found >= 0) return [found];
    }
    return [];
  }

  /** A module of a package that the project holds: `name`, `name/part`. */
  private package(module: string): number {
    if (module.startsWith('.')) return -1;
    const parts = module.split('/');
    const name = parts.slice(0, module.startsWith('@') ? 2 : 1).join('/');
    const folder = this.packages.get(name);
    if (folder === undefined) return -1;
    const rest = module.slice(name.length + 1).replace(/\.[cm]?[jt]sx?$/, '');
    for (const inside of PACKAGE_FOLDERS) {
      const found = this.exact(normalize(`${folder}${inside}${rest === '' ? 'index' : rest}`), SCRIPT_ENDINGS);
      if (found >= 0) return found;
    }
    return -1;
  }

  private python(path: string, module: string, names: readonly string[]): number[] {
    const dots = /^\.*/.exec(module)?.[0].length ?? 0;
    const rest = module.slice(dots).replaceAll('.', '/');
    const root = dots === 0 ? '' : `${folderOf(path)}${'../'.repeat(dots - 1)}`;
    const base = normalize(root + rest);
    const found = this.pythonTargets(base, names);
    if (found.size > 0 || dots > 0 || this.ownName === '' || base.split('/')[0] !== this.ownName) return [...found];
    const own = base.includes('/') ? base.slice(base.indexOf('/') + 1) : '';
    const inside = this.pythonTargets(own, names);
    // The package itself, by its name.
    if (own === '' && base === this.ownName) inside.add(this.byPath.get('__init__.py') as number);
    return [...inside];
  }

  private pythonTargets(base: string, names: readonly string[]): Set<number> {
    const found = new Set<number>();
    for (const target of [base, ...names.map((name) => (base === '' ? name : `${base}/${name}`))]) {
      const index =
        target === '' ? -1 : base === '' ? this.exact(target, PYTHON_ENDINGS) : this.first(target, PYTHON_ENDINGS);
      if (index >= 0) found.add(index);
    }
    return found;
  }
}
