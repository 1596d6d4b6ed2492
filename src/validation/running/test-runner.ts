import type { Sandbox } from '../../adapters/sandbox/index.ts';
import { type Family, familyOf, runBatch } from './run-batch.ts';
import { runInterpreted } from './run-interpreted.ts';
import { runKey } from './run-key.ts';
import { noRun, type TestRunRequest, type TestRunResult } from './test-run.ts';

export interface TestRunnerOptions {
  readonly sandbox: Sandbox;
  /** The Python to run with; null where there is none. Asked for at the first Python run. */
  readonly python: () => Promise<RunnerPython | null>;
  /** Where results are kept for runs of the same content; default: in this process. */
  readonly cache?: ResultCache;
  /** Runs per sandbox start, default 24. */
  readonly batch?: number;
  /** Sandboxes at a time, default 2. */
  readonly parallel?: number;
}

/** A Python of the host. */
export interface RunnerPython {
  readonly executable: string;
  readonly version: string;
  /** Folders that it needs beside /usr. */
  readonly readOnly: readonly string[];
}

/** Keeps results by what they depend on. */
export interface ResultCache {
  get(key: string): Promise<TestRunResult | null>;
  set(key: string, result: TestRunResult): Promise<void>;
}

/** Runs tests of single files and modules in the sandbox. */
export interface TestRunner {
  run(request: TestRunRequest, signal?: AbortSignal): Promise<TestRunResult>;
}

interface Waiting {
  readonly request: TestRunRequest;
  readonly resolve: (result: TestRunResult) => void;
}

/** Requests that come while sandboxes are busy go into the next one together: its start is paid once for all of them. */
export function createTestRunner(options: TestRunnerOptions): TestRunner {
  const { sandbox } = options;
  const cache = options.cache ?? memoryCache();
  let python: Promise<RunnerPython | null> | undefined;
  const findPython = () => (python ??= options.python());
  const queues: Record<Family, Waiting[]> = { python: [], script: [] };
  const limit = options.parallel ?? 2;
  let busy = 0;

  /** One interpreter for each request; nothing is shared between them. */
  async function runAll(family: Family, requests: readonly TestRunRequest[]): Promise<TestRunResult[]> {
    const { interpreters } = sandbox;
    if (interpreters === undefined)
      return runBatch(sandbox, requests, { python: family === 'python' ? await findPython() : null });
    const results: TestRunResult[] = [];
    for (const request of requests) results.push(await runInterpreted(interpreters, request));
    return results;
  }

  /** What runs the tests, in words that change when results may; null where nothing does. */
  async function toolOf(family: Family): Promise<string | null> {
    if (sandbox.interpreters !== undefined)
      return family === 'python' ? `pyodide ${sandbox.interpreters.pythonVersion}` : 'quickjs';
    if (family === 'script') return `node ${process.version}`;
    const interpreter = await findPython();
    return interpreter === null ? null : `python ${interpreter.version}`;
  }

  async function drain(family: Family): Promise<void> {
    const batch = queues[family].splice(0, sandbox.interpreters === undefined ? (options.batch ?? 24) : 1);
    if (batch.length === 0) return;
    busy += 1;
    try {
      const requests = batch.map(({ request }) => request);
      const results = await runAll(family, requests).catch((error: unknown) =>
        requests.map(() => noRun(`the tests could not be run: ${(error as Error).message}`)),
      );
      batch.forEach(({ resolve }, index) => resolve(results[index] ?? noRun('nothing ran')));
    } finally {
      busy -= 1;
      pump();
    }
  }

  function pump(): void {
    for (const family of ['python', 'script'] as const)
      if (busy < limit && queues[family].length > 0) void drain(family);
  }

  function enqueue(request: TestRunRequest): Promise<TestRunResult> {
    return new Promise((resolve) => {
      queues[familyOf(request)].push({ request, resolve });
      // Requests made in the same turn of the event loop share a sandbox.
      setImmediate(pump);
    });
  }

  return {
    async run(request, signal) {
      if (!sandbox.confined && sandbox.interpreters === undefined)
        return noRun(`nothing may run here: ${sandbox.reason ?? 'no sandbox'}`);
      const tool = await toolOf(familyOf(request));
      if (tool === null) return noRun('no Python is installed');
      const key = runKey(request, tool);
      const kept = request.again ? null : await cache.get(key).catch(() => null);
      if (kept !== null) return kept;
      if (signal?.aborted) return noRun('it was called off');
      const result = await enqueue(request);
      // What was not run may run next time.
      if (result.outcome !== 'not_run' && !request.again) await cache.set(key, result).catch(() => undefined);
      return result;
    },
  };
}

const KEPT = 2_000;

function memoryCache(): ResultCache {
  const results = new Map<string, TestRunResult>();
  return {
    get: (key) => Promise.resolve(results.get(key) ?? null),
    set: (key, result) => {
      const oldest = results.size < KEPT ? undefined : results.keys().next().value;
      if (oldest !== undefined) results.delete(oldest);
      results.set(key, result);
      return Promise.resolve();
    },
  };
}
