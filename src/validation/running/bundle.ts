import { createRequire } from 'node:module';
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

/** Text files of a project by their path in it. */
export type TextFiles = Readonly<Record<string, string>>;

/** A bundle, or why there is none. */
export type Bundled = { readonly code: string } | { readonly problem: string };

const ENDINGS = ['', '.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.json', '/index.ts', '/index.tsx', '/index.js'];
const TEST_LIBRARIES = new Set(['@jest/globals', 'vitest']);
const TEST_NAMES = [
  ...['describe', 'test', 'it', 'expect', 'xtest', 'xit', 'fit', 'xdescribe', 'fdescribe', 'jest', 'vi'],
  ...['beforeAll', 'afterAll', 'beforeEach', 'afterEach'],
];
const VIRTUAL = '\0mge:';
const ROOT = '/project/';

/** The test library is what the runner has put among the globals. */
const TEST_LIBRARY = `const g = globalThis;\n${TEST_NAMES.map((name) => `export const ${name} = g.${name};`).join('\n')}\n`;

function resolveIn(files: TextFiles, target: string): string | null {
  const path = posix.normalize(target);
  const bare = path.replace(/\.(js|jsx|mjs)$/, '');
  for (const ending of ENDINGS) if (files[path + ending] !== undefined) return path + ending;
  // TypeScript lets `./a.js` stand for `a.ts`.
  if (bare !== path)
    for (const ending of ['.ts', '.tsx', '.mts']) if (files[bare + ending] !== undefined) return bare + ending;
  return null;
}

function memory(files: TextFiles, missing: Set<string>): Plugin {
  return {
    name: 'memory',
    resolveId(id, importer) {
      if (id.startsWith(VIRTUAL)) return id;
      if (TEST_LIBRARIES.has(id)) return `${VIRTUAL}tests`;
      if (id.startsWith('node:') || builtinModules.includes(id)) return { id, external: true };
      if (importer === undefined) return ROOT + id;
      if (id.startsWith('.')) {
        const found = resolveIn(files, posix.join(posix.dirname(importer.slice(ROOT.length)), id));
        if (found !== null) return ROOT + found;
      }
      missing.add(id);
      return { id, external: true };
    },
    load(id) {
      if (id === `${VIRTUAL}tests`) return TEST_LIBRARY;
      return files[id.slice(ROOT.length)] ?? null;
    },
  };
}

/**
 * Bundles a module of a project with what it imports from the project into one script. Types are taken off. Packages stay imports:
 * `missing` names those that are neither in the project nor part of Node.
 */
export async function bundle(
  files: TextFiles,
  entry: string,
): Promise<Bundled & { readonly missing: readonly string[] }> {
  const missing = new Set<string>();
  try {
    const build = await rolldown({
      input: entry,
      plugins: [memory(files, missing)],
      platform: 'node',
      treeshake: false,
      logLevel: 'silent',
      transform: { target: 'es2022' },
      tsconfig: false,
    });
    try {
      const { output } = await build.generate({ format: 'cjs', codeSplitting: false, exports: 'named' });
      return { code: output[0].code, missing: [...missing] };
    } finally {
      await build.close();
    }
  } catch (error) {
    return { problem: (error as Error).message.slice(0, 1_200), missing: [...missing] };
  }
}

const EXPECT_ENTRY = `
import * as chai from 'chai';
import { JestChaiExpect, JestExtend, JestAsymmetricMatchers, GLOBAL_EXPECT, ASYMMETRIC_MATCHERS_OBJECT, customMatchers, getState, setState, addCustomEqualityTesters } from '@vitest/expect';
import * as spy from '@vitest/spy';
chai.use(JestExtend); chai.use(JestChaiExpect); chai.use(JestAsymmetricMatchers);
const expect = (value, message) => { setState({ assertionCalls: (getState(expect).assertionCalls ?? 0) + 1 }, expect); return chai.expect(value, message); };
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT] ?? {});
expect.getState = () => getState(expect); expect.setState = (state) => setState(state, expect);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
setState({ assertionCalls: 0, isExpectingAssertions: false, isExpectingAssertionsError: null, expectedAssertionsNumber: null, expectedAssertionsNumberErrorGen: null, environment: 'node', testPath: '', currentTestName: '' }, expect);
expect.extend = (matchers) => chai.expect.extend(expect, matchers);
expect.extend(customMatchers);
expect.assertions = () => undefined; expect.hasAssertions = () => undefined;
expect.addEqualityTesters = (testers) => addCustomEqualityTesters(testers);
expect.unreachable = (message) => { throw new chai.AssertionError('expected' + (message ? ' "' + message + '"' : '') + ' not to be reached'); };
export { expect, spy };
`;

let expectLibrary: Promise<string> | undefined;

/** Vitest's matchers and spies as one script that needs nothing else. Built once per process. */
export function expectBundle(): Promise<string> {
  expectLibrary ??= buildExpect();
  return expectLibrary;
}

async function buildExpect(): Promise<string> {
  const require = createRequire(import.meta.url);
  const beside = createRequire(require.resolve('@vitest/expect'));
  const build = await rolldown({
    input: `${VIRTUAL}expect`,
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id, importer) => {
          if (id.startsWith(VIRTUAL)) return id;
          return importer?.startsWith(VIRTUAL) ? beside.resolve(id) : null;
        },
        load: (id) => (id.startsWith(VIRTUAL) ? EXPECT_ENTRY : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'cjs', codeSplitting: false });
  await build.close();
  return output[0].code;
}
