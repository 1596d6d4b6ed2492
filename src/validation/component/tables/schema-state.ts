import type { Column, ForeignKey, Place, Table } from './table.ts';

interface MutableTable {
  readonly name: string;
  readonly place: Place;
  readonly columns: Map<string, Column>;
  isOpen: boolean;
}

/** The tables that migrations leave, each carried out after the other. */
export class SchemaState {
  private readonly known = new Map<string, MutableTable>();
  /** True when some migration does what cannot be read: nothing can be said of missing tables then. */
  isOpen = false;

  get tables(): ReadonlyMap<string, Table> {
    return this.known;
  }

  create(name: string, place: Place, columns: readonly Column[], isOpen: boolean): void {
    const byName = new Map(columns.map((column) => [column.name, column]));
    this.known.set(name, { name, place, columns: byName, isOpen });
  }

  drop(name: string): void {
    this.known.delete(name);
  }

  rename(from: string, to: string): void {
    const table = this.known.get(from);
    if (table === undefined) return;
    this.known.delete(from);
    this.known.set(to, { ...table, name: to });
  }

  addColumn(table: string, column: Column): void {
    this.known.get(table)?.columns.set(column.name, column);
  }

  dropColumn(table: string, column: string): void {
    this.known.get(table)?.columns.delete(column);
  }

  changeColumn(table: string, name: string, change: Partial<Column>): void {
    const columns = this.known.get(table)?.columns;
    const column = columns?.get(name);
    if (columns === undefined || column === undefined) return;
    columns.delete(name);
    columns.set(change.name ?? name, { ...column, ...change });
  }

  addReference(table: string, column: string, references: ForeignKey): void {
    this.changeColumn(table, column, { references });
  }

  /** A table that is changed in ways that cannot be read. */
  open(table: string): void {
    const known = this.known.get(table);
    if (known !== undefined) known.isOpen = true;
  }
}
