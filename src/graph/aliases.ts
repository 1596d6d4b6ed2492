/** Path aliases from the configuration files of a project: tsconfig `paths` and `baseUrl`, and the names of workspace packages. */
import ts from 'typescript';
import { folderOf, joinPath } from './resolve/paths.ts';
import type { PathAlias } from './resolve/index.ts';

interface ConfigFile {
  readonly path: string;
  readonly text: () => string;
}

const TSCONFIG = /(^|\/)[tj]sconfig(\.[\w-]+)?\.json$/;
const PACKAGE = /(^|\/)package\.json$/;

/** All aliases, those of the innermost folder first. Files that cannot be read as JSON say nothing. */
export function findAliases(files: readonly ConfigFile[]): PathAlias[] {
  const found: PathAlias[] = [];
  for (const file of files) {
    if (TSCONFIG.test(file.path)) found.push(...tsconfigAliases(file));
    else if (PACKAGE.test(file.path)) found.push(...packageAliases(file));
  }
  return found.sort((a, b) => b.under.length - a.under.length || (a.pattern < b.pattern ? -1 : 1));
}

function parsed(file: ConfigFile): Record<string, unknown> {
  const { config } = ts.parseConfigFileTextToJson(file.path, file.text()) as { config?: unknown };
  return isRecord(config) ? config : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tsconfigAliases(file: ConfigFile): PathAlias[] {
  const options = parsed(file)['compilerOptions'];
  if (!isRecord(options)) return [];
  const under = folderOf(file.path);
  const baseUrl = typeof options['baseUrl'] === 'string' ? options['baseUrl'] : undefined;
  const base = joinPath(under, baseUrl ?? '.');
  if (base === null) return [];
  const found: PathAlias[] = [];
  const paths = isRecord(options['paths']) ? options['paths'] : {};
  for (const [pattern, targets] of Object.entries(paths)) {
    if (!Array.isArray(targets)) continue;
    const resolved = targets.flatMap((target) => (typeof target === 'string' ? [joinPath(base, target) ?? ''] : []));
    found.push({ under, pattern, targets: resolved });
  }
  if (baseUrl !== undefined) found.push({ under, pattern: '*', targets: [base === '' ? '*' : `${base}/*`] });
  return found;
}

/** A package of the same project, by its name: `main`, `source` or the usual places; and below its folder. */
function packageAliases(file: ConfigFile): PathAlias[] {
  const content = parsed(file);
  const { name } = content;
  if (typeof name !== 'string' || name === '') return [];
  const folder = folderOf(file.path);
  const below = (path: string): string[] => {
    const joined = joinPath(folder, path);
    return joined === null ? [] : [joined];
  };
  const entries = ['source', 'types', 'module', 'main'].flatMap((key) => {
    const value = content[key];
    return typeof value === 'string' ? below(value) : [];
  });
  const usual = ['src/index', 'index', 'src/main'].flatMap((path) => below(path));
  return [
    { under: '', pattern: name, targets: [...entries, ...usual] },
    {
      under: '',
      pattern: `${name}/*`,
      targets: [`${folder}/*`, `${folder}/src/*`].map((path) => path.replace(/^\//, '')),
    },
  ];
}
