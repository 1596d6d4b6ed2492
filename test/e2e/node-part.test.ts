import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectSandbox } from '../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import type { CheckResult, ProjectCheck, SourceFile } from '../../src/domain/index.ts';
import { createValidation, type LevelReport } from '../../src/validation/index.ts';

const sandbox = await detectSandbox(createLogger('silent'));
const validation = await createValidation({ sandbox, threads: 1 });
const toolchains = await validation.toolchains();
const has = sandbox.confined && toolchains.some((chain) => chain.name === 'node' && chain.available);
afterAll(() => validation.close());

const CHECKS: ProjectCheck[] = [{ name: 'api', directory: 'api', toolchain: 'node' }];

function files(texts: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(texts).map(([path, text]) => ({
    path: `api/${path}`,
    language: 'text',
    bytes: new Uint8Array(Buffer.from(text)),
  }));
}

const check = (report: LevelReport, testType: string): CheckResult =>
  report.checks.find((one) => one.testType === testType)!;

const SCRIPTS = { build: 'tsc -p tsconfig.build.json', start: 'node dist/main.js', test: 'vitest run' };

function manifest(scripts: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    name: 'api',
    type: 'module',
    scripts,
    dependencies: { '@libsql/client': '^0.18.0', fastify: '^5.0.0' },
    devDependencies: { '@types/node': '^20.0.0', typescript: '^5.9.0', vitest: '^4.0.0' },
  });
}

const SERVICE = {
  'package.json': manifest(SCRIPTS),
  '.env.example': 'GREETING=hello\n',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2023',
      module: 'NodeNext',
      strict: true,
      noEmit: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      types: ['node'],
    },
    include: ['src'],
  }),
  'tsconfig.build.json': JSON.stringify({
    extends: './tsconfig.json',
    compilerOptions: { noEmit: false, outDir: 'dist', rootDir: 'src' },
    exclude: ['src/**/*.test.ts'],
  }),
  'src/app.ts': `import { createClient } from '@libsql/client';
import fastify from 'fastify';

export function buildApp() {
  const client = createClient({ url: ':memory:' });
  const app = fastify();
  app.get('/health', async () => ({ rows: (await client.execute('SELECT 1')).rows.length, says: process.env['GREETING'] }));
  return app;
}
`,
  'src/main.ts': "import { buildApp } from './app.ts';\n\nawait buildApp().listen({ port: 8123 });\n",
  'src/app.test.ts':
    "import { expect, it } from 'vitest';\nimport { buildApp } from './app.ts';\n\nit('asks the database', async () => {\n  expect((await buildApp().inject('/health')).json().rows).toBe(1);\n});\n",
};

describe.skipIf(!has)('level 4 of a part on Node', () => {
  it('type-checks, builds, tests and starts a service with a native package', async () => {
    const report = await validation.validateSystem({ files: files(SERVICE), checks: CHECKS });

    for (const kind of ['dependencies', 'types', 'build', 'tests', 'startup'])
      expect(check(report, kind), kind).toMatchObject({ part: 'api', outcome: 'passed', findings: [] });
    expect(check(report, 'tests').cases).toMatchObject([
      { name: 'src/app.test.ts > asks the database', outcome: 'passed' },
    ]);
    expect(check(report, 'startup').output).toBe('GET /health answers 200');
  });

  describe('with mistakes', () => {
    let report: LevelReport;
    beforeAll(async () => {
      const wrong = {
        'src/wrong.ts': "import { z } from 'zod';\nexport const text: number = 'a';\nexport { z };\n",
        'src/app.test.ts': SERVICE['src/app.test.ts'].replace('toBe(1)', 'toBe(2)'),
      };
      report = await validation.validateSystem({ files: files({ ...SERVICE, ...wrong }), checks: CHECKS });
    });

    it('finds wrong types and packages that are not declared', () => {
      expect(check(report, 'types')).toMatchObject({ outcome: 'failed' });
      expect(check(report, 'types').findings.map(({ file, line, rule }) => [file, line, rule])).toEqual([
        ['api/src/wrong.ts', 1, 'TS2307'],
        ['api/src/wrong.ts', 2, 'TS2322'],
      ]);
      expect(check(report, 'build').findings.map(({ rule }) => rule)).toEqual(['TS2307', 'TS2322']);
    });

    it('reports tests by name', () => {
      expect(check(report, 'tests')).toMatchObject({
        outcome: 'failed',
        cases: [{ name: 'src/app.test.ts > asks the database', outcome: 'failed' }],
        findings: [{ file: 'api/src/app.test.ts', rule: 'vitest' }],
      });
    });

    it('does not start what does not build', () => {
      expect(check(report, 'startup')).toMatchObject({ outcome: 'failed', findings: [{ rule: 'startup' }] });
      expect(check(report, 'startup').findings[0]!.message).toContain('cannot be built');
    });
  });

  it('names what a server says when it stops at start', async () => {
    const main = {
      'src/main.ts':
        "const name: string = 'x';\nif (name === 'x') throw new Error('no start');\nexport const app = { listen: () => 0 };\napp.listen();\n",
    };
    const report = await validation.validateSystem({
      files: files({ ...SERVICE, ...main }),
      checks: CHECKS,
      only: ['startup'],
    });
    expect(check(report, 'startup')).toMatchObject({ outcome: 'failed' });
    expect(check(report, 'startup').output).toContain('no start');
  });

  it('runs no script that needs other programs, and starts no server where there is none', async () => {
    const library = {
      ...SERVICE,
      'package.json': manifest({ build: 'tsup src/index.ts' }),
      'src/main.ts': 'export {};\n',
    };
    const report = await validation.validateSystem({
      files: files(library),
      checks: CHECKS,
      only: ['build', 'startup'],
    });
    expect(check(report, 'build')).toMatchObject({ outcome: 'not_run' });
    expect(check(report, 'build').reason).toContain('"tsup"');
    expect(check(report, 'startup')).toMatchObject({ outcome: 'not_run', reason: 'the part starts no server' });
  });
});
