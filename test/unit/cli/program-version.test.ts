import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';

it('tells the version of the package', () => {
  const told: string[] = [];
  const program = createProgram(() => undefined).configureOutput({ writeOut: (text) => told.push(text) });
  expect(() => program.parse(['node', 'mge', '--version'])).toThrow();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(told).toEqual([`${version}\n`]);
});
