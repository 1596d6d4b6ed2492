import { describe, expect, it } from 'vitest';
import { atomAt, filesWith, type Slice } from '../../../src/execution/bisect/project-slices.ts';
import { findCulprits, ProbesUsedUp } from '../../../src/execution/bisect/search.ts';
import { framesOf, innermost } from '../../../src/execution/bisect/stack-frames.ts';

const slice = (atomId: string, current: string, draft = current): Slice => ({
  atomId,
  name: atomId,
  filePath: 'app/a.py',
  language: 'python',
  status: 'COMPLETED',
  provider: 'openai',
  sha256: null,
  attempts: 1,
  maxAttempts: 4,
  loc: 1,
  complexity: 1,
  lineStart: 1,
  draft: Buffer.from(draft),
  current: Buffer.from(current),
  repeats: false,
});

/** Counts runs; the failure is gone when every culprit is swapped. */
function probeOf(culprits: readonly string[], limit = 100) {
  let runs = 0;
  return {
    runs: () => runs,
    isGone: (swapped: ReadonlySet<string>) => {
      if (runs >= limit) return Promise.reject(new ProbesUsedUp('none left'));
      runs += 1;
      return Promise.resolve(culprits.every((id) => swapped.has(id)));
    },
  };
}

describe('the search for culprits', () => {
  const many = Array.from({ length: 64 }, (_, index) => `atom${index}`);

  it.each([['atom0'], ['atom37'], ['atom63']])(
    'finds %s among 64 with at most two runs per halving',
    async (culprit) => {
      const probe = probeOf([culprit]);
      expect(await findCulprits(many, probe.isGone)).toEqual([culprit]);
      expect(probe.runs()).toBeLessThanOrEqual(1 + 2 * 6);
    },
  );

  it('finds two that only together make the failure go away', async () => {
    const probe = probeOf(['atom3', 'atom40']);
    expect((await findCulprits(many, probe.isGone)).sort()).toEqual(['atom3', 'atom40']);
  });

  it('blames nobody when all other texts fail the same way', async () => {
    const probe = probeOf(['somebody else']);
    expect(await findCulprits(many, probe.isGone)).toEqual([]);
    expect(probe.runs()).toBe(1);
  });

  it('gives the smallest set that is known when runs are used up', async () => {
    const found = await findCulprits(many, probeOf(['atom3'], 3).isGone);
    expect(found).toContain('atom3');
    expect(found.length).toBe(16);
  });
});

describe('places of a project', () => {
  const slices = new Map([['app/a.py', [slice('one', 'x = 1\ny = 2\n', 'x = 0\n'), slice('two', 'z = 3\n')]]]);

  it('belong to the atom whose text holds the line', () => {
    const at = (line: number) => atomAt(slices, 'app/a.py', line)?.atomId;
    expect([1, 2, 3, 9].map(at)).toEqual(['one', 'one', 'two', 'two']);
    expect(atomAt(slices, 'app/b.py', 1)).toBeNull();
  });

  it('change with the text of an atom', () => {
    expect(Buffer.from(filesWith(slices, new Set(['one']))[0]!.bytes).toString()).toBe('x = 0\nz = 3\n');
  });

  it('are read from traces of Python and JavaScript, without libraries', () => {
    const web = new Map([...slices, ['web/src/a.ts', []], ['web/src/a.test.ts', []]]);
    const python = 'tests/test_a.py:3: in test\napp/a.py:2: in f\n/usr/lib/python3/json.py:9: ValueError';
    expect(innermost(framesOf(python, '.', slices), 'python')).toEqual({ file: 'app/a.py', line: 2 });
    const script =
      'Error: no\n at f (/project/web/src/a.ts:7:3)\n at /project/web/src/a.test.ts:4:1\n at run (/project/web/node_modules/vitest/x.js:1:1)';
    expect(framesOf(script, 'web', web)).toEqual([
      { file: 'web/src/a.ts', line: 7 },
      { file: 'web/src/a.test.ts', line: 4 },
    ]);
    expect(innermost(framesOf(script, 'web', web), 'react-vite')).toEqual({ file: 'web/src/a.ts', line: 7 });
  });
});
