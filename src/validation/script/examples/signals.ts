/** The reckoning gives up: something it does not know, or too much of it. Nothing follows from that. */
export class Give extends Error {
  override readonly name = 'Give';
}

/** What the reckoned code threw itself. */
export class Thrown extends Error {
  override readonly name = 'Thrown';
  readonly value: unknown;

  constructor(value: unknown) {
    super('thrown by the code');
    this.value = value;
  }
}

/** How a statement ended, where not by running into its end. */
export type Ending =
  | { readonly kind: 'return'; readonly value: unknown }
  | { readonly kind: 'break' | 'continue'; readonly label: string | null };

/** Names and their values, inside out. */
export class Scope {
  private readonly values = new Map<string, { value: unknown; constant: boolean }>();
  readonly parent: Scope | null;
  /** What `this` is, and the class that `super` starts from; inherited unless set. */
  self: unknown;
  home: { prototype: object; parent: unknown } | null;

  constructor(parent: Scope | null) {
    this.parent = parent;
    this.self = parent?.self;
    this.home = parent?.home ?? null;
  }

  declare(name: string, value: unknown, constant = false): void {
    this.values.set(name, { value, constant });
  }

  find(name: string): { value: unknown; constant: boolean } | null {
    return this.values.get(name) ?? this.parent?.find(name) ?? null;
  }

  copy(): Scope {
    const copied = new Scope(this.parent);
    copied.self = this.self;
    copied.home = this.home;
    for (const [name, { value, constant }] of this.values) copied.declare(name, value, constant);
    return copied;
  }
}

const FUNCTION_SCOPES = new WeakSet<Scope>();

/** Marks the scope of a function: what `var` declares belongs to it. */
export function markFunction(scope: Scope): void {
  FUNCTION_SCOPES.add(scope);
}

/** The scope of the function that a scope belongs to. */
export function functionScope(scope: Scope): Scope {
  let at = scope;
  while (at.parent !== null && !FUNCTION_SCOPES.has(at)) at = at.parent;
  return at;
}

/** Runs a function of the host: what it throws is thrown by the code. */
export function host<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Give || error instanceof Thrown) throw error;
    if (error instanceof RangeError && /call stack/.test(error.message)) throw new Give('too deep');
    throw new Thrown(error);
  }
}

/** What the code threw, or null for what is the reckoner's own business. */
export function asThrown(error: unknown): Thrown | null {
  return error instanceof Thrown ? error : null;
}
