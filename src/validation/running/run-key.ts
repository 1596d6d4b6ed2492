import { createHash } from 'node:crypto';
import { PYTHON_PROBE } from './python-probe-program.ts';
import { PYTHON_RUNNER } from './python-runner-program.ts';
import { SCRIPT_PROBE } from './script-probe-program.ts';
import { SCRIPT_RUNNER, SCRIPT_WORKER } from './script-runner-program.ts';
import type { TestRunRequest } from './test-run.ts';

const PROGRAMS = createHash('sha256')
  .update([PYTHON_PROBE, PYTHON_RUNNER, SCRIPT_PROBE, SCRIPT_RUNNER, SCRIPT_WORKER].join('\0'))
  .digest('base64');

/** Names everything that a run's result depends on: the texts, what is run of them, the limits, the runner, the interpreter. */
export function runKey(request: TestRunRequest, interpreter: string): string {
  const { files, again: _again, ...rest } = request;
  const texts = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([PROGRAMS, interpreter, Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)), texts]))
    .digest('hex');
}
