/** What waits for the next batch. */
interface Asked<K, V> {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
}

/** One value per key, or what it will be. */
type Load<K, V> = (keys: readonly K[]) => Promise<readonly (V | PromiseLike<V>)[]>;

/**
 * Asks for many things at once: what is asked for in one turn of the event loop, and whatever comes while a batch is under way, goes
 * together. Under load the cost of a statement is shared by as many as wait for it; when idle nothing waits.
 */
export class Gather<K, V> {
  private readonly load: Load<K, V>;
  private readonly most: number;
  private waiting: Asked<K, V>[] = [];
  private isServing = false;

  /** `load` gives one value per key, in their order; it gets `most` keys at once at most. */
  constructor(load: Load<K, V>, most = 200) {
    this.load = load;
    this.most = most;
  }

  /** Rejects with what `load` rejects with, for all of the batch. */
  get(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.isServing) return;
      this.isServing = true;
      setImmediate(() => void this.serve());
    });
  }

  private async serve(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.most);
      try {
        const values = await this.load(batch.map(({ key }) => key));
        batch.forEach(({ resolve }, n) => resolve(values[n] as V));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isServing = false;
  }
}

/** One `Gather` per connection pool: what is read over one must not wait for another. */
export function gatherPer<D extends object, K, V>(
  load: (db: D, keys: readonly K[]) => ReturnType<Load<K, V>>,
): (db: D, key: K) => Promise<V> {
  const known = new WeakMap<D, Gather<K, V>>();
  return (db, key) => {
    const gather = known.get(db) ?? new Gather<K, V>((keys) => load(db, keys));
    known.set(db, gather);
    return gather.get(key);
  };
}
