/** A growing table of rows; becomes one Int32Array. Cells that are not given are -1. */
export class Rows {
  readonly width: number;
  count = 0;
  private cells: Int32Array;

  constructor(width: number, capacity = 256) {
    this.width = width;
    this.cells = new Int32Array(width * capacity).fill(-1);
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

  /** The rows added so far, as one array of their own. */
  pack(): Int32Array {
    return this.cells.slice(0, this.count * this.width);
  }
}
