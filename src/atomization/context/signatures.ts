/** Parameters and results of callables with their types: as written, or as far as the code shows them. */
import { NODE_NAMED, type SyntaxTable } from '../../adapters/parser/index.ts';
import type { AtomContext } from '../../domain/index.ts';
import { BIT } from '../rules/language-rules.ts';
import type { Units } from '../survey.ts';
import { type CompiledContext, MARK } from './context-rules.ts';

export type TypedName = AtomContext['types'][number];

const MAX_TYPE = 200;
const MAX_PARAMETERS = 40;

export class SignatureReader {
  private readonly text: string;
  private readonly table: SyntaxTable;
  private readonly context: CompiledContext;
  private readonly units: Units;

  constructor(text: string, table: SyntaxTable, context: CompiledContext, units: Units) {
    this.text = text;
    this.table = table;
    this.context = context;
    this.units = units;
  }

  /** Types of the parameters and of the result (named `return`) of a callable unit. */
  read(unit: number): TypedName[] {
    const node = this.units.node[unit] as number;
    const { parameters, result } = this.context.fields;
    const found: TypedName[] = [];
    let resultType = -1;
    let parametersNode = -1;
    this.eachChild(node, (child, field) => {
      if (parameters.includes(field)) parametersNode = child;
      else if (result.includes(field)) resultType = child;
    });
    if (parametersNode >= 0) this.readParameters(parametersNode, found);
    if (resultType >= 0) found.push({ name: 'return', type: this.typeText(resultType), source: 'annotation' });
    else found.push(this.inferredResult(node));
    return found;
  }

  private eachChild(node: number, visit: (child: number, field: number) => void): void {
    const { after, field } = this.table;
    const last = after[node] as number;
    for (let child = node + 1; child < last; child = after[child] as number) visit(child, field[child] as number);
  }

  private readParameters(node: number, found: TypedName[]): void {
    const { context, table } = this;
    // A single parameter without brackets: `x => …`.
    if (((context.bits[table.kind[node] as number] as number) & MARK.name) !== 0) {
      found.push({ name: this.slice(node), type: '', source: 'none' });
      return;
    }
    this.eachChild(node, (child) => {
      if (((table.flags[child] as number) & NODE_NAMED) === 0 || found.length >= MAX_PARAMETERS) return;
      const typed = this.readParameter(child);
      if (typed !== undefined) found.push(typed);
    });
  }

  private readParameter(node: number): TypedName | undefined {
    const { context, table } = this;
    const { fields, literals, rules } = context;
    let type = -1;
    let value = -1;
    let name = ((context.bits[table.kind[node] as number] as number) & MARK.name) !== 0 ? this.slice(node) : '';
    this.eachChild(node, (child, field) => {
      if (fields.type.includes(field)) type = child;
      else if (field === fields.value || (value < 0 && literals.has(table.kind[child] as number))) value = child;
      else if (name === '' && ((table.flags[child] as number) & NODE_NAMED) !== 0)
        name = this.slice(child).slice(0, 80);
    });
    const plain = name.replace(/^[*&.]+/, '');
    if (plain === '' || rules.untyped?.has(plain) === true) return undefined;
    if (type >= 0) return { name: plain, type: this.typeText(type), source: 'annotation' };
    const literal = value < 0 ? undefined : literals.get(table.kind[value] as number);
    if (literal !== undefined) return { name: plain, type: literal, source: 'inferred' };
    if (rules.alwaysTyped === true)
      return { name: plain, type: this.slice(node).slice(0, MAX_TYPE), source: 'annotation' };
    return { name: plain, type: '', source: 'none' };
  }

  /** From the `return` statements of the body: none at all, or literals of one kind. */
  private inferredResult(node: number): TypedName {
    const { table, context } = this;
    const none = { name: 'return', type: '', source: 'none' } as const;
    const types = new Set<string>();
    let body = -1;
    this.eachChild(node, (child, field) => {
      if (field === context.fields.body) body = child;
    });
    if (body < 0) return none;
    const bodyLiteral = context.literals.get(table.kind[body] as number);
    if (bodyLiteral !== undefined) return { name: 'return', type: bodyLiteral, source: 'inferred' };
    if (this.isExpression(body)) return none;
    for (let i = body + 1, end = table.after[body] as number; i < end;) {
      if (this.isCallable(i)) {
        i = table.after[i] as number;
        continue;
      }
      const marks = context.bits[table.kind[i] as number] as number;
      if ((marks & MARK.yields) !== 0) return { name: 'return', type: 'generator', source: 'inferred' };
      if ((marks & MARK.returns) !== 0 && ((table.flags[i] as number) & NODE_NAMED) !== 0)
        types.add(this.returnedType(i));
      i++;
    }
    if (types.size === 0) return { name: 'return', type: context.rules.nothing, source: 'inferred' };
    if (types.has('')) return none;
    return { name: 'return', type: [...types].sort().join(' | '), source: 'inferred' };
  }

  private returnedType(node: number): string {
    const { table, context } = this;
    for (let child = node + 1; child < (table.after[node] as number); child = table.after[child] as number) {
      if (((table.flags[child] as number) & NODE_NAMED) === 0) continue;
      const kind = table.kind[child] as number;
      return (
        context.literals.get(kind) ?? (table.types[kind] === 'parenthesized_expression' ? this.returnedType(child) : '')
      );
    }
    return context.rules.nothing;
  }

  private isCallable(node: number): boolean {
    const { units } = this;
    // Units are in document order: look it up by bisection.
    let low = 0;
    let high = units.node.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = units.node[middle] as number;
      if (at === node) return ((units.bits[middle] as number) & BIT.callable) !== 0;
      if (at < node) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }

  private isExpression(body: number): boolean {
    const type = this.table.types[this.table.kind[body] as number] ?? '';
    return !/block|body|compound|suite|statement/.test(type);
  }

  private typeText(node: number): string {
    return this.slice(node)
      .replace(/^(:|->)\s*/, '')
      .replace(/\s+/g, ' ')
      .slice(0, MAX_TYPE);
  }

  private slice(node: number): string {
    return this.text.slice(this.table.start[node], this.table.end[node]);
  }
}
