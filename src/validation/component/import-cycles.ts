/** Files that import each other in a circle, shortest circles first: each as the paths along it, the first again at the end. */
export function importCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles = new Map<string, string[]>();
  for (const start of [...edges.keys()].sort()) {
    const cycle = shortestWayBack(edges, start);
    if (cycle === null) continue;
    const key = [...new Set(cycle)].sort().join('\n');
    if (!cycles.has(key)) cycles.set(key, cycle);
  }
  return [...cycles.values()].sort((a, b) => a.length - b.length);
}

function shortestWayBack(edges: ReadonlyMap<string, readonly string[]>, start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const next of edges.get(at) ?? []) {
      if (next === start) return wayTo(cameFrom, start, at);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return null;
}

function wayTo(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way = [start];
  for (let at: string | undefined = end; at !== undefined && at !== start; at = cameFrom.get(at)) way.unshift(at);
  return [start, ...way];
}
