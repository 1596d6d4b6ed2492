import type { ScriptFile } from './script-file.ts';

/** What the `package.json` files of a project declare. */
export interface Manifests {
  /** True when the project has at least one that can be read. */
  readonly present: boolean;
  readonly declared: ReadonlySet<string>;
  /** `type` of the manifest that is nearest to a file. */
  moduleTypeOf(path: string): 'module' | 'commonjs' | null;
}

const FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

interface Manifest {
  readonly folder: string;
  readonly content: Record<string, unknown>;
}

function parse(file: ScriptFile): Manifest[] {
  try {
    const content = JSON.parse(file.text) as unknown;
    if (typeof content !== 'object' || content === null || Array.isArray(content)) return [];
    return [{ folder: file.path.slice(0, -'package.json'.length), content: content as Record<string, unknown> }];
  } catch {
    return [];
  }
}

function declaredBy({ content }: Manifest): string[] {
  const names = FIELDS.flatMap((field) => {
    const value = content[field];
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  });
  const own = typeof content['name'] === 'string' ? [content['name']] : [];
  // `@types/express` makes `express` known by name: that it runs is for the dependency check of level 4 to say.
  return [...names, ...names.filter((name) => name.startsWith('@types/')).map((name) => name.slice(7)), ...own];
}

/** Reads the manifests among the files; `packages` are names that the project declares besides. */
export function readManifests(files: readonly ScriptFile[], packages: readonly string[] | null): Manifests {
  const manifests = files
    .filter(({ path }) => path === 'package.json' || path.endsWith('/package.json'))
    .flatMap(parse)
    .sort((a, b) => b.folder.length - a.folder.length);
  return {
    present: manifests.length > 0 || packages !== null,
    declared: new Set([...manifests.flatMap(declaredBy), ...(packages ?? [])]),
    moduleTypeOf(path) {
      const nearest = manifests.find(({ folder }) => path.startsWith(folder));
      if (nearest === undefined) return null;
      return nearest.content['type'] === 'module' ? 'module' : 'commonjs';
    },
  };
}
