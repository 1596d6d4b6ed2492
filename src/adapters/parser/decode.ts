import { isUtf8 } from 'node:buffer';

export type SourceEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

/** A file's bytes as text, and the way back from positions in the text to bytes. */
export interface DecodedSource {
  /** Without the byte order mark. */
  readonly text: string;
  readonly encoding: SourceEncoding;
  /** True when the bytes begin with a byte order mark. */
  readonly bom: boolean;
  /**
   * The byte at which the UTF-16 position `index` of `text` lies. Position 0 is byte 0 (a byte order mark belongs to the first
   * character) and `text.length` is the end of the bytes, so that slices between positions always tile the file.
   */
  readonly byteOffsetOf: (index: number) => number;
}

/** Positions between two stored byte offsets. */
const STRIDE = 512;

/** How many bytes the characters of `text` in [from, to) take in UTF-8. `from` and `to` do not split a surrogate pair. */
function utf8Length(text: string, from: number, to: number): number {
  let bytes = 0;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    // Both halves of a pair count two: together the four bytes of the character.
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}

/** Byte offsets of every STRIDE-th position. */
function utf8Offsets(text: string): Uint32Array {
  const offsets = new Uint32Array(Math.floor(text.length / STRIDE) + 1);
  for (let i = 1; i < offsets.length; i++) {
    offsets[i] = (offsets[i - 1] ?? 0) + utf8Length(text, (i - 1) * STRIDE, i * STRIDE);
  }
  return offsets;
}

function decoded(
  text: string,
  encoding: SourceEncoding,
  bom: boolean,
  total: number,
  offsetOf: (index: number) => number,
): DecodedSource {
  const last = text.length;
  return {
    text,
    encoding,
    bom,
    byteOffsetOf: (index) => (index <= 0 ? 0 : index >= last ? total : offsetOf(index)),
  };
}

function fromUtf8(bytes: Uint8Array, bomLength: number): DecodedSource {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + bomLength, bytes.byteLength - bomLength).toString('utf8');
  const bom = bomLength > 0;
  if (text.length === bytes.length - bomLength) {
    return decoded(text, 'utf-8', bom, bytes.length, (index) => index + bomLength);
  }
  let offsets: Uint32Array | undefined;
  return decoded(text, 'utf-8', bom, bytes.length, (index) => {
    offsets ??= utf8Offsets(text);
    const slot = Math.floor(index / STRIDE);
    return bomLength + (offsets[slot] ?? 0) + utf8Length(text, slot * STRIDE, index);
  });
}

function fromUtf16(bytes: Uint8Array, bomLength: number, bigEndian: boolean): DecodedSource {
  const copy = Buffer.from(bytes.subarray(bomLength));
  const text = (bigEndian ? copy.swap16() : copy).toString('utf16le');
  const encoding = bigEndian ? 'utf-16be' : 'utf-16le';
  return decoded(text, encoding, bomLength > 0, bytes.length, (index) => bomLength + index * 2);
}

/**
 * UTF-16 without a byte order mark shows by its zeros: mostly ASCII text has one in nearly every second byte, always on the
 * same side. Returns undefined where the bytes do not look so.
 */
function guessUtf16(bytes: Uint8Array): 'le' | 'be' | undefined {
  if (bytes.length < 8 || bytes.length % 2 !== 0) return undefined;
  const sample = Math.min(bytes.length, 4096) & ~1;
  let evenZeros = 0;
  let oddZeros = 0;
  for (let i = 0; i < sample; i += 2) {
    if (bytes[i] === 0) evenZeros++;
    if (bytes[i + 1] === 0) oddZeros++;
  }
  const pairs = sample / 2;
  if (oddZeros > pairs * 0.7 && evenZeros < pairs * 0.05) return 'le';
  if (evenZeros > pairs * 0.7 && oddZeros < pairs * 0.05) return 'be';
  return undefined;
}

/**
 * Decodes source of any encoding without losing a byte: UTF-8 and UTF-16 with or without a byte order mark; whatever else it is
 * reads as Latin-1, one character per byte. Never throws.
 */
export function decodeSource(bytes: Uint8Array): DecodedSource {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf && isUtf8(bytes)) return fromUtf8(bytes, 3);
  const evenLength = bytes.length % 2 === 0;
  if (bytes[0] === 0xff && bytes[1] === 0xfe && evenLength) return fromUtf16(bytes, 2, false);
  if (bytes[0] === 0xfe && bytes[1] === 0xff && evenLength) return fromUtf16(bytes, 2, true);
  const guess = guessUtf16(bytes);
  if (guess !== undefined) return fromUtf16(bytes, 0, guess === 'be');
  if (isUtf8(bytes)) return fromUtf8(bytes, 0);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return decoded(text, 'latin1', false, bytes.length, (index) => index);
}
