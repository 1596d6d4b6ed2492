import { afterEach, describe, expect, it } from 'vitest';
import { CheckPool } from '../../../src/validation/check-pool.ts';
import { createValidation, type Validation } from '../../../src/validation/index.ts';
import type { VerdictStore } from '../../../src/validation/verdict-store.ts';
import { unconfined } from '../../../src/adapters/sandbox/detect-sandbox.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const atom = { name: 'a', role: 'statement', loc: 1, complexity: 1, isAtomic: true };

let validation: Validation | undefined;
afterEach(() => validation?.close());

describe('validation in threads', () => {
  it('answers many questions at once, each with its own answer, off the event loop', async () => {
    validation = await createValidation({ sandbox: unconfined('test'), threads: 2 });
    const candidates = Array.from({ length: 40 }, (_, n) =>
      n % 2 === 0 ? `const a${n} = ${n};\n` : `const a${n} = = ${n};\n`,
    );
    const reports = await Promise.all(
      candidates.map((text) =>
        validation!.validateAtom({
          path: 'a.ts',
          language: 'typescript',
          before: bytes(''),
          candidate: bytes(text),
          after: bytes(''),
          draft: bytes(''),
          atom,
        }),
      ),
    );
    expect(reports.map((report) => report.passed)).toEqual(candidates.map((_, n) => n % 2 === 0));
  });

  it('says "not run" when a check does not end in time, and goes on with a fresh thread', async () => {
    validation = await createValidation({ sandbox: unconfined('test'), threads: 1, timeoutMs: 1 });
    const report = await validation.validateModule({
      path: 'a.ts',
      language: 'typescript',
      bytes: bytes('const a = 1;\n'.repeat(50_000)),
    });
    expect(report).toMatchObject({ passed: false, outcome: 'not_run' });
    expect(report.checks[0]?.reason).toMatch(/did not end within/);
  });

  it('tries what shared a thread with such a check once more, by itself', async () => {
    validation = await createValidation({ sandbox: unconfined('test'), threads: 1, timeoutMs: 1 });
    const file = { path: 'a.ts', language: 'typescript', bytes: bytes('const a = 1;\n'.repeat(50_000)) };
    const reports = await Promise.all([1, 2, 3].map(() => validation!.validateModule(file)));
    for (const { checks } of reports) expect(checks[0]?.reason).toMatch(/did not end within/);
  });

  it('takes verdicts that another worker has worked out, and leaves its own', async () => {
    const shared = new Map<string, string>();
    const verdicts: VerdictStore = {
      findVerdict: (key) => Promise.resolve(shared.get(key) ?? null),
      keepVerdict: (key, text) => Promise.resolve(void shared.set(key, text)),
    };
    const file = { path: 'a.ts', language: 'typescript', bytes: bytes('export const a: number = 1;\n') };
    const judge = async (): Promise<string[]> => {
      const worker = await createValidation({ sandbox: unconfined('test'), threads: 1, verdicts });
      const report = await worker.validateModule(file);
      await worker.close();
      return report.checks.flatMap(({ findings }) => findings.map(({ message }) => message));
    };
    expect(await judge()).toEqual([]);
    const [key] = [...shared.keys()];
    expect([...shared.values()]).toEqual(['{"problems":[]}']);
    const told = { kind: 'types', start: 0, end: 1, rule: 'r', severity: 'error', message: 'told', suggestion: null };
    shared.set(key!, JSON.stringify({ problems: [told] }));
    expect(await judge()).toEqual(['told']);
  });

  it('checks each component against its own project', async () => {
    validation = await createValidation({ sandbox: unconfined('test'), threads: 1 });
    const user = { path: 'src/use.py', language: 'python', bytes: bytes('from lib.add import add\n\nadd(1, 2)\n') };
    const projectOf = (definition: string) => [
      user,
      { path: 'lib/add.py', language: 'python', bytes: bytes(`def ${definition}:\n    return 1\n`) },
    ];
    const [good, bad] = [projectOf('add(a, b)'), projectOf('add(a)')];
    const outcomes = await Promise.all(
      [good, bad, bad, good].map(async (files) => (await validation!.validateComponent(files, ['src/use.py'])).outcome),
    );
    expect(outcomes).toEqual(['passed', 'failed', 'failed', 'passed']);
  });

  it('refuses work after it was closed', async () => {
    const pool = new CheckPool({ threads: 1 });
    await pool.close();
    await expect(pool.run({ kind: 'module', file: { path: 'a', language: 'text', bytes: bytes('') } })).rejects.toThrow(
      'closed',
    );
  });

  it('reports level 3 as not run', async () => {
    validation = await createValidation({ sandbox: unconfined('test') });
    expect(await validation.validateComponent([])).toMatchObject({ passed: false, outcome: 'not_run' });
  });

  it('does not run level 4 without confinement, and says why', async () => {
    validation = await createValidation({ sandbox: unconfined('no namespaces here') });
    const report = await validation.validateSystem({
      files: [{ path: 'a.py', language: 'python', bytes: bytes('open("/tmp/escaped", "w")\n') }],
      checks: [{ name: 'backend', directory: '.', toolchain: 'python' }],
    });
    expect(report).toMatchObject({ passed: false, outcome: 'not_run' });
    expect(report.checks[0]?.reason).toContain('no namespaces here');
  });
});
