import { uuidv7 } from 'uuidv7';
import { asId, type MasterplanId } from '../domain/index.ts';

/** A new time-ordered id (UUID version 7) of the kind the caller names. */
export function newId<T extends MasterplanId | string>(): T {
  return asId<MasterplanId>(uuidv7()) as string as T;
}

const LAST_DIGITS = 8;

/** `count` new ids as `newId` makes them, one after the other: one is drawn, the others count on from it. */
export function newIds(count: number): string[] {
  const first = uuidv7();
  const stem = first.slice(0, -LAST_DIGITS);
  const start = Number.parseInt(first.slice(-LAST_DIGITS), 16);
  // What was drawn lies above what is counted, so no two calls meet even when this runs over.
  return Array.from(
    { length: count },
    (_, n) => stem + ((start + n) % 2 ** 32).toString(16).padStart(LAST_DIGITS, '0'),
  );
}
