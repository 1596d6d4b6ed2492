import type { PlacedTest } from './junit-report.ts';

/** The parts of vitest's JSON report that are read; all optional, as the report is written by the project's own process. */
interface Report {
  readonly testResults?: readonly {
    readonly name?: string;
    readonly status?: string;
    readonly message?: string;
    readonly assertionResults?: readonly {
      readonly ancestorTitles?: readonly string[];
      readonly title?: string;
      readonly status?: string;
      readonly duration?: number | null;
      readonly failureMessages?: readonly string[] | null;
      readonly location?: { readonly line?: number } | null;
    }[];
  }[];
}

const OUTCOMES: Readonly<Record<string, PlacedTest['outcome']>> = { passed: 'passed', failed: 'failed' };

/** Reads vitest's JSON report; file names become relative to `root`. A file that could not be loaded counts as one failed test. */
export function readVitestReport(json: string, root: string): PlacedTest[] {
  let report: Report;
  try {
    report = JSON.parse(json) as Report;
  } catch {
    return [];
  }
  return (report.testResults ?? []).flatMap((suite) => {
    const file = (suite.name ?? '').replace(`${root}/`, '');
    const results = suite.assertionResults ?? [];
    if (results.length === 0 && suite.status === 'failed') {
      return [
        {
          name: file,
          outcome: 'failed' as const,
          durationMs: 0,
          message: suite.message ?? 'the file could not be loaded',
          file,
          line: 1,
        },
      ];
    }
    return results.map((result) => ({
      name: [file, ...(result.ancestorTitles ?? []), result.title ?? ''].filter(Boolean).join(' > '),
      outcome: OUTCOMES[result.status ?? ''] ?? ('skipped' as const),
      durationMs: Math.round(result.duration ?? 0),
      message: result.failureMessages?.join('\n').slice(0, 4_000) || null,
      file,
      line: result.location?.line ?? 0,
    }));
  });
}
