import type { Finding } from '../../domain/index.ts';
import { findingAt } from './finding-at.ts';

interface TextFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
}

interface Request extends Route {
  readonly file: TextFile;
  readonly position: number;
  readonly shown: string;
}

const VERBS = 'get|post|put|patch|delete';
const PYTHON_ROUTE = new RegExp(String.raw`@([A-Za-z_][\w.]*)\.(${VERBS}|route)\(\s*["']([^"']*)["']([^)]*)`, 'g');
const SCRIPT_ROUTE = new RegExp(
  String.raw`\b(app|router|server|fastify|[A-Za-z_]\w*Router)\.(${VERBS}|all)\s*(?:<[^(){};]*>)?\(\s*["'\`](/[^"'\`]*)["'\`]\s*,`,
  'g',
);
const PREFIX = /(?:APIRouter|Blueprint)\([^)]*?(?:url_)?prefix\s*=\s*["']([^"']+)["']/g;
const MOUNT =
  /(?:include_router|register_blueprint)\([^)]*?(?:url_)?prefix\s*=\s*["']([^"']+)["']|\.use\(\s*["'`](\/[^"'`]*)["'`]\s*,|\bprefix:\s*["'`](\/[^"'`]*)["'`]/g;
const FETCH = /\bfetch\(\s*(["'`])([^"'`]*)\1\s*(?:,\s*\{([^}]*))?/g;
const CLIENT = new RegExp(
  String.raw`\b(axios|api|client|http)\.(${VERBS})\s*(?:<[^(){};]*>)?\(\s*(["'\`])([^"'\`]*)\3`,
  'g',
);

/** `/todos/{id}`, `/todos/:id`, `/todos/<int:id>`, `/todos/${id}`: `*` stands for what is given at run time. */
function segmentsOf(path: string): string[] {
  return (path.split(/[?#]/)[0] ?? '')
    .replaceAll(/\$\{[^}]*\}|\{[^}]*\}|<[^>]*>|(?<=\/):\w+\??/g, '*')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part.includes('*') ? '*' : part));
}

function routesOf(files: readonly TextFile[]): Route[] {
  const routes: Route[] = [];
  const mounts = files.flatMap(({ text }) =>
    [...text.matchAll(MOUNT)].map((match) => match[1] ?? match[2] ?? match[3] ?? ''),
  );
  for (const { language, text } of files) {
    if (!/^(?:python|typescript|tsx|javascript)$/.test(language)) continue;
    const own = [...text.matchAll(PREFIX)].map((match) => match[1] ?? '');
    const prefixes = ['', ...own, ...mounts, ...mounts.flatMap((mount) => own.map((prefix) => mount + prefix))];
    const add = (method: string, path: string): void => {
      for (const prefix of prefixes) routes.push({ method, segments: segmentsOf(prefix + path) });
    };
    if (language === 'python')
      for (const [, , verb = '', path = '', rest = ''] of text.matchAll(PYTHON_ROUTE)) {
        const methods =
          verb === 'route'
            ? [...rest.matchAll(/["'](GET|POST|PUT|PATCH|DELETE)["']/g)].map((match) => (match[1] ?? '').toLowerCase())
            : [verb];
        for (const method of methods.length > 0 ? methods : ['get']) add(method, path);
      }
    else for (const [, , verb = '', path = ''] of text.matchAll(SCRIPT_ROUTE)) add(verb, path);
  }
  return routes;
}

function requestsOf(file: TextFile): Request[] {
  if (!/^(?:typescript|tsx|javascript)$/.test(file.language) || /\.(?:test|spec)\.\w+$/.test(file.path)) return [];
  const found: Request[] = [];
  const add = (position: number, method: string, path: string): void => {
    // A path that begins with something made at run time, or that leads to another host, says nothing here.
    if (path.startsWith('/') && !path.startsWith('//'))
      found.push({ file, position, method, segments: segmentsOf(path), shown: `${method.toUpperCase()} ${path}` });
  };
  for (const match of file.text.matchAll(FETCH)) {
    const options = match[3] ?? '';
    const method = /method\s*:\s*["'`](\w+)["'`]/.exec(options)?.[1]?.toLowerCase();
    add(match.index, method ?? (/\bmethod\b|\.\.\./.test(options) ? 'any' : 'get'), match[2] ?? '');
  }
  for (const match of file.text.matchAll(CLIENT)) add(match.index, match[2] ?? '', match[4] ?? '');
  return found;
}

function fits(route: Route, request: Request, ignoreMethod = false): boolean {
  const sameMethod =
    ignoreMethod || request.method === 'any' || route.method === 'all' || route.method === request.method;
  if (!sameMethod || route.segments.length !== request.segments.length) return false;
  return route.segments.every(
    (segment, index) => segment === '*' || request.segments[index] === '*' || segment === request.segments[index],
  );
}

function hasSameEnd(route: Route, request: Request): boolean {
  const shorter = Math.min(route.segments.length, request.segments.length);
  if (shorter === 0) return false;
  const cut: Route = { method: route.method, segments: route.segments.slice(-shorter) };
  return fits(cut, { ...request, segments: request.segments.slice(-shorter) });
}

/**
 * Requests of a component's clients that no route of the project serves. Null when the project has no routes, or the component
 * no client: there is nothing to compare then.
 */
export function apiFindings(files: readonly TextFile[], component: readonly TextFile[]): Finding[] | null {
  const routes = routesOf(files);
  const requests = component.flatMap(requestsOf);
  if (routes.length === 0 || requests.length === 0) return null;
  return requests.flatMap((request) => {
    // A proxy may take a prefix off: a route that serves the end of the path counts.
    if (routes.some((route) => fits(route, request) || hasSameEnd(route, request))) return [];
    const otherMethods = routes.filter((route) => fits(route, request, true)).map(({ method }) => method.toUpperCase());
    const why =
      otherMethods.length > 0
        ? `the path is served for ${[...new Set(otherMethods)].join(', ')} only`
        : 'no route of the project serves it';
    return [
      findingAt(
        { path: request.file.path, text: request.file.text, position: request.position },
        'unserved-request',
        `${request.shown}: ${why}`,
        'request a path that the server has',
      ),
    ];
  });
}
