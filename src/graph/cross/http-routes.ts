/** Routes that a project serves: FastAPI, Flask, Express, Fastify and what is written like them, with the prefixes of their routers. */
import { segmentsOf } from './http-path.ts';
import type { ProjectFiles } from './project-files.ts';
import { argumentsOf, isScript, type CrossFile, type Scanned } from './source-text.ts';

export interface Route {
  readonly file: CrossFile;
  readonly position: number;
  /** Lower case; `any` where all are served. */
  readonly method: string;
  readonly segments: readonly string[];
  /** Function that serves it. */
  readonly name: string;
}

/** A router that another one takes in under a prefix. */
interface Mount {
  readonly parent: string;
  readonly child: string;
  readonly prefix: readonly string[];
  /** The prefix stands in for the router's own, as where Flask registers a blueprint with one. */
  readonly replaces?: boolean;
}

interface OwnRoute extends Route {
  readonly router: string;
}

export interface HttpFile {
  readonly file: CrossFile;
  readonly scanned: Scanned;
}

const VERBS = 'get|post|put|patch|delete|head|options';
const PYTHON_ROUTE = new RegExp(`@\\s*([A-Za-z_][\\w.]*)\\.(${VERBS}|route|api_route)\\s*\\(`, 'g');
const PYTHON_ROUTER = /^[ \t]*([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:APIRouter|Blueprint|FastAPI|Flask)\s*\(/gm;
const PYTHON_MOUNT = /([A-Za-z_][\w.]*)\.(include_router|register_blueprint)\s*\(/g;
/** Flask without a decorator: `app.add_url_rule("/books", view_func=list_books)`. */
const PYTHON_RULE = /([A-Za-z_][\w.]*)\.add_url_rule\s*\(/g;
const SCRIPT_ROUTE = new RegExp(`\\b([A-Za-z_$][\\w$]*)\\.(${VERBS}|all)\\s*(?:<[^;(){}]*>)?\\s*\\(`, 'g');
const SCRIPT_ROUTER =
  /\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)[^=;\n]*=\s*(?:await\s+)?(?:new\s+)?(?:express(?:\.Router)?|Router|[fF]astify|Hono|Koa|Elysia)\s*(?:<[^;(){}]*>)?\s*\(/g;
const SCRIPT_TYPED = /\b([A-Za-z_$][\w$]*)\s*:\s*(?:FastifyInstance|Express|Application|(?:\w+\.)?Router|Hono)\b/g;
const SCRIPT_MOUNT = /\b([A-Za-z_$][\w$]*)\.(?:use|register)\s*\(/g;
const SCRIPT_ROUTE_OBJECT = /\b([A-Za-z_$][\w$]*)\.route\s*\(\s*(?=\{)/g;
/** Names that servers have where nothing else says so. */
const SERVER_NAMES = new Set(['app', 'router', 'server', 'fastify']);

/** Keys routers by file and variable. */
const key = (path: string, name: string): string => `${path}\n${name}`;

const CANDIDATE =
  /APIRouter|Blueprint|FastAPI|Flask|express|Router|fastify|Hono|Koa|@\w+\.(?:get|post|route)|\.route\(|add_url_rule/i;

/** All routes; one that is mounted twice is there twice. */
export function findRoutes(files: readonly HttpFile[], project: ProjectFiles): Route[] {
  const routes: OwnRoute[] = [];
  const mounts: Mount[] = [];
  const prefixes = new Map<string, readonly string[]>();
  for (const file of files) {
    if (!CANDIDATE.test(file.scanned.code)) continue;
    if (file.file.language === 'python') readPython(file, project, routes, mounts, prefixes);
    else if (isScript(file.file.language)) readScript(file, project, routes, mounts);
  }
  const parents = new Map<string, Mount[]>();
  for (const mount of mounts) parents.set(mount.child, [...(parents.get(mount.child) ?? []), mount]);
  const above = (router: string, depth: number): (readonly string[])[] => {
    const own = prefixes.get(router) ?? [];
    const taken = depth > 5 ? [] : (parents.get(router) ?? []);
    if (taken.length === 0) return [own];
    return taken.flatMap((mount) =>
      above(mount.parent, depth + 1).map((before) => [...before, ...mount.prefix, ...(mount.replaces ? [] : own)]),
    );
  };
  return routes.flatMap(({ router, ...route }) => {
    const whole = parents.has(router) || prefixes.has(router) ? router : key(route.file.path, '');
    return above(whole, 0).map((prefix) => ({ ...route, segments: [...prefix, ...route.segments] }));
  });
}

/** What stands between quotes; undefined for anything else. */
function quoted(text: string | undefined): string | undefined {
  return /^[rbu]?(["'`])([^"'`]*)\1$/.exec(text ?? '')?.[2];
}

/** The value of an argument by keyword, or of a key of an object. */
function named(args: readonly { text: string }[], name: string): string | undefined {
  const pattern = new RegExp(`(?:^|[{,\\s])["']?${name}["']?\\s*[=:]\\s*(["'\`][^"'\`]*["'\`])`);
  for (const { text } of args) {
    const [, value] = pattern.exec(text) ?? [];
    if (value !== undefined) return quoted(value);
  }
  return undefined;
}

const open = (match: RegExpMatchArray): number => (match.index ?? 0) + match[0].length - 1;

function prefixOf(args: readonly { text: string }[], ...names: string[]): string[] {
  for (const name of names) {
    const found = named(args, name);
    if (found !== undefined) return segmentsOf(found) ?? [];
  }
  return [];
}

function readPython(
  { file, scanned }: HttpFile,
  project: ProjectFiles,
  routes: OwnRoute[],
  mounts: Mount[],
  prefixes: Map<string, readonly string[]>,
): void {
  const { code } = scanned;
  for (const match of code.matchAll(PYTHON_ROUTER)) {
    prefixes.set(key(file.path, match[1] ?? ''), prefixOf(argumentsOf(code, open(match)), 'prefix', 'url_prefix'));
  }
  for (const match of code.matchAll(PYTHON_ROUTE)) {
    const [, router = '', verb = ''] = match;
    const args = argumentsOf(code, open(match));
    const path = quoted(args[0]?.text) ?? named(args, 'path') ?? named(args, 'rule');
    const segments = path === undefined ? undefined : path === '' ? [] : segmentsOf(path);
    const def = /\bdef\s+(\w+)/.exec(code.slice(match.index, match.index + 3_000));
    if (segments === undefined || def === null) continue;
    const position = match.index + def.index;
    const route = { file, position, segments, name: def[1] ?? '', router: key(file.path, router) };
    for (const method of methodsOf(verb, args)) routes.push({ ...route, method });
  }
  for (const match of code.matchAll(PYTHON_RULE)) routes.push(...rulesOf(match, file, code));
  for (const match of code.matchAll(PYTHON_MOUNT)) {
    const args = argumentsOf(code, open(match));
    const child = pythonRouter(args[0]?.text ?? '', file, code, project);
    if (child === undefined) continue;
    const prefix = prefixOf(args.slice(1), 'prefix', 'url_prefix');
    const replaces = match[2] === 'register_blueprint' && named(args.slice(1), 'url_prefix') !== undefined;
    mounts.push({ parent: key(file.path, match[1] ?? ''), child, prefix, replaces });
  }
}

/** The routes of one `add_url_rule`; a class of views serves whatever it has methods for. */
function rulesOf(match: RegExpMatchArray, file: CrossFile, code: string): OwnRoute[] {
  const args = argumentsOf(code, open(match));
  const path = quoted(args[0]?.text) ?? named(args, 'rule');
  const segments = path === undefined ? undefined : path === '' ? [] : segmentsOf(path);
  if (segments === undefined) return [];
  const view = args
    .map(({ text }) => /^view_func\s*=\s*(\w+)(\.as_view\b)?/.exec(text))
    .find((found) => found !== null);
  const [, name = '', isClass] = view ?? [];
  const def = new RegExp(`^[ \\t]*(?:def|class)\\s+${name}\\b`, 'm').exec(code);
  const position = name === '' || def === null ? (match.index ?? 0) : def.index;
  const methods = isClass === undefined ? methodsOf('route', args) : ['any'];
  return methods.map((method) => ({
    file,
    position,
    method,
    segments,
    name,
    router: key(file.path, match[1] ?? ''),
  }));
}

/** Methods of `route` and `api_route`: those that are listed, GET when none is. */
function methodsOf(verb: string, args: readonly { text: string }[]): string[] {
  if (verb !== 'route' && verb !== 'api_route') return [verb];
  const listed = args.map(({ text }) => /^methods\s*=\s*([\s\S]*)$/.exec(text)?.[1]).find((text) => text !== undefined);
  const found = [...(listed ?? '').matchAll(/["'](\w+)["']/g)].map((match) => (match[1] ?? '').toLowerCase());
  return found.length > 0 ? found : ['get'];
}

/** The router that `todo.router`, or a name, means in a file. */
function pythonRouter(name: string, file: CrossFile, code: string, project: ProjectFiles): string | undefined {
  const [first = '', attribute] = name.split('.');
  if (!/^\w+$/.test(first)) return undefined;
  const imports = code.matchAll(/^[ \t]*from\s+([\w.]+)\s+import\s+(\([^)]*\)|[^\n]*)/gm);
  for (const [, module = '', list = ''] of imports) {
    const entry = list
      .replace(/[()]/g, '')
      .split(',')
      .map((part) => /^\s*(\w+)(?:\s+as\s+(\w+))?\s*$/.exec(part))
      .find((part) => part !== null && (part[2] ?? part[1]) === first);
    if (!entry) continue;
    const imported = entry[1] ?? '';
    const inner = project.pythonModule(`${module}.${imported}`, file.path);
    if (attribute !== undefined) return inner && key(inner.path, attribute);
    const outer = project.pythonModule(module, file.path);
    return outer && key(outer.path, imported);
  }
  return attribute === undefined ? key(file.path, first) : undefined;
}

function readScript({ file, scanned }: HttpFile, project: ProjectFiles, routes: OwnRoute[], mounts: Mount[]): void {
  const { code } = scanned;
  const servers = new Set<string>();
  for (const pattern of [SCRIPT_ROUTER, SCRIPT_TYPED])
    for (const match of code.matchAll(pattern)) servers.add(match[1] ?? '');
  for (const match of code.matchAll(SCRIPT_ROUTE)) {
    const [, router = '', verb = ''] = match;
    if (!servers.has(router) && !SERVER_NAMES.has(router)) continue;
    const args = argumentsOf(code, open(match));
    const path = quoted(args[0]?.text);
    const segments = path === undefined ? undefined : path === '' ? [] : segmentsOf(path);
    // Without a handler it is a question to a client, or to the settings of the server.
    if (segments === undefined || args.length < 2 || !isHandler(args.at(-1)?.text ?? '')) continue;
    const name = `${router}.${verb}`;
    const method = verb === 'all' ? 'any' : verb;
    routes.push({ file, position: match.index, method, segments, name, router: key(file.path, router) });
  }
  for (const match of code.matchAll(SCRIPT_ROUTE_OBJECT)) {
    const args = argumentsOf(code, match.index + match[0].length - 1);
    const segments = segmentsOf(named(args, 'url') ?? named(args, 'path') ?? '');
    const method = named(args, 'method')?.toLowerCase();
    if (segments === undefined || method === undefined) continue;
    const router = match[1] ?? '';
    routes.push({
      file,
      position: match.index,
      method,
      segments,
      name: `${router}.route`,
      router: key(file.path, router),
    });
  }
  for (const match of code.matchAll(SCRIPT_MOUNT)) {
    const args = argumentsOf(code, open(match));
    const path = quoted(args[0]?.text);
    const child = path === undefined ? args[0]?.text : args.at(-1)?.text;
    const prefix = path === undefined ? prefixOf(args.slice(1), 'prefix') : (segmentsOf(path) ?? []);
    if (prefix.length === 0 || child === undefined || !/^[\w$]+$/.test(child)) continue;
    for (const router of scriptRouters(child, file, code, project))
      mounts.push({ parent: key(file.path, match[1] ?? ''), child: router, prefix });
  }
}

function isHandler(text: string): boolean {
  return /=>|\bfunction\b/.test(text) || /^[A-Za-z_$][\w$.]*(\([^)]*\))?$/.test(text);
}

/** The routers that a mounted name may mean: the variable here, or all of the file that it comes from. */
function scriptRouters(name: string, file: CrossFile, code: string, project: ProjectFiles): string[] {
  const from =
    new RegExp(`\\bimport\\s+[^;'"]*\\b${name}\\b[^;'"]*from\\s*["']([^"']+)["']`).exec(code) ??
    new RegExp(`\\b(?:const|let|var)\\s+[^=;]*\\b${name}\\b[^=;]*=\\s*require\\(\\s*["']([^"']+)["']`).exec(code);
  const target = from === null ? undefined : project.relative(from[1] ?? '', file.path);
  if (target === undefined) return [key(file.path, name)];
  const named = [...target.text.matchAll(SCRIPT_ROUTER)].map((match) => key(target.path, match[1] ?? ''));
  return named.length > 0 ? named : [key(target.path, '')];
}
