import { isBuiltin } from 'node:module';
import { dirname, posix } from 'node:path';
import type TypeScript from 'typescript';
import { compiler, packageFolder } from './compiler.ts';
import { compilerOptionsOf } from './compiler-options.ts';
import { readManifests, type Manifests } from './manifests.ts';
import { PackageFiles } from './package-files.ts';
import type { ScriptFile } from './script-file.ts';

/** Where the project's files live in the compiler's eyes. Nothing is read from the disk below it. */
const ROOT = '/project';
const AMBIENT = `${ROOT}/.mge/ambient.d.ts`;
const COMPILED = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** Packages whose types this program carries: projects that declare them are checked against these. */
const TYPED_PACKAGES: ReadonlySet<string> = new Set(['react', 'react-dom']);

interface Entry {
  version: number;
  text: string;
}

/** What the compiler asks a host for beside what its types say: without the cache it reads every `package.json` for every program. */
interface ScriptHost extends TypeScript.LanguageServiceHost {
  getModuleResolutionCache(): TypeScript.ModuleResolutionCache;
}

/** A project's files in a language service that stays warm between checks: only what changed is parsed again. */
export class ScriptProject {
  private readonly ts = compiler();
  private readonly entries = new Map<string, Entry>();
  private readonly outside = new PackageFiles(ROOT);
  private readonly service: TypeScript.LanguageService;
  private options: TypeScript.CompilerOptions;
  private manifests: Manifests = readManifests([], null);
  private generation = 0;

  constructor(registry: TypeScript.DocumentRegistry) {
    this.options = compilerOptionsOf([], null);
    this.service = this.ts.createLanguageService(this.host(), registry);
  }

  /** Makes the project consist of exactly these files. Files that did not change keep what is known about them. */
  update(files: readonly ScriptFile[], about: string, packages: readonly string[] | null = null): void {
    this.manifests = readManifests(files, packages);
    this.options = compilerOptionsOf(files, about);
    const kept = new Set<string>();
    for (const { path, text } of files) {
      const name = fileNameOf(path);
      kept.add(name);
      this.put(name, text);
    }
    kept.add(AMBIENT);
    this.put(AMBIENT, this.ambient(files));
    for (const name of this.entries.keys()) if (!kept.has(name)) this.entries.delete(name);
  }

  /** The program of the present files. */
  program(): TypeScript.Program {
    const program = this.service.getProgram();
    if (program === undefined) throw new Error('the language service gave no program');
    return program;
  }

  /** The manifest that counts for a file: what it may import by package name. */
  get packages(): Manifests {
    return this.manifests;
  }

  /** True when the project's configuration maps import paths. */
  get hasAliases(): boolean {
    return this.options.paths !== undefined || this.options.baseUrl !== undefined;
  }

  /** Whether a specifier leads to a file of the project, or to a package whose types are here. */
  resolves(specifier: string, from: string): boolean {
    return this.resolve(specifier, from, this.options).resolvedModule !== undefined;
  }

  /** True when types of what a file imports are not known: files that were not given, packages that are not installed. */
  hasUnknownImports(source: TypeScript.SourceFile): boolean {
    const { ts } = this;
    return source.statements.some((statement) => {
      const names = ts.isImportDeclaration(statement)
        ? statement.importClause !== undefined
        : ts.isExportDeclaration(statement);
      const specifier =
        ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined;
      if (!names || specifier === undefined || !ts.isStringLiteral(specifier)) return false;
      return !isBuiltin(specifier.text) && !this.resolves(specifier.text, source.fileName);
    });
  }

  /** The project file that a specifier leads to, or null. */
  pathResolved(specifier: string, from: string): string | null {
    const name = this.resolve(specifier, from, this.options).resolvedModule?.resolvedFileName;
    return name === undefined || !this.entries.has(name) ? null : pathOf(name);
  }

  private put(name: string, text: string): void {
    const entry = this.entries.get(name);
    if (entry?.text === text) return;
    this.entries.set(name, { text, version: ++this.generation });
  }

  /** Packages that are declared but whose types are not here are taken as they come: `any`. */
  private ambient(files: readonly ScriptFile[]): string {
    const names = [...this.manifests.declared].filter((name) => !this.isTyped(name));
    const assets = ['*.css', '*.scss', '*.svg', '*.png', '*.jpg', '*.json', '*.md', '*.html', '*?raw', '*?url'];
    const lines = [...names.flatMap((name) => [name, `${name}/*`]), ...assets].map(
      (name) => `declare module '${name}';`,
    );
    const usesVite = this.manifests.declared.has('vite') || files.some((file) => file.path.endsWith('vite.config.ts'));
    if (usesVite) lines.push('interface ImportMeta { readonly env: Record<string, any>; readonly hot?: any }');
    return `${lines.join('\n')}\n`;
  }

  private isTyped(name: string): boolean {
    return TYPED_PACKAGES.has(name) && packageFolder(`@types/${name}`) !== null;
  }

  private host(): ScriptHost {
    const { ts, entries, outside } = this;
    const isOutside = (name: string): boolean => !name.startsWith(`${ROOT}/`);
    const read = (name: string): string | undefined =>
      entries.get(name)?.text ?? (isOutside(name) ? outside.readFile(name) : undefined);
    return {
      getCompilationSettings: () => this.options,
      getScriptFileNames: () => [...entries.keys()].filter((name) => COMPILED.test(name)),
      getScriptVersion: (name) => String(entries.get(name)?.version ?? 0),
      getScriptSnapshot: (name) => {
        const text = entries.get(name)?.text;
        if (text !== undefined) return ts.ScriptSnapshot.fromString(text);
        return isOutside(name) ? outside.snapshot(name) : undefined;
      },
      getCurrentDirectory: () => ROOT,
      getModuleResolutionCache: () => outside.resolutions,
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      fileExists: (name) => entries.has(name) || (isOutside(name) && outside.fileExists(name)),
      readFile: read,
      useCaseSensitiveFileNames: () => true,
      directoryExists: (name) =>
        isOutside(name)
          ? outside.directoryExists(name)
          : [...entries.keys()].some((entry) => entry.startsWith(`${name}/`)),
      resolveModuleNameLiterals: (literals, from, _redirected, options) =>
        literals.map((literal) => this.resolve(literal.text, from, options)),
      resolveTypeReferenceDirectiveReferences: (references, from, _redirected, options, file) =>
        references.map((reference) => {
          const name = typeof reference === 'string' ? reference : reference.fileName;
          return outside.resolveTypes(
            name,
            from,
            options,
            ts.getModeForFileReference(reference, file?.impliedNodeFormat),
          );
        }),
    };
  }

  private resolve(
    specifier: string,
    from: string,
    options: TypeScript.CompilerOptions,
  ): TypeScript.ResolvedModuleWithFailedLookupLocations {
    const { ts } = this;
    const typed = packageOf(specifier);
    if (!from.startsWith(`${ROOT}/`)) return this.outside.resolve(specifier, from, options);
    const folder = TYPED_PACKAGES.has(typed) && this.manifests.declared.has(typed) ? packageFolder('typescript') : null;
    if (folder === null) return ts.resolveModuleName(specifier, from, options, this.resolutionHost);
    return this.outside.resolve(specifier, posix.join(dirname(folder), '..', 'beside.ts'), options);
  }

  private readonly resolutionHost: TypeScript.ModuleResolutionHost = {
    fileExists: (name) => this.entries.has(name),
    readFile: (name) => this.entries.get(name)?.text,
  };
}

/** The name that the compiler knows a file of the project by. */
export function fileNameOf(path: string): string {
  return posix.join(ROOT, path);
}

/** The path of a project file from the compiler's name for it; null for files that are not the project's. */
export function pathOf(fileName: string): string | null {
  return fileName.startsWith(`${ROOT}/`) ? fileName.slice(ROOT.length + 1) : null;
}

/** `lodash/fp` belongs to `lodash`, `@scope/name/part` to `@scope/name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}
