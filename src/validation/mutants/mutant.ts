/** What a mutant changes; the groups differ in what a survivor says. */
export const MUTATION_KINDS = [
  /** `<` for `<=` and the like. */
  'boundary',
  /** An early return or error that never comes. */
  'guard',
  /** A condition turned round, `==` for `!=`. */
  'condition',
  /** `and` for `or`. */
  'logic',
  /** A number one higher or lower, true for false. */
  'literal',
  /** `+` for `-` and the like. */
  'arithmetic',
  /** A statement left out. */
  'statement',
  /** Nothing, or the opposite, returned. */
  'result',
  /** A keyword or the last argument left out. */
  'argument',
] as const;
export type MutationKind = (typeof MUTATION_KINDS)[number];

/** One small change of a text that should make a test fail. */
export interface Mutant {
  readonly kind: MutationKind;
  /** UTF-16 positions in the whole text, end exclusive; what stands there is replaced. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** 1-based, in the whole text. */
  readonly line: number;
  /** The change in words that go after "no test notices when". */
  readonly what: string;
}

export function applyMutant(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
