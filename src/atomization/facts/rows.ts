/** A growing table of rows; becomes part of one Int32Array. Cells that are not given are -1. Reused from file to file. */
export class Rows {
  readonly width: number;
  count = 0;
  cells: Int32Array;

  constructor(width: number, capacity = 256) {
    this.width = width;
    this.cells = new Int32Array(width * capacity);
  }

  clear(): void {
    this.count = 0;
    // One huge file does not make all that follow keep its memory.
    if (this.cells.length > MAX_KEPT_CELLS) this.cells = new Int32Array(this.width * 256);
  }

  /** Fixed parameters instead of a rest parameter: this is called for every name of every file. */
  add(a: number, b = -1, c = -1, d = -1, e = -1, f = -1, g = -1, h = -1, i = -1, j = -1, k = -1, l = -1): number {
    const { width } = this;
    const at = this.count * width;
    if (at + width > this.cells.length) this.grow();
    const { cells } = this;
    cells[at] = a;
    cells[at + 1] = b;
    cells[at + 2] = c;
    if (width > 3) cells[at + 3] = d;
    if (width > 4) cells[at + 4] = e;
    if (width > 5) cells[at + 5] = f;
    if (width > 6) cells[at + 6] = g;
    if (width > 7) cells[at + 7] = h;
    if (width > 8) cells[at + 8] = i;
    if (width > 9) {
      cells[at + 9] = j;
      cells[at + 10] = k;
      cells[at + 11] = l;
    }
    return this.count++;
  }

  private grow(): void {
    const larger = new Int32Array(this.cells.length * 2);
    larger.set(this.cells);
    this.cells = larger;
  }

  get(row: number, column: number): number {
    return row < 0 ? -1 : (this.cells[row * this.width + column] ?? -1);
  }

  set(row: number, column: number, value: number): void {
    this.cells[row * this.width + column] = value;
  }

  get size(): number {
    return this.count * this.width;
  }
}

const MAX_KEPT_CELLS = 1 << 20;

/** Numbers one after the other, likewise reused. */
export class Numbers {
  length = 0;
  cells = new Int32Array(1 << 10);

  clear(): void {
    this.length = 0;
    if (this.cells.length > MAX_KEPT_CELLS) this.cells = new Int32Array(1 << 10);
  }

  push(value: number): void {
    if (this.length === this.cells.length) {
      const larger = new Int32Array(this.cells.length * 2);
      larger.set(this.cells);
      this.cells = larger;
    }
    this.cells[this.length++] = value;
  }

  get size(): number {
    return this.length;
  }

  at(index: number): number {
    return index < 0 ? -1 : (this.cells[index] ?? -1);
  }
}

/** Copies of the filled parts, all in one buffer: one allocation per file, and one copy when it moves to another thread. */
export function packed(parts: readonly { cells: Int32Array; size: number }[]): Int32Array[] {
  const total = parts.reduce((sum, part) => sum + part.size, 0);
  const slab = new Int32Array(total);
  let at = 0;
  return parts.map(({ cells, size }) => {
    slab.set(cells.subarray(0, size), at);
    at += size;
    return slab.subarray(at - size, at);
  });
}
