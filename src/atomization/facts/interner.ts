/** Strings kept before they are all forgotten: names of other projects would otherwise pile up in a process that runs for months. */
const MAX_KEPT = 200_000;

/**
 * Numbers the names of a file. Names are looked up by their characters in the text, so that one that was met before, in this file
 * or an earlier one of the thread, makes no new string. One at a time: `begin` starts the next file.
 */
export class Interner {
  /** Names of the file begun last, by number. */
  names: string[] = [];
  private kept: string[] = [];
  /** For each kept string: its number in the current file, valid where `seenIn` says so. */
  private numbers = new Int32Array(1 << 12);
  private seenIn = new Int32Array(1 << 12);
  private table = new Int32Array(1 << 13).fill(-1);
  private file = 0;
  private text = '';

  begin(text: string): void {
    this.text = text;
    this.names = [];
    this.file += 1;
    if (this.kept.length > MAX_KEPT) this.forget();
  }

  private forget(): void {
    this.kept = [];
    this.table.fill(-1);
    this.seenIn.fill(0);
  }

  /** Number of the name at a stretch of the text. */
  span(start: number, end: number): number {
    return this.find(this.text, start, end);
  }

  /** Number of a name that is not written like that in the text. */
  name(name: string): number {
    return this.find(name, 0, name.length);
  }

  private find(text: string, start: number, end: number): number {
    const mask = this.table.length - 1;
    let slot = hashOf(text, start, end) & mask;
    for (let id = this.table[slot] ?? -1; id >= 0; id = this.table[slot] ?? -1) {
      if (sameText(this.kept[id] ?? '', text, start, end)) return this.numbered(id);
      slot = (slot + 1) & mask;
    }
    return this.numbered(this.keep(text.slice(start, end), slot));
  }

  private numbered(id: number): number {
    if (this.seenIn[id] !== this.file) {
      this.seenIn[id] = this.file;
      this.numbers[id] = this.names.length;
      this.names.push(this.kept[id] ?? '');
    }
    return this.numbers[id] ?? -1;
  }

  private keep(slice: string, slot: number): number {
    const id = this.kept.length;
    this.kept.push(slice.length < OWN_COPY ? slice : ownCopy(slice));
    this.table[slot] = id;
    if (id >= this.numbers.length - 1) this.grow();
    return id;
  }

  private grow(): void {
    this.numbers = enlarged(this.numbers);
    this.seenIn = enlarged(this.seenIn);
    const table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = table.length - 1;
    this.kept.forEach((name, id) => {
      let slot = hashOf(name, 0, name.length) & mask;
      while ((table[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      table[slot] = id;
    });
    this.table = table;
  }
}

/** V8 copies slices shorter than this; longer ones point into the string they were taken from. */
const OWN_COPY = 13;
const PRIME = 0x01000193;
const LATIN = /^[\0-\xff]*$/;

/** A string of its own: a slice would keep the whole text of its file in memory. */
function ownCopy(slice: string): string {
  const encoding = LATIN.test(slice) ? 'latin1' : 'utf16le';
  return Buffer.from(slice, encoding).toString(encoding);
}

/** Over the length and the characters at both ends and in the middle: names that agree in those are told apart by comparing. */
function hashOf(text: string, start: number, end: number): number {
  const length = end - start;
  let hash = length;
  if (length > 0) {
    hash = Math.imul(hash ^ text.charCodeAt(start), PRIME) ^ text.charCodeAt(end - 1);
    if (length > 2) hash = Math.imul(hash, PRIME) ^ (text.charCodeAt(start + 1) << 8) ^ text.charCodeAt(end - 2);
    if (length > 4) hash = Math.imul(hash, PRIME) ^ (text.charCodeAt(start + 2) << 8) ^ text.charCodeAt(end - 3);
    if (length > 6)
      hash = Math.imul(hash, PRIME) ^ (text.charCodeAt(start + 3) << 8) ^ text.charCodeAt(start + (length >> 1));
    hash = Math.imul(hash, PRIME);
  }
  return hash ^ (hash >>> 15);
}

function sameText(name: string, text: string, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i += 1) if (name.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  return true;
}

function enlarged(column: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}
