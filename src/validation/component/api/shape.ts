import { TextPositions } from '../../text-position.ts';

/** A place in a file of the project. */
export interface Place {
  readonly path: string;
  readonly text: string;
  readonly position: number;
}

export interface Member {
  readonly shape: Shape;
  /** True when it may be left out. */
  readonly isOptional: boolean;
  readonly place: Place;
}

/** What a JSON value looks like, as far as the source says it. */
export type Shape =
  | { readonly kind: 'unknown' | 'number' | 'boolean' | 'null' }
  /** `values` are all that it may be; null where it may be any text. */
  | { readonly kind: 'text'; readonly values: readonly string[] | null }
  | { readonly kind: 'array'; readonly item: Shape }
  | {
      readonly kind: 'object';
      readonly members: ReadonlyMap<string, Member>;
      /** More members than these are possible. */
      readonly isOpen: boolean;
      /** Other members are refused, not passed over. */
      readonly isStrict?: boolean;
    }
  | { readonly kind: 'union'; readonly parts: readonly Shape[] };

export const UNKNOWN: Shape = { kind: 'unknown' };
export const TEXT: Shape = { kind: 'text', values: null };

/** A choice between shapes; null and choices within it count for nothing of their own. */
export function unionOf(parts: readonly Shape[]): Shape {
  const flat = parts
    .flatMap((part) => (part.kind === 'union' ? part.parts : [part]))
    .filter(({ kind }) => kind !== 'null');
  if (flat.some(({ kind }) => kind === 'unknown')) return UNKNOWN;
  const texts = flat.filter((part) => part.kind === 'text');
  const others = flat.filter((part) => part.kind !== 'text');
  const values = texts.flatMap((part) => part.values ?? []);
  const text: Shape[] =
    texts.length === 0
      ? []
      : [{ kind: 'text', values: texts.some((part) => part.values === null) ? null : [...new Set(values)] }];
  const booleans = others.filter(({ kind }) => kind === 'boolean').slice(0, 1);
  const kept = [...text, ...booleans, ...others.filter(({ kind }) => kind !== 'boolean')];
  const [only] = kept;
  if (only === undefined) return { kind: 'null' };
  return kept.length === 1 ? only : { kind: 'union', parts: kept };
}

/** All members optional, as in `Partial`. */
export function partialOf(shape: Shape): Shape {
  if (shape.kind !== 'object') return shape;
  const members = new Map([...shape.members].map(([name, member]) => [name, { ...member, isOptional: true }]));
  return { ...shape, members };
}

/** `src/api/posts.ts:12`. */
export function shownPlace({ path, text, position }: Place): string {
  return `${path}:${String(new TextPositions(text).at(position).line)}`;
}
