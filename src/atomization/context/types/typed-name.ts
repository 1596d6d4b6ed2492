import type { AtomContext } from '../../../domain/index.ts';

/** A parameter with its type; the result of a function is named `return`. */
export type TypedName = AtomContext['types'][number];
