/** Puts together the context of each atom of a file from what was observed in it. Atoms are asked for in order. */
import type { SyntaxTable } from '../../adapters/parser/index.ts';
import type { AtomContext } from '../../domain/index.ts';
import { lineOf, type Lines } from '../lines.ts';
import { BIT, type CompiledRules } from '../rules/language-rules.ts';
import type { Survey } from '../survey.ts';
import { scoreCompleteness } from './completeness.ts';
import { type CompiledContext, MARK } from './context-rules.ts';
import { type Effect, effectOf } from './effects.ts';
import { type AtomSpan, type Behaviour, findingsOf, type NameSummary } from './findings.ts';
import type { Observations } from './observe.ts';
import { SIGHT } from './observe.ts';
import { SignatureReader } from './signatures.ts';
import type { TypedName } from './types/typed-name.ts';

/** Longest lists and texts that are kept; more says nothing new. */
const MAX_ENTRIES = 40;
const MAX_TEXT = 160;
const MAX_DOC = 600;

/** Names of the browser's and of language libraries that follow a pattern. */
const PLATFORM_NAME = /^(HTML|SVG|CSS|DOM|WebGL|GPU|IDB|RTC|Media|Audio|Performance|Canvas)\w*$/;

const ANONYMOUS = /arrow_function|function_expression|lambda|closure|func_literal|anonymous/;

/** Whether a kind of callable has no name, for each that was met. */
const EXPRESSIONS = new Map<string, boolean>();

/** What the atomicity criteria take from the context. */
export interface BuiltContext {
  readonly context: AtomContext;
  readonly unresolved: number;
  readonly effectKinds: number;
}

function addEntry(list: string[], entry: string): void {
  if (list.length < MAX_ENTRIES && !list.includes(entry)) list.push(entry);
}

export class ContextBuilder {
  private readonly text: string;
  private readonly table: SyntaxTable;
  private readonly lines: Lines;
  private readonly rules: CompiledRules;
  private readonly context: CompiledContext;
  private readonly survey: Survey;
  private readonly seen: Observations;
  private readonly signatures: SignatureReader;
  private readonly enclosingCache = new Map<number, string>();
  /** For each name: the atom (by running number) that it was last met in, so that no set is built per atom. */
  private readonly metIn: Int32Array;
  private readonly definedInAtom: Int32Array;
  private atom = 0;
  private nextSight = 0;
  private nextHappening = 0;
  private nextRemark = 0;
  private nextImport = 0;

  constructor(
    text: string,
    table: SyntaxTable,
    lines: Lines,
    rules: CompiledRules,
    context: CompiledContext,
    survey: Survey,
    seen: Observations,
  ) {
    this.text = text;
    this.table = table;
    this.lines = lines;
    this.rules = rules;
    this.context = context;
    this.survey = survey;
    this.seen = seen;
    this.signatures = new SignatureReader(text, table, context, survey, seen);
    this.metIn = new Int32Array(seen.names.length).fill(-1);
    this.definedInAtom = new Int32Array(seen.names.length).fill(-1);
  }

  build(span: AtomSpan): BuiltContext {
    this.atom++;
    const names = this.readNames(span);
    const behaviour = this.readBehaviour(span);
    const types = this.readTypes(span);
    const effects = [...names.effects, ...behaviour.changes].slice(0, MAX_ENTRIES);
    const findings = findingsOf(span, names, types, behaviour);
    const context: AtomContext = {
      imports: names.imports,
      defines: names.defines,
      uses: names.uses,
      types,
      preconditions: behaviour.preconditions,
      postconditions: behaviour.postconditions,
      side_effects: effects,
      docstring: this.readDoc(span),
      enclosing: this.enclosing(span.enclosing),
      test_cases: [],
      language_version: this.seen.version,
      ...scoreCompleteness(findings),
    };
    return {
      context,
      unresolved: names.unresolved.length,
      effectKinds: names.effects.size + (behaviour.changes.length > 0 ? 1 : 0),
    };
  }

  private lineAt(position: number): number {
    return lineOf(this.lines, position) + 1;
  }

  private readNames(span: AtomSpan): NameSummary {
    const { sights, names, effects: allEffects } = this.seen;
    const first = this.nextSight;
    let last = first;
    const defines: { name: string; kind: string; line: number }[] = [];
    const effects = new Set<Effect>();
    for (; last < sights.position.length && (sights.position[last] as number) < span.end; last++) {
      const id = sights.name[last] as number;
      const sort = sights.sort[last] as number;
      const effect =
        sort === SIGHT.use ? allEffects[id] : sort === SIGHT.member ? effectOf(names[id] as string, true) : undefined;
      if (effect !== undefined) effects.add(effect);
      if (sort !== SIGHT.bind || this.definedInAtom[id] === this.atom) continue;
      this.definedInAtom[id] = this.atom;
      if (defines.length < MAX_ENTRIES) {
        defines.push({
          name: names[id] as string,
          kind: this.bindKind(last),
          line: this.lineAt(sights.position[last] as number),
        });
      }
    }
    this.nextSight = last;
    return { defines, effects, ...this.readUses(first, last, span) };
  }

  private bindKind(sight: number): string {
    const { parent, kind, types } = this.table;
    const above = parent[this.seen.sights.node[sight] as number] as number;
    const type = types[kind[above] as number] ?? '';
    if (/param|splat|rest_pattern/.test(type)) return 'parameter';
    if (/function|method|arrow/.test(type)) return 'function';
    if (/class|interface|enum|type_alias|struct|trait|record/.test(type)) return 'type';
    return 'variable';
  }

  private readUses(
    first: number,
    last: number,
    span: AtomSpan,
  ): Pick<NameSummary, 'uses' | 'imports' | 'used' | 'unresolved'> {
    const { sights, names, imports, importOf } = this.seen;
    const uses: { name: string; kind: string; line: number }[] = [];
    const unresolved: string[] = [];
    const used = new Map<number, string[]>();
    let count = 0;
    for (let i = first; i < last; i++) {
      const id = sights.name[i] as number;
      if (sights.sort[i] !== SIGHT.use || this.definedInAtom[id] === this.atom || this.metIn[id] === this.atom)
        continue;
      this.metIn[id] = this.atom;
      count++;
      const name = names[id] as string;
      const kind = this.originOf(id, sights.scope[i] as number);
      if (kind === 'import') {
        const from = importOf[id] as number;
        const list = used.get(from);
        if (list === undefined) used.set(from, [name]);
        else list.push(name);
      }
      if (kind === 'unknown') unresolved.push(name);
      if (uses.length < MAX_ENTRIES) uses.push({ name, kind, line: this.lineAt(sights.position[i] as number) });
    }
    // An import statement needs what it names.
    const before = imports[this.nextImport - 1];
    if (before !== undefined && before.end > span.start) used.set(this.nextImport - 1, [...before.names]);
    for (; this.nextImport < imports.length; this.nextImport++) {
      const entry = imports[this.nextImport] as Observations['imports'][number];
      if (entry.position >= span.end) break;
      used.set(this.nextImport, [...entry.names]);
    }
    const importsUsed = [...used]
      .sort(([a], [b]) => a - b)
      .slice(0, MAX_ENTRIES)
      .map(([index, list]) => {
        const entry = imports[index] as Observations['imports'][number];
        return { module: entry.module, names: list, line: this.lineAt(entry.position) };
      });
    return { uses, imports: importsUsed, used: count, unresolved };
  }

  /** Where a name comes from: its nearest definition around it, an import, the language, or unknown. */
  private originOf(id: number, scope: number): string {
    const { definedIn, importOf, names, hasWildcard } = this.seen;
    const scopes = definedIn[id];
    if (scopes !== undefined) {
      const { parent, bits } = this.survey.units;
      for (let s = scope; s >= 0; s = parent[s] as number) {
        if (((bits[s] as number) & (BIT.callable | BIT.type)) !== 0 && scopes.includes(s)) return 'local';
      }
      if (scopes.includes(-1)) return importOf[id] === -1 ? 'module' : 'import';
    }
    if (importOf[id] !== -1) return 'import';
    const name = names[id] as string;
    if (this.context.rules.builtins.has(name) || PLATFORM_NAME.test(name)) return 'builtin';
    return hasWildcard ? 'wildcard import' : 'unknown';
  }

  private readBehaviour(span: AtomSpan): Behaviour {
    const result: Behaviour = { preconditions: [], postconditions: [], changes: [], calls: 0 };
    const { node, position, marks } = this.seen.happenings;
    let i = this.nextHappening;
    for (; i < position.length && (position[i] as number) < span.end; i++) {
      if ((position[i] as number) >= span.start) this.note(node[i] as number, marks[i] as number, result);
    }
    this.nextHappening = i;
    return result;
  }

  private note(node: number, marks: number, result: Behaviour): void {
    if ((marks & MARK.call) !== 0) result.calls++;
    else if ((marks & MARK.returns) !== 0)
      addEntry(
        result.postconditions,
        this.snippet(node)
          .replace(/^return\b\s*/, 'returns ')
          .trim(),
      );
    else if ((marks & MARK.yields) !== 0)
      addEntry(result.postconditions, this.snippet(node).replace(/^yield\b/, 'yields'));
    else if ((marks & MARK.asserts) !== 0)
      addEntry(result.preconditions, this.snippet(node).replace(/^assert\s+/, 'requires '));
    else if ((marks & MARK.raises) !== 0) {
      const raised = this.snippet(node)
        .replace(/^(raise|throw)\b\s*/, '')
        .replace(/;$/, '');
      const condition = this.guardOf(node);
      if (condition === undefined) addEntry(result.postconditions, `raises ${raised}`.trim());
      else addEntry(result.preconditions, `raises ${raised} when ${condition}`);
    } else if ((marks & MARK.globals) !== 0) addEntry(result.changes, `changes ${this.snippet(node)}`);
    else if ((marks & MARK.assignment) !== 0) {
      const target = this.changedPlace(node);
      if (target === undefined) return;
      addEntry(result.changes, `changes ${target}`);
      addEntry(result.postconditions, `sets ${target}`);
    }
  }

  /** The condition under which a `raise` happens: that of the nearest guard inside the same function. */
  private guardOf(node: number): string | undefined {
    const { parent, kind, after, field } = this.table;
    for (let above = parent[node] as number; above >= 0; above = parent[above] as number) {
      if (((this.rules.bits[kind[above] as number] as number) & BIT.callable) !== 0) return undefined;
      if (((this.context.bits[kind[above] as number] as number) & MARK.guard) === 0) continue;
      for (let child = above + 1; child < (after[above] as number); child = after[child] as number) {
        if (field[child] === this.context.fields.condition) return this.snippet(child);
      }
    }
    return undefined;
  }

  /** `self.x` in `self.x = 1`; undefined where a local variable is assigned. */
  private changedPlace(node: number): string | undefined {
    const { kind, after } = this.table;
    const target = node + 1;
    if (target >= (after[node] as number)) return undefined;
    const isPlace = ((this.context.bits[kind[target] as number] as number) & MARK.place) !== 0;
    return isPlace ? this.snippet(target) : undefined;
  }

  private snippet(node: number): string {
    const text = this.text.slice(
      this.table.start[node],
      Math.min(this.table.end[node] as number, (this.table.start[node] as number) + 400),
    );
    const flat = text.includes('\n') ? text.replace(/\s+/g, ' ') : text;
    return flat.length <= MAX_TEXT ? flat : `${flat.slice(0, MAX_TEXT - 1)}…`;
  }

  /** Signatures of the callables whose header lies in the atom, also of methods inside a class that begins in it. */
  private readTypes(span: AtomSpan): TypedName[] {
    const { units } = this.survey;
    const found: TypedName[] = [];
    for (const begun of span.begun) {
      for (let unit = begun; unit < units.start.length && (units.start[unit] as number) < span.end; unit++) {
        if ((units.start[unit] as number) >= (units.end[begun] as number)) break;
        if (((units.bits[unit] as number) & BIT.callable) === 0 || this.isAnonymous(unit)) continue;
        if (found.length < MAX_ENTRIES) found.push(...this.signatures.read(unit));
      }
    }
    return found.slice(0, MAX_ENTRIES);
  }

  /** Callbacks get their types from where they are passed: only declared functions need their own. */
  private isAnonymous(unit: number): boolean {
    const node = this.survey.units.node[unit] as number;
    const above = this.table.parent[node] as number;
    const type = this.table.types[this.table.kind[node] as number] ?? '';
    let isExpression = EXPRESSIONS.get(type);
    if (isExpression === undefined) EXPRESSIONS.set(type, (isExpression = ANONYMOUS.test(type)));
    if (!isExpression) return false;
    const holder = above < 0 ? '' : (this.table.types[this.table.kind[above] as number] ?? '');
    return !/variable_declarator|field_definition|assignment/.test(holder);
  }

  private readDoc(span: AtomSpan): string | null {
    const { remarks } = this.survey;
    while (this.nextRemark < remarks.length && (remarks[this.nextRemark + 1] as number) <= span.start)
      this.nextRemark += 2;
    for (let i = this.nextRemark; i < remarks.length && (remarks[i] as number) < span.end; i += 2) {
      const text = this.text.slice(remarks[i], remarks[i + 1]);
      if (!/^(\/\*\*|"""|'''|[rRuU]"""|"|'|\/\/\/|\/\/!|#|\/\/|--)/.test(text)) continue;
      if (/^(#!|# ?(noqa|type:|pylint|pragma)|\/\/ ?(eslint|@ts-|prettier))/.test(text)) continue;
      return text.slice(0, MAX_DOC);
    }
    return null;
  }

  private enclosing(unit: number): string[] {
    const { units } = this.survey;
    const signatures: string[] = [];
    for (let u = unit; u >= 0; u = units.parent[u] as number) {
      if (((units.bits[u] as number) & (BIT.callable | BIT.type)) !== 0) signatures.unshift(this.signatureText(u));
    }
    return signatures;
  }

  /** The header of a unit as one line. */
  private signatureText(unit: number): string {
    let signature = this.enclosingCache.get(unit);
    if (signature !== undefined) return signature;
    const { table } = this;
    const node = this.survey.units.node[unit] as number;
    let end = Math.min(table.end[node] as number, (table.start[node] as number) + 400);
    for (let child = node + 1; child < (table.after[node] as number); child = table.after[child] as number) {
      if (table.field[child] === this.context.fields.body) end = Math.min(end, table.start[child] as number);
    }
    signature = this.text.slice(table.start[node], end).replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT);
    this.enclosingCache.set(unit, signature);
    return signature;
  }
}
