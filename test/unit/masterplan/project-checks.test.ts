import { describe, expect, it } from 'vitest';
import type { PlannedTask } from '../../../src/domain/index.ts';
import { checksOf } from '../../../src/masterplan/project-checks.ts';

function task(filePath: string, text = ''): PlannedTask {
  return {
    key: filePath,
    name: filePath,
    description: '',
    filePath,
    language: 'text',
    draft: Buffer.from(text),
    taskType: 'code',
    complexity: 'low',
    priority: 'must',
    dependsOn: [],
    acceptance: [],
  };
}

const manifest = (...packages: string[]): string =>
  JSON.stringify({ devDependencies: Object.fromEntries(packages.map((name) => [name, '*'])) });

describe('checksOf', () => {
  it('checks what vitest tests on Node, apart from front ends in React', () => {
    const checks = checksOf([
      task('api/package.json', manifest('fastify', 'vitest')),
      task('web/package.json', manifest('react', 'vite', 'vitest')),
      task('docs/package.json', manifest('marked')),
    ]);
    expect(checks).toEqual([
      { name: 'react:web', directory: 'web', toolchain: 'react-vite' },
      { name: 'node:api', directory: 'api', toolchain: 'node' },
    ]);
  });

  it('checks a project with tests in Python and a package on Node in its root', () => {
    const checks = checksOf([task('tests/test_tool.py'), task('package.json', manifest('vitest'))]);
    expect(checks.map(({ name }) => name)).toEqual(['python:.', 'node:.']);
  });
});
