/** One pass over a syntax table that notes what the context of atoms is made of: names, conditions, results and effects, by position. */
import { NODE_NAMED, type SyntaxTable } from '../../adapters/parser/index.ts';
import { BIT, type CompiledRules } from '../rules/language-rules.ts';
import type { Units } from '../survey.ts';
import { type Effect, effectOf } from './effects.ts';
import { type CompiledContext, MARK, PLACE_BIND, PLACE_MEMBER, PLACE_SCOPE } from './context-rules.ts';
import { type ImportedNames, readImports } from './imports.ts';

/** What happens to a name at a place. */
export const SIGHT = { use: 0, bind: 1, member: 2 } as const;

/** Names as they occur, in order of position. */
export interface Sights {
  readonly position: number[];
  /** Index into `names`. */
  readonly name: number[];
  readonly sort: number[];
  /** Innermost callable or type around it, as a unit; -1 for the module. */
  readonly scope: number[];
  /** Node of the name. */
  readonly node: number[];
}

/** Statements that say something about conditions and effects: their nodes with the marks of their kinds. */
export interface Happenings {
  readonly node: number[];
  readonly position: number[];
  readonly marks: number[];
}

export interface Observations {
  readonly names: readonly string[];
  /** Index into `names`, by name. */
  readonly ids: ReadonlyMap<string, number>;
  readonly sights: Sights;
  readonly happenings: Happenings;
  readonly imports: readonly ImportedNames[];
  /** For each name, the scopes that define it. */
  readonly definedIn: readonly (readonly number[] | undefined)[];
  /** For each name, the import that brings it in; -1 for none. */
  readonly importOf: readonly number[];
  /** For each name, the effect that using it has. */
  readonly effects: readonly (Effect | undefined)[];
  readonly hasWildcard: boolean;
  /** Highest version of the language that a construct in the file asks for. */
  readonly version: string | null;
}

const HAPPENING = MARK.returns | MARK.yields | MARK.raises | MARK.asserts | MARK.assignment | MARK.globals | MARK.call;

/** How `require(` and `import(` begin. */
const LETTER_R = 114;
const LETTER_I = 105;

class Observer {
  readonly names: string[] = [];
  readonly sights: Sights = { position: [], name: [], sort: [], scope: [], node: [] };
  readonly happenings: Happenings = { node: [], position: [], marks: [] };
  readonly imports: ImportedNames[] = [];
  readonly definedIn: (number[] | undefined)[] = [];
  readonly importOf: number[] = [];
  readonly effects: (Effect | undefined)[] = [];
  hasWildcard = false;
  version: string | null = null;
  readonly ids = new Map<string, number>();
  private readonly text: string;
  private readonly table: SyntaxTable;
  private readonly rules: CompiledRules;
  private readonly context: CompiledContext;
  private readonly units: Units;
  /** For each unit, the innermost callable or type that it is or lies in. */
  private readonly scopes: Int32Array;
  private nextUnit = 0;
  private open = -1;

  constructor(text: string, table: SyntaxTable, rules: CompiledRules, context: CompiledContext, units: Units) {
    this.text = text;
    this.table = table;
    this.rules = rules;
    this.context = context;
    this.units = units;
    this.scopes = scopesOf(units);
  }

  run(): void {
    const { kind, count, after, flags } = this.table;
    const cuts = this.rules.bits;
    const { bits } = this.context;
    const interesting = interestingKinds(this.rules, this.context);
    for (let i = 0; i < count;) {
      const k = kind[i] as number;
      if (interesting[k] === 0) {
        i++;
        continue;
      }
      const marks = bits[k] as number;
      const cut = cuts[k] as number;
      if (((flags[i] as number) & NODE_NAMED) === 0 && (marks & MARK.globals) === 0) {
        i++;
        continue;
      }
      if ((cut & (BIT.import | BIT.comment)) !== 0) {
        if ((cut & BIT.import) !== 0) this.import(i);
        i = after[i] as number;
        continue;
      }
      if ((marks & MARK.reexport) !== 0 && this.handsOn(i)) {
        this.imports.push(...readImports(this.text, this.table, i, this.context.rules));
        i = after[i] as number;
        continue;
      }
      this.enter(i);
      if ((marks & MARK.call) !== 0) this.loaded(i);
      if ((marks & (MARK.name | MARK.member)) !== 0) this.sight(i, marks);
      if ((marks & HAPPENING) !== 0) this.happening(i, marks);
      if ((marks & MARK.version) !== 0) this.version ??= this.context.versions.get(k) ?? null;
      i++;
    }
  }

  /** Moves on to the unit that node `i` is or lies in. */
  private enter(i: number): void {
    const { node, end, parent } = this.units;
    const start = this.table.start[i] as number;
    while (this.nextUnit < node.length && (node[this.nextUnit] as number) <= i) this.open = this.nextUnit++;
    while (this.open >= 0 && (end[this.open] as number) <= start) this.open = parent[this.open] as number;
  }

  private intern(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.names.length;
      this.ids.set(name, id);
      this.names.push(name);
      this.importOf.push(-1);
      this.definedIn.push(undefined);
      this.effects.push(effectOf(name, false));
    }
    return id;
  }

  private sight(i: number, marks: number): void {
    const { table, context } = this;
    const above = table.parent[i] as number;
    const kindAbove = above < 0 ? 0 : (table.kind[above] as number);
    let place = (marks & MARK.member) !== 0 ? PLACE_MEMBER : PLACE_SCOPE;
    if (context.hasPlaces[kindAbove] === 1) {
      const key = kindAbove * 256;
      place = context.places.get(key + (table.field[i] as number)) ?? context.places.get(key) ?? place;
    }
    const start = table.start[i] as number;
    if (((context.bits[kindAbove] as number) & MARK.tag) !== 0 && this.text.charCodeAt(start) > 96) return;
    const name = this.text.slice(start, table.end[i]);
    // Members say something only where they stand for an effect.
    if (place === PLACE_MEMBER && effectOf(name, true) === undefined) return;
    const id = this.intern(name);
    let scope = this.open < 0 ? -1 : (this.scopes[this.open] as number);
    if (place === PLACE_BIND) {
      // The name of a function or class belongs to what is around it.
      if (scope >= 0 && this.units.node[scope] === above && this.isDeclared(i, above)) scope = this.outer(scope);
      const list = this.definedIn[id];
      if (list === undefined) this.definedIn[id] = [scope];
      else if (list.at(-1) !== scope) list.push(scope);
    }
    const { sights } = this;
    sights.position.push(start);
    sights.name.push(id);
    sights.sort.push(place === PLACE_BIND ? SIGHT.bind : place === PLACE_MEMBER ? SIGHT.member : SIGHT.use);
    sights.scope.push(scope);
    sights.node.push(i);
  }

  private isDeclared(i: number, above: number): boolean {
    const { name, parameters } = this.context.fields;
    const field = this.table.field[i] as number;
    return field === name && !parameters.includes(field) && above >= 0;
  }

  private outer(scope: number): number {
    const parent = this.units.parent[scope] as number;
    return parent < 0 ? -1 : (this.scopes[parent] as number);
  }

  private happening(i: number, marks: number): void {
    this.happenings.node.push(i);
    this.happenings.position.push(this.table.start[i] as number);
    this.happenings.marks.push(marks);
  }

  /** True for `export … from 'module'`. */
  private handsOn(i: number): boolean {
    const { after, field } = this.table;
    for (let child = i + 1; child < (after[i] as number); child = after[child] as number)
      if (field[child] === this.context.fields.source) return true;
    return false;
  }

  /** `require('module')`, `import('module')`: their names are bound like those of any call. */
  private loaded(i: number): void {
    const start = this.table.start[i] as number;
    const first = this.text.charCodeAt(start);
    if ((first !== LETTER_R && first !== LETTER_I) || this.context.rules.imports !== 'ecmascript') return;
    if (!this.text.startsWith('require(', start) && !this.text.startsWith('import(', start)) return;
    const end = this.table.end[i] as number;
    const module = /^\w+\(\s*(["'`])([^"'`]+)\1\s*[,)]/.exec(this.text.slice(start, Math.min(end, start + 300)))?.[2];
    if (module !== undefined) this.imports.push({ module, names: [], position: start, end });
  }

  private import(i: number): void {
    this.enter(i);
    for (const entry of readImports(this.text, this.table, i, this.context.rules)) {
      const index = this.imports.push(entry) - 1;
      for (const name of entry.names) {
        if (name === '*') this.hasWildcard = true;
        else this.importOf[this.intern(name)] = index;
      }
    }
  }
}

const interestingByRules = new WeakMap<CompiledContext, Uint8Array>();

/** Kinds that the pass looks at, as one small table: most nodes are none of them. */
function interestingKinds(rules: CompiledRules, context: CompiledContext): Uint8Array {
  let result = interestingByRules.get(context);
  if (result === undefined) {
    const mask = BIT.import | BIT.callable | BIT.type | BIT.comment;
    result = Uint8Array.from(context.bits, (marks, kind) =>
      (marks | ((rules.bits[kind] as number) & mask)) === 0 ? 0 : 1,
    );
    interestingByRules.set(context, result);
  }
  return result;
}

function scopesOf(units: Units): Int32Array {
  const scopes = new Int32Array(units.node.length);
  for (let unit = 0; unit < scopes.length; unit++) {
    const parent = units.parent[unit] as number;
    const opens = ((units.bits[unit] as number) & (BIT.callable | BIT.type)) !== 0;
    scopes[unit] = opens ? unit : parent < 0 ? -1 : (scopes[parent] as number);
  }
  return scopes;
}

export function observe(
  text: string,
  table: SyntaxTable,
  rules: CompiledRules,
  context: CompiledContext,
  units: Units,
): Observations {
  const observer = new Observer(text, table, rules, context, units);
  observer.run();
  return observer;
}
