import { posix } from 'node:path';
import type { Slices } from './project-slices.ts';

/** A place in a file of the project. */
export interface Frame {
  readonly file: string;
  readonly line: number;
}

const PYTHON_FRAME = /File "([^"\n]+)", line (\d+)/g;
const PLAIN_FRAME = /((?:\/|\.{0,2}\/)?[\w@.()[\]-]+(?:\/[\w@.()[\]-]+)*\.(?:py|[cm]?[jt]sx?)):(\d+)/g;

/** Where the sandbox shows the project. */
const INSIDE = '/project/';

/**
 * The places in files of the project that a stack trace or a tool's output names, in its order; places in libraries are left out.
 * @param directory folder of the part that the tool ran in
 */
export function framesOf(text: string, directory: string, slices: Slices): Frame[] {
  const found = [...text.matchAll(PYTHON_FRAME), ...text.matchAll(PLAIN_FRAME)].sort((a, b) => a.index - b.index);
  return found.flatMap(([, path = '', line = '1']) => {
    const file = fileNamed(path.replace(/^file:\/\//, ''), directory, slices);
    return file === null ? [] : [{ file, line: Number(line) }];
  });
}

function fileNamed(path: string, directory: string, slices: Slices): string | null {
  if (path.includes('node_modules/')) return null;
  const at = path.indexOf(INSIDE);
  if (at < 0 && posix.isAbsolute(path)) return null;
  const names =
    at < 0
      ? [posix.normalize(posix.join(directory, path)), posix.normalize(path)]
      : [posix.normalize(path.slice(at + INSIDE.length))];
  return names.find((name) => slices.has(name)) ?? null;
}

const TEST_FILE = /(^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|\.(?:test|spec)\.[cm]?[jt]sx?$/;

/** True for files of tests and what only they load. */
export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path);
}

/** The code that failed under a test: pytest names the innermost frame last, runners of JavaScript first. */
export function innermost(frames: readonly Frame[], toolchain: string): Frame | null {
  const code = frames.filter(({ file }) => !isTestFile(file));
  return (toolchain === 'python' ? code.at(-1) : code[0]) ?? null;
}
