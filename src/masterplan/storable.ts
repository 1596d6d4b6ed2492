/** True when a text survives UTF-8: it holds no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** True when the database can hold a text as it is: well formed, and without NUL. */
export function isStorable(text: string): boolean {
  return isWellFormed(text) && !text.includes('\0');
}
