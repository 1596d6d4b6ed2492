/** Verdicts of rules by everything that they depend on: in this thread, and where there is one in a store that all workers share. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StaticInput, StaticVerdict } from './language-checks.ts';
import type { VerdictStore } from './verdict-store.ts';

/** The same file is judged as an atom's and as a module's, and again in later attempts. */
const KEPT = 256;
const JUDGES = ['pyright', 'typescript', '@astral-sh/ruff-wasm-nodejs', 'tree-sitter-python'];

const kept = new Map<string, Promise<StaticVerdict>>();
let rules: string | undefined;

/** The rules themselves, as a digest of this program's files and of the versions of those that it asks. */
function rulesDigest(): string {
  if (rules !== undefined) return rules;
  const hash = createHash('sha256');
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.[jt]s$/.test(name)).sort())
    hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  const require = createRequire(import.meta.url);
  for (const name of JUDGES) hash.update(`${name} ${versionOf(require, name)}\0`);
  rules = hash.digest('base64');
  return rules;
}

function versionOf(require: NodeJS.Require, name: string): string {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return 'none';
  }
}

function keyOf({ path, language, text, contract }: StaticInput): string {
  return createHash('sha256')
    .update(`${rulesDigest()}\0`)
    .update(JSON.stringify([path, language, text, contract]))
    .digest('hex');
}

/** A verdict that another version wrote differently is none. */
function read(text: string | null): StaticVerdict | null {
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<StaticVerdict> | null;
    return Array.isArray(value?.problems) ? { problems: value.problems, notRun: {} } : null;
  } catch {
    return null;
  }
}

async function workedOut(
  key: string,
  store: VerdictStore | undefined,
  judge: () => StaticVerdict | Promise<StaticVerdict>,
): Promise<StaticVerdict> {
  if (store === undefined) return judge();
  const known = read(await store.findVerdict(key));
  if (known !== null) return known;
  const verdict = await judge();
  // What could not be judged may be judged next time.
  if (Object.keys(verdict.notRun).length === 0)
    void store.keepVerdict(key, JSON.stringify({ problems: verdict.problems }));
  return verdict;
}

/** The verdict on a file: kept, or else worked out by `judge`. The same input is judged once per thread. */
export function keptVerdict(
  input: StaticInput,
  store: VerdictStore | undefined,
  judge: () => StaticVerdict | Promise<StaticVerdict>,
): Promise<StaticVerdict> {
  const key = keyOf(input);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const verdict = workedOut(key, store, judge);
  const oldest = kept.size < KEPT ? undefined : kept.keys().next().value;
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(key, verdict);
  verdict.catch(() => kept.delete(key));
  return verdict;
}
