import { NODE_EXTRA, NODE_NAMED, type SyntaxTable } from '../../adapters/parser/index.ts';
import { FactsBuilder } from './builder.ts';
import { STATEMENT_FLAG } from './types.ts';

const fieldIds = new WeakMap<readonly (string | null)[], Map<string, number>>();

/** Number of a field of the grammar, 0 for one that it does not have. */
function fieldNumbers(fields: readonly (string | null)[]): Map<string, number> {
  let ids = fieldIds.get(fields);
  if (ids === undefined) {
    ids = new Map();
    fields.forEach((name, id) => (name === null ? undefined : ids?.set(name, id)));
    fieldIds.set(fields, ids);
  }
  return ids;
}

/** What every language's walk needs: the nodes of the table by kind and field, and the builder that collects. */
export class Walk {
  readonly b: FactsBuilder;
  readonly table: SyntaxTable;
  /** Row of `functions` whose body is walked; -1 at module level. */
  fn = -1;
  /** Counts what has an effect beyond a local name: calls, assignments to members, awaits. */
  effects = 0;
  private readonly fields: Map<string, number>;

  constructor(table: SyntaxTable, text: string) {
    this.table = table;
    this.b = new FactsBuilder(table, text);
    this.fields = fieldNumbers(table.fields);
  }

  type(node: number): string {
    return this.table.types[this.table.kind[node] ?? 0] ?? 'ERROR';
  }

  isNamed(node: number): boolean {
    const flags = this.table.flags[node] ?? 0;
    return (flags & NODE_NAMED) !== 0 && (flags & NODE_EXTRA) === 0;
  }

  /** The first child in that field; -1 for none. */
  field(node: number, name: string): number {
    const id = this.fields.get(name) ?? -1;
    const { after, field } = this.table;
    const last = after[node] ?? 0;
    for (let child = node + 1; child < last; child = after[child] ?? last) if (field[child] === id) return child;
    return -1;
  }

  /** Children that carry meaning: named, and not comments. */
  named(node: number): number[] {
    const { after } = this.table;
    const last = after[node] ?? 0;
    const children: number[] = [];
    for (let child = node + 1; child < last; child = after[child] ?? last)
      if (this.isNamed(child)) children.push(child);
    return children;
  }

  firstNamed(node: number): number {
    const { after } = this.table;
    const last = after[node] ?? 0;
    for (let child = node + 1; child < last; child = after[child] ?? last) if (this.isNamed(child)) return child;
    return -1;
  }

  /** The first child of one of these kinds, named or not; -1 for none. */
  childOf(node: number, ...types: string[]): number {
    const { after } = this.table;
    const last = after[node] ?? 0;
    for (let child = node + 1; child < last; child = after[child] ?? last)
      if (types.includes(this.type(child))) return child;
    return -1;
  }

  hasField(node: number, child: number, name: string): boolean {
    return this.table.field[child] === this.fields.get(name) && this.table.parent[child] === node;
  }

  text(node: number): string {
    return this.b.textOf(node);
  }

  /** Records a statement of a function body, once walked, when it does more than bind local names. */
  statement(node: number, effectsBefore: number, flags = 0): void {
    const all = flags | (this.effects > effectsBefore ? STATEMENT_FLAG.effect : 0);
    if (all === 0 || this.fn < 0) return;
    this.b.statements.add(this.b.startOf(node), this.b.endOf(node), this.b.scope, all, this.fn);
  }
}
