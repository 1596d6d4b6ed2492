/** From code that reads an environment variable to where it is declared: settings classes, `.env` files, compose files. */
import type { CrossEdges } from './cross-edges.ts';
import type { HttpFile } from './http-routes.ts';
import { argumentsOf, isScript, lineAt, type CrossFile } from './source-text.ts';

const STRENGTH = 0.3;

interface Declaration {
  readonly file: CrossFile;
  readonly position: number;
}

const PYTHON_READ =
  /\b(?:environ(?:\.(?:get|setdefault|pop))?\s*[[(]|getenv\(|(?:env|environment|environ)(?:\.get\(|\[))\s*["']([A-Z][A-Z0-9_]*)["']/g;
const SCRIPT_READ =
  /\b(?:process\.env|import\.meta\.env|Bun\.env)(?:\.([A-Za-z_]\w*)|\[\s*["']([A-Za-z_]\w*)["']\s*\])/g;
const SETTINGS_CLASS = /^class\s+\w+\(\s*(?:[\w.]+\s*,\s*)*(?:[\w.]*\.)?BaseSettings\b[^)]*\)\s*:/gm;
const SETTINGS_FIELD = /^[ \t]+([a-z_]\w*)\s*:\s*[^=\n]+(=.*)?$/gm;
const ENV_FILE = /(^|\/)\.env(\.[\w-]+)*$|\.env$/;
const ENV_LINE = /^[ \t]*(?:export[ \t]+)?#?[ \t]*([A-Z][A-Z0-9_]*)[ \t]*=/gm;
const COMPOSE = /(^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$/;
const COMPOSE_LINE = /^[ \t]+(?:-[ \t]*["']?)?([A-Z][A-Z0-9_]*)["']?[ \t]*[:=]/gm;
/** Set by every process manager; no declaration is missed when nothing is said of them. */
const COMMON = new Set(['PATH', 'HOME', 'NODE_ENV', 'MODE', 'DEV', 'PROD']);

/** Adds an edge from each reading of a variable to the declarations that the project has of it. */
export function environmentEdges(files: readonly HttpFile[], edges: CrossEdges): void {
  const declared = new Map<string, Declaration[]>();
  const declare = (file: CrossFile, pattern: RegExp): void => {
    for (const match of file.text.matchAll(pattern)) {
      const name = match[1] ?? '';
      const position = match.index + match[0].indexOf(name);
      declared.set(name, [...(declared.get(name) ?? []), { file, position }]);
    }
  };
  for (const { file } of files) {
    if (ENV_FILE.test(file.path)) declare(file, ENV_LINE);
    else if (COMPOSE.test(file.path)) declare(file, COMPOSE_LINE);
  }
  const fields = settingsFields(files);
  if (declared.size === 0 && fields.length === 0) return;
  const link = (file: CrossFile, position: number, name: string, targets: readonly Declaration[]): void => {
    for (const target of targets) {
      edges.add(file.atomAt(position), target.file.atomAt(target.position), STRENGTH, () => {
        const where = `${target.file.path}:${String(lineAt(target.file.text, target.position))}`;
        return `reads the environment variable \`${name}\`, declared at ${where}`;
      });
    }
  };
  for (const { name, ...field } of fields) link(field.file, field.position, name, declared.get(name) ?? []);
  const byField = new Map(fields.map((field) => [field.name, field]));
  for (const { file, scanned } of files) {
    for (const { name, position } of readsOf(file, scanned.code)) {
      if (COMMON.has(name)) continue;
      const field = byField.get(name);
      link(file, position, name, [...(field === undefined ? [] : [field]), ...(declared.get(name) ?? [])]);
    }
  }
}

function* readsOf(file: CrossFile, code: string): Generator<{ name: string; position: number }> {
  if (file.language === 'python') {
    if (!/env/i.test(code)) return;
    for (const match of code.matchAll(PYTHON_READ)) yield { name: match[1] ?? '', position: match.index };
  } else if (isScript(file.language)) {
    if (!code.includes('env')) return;
    for (const match of code.matchAll(SCRIPT_READ)) yield { name: match[1] ?? match[2] ?? '', position: match.index };
  }
}

/** Fields of pydantic's settings classes with the variable that each is read from. */
function settingsFields(files: readonly HttpFile[]): (Declaration & { readonly name: string })[] {
  return files.flatMap(({ file, scanned: { code } }) => {
    if (file.language !== 'python' || !code.includes('BaseSettings')) return [];
    return [...code.matchAll(SETTINGS_CLASS)].flatMap((header) => {
      const start = header.index + header[0].length;
      const next = code.slice(start).search(/^\S/m);
      const body = next < 0 ? code.slice(start) : code.slice(start, start + next);
      const prefix = /env_prefix\s*=\s*["'](\w*)["']/.exec(body)?.[1] ?? '';
      return [...body.matchAll(SETTINGS_FIELD)].map((match) => {
        const name = match[1] ?? '';
        const position = start + match.index + match[0].indexOf(name);
        return { file, position, name: aliasOf(match[2] ?? '') ?? `${prefix}${name}`.toUpperCase() };
      });
    });
  });
}

/** `Field(alias="X")` and `Field(validation_alias="X")`, and the older `Field(env="X")`. */
function aliasOf(value: string): string | undefined {
  const open = value.search(/\bField\s*\(/);
  if (open < 0) return undefined;
  for (const { text } of argumentsOf(value, value.indexOf('(', open))) {
    const [, alias] = /^(?:validation_alias|alias|env)\s*=\s*["'](\w+)["']$/.exec(text) ?? [];
    if (alias !== undefined) return alias;
  }
  return undefined;
}
