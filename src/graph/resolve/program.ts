import {
  DEF,
  DEF_FLAG,
  DEF_KIND,
  EXPORT,
  IMPORT,
  IMPORTED,
  SCOPE,
  SCOPE_KIND,
  SYMBOL,
  type FileFacts,
} from '../facts.ts';
import { PythonPaths, resolveScript, type PathAlias, type PythonModule } from './paths.ts';
import { FileUnit, type AtomSpan } from './unit.ts';

export interface ProgramFile {
  readonly path: string;
  readonly language: string;
  readonly facts: FileFacts | null;
  readonly atoms: readonly AtomSpan[];
  /** The file does not parse as a whole, so that definitions in it may be hidden. Default false. */
  readonly damaged?: boolean;
}

/** A definition in one of the files. */
export interface DefRef {
  readonly unit: FileUnit;
  readonly def: number;
}

/** What a name brought in from elsewhere stands for. */
export type Target =
  | { readonly kind: 'defs'; readonly defs: readonly DefRef[] }
  | { readonly kind: 'module'; readonly unit: FileUnit }
  | { readonly kind: 'package'; readonly folder: string };

const NOTHING: readonly DefRef[] = [];
const NO_ROWS: readonly number[] = [];

/** The files of a project, and how their modules see each other. */
export class Program {
  readonly units: FileUnit[] = [];
  readonly unitAt = new Map<string, FileUnit>();
  /** Files that do not parse as a whole. */
  readonly damaged = new Set<FileUnit>();
  private readonly pathIds = new Map<string, number>();
  private readonly python: PythonPaths;
  private readonly aliases: readonly PathAlias[];
  private readonly exported: Map<string, Target | null>[] = [];
  private readonly targets: (Target | null | undefined)[][] = [];
  private readonly ofSymbols: (Target | null | undefined)[][] = [];
  private readonly modules: Map<number, FileUnit | undefined>[] = [];
  private memberNames: ReadonlySet<string> | undefined;

  constructor(files: readonly ProgramFile[], aliases: readonly PathAlias[] = []) {
    this.aliases = aliases;
    for (const file of files) {
      if (file.facts === null) continue;
      const unit = new FileUnit(this.units.length, file.path, file.facts, file.atoms);
      this.units.push(unit);
      this.unitAt.set(file.path, unit);
      this.pathIds.set(file.path, unit.id);
      if (file.damaged === true) this.damaged.add(unit);
    }
    this.python = new PythonPaths(this.pathIds);
  }

  private unitNumber(id: number | undefined): FileUnit | undefined {
    return id === undefined ? undefined : this.units[id];
  }

  /** The file behind the module name of an import; undefined for modules outside of the project. */
  moduleOf(unit: FileUnit, row: number): FileUnit | undefined {
    if (unit.python) return this.unitNumber(this.pythonModule(unit, row)?.file);
    const known = (this.modules[unit.id] ??= new Map<number, FileUnit | undefined>());
    const name = unit.import(row, IMPORT.module);
    if (known.has(name)) return known.get(name);
    const module = this.unitNumber(resolveScript(this.pathIds, this.aliases, unit.path, unit.name(name)));
    known.set(name, module);
    return module;
  }

  /** False when nothing in the project has a member, an export or a parameter of that name: looking for one is in vain. */
  knowsMember(name: string): boolean {
    this.memberNames ??= memberNamesOf(this.units);
    return this.memberNames.has(name);
  }

  /** Paths of the files that an import may lead to: the module, and what names imported from a package may mean. */
  reachedBy(unit: FileUnit, row: number): string[] {
    const module = this.moduleOf(unit, row);
    const target = this.importTarget(unit, row);
    const defs = target?.kind === 'defs' ? target.defs.map((ref) => ref.unit.path) : [];
    const found = [
      ...(module === undefined ? [] : [module.path]),
      ...(target?.kind === 'module' ? [target.unit.path] : []),
      ...defs,
    ];
    if (unit.python) found.push(...this.packagesOf(unit, row));
    return found;
  }

  /** Python: everything below the folder of a package that is imported as a whole. */
  private packagesOf(unit: FileUnit, row: number): string[] {
    const folder = this.pythonModule(unit, row)?.folder;
    if (folder === undefined || unit.import(row, IMPORT.imported) >= 0) return [];
    const top = folder.split('/')[0] ?? folder;
    return this.units.filter((other) => other.path.startsWith(`${top}/`) && other !== unit).map((other) => other.path);
  }

  pythonModule(unit: FileUnit, row: number): PythonModule | undefined {
    return this.python.resolve(unit.path, unit.import(row, IMPORT.level), unit.name(unit.import(row, IMPORT.module)));
  }

  /** What an import binds; null when that lies outside of the project. */
  importTarget(unit: FileUnit, row: number): Target | null {
    const known = (this.targets[unit.id] ??= []);
    const cached = known[row];
    if (cached !== undefined) return cached;
    known[row] = null;
    const target = unit.python ? this.pythonTarget(unit, row) : this.scriptTarget(unit, row);
    known[row] = target;
    return target;
  }

  private scriptTarget(unit: FileUnit, row: number): Target | null {
    const module = this.moduleOf(unit, row);
    if (module === undefined) return null;
    const imported = unit.import(row, IMPORT.imported);
    if (imported === IMPORTED.namespace) return { kind: 'module', unit: module };
    if (imported === IMPORTED.equals) return this.exportOf(module, 'export=') ?? { kind: 'module', unit: module };
    if (imported < 0) return null;
    const name = unit.name(imported);
    const found = this.exportOf(module, name);
    // With interop, the default import of a CommonJS module is what it exports.
    return found ?? (name === 'default' ? this.exportOf(module, 'export=') : null);
  }

  private pythonTarget(unit: FileUnit, row: number): Target | null {
    const module = this.pythonModule(unit, row);
    if (module === undefined) return null;
    const imported = unit.import(row, IMPORT.imported);
    const file = this.unitNumber(module.file);
    if (imported === IMPORTED.namespace) {
      const bound = unit.defName(unit.import(row, IMPORT.def));
      const dotted = unit.name(unit.import(row, IMPORT.module)).split('.');
      if (dotted.length > 1 && bound === dotted[0]) return this.firstPackage(unit, dotted, module);
      return file === undefined ? { kind: 'package', folder: module.folder } : { kind: 'module', unit: file };
    }
    if (imported < 0) return null;
    const name = unit.name(imported);
    const found = file === undefined || file === unit ? null : this.exportOf(file, name);
    if (found !== null) return found;
    return this.submodule(module.folder, name);
  }

  /** `import a.b.c` binds `a`. */
  private firstPackage(unit: FileUnit, dotted: readonly string[], module: PythonModule): Target | null {
    const up = dotted.length - 1;
    let folder = module.folder;
    for (let i = 0; i < up; i += 1) folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
    const first = this.python.at(folder);
    const file = this.unitNumber(first?.file);
    return file === undefined ? { kind: 'package', folder } : { kind: 'module', unit: file };
  }

  /** A module inside a package folder; null for none. */
  submodule(folder: string, name: string): Target | null {
    const found = this.python.at(folder === '' ? name : `${folder}/${name}`);
    if (found === undefined) return null;
    const file = this.unitNumber(found.file);
    return file === undefined ? { kind: 'package', folder: found.folder } : { kind: 'module', unit: file };
  }

  /** Python: a bare name in an `__init__.py` that is a submodule which the file imports from. */
  submoduleOf(unit: FileUnit, name: string): Target | null {
    const folder = this.packageFolder(unit);
    const count = unit.facts.imports.length / IMPORT.width;
    for (let row = 0; folder !== null && row < count; row += 1) {
      if (unit.import(row, IMPORT.level) !== 1) continue;
      const module = unit.name(unit.import(row, IMPORT.module));
      if (module === name || module.startsWith(`${name}.`)) return this.submodule(folder, name);
    }
    return null;
  }

  /** The folder whose modules are members of this module: its own, for an `__init__.py`. */
  packageFolder(unit: FileUnit): string | null {
    return /(^|\/)__init__\.pyi?$/.test(unit.path) ? unit.path.replace(/\/?__init__\.pyi?$/, '') : null;
  }

  /** What a module exports under a name, through any chain of re-exports; null for nothing. */
  exportOf(unit: FileUnit, name: string): Target | null {
    const known = (this.exported[unit.id] ??= new Map<string, Target | null>());
    const cached = known.get(name);
    if (cached !== undefined) return cached;
    known.set(name, null);
    const found = unit.python ? this.pythonExport(unit, name) : this.scriptExport(unit, name);
    known.set(name, found);
    return found;
  }

  private scriptExport(unit: FileUnit, name: string): Target | null {
    const count = unit.facts.exports.length / EXPORT.width;
    const defs: DefRef[] = [];
    const id = unit.nameId(name);
    for (let row = 0; row < count && id !== undefined; row += 1) {
      if (unit.export(row, EXPORT.name) !== id) continue;
      const through = unit.export(row, EXPORT.import);
      if (through >= 0) return this.importTarget(unit, through);
      const local = unit.export(row, EXPORT.local);
      const value = unit.export(row, EXPORT.value);
      if (value >= 0) defs.push({ unit, def: value });
      else if (local >= 0) {
        const target = this.symbolTarget(unit, unit.symbolIn(0, unit.name(local)));
        if (target !== null && target.kind !== 'defs') return target;
        defs.push(...(target?.defs ?? NOTHING));
      }
    }
    if (defs.length > 0) return { kind: 'defs', defs };
    if (name === 'default' || name === 'export=') return null;
    for (let row = 0; row < count; row += 1) {
      const through = unit.export(row, EXPORT.import);
      if (through < 0 || unit.import(through, IMPORT.imported) !== IMPORTED.everything) continue;
      const module = this.moduleOf(unit, through);
      const found = module === undefined ? null : this.exportOf(module, name);
      if (found !== null) return found;
    }
    return null;
  }

  private pythonExport(unit: FileUnit, name: string): Target | null {
    const symbol = unit.symbolIn(0, name);
    if (symbol >= 0) {
      const target = this.symbolTarget(unit, symbol);
      if (target !== null) return target;
      return { kind: 'defs', defs: NOTHING };
    }
    const imports = unit.facts.imports.length / IMPORT.width;
    for (let row = imports - 1; row >= 0; row -= 1) {
      if (unit.import(row, IMPORT.imported) !== IMPORTED.everything) continue;
      const module = this.moduleOf(unit, row);
      if (module !== undefined && !isPublic(module, name)) continue;
      const found = module === undefined || module === unit ? null : this.exportOf(module, name);
      if (found !== null) return found;
    }
    const folder = this.packageFolder(unit);
    return folder === null ? null : this.submodule(folder, name);
  }

  /** What a symbol stands for: itself, or what it was imported as. Null when that lies outside of the project. */
  symbolTarget(unit: FileUnit, symbol: number): Target | null {
    if (symbol < 0) return null;
    const known = (this.ofSymbols[unit.id] ??= []);
    const cached = known[symbol];
    if (cached !== undefined) return cached;
    const target = this.followAll(unit, visible(unit, unit.defsOf(symbol)));
    // Null may mean that the answer is still being looked for.
    if (target !== null) known[symbol] = target;
    return target;
  }

  /** Follows the imports among definitions to what they import. */
  followAll(unit: FileUnit, defs: readonly number[]): Target | null {
    const found: DefRef[] = [];
    let other: Target | null = null;
    for (const def of defs) {
      if (unit.def(def, DEF.kind) !== DEF_KIND.import) {
        found.push({ unit, def });
        continue;
      }
      const target = this.importTarget(unit, unit.def(def, DEF.extra));
      if (target?.kind === 'defs') found.push(...target.defs);
      else if (target !== null) other = target;
    }
    if (found.length > 0) return { kind: 'defs', defs: found };
    return other;
  }
}

/** Python: whether a star import brings a name: what `__all__` lists, else all that does not begin with an underscore. */
function isPublic(module: FileUnit, name: string): boolean {
  const count = module.facts.exports.length / EXPORT.width;
  const id = module.nameId(name);
  let listed = count > 0;
  for (let row = 0; row < count; row += 1) {
    const exported = module.export(row, EXPORT.name);
    if (exported === id) return true;
    if (exported < 0) listed = false;
  }
  return !listed && !name.startsWith('_');
}

function memberNamesOf(units: readonly FileUnit[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const unit of units) {
    const count = unit.facts.symbols.length / SYMBOL.width;
    for (let symbol = 0; symbol < count; symbol += 1) {
      const kind = unit.scope(unit.symbol(symbol, SYMBOL.scope), SCOPE.kind);
      if (kind === SCOPE_KIND.block || kind === SCOPE_KIND.comprehension) continue;
      // Of a function only the parameters can be named from elsewhere, and only in Python.
      if (kind === SCOPE_KIND.function && !(unit.python && isParameter(unit, symbol))) continue;
      names.add(unit.name(unit.symbol(symbol, SYMBOL.name)));
    }
    const exported = unit.facts.exports.length / EXPORT.width;
    for (let row = 0; row < exported; row += 1) names.add(unit.name(unit.export(row, EXPORT.name)));
  }
  return names;
}

function isParameter(unit: FileUnit, symbol: number): boolean {
  return unit.def(unit.defsOf(symbol)[0] ?? -1, DEF.kind) === DEF_KIND.parameter;
}

/**
 * Which definitions of a module-level symbol others see. Python: the last unconditional one and the conditional ones after it;
 * elsewhere every declaration, assignments left out.
 */
export function visible(unit: FileUnit, defs: Int32Array): readonly number[] {
  const [first] = defs;
  if (first === undefined) return NO_ROWS;
  if (defs.length === 1) return [first];
  const all = [...defs];
  if (!unit.python) {
    const declared = all.filter((def) => (unit.def(def, DEF.flags) & DEF_FLAG.assignment) === 0);
    return declared.length > 0 ? declared : all;
  }
  const plain = all.filter((def) => (unit.def(def, DEF.flags) & DEF_FLAG.augmented) === 0);
  const candidates = plain.length > 0 ? plain : all;
  let from = 0;
  candidates.forEach((def, i) => {
    if ((unit.def(def, DEF.flags) & DEF_FLAG.conditional) === 0) from = i;
  });
  return candidates.slice(from);
}
