import { describe, expect, it } from 'vitest';
import type { DependencyEdge, DependencyType } from '../../../src/domain/index.ts';
import { estimateTime } from '../../../src/graph/estimate.ts';
import { readPlan } from '../../../src/graph/reading.ts';
import { planWaves } from '../../../src/graph/waves.ts';

function edge(from: number, to: number, type: DependencyType = 'function_call', strength = 1): DependencyEdge {
  return { from, to, type, strength, reason: `needs ${String(to)}` };
}

const atom = (file: string, name: string) => ({ file, name, startLine: 1 });

describe('estimateTime', () => {
  const python = { language: 'python', role: 'function' };
  const plan = (edges: readonly DependencyEdge[], n: number) => planWaves(n, edges);
  const history = (concurrency: number) => ({
    provider: 'p',
    concurrency,
    durations: [
      { language: 'python', role: 'function', atoms: 9, seconds: 2 },
      { language: 'python', role: 'test', atoms: 4, seconds: 99 },
      { language: 'python', role: null, atoms: 13, seconds: 3 },
      { language: null, role: null, atoms: 20, seconds: 5 },
    ],
  });

  it('takes the most specific median that enough atoms stand behind', () => {
    const atoms = [python, { language: 'python', role: 'test' }, { language: 'go', role: 'function' }];
    const found = estimateTime(atoms, [], plan([], 3), history(10));
    expect(found).toMatchObject({
      basis: 'history',
      samples: 20,
      secondsAtLeast: 5,
      secondsAtMost: 6,
      waveSeconds: [5],
    });
  });

  it('is bounded by the longest chain and by the work that fits side by side', () => {
    const chain = [edge(1, 0), edge(2, 1)];
    const atoms = [python, python, python, python];
    expect(estimateTime(atoms, chain, plan(chain, 4), history(100)).secondsAtLeast).toBe(6);
    expect(estimateTime(atoms, chain, plan(chain, 4), history(1))).toMatchObject({
      secondsAtLeast: 8,
      secondsAtMost: 14,
      waveSeconds: [4, 2, 2],
    });
  });

  it('says so when there is no history', () => {
    const none = { provider: 'p', concurrency: 1, durations: [] };
    expect(estimateTime([python], [], plan([], 1), none)).toMatchObject({ basis: 'no history', secondsAtLeast: null });
  });
});

describe('readPlan', () => {
  it('tells after which wave files and folders are whole', () => {
    const atoms = [atom('a/x.py', 'x'), atom('a/x.py', 'y'), atom('b.py', 'z')];
    const edges = [edge(1, 2)];
    const reading = readPlan(atoms, edges, planWaves(3, edges));
    expect(reading.modules).toEqual([
      { path: 'b.py', wave: 1 },
      { path: 'a/x.py', wave: 2 },
    ]);
    expect(reading.components).toEqual([
      { path: '.', wave: 1 },
      { path: 'a', wave: 2 },
    ]);
    expect(reading.suggestions).toEqual([]);
  });

  it('names the weakest link of a unit and what to do about it', () => {
    const atoms = [atom('a.py', 'a'), atom('b.py', 'b')];
    const edges = [edge(0, 1), edge(1, 0, 'type', 0.9)];
    const [suggestion] = readPlan(atoms, edges, planWaves(2, edges)).suggestions;
    expect(suggestion).toMatchObject({ kind: 'unit', atoms: [0, 1] });
    expect(suggestion?.text).toContain('The weakest link: b (b.py:1) needs 0. To take them apart, move what both need');
  });

  it('explains each cut', () => {
    const atoms = [atom('a.py', 'a'), atom('a.py', 'b')];
    const edges = [edge(0, 1), edge(1, 0, 'temporal', 0.3)];
    const [suggestion] = readPlan(atoms, edges, planWaves(2, edges)).suggestions;
    expect(suggestion).toMatchObject({ kind: 'cut', atoms: [1, 0] });
    expect(suggestion?.text).toContain('but does not wait for it: part of a cycle through 2 atoms');
  });
});
