import type { TestCase } from '../../domain/index.ts';

/** Every name under which a plan may mean a reported test: without the folders before it, and a file or suite for the tests in it. */
function namesOf(reported: string): string[] {
  const names = [reported];
  for (const [mark, take] of [
    ['/', (at: number): string => reported.slice(at + 1)],
    [' > ', (at: number): string => reported.slice(0, at)],
    ['::', (at: number): string => reported.slice(0, at)],
  ] as const)
    for (let at = reported.indexOf(mark); at >= 0; at = reported.indexOf(mark, at + 1)) names.push(take(at));
  return names;
}

/**
 * What the runs of a project's tests said, to be asked by the names that the plan gives to tests. Runners report paths relative to the
 * checked folder; parametrized tests carry their case in brackets.
 */
export class TestOutcomes {
  private readonly reported = new Map<string, TestCase[]>();
  private readonly named = new Map<string, TestCase[]>();

  constructor(cases: readonly TestCase[]) {
    const add = (map: Map<string, TestCase[]>, name: string, test: TestCase): void => {
      const known = map.get(name);
      if (known === undefined) map.set(name, [test]);
      else known.push(test);
    };
    for (const test of cases)
      for (const name of new Set([test.name, test.name.replace(/\[[^\]]*\]$/, '')])) {
        add(this.reported, name, test);
        for (const other of namesOf(name)) add(this.named, other, test);
      }
  }

  /** What the runs said of a named test; null when none reported it. A failure of one of its cases is its failure. */
  of(test: string): TestCase['outcome'] | null {
    const found = [...(this.named.get(test) ?? [])];
    for (let at = test.indexOf('/'); at >= 0; at = test.indexOf('/', at + 1))
      found.push(...(this.reported.get(test.slice(at + 1)) ?? []));
    if (found.length === 0) return null;
    if (found.some(({ outcome }) => outcome === 'failed')) return 'failed';
    return found.some(({ outcome }) => outcome === 'passed') ? 'passed' : 'skipped';
  }
}
