/** From the requests of clients to the routes that serve them. */
import { fit, type RequestPath } from './http-path.ts';
import { findRequests, type HttpRequest } from './http-requests.ts';
import { findRoutes, type HttpFile, type Route } from './http-routes.ts';
import type { CrossEdges } from './cross-edges.ts';
import type { ProjectFiles } from './project-files.ts';
import { lineAt } from './source-text.ts';

const STRENGTH = 0.4;

/** Adds an edge from each request to the routes that serve it: one, or those of a path where the method is not known. */
export function httpEdges(files: readonly HttpFile[], project: ProjectFiles, edges: CrossEdges): void {
  const routes = findRoutes(files, project);
  if (routes.length === 0) return;
  const byEnd = indexRoutes(routes);
  for (const request of findRequests(files)) {
    for (const route of bestRoutes(byEnd, request)) {
      edges.add(request.file.atomAt(request.position), route.file.atomAt(route.position), STRENGTH, () => {
        const where = `${route.file.path}:${String(lineAt(route.file.text, route.position))}`;
        const method = route.method === 'any' ? '' : `${route.method.toUpperCase()} `;
        return `requests ${method}/${route.segments.join('/')}, which \`${route.name}\` serves at ${where}`;
      });
    }
  }
}

type RouteIndex = ReadonlyMap<string, readonly Route[]>;

/** Routes by their last fixed segment: one that fits a request shares it, or the request's last segments are variable. */
function indexRoutes(routes: readonly Route[]): RouteIndex {
  const index = new Map<string, Route[]>();
  for (const route of routes) {
    const last = route.segments.filter((segment) => segment !== '*').at(-1) ?? '';
    const known = index.get(last);
    if (known === undefined) index.set(last, [route]);
    else known.push(route);
  }
  return index;
}

function candidates(index: RouteIndex, path: RequestPath): Route[] {
  const names = new Set(path.segments.length === 0 ? [''] : path.segments);
  return [...names].flatMap((name) => index.get(name) ?? []);
}

/** The best of the routes that fit; none when different places fit equally. */
function bestRoutes(index: RouteIndex, request: HttpRequest): Route[] {
  let best: Route[] = [];
  let score = 0;
  for (const route of candidates(index, request.path)) {
    const sameMethod = request.method === 'any' || route.method === 'any' || route.method === request.method;
    const fits = sameMethod ? fit(route.segments, request.path) : 0;
    if (fits === 0 || fits < score) continue;
    if (fits > score) best = [];
    score = fits;
    best.push(route);
  }
  const distinct = new Set(best.map((route) => `${route.method} ${route.segments.join('/')}`));
  if (request.method !== 'any') return distinct.size === 1 && best.length === 1 ? best : onlyPlace(best);
  return new Set(best.map((route) => route.segments.join('/'))).size === 1 ? best : [];
}

/** Routes of several methods, or one mounted twice, that are served at one place. */
function onlyPlace(routes: readonly Route[]): Route[] {
  const [first] = routes;
  if (first === undefined) return [];
  return routes.every((route) => route.file === first.file && route.position === first.position) ? [first] : [];
}
