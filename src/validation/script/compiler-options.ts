import type TypeScript from 'typescript';
import { compiler, packageFolder } from './compiler.ts';
import type { ScriptFile } from './script-file.ts';

/** `files[].path` of the configuration that counts for a file: the nearest one above it. */
function nearestConfig(files: readonly ScriptFile[], about: string | null): ScriptFile | null {
  if (about === null) return null;
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
  const configs = files
    .filter(({ path }) => /(^|\/)(?:ts|js)config(?:\.app)?\.json$/.test(path) && about.startsWith(folderOf(path)))
    .sort((a, b) => folderOf(b.path).length - folderOf(a.path).length || a.path.length - b.path.length);
  // A root that only refers to others ("references") holds no options: `tsconfig.app.json` beside it does.
  return configs.find(({ text }) => text.includes('"compilerOptions"')) ?? null;
}

function declaredOptions(files: readonly ScriptFile[], about: string | null): TypeScript.CompilerOptions {
  const ts = compiler();
  const config = nearestConfig(files, about);
  if (config === null) return {};
  const parsed = ts.parseConfigFileTextToJson(config.path, config.text).config as
    { compilerOptions?: unknown } | undefined;
  const folder = `/project/${config.path.slice(0, config.path.lastIndexOf('/') + 1)}`;
  return ts.convertCompilerOptionsFromJson(parsed?.compilerOptions ?? {}, folder).options;
}

/** What the declared options may decide; the rest (output, emit, library folders) has no meaning here. */
const TAKEN = [
  'strict',
  'strictNullChecks',
  'noImplicitReturns',
  'noFallthroughCasesInSwitch',
  'jsx',
  'jsxImportSource',
  'baseUrl',
  'paths',
  'experimentalDecorators',
  'esModuleInterop',
  'useDefineForClassFields',
] as const;

/**
 * The options that a file is checked with: those of its `tsconfig.json` where the project has one, else strict. The libraries
 * are always there in full, browser and Node alike: a name that either knows is no unresolved name.
 */
export function compilerOptionsOf(files: readonly ScriptFile[], about: string | null): TypeScript.CompilerOptions {
  const ts = compiler();
  const declared = declaredOptions(files, about);
  const taken = Object.fromEntries(TAKEN.flatMap((key) => (declared[key] === undefined ? [] : [[key, declared[key]]])));
  const nodeTypes = packageFolder('@types/node');
  return {
    strict: true,
    jsx: ts.JsxEmit.ReactJSX,
    ...taken,
    noImplicitAny: true,
    target: ts.ScriptTarget.ESNext,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: true,
    allowSyntheticDefaultImports: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    noEmit: true,
    noErrorTruncation: false,
    libReplacement: false,
    types: nodeTypes === null ? [] : ['node'],
    ...(nodeTypes === null ? {} : { typeRoots: [nodeTypes.slice(0, nodeTypes.lastIndexOf('/'))] }),
  };
}
