/** Identifiers. All are UUIDs (version 7 where this service makes them), kept apart by brand so that one cannot be passed for another. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type MasterplanId = Branded<'masterplan'>;
export type TaskId = Branded<'task'>;
export type AtomId = Branded<'atom'>;
export type GraphId = Branded<'graph'>;
export type WaveId = Branded<'wave'>;
export type ExecutionId = Branded<'execution'>;
export type ReviewId = Branded<'review'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True when `text` has the form of a UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Brands a string as an id of one kind.
 * @throws {TypeError} when it is not a UUID: an id comes from the database or has been checked at the door.
 */
export function asId<T extends Branded<string>>(text: string): T {
  if (!isUuid(text)) throw new TypeError(`"${text}" is not a UUID`);
  return text.toLowerCase() as T;
}
