import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { chooseMutants, spreadOut } from '../../../src/validation/mutants/choose-mutants.ts';
import { findMutants } from '../../../src/validation/mutants/find-mutants.ts';
import { markBranches, type TakenWays, takenWays } from '../../../src/validation/mutants/mark-branches.ts';
import { applyMutant, type Mutant, type MutationKind } from '../../../src/validation/mutants/mutant.ts';
import type { UntriedInput } from '../../../src/validation/mutants/parameters.ts';
import { strengthOf } from '../../../src/validation/mutants/strength.ts';
import { testProbesOf } from '../../../src/validation/mutants/test-probes.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

function mutantsOf(language: string, text: string, range = { start: 0, end: text.length }) {
  const tree = parser.read(language, text);
  return tree === null ? [] : findMutants(tree, language, range);
}

function changed(language: string, text: string, kind: string): string[] {
  return mutantsOf(language, text)
    .filter((mutant) => mutant.kind === kind)
    .map((mutant) => applyMutant(text, mutant));
}

const PYTHON = `def clip(items, low=0):
    """Holds 1 < 2."""
    if not items:
        return []
    if len(items) > 3 and low <= 1:
        items.sort(key=len, reverse=True)
    total = items[0] + low
    return total
`;
const SCRIPT = `type Small = 1 | 2;
export function clip(items: number[], low: Small): number {
  if (items.length === 0) throw new Error('empty');
  if (items.length > 3 && low <= 1) items.push(low, 1);
  return items[0] - low;
}
`;

describe('mutants', () => {
  it.each([
    ['boundary', 'len(items) > 3', 'len(items) >= 3'],
    ['boundary', 'low <= 1', 'low < 1'],
    ['guard', 'if not items:', 'if False:'],
    ['condition', 'if not items:', 'if (items):'],
    ['logic', '> 3 and low', '> 3 or low'],
    ['arithmetic', 'items[0] + low', 'items[0] - low'],
    ['literal', 'items[0]', 'items[1]'],
    ['literal', 'reverse=True', 'reverse=False'],
    ['statement', 'items.sort(key=len, reverse=True)', 'pass'],
    ['argument', 'sort(key=len, reverse=True)', 'sort(key=len)'],
    ['result', 'return total', 'return None'],
  ])('change Python: %s, %s', (kind, before, after) => {
    expect(changed('python', PYTHON, kind)).toContain(PYTHON.replace(before, after));
  });

  it.each([
    ['boundary', 'length > 3', 'length >= 3'],
    ['guard', 'if (items.length === 0)', 'if (false)'],
    ['condition', '=== 0', '!== 0'],
    ['logic', '&&', '||'],
    ['arithmetic', 'items[0] - low', 'items[0] + low'],
    ['statement', 'items.push(low, 1);', ';'],
    ['argument', 'push(low, 1)', 'push(low)'],
    ['result', 'return items[0] - low', 'return undefined'],
  ])('change TypeScript: %s, %s', (kind, before, after) => {
    expect(changed('typescript', SCRIPT, kind)).toContain(SCRIPT.replace(before, after));
  });

  it('leave types, texts, documentation and the start of a program alone', () => {
    const main = 'X: "a < 1" = 1\nif __name__ == "__main__":\n    print(1 < 2)\n';
    expect(mutantsOf('python', main).map(({ kind, line }) => [kind, line])).toEqual([['literal', 1]]);
    expect(mutantsOf('typescript', 'type T = 1 | 2;\nlet x: 3;\nenum E { A = 1 }\n')).toEqual([]);
    expect(mutantsOf('css', 'a { color: red }')).toEqual([]);
    expect(mutantsOf('python', 'def f(:\n  return 1 < 2\n')).toEqual([]);
  });

  it('stay inside of the part that is asked for', () => {
    const start = PYTHON.indexOf('    total');
    const lines = mutantsOf('python', PYTHON, { start, end: PYTHON.length }).map(({ line }) => line);
    expect(new Set(lines)).toEqual(new Set([7, 8]));
  });

  it('give texts of the language, each other than the first', () => {
    const texts = mutantsOf('python', PYTHON).map((mutant) => applyMutant(PYTHON, mutant));
    expect(new Set([...texts, PYTHON]).size).toBe(texts.length + 1);
    for (const text of texts) expect(parser.read('python', text)?.hasError, text).toBe(false);
    for (const mutant of mutantsOf('typescript', SCRIPT))
      expect(parser.read('typescript', applyMutant(SCRIPT, mutant))?.hasError, mutant.what).toBe(false);
  });

  it('are chosen alike each time, of all kinds and over all lines before any line twice', () => {
    const all = mutantsOf('python', PYTHON);
    const chosen = chooseMutants(all, 5);
    expect(chosen).toEqual(
      chooseMutants(
        all.toReversed().toSorted((a, b) => a.start - b.start),
        5,
      ),
    );
    expect(chosen).toHaveLength(5);
    expect(new Set(chosen.map(({ line }) => line)).size).toBe(5);
    expect(chooseMutants(all, 100)).toHaveLength(all.length);
    expect(chooseMutants([], 5)).toEqual([]);
    expect(spreadOut([1, 2, 3, 4, 5]).slice(0, 3)).toEqual([1, 5, 3]);
    expect(spreadOut([1, 2, 3, 4, 5]).toSorted()).toEqual([1, 2, 3, 4, 5]);
  });
});

/** What the runner's own functions do, for texts of JavaScript. */
function waysOf(text: string, calls: string): string[] {
  const marked = testProbesOf(parser, { language: 'javascript', text, start: 0, end: text.length, most: 0 })?.marked;
  const taken: Record<string, number> = {};
  const take = (name: string): void => void (taken[name] = (taken[name] ?? 0) + 1);
  const lefts = new Map<number, unknown>();
  const code = `${marked?.text ?? ''}\n${calls}`;
  runInNewContext(code, {
    _mge_a: (id: number, ...values: number[]) =>
      values.forEach((value, index) => take(`${id}:${index}${value < 0 ? 'n' : value === 0 ? 'z' : 'p'}`)),
    _mge_b: (id: number) => take(`${id}b`),
    _mge_c: (id: number, value: unknown) => (take(`${id}${value ? 't' : 'f'}`), value),
    _mge_l: (id: number, value: unknown) => (lefts.set(id, value), value),
    _mge_r: (id: number, value: unknown) => (take(`${id}${lefts.get(id) === value ? 'e' : 'n'}`), value),
  });
  return takenWays({ marks: marked?.marks ?? [] }, [taken]).missed.map(
    ({ mark, way }) => `${mark.line} ${way} ${mark.what}`,
  );
}

describe('marks', () => {
  const text = `function f(a, b) {
  if (a < 0 || b === null) return 0;
  switch (b) { case 1: return 1; default: break; }
  return a > b ? a : b;
}
`;
  it('tell which ways of a text are not taken', () => {
    expect(waysOf(text, 'f(1, 2)')).toEqual([
      '2 t a < 0 || b === null',
      '2 t a < 0',
      '2 e a < 0',
      '3 b case 1: return 1;',
      '4 t a > b',
      '4 e a > b',
    ]);
    expect(waysOf(text, 'f(1, 2); f(0, 0); f(-1, 1); f(3, 2); f(0, 1); f(0, null)')).toEqual([]);
  });

  it('keep Python a program: behind its documentation, in one-line blocks, before nested statements', () => {
    const python = `def f(a):
    """Doc."""
    for x in a:
        if x < 1: return x
    try: return g(a)
    except ValueError: return [y for y in a if y and y > 2]
`;
    const tree = parser.read('python', python);
    const marked = tree === null ? null : markBranches(tree, 'python', { start: 0, end: python.length });
    expect(marked?.text).toBe(`def f(a):
    """Doc."""
    _mge_b(0); _mge_a(1, a)
    for x in a:
        _mge_b(2)
        if _mge_c(3, (_mge_l(4, (x)) < _mge_r(4, (1)))): return x
    try: return g(a)
    except ValueError: _mge_b(5); return [y for y in a if _mge_c(6, (_mge_c(7, (y)) and _mge_l(8, (y)) > _mge_r(8, (2))))]
`);
  });
});

describe('the strength of tests', () => {
  const survivor = (kind: MutationKind): Mutant => ({ kind, start: 0, end: 1, replacement: '', line: 1, what: '' });
  const ways: TakenWays = { missed: [], once: 0, all: 4, untried: [] };
  const mark = { id: 0, kind: 'condition', line: 1, what: 'a' } as const;

  it('is whole when they notice everything and take every way', () => {
    expect(strengthOf({ killed: 3, survivors: [], ways })).toBe(1);
    expect(strengthOf({ killed: 0, survivors: [], ways })).toBe(1);
  });

  it('falls most with guards and boundaries that are not noticed, and with ways that are not taken', () => {
    const of = (kind: MutationKind): number => strengthOf({ killed: 4, survivors: [survivor(kind)], ways });
    expect(of('guard')).toBe(0.6667);
    expect(of('boundary')).toBe(of('guard'));
    expect(of('literal')).toBeGreaterThan(of('logic'));
    expect(of('logic')).toBeGreaterThan(of('guard'));
    expect(strengthOf({ killed: 4, survivors: [], ways: { ...ways, missed: [{ mark, way: 't' }] } })).toBe(0.75);
  });

  it('falls a little with input that neither tests nor code thought of', () => {
    const input = (isAsked: boolean): UntriedInput => ({ parameter: { name: 'a', isAsked }, line: 1, what: 'zero' });
    const of = (...untried: UntriedInput[]): number =>
      strengthOf({ killed: 1, survivors: [], ways: { ...ways, untried } });
    expect(of(input(true))).toBe(1);
    expect(of(input(false))).toBe(0.98);
    expect(of(...Array.from({ length: 50 }, () => input(false)))).toBe(0.88);
  });
});
