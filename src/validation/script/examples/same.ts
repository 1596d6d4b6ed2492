/** Whether two values are the same to a test: lists and records by content, missing and `undefined` members alike. */
export function same(a: unknown, b: unknown, depth = 0): boolean {
  if (Object.is(a, b) || (a === 0 && b === 0)) return true;
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > 40) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Map && b instanceof Map) return same([...a], [...b], depth + 1);
  if (a instanceof Set && b instanceof Set)
    return a.size === b.size && [...a].every((item) => [...b].some((other) => same(item, other, depth + 1)));
  if (a instanceof Error && b instanceof Error) return a.message === b.message;
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) =>
    same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], depth + 1),
  );
}
