import type TypeScript from 'typescript';
import { compiler } from './compiler.ts';

/** What `make` gives for a key, made once. */
class Kept<T> {
  private readonly values = new Map<string, T>();

  get(key: string, make: () => T): T {
    const known = this.values.get(key);
    if (known !== undefined || this.values.has(key)) return known as T;
    const value = make();
    this.values.set(key, value);
    return value;
  }
}

/**
 * The libraries that this program carries, as the compiler sees them: what is on the disk outside the checked project. They do not
 * change while the program runs, so that each is looked for, read and resolved once per thread; the compiler by itself reads them all
 * for every program that it makes.
 */
export class PackageFiles {
  private readonly ts = compiler();
  private readonly texts = new Kept<string | undefined>();
  private readonly snapshots = new Kept<TypeScript.IScriptSnapshot | undefined>();
  private readonly files = new Kept<boolean>();
  private readonly folders = new Kept<boolean>();
  private readonly modules = new Kept<TypeScript.ResolvedModuleWithFailedLookupLocations>();
  private readonly types = new Kept<TypeScript.ResolvedTypeReferenceDirectiveWithFailedLookupLocations>();
  private readonly host: TypeScript.ModuleResolutionHost;
  /** What is known of packages' own manifests. */
  readonly resolutions = this.ts.createModuleResolutionCache('/', (name) => name);

  /** `root`: where the checked project lies in the compiler's eyes; nothing below it is looked for on the disk. */
  constructor(root: string) {
    const { sys } = this.ts;
    const isOutside = (name: string): boolean => name !== root && !name.startsWith(`${root}/`);
    this.host = {
      fileExists: (name) => isOutside(name) && this.fileExists(name),
      readFile: (name) => (isOutside(name) ? this.readFile(name) : undefined),
      directoryExists: (name) => isOutside(name) && this.directoryExists(name),
      getCurrentDirectory: () => sys.getCurrentDirectory(),
      realpath: (name) => sys.realpath?.(name) ?? name,
    };
  }

  readFile(name: string): string | undefined {
    return this.texts.get(name, () => this.ts.sys.readFile(name));
  }

  snapshot(name: string): TypeScript.IScriptSnapshot | undefined {
    return this.snapshots.get(name, () => {
      const text = this.readFile(name);
      return text === undefined ? undefined : this.ts.ScriptSnapshot.fromString(text);
    });
  }

  fileExists(name: string): boolean {
    return this.files.get(name, () => this.ts.sys.fileExists(name));
  }

  directoryExists(name: string): boolean {
    return this.folders.get(name, () => this.ts.sys.directoryExists(name));
  }

  /** The module that `specifier` means in a file outside the project. */
  resolve(
    specifier: string,
    from: string,
    options: TypeScript.CompilerOptions,
  ): TypeScript.ResolvedModuleWithFailedLookupLocations {
    const key = JSON.stringify([specifier, from, options.baseUrl, options.paths]);
    return this.modules.get(key, () => this.ts.resolveModuleName(specifier, from, options, this.host));
  }

  /** The declarations that `types` of the options or `/// <reference types>` of a file mean. */
  resolveTypes(
    name: string,
    from: string,
    options: TypeScript.CompilerOptions,
    mode: TypeScript.ResolutionMode,
  ): TypeScript.ResolvedTypeReferenceDirectiveWithFailedLookupLocations {
    const key = JSON.stringify([name, from, options.typeRoots, mode]);
    return this.types.get(key, () =>
      this.ts.resolveTypeReferenceDirective(name, from, options, this.host, undefined, undefined, mode),
    );
  }
}
