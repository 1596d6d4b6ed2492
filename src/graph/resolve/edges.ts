import type { DependencyType } from '../../domain/index.ts';
import { DEF, DEF_KIND, IMPORT, SCOPE, STATEMENT, STATEMENT_FLAG, USE, USE_FLAG, USE_KIND } from '../facts.ts';
import type { EdgeSet } from './edge-set.ts';
import type { Inference } from './infer.ts';
import type { PathAlias } from './paths.ts';
import type { DefRef, Program, ProgramFile } from './program.ts';
import type { FileUnit } from './unit.ts';
import { resolveUse } from './uses.ts';

/** How much weight an edge has in ordering. Up to 0.5 it is a preference that never holds a cycle together. */
const STRENGTH = {
  import: 1,
  function_call: 1,
  type: 0.9,
  data_flow: 0.8,
  declared: 0.6,
  carried: 0.5,
  contained: 0.5,
  importLine: 0.5,
  effects: 0.3,
} as const;

export interface ResolveOptions {
  /** Path aliases of tsconfig files and workspace packages; none by default. */
  readonly aliases?: readonly PathAlias[];
}

/**
 * The dependencies of one file's atoms: each use of a name leads to its definitions, through imports, inheritance and the types of
 * receivers. The order that structure and effects ask for is added as `temporal`.
 */
export function resolveFile(program: Program, inference: Inference, file: ProgramFile, edges: EdgeSet): void {
  const unit = program.unitAt.get(file.path);
  if (unit === undefined) {
    structureEdges(file, edges);
    return;
  }
  useEdges(program, inference, unit, edges);
  importEdges(program, unit, edges);
  containmentEdges(unit, edges);
  effectEdges(unit, edges);
}

/** Files whose names are not resolved: a slice follows the slice that begins the declaration around it. */
function structureEdges(file: ProgramFile, edges: EdgeSet): void {
  for (const atom of file.atoms) {
    if (atom.parent === undefined) continue;
    edges.add(
      atom.index,
      atom.parent,
      'temporal',
      STRENGTH.contained,
      () => `is part of a declaration that starts before, in ${file.path}`,
    );
  }
}

/**
 * Slices whose imports wait for other files. What uses a name from outside the project need not wait for those too, only because
 * the import of that name shares a slice with theirs.
 */
function importingAtoms(program: Program, unit: FileUnit): Set<number> {
  const found = new Set<number>();
  const count = unit.facts.imports.length / IMPORT.width;
  for (let row = 0; row < count; row += 1) {
    const module = program.moduleOf(unit, row);
    if (module !== undefined && module !== unit) found.add(unit.atomAt(unit.import(row, IMPORT.pos)));
  }
  return found;
}

function useEdges(program: Program, inference: Inference, unit: FileUnit, edges: EdgeSet): void {
  const count = unit.facts.uses.length / USE.width;
  const importing = importingAtoms(program, unit);
  for (let use = 0; use < count; use += 1) {
    const from = unit.atomAt(unit.use(use, USE.pos));
    if (from < 0) continue;
    const local = unit.use(use, USE.kind) === USE_KIND.name ? unit.onlyDefOf(unit.use(use, USE.target)) : -1;
    // A bare name whose only definition is in the same atom: most names, and nothing to resolve.
    if (local >= 0 && unit.atomOfDef(local) === from && unit.def(local, DEF.kind) !== DEF_KIND.import) continue;
    const found = resolveUse(program, inference, unit, use);
    for (const ref of found.defs) definitionEdge(unit, use, from, ref, edges);
    for (const def of found.flows) {
      // What a loop carries back from below is a flow, but no reason to write the lower part first.
      const carried = unit.def(def, DEF.pos) > unit.use(use, USE.pos);
      const strength = carried ? STRENGTH.carried : STRENGTH.data_flow;
      const edge = edges.open(from, unit.atomOfDef(def), 'data_flow', strength);
      if (edge !== undefined) edge.reason = `uses \`${unit.defName(def)}\` as assigned at ${place({ unit, def })}`;
    }
    for (const def of found.declaredOnly) {
      const edge = edges.open(from, unit.atomOfDef(def), 'temporal', STRENGTH.declared);
      if (edge !== undefined) edge.reason = `uses \`${unit.defName(def)}\`, declared at ${place({ unit, def })}`;
    }
    const { through } = found;
    if (through < 0 || importing.has(unit.atomOfDef(through))) continue;
    const edge = edges.open(from, unit.atomOfDef(through), 'temporal', STRENGTH.importLine);
    if (edge !== undefined)
      edge.reason = `uses \`${unit.defName(through)}\`, imported at ${place({ unit, def: through })}`;
  }
}

function definitionEdge(unit: FileUnit, use: number, from: number, ref: DefRef, edges: EdgeSet): void {
  const to = ref.unit.atomOfDef(ref.def);
  if (to < 0 || to === from) return;
  const type = typeOf(unit, use, ref);
  const edge = edges.open(from, to, type, STRENGTH[type]);
  if (edge !== undefined) edge.reason = `${verbOf(unit, use, type)} ${ref.unit.labelOf(ref.def, labelOf)}`;
}

const CALLS = USE_FLAG.call | USE_FLAG.construct | USE_FLAG.decorator | USE_FLAG.jsx;
const TYPES = new Set<number>([DEF_KIND.class, DEF_KIND.interface, DEF_KIND.alias, DEF_KIND.typeParameter]);

function typeOf(unit: FileUnit, use: number, ref: DefRef): Exclude<DependencyType, 'temporal'> {
  const kind = unit.use(use, USE.kind);
  const flags = unit.use(use, USE.flags);
  if (kind === USE_KIND.imported) return 'import';
  if ((flags & CALLS) !== 0) return 'function_call';
  const defined = ref.unit.def(ref.def, DEF.kind);
  if ((flags & (USE_FLAG.type | USE_FLAG.base)) !== 0 || TYPES.has(defined)) return 'type';
  if (kind === USE_KIND.key || kind === USE_KIND.attribute || kind === USE_KIND.keyword) return 'type';
  return defined === DEF_KIND.function || defined === DEF_KIND.method ? 'function_call' : 'data_flow';
}

const VERBS: Readonly<Record<string, string>> = {
  import: 'imports',
  function_call: 'calls',
  type: 'needs the type',
  data_flow: 'uses',
};

function verbOf(unit: FileUnit, use: number, type: string): string {
  const flags = unit.use(use, USE.flags);
  if ((flags & USE_FLAG.construct) !== 0) return 'constructs';
  if ((flags & USE_FLAG.jsx) !== 0) return 'renders';
  if ((flags & USE_FLAG.decorator) !== 0) return 'is decorated with';
  if ((flags & USE_FLAG.base) !== 0) return 'inherits from';
  return type === 'function_call' && (flags & USE_FLAG.call) === 0 ? 'refers to' : (VERBS[type] ?? 'uses');
}

function labelOf(unit: FileUnit, def: number): string {
  return `\`${qualified({ unit, def })}\` defined at ${place({ unit, def })}`;
}

function qualified({ unit, def }: DefRef): string {
  const owner = unit.scope(unit.def(def, DEF.scope), SCOPE.owner);
  const kind = unit.def(def, DEF.kind);
  const member =
    kind === DEF_KIND.method || kind === DEF_KIND.field || kind === DEF_KIND.attribute || kind === DEF_KIND.enumMember;
  const name = unit.defName(def).replace(/^\*(.*)\*$/, '$1');
  return member && owner >= 0 ? `${unit.defName(owner)}.${name}` : name;
}

function place({ unit, def }: DefRef): string {
  return `${unit.path}:${unit.lineAt(unit.def(def, DEF.pos))}`;
}

/** A module imported as a whole, or for its effects, comes before the import: its first atom stands for it. */
function importEdges(program: Program, unit: FileUnit, edges: EdgeSet): void {
  const count = unit.facts.imports.length / IMPORT.width;
  for (let row = 0; row < count; row += 1) {
    const module = program.moduleOf(unit, row);
    const first = module?.atoms[0];
    if (module === undefined || first === undefined || module === unit) continue;
    const from = unit.atomAt(unit.import(row, IMPORT.pos));
    if (unit.import(row, IMPORT.imported) >= 0) {
      if (program.damaged.has(module) && program.importTarget(unit, row) === null)
        hiddenNameEdges(unit, row, module, edges);
      continue;
    }
    edges.add(from, first.index, 'temporal', STRENGTH.importLine, () => `imports the module ${module.path}`);
  }
}

/** A name from a file that does not parse may be defined in any of its slices: all of them come first. */
function hiddenNameEdges(unit: FileUnit, row: number, module: FileUnit, edges: EdgeSet): void {
  const from = unit.atomAt(unit.import(row, IMPORT.pos));
  const name = unit.name(unit.import(row, IMPORT.imported));
  for (const atom of module.atoms) {
    edges.add(
      from,
      atom.index,
      'import',
      STRENGTH.importLine,
      () => `imports \`${name}\` from ${module.path}, which does not parse`,
    );
  }
}

const CONTAINERS = new Set<number>([
  DEF_KIND.function,
  DEF_KIND.method,
  DEF_KIND.class,
  DEF_KIND.interface,
  DEF_KIND.enum,
  DEF_KIND.namespace,
  DEF_KIND.variable,
  DEF_KIND.field,
  DEF_KIND.alias,
]);

/** A slice of a declaration follows the slice that names it, which holds its signature. */
function containmentEdges(unit: FileUnit, edges: EdgeSet): void {
  const count = unit.facts.defs.length / DEF.width;
  /** Per atom: the shortest declaration around its start that is named in another atom. */
  const innermost = new Map<number, number>();
  for (let def = 0; def < count; def += 1) {
    if (!CONTAINERS.has(unit.def(def, DEF.kind)) || unit.defName(def) === '') continue;
    const header = unit.atomOfDef(def);
    const start = unit.def(def, DEF.start);
    const end = unit.def(def, DEF.end);
    if (unit.atomAt(end - 1) === unit.atomAt(start)) continue;
    for (const atom of unit.atomsBetween(start, end)) {
      if (atom.index === header || atom.startIndex < start || atom.endIndex > end + 2) continue;
      const other = innermost.get(atom.index);
      const length = other === undefined ? Infinity : unit.def(other, DEF.end) - unit.def(other, DEF.start);
      if (end - start < length) innermost.set(atom.index, def);
    }
  }
  for (const [atom, def] of innermost) {
    const header = unit.atomOfDef(def);
    edges.add(
      atom,
      header,
      'temporal',
      STRENGTH.contained,
      () => `is part of \`${qualified({ unit, def })}\`, which starts at ${place({ unit, def })}`,
    );
  }
}

/** Slices of one function whose statements act on more than local names keep the order of their effects. */
function effectEdges(unit: FileUnit, edges: EdgeSet): void {
  const count = unit.facts.statements.length / STATEMENT.width;
  const last = new Map<number, number>();
  for (let row = 0; row < count; row += 1) {
    if ((unit.statement(row, STATEMENT.flags) & STATEMENT_FLAG.effect) === 0) continue;
    const fn = unit.statement(row, STATEMENT.function);
    const before = last.get(fn);
    last.set(fn, row);
    if (before === undefined) continue;
    const from = unit.atomAt(unit.statement(row, STATEMENT.start));
    const to = unit.atomAt(unit.statement(before, STATEMENT.start));
    const line = unit.lineAt(unit.statement(before, STATEMENT.start));
    edges.add(from, to, 'temporal', STRENGTH.effects, () => `follows the effects of line ${line} in the same function`);
  }
}
