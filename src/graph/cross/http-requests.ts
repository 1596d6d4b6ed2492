/** Requests that a project's clients and tests make: `fetch`, axios and the like, httpx, requests, test clients, and own wrappers. */
import type { HttpFile } from './http-routes.ts';
import { pathOf, segmentsOf, UNKNOWN, type Names, type RequestPath } from './http-path.ts';
import { argumentsOf, isScript, type CrossFile } from './source-text.ts';

export interface HttpRequest {
  readonly file: CrossFile;
  readonly position: number;
  /** Lower case; `any` where the source does not say. */
  readonly method: string;
  readonly path: RequestPath;
}

/** A function that makes a request of what it is given: `createResource(path)`. */
interface Wrapper {
  readonly name: string;
  readonly parameter: number;
  readonly method: string;
  /** What follows the given part of the path. */
  readonly suffix: readonly string[];
}

interface Call {
  readonly position: number;
  readonly method: string;
  /** Expression of the path. */
  readonly path: string;
}

const VERBS = 'get|post|put|patch|delete|head|options';
const TYPES = '(?:<[^;(){}]*>)?';
const SCRIPT_MEMBER = new RegExp(`([\\w$)\\]]+)\\??\\.(${VERBS})\\s*${TYPES}\\s*\\(`, 'g');
const SCRIPT_VERB_FIRST = new RegExp(
  `\\b([A-Za-z_$][\\w$]*)\\s*${TYPES}\\(\\s*(["'])(${VERBS.toUpperCase()})\\2\\s*,`,
  'g',
);
const SCRIPT_FUNCTION = new RegExp(
  `(?<![.\\w$])(?:window\\.|globalThis\\.)?(fetch|request|http|api|axios|ky|got|fetchJson|apiFetch|requestJson|useSWR|useFetch|\\$fetch)\\s*${TYPES}\\(`,
  'g',
);
const PYTHON_MEMBER = new RegExp(`(?<![@\\w.])([A-Za-z_][\\w.]*)\\.(${VERBS}|request)\\s*\\(`, 'g');
const CANDIDATE = new RegExp(`fetch|axios|request|useSWR|\\.(?:${VERBS})\\s*[<(]`);
/** Modules whose members by these names are no requests. */
const NOT_CLIENTS = /^(?:os|environ|mock|patch|operator|monkeypatch)\b|environ$/;

/** All requests with a path that the source says. */
export function findRequests(files: readonly HttpFile[]): HttpRequest[] {
  const scripts = files.filter(({ file }) => isScript(file.language));
  const wrappers = uniqueByName(scripts.flatMap((file) => wrappersOf(file)));
  const pattern =
    wrappers.size === 0 ? undefined : new RegExp(`(?<![.\\w$])(${[...wrappers.keys()].join('|')})\\s*${TYPES}\\(`, 'g');
  return files.flatMap((httpFile) => {
    const { file, scanned } = httpFile;
    const python = file.language === 'python';
    if (!python && !isScript(file.language)) return [];
    const found: HttpRequest[] = [];
    const wrapped = pattern !== undefined && !python;
    const mayAsk = CANDIDATE.test(scanned.code);
    if (!mayAsk && !wrapped) return found;
    const names = namesOf(scanned.code, python);
    const calls = !mayAsk ? [] : python ? pythonCalls(scanned.code) : scriptCalls(scanned.code);
    for (const { position, method, path: expression } of calls) {
      const path = pathOf(expression, names);
      if (path !== undefined) found.push({ file, position, method, path });
    }
    if (wrapped) found.push(...wrappedRequests(httpFile, pattern, wrappers, names));
    return found;
  });
}

const open = (match: RegExpMatchArray): number => (match.index ?? 0) + match[0].length - 1;

function scriptCalls(code: string): Call[] {
  const calls: Call[] = [];
  for (const match of code.matchAll(SCRIPT_MEMBER)) {
    const args = argumentsOf(code, open(match));
    // With a function behind the path it is a route.
    if (args.length > 1 && /=>|\bfunction\b/.test(args.at(-1)?.text ?? '')) continue;
    if (args[0] !== undefined) calls.push({ position: match.index, method: match[2] ?? '', path: args[0].text });
  }
  for (const match of code.matchAll(SCRIPT_VERB_FIRST)) {
    const args = argumentsOf(code, code.indexOf('(', match.index + (match[1] ?? '').length));
    if (args[1] !== undefined)
      calls.push({ position: match.index, method: (match[3] ?? '').toLowerCase(), path: args[1].text });
  }
  for (const match of code.matchAll(SCRIPT_FUNCTION)) {
    const args = argumentsOf(code, open(match));
    const [first] = args;
    if (first === undefined || /^["'](?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)["']$/.test(first.text)) continue;
    const inObject = first.text.startsWith('{');
    const path = inObject ? /\burl\s*:\s*([^,}]+)/.exec(first.text)?.[1]?.trim() : first.text;
    if (path === undefined) continue;
    calls.push({ position: match.index, method: methodIn(inObject ? first.text : args[1]?.text), path });
  }
  return calls;
}

/** The method that the options of a request name: GET where they name none, `any` where it is in a variable. */
function methodIn(options: string | undefined): string {
  if (options === undefined || !/\bmethod\b/.test(options)) return options?.startsWith('{') === false ? 'any' : 'get';
  return /\bmethod\s*:\s*["'`](\w+)["'`]/.exec(options)?.[1]?.toLowerCase() ?? 'any';
}

function pythonCalls(code: string): Call[] {
  const calls: Call[] = [];
  for (const match of code.matchAll(PYTHON_MEMBER)) {
    const [, receiver = '', verb = ''] = match;
    if (NOT_CLIENTS.test(receiver)) continue;
    const args = argumentsOf(code, open(match));
    const [first, second] = args;
    if (first === undefined) continue;
    if (verb !== 'request') calls.push({ position: match.index, method: verb, path: unnamed(first.text) });
    else if (second !== undefined) {
      const method = /^["'](\w+)["']$/.exec(first.text)?.[1]?.toLowerCase() ?? 'any';
      calls.push({ position: match.index, method, path: unnamed(second.text) });
    }
  }
  return calls;
}

const unnamed = (argument: string): string => argument.replace(/^url\s*=\s*/, '');

/** Names that stand for one text in a file. */
function namesOf(code: string, python: boolean): Names {
  const pattern = python
    ? /^[ \t]*([A-Za-z_]\w*)\s*(?::\s*\w+\s*)?=\s*([fF]?["'][^"'\n]*["'])[ \t]*$/gm
    : /\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::\s*\w+\s*)?=\s*(["'][^"'\n]*["']|`[^`\n]*`)/g;
  const values = new Map<string, string | null>();
  for (const [, name = '', value = ''] of code.matchAll(pattern)) {
    values.set(name, values.has(name) && values.get(name) !== value ? null : value);
  }
  const resolve = (name: string, depth: number): string | undefined => {
    const value = values.get(name);
    if (value === undefined || value === null || depth > 3) return undefined;
    const quote = value.replace(/^[fF]/, '')[0];
    const content = value.slice(value.indexOf(quote ?? '') + 1, -1);
    if (quote !== '`' && !/^[fF]/.test(value)) return content;
    const hole = quote === '`' ? /\$\{([^}]*)\}/g : /\{([^}]*)\}/g;
    return content.replace(hole, (_, inner: string) => resolve(inner.trim(), depth + 1) ?? UNKNOWN);
  };
  return (name) => resolve(name, 0);
}

const FUNCTION_HEAD =
  /\bfunction\s+([A-Za-z_$][\w$]*)\s*(?:<[^(){}]*>)?\s*\(|\bconst\s+([A-Za-z_$][\w$]*)\s*=\s*(?:async\s*)?(?:<[^(){}]*>)?\s*\((?=[^()]*\)[^=;{]*=>)/g;

/** Functions of a file that ask for a path which begins with one of their parameters. */
function wrappersOf({ scanned: { code } }: HttpFile): Wrapper[] {
  if (!CANDIDATE.test(code)) return [];
  const heads = [...code.matchAll(FUNCTION_HEAD)].map((match) => ({
    name: match[1] ?? match[2] ?? '',
    at: match.index,
    parameters: argumentsOf(code, open(match)).map(({ text }) => /^([A-Za-z_$][\w$]*)/.exec(text)?.[1] ?? ''),
  }));
  if (heads.length === 0) return [];
  return scriptCalls(code).flatMap(({ position, method, path }) => {
    const [, name, templated, rest] =
      /^(?:([A-Za-z_$][\w$]*)(?:\s*\+[\s\S]*)?|`\$\{([A-Za-z_$][\w$]*)\}([^`]*)`)$/.exec(path) ?? [];
    const parameter = name ?? templated;
    const head = heads.filter((other) => other.at < position).at(-1);
    const index = parameter === undefined ? -1 : (head?.parameters.indexOf(parameter) ?? -1);
    if (head === undefined || index < 0) return [];
    const suffix = rest === undefined || !rest.startsWith('/') ? [] : segmentsOf(rest.replace(/\$\{[^}]*\}/g, '*'));
    return suffix === undefined ? [] : [{ name: head.name, parameter: index, method, suffix }];
  });
}

function uniqueByName(wrappers: readonly Wrapper[]): Map<string, Wrapper[]> {
  const byName = new Map<string, Wrapper[]>();
  for (const wrapper of wrappers) byName.set(wrapper.name, [...(byName.get(wrapper.name) ?? []), wrapper]);
  return byName;
}

function wrappedRequests(
  { file, scanned: { code } }: HttpFile,
  pattern: RegExp,
  wrappers: ReadonlyMap<string, readonly Wrapper[]>,
  names: Names,
): HttpRequest[] {
  const found: HttpRequest[] = [];
  for (const match of code.matchAll(pattern)) {
    if (/\bfunction\s+$/.test(code.slice(Math.max(0, match.index - 20), match.index))) continue;
    const args = argumentsOf(code, open(match));
    for (const { parameter, method, suffix } of wrappers.get(match[1] ?? '') ?? []) {
      const path = pathOf(args[parameter]?.text ?? '', names);
      if (path === undefined) continue;
      found.push({ file, position: match.index, method, path: { ...path, segments: [...path.segments, ...suffix] } });
    }
  }
  return found;
}
