import { createRequire } from 'node:module';
import type * as Ruff from '@astral-sh/ruff-wasm-nodejs';
import { describe, expect, it } from 'vitest';
import { tasksOf } from '../../../src/domain/index.ts';
import { createBlueprintProvider } from '../../../src/masterplan/index.ts';

const require = createRequire(import.meta.url);
const { Workspace, PositionEncoding } = require('@astral-sh/ruff-wasm-nodejs') as typeof Ruff;
/** As the pyproject.toml of the generated projects says. */
const ruff = new Workspace(
  { 'line-length': 100, 'target-version': 'py310', lint: { select: ['E', 'F', 'I', 'W'] } },
  PositionEncoding.Utf16,
);

/** Every field type, names that SQL and Python use for something else, relations of all kinds. */
const SPEC = {
  name: 'Wide',
  entities: [
    {
      name: 'Order',
      fields: [
        'group!',
        'help_text: longtext',
        'rank: integer(1..10) required default 3',
        'price: decimal(0..)',
        'is_open: boolean',
        'state: enum(new|in progress|done) required default new',
        'starts_on: date',
        'ends_on: date',
        'seen_at: datetime',
        'code: text(12) unique',
      ],
      relations: ['parent: Order'],
      rules: ['starts_on before ends_on'],
    },
    { name: 'Order line', fields: ['amount: integer(1..) required'], relations: ['order required cascade'] },
  ],
};

describe.each(['fastapi', 'flask', 'python-cli'])('the Python of the %s blueprint', (blueprint) => {
  it('passes the linter and the formatter that the project names', async () => {
    const spec = { ...SPEC, stack: { blueprint, frontend: 'none' } };
    const plan = await createBlueprintProvider().plan(
      { userRequest: 'Wide', spec, seed: 0 },
      new AbortController().signal,
    );
    const files = tasksOf(plan).filter((task) => task.filePath.endsWith('.py'));
    expect(files.length).toBeGreaterThan(10);
    for (const { filePath, draft } of files) {
      const text = Buffer.from(draft ?? []).toString('utf8');
      const problems = ruff.check(text) as Ruff.Diagnostic[];
      // A single file does not show which packages are the project's own: the order of import groups is checked there.
      const found = problems
        .filter(({ code }) => code !== 'I001')
        .map(({ code, message }) => `${code ?? ''} ${message}`);
      expect(found, filePath).toEqual([]);
      expect(ruff.format(text), filePath).toBe(text);
    }
  });
});
