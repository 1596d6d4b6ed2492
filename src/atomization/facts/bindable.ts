import type { Numbers, Rows } from './rows.ts';

/** A definition as the walk finds it. */
export interface Definition {
  readonly kind: number;
  /** Number of the name. */
  readonly name: number;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  readonly scope?: number;
  readonly type?: number;
  readonly value?: number;
  readonly extra?: number;
}

/** What binding names needs of the facts of a file. */
export interface BindableFacts {
  readonly scopes: Rows;
  readonly defs: Rows;
  readonly symbols: Rows;
  readonly uses: Rows;
  readonly lists: Numbers;
  /** The definition made by each use that assigns. */
  readonly assignments: Map<number, number>;
  /** Uses of names that what they hold is changed through. */
  readonly touches: readonly number[];
  nameAt(id: number): string;
  /** Adds a definition; gives its number. */
  define(definition: Definition): number;
  /** The innermost scope of one of these kinds around a scope, itself included. */
  enclosing(scope: number, ...kinds: number[]): number;
}
