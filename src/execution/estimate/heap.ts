/** A binary heap of atom indices, the least by `compare` on top. */
export class Heap {
  private readonly items: number[] = [];
  private readonly compare: (a: number, b: number) => number;

  constructor(compare: (a: number, b: number) => number) {
    this.compare = compare;
  }

  get size(): number {
    return this.items.length;
  }

  push(item: number): void {
    const { items } = this;
    items.push(item);
    let at = items.length - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.compare(items[at] ?? 0, items[above] ?? 0) >= 0) break;
      this.swap(at, above);
      at = above;
    }
  }

  /** The least item; there must be one. */
  pop(): number {
    const { items } = this;
    const top = items[0] ?? 0;
    const last = items.pop() ?? 0;
    if (items.length === 0) return top;
    items[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < items.length && this.compare(items[left] ?? 0, items[least] ?? 0) < 0) least = left;
      if (right < items.length && this.compare(items[right] ?? 0, items[least] ?? 0) < 0) least = right;
      if (least === at) return top;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(a: number, b: number): void {
    const { items } = this;
    [items[a], items[b]] = [items[b] ?? 0, items[a] ?? 0];
  }
}
