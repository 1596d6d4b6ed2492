import { posix } from 'node:path';
import type { Finding } from '../../domain/index.ts';

/** Findings kept of one run of a tool. */
const MAX_FINDINGS = 100;

/** Reads `tsc --pretty false`: `src/a.ts(3,7): error TS2322: message`, with continuation lines indented. */
export function readCompilerOutput(output: string, directory: string): Finding[] {
  const findings: Finding[] = [];
  for (const line of output.split('\n')) {
    const match = /^(.+?)\((\d+),(\d+)\): (error|warning) (TS\d+): (.*)$/.exec(line.trimEnd());
    if (match === null) continue;
    const [, file = '', row, column, severity, rule = '', message = ''] = match;
    findings.push({
      file: posix.join(directory, file),
      line: Number(row),
      column: Number(column),
      rule,
      severity: severity === 'error' ? 'error' : 'warning',
      message,
      suggestion: null,
    });
    if (findings.length >= MAX_FINDINGS) break;
  }
  return findings;
}

/** The last lines of what a tool printed, without terminal colours. */
export function tail(...outputs: readonly string[]): string {
  const text = outputs.filter((output) => output.trim() !== '').join('\n');
  return text.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '').slice(-8_000);
}
