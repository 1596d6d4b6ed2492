import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ToolchainState } from './toolchain-state.ts';

const run = promisify(execFile);

/** A Python of the host that can run the tests of generated projects. */
export interface Python {
  readonly executable: string;
  readonly version: string;
  /** Folders to show inside the sandbox, beyond /usr. */
  readonly readOnly: readonly string[];
  readonly missing: readonly string[];
}

/** pytest is what the tests run with; the others are what most generated projects are made of. Some need more: see the advice. */
const NEEDED = ['pytest', 'fastapi', 'httpx', 'sqlalchemy'];
const ADVICE =
  'apt-get install python3-fastapi python3-flask python3-httpx python3-jwt python3-multipart python3-pytest python3-sqlalchemy';

const INSPECT = `
import importlib.util, json, os, sys
needed = ${JSON.stringify(NEEDED)}
missing = [name for name in needed if importlib.util.find_spec(name) is None]
folders = {sys.prefix, sys.base_prefix, *(path for path in sys.path if os.path.isdir(path))}
print(json.dumps({"executable": sys.executable, "version": sys.version.split()[0], "missing": missing, "folders": sorted(folders)}))
`;

/** Programs to try: Debian's Python first, as its packages are the ones that an operator can install at once. */
const CANDIDATES: readonly string[] = ['/usr/bin/python3', 'python3', 'python'];

async function inspect(program: string): Promise<Python | null> {
  try {
    // -I: neither the current folder nor variables of the caller decide what is imported.
    const { stdout } = await run(program, ['-I', '-c', INSPECT], { timeout: 10_000, cwd: '/' });
    const facts = JSON.parse(stdout) as { executable: string; version: string; missing: string[]; folders: string[] };
    const readOnly = outermost(facts.folders.filter((folder) => !isUnder(folder, '/usr') && folder !== '/'));
    return { executable: facts.executable, version: facts.version, missing: facts.missing, readOnly };
  } catch {
    return null;
  }
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Leaves out folders that lie in others of the list. */
function outermost(folders: readonly string[]): string[] {
  return folders.filter((folder) => !folders.some((other) => other !== folder && isUnder(folder, other)));
}

/** The first Python that has everything; else the one that misses least, so that the reason can name what is missing. */
export async function findPython(candidates = CANDIDATES): Promise<{ python: Python | null; state: ToolchainState }> {
  const found: Python[] = [];
  for (const candidate of candidates) {
    const python = await inspect(candidate);
    if (python !== null) found.push(python);
    if (python?.missing.length === 0) break;
  }
  const [best] = found.toSorted((a, b) => a.missing.length - b.missing.length);
  if (best === undefined)
    return { python: null, state: { name: 'python', available: false, detail: `no python3 is installed; ${ADVICE}` } };
  if (best.missing.length === 0) {
    return {
      python: best,
      state: { name: 'python', available: true, detail: `Python ${best.version} at ${best.executable}` },
    };
  }
  const detail = `Python ${best.version} at ${best.executable} lacks ${best.missing.join(', ')}; ${ADVICE}`;
  return { python: best, state: { name: 'python', available: false, detail } };
}
