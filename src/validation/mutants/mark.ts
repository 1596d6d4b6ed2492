/** A parameter whose values are looked at. */
export interface Parameter {
  readonly name: string;
  /** Some condition of the function speaks of it. */
  readonly isAsked: boolean;
}

/** A place whose ways are counted: a block, a condition, two compared sides, or the parameters of a function. */
export interface Mark {
  readonly id: number;
  readonly kind: 'block' | 'condition' | 'equality' | 'inputs';
  /** 1-based, in the text without marks. */
  readonly line: number;
  readonly what: string;
  /** The parameters of `inputs`. */
  readonly parameters?: readonly Parameter[];
}
