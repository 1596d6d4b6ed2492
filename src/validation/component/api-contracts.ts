import type TypeScript from 'typescript';
import type { Finding } from '../../domain/index.ts';
import { fileNameOf, pathOf } from '../script/project.ts';
import { ClientRequests, type ClientRequest } from './api/client-requests.ts';
import { answerDifferences, bodyDifferences, type Difference } from './api/compare-shapes.ts';
import { type Match, matchRoutes, nearestRoute, type ServedRoutes } from './api/match-routes.ts';
import { PythonRoutes } from './api/python-routes.ts';
import { ANY, NUMBER, type Route, shownRoute } from './api/route.ts';
import { ScriptRoutes } from './api/script-routes.ts';
import { shownPlace } from './api/shape.ts';
import { findingAt } from './finding-at.ts';
import type { PythonProgram } from './python/python-program.ts';

interface TextFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** A project as the rules of its HTTP interface read it. */
export interface ApiSources {
  readonly files: readonly TextFile[];
  readonly python: PythonProgram;
  /** Null where the component has no files of TypeScript or JavaScript, and so no client. */
  readonly script: TypeScript.Program | null;
}

/** Routes of kinds that are not read: where there are such, a path that seems unknown may be theirs. */
const OTHER_ROUTES =
  /\badd_resource\(|\burlpatterns\b|\badd_api_route\(|\bMethodView\b|\bAPIView\b|@(?:Get|Post|Put|Patch|Delete|Controller)\(|createProxyMiddleware|\bGraphQL|trpc|\.mount\(|\bautoload\b|\.route\(\s*["'`][^)]*\)\s*\.(?:get|post|put|patch|delete)\(/i;
/** What changes the beginning of paths between client and server. */
const REWRITES =
  /\brewrite\b|pathRewrite|proxy_pass\s+https?:\/\/[^;\s/]+\/[^;]*;|\broot_path\b|\baxios\.defaults\b|stripPrefix|handle_path|setGlobalPrefix|SCRIPT_NAME|DispatcherMiddleware/;

const served = new WeakMap<readonly TextFile[], ServedRoutes>();

/** The routes of a project, read once for all of its components. */
function routesOf({ files, python, script }: ApiSources): ServedRoutes {
  const known = served.get(files);
  if (known !== undefined) return known;
  const code = files.filter(({ language }) => /^(?:python|typescript|tsx|javascript)$/.test(language));
  const routes = [...new PythonRoutes(python).all(), ...(script === null ? [] : new ScriptRoutes(script).all())];
  // A route without a word of its own, below a prefix that is not known, may serve anything.
  const isAnywhere = routes.some(
    (route) => route.isOpen && route.segments.every((part) => part === ANY || part === NUMBER),
  );
  const isOpen = isAnywhere || code.some(({ text }) => OTHER_ROUTES.test(text));
  const mayRewrite = files.some(({ path, text }) => !path.endsWith('.md') && REWRITES.test(text));
  const found = { routes, isOpen, mayRewrite };
  served.set(files, found);
  return found;
}

function isClient({ path, language }: TextFile): boolean {
  return (
    /^(?:typescript|tsx|javascript)$/.test(language) &&
    !/\.(?:test|spec|d)\.\w+$|(?:^|\/)(?:tests?|__tests__|mocks?|e2e)\//.test(path)
  );
}

function unserved(request: ClientRequest, match: Match, { routes, isOpen }: ServedRoutes): Finding[] {
  const { path, method, place } = request;
  const shown = shownRoute(method ?? 'any', path.segments).replace(/^\S+ \//, (start) =>
    path.start === 'root' ? start : start.replace('/', '…/'),
  );
  const [other] = match.otherMethods;
  if (other !== undefined) {
    const methods = [...new Set(match.otherMethods.map((route) => route.method.toUpperCase()))].join(', ');
    const message = `${shown}: the path is served for ${methods} only (${shownPlace(other.place)})`;
    return [
      findingAt(
        place,
        'unserved-request',
        message,
        `request it with ${methods.replaceAll(', ', ' or ')}, or serve ${(method ?? '').toUpperCase()}`,
      ),
    ];
  }
  // Behind an address that is not known may stand another server.
  if (isOpen || path.start === 'unknown' || path.segments.every((segment) => /^[*#]$/.test(segment))) return [];
  const near = nearestRoute(request, routes);
  const hint =
    near === null ? '' : `; the nearest is ${shownRoute(near.method, near.segments)} (${shownPlace(near.place)})`;
  const fix =
    near === null ? 'request a path that the server has' : `request ${shownRoute(near.method, near.segments)}`;
  return [findingAt(place, 'unserved-request', `${shown}: no route of the project serves it${hint}`, fix)];
}

/** What the client says of body and answer against the route that serves it; against all, where several may. */
function differences(request: ClientRequest, routes: readonly Route[]): Difference[] {
  if (request.method === null) return [];
  const each = routes.map((route) => [
    ...bodyDifferences({ client: request.body, server: route.body }),
    ...answerDifferences({ client: request.answer, server: route.answer }),
  ]);
  const [first = [], ...others] = each;
  const isSame = (a: Difference, b: Difference): boolean =>
    a.rule === b.rule && a.place?.position === b.place?.position;
  return first.filter((found) => others.every((list) => list.some((other) => isSame(found, other))));
}

function findingsOf(request: ClientRequest, routes: ServedRoutes): Finding[] {
  const match = matchRoutes(request, routes);
  if (match.served.length === 0) return unserved(request, match, routes);
  const [route] = match.served;
  const shown = route === undefined ? '' : shownRoute(route.method, route.segments);
  return differences(request, match.served).map(({ rule, message, fix, place }) =>
    findingAt(place ?? request.place, rule, `${shown}: ${message}`, fix),
  );
}

/**
 * What a component's clients request and expect against what the project's routes serve, take and answer. Null when the project has no
 * routes, or the component no client: there is nothing to compare then.
 */
export function apiFindings(sources: ApiSources, component: readonly TextFile[]): Finding[] | null {
  const { script } = sources;
  const clients = component.filter(isClient);
  if (script === null || clients.length === 0) return null;
  const routes = routesOf(sources);
  if (routes.routes.length === 0) return null;
  const reader = new ClientRequests(script);
  const requests = clients.flatMap(({ path }) => {
    const source = script.getSourceFile(fileNameOf(path));
    return source === undefined || pathOf(source.fileName) === null ? [] : reader.of(source);
  });
  if (requests.length === 0) return null;
  const found = new Map<string, Finding>();
  for (const request of requests)
    for (const finding of findingsOf(request, routes)) {
      // One member that is wrong is wrong in every request that has it.
      const key = `${finding.file ?? ''}:${String(finding.line)}:${String(finding.column)} ${finding.rule}`;
      if (!found.has(key)) found.set(key, finding);
    }
  return [...found.values()];
}
