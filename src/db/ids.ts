import { uuidv7 } from 'uuidv7';
import { asId, type MasterplanId } from '../domain/index.ts';

/** A new time-ordered id (UUID version 7) of the kind the caller names. */
export function newId<T extends MasterplanId | string>(): T {
  return asId<MasterplanId>(uuidv7()) as string as T;
}
