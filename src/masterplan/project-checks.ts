import type { PlannedTask, ProjectCheck } from '../domain/index.ts';

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

/** Text of a package.json; null for any other file. */
function manifestOf(task: PlannedTask): string | null {
  if (!/(^|\/)package\.json$/.test(task.filePath) || task.draft === null) return null;
  return Buffer.from(task.draft).toString('utf8');
}

function isReactVite(task: PlannedTask): boolean {
  const manifest = manifestOf(task);
  return manifest !== null && manifest.includes('"react"') && manifest.includes('"vite"');
}

/** What runs on Node and is tested with vitest, unless it is a front end in React. */
function isNode(task: PlannedTask): boolean {
  return manifestOf(task)?.includes('"vitest"') === true && !isReactVite(task);
}

/** The folder that pytest is started in for a test file: the one above its tests folder, else its own. */
function pytestFolder(path: string): string | null {
  if (!/(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path)) return null;
  const folder = `/${folderOf(path)}`.replace('/.', '');
  const at = folder.search(/\/tests?(\/|$)/);
  return (at < 0 ? folder : folder.slice(0, at)).replace(/^\//, '') || '.';
}

/** Folders without those that lie inside another one of the list. */
function outermost(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)].sort();
  return unique.filter(
    (folder) => !unique.some((other) => other !== folder && (other === '.' || folder.startsWith(`${other}/`))),
  );
}

/**
 * Which parts of a brought project can be checked as a whole: pytest where there are Python tests, Vite where React is used, Node
 * where vitest tests something else.
 */
export function checksOf(tasks: readonly PlannedTask[]): ProjectCheck[] {
  const python = outermost(tasks.map((task) => pytestFolder(task.filePath)).filter((folder) => folder !== null));
  const react = outermost(tasks.filter(isReactVite).map((task) => folderOf(task.filePath)));
  const node = outermost(tasks.filter(isNode).map((task) => folderOf(task.filePath)));
  return [
    ...python.map((directory) => ({ name: `python:${directory}`, directory, toolchain: 'python' as const })),
    ...react.map((directory) => ({ name: `react:${directory}`, directory, toolchain: 'react-vite' as const })),
    ...node.map((directory) => ({ name: `node:${directory}`, directory, toolchain: 'node' as const })),
  ];
}
