import type { Finding } from '../../domain/index.ts';
import { findingAt } from './finding-at.ts';
import { importCycles } from './import-cycles.ts';

/** What files import when they are loaded, by path. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

interface TextFile {
  readonly path: string;
  readonly text: string;
}

export interface ImportsBefore {
  /** Of the present texts. */
  readonly now: ImportGraph;
  /** Of the drafts, for those files whose text is another now. */
  readonly drafted: ImportGraph;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The line of a file that names what it imports; its beginning where none does. */
function importPlace(file: TextFile, target: string): TextFile & { readonly position: number } {
  const name = (target.split('/').at(-1) ?? '')
    .replace(/\.\w+$/, '')
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const line = new RegExp(String.raw`^.*\b(?:import|from|require)\b.*${name}\b.*$`, 'm').exec(file.text);
  return { ...file, position: line?.index ?? 0 };
}

/** True when a file imports another now and did not as it was drafted. */
function isNew({ drafted }: ImportsBefore, from: string, to: string): boolean {
  return drafted.get(from)?.includes(to) === false;
}

/**
 * Circles of imports that begin in a component: errors where a candidate closes one that the drafts did not have, at the import that
 * closes it; warnings for all others. Python's names may not be there yet then; TypeScript's mostly are.
 */
export function cycleFindings(imports: ImportsBefore, own: readonly TextFile[]): Finding[] {
  const byPath = new Map(own.map((file) => [file.path, file]));
  return importCycles(imports.now).flatMap((cycle) => {
    const file = cycle.map((path) => byPath.get(path)).find((found) => found !== undefined);
    if (file === undefined || cycle.length < 3) return [];
    const shown = cycle.join(' -> ');
    const fix = 'move what both need into a file of its own';
    const closing = cycle.slice(0, -1).findIndex((path, i) => isNew(imports, path, cycle[i + 1] ?? ''));
    const closer = byPath.get(cycle[closing] ?? '');
    if (closing < 0)
      return [
        findingAt({ ...file, position: 0 }, 'import-cycle', `these files import each other: ${shown}`, fix, 'warning'),
      ];
    // The component that the closing import stands in has the finding.
    if (closer === undefined) return [];
    const place = importPlace(closer, cycle[closing + 1] ?? '');
    return [findingAt(place, 'new-import-cycle', `this import makes a circle that was not planned: ${shown}`, fix)];
  });
}

/** The drafts' graph of folders: an import from one file to another joins their folders. */
function folderGraph({ now, drafted }: ImportsBefore): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const [path, targets] of new Map([...now, ...drafted]))
    for (const target of targets) {
      const [from, to] = [folderOf(path), folderOf(target)];
      if (from !== to) folders.set(from, (folders.get(from) ?? new Set()).add(to));
    }
  return folders;
}

function reaches(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const folder of seen) {
    if (folder === to) return true;
    for (const next of graph.get(folder) ?? []) seen.add(next);
  }
  return false;
}

/** Imports that candidates add against the direction in which the drafts' folders import each other. */
export function layerFindings(imports: ImportsBefore, own: readonly TextFile[]): Finding[] {
  if (imports.drafted.size === 0) return [];
  const drafts = folderGraph(imports);
  return own.flatMap((file) =>
    (imports.now.get(file.path) ?? [])
      .filter((target) => isNew(imports, file.path, target))
      .filter((target) => {
        const [from, to] = [folderOf(file.path), folderOf(target)];
        // A folder and those within it are no layers.
        const nested = `${from}/`.startsWith(`${to}/`) || `${to}/`.startsWith(`${from}/`);
        return from !== to && !nested && drafts.get(from)?.has(to) !== true && reaches(drafts, to, from);
      })
      .map((target) =>
        findingAt(
          importPlace(file, target),
          'layer-violation',
          `${file.path} imports ${target}, but ${folderOf(target)} is built on ${folderOf(file.path)}`,
          'have it given by the caller, or move it down',
        ),
      ),
  );
}
