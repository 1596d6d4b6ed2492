/** HTTP calls of a client to the routes of a server: no compiler sees them, so they only order, and weakly. */
import { DEF, EXPR, FUNCTION, LITERAL, OP, USE } from '../facts.ts';
import type { EdgeSet } from './edge-set.ts';
import type { Program } from './program.ts';
import type { FileUnit } from './unit.ts';

const STRENGTH = 0.4;
const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options']);
/** Functions that take a path first and the method among their options. */
const REQUESTS = new Set(['fetch', 'request', 'http', 'api', 'fetchJson', 'apiFetch', 'requestJson']);

interface Route {
  readonly unit: FileUnit;
  readonly pos: number;
  readonly method: string;
  readonly segments: readonly string[];
  readonly name: string;
}

/** Adds an edge from every request with a literal path to the one route that fits it best. */
export function routeEdges(program: Program, edges: EdgeSet): void {
  const routes = program.units.flatMap(routesOf);
  if (routes.length === 0) return;
  for (const unit of program.units) {
    const count = unit.facts.exprs.length / EXPR.width;
    for (let call = 0; call < count; call += 1) {
      if (unit.expr(call, EXPR.op) !== OP.call) continue;
      const request = requestOf(unit, call);
      const route = request === undefined ? undefined : bestRoute(routes, request.method, request.segments);
      if (request === undefined || route === undefined) continue;
      const to = route.unit.atomAt(route.pos);
      edges.add(unit.atomAt(request.pos), to, 'temporal', STRENGTH, () => {
        const where = `${route.unit.path}:${String(route.unit.lineAt(route.pos))}`;
        return `requests ${route.method.toUpperCase()} /${route.segments.join('/')}, which \`${route.name}\` serves at ${where}`;
      });
    }
  }
}

/** Segments of a path, its variable ones as `*`; undefined when it is none. */
function segmentsOf(path: string): string[] | undefined {
  const plain = path
    .replace(/^\$?\{[^}]*\}/, '')
    .replace(/^https?:\/\/[^/]+/, '')
    .replace(/\$?\{[^}]*\}|<[^>]*>/g, '*')
    .replace(/\?.*$/, '');
  if (!plain.startsWith('/')) return undefined;
  return plain
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part.includes('*') || part.startsWith(':') ? '*' : part));
}

function literal(unit: FileUnit, expr: number): string | undefined {
  if (unit.expr(expr, EXPR.op) !== OP.literal || unit.expr(expr, EXPR.b) < 0) return undefined;
  const kind = unit.expr(expr, EXPR.a);
  return kind === LITERAL.string || kind === LITERAL.template ? unit.name(unit.expr(expr, EXPR.b)) : undefined;
}

function calleeOf(unit: FileUnit, call: number): { name: string; pos: number; base: number } | undefined {
  const callee = unit.expr(call, EXPR.a);
  const op = unit.expr(callee, EXPR.op);
  if (op !== OP.name && op !== OP.member) return undefined;
  const use = unit.expr(callee, EXPR.a);
  return {
    name: unit.name(unit.use(use, USE.name)),
    pos: unit.use(use, USE.pos),
    base: op === OP.member ? unit.use(use, USE.base) : -1,
  };
}

function requestOf(unit: FileUnit, call: number): { method: string; segments: string[]; pos: number } | undefined {
  const callee = calleeOf(unit, call);
  const args = unit.list(unit.expr(call, EXPR.b));
  const path = literal(unit, args[0] ?? -1);
  if (callee === undefined || path === undefined) return undefined;
  const segments = segmentsOf(path);
  if (segments === undefined || isFunction(unit, args.at(-1) ?? -1)) return undefined;
  const { name } = callee;
  if (METHODS.has(name) && callee.base >= 0) return { method: name, segments, pos: callee.pos };
  return REQUESTS.has(name) ? { method: methodOption(unit, args[1] ?? -1), segments, pos: callee.pos } : undefined;
}

function isFunction(unit: FileUnit, expr: number): boolean {
  return unit.expr(expr, EXPR.op) === OP.function;
}

/** `{ method: 'POST' }`; `get` where nothing is said. */
function methodOption(unit: FileUnit, expr: number): string {
  if (unit.expr(expr, EXPR.op) !== OP.object) return 'get';
  const [def] = unit.defsOf(unit.symbolIn(unit.expr(expr, EXPR.a), 'method'));
  return def === undefined ? 'get' : (literal(unit, unit.def(def, DEF.value)) ?? 'get').toLowerCase();
}

/** Routes of decorated functions (`@router.get("/path")`) and of calls with a handler (`app.get('/path', handler)`). */
function routesOf(unit: FileUnit): Route[] {
  const routes: Route[] = [];
  const functions = unit.facts.functions.length / FUNCTION.width;
  for (let fn = 0; fn < functions; fn += 1) {
    const def = unit.fn(fn, FUNCTION.def);
    for (const decorator of unit.list(unit.fn(fn, FUNCTION.decorators))) {
      const route = routeOfCall(unit, decorator);
      if (route !== undefined && def >= 0)
        routes.push({ ...route, unit, pos: unit.def(def, DEF.pos), name: unit.defName(def) });
    }
  }
  if (unit.python) return routes;
  const count = unit.facts.exprs.length / EXPR.width;
  for (let call = 0; call < count; call += 1) {
    if (unit.expr(call, EXPR.op) !== OP.call) continue;
    const args = unit.list(unit.expr(call, EXPR.b));
    if (args.length < 2 || !isFunction(unit, args.at(-1) ?? -1)) continue;
    const route = routeOfCall(unit, call);
    const callee = calleeOf(unit, call);
    if (route !== undefined && callee !== undefined)
      routes.push({ ...route, unit, pos: callee.pos, name: callee.name });
  }
  return routes;
}

function routeOfCall(unit: FileUnit, call: number): { method: string; segments: string[] } | undefined {
  if (unit.expr(call, EXPR.op) !== OP.call) return undefined;
  const callee = calleeOf(unit, call);
  const path = literal(unit, unit.list(unit.expr(call, EXPR.b))[0] ?? -1);
  if (callee === undefined || path === undefined || callee.base < 0 || !METHODS.has(callee.name)) return undefined;
  const segments = segmentsOf(path === '' ? '/' : path);
  return segments === undefined
    ? undefined
    : { method: callee.name, segments: [...prefixOf(unit, callee.base), ...segments] };
}

/** The `prefix` that the router was made with in the same file. */
function prefixOf(unit: FileUnit, router: number): string[] {
  if (unit.expr(router, EXPR.op) !== OP.name) return [];
  const [def] = unit.defsOf(unit.use(unit.expr(router, EXPR.a), USE.target));
  const made = def === undefined ? -1 : unit.def(def, DEF.value);
  if (unit.expr(made, EXPR.op) !== OP.call) return [];
  for (const arg of unit.list(unit.expr(made, EXPR.b))) {
    if (unit.expr(arg, EXPR.op) !== OP.keyword || unit.name(unit.expr(arg, EXPR.a)) !== 'prefix') continue;
    return segmentsOf(literal(unit, unit.expr(arg, EXPR.b)) ?? '') ?? [];
  }
  return [];
}

/** The route with the most fixed segments among those that a path ends with; none when two fit equally. */
function bestRoute(routes: readonly Route[], method: string, path: readonly string[]): Route | undefined {
  let best: Route | undefined;
  let score = 0;
  let tied = false;
  for (const route of routes) {
    if (route.method !== method || route.segments.length > path.length) continue;
    const tail = path.slice(path.length - route.segments.length);
    if (!route.segments.every((segment, i) => segment === '*' || segment === tail[i])) continue;
    const fixed = route.segments.filter((segment) => segment !== '*').length;
    // A route without a fixed segment fits anything.
    if (fixed === 0 || fixed < score) continue;
    tied = fixed === score;
    score = fixed;
    best = route;
  }
  return tied ? undefined : best;
}
