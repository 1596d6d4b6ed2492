/** Finds the tests of a project that touch each atom: by name in tests that import the atom's file, or through the chain of imports. */
import type { AtomContext } from '../domain/index.ts';
import { withContext } from './atomicity.ts';
import type { AtomDraft, AtomizedFile } from './atomized-file.ts';
import { Breather } from './breather.ts';
import { type PartFinding, withTests } from './context/index.ts';
import { folderOf, Modules } from './project-modules.ts';

type TestCase = AtomContext['test_cases'][number];

/** Tests listed per atom at most. */
const MAX_TESTS = 10;

const TEST_FILE =
  /(^|\/)(tests?|__tests__|spec)\/|(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$|\.(test|spec)\.[cm]?[jt]sx?$|_test\.go$|Tests?\.(java|cs)$/;
const SUPPORT_FILE = /(^|\/)(conftest\.py|setup\.[cm]?[jt]sx?|__init__\.py)$/;

/** Test functions of Python and Go; named blocks of JavaScript test runners are read from the text. */
const TEST_FUNCTION = /^(test|Test)[_A-Z]/;
const NAMED_TEST = /\b(?:it|test)(?:\.\w+)?\(\s*(['"`])((?:(?!\1)[^\\\n]|\\.)*)\1/g;

export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path);
}

interface TestAtom {
  readonly cases: readonly TestCase[];
  /** Names that the atom uses, imports included. */
  readonly names: ReadonlySet<string>;
}

/** What a test file can tell: its tests with the names they use. */
interface TestFile {
  readonly path: string;
  readonly atoms: readonly TestAtom[];
  /** Indexes of files that it imports itself, and of all that are reached from it. */
  readonly direct: ReadonlySet<number>;
  readonly reached: ReadonlySet<number>;
}

function importsOf(file: AtomizedFile, modules: Modules): Set<number> {
  const found = new Set<number>();
  for (const atom of file.atoms) {
    for (const { module, names } of atom.context.imports) {
      for (const index of modules.resolve(file.path, module, names)) found.add(index);
    }
  }
  return found;
}

function reachedFrom(start: number, imports: readonly ReadonlySet<number>[]): Set<number> {
  const reached = new Set<number>();
  const queue = [start];
  while (queue.length > 0) {
    for (const next of imports[queue.pop() as number] ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      queue.push(next);
    }
  }
  return reached;
}

function testCases(path: string, atom: AtomDraft, text: string): TestCase[] {
  const cases: TestCase[] = [];
  for (const { name, line } of atom.context.defines)
    if (TEST_FUNCTION.test(name)) cases.push({ file: path, name, line });
  if (/\.[cm]?[jt]sx?$/.test(path)) {
    for (const match of text.matchAll(NAMED_TEST)) {
      const line = atom.range.startLine + (text.slice(0, match.index).match(/\n/g)?.length ?? 0);
      cases.push({ file: path, name: match[2] ?? '', line });
    }
  }
  return cases;
}

function namesIn(atom: AtomDraft): Set<string> {
  const names = new Set<string>();
  for (const { name } of atom.context.uses) names.add(name);
  for (const entry of atom.context.imports) for (const name of entry.names) names.add(name);
  return names;
}

/** The names by which others know what an atom holds: what it defines at module level and what it is part of. */
function symbolsOf(atom: AtomDraft): Set<string> {
  const symbols = new Set<string>(atom.symbolPath.split('.').slice(0, 2));
  if (atom.role !== 'body')
    for (const { name, kind } of atom.context.defines) if (kind !== 'parameter') symbols.add(name);
  symbols.delete('');
  return symbols;
}

/** What each file imports, as indexes; pytest loads the conftest.py of a test's folder and of those above it. */
async function importsOfAll(
  files: readonly AtomizedFile[],
  modules: Modules,
  breather: Breather,
): Promise<Set<number>[]> {
  const imports: Set<number>[] = [];
  for (const file of files) {
    imports.push(importsOf(file, modules));
    await breather.pause();
  }
  files.forEach((conftest, index) => {
    if (!/(^|\/)conftest\.py$/.test(conftest.path)) return;
    files.forEach((file, other) => {
      if (other !== index && isTestFile(file.path) && file.path.startsWith(folderOf(conftest.path)))
        imports[other]?.add(index);
    });
  });
  return imports;
}

/** All test files of a project with what they reach. */
async function readTestFiles(
  files: readonly AtomizedFile[],
  textOf: (file: number, atom: AtomDraft) => string,
  breather: Breather,
): Promise<TestFile[]> {
  const tests = files.flatMap((file, index) =>
    isTestFile(file.path) && !SUPPORT_FILE.test(file.path) ? [{ file, index }] : [],
  );
  if (tests.length === 0) return [];
  const wholeText = (file: number): string => (files[file]?.atoms ?? []).map((atom) => textOf(file, atom)).join('');
  const imports = await importsOfAll(files, new Modules(files, wholeText), breather);
  const found: TestFile[] = [];
  for (const { file, index } of tests) {
    const atoms = file.atoms.map((atom) => ({
      cases: testCases(file.path, atom, textOf(index, atom)),
      names: namesIn(atom),
    }));
    const direct = imports[index] as ReadonlySet<number>;
    found.push({ path: file.path, atoms, direct, reached: reachedFrom(index, imports) });
    await breather.pause();
  }
  return found;
}

/** The nearest tests at or before each atom of a test file: the body of a long test belongs to it. */
function touching(test: TestFile, symbols: ReadonlySet<string>): TestCase[] {
  const found: TestCase[] = [];
  let current: readonly TestCase[] = [];
  for (const atom of test.atoms) {
    if (atom.cases.length > 0) current = atom.cases;
    if (![...symbols].some((symbol) => atom.names.has(symbol))) continue;
    for (const entry of current) if (!found.includes(entry)) found.push(entry);
  }
  return found;
}

function findTests(
  atom: AtomDraft,
  tests: readonly TestFile[],
  doctest: TestCase | undefined,
): { cases: TestCase[]; finding: PartFinding } {
  const symbols = symbolsOf(atom);
  const named: TestCase[] = doctest === undefined ? [] : [doctest];
  let reaching: TestCase[] = [];
  for (const test of tests) {
    const cases = touching(test, symbols);
    if (cases.length > 0) named.push(...cases);
    else if (reaching.length < MAX_TESTS)
      reaching = reaching.concat(test.atoms.flatMap(({ cases: all }) => all).slice(0, 2));
  }
  if (named.length > 0) {
    const reason = `${String(named.length)} tests of the project name it`;
    return { cases: named.slice(0, MAX_TESTS), finding: { known: 1, needed: 1, reason } };
  }
  if (reaching.length > 0) {
    const reason = 'tests of the project reach its file through imports';
    return { cases: reaching.slice(0, MAX_TESTS), finding: { known: 1, needed: 1, reason } };
  }
  return { cases: [], finding: { known: 0, needed: 1, reason: 'no test of the project was found for it' } };
}

/** Examples in documentation strings that Python's doctest runs, by the path of what they belong to. */
function doctestsOf(file: AtomizedFile): Map<string, TestCase> {
  const found = new Map<string, TestCase>();
  if (!file.path.endsWith('.py')) return found;
  for (const { context, symbolPath, range } of file.atoms) {
    if (symbolPath === '' || context.docstring?.includes('>>> ') !== true || found.has(symbolPath)) continue;
    found.set(symbolPath, { file: file.path, name: `doctest of ${symbolPath}`, line: range.startLine });
  }
  return found;
}

function needsTests(atom: AtomDraft): boolean {
  const part = atom.context.completeness.find((entry) => entry.part === 'tests');
  return part !== undefined && part.score === 0 && !part.reason.startsWith('not analysed');
}

/**
 * The same files with the tests that touch each atom in its context. `textOf` gives the text of an atom. Test code needs no tests
 * of its own; what declares and does nothing keeps saying so. Lets other work through.
 */
export async function linkTests(
  files: readonly AtomizedFile[],
  textOf: (file: number, atom: AtomDraft) => string,
): Promise<AtomizedFile[]> {
  const breather = new Breather();
  const tests = await readTestFiles(files, textOf, breather);
  const linked: AtomizedFile[] = [];
  for (const [index, file] of files.entries()) {
    const isTest = isTestFile(file.path);
    const doctests = isTest ? new Map<string, TestCase>() : doctestsOf(file);
    const reaching = tests.filter((test) => test.reached.has(index));
    const atoms: AtomDraft[] = [];
    for (const atom of file.atoms) {
      atoms.push(linkAtom(atom, isTest, reaching, doctests));
      await breather.pause();
    }
    linked.push({ ...file, atoms });
  }
  return linked;
}

function linkAtom(
  atom: AtomDraft,
  isTest: boolean,
  reaching: readonly TestFile[],
  doctests: ReadonlyMap<string, TestCase>,
): AtomDraft {
  if (!needsTests(atom)) return atom;
  const { cases, finding } = isTest
    ? { cases: [], finding: { known: 0, needed: 0, reason: 'none needed: it is test code' } }
    : findTests(atom, reaching, doctests.get(atom.symbolPath));
  return withContext(atom, withTests(atom.context, cases, finding));
}
