import type { InterpreterResult, Interpreters } from '../../adapters/sandbox/index.ts';
import { expectBundle } from './bundle.ts';
import { PYTHON_PROBE } from './python-probe-program.ts';
import { PYTHON_RUNNER } from './python-runner-program.ts';
import { SMALL_PYTEST } from './python-small-pytest.ts';
import { PYTHON_WASM_AFTER, PYTHON_WASM_BEFORE } from './python-wasm-program.ts';
import { familyOf, isOwn, prepare, type RawResult, resultOf } from './run-batch.ts';
import { SCRIPT_PROBE } from './script-probe-program.ts';
import { SCRIPT_WORKER } from './script-runner-program.ts';
import { SCRIPT_WASM_BEFORE, SCRIPT_WASM_CLOSE, SCRIPT_WASM_OPEN } from './script-wasm-program.ts';
import { noRun, type TestRunRequest, type TestRunResult } from './test-run.ts';

const PYTHON_PROGRAM = [PYTHON_WASM_BEFORE, PYTHON_RUNNER, PYTHON_PROBE, SMALL_PYTEST, PYTHON_WASM_AFTER].join('\n');
/** Milliseconds for the start of an interpreter, on a machine that has much else to do; and processor time of it. */
const START_MS = 30_000;
const START_CPU_MS = 2_000;
/** Interpreters are slower than what they stand for. */
const SLOWER = 2;

/** What an interpreter may answer beside a result. */
type Answer = Partial<RawResult> & { readonly unserved?: string };

/** What code needs that the interpreters do not have: how it ends then says nothing about it. */
const MACHINE =
  /can't start new thread|does not support processes|Host is unreachable|Function not implemented|stack overflow|Stack overflow/;
const GLOBALS =
  /'?\b(?:URL|URLSearchParams|Buffer|Intl|TextEncoder|TextDecoder|AbortController|AbortSignal|Event|EventTarget|fetch|Headers|Request|Response|FormData|Blob|File|crypto|btoa|atob|WebAssembly|document|window|navigator|localStorage|sessionStorage|MessageChannel|require|__dirname|__filename)'? is not defined/;
const LOCALE = /\bIntl\.|\.toLocale|\.localeCompare|\.normalize\(|\\p\{/;

/** Runs one request in an interpreter that is WebAssembly. What it cannot serve is not run, with the reason. */
export async function runInterpreted(
  interpreters: Interpreters,
  request: TestRunRequest,
  signal?: AbortSignal,
): Promise<TestRunResult> {
  const prepared = await prepare(request, 0);
  if ('result' in prepared) return prepared.result;
  const { job } = prepared;
  if (typeof job['code'] === 'string' && LOCALE.test(job['code']))
    return noRun('it uses what the WebAssembly interpreter does differently: locales');
  const limits = {
    timeoutMs: (job['wallSeconds'] as number) * SLOWER * 1_000 + START_MS,
    cpuMs: (job['cpuSeconds'] as number) * SLOWER * 1_000 + START_CPU_MS,
    memoryMb: job['memoryMb'] as number,
    ...(signal === undefined ? {} : { signal }),
  };
  const ran =
    familyOf(request) === 'python'
      ? await interpreters.python(PYTHON_PROGRAM, JSON.stringify(job), limits)
      : await interpreters.script(await scriptProgram(), JSON.stringify(job), limits);
  return judge(ran, request);
}

async function scriptProgram(): Promise<string> {
  const expect = `const EXPECT = ${JSON.stringify(await expectBundle())};`;
  return [expect, SCRIPT_WASM_BEFORE, SCRIPT_WASM_OPEN, SCRIPT_PROBE, SCRIPT_WORKER, SCRIPT_WASM_CLOSE].join('\n');
}

function judge(ran: InterpreterResult, request: TestRunRequest): TestRunResult {
  const { stoppedBy, durationMs, printed } = ran;
  if (stoppedBy === 'aborted') return noRun('it was called off');
  const answer = parsed(ran.result);
  if (answer?.unserved !== undefined) return noRun(`the WebAssembly interpreter does not serve it: ${answer.unserved}`);
  if (answer === null && ran.problem !== null) return noRun(`the WebAssembly interpreter: ${ran.problem}`);
  const raw: RawResult = {
    id: 0,
    ended: stoppedBy ?? (answer === null ? 'early' : 'normal'),
    output: printed,
    passed: [],
    failed: [],
    ...answer,
    durationMs,
  };
  const beyond = raw.failed.find(
    ({ message, missing }) =>
      (missing !== undefined && !isOwn(missing, request)) || MACHINE.test(message) || GLOBALS.test(message),
  );
  if (beyond !== undefined)
    return noRun(`the WebAssembly interpreter does not have what it needs: ${beyond.message.slice(0, 200)}`);
  return resultOf(raw, request);
}

function parsed(text: string | null): Answer | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
}
