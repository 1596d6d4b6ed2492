import { setFlagsFromString } from 'node:v8';

/**
 * Versions of V8 on which this was measured: elsewhere modules run as they are. Flags that a version does not know would be
 * complained about on standard error.
 */
const MEASURED = /^11\./;

/** Functions are compiled when they are first called: so many uses meet nearly all that will ever be called. */
const FIRST_USES = 8;

function withBaselineCode<T>(work: () => T): T {
  setFlagsFromString('--no-wasm-dynamic-tiering');
  setFlagsFromString('--no-wasm-tier-up');
  try {
    return work();
  } finally {
    setFlagsFromString('--wasm-tier-up');
    setFlagsFromString('--wasm-dynamic-tiering');
  }
}

/**
 * Wraps the loading and the uses of a large WebAssembly module whose functions V8 is not to compile a second time for speed. Of a
 * module of 10 MB hundreds of functions count as hot soon: optimizing them takes 3 to 5 s of CPU in the background, where the baseline
 * code is slower by a quarter of a millisecond per linted file. What another thread compiles in the same moment keeps its
 * baseline code as well, which makes it slower, never wrong.
 */
export function baselineCode(): <T>(work: () => T) => T {
  let uses = 0;
  return (work) => (MEASURED.test(process.versions.v8) && uses++ < FIRST_USES ? withBaselineCode(work) : work());
}
