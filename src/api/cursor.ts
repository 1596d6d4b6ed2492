import { MgeError } from '../domain/index.ts';

const VERSION = 'c1';

/** An opaque position in a list. */
export function encodeCursor(position: string | number): string {
  return Buffer.from(`${VERSION}:${position}`).toString('base64url');
}

/**
 * The position that a cursor stands for.
 * @throws {MgeError} VALIDATION_FAILED when it is not one that `encodeCursor` made, or not of the wanted form.
 */
export function decodeCursor(cursor: string, form: RegExp): string {
  const [version, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  const position = rest.join(':');
  if (version !== VERSION || !form.test(position)) throw invalidCursor();
  return position;
}

export function invalidCursor(): MgeError {
  return new MgeError('VALIDATION_FAILED', 'The cursor is not one that this list gave.', {
    fields: [{ pointer: '?cursor', detail: 'is not a cursor of this list' }],
  });
}

/** Forms of the positions that lists here use. */
export const CURSOR_NUMBER = /^\d{1,15}$/;
export const CURSOR_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface WirePage<T> {
  readonly data: T[];
  readonly page: { readonly next_cursor: string | null; readonly has_more: boolean };
}

/** A page out of `limit + 1` rows: the one too many says that there is more. */
export function pageOfRows<Row, T>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => string | number,
  present: (row: Row) => T,
): WirePage<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    data: shown.map(present),
    page: { next_cursor: hasMore ? encodeCursor(positionOf(last)) : null, has_more: hasMore },
  };
}
