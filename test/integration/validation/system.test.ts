import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectSandbox } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import type { CheckResult, ProjectCheck, SourceFile } from '../../../src/domain/index.ts';
import { createValidation, type LevelReport, type Validation } from '../../../src/validation/index.ts';

const sandbox = await detectSandbox(createLogger('silent'));
const validation = await createValidation({ sandbox, threads: 1 });
const toolchains = await validation.toolchains();
const has = (name: string): boolean =>
  sandbox.confined && toolchains.some((chain) => chain.name === name && chain.available);
afterAll(() => validation.close());

function files(texts: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(texts).map(([path, text]) => ({
    path,
    language: 'text',
    bytes: new Uint8Array(Buffer.from(text)),
  }));
}

const check = (report: LevelReport, testType: string): CheckResult =>
  report.checks.find((one) => one.testType === testType)!;
const BACKEND: ProjectCheck[] = [{ name: 'backend', directory: 'backend', toolchain: 'python' }];
const FRONTEND: ProjectCheck[] = [{ name: 'web', directory: 'web', toolchain: 'react-vite' }];

const SERVICE = {
  'backend/requirements.txt': 'fastapi\nhttpx\npytest\n',
  'backend/app/__init__.py': '',
  'backend/app/main.py':
    'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/sum")\ndef total(a: int, b: int) -> int:\n    return a + b\n',
};
const API_TEST =
  'from fastapi.testclient import TestClient\n\nfrom app.main import app\n\n\ndef test_sum():\n    assert TestClient(app).get("/sum?a=1&b=2").json() == 3\n';

describe.skipIf(!has('python'))('level 4 of a Python part', () => {
  const validate = (more: Readonly<Record<string, string>>, on: Validation = validation) =>
    on.validateSystem({ files: files({ ...SERVICE, ...more }), checks: BACKEND });

  it('runs the tests of a project that works and reports each by name', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('mge-project-'));
    const report = await validate({ 'backend/tests/test_api.py': API_TEST });
    expect(report).toMatchObject({ level: 'system', passed: true, outcome: 'passed', score: 1 });
    expect(check(report, 'tests')).toMatchObject({
      part: 'backend',
      outcome: 'passed',
      tests: { passed: 1, failed: 0, skipped: 0 },
      cases: [{ name: 'tests/test_api.py::test_sum', outcome: 'passed', message: null }],
    });
    expect(check(report, 'performance')).toMatchObject({ outcome: 'not_run' });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('mge-project-'))).toEqual(before);
  });

  it('fails on a failing test, with the place and the reason', async () => {
    const wrong = SERVICE['backend/app/main.py'].replace('a + b', 'a - b');
    const report = await validate({ 'backend/app/main.py': wrong, 'backend/tests/test_api.py': API_TEST });
    expect(report).toMatchObject({ passed: false, outcome: 'failed' });
    expect(check(report, 'tests')).toMatchObject({ tests: { passed: 0, failed: 1, skipped: 0 } });
    expect(check(report, 'tests').findings[0]).toMatchObject({
      file: 'backend/tests/test_api.py',
      line: 6,
      rule: 'pytest',
    });
    expect(check(report, 'tests').findings[0]?.message).toContain('assert -1 == 3');
  });

  it('finds files that do not compile and imports from nowhere', async () => {
    const report = await validate({
      'backend/app/broken.py': 'def f(:\n    pass\n',
      'backend/app/dreamt.py': 'import os\nimport fastapi_magic\nfrom app import main\n',
      'backend/tests/test_api.py': API_TEST,
    });
    expect(check(report, 'compile')).toMatchObject({
      outcome: 'failed',
      findings: [{ file: 'backend/app/broken.py', line: 1 }],
    });
    expect(check(report, 'dependencies')).toMatchObject({
      outcome: 'failed',
      findings: [{ file: 'backend/app/dreamt.py', line: 2, rule: 'undeclared-import' }],
    });
    expect(report.passed).toBe(false);
  });

  it('does not run tests that need a declared package which this machine lacks, and names it', async () => {
    const report = await validate({
      'backend/requirements.txt': 'fastapi\nhttpx\npytest\nsome-package-nobody-has>=1\n',
      'backend/app/extra.py': 'import some_package_nobody_has\n',
      'backend/tests/test_api.py': API_TEST,
    });
    expect(check(report, 'dependencies').outcome).toBe('passed');
    expect(check(report, 'tests')).toMatchObject({ outcome: 'not_run' });
    expect(check(report, 'tests').reason).toContain('lacks some_package_nobody_has');
  });

  it('starts the application and asks it something', async () => {
    const good = await validate({});
    expect(check(good, 'startup')).toMatchObject({ outcome: 'passed', output: 'GET /sum answers 422' });
    const health = SERVICE['backend/app/main.py'] + '\n\n@app.get("/health")\ndef health():\n    return {}\n';
    expect(check(await validate({ 'backend/app/main.py': health }), 'startup').output).toBe('GET /health answers 200');
    const dead = 'import os\n\n' + SERVICE['backend/app/main.py'] + '\nos.environ["NOWHERE_SET"]\n';
    const failed = check(await validate({ 'backend/app/main.py': dead }), 'startup');
    expect(failed).toMatchObject({ outcome: 'failed', findings: [{ file: 'backend/app/main.py', line: 5 }] });
    expect(failed.findings[0]!.message).toContain("KeyError: 'NOWHERE_SET'");
  });

  it('starts Flask, by its factory, and asks for its health first', async (context) => {
    const flask = {
      'backend/requirements.txt': 'flask\npytest\n',
      'backend/app/main.py':
        'from flask import Flask\n\n\ndef create_app() -> Flask:\n    app = Flask(__name__)\n    app.get("/todos/<int:number>")(lambda number: {})\n    app.get("/health")(health)\n    return app\n\n\ndef health() -> dict[str, str]:\n    return {"status": "ok"}\n',
    };
    const good = check(await validate(flask), 'startup');
    context.skip(good.reason?.includes('lacks flask') === true, 'Flask is not installed for /usr/bin/python3');
    expect(good).toMatchObject({ outcome: 'passed', output: 'GET /health answers 200' });

    const broken = flask['backend/app/main.py'].replace('{"status": "ok"}', '{"status": 1 / 0}');
    const failed = check(await validate({ ...flask, 'backend/app/main.py': broken }), 'startup');
    expect(failed).toMatchObject({ outcome: 'failed', findings: [{ file: 'backend/app/main.py', line: 4 }] });
    expect(failed.findings[0]!.message).toContain('GET /health fails: ZeroDivisionError');

    const unmade = flask['backend/app/main.py'].replace('Flask(__name__)', 'Flask(__name__, nowhere=1)');
    const dead = check(await validate({ ...flask, 'backend/app/main.py': unmade }), 'startup');
    expect(dead.findings[0]!.message).toContain('the application does not start: TypeError');
  });

  it('says so when there are no tests', async () => {
    expect(check(await validate({}), 'tests')).toMatchObject({
      outcome: 'not_run',
      reason: 'the project has no tests',
    });
  });

  it('keeps what the tests do inside', async () => {
    const secret = mkdtempSync(`${tmpdir()}/mge-system-secret-`);
    const report = await validate({
      'backend/tests/test_out.py': `import os, pathlib\n\ndef test_out():\n    assert os.path.isdir(${JSON.stringify(secret)})\n\ndef test_env():\n    assert "DATABASE_URL" in os.environ or "HOME" not in os.environ\n`,
    });
    expect(check(report, 'tests').tests).toEqual({ passed: 0, failed: 2, skipped: 0 });
  });

  it('stops when the caller gives up', async () => {
    const control = new AbortController();
    const running = validation.validateSystem(
      {
        files: files({
          ...SERVICE,
          'backend/tests/test_slow.py': 'import time\n\ndef test_slow():\n    time.sleep(600)\n',
        }),
        checks: BACKEND,
      },
      control.signal,
    );
    setTimeout(() => control.abort(), 300);
    const report = await running;
    expect(check(report, 'tests')).toMatchObject({ outcome: 'not_run' });
    expect(report.passed).toBe(false);
  });
});

describe('level 4 without Python', () => {
  it('says what to install', async () => {
    const without = await createValidation({ sandbox, threads: 1, pythonCandidates: ['/nonexistent/python3'] });
    const report = await without.validateSystem({ files: files(SERVICE), checks: BACKEND });
    expect(report).toMatchObject({ passed: false, outcome: 'not_run' });
    if (sandbox.confined) expect(check(report, 'tests').reason).toContain('apt-get install python3-fastapi');
    await without.close();
  });
});

const WEB = {
  'web/package.json': JSON.stringify({
    name: 'web',
    private: true,
    type: 'module',
    dependencies: { react: '^19.0.0', 'react-dom': '^19.0.0' },
    devDependencies: {
      '@types/react': '^19.0.0',
      '@types/react-dom': '^19.0.0',
      '@vitejs/plugin-react': '^6.0.0',
      'happy-dom': '^20.0.0',
      typescript: '^5.9.0',
      vite: '^8.0.0',
      vitest: '^4.0.0',
    },
  }),
  'web/tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2022', 'DOM'],
      module: 'ESNext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ['src'],
  }),
  'web/index.html':
    '<!doctype html><html><body><div id="root"></div><script type="module" src="/src/main.tsx"></script></body></html>\n',
  'web/vite.config.ts':
    "import react from '@vitejs/plugin-react';\nimport { defineConfig } from 'vitest/config';\nexport default defineConfig({ plugins: [react()], test: { environment: 'happy-dom' } });\n",
  'web/src/label.ts': 'export const label = (n: number): string => `${n} open`;\n',
  'web/src/main.tsx':
    "import { createRoot } from 'react-dom/client';\nimport { label } from './label.ts';\nconst root = document.getElementById('root');\nif (root) createRoot(root).render(<p>{label(1)}</p>);\n",
};

describe.skipIf(!has('react-vite'))('level 4 of a React part', () => {
  let report: LevelReport;
  beforeAll(async () => {
    report = await validation.validateSystem({
      files: files({
        ...WEB,
        'web/tsconfig.json': WEB['web/tsconfig.json'].replace(
          '"noEmit":true',
          '"noEmit":true,"allowImportingTsExtensions":true',
        ),
        'web/src/wrong.ts':
          "import { debounce } from 'lodash';\nimport { label } from './label.ts';\nexport const text: number = label(2);\nexport { debounce };\n",
        'web/src/label.test.ts':
          "import { describe, expect, it } from 'vitest';\nimport { label } from './label.ts';\ndescribe('label', () => {\n  it('counts', () => expect(label(3)).toBe('3 open'));\n  it('is wrong', () => expect(label(3)).toBe('three'));\n  it('has a document', () => expect(document.body).toBeTruthy());\n});\n",
      }),
      checks: FRONTEND,
    });
  });

  it('type-checks it against its declared packages only', () => {
    const types = check(report, 'types');
    expect(types.outcome).toBe('failed');
    expect(types.findings.map((finding) => [finding.file, finding.line, finding.rule])).toEqual([
      ['web/src/wrong.ts', 1, 'TS2307'],
      ['web/src/wrong.ts', 3, 'TS2322'],
    ]);
  });

  it('builds it', () => {
    expect(check(report, 'build')).toMatchObject({ outcome: 'passed', findings: [] });
  });

  it('opens the page that it builds', async () => {
    expect(check(report, 'startup')).toMatchObject({ outcome: 'passed', output: 'the built page renders' });
    const open = (main: string) =>
      validation.validateSystem({
        files: files({ ...WEB, 'web/src/main.tsx': main }),
        checks: FRONTEND,
        only: ['startup'],
      });
    const thrown = check(await open("if (document.title !== 'x') throw new Error('no start');\n"), 'startup');
    expect(thrown).toMatchObject({ outcome: 'failed', findings: [{ rule: 'startup' }] });
    expect(thrown.findings[0]!.message).toContain('no start');
    expect(check(await open('new SharedWorker(location.href);\n'), 'startup')).toMatchObject({ outcome: 'not_run' });
  });

  it('lints it with its own rules where it has a script for that', async () => {
    const manifest = JSON.parse(WEB['web/package.json']) as { devDependencies?: Record<string, string> };
    const lint = (config: string) =>
      validation.validateSystem({
        files: files({
          ...WEB,
          'web/package.json': JSON.stringify({
            ...manifest,
            scripts: { lint: 'eslint .' },
            devDependencies: { ...manifest.devDependencies, eslint: '10.15.0', 'typescript-eslint': '8.73.0' },
          }),
          'web/eslint.config.js': config,
          'web/src/loose.js': 'export const same = (a, b) => a == b;\n',
        }),
        checks: FRONTEND,
        only: ['lint'],
      });

    expect(report.checks.some((one) => one.testType === 'lint')).toBe(false);
    const found = check(await lint("export default [{ rules: { eqeqeq: 'error' } }];\n"), 'lint');
    expect(found).toMatchObject({
      outcome: 'failed',
      findings: [{ file: 'web/src/loose.js', line: 1, rule: 'eqeqeq' }],
    });
    expect(check(await lint('export default [];\n'), 'lint').outcome).toBe('passed');
    const broken = check(await lint("import plugin from 'eslint-plugin-none';\nexport default [plugin];\n"), 'lint');
    expect(broken).toMatchObject({ outcome: 'not_run' });
  });

  it('runs its tests and reports each by name', () => {
    const tests = check(report, 'tests');
    expect(tests).toMatchObject({ outcome: 'failed', tests: { passed: 2, failed: 1, skipped: 0 } });
    expect(tests.cases?.map((one) => [one.name, one.outcome])).toEqual([
      ['src/label.test.ts > label > counts', 'passed'],
      ['src/label.test.ts > label > is wrong', 'failed'],
      ['src/label.test.ts > label > has a document', 'passed'],
    ]);
    expect(tests.findings).toMatchObject([{ file: 'web/src/label.test.ts', line: 5, rule: 'vitest' }]);
  });

  it('does not run what needs packages that are not here, and names them', async () => {
    const manifest = JSON.stringify({
      name: 'web',
      dependencies: { react: '^19.0.0', 'left-pad-of-nobody': '^1.0.0', vite: '^4.0.0' },
    });
    const other = await validation.validateSystem({
      files: files({ ...WEB, 'web/package.json': manifest }),
      checks: FRONTEND,
    });
    expect(other).toMatchObject({ passed: false, outcome: 'not_run' });
    expect(check(other, 'build').reason).toMatch(/left-pad-of-nobody \^1\.0\.0, vite \^4\.0\.0 \(here: 8\./);
  });

  it('fails without a manifest', async () => {
    const { 'web/package.json': _, ...rest } = WEB;
    const other = await validation.validateSystem({ files: files(rest), checks: FRONTEND });
    expect(check(other, 'dependencies')).toMatchObject({
      outcome: 'failed',
      findings: [{ file: 'web/package.json', rule: 'no-manifest' }],
    });
  });
});

describe('level 4 of anything', () => {
  it('refuses paths that leave the project', async () => {
    if (!sandbox.confined) return;
    await expect(validation.validateSystem({ files: files({ '../evil.py': '' }), checks: BACKEND })).rejects.toThrow(
      /not a path inside a project/,
    );
  });

  it('says when a plan names no part to check', async () => {
    expect(await validation.validateSystem({ files: files(SERVICE), checks: [] })).toMatchObject({
      outcome: 'not_run',
    });
  });
});
