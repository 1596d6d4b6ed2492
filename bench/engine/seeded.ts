/** Milliseconds that an atom works, 10 to 500, from the seed and its place in the plan. */
export function seededMs(seed: number, atomNumber: number): number {
  let x = (seed * 2_654_435_761 + atomNumber * 40_503) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 2_246_822_519) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 3_266_489_917) >>> 0;
  return 10 + (((x ^ (x >>> 16)) >>> 0) % 491);
}
