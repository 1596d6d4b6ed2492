import type { ClientRequest } from './client-requests.ts';
import { ANY, NUMBER, type Route } from './route.ts';

/** Routes of a project, and what is known of the way to them. */
export interface ServedRoutes {
  readonly routes: readonly Route[];
  /** There may be routes that are not read. */
  readonly isOpen: boolean;
  /** Something on the way (a proxy, a base address) may add or take off the beginning of paths. */
  readonly mayRewrite: boolean;
}

/** What a request comes to. */
export interface Match {
  readonly served: readonly Route[];
  /** Served at this path, but for other methods. */
  readonly otherMethods: readonly Route[];
}

function sameSegment(route: string, request: string): boolean {
  if (route === request) return true;
  if (route === ANY) return true;
  if (route === NUMBER) return request === ANY || /^\d+$/.test(request);
  return request === ANY;
}

/** How many segments are the same words; -1 where the paths do not fit. */
function fit(route: readonly string[], request: readonly string[]): number {
  if (route.length !== request.length) return -1;
  let words = 0;
  for (const [i, segment] of route.entries()) {
    const other = request[i] ?? '';
    if (!sameSegment(segment, other)) return -1;
    if (segment === other && segment !== ANY && segment !== NUMBER) words += 1;
  }
  return words;
}

/** The same, where one of the two may have more before it; a shared word is needed then. */
function fitEnd(route: readonly string[], request: readonly string[]): number {
  const shared = Math.min(route.length, request.length);
  const words = shared === 0 ? -1 : fit(route.slice(-shared), request.slice(-shared));
  return words > 0 ? words : -1;
}

/** The routes that serve a request's path: those that share most words with it. */
export function matchRoutes(request: ClientRequest, { routes, mayRewrite }: ServedRoutes): Match {
  const { segments, start } = request.path;
  const scored = routes.flatMap((route) => {
    const exact = start === 'root' && !route.isOpen ? fit(route.segments, segments) : -1;
    const loose = start !== 'root' || route.isOpen || mayRewrite ? fitEnd(route.segments, segments) : -1;
    // An open beginning may hold all that a route has before the end.
    const words = Math.max(exact < 0 ? -1 : exact + 0.5, loose);
    return words < 0 ? [] : [{ route, words }];
  });
  const sameMethod = ({ route }: { readonly route: Route }): boolean =>
    request.method === null || route.method === 'any' || route.method === request.method;
  const serving = scored.filter(sameMethod);
  const best = Math.max(...serving.map(({ words }) => words));
  return {
    served: serving.filter(({ words }) => words === best).map(({ route }) => route),
    otherMethods: serving.length > 0 ? [] : scored.map(({ route }) => route),
  };
}

/** How many letters two texts share from the beginning. */
function sharedStart(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  return i;
}

/** The route that was probably meant: one segment is another, missing or too much, and a word is the same. */
export function nearestRoute(request: ClientRequest, routes: readonly Route[]): Route | null {
  const { segments } = request.path;
  const same = (a: readonly string[], b: readonly string[]): number =>
    a.filter((segment, i) => sameSegment(segment, b[i] ?? '')).length;
  const scored = routes
    .filter(({ method }) => request.method === null || method === 'any' || method === request.method)
    .filter((route) => route.segments.some((segment) => segments.includes(segment)))
    .map((route) => {
      const length = Math.max(route.segments.length, segments.length);
      const fromStart = same(route.segments, segments);
      const fromEnd = same([...route.segments].reverse(), [...segments].reverse());
      const alike = sharedStart(route.segments.join('/'), segments.join('/'));
      return { route, missing: length - Math.max(fromStart, fromEnd), alike };
    })
    .sort((a, b) => a.missing - b.missing || b.alike - a.alike);
  const [first] = scored;
  return first !== undefined && first.missing === 1 ? first.route : null;
}
