import { DEF, DEF_FLAG, DEF_KIND, IMPORTED, IMPORT_FLAG, SCOPE_KIND, USE_FLAG, USE_KIND } from '../types.ts';
import { decoratorsOf } from './classes.ts';
import { scriptValue } from './expressions.ts';
import type { ScriptWalk } from './walk.ts';

function sourceName(w: ScriptWalk, node: number): number {
  return node < 0 ? -1 : w.b.contentOf(node);
}

/** Number of a name that may be written as a string. */
function nameOrContent(w: ScriptWalk, node: number): number {
  return w.type(node) === 'string' ? w.b.contentOf(node) : w.b.nameOf(node);
}

/** `import`, in all its forms; also `import x = require('y')`. */
export function importStatement(w: ScriptWalk, node: number): void {
  const { b } = w;
  const typeOnly = w.childOf(node, 'type') >= 0 ? IMPORT_FLAG.typeOnly : 0;
  const required = w.childOf(node, 'import_require_clause');
  if (required >= 0) {
    const local = w.firstNamed(required);
    add(w, node, sourceName(w, w.field(required, 'source')), IMPORTED.equals, local, local, typeOnly);
    return;
  }
  const module = sourceName(w, w.field(node, 'source'));
  const clause = w.childOf(node, 'import_clause');
  if (clause < 0) {
    b.imports.add(module, IMPORTED.nothing, -1, b.startOf(node), 0, 0, b.startOf(node), b.endOf(node));
    return;
  }
  for (const child of w.named(clause)) {
    const type = w.type(child);
    if (type === 'identifier') {
      const row = add(w, node, module, b.intern('default'), child, child, typeOnly);
      b.useIn(USE_KIND.imported, b.intern('default'), b.startOf(child), row, USE_FLAG.read);
    } else if (type === 'namespace_import') {
      const local = w.firstNamed(child);
      add(w, node, module, IMPORTED.namespace, local, local, typeOnly);
    } else {
      for (const specifier of w.named(child)) importSpecifier(w, node, module, specifier, typeOnly);
    }
  }
}

function importSpecifier(w: ScriptWalk, node: number, module: number, specifier: number, typeOnly: number): void {
  const { b } = w;
  const nameNode = w.field(specifier, 'name');
  if (nameNode < 0) return;
  const alias = w.field(specifier, 'alias');
  const name = nameOrContent(w, nameNode);
  const own = w.childOf(specifier, 'type') >= 0 ? IMPORT_FLAG.typeOnly : 0;
  const row = add(w, node, module, name, nameNode, alias < 0 ? nameNode : alias, typeOnly | own);
  b.useIn(USE_KIND.imported, name, b.startOf(nameNode), row, USE_FLAG.read);
}

function add(
  w: ScriptWalk,
  statement: number,
  module: number,
  imported: number,
  at: number,
  local: number,
  flags: number,
): number {
  const { b } = w;
  const row = b.imports.add(module, imported, -1, b.startOf(at), 0, flags, b.startOf(statement), b.endOf(statement));
  const def = w.declare({
    node: local,
    whole: statement,
    kind: DEF_KIND.import,
    flags: DEF_FLAG.value | DEF_FLAG.type,
    extra: row,
  });
  b.imports.set(row, 2, def);
  return row;
}

/** `import A = B.C` inside a namespace or file. */
export function importAlias(w: ScriptWalk, node: number): void {
  const [local, target] = w.named(node);
  if (local === undefined || target === undefined) return;
  const value = scriptValue(w, target);
  w.declare({ node: local, whole: node, kind: DEF_KIND.alias, flags: DEF_FLAG.value | DEF_FLAG.type, value, type: -1 });
}

/** `export`, in all its forms. */
export function exportStatement(w: ScriptWalk, node: number, statement: (w: ScriptWalk, node: number) => void): void {
  const source = w.field(node, 'source');
  if (source >= 0) {
    reExport(w, node, sourceName(w, source));
    return;
  }
  const isDefault = w.childOf(node, 'default') >= 0;
  const declaration = w.field(node, 'declaration');
  const value = w.field(node, 'value');
  decoratorsOf(w, node);
  if (declaration >= 0) {
    exportDeclaration(w, node, declaration, isDefault, statement);
    return;
  }
  const clause = w.childOf(node, 'export_clause');
  if (clause >= 0) {
    for (const specifier of w.named(clause)) exportSpecifier(w, specifier);
    return;
  }
  if (value >= 0) {
    exportValue(w, value, 'default');
    return;
  }
  // `export = value`
  const target = w.firstNamed(node);
  if (target >= 0) exportValue(w, target, w.childOf(node, '=') >= 0 ? 'export=' : 'default');
}

function exportValue(w: ScriptWalk, node: number, name: string): void {
  const { b } = w;
  const value = scriptValue(w, node);
  if (w.type(node) === 'identifier') {
    b.exports.add(b.intern(name), b.nameOf(node), -1, -1, b.startOf(node));
    return;
  }
  const def = w.declare({
    node,
    whole: node,
    kind: DEF_KIND.variable,
    flags: DEF_FLAG.value,
    value,
    name: b.intern(`*${name}*`),
    scope: 0,
  });
  b.exports.add(b.intern(name), -1, -1, def, b.startOf(node));
}

function exportDeclaration(
  w: ScriptWalk,
  node: number,
  declaration: number,
  isDefault: boolean,
  statement: (w: ScriptWalk, node: number) => void,
): void {
  const { b } = w;
  const first = b.defs.count;
  const { scope } = b;
  const nameNode = w.field(declaration, 'name');
  statement(w, declaration);
  const anonymous = isDefault && nameNode < 0;
  if (anonymous) {
    const def = w.declare({
      node,
      whole: node,
      kind: DEF_KIND.variable,
      flags: DEF_FLAG.value,
      name: b.intern('*default*'),
      scope: 0,
    });
    b.exports.add(b.intern('default'), -1, -1, def, b.startOf(node));
    return;
  }
  const kinds: number[] = [
    DEF_KIND.variable,
    DEF_KIND.function,
    DEF_KIND.class,
    DEF_KIND.interface,
    DEF_KIND.alias,
    DEF_KIND.enum,
    DEF_KIND.namespace,
  ];
  const seen = new Set<number>();
  for (let def = first; def < b.defs.count; def += 1) {
    const name = b.defs.get(def, DEF.name);
    if (b.defs.get(def, DEF.scope) !== scope || seen.has(name) || !kinds.includes(b.defs.get(def, DEF.kind))) continue;
    seen.add(name);
    // Inside a namespace every member is reached through its scope.
    if (b.scopes.get(scope, 0) !== SCOPE_KIND.module) continue;
    b.exports.add(isDefault ? b.intern('default') : name, name, -1, -1, b.defs.get(def, DEF.pos));
  }
}

function exportSpecifier(w: ScriptWalk, node: number): void {
  const { b } = w;
  const nameNode = w.field(node, 'name');
  if (nameNode < 0) return;
  const alias = w.field(node, 'alias');
  const exported = alias < 0 ? nameNode : alias;
  const local = b.nameOf(nameNode);
  b.uses.add(USE_KIND.exported, local, b.startOf(nameNode), b.scope, -1, USE_FLAG.read, -1);
  b.exports.add(nameOrContent(w, exported), local, -1, -1, b.startOf(exported));
}

function reExport(w: ScriptWalk, node: number, module: number): void {
  const { b } = w;
  const clause = w.childOf(node, 'export_clause');
  if (clause < 0) {
    const namespace = w.childOf(node, 'namespace_export');
    const imported = namespace < 0 ? IMPORTED.everything : IMPORTED.namespace;
    const row = b.imports.add(
      module,
      imported,
      -1,
      b.startOf(node),
      0,
      IMPORT_FLAG.reExport,
      b.startOf(node),
      b.endOf(node),
    );
    if (namespace < 0) b.exports.add(-1, -1, row, -1, b.startOf(node));
    else b.exports.add(b.nameOf(w.firstNamed(namespace)), -1, row, -1, b.startOf(namespace));
    return;
  }
  for (const specifier of w.named(clause)) {
    const nameNode = w.field(specifier, 'name');
    if (nameNode < 0) continue;
    const alias = w.field(specifier, 'alias');
    const name = b.nameOf(nameNode);
    const row = b.imports.add(
      module,
      name,
      -1,
      b.startOf(nameNode),
      0,
      IMPORT_FLAG.reExport,
      b.startOf(node),
      b.endOf(node),
    );
    b.useIn(USE_KIND.imported, name, b.startOf(nameNode), row, USE_FLAG.read);
    b.exports.add(alias < 0 ? name : b.nameOf(alias), -1, row, -1, b.startOf(nameNode));
  }
}
