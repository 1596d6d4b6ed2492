/** True when a text survives UTF-8: it holds no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** True when the database can hold a text as it is: well formed, and without NUL. */
export function isStorable(text: string): boolean {
  return isWellFormed(text) && !text.includes('\0');
}

/** True when the database can hold a JSON value. `JSON.stringify` escapes exactly what it cannot: NUL and halves of surrogate pairs. */
export function isStorableJson(value: unknown): boolean {
  return !/\\u(?:0000|d[89a-f]..)/i.test(JSON.stringify(value) ?? '');
}
