/** Directed graphs in compressed form, and their strongly connected components in linear time. */

/** Successors of node `i` are `targets[offsets[i]] … targets[offsets[i + 1] - 1]`; `edgeOf` names the edge behind each slot. */
export interface Adjacency {
  readonly nodeCount: number;
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  readonly edgeOf: Int32Array;
}

/** A component per node. Components are numbered dependencies first: an edge never leads to a higher component. */
export interface Components {
  readonly count: number;
  readonly of: Int32Array;
  readonly sizes: Int32Array;
}

/** Read access to a typed array at an index that the caller knows to be inside. */
export function at(array: Int32Array | Float64Array | Uint16Array | Uint8Array, index: number): number {
  return array[index] as number;
}

/**
 * Builds the adjacency of `sources[e] -> targets[e]` for all edges `e` that `keep` admits (all, when it is left out). Self loops
 * are dropped: they order nothing.
 */
export function buildAdjacency(
  nodeCount: number,
  sources: Int32Array,
  targets: Int32Array,
  keep?: (edge: number) => boolean,
): Adjacency {
  const offsets = new Int32Array(nodeCount + 1);
  const kept = new Uint8Array(sources.length);
  for (let e = 0; e < sources.length; e += 1) {
    if (at(sources, e) === at(targets, e) || (keep !== undefined && !keep(e))) continue;
    kept[e] = 1;
    offsets[at(sources, e) + 1] = at(offsets, at(sources, e) + 1) + 1;
  }
  for (let i = 0; i < nodeCount; i += 1) offsets[i + 1] = at(offsets, i + 1) + at(offsets, i);
  const cursor = offsets.slice(0, nodeCount);
  const heads = new Int32Array(at(offsets, nodeCount));
  const edgeOf = new Int32Array(heads.length);
  for (let e = 0; e < sources.length; e += 1) {
    if (kept[e] === 0) continue;
    const slot = at(cursor, at(sources, e));
    cursor[at(sources, e)] = slot + 1;
    heads[slot] = at(targets, e);
    edgeOf[slot] = e;
  }
  return { nodeCount, offsets, targets: heads, edgeOf };
}

/** Tarjan's algorithm without recursion: O(nodes + edges), any depth. */
export function findComponents(graph: Adjacency): Components {
  const { nodeCount, offsets, targets } = graph;
  const order = new Int32Array(nodeCount).fill(-1);
  const low = new Int32Array(nodeCount);
  const of = new Int32Array(nodeCount).fill(-1);
  const cursor = offsets.slice(0, nodeCount);
  const path = new Int32Array(nodeCount);
  const open = new Int32Array(nodeCount);
  const sizes: number[] = [];
  let visited = 0;
  let openCount = 0;
  const enter = (node: number): void => {
    order[node] = low[node] = visited;
    visited += 1;
    open[openCount] = node;
    openCount += 1;
  };
  const close = (root: number): void => {
    let size = 0;
    let node: number;
    do {
      openCount -= 1;
      node = at(open, openCount);
      of[node] = sizes.length;
      size += 1;
    } while (node !== root);
    sizes.push(size);
  };
  for (let start = 0; start < nodeCount; start += 1) {
    if (order[start] !== -1) continue;
    let depth = 0;
    path[0] = start;
    enter(start);
    while (depth >= 0) {
      const node = at(path, depth);
      const slot = at(cursor, node);
      if (slot < at(offsets, node + 1)) {
        cursor[node] = slot + 1;
        const next = at(targets, slot);
        if (order[next] === -1) {
          enter(next);
          depth += 1;
          path[depth] = next;
        } else if (of[next] === -1 && at(order, next) < at(low, node)) low[node] = at(order, next);
        continue;
      }
      if (low[node] === order[node]) close(node);
      depth -= 1;
      const parent = depth >= 0 ? at(path, depth) : -1;
      if (parent >= 0 && at(low, node) < at(low, parent)) low[parent] = at(low, node);
    }
  }
  return { count: sizes.length, of, sizes: Int32Array.from(sizes) };
}
