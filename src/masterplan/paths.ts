/** Paths of files inside a produced project. */
import { isWellFormed } from './storable.ts';

/** The artifact lists its files under this name. */
const MANIFEST = 'mge-manifest.json';
const MAX_PATH = 1_000;
const MAX_SEGMENT = 255;

function segmentProblem(segment: string): string | null {
  if (segment === '') return 'has an empty part (leading, trailing or double "/")';
  if (segment === '.' || segment === '..') return `has the part "${segment}"`;
  if (segment.toLowerCase() === '.git') return 'lies in ".git", which the exported repository needs for itself';
  if (Buffer.byteLength(segment) > MAX_SEGMENT) return `has a part longer than ${MAX_SEGMENT} bytes`;
  return null;
}

/** What makes a path unusable inside a project, or null: it must be relative, "/"-separated and stay inside. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.length > MAX_PATH) return `is longer than ${MAX_PATH} characters`;
  if (!isWellFormed(path) || /[\p{Cc}\p{Cf}]/u.test(path)) return 'holds a control character';
  if (/[\\:*?"<>|]/.test(path)) return 'holds one of \\ : * ? " < > |, which not every file system can store';
  if (path.toLowerCase() === MANIFEST) return 'is reserved: the artifact holds its own manifest under this name';
  return (
    path
      .split('/')
      .map(segmentProblem)
      .find((problem) => problem !== null) ?? null
  );
}

/** For each path that cannot stand beside an earlier one: its index and why. Case does not tell paths apart. */
export function pathCollisions(paths: readonly string[]): { index: number; problem: string }[] {
  const files = new Map<string, number>();
  const folders = new Map<string, number>();
  const collisions: { index: number; problem: string }[] = [];
  for (const [index, path] of paths.entries()) {
    const key = path.toLowerCase();
    const parents = key
      .split('/')
      .map((_, depth, parts) => parts.slice(0, depth).join('/'))
      .slice(1);
    const blocked = parents.find((parent) => files.has(parent));
    if (files.has(key)) collisions.push({ index, problem: 'is there twice (upper and lower case count as the same)' });
    else if (folders.has(key)) collisions.push({ index, problem: 'is a file here and a folder elsewhere' });
    else if (blocked !== undefined)
      collisions.push({ index, problem: `needs "${blocked}" as a folder, which is a file elsewhere` });
    files.set(key, index);
    parents.forEach((parent) => folders.set(parent, index));
  }
  return collisions;
}
