import type { TestRunRequest } from '../../src/validation/running/test-run.ts';
import type { PrecisionCase, TestRun } from './data.ts';

/** What the runs of one case may need: its files with those of a variant instead, and its tests. */
function filesOf(item: PrecisionCase, files: Readonly<Record<string, string | null>>): Record<string, string> {
  const merged: Record<string, string | null> = { ...files, ...item.tests };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The run of a variant against the tests that a validator may see (`visible`), or those that decide what is true (`hidden`). */
export function caseRun(
  item: PrecisionCase,
  files: Readonly<Record<string, string | null>>,
  which: 'visible' | 'hidden',
): TestRunRequest | null {
  const run: TestRun | null = item.run[which];
  if (run === null) return null;
  const filter = run.filter ?? 'all';
  return {
    kind: run.kind as TestRunRequest['kind'],
    files: filesOf(item, files),
    main: run.main,
    filter,
    skippedCount: true,
    env: { CASE_TEST_FILTER: filter },
    cpuSeconds: which === 'hidden' ? 20 : 5,
  };
}
