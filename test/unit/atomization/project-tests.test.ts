import { describe, expect, it } from 'vitest';
import { linkTests, type AtomizedFile } from '../../../src/atomization/index.ts';
import { atomize } from './support.ts';

async function project(files: Record<string, string>): Promise<AtomizedFile[]> {
  const sources = Object.entries(files);
  const cut = await Promise.all(sources.map(([path, text]) => atomize(path, text)));
  return linkTests(cut, (file, atom) => (sources[file]?.[1] ?? '').slice(atom.startIndex, atom.endIndex));
}

const testsOf = (files: readonly AtomizedFile[], path: string) =>
  files.find((file) => file.path === path)?.atoms[0]?.context;

describe('linkTests', () => {
  it('finds tests that name what an atom defines, through relative and absolute imports', async () => {
    const files = await project({
      'app/money.py': 'def add(a: int, b: int) -> int:\n    return a + b\n',
      'tests/test_money.py': 'from app.money import add\n\n\ndef test_adds():\n    assert add(1, 2) == 3\n',
      'web/src/sum.ts': 'export function sum(a: number): number {\n  return call(a);\n}\n',
      'web/src/sum.test.ts': "import { sum } from './sum';\n\nit('sums up', () => {\n  expect(sum(1)).toBe(1);\n});\n",
    });
    expect(testsOf(files, 'app/money.py')?.test_cases).toEqual([
      { file: 'tests/test_money.py', name: 'test_adds', line: 4 },
    ]);
    expect(testsOf(files, 'web/src/sum.ts')?.test_cases).toEqual([
      { file: 'web/src/sum.test.ts', name: 'sums up', line: 3 },
    ]);
    expect(testsOf(files, 'app/money.py')?.completeness_score).toBe(1);
  });

  it('finds tests that reach a file through imports and fixtures', async () => {
    const files = await project({
      'app/rules.py': 'def check(a: int) -> int:\n    return int(a)\n',
      'app/main.py': 'from app.rules import check\n\n\ndef run(a: int) -> int:\n    return check(a)\n',
      'tests/conftest.py': 'from app.main import run\n\n\ndef client() -> object:\n    return run\n',
      'tests/test_api.py': 'def test_api(client):\n    assert client(1)\n',
    });
    const context = testsOf(files, 'app/rules.py');
    expect(context?.test_cases).toEqual([{ file: 'tests/test_api.py', name: 'test_api', line: 1 }]);
    expect(context?.completeness.find(({ part }) => part === 'tests')?.reason).toContain('through imports');
  });

  it('leaves code without tests incomplete, and asks for none of tests', async () => {
    const files = await project({
      'app/alone.py': 'def alone(a: int) -> int:\n    return int(a)\n',
      'tests/test_other.py': 'def test_other():\n    assert len("a") == 1\n',
    });
    expect(testsOf(files, 'app/alone.py')).toMatchObject({ test_cases: [], completeness_score: 0.8 });
    expect(testsOf(files, 'tests/test_other.py')?.completeness_score).toBe(1);
  });

  it('follows re-exports, the name of the package and the name of the folder', async () => {
    const files = await project({
      'package.json': '{ "name": "@acme/sums" }\n',
      'src/index.ts': "export * from './sum';\n",
      'src/sum.ts': 'export function sum(a: number): number {\n  return call(a);\n}\n',
      'src/other.ts': 'export function other(a: number): number {\n  return call(a);\n}\n',
      'tests/sum.test.ts':
        "import { sum } from '@acme/sums';\n\nit('sums up', () => {\n  expect(sum(1)).toBe(1);\n});\n",
    });
    expect(testsOf(files, 'src/sum.ts')?.test_cases.map(({ name }) => name)).toEqual(['sums up']);
    expect(testsOf(files, 'src/other.ts')?.test_cases).toEqual([]);
    const python = await project({
      '__init__.py': 'from .core import run\n',
      'core.py': 'def run(a: int) -> int:\n    return int(a)\n',
      'tests/test_core.py': 'from tool.core import run\n\n\ndef test_run():\n    assert run(1) == 1\n',
    });
    expect(testsOf(python, 'core.py')?.test_cases.map(({ name }) => name)).toEqual(['test_run']);
  });

  it('counts examples in documentation strings as tests of what they stand in', async () => {
    const code =
      'def twice(a: int) -> int:\n    """Doubles.\n\n    >>> twice(2)\n    4\n    """\n    return int(a) * 2\n';
    const files = await project({ 'lib/twice.py': code });
    expect(testsOf(files, 'lib/twice.py')?.test_cases).toEqual([
      { file: 'lib/twice.py', name: 'doctest of twice', line: 1 },
    ]);
  });
});
