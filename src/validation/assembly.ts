import { decodeSource } from '../adapters/parser/index.ts';

/** A file put together around a candidate, as text, with the candidate's place in it (UTF-16 positions, end exclusive). */
export interface Assembly {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The first position of `text` whose byte offset is at least `byte`. */
function indexAtByte(byteOffsetOf: (index: number) => number, length: number, byte: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byteOffsetOf(middle) < byte) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Joins the bytes before, of and after a candidate. The encoding is that of the whole: a slice alone may not show it. */
export function assemble(before: Uint8Array, candidate: Uint8Array, after: Uint8Array): Assembly {
  const { text, byteOffsetOf } = decodeSource(concat([before, candidate, after]));
  return {
    text,
    start: indexAtByte(byteOffsetOf, text.length, before.length),
    end: indexAtByte(byteOffsetOf, text.length, before.length + candidate.length),
  };
}
