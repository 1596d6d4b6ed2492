/** A growing table of rows; becomes one Int32Array. */
export class Rows {
  readonly cells: number[] = [];
  readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  get count(): number {
    return this.cells.length / this.width;
  }

  add(...cells: number[]): number {
    const row = this.cells.length / this.width;
    for (let column = 0; column < this.width; column += 1) this.cells.push(cells[column] ?? -1);
    return row;
  }

  get(row: number, column: number): number {
    return this.cells[row * this.width + column] ?? -1;
  }

  set(row: number, column: number, value: number): void {
    this.cells[row * this.width + column] = value;
  }
}
