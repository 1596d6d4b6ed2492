/** Whether the failure is gone when these suspects carry their other text. */
export type Probe = (swapped: ReadonlySet<string>) => Promise<boolean>;

/** Thrown by a probe that may run no more. */
export class ProbesUsedUp extends Error {}

/**
 * Finds the suspects whose text causes a failure: a smallest set that makes it go away when each of the set carries its other text.
 * One culprit among n takes about log2(n) + 1 runs, k of them about k times as many (after Junker, "QuickXplain", 2004). Empty when
 * swapping all of them changes nothing; the smallest set known to suffice when the probe runs out.
 */
export async function findCulprits(suspects: readonly string[], isGone: Probe): Promise<string[]> {
  let known: readonly string[] = [];
  const narrow = async (base: readonly string[], of: readonly string[]): Promise<string[]> => {
    if (of.length <= 1) return [...of];
    const half = Math.ceil(of.length / 2);
    const [left, right] = [of.slice(0, half), of.slice(half)];
    for (const [part, other] of [
      [left, right],
      [right, left],
    ] as const) {
      if (await isGone(new Set([...base, ...part]))) {
        known = known.filter((id) => !other.includes(id));
        return narrow(base, part);
      }
    }
    // Both halves hold a part of the cause.
    const first = await narrow([...base, ...right], left);
    return [...first, ...(await narrow([...base, ...first], right))];
  };
  try {
    if (suspects.length === 0 || !(await isGone(new Set(suspects)))) return [];
    known = suspects;
    return await narrow([], suspects);
  } catch (error) {
    if (error instanceof ProbesUsedUp) return [...known];
    throw error;
  }
}
