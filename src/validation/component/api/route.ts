import type { Place, Shape } from './shape.ts';

/** A segment that a parameter or a variable stands for: of any kind, or a number. */
export const ANY = '*';
export const NUMBER = '#';

export interface Route {
  /** Lower case; `any` where all are served. */
  readonly method: string;
  readonly segments: readonly string[];
  /** What stands before it is not known. */
  readonly isOpen: boolean;
  readonly place: Place;
  readonly body: Shape;
  readonly answer: Shape;
}

export function segmentsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** `GET /api/posts/{…}`. */
export function shownRoute(method: string, segments: readonly string[]): string {
  const path = segments.map((part) => (part === ANY || part === NUMBER ? '{…}' : part)).join('/');
  return `${method.toUpperCase()} /${path}`;
}
