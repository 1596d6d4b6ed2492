import type { Value } from './values.ts';

/** The names of a function, or of the module. */
export class Scope {
  readonly names = new Map<string, Value>();
  readonly parent: Scope | null;
  /** Names that a `nonlocal` or `global` statement takes from outside. */
  readonly outer = new Map<string, Scope>();

  constructor(parent: Scope | null) {
    this.parent = parent;
  }

  get(name: string): Value | undefined {
    const own = this.names.get(name);
    return own === undefined ? this.parent?.get(name) : own;
  }

  set(name: string, value: Value): void {
    (this.outer.get(name) ?? this).names.set(name, value);
  }
}

/** How a block is left. */
export type Exit = { readonly kind: 'return'; readonly value: Value } | { readonly kind: 'break' | 'continue' } | null;

/** What one folding may do: a number of steps and of nested calls. */
export class Budget {
  private steps: number;
  depth = 0;

  constructor(steps: number) {
    this.steps = steps;
  }

  /** True while there are steps left. */
  take(): boolean {
    return --this.steps > 0;
  }
}
