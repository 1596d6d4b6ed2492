import { DEF_FLAG, DEF_KIND, DEF, IMPORTED, USE_FLAG, USE_KIND } from '../types.ts';
import type { PythonWalk } from './walk.ts';

/** `import a.b as c`, `from .a import b as c`, `from a import *`. */
export function pythonImport(w: PythonWalk, node: number): void {
  if (w.type(node) === 'import_statement') {
    for (const child of w.named(node)) importModule(w, node, child);
    return;
  }
  if (w.type(node) === 'future_import_statement') return;
  const moduleNode = w.field(node, 'module_name');
  const source = w.text(moduleNode).replace(/\s+/g, '');
  const level = /^\.*/.exec(source)?.[0].length ?? 0;
  const module = source.slice(level);
  for (const child of w.named(node)) {
    if (child === moduleNode) continue;
    if (w.type(child) === 'wildcard_import') {
      add(w, node, module, level, IMPORTED.everything, child, undefined);
      continue;
    }
    const aliased = w.type(child) === 'aliased_import';
    const name = aliased ? w.field(child, 'name') : child;
    const local = aliased ? w.field(child, 'alias') : child;
    const imported = w.b.nameOf(name);
    const row = add(w, node, module, level, imported, name, local);
    w.b.useIn(USE_KIND.imported, imported, w.b.startOf(name), row, USE_FLAG.read);
  }
}

function importModule(w: PythonWalk, node: number, child: number): void {
  const aliased = w.type(child) === 'aliased_import';
  const path = aliased ? w.field(child, 'name') : child;
  const module = w.text(path).replace(/\s+/g, '');
  if (aliased) {
    add(w, node, module, 0, IMPORTED.namespace, path, w.field(child, 'alias'));
    return;
  }
  // `import a.b` binds `a`, and makes `b` a member of it.
  add(w, node, module, 0, IMPORTED.namespace, path, w.firstNamed(path), module.split('.')[0]);
}

function add(
  w: PythonWalk,
  statement: number,
  module: string,
  level: number,
  imported: number,
  at: number,
  local: number | undefined,
  boundTo?: string,
): number {
  const { b } = w;
  const row = b.imports.add(
    b.intern(module),
    imported,
    -1,
    b.startOf(at),
    level,
    0,
    b.startOf(statement),
    b.endOf(statement),
  );
  if (local === undefined) return row;
  const name = boundTo === undefined ? b.nameOf(local) : b.intern(boundTo);
  const def = w.declare(name, local, statement, w.scopeOf(name), -1, -1, 0);
  b.defs.set(def, DEF.kind, DEF_KIND.import);
  b.defs.set(def, DEF.flags, b.defs.get(def, DEF.flags) | DEF_FLAG.value | DEF_FLAG.type);
  b.defs.set(def, DEF.extra, row);
  b.imports.set(row, 2, def);
  return row;
}
