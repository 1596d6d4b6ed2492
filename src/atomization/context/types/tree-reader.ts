import { NODE_NAMED, type SyntaxTable } from '../../../adapters/parser/index.ts';

/** Small questions about the nodes of one file, by name. For code that looks at few nodes: the hot passes use the numbers. */
export class TreeReader {
  readonly table: SyntaxTable;
  private readonly text: string;

  constructor(text: string, table: SyntaxTable) {
    this.text = text;
    this.table = table;
  }

  type(node: number): string {
    return node < 0 ? '' : (this.table.types[this.table.kind[node] as number] ?? '');
  }

  slice(node: number): string {
    return node < 0 ? '' : this.text.slice(this.table.start[node], this.table.end[node]);
  }

  /** How many characters a node has. */
  length(node: number): number {
    return (this.table.end[node] as number) - (this.table.start[node] as number);
  }

  /** The text between two positions. */
  between(start: number, end: number): string {
    return this.text.slice(start, end);
  }

  parent(node: number): number {
    return node < 0 ? -1 : (this.table.parent[node] as number);
  }

  /** Name of the field under which a node stands in its parent; empty for none. */
  role(node: number): string {
    return this.table.fields[this.table.field[node] as number] ?? '';
  }

  isNamed(node: number): boolean {
    return ((this.table.flags[node] as number) & NODE_NAMED) !== 0;
  }

  /** Children, punctuation included. */
  children(node: number): number[] {
    const { after } = this.table;
    const found: number[] = [];
    for (let child = node + 1; child < (after[node] as number); child = after[child] as number) found.push(child);
    return found;
  }

  /** Named children that are no comments. */
  parts(node: number): number[] {
    const { after } = this.table;
    const found: number[] = [];
    for (let child = node + 1; child < (after[node] as number); child = after[child] as number)
      if (this.isNamed(child) && this.type(child) !== 'comment') found.push(child);
    return found;
  }

  /** The first child in a field; -1 for none. */
  field(node: number, name: string): number {
    if (node < 0) return -1;
    const { after, field, fields } = this.table;
    const last = after[node] as number;
    for (let child = node + 1; child < last; child = after[child] as number) {
      const role = field[child] as number;
      if (role !== 0 && fields[role] === name) return child;
    }
    return -1;
  }
}
