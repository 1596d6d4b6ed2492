/** What atoms are called: from the declarations that begin in them or that they are part of. */
import type { AtomRole } from '../domain/index.ts';
import type { SyntaxTable } from '../adapters/parser/index.ts';
import { BIT, type CompiledRules } from './rules/language-rules.ts';
import type { Survey, Units } from './survey.ts';

export interface AtomName {
  readonly name: string;
  readonly description: string;
  readonly role: AtomRole;
  readonly symbolPath: string;
  /** Enclosing unit whose header lies before the atom; -1 for none. */
  readonly enclosing: number;
  /** Units that begin in the atom and are not part of another one that does. */
  readonly begun: readonly number[];
  /** True for a piece of something larger: its name says nothing of its own. */
  readonly isSlice: boolean;
}

/** Names shown in full before the rest is counted. */
const SHOWN_NAMES = 3;
const MAX_NAME = 120;

const KIND_WORDS: readonly (readonly [RegExp, string])[] = [
  [/interface/, 'interface'],
  [/enum_assignment|property_identifier/, 'member'],
  [/enum/, 'enum'],
  [/internal_module|namespace|^mod_item$|^module$/, 'namespace'],
  [/trait/, 'trait'],
  [/impl_item/, 'implementation'],
  [/struct/, 'struct'],
  [/record/, 'record'],
  [/class/, 'class'],
  [/constructor/, 'constructor'],
  [/method|property_declaration$/, 'method'],
  [/type_alias|type_spec|type_declaration|type_item/, 'type'],
  [/rule_set|^rule/, 'rule'],
  [/field|property_signature|public_field/, 'field'],
  [/^pair$|block_mapping_pair/, 'entry'],
  [/element/, 'element'],
  [/const/, 'constant'],
  [/table/, 'table'],
  [/variable|declarator|assignment/, 'variable'],
];

function kindWord(type: string, bits: number, insideType: boolean): string {
  if ((bits & BIT.callable) !== 0 && !/constructor|method/.test(type)) return insideType ? 'method' : 'function';
  return KIND_WORDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'declaration';
}

const SLICE_WORDS: Readonly<Partial<Record<AtomRole, string>>> = {
  body: 'part of the body',
  member: 'members',
  element: 'elements',
};

const plural = (word: string): string =>
  word.endsWith('s') ? `${word}es` : word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;

/** Gives names to the atoms of one parsed file. */
export class Namer {
  private readonly text: string;
  private readonly table: SyntaxTable;
  private readonly rules: CompiledRules;
  private readonly units: Units;
  private readonly survey: Survey;
  private readonly nameCache: (string | undefined)[] = [];
  private nextUnit = 0;

  constructor(text: string, table: SyntaxTable, rules: CompiledRules, survey: Survey) {
    this.text = text;
    this.table = table;
    this.rules = rules;
    this.units = survey.units;
    this.survey = survey;
  }

  /** The name of a unit; empty for one that has none. */
  unitName(unit: number): string {
    return (this.nameCache[unit] ??= this.readName(unit));
  }

  private readName(unit: number): string {
    const node = this.units.node[unit] as number;
    return this.fieldName(node) ?? this.fieldName(this.table.parent[node] as number, node) ?? '';
  }

  /** The text of a node's name field. A parent's name is that of its child only where the child is its value. */
  private fieldName(node: number, valueOf = -1): string | undefined {
    if (node < 0) return undefined;
    const { after, field, start, end } = this.table;
    if (valueOf >= 0 && (this.table.field[valueOf] === 0 || valueOf === node + 1)) return undefined;
    for (let child = node + 1; child < (after[node] as number); child = after[child] as number) {
      if (child === valueOf) return undefined;
      if (!this.rules.nameFields.includes(field[child] as number)) continue;
      return this.text.slice(start[child], end[child]).replace(/\s+/g, ' ').slice(0, MAX_NAME);
    }
    return undefined;
  }

  /** Dotted names of a unit and what encloses it; a function that is a variable's value counts once. */
  path(unit: number): string {
    const names: string[] = [];
    let inner = -1;
    for (let u = unit; u >= 0; u = this.units.parent[u] as number) {
      const name = this.unitName(u);
      const isValue = inner >= 0 && this.units.parent[inner] === u && name === names[0] && this.holdsAsValue(u, inner);
      if (name !== '' && !isValue) names.unshift(name);
      inner = u;
    }
    return names.join('.');
  }

  private holdsAsValue(outer: number, inner: number): boolean {
    return this.table.parent[this.units.node[inner] as number] === this.units.node[outer];
  }

  private insideType(unit: number): boolean {
    const parent = this.units.parent[unit] as number;
    return parent >= 0 && ((this.units.bits[parent] as number) & BIT.type) !== 0;
  }

  kindOf(unit: number): string {
    const type = this.table.types[this.table.kind[this.units.node[unit] as number] as number] ?? '';
    return kindWord(type, this.units.bits[unit] as number, this.insideType(unit));
  }

  /** "method `find` of class `TodoRepository`" */
  describeUnit(unit: number): string {
    let shown = unit;
    while (shown >= 0 && this.unitName(shown) === '') shown = this.units.parent[shown] as number;
    if (shown < 0) return 'an anonymous function';
    let owner = this.units.parent[shown] as number;
    while (owner >= 0 && (this.unitName(owner) === '' || this.holdsAsValue(owner, shown)))
      owner = this.units.parent[owner] as number;
    const own = `${this.kindOf(shown)} \`${this.unitName(shown)}\``;
    const whole = owner < 0 ? own : `${own} of ${this.kindOf(owner)} \`${this.unitName(owner)}\``;
    return shown === unit ? whole : `a function inside ${whole}`;
  }

  /** Call for the atoms of a file in order. `start` is the first character that is not a space. */
  describe(start: number, end: number, isImports: boolean, isDamaged: boolean): AtomName {
    const { units } = this;
    while (this.nextUnit < units.start.length && (units.start[this.nextUnit] as number) < start) this.nextUnit++;
    const enclosing = this.enclosingAt(start);
    const begun: number[] = [];
    let next = this.nextUnit;
    let until = -1;
    for (; next < units.start.length && (units.start[next] as number) < end; next++) {
      if ((units.start[next] as number) < until) continue;
      until = units.end[next] as number;
      if (this.counts(next)) begun.push(next);
    }
    this.nextUnit = next;
    if (isDamaged) return this.other('damaged', 'damaged code', enclosing, begun);
    if (isImports) return this.other('import', 'imports', enclosing, begun);
    if (begun.length === 0) return this.slice(enclosing);
    return this.declarations(begun, enclosing, end);
  }

  /** Named functions and types count everywhere, variables only outside functions. */
  private counts(unit: number): boolean {
    if (this.unitName(unit) === '') return false;
    if (((this.units.bits[unit] as number) & (BIT.callable | BIT.type)) !== 0) return true;
    for (let u = this.units.parent[unit] as number; u >= 0; u = this.units.parent[u] as number) {
      if (((this.units.bits[u] as number) & BIT.callable) !== 0) return false;
    }
    return true;
  }

  private enclosingAt(position: number): number {
    const { units } = this;
    let unit = this.nextUnit - 1;
    while (unit >= 0 && (units.end[unit] as number) <= position) unit = units.parent[unit] as number;
    return unit;
  }

  private other(role: AtomRole, what: string, enclosing: number, begun: readonly number[]): AtomName {
    const symbolPath = enclosing < 0 ? '' : this.path(enclosing);
    return { name: what, description: what, role, symbolPath, enclosing, begun, isSlice: true };
  }

  private slice(enclosing: number): AtomName {
    const role: AtomRole = enclosing < 0 ? 'statement' : this.roleInside(enclosing);
    const what = SLICE_WORDS[role] ?? 'statements';
    if (enclosing < 0)
      return {
        name: `module ${what}`,
        description: `module-level ${what}`,
        role,
        symbolPath: '',
        enclosing,
        begun: [],
        isSlice: true,
      };
    const path = this.path(enclosing);
    const description = `${what} of ${this.describeUnit(enclosing)}`;
    return {
      name: path === '' ? what : path,
      description,
      role,
      symbolPath: path,
      enclosing,
      begun: [],
      isSlice: true,
    };
  }

  /** What a piece without a declaration of its own is: by the nearest declaration around it. */
  private roleInside(unit: number): AtomRole {
    if (this.insideCallable(unit)) return 'body';
    for (let u = unit; u >= 0; u = this.units.parent[u] as number) {
      if (((this.units.bits[u] as number) & BIT.type) !== 0) return 'member';
    }
    return 'element';
  }

  private insideCallable(unit: number): boolean {
    for (let u = unit; u >= 0; u = this.units.parent[u] as number) {
      if (((this.units.bits[u] as number) & BIT.callable) !== 0) return true;
      if (((this.units.bits[u] as number) & BIT.type) !== 0) return false;
    }
    return false;
  }

  private declarations(begun: readonly number[], enclosing: number, end: number): AtomName {
    const last = begun.at(-1) as number;
    const isOpen = (this.units.end[last] as number) > end;
    const inType = enclosing >= 0 && ((this.units.bits[enclosing] as number) & BIT.type) !== 0;
    const role: AtomRole = isOpen ? 'signature' : inType ? 'member' : 'declaration';
    if (begun.length === 1) {
      const path = this.path(last);
      const whole = this.describeUnit(last);
      const description = isOpen ? `beginning of ${whole}` : whole;
      return { name: path, description, role, symbolPath: path, enclosing, begun, isSlice: false };
    }
    const names = begun.map((unit) => this.unitName(unit));
    const kinds = new Set(begun.map((unit) => this.kindOf(unit)));
    const word = kinds.size === 1 ? plural([...kinds][0] as string) : 'declarations';
    const shown = names.slice(0, SHOWN_NAMES).map((name) => `\`${name}\``);
    const rest = names.length - shown.length;
    const list = shown.join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
    const symbolPath = enclosing < 0 ? '' : this.path(enclosing);
    const owner = enclosing < 0 || symbolPath === '' ? '' : ` of ${this.describeUnit(enclosing)}`;
    const name = `${symbolPath === '' ? '' : `${symbolPath}.`}${names[0] ?? ''} +${String(names.length - 1)}`;
    const tail = isOpen ? `; the last goes on` : '';
    return { name, description: `${word} ${list}${owner}${tail}`, role, symbolPath, enclosing, begun, isSlice: false };
  }
}
