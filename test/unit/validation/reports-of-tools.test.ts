import { describe, expect, it } from 'vitest';
import { readCompilerOutput, tail } from '../../../src/validation/system/compiler-output.ts';
import { readJunitReport } from '../../../src/validation/system/junit-report.ts';
import { declaredPythonPackages, providesModule } from '../../../src/validation/system/python-packages.ts';
import { readVitestReport } from '../../../src/validation/system/vitest-report.ts';

describe('the JUnit report of pytest', () => {
  const xml = `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="5">
<testcase classname="tests.test_a" name="test_one" file="tests/test_a.py" line="3" time="0.012" />
<testcase classname="tests.test_a.TestB" name="test_two[&lt;x&gt;-1]" file="tests/test_a.py" line="9" time="0.5"><failure message="assert 1 == 2">def test_two():
&gt;       assert 1 == 2
E       assert 1 == 2</failure></testcase>
<testcase classname="tests.test_a" name="test_three" file="tests/test_a.py" line="20" time="0"><skipped type="pytest.skip" message="not here">reason</skipped></testcase>
<testcase classname="" name="tests.test_broken" time="0.000"><error message="collection failure">ImportError: no &amp; nowhere</error></testcase>
</testsuite></testsuites>`;

  it('names tests as pytest does', () => {
    expect(readJunitReport(xml).map((test) => [test.name, test.outcome, test.line])).toEqual([
      ['tests/test_a.py::test_one', 'passed', 4],
      ['tests/test_a.py::TestB::test_two[<x>-1]', 'failed', 10],
      ['tests/test_a.py::test_three', 'skipped', 21],
      ['tests.test_broken', 'failed', 0],
    ]);
  });

  it('keeps times and messages', () => {
    const [one, two, three, broken] = readJunitReport(xml);
    expect(one).toMatchObject({ durationMs: 12, message: null });
    expect(two?.message).toContain('E       assert 1 == 2');
    expect(three?.message).toBe('not here');
    expect(broken?.message).toBe('ImportError: no & nowhere');
  });

  it('makes nothing of what is no report', () => {
    expect(readJunitReport('')).toEqual([]);
    expect(readJunitReport('<testcase')).toEqual([]);
  });
});

describe('the JSON report of vitest', () => {
  it('names tests as vitest does and reports files that do not load', () => {
    const report = {
      testResults: [
        {
          name: '/project/frontend/src/a.test.ts',
          status: 'failed',
          assertionResults: [
            {
              ancestorTitles: ['list', 'empty'],
              title: 'shows a hint',
              status: 'passed',
              duration: 3.6,
              failureMessages: [],
            },
            {
              ancestorTitles: [],
              title: 'fails',
              status: 'failed',
              duration: 1,
              failureMessages: ['expected 1'],
              location: { line: 7, column: 3 },
            },
            { ancestorTitles: [], title: 'later', status: 'pending' },
          ],
        },
        {
          name: '/project/frontend/src/b.test.ts',
          status: 'failed',
          message: 'Cannot find module',
          assertionResults: [],
        },
      ],
    };
    expect(readVitestReport(JSON.stringify(report), '/project/frontend')).toEqual([
      {
        name: 'src/a.test.ts > list > empty > shows a hint',
        outcome: 'passed',
        durationMs: 4,
        message: null,
        file: 'src/a.test.ts',
        line: 0,
      },
      {
        name: 'src/a.test.ts > fails',
        outcome: 'failed',
        durationMs: 1,
        message: 'expected 1',
        file: 'src/a.test.ts',
        line: 7,
      },
      {
        name: 'src/a.test.ts > later',
        outcome: 'skipped',
        durationMs: 0,
        message: null,
        file: 'src/a.test.ts',
        line: 0,
      },
      {
        name: 'src/b.test.ts',
        outcome: 'failed',
        durationMs: 0,
        message: 'Cannot find module',
        file: 'src/b.test.ts',
        line: 1,
      },
    ]);
  });

  it('makes nothing of what is no report', () => {
    expect(readVitestReport('', '/project')).toEqual([]);
    expect(readVitestReport('{}', '/project')).toEqual([]);
  });
});

describe('the output of the TypeScript compiler', () => {
  it('becomes findings with places', () => {
    const output =
      "src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.\n  more detail\nerror TS18003: No inputs were found.\n";
    expect(readCompilerOutput(output, 'frontend')).toEqual([
      {
        file: 'frontend/src/a.ts',
        line: 3,
        column: 7,
        rule: 'TS2322',
        severity: 'error',
        message: "Type 'string' is not assignable to type 'number'.",
        suggestion: null,
      },
    ]);
  });

  it('loses its colours and its beginning, never its end', () => {
    const long = `${'x'.repeat(9_000)}\u001b[31mthe end\u001b[39m`;
    expect(tail(long)).toMatch(/xthe end$/);
    expect(tail(long).length).toBe(8_000);
  });
});

describe('declared Python packages', () => {
  const file = (path: string, text: string) => ({ path, language: 'text', bytes: new Uint8Array(Buffer.from(text)) });

  it('come from requirements and pyproject, under all spellings', () => {
    const files = [
      file('backend/requirements.txt', '# web\nfastapi>=0.92\nSQLAlchemy==2.0\npydantic_settings\n-r more.txt\n'),
      file('backend/pyproject.toml', '[project]\ndependencies = ["httpx>=0.23", "uvicorn[standard]"]\n'),
      file('other/requirements.txt', 'django\n'),
    ];
    const declared = declaredPythonPackages(files, 'backend');
    const known = [
      'fastapi',
      'sqlalchemy',
      'pydantic_settings',
      'pydantic',
      'starlette',
      'httpx',
      'uvicorn',
      'django',
      'flask',
    ];
    expect(known.filter((name) => providesModule(declared, name))).toEqual([
      'fastapi',
      'sqlalchemy',
      'pydantic_settings',
      'pydantic',
      'starlette',
      'httpx',
      'uvicorn',
    ]);
  });
});
