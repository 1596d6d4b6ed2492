/** Parameters and results of callables with their types: as written, as documented, or as far as the code shows them. */
import { NODE_NAMED, type SyntaxTable } from '../../adapters/parser/index.ts';
import { BIT } from '../rules/language-rules.ts';
import type { Survey, Units } from '../survey.ts';
import { type CompiledContext, MARK } from './context-rules.ts';
import type { Observations } from './observe.ts';
import { type DocumentedTypes, documentedTypes } from './types/documented-types.ts';
import { fallsThrough, isStub } from './types/falls-through.ts';
import { TypeFinder } from './types/type-finder.ts';
import { tablesOf } from './types/type-tables.ts';
import type { TypedName } from './types/typed-name.ts';
import { UsageReader } from './types/usage-types.ts';

const MAX_TYPE = 200;
const MAX_PARAMETERS = 40;
/** Characters of a documentation comment that are read. */
const MAX_DOCUMENTATION = 6_000;

/** A parameter as it stands in the list. */
interface Parameter {
  readonly name: string;
  readonly node: number;
  /** Node of the annotation and of the default; -1 for none. */
  readonly type: number;
  readonly value: number;
}

const NO_TYPES: DocumentedTypes = new Map();
const NOTHING = /^(None|null|undefined)$/;
const COLLECTS: Readonly<Record<string, string>> = {
  list_splat_pattern: 'tuple',
  dictionary_splat_pattern: 'dict',
  rest_pattern: 'unknown[]',
};

export class SignatureReader {
  private readonly text: string;
  private readonly table: SyntaxTable;
  private readonly context: CompiledContext;
  private readonly units: Units;
  private readonly survey: Survey;
  private readonly finder: TypeFinder | undefined;
  private readonly usage: UsageReader | undefined;
  private readonly known = new Map<number, TypedName[]>();
  private readonly documented = new Map<number, DocumentedTypes>();

  constructor(text: string, table: SyntaxTable, context: CompiledContext, survey: Survey, seen: Observations) {
    this.text = text;
    this.table = table;
    this.context = context;
    this.survey = survey;
    this.units = survey.units;
    const tables = tablesOf(context);
    if (tables === undefined) return;
    this.finder = new TypeFinder(text, table, context, survey.units, seen, tables, this);
    this.usage = new UsageReader(this.finder, (unit) => this.read(unit));
  }

  /** Types of the parameters and of the result (named `return`) of a callable unit. */
  read(unit: number): TypedName[] {
    const known = this.known.get(unit);
    if (known !== undefined) return known;
    // A function that leads back to itself meets what is known of it so far.
    const found: TypedName[] = [];
    this.known.set(unit, found);
    const node = this.units.node[unit] as number;
    const { parameters, result } = this.context.fields;
    let resultType = -1;
    let parametersNode = -1;
    this.eachChild(node, (child, field) => {
      if (parameters.includes(field)) parametersNode = child;
      else if (result.includes(field)) resultType = child;
    });
    if (parametersNode >= 0)
      for (const parameter of this.parameters(parametersNode)) found.push(this.typed(parameter, unit));
    if (resultType >= 0) found.push({ name: 'return', type: this.typeText(resultType), source: 'annotation' });
    else found.push(this.result(unit, node));
    return found;
  }

  private eachChild(node: number, visit: (child: number, field: number) => void): void {
    const { after, field } = this.table;
    const last = after[node] as number;
    for (let child = node + 1; child < last; child = after[child] as number) visit(child, field[child] as number);
  }

  /** What the documentation string or comment of a callable says about types, read once. */
  private documentation(unit: number): DocumentedTypes {
    let documented = this.documented.get(unit);
    if (documented === undefined) {
      documented = this.readDocumentation(unit, this.units.node[unit] as number);
      this.documented.set(unit, documented);
    }
    return documented;
  }

  private readDocumentation(unit: number, node: number): DocumentedTypes {
    const { remarks } = this.survey;
    const start = this.units.start[unit] as number;
    const body = this.bodyOf(node);
    const bodyStart = body < 0 ? start : (this.table.start[body] as number);
    for (let i = this.firstRemark(start); i < remarks.length; i += 2) {
      const from = remarks[i] as number;
      const to = remarks[i + 1] as number;
      if (from > bodyStart + 1) break;
      const isBefore =
        to <= start &&
        /^\s*(export\s+|default\s+|async\s+|static\s+|const\s+\w+\s*=\s*)*$/.test(
          this.text.slice(to, start).slice(0, 200),
        );
      if (!isBefore && from < bodyStart) continue;
      return documentedTypes(this.text.slice(from, Math.min(to, from + MAX_DOCUMENTATION)));
    }
    return NO_TYPES;
  }

  /** The last remark that begins before a position, or the first behind it. */
  private firstRemark(position: number): number {
    const { remarks } = this.survey;
    let low = 0;
    let high = remarks.length >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((remarks[2 * middle] as number) < position) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, 2 * (low - 1));
  }

  private parameters(node: number): Parameter[] {
    const { context, table } = this;
    // A single parameter without brackets: `x => …`.
    if (((context.bits[table.kind[node] as number] as number) & MARK.name) !== 0)
      return [{ name: this.slice(node), node, type: -1, value: -1 }];
    const found: Parameter[] = [];
    this.eachChild(node, (child) => {
      if (((table.flags[child] as number) & NODE_NAMED) === 0 || found.length >= MAX_PARAMETERS) return;
      const parameter = this.parameter(child);
      if (parameter !== undefined) found.push(parameter);
    });
    return found;
  }

  private parameter(node: number): Parameter | undefined {
    const { context, table } = this;
    const { fields, literals, rules } = context;
    let type = -1;
    let value = -1;
    let name = ((context.bits[table.kind[node] as number] as number) & MARK.name) !== 0 ? this.slice(node) : '';
    if (this.kindOf(node) === 'object_pattern' || this.kindOf(node) === 'array_pattern') name = this.flat(node, 80);
    else
      this.eachChild(node, (child, field) => {
        if (fields.type.includes(field)) type = child;
        else if (
          field === fields.value ||
          field === fields.right ||
          (value < 0 && literals.has(table.kind[child] as number))
        )
          value = child;
        else if (name === '' && ((table.flags[child] as number) & NODE_NAMED) !== 0) name = this.flat(child, 80);
      });
    const plain = name.replace(/^[*&.]+/, '');
    return plain === '' || rules.untyped?.has(plain) === true ? undefined : { name: plain, node, type, value };
  }

  private typed({ name, node, type, value }: Parameter, unit: number): TypedName {
    if (type >= 0) return { name, type: this.typeText(type), source: 'annotation' };
    if (this.context.rules.alwaysTyped === true)
      return { name, type: this.slice(node).slice(0, MAX_TYPE), source: 'annotation' };
    const documented = this.documentation(unit).get(name);
    if (documented !== undefined) return { name, type: documented, source: 'annotation' };
    const inferred = this.inferred(name, node, value, unit);
    return { name, type: inferred.slice(0, MAX_TYPE), source: inferred === '' ? 'none' : 'inferred' };
  }

  /** The type of a parameter from how it is written, its default and its uses. */
  private inferred(name: string, node: number, value: number, unit: number): string {
    const kind = this.kindOf(node);
    const inner = this.kindOf(node + 1);
    const collected = COLLECTS[kind] ?? (kind === 'required_parameter' ? COLLECTS[inner] : undefined);
    if (collected !== undefined) return collected;
    // `{ a, b }` and `[a, b]` say themselves what they take.
    if (name.startsWith('{') || name.startsWith('[')) return name.replace(/\s*=\s*[^,}\]]+?(?=\s*[,}\]])/g, '');
    const { finder, usage } = this;
    if (finder === undefined || usage === undefined)
      return value < 0 ? '' : (this.context.literals.get(this.table.kind[value] as number) ?? '');
    const given = value < 0 ? '' : finder.typeOf(value, this.units.parent[unit] as number);
    if (given !== '' && !NOTHING.test(given)) return given;
    // What is declared and not done asks nothing of its parameters, but whoever does it will.
    if (isStub(finder.reader, this.bodyOf(this.units.node[unit] as number))) return '';
    const used = usage.typeOf(name, unit);
    return used !== '' && given !== '' ? finder.join([used, given]) : used;
  }

  private result(unit: number, node: number): TypedName {
    const documented = this.documentation(unit).get('return');
    if (documented !== undefined) return { name: 'return', type: documented, source: 'annotation' };
    const type = this.inferredResult(unit, node).slice(0, MAX_TYPE);
    return { name: 'return', type, source: type === '' ? 'none' : 'inferred' };
  }

  private bodyOf(node: number): number {
    const { after, field } = this.table;
    const wanted = this.context.fields.body;
    const last = after[node] as number;
    let body = -1;
    for (let child = node + 1; child < last; child = after[child] as number) if (field[child] === wanted) body = child;
    return body;
  }

  /** From the `return` statements of the body; nothing where one of them is not known. */
  private inferredResult(unit: number, node: number): string {
    const { table, context, finder } = this;
    const body = this.bodyOf(node);
    if (body < 0) return '';
    const isAsync = context.rules.imports === 'ecmascript' && this.slice(node).slice(0, 60).includes('async ');
    if (this.isExpression(body)) return this.promised(this.valueType(body, unit), isAsync);
    const types: string[] = [];
    const { node: nodes, bits } = this.units;
    // Units come in the order of the document: those inside the function follow it.
    let inner = unit + 1;
    for (let i = body + 1, end = table.after[body] as number; i < end;) {
      while (inner < nodes.length && (nodes[inner] as number) < i) inner++;
      if (nodes[inner] === i && ((bits[inner] as number) & BIT.callable) !== 0) {
        i = table.after[i] as number;
        continue;
      }
      const marks = context.bits[table.kind[i] as number] as number;
      if ((marks & MARK.yields) !== 0) return 'generator';
      if ((marks & MARK.returns) !== 0 && ((table.flags[i] as number) & NODE_NAMED) !== 0)
        types.push(this.returned(i, unit));
      i++;
    }
    if (types.includes('')) return '';
    if (finder === undefined)
      return types.length === 0 ? context.rules.nothing : [...new Set(types)].sort().join(' | ');
    const falls = fallsThrough(finder.reader, body);
    if (types.length === 0)
      return falls
        ? this.promised(context.rules.nothing, isAsync)
        : finder.tables.namesTypesByOrigin
          ? 'never'
          : 'NoReturn';
    if (falls) types.push(context.rules.nothing === 'void' ? 'undefined' : context.rules.nothing);
    return this.promised(finder.join(types), isAsync);
  }

  private promised(type: string, isAsync: boolean): string {
    return type === '' || !isAsync || type.startsWith('Promise<') ? type : `Promise<${type}>`;
  }

  private valueType(node: number, unit: number): string {
    return this.finder?.typeOf(node, unit) ?? this.context.literals.get(this.table.kind[node] as number) ?? '';
  }

  private returned(node: number, unit: number): string {
    const { table, context } = this;
    for (let child = node + 1; child < (table.after[node] as number); child = table.after[child] as number) {
      if (((table.flags[child] as number) & NODE_NAMED) !== 0 && this.kindOf(child) !== 'comment')
        return this.valueType(child, unit);
    }
    return context.rules.nothing === 'void' ? 'undefined' : context.rules.nothing;
  }

  private isExpression(body: number): boolean {
    return !/block|body|compound|suite|statement/.test(this.kindOf(body));
  }

  private kindOf(node: number): string {
    return this.table.types[this.table.kind[node] as number] ?? '';
  }

  private typeText(node: number): string {
    return this.flat(node, MAX_TYPE).replace(/^(:|->)\s*/, '');
  }

  private flat(node: number, limit: number): string {
    return this.slice(node).replace(/\s+/g, ' ').slice(0, limit);
  }

  private slice(node: number): string {
    return this.text.slice(this.table.start[node], this.table.end[node]);
  }
}
