/** Patterns of the registered routes, to tell "no such path" from "no such method". */
export class RouteTable {
  private readonly patterns: { readonly segments: readonly string[]; readonly method: string }[] = [];

  add(pattern: string, methods: readonly string[]): void {
    // OPTIONS is answered for every path, for CORS; it says nothing about what exists.
    for (const method of methods)
      if (method !== 'OPTIONS') this.patterns.push({ segments: segmentsOf(pattern), method });
  }

  /** Methods that some route knows at this path, sorted; empty when no route has the path. */
  methodsOf(path: string): string[] {
    const segments = segmentsOf(path);
    const methods = this.patterns.filter((route) => matches(route.segments, segments)).map((route) => route.method);
    return [...new Set(methods)].sort();
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  if (pattern.at(-1) === '*')
    return path.length >= pattern.length && pattern.slice(0, -1).every((segment, i) => fits(segment, path[i]));
  return pattern.length === path.length && pattern.every((segment, i) => fits(segment, path[i]));
}

function fits(pattern: string, segment: string | undefined): boolean {
  return segment !== undefined && (pattern.startsWith(':') ? segment !== '' : pattern === segment);
}
