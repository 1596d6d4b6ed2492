import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectSandbox, type SandboxResult, type SandboxSpec } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { waitFor } from '../../support/wait-for.ts';

const sandbox = await detectSandbox(createLogger('silent'));
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'mge-limits-project-'));
  writeFileSync(join(project, 'input.txt'), 'input');
  // What is shown read-only keeps its permissions: programs of the sandbox are none of the owner's.
  chmodSync(project, 0o755);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function run(argv: string[], more: Partial<SandboxSpec> = {}): Promise<SandboxResult> {
  return sandbox.run({ argv, directory: project, timeoutMs: 20_000, memoryMb: 512, ...more });
}

/** True while a process whose command line holds `mark` lives anywhere on the host. */
function isAlive(mark: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        return line.startsWith('sleep\0') && line.includes(mark);
      } catch {
        return false;
      }
    });
}

describe.skipIf(!sandbox.confined)('what a program may use', () => {
  it('passes results back: output, exit code, result file', async () => {
    const result = await run(['sh', '-c', 'cat input.txt; echo oops >&2; echo answer > /tmp/result; exit 3'], {
      resultFile: '/tmp/result',
    });
    expect(result).toMatchObject({
      stdout: 'input',
      stderr: 'oops\n',
      exitCode: 3,
      signal: null,
      stoppedBy: null,
      timedOut: false,
      result: 'answer\n',
    });
    expect((await run(['true'], { resultFile: '/tmp/none' })).result).toBeNull();
  });

  it('hands back no file of the host through a link', async () => {
    const result = await run(['sh', '-c', 'ln -s /etc/hostname /tmp/result; ln -s /proc/1/environ /tmp/other'], {
      resultFile: '/tmp/result',
    });
    expect(result.result).toBeNull();
  });

  it('gives the environment and the folder that were asked for', async () => {
    const result = await run(['sh', '-c', 'echo "$GREETING from $PWD"'], { env: { GREETING: 'hello $(id)' } });
    expect(result.stdout).toBe('hello $(id) from /project\n');
  });

  it('shows read-only files where they are asked for', async () => {
    const result = await run(['sh', '-c', 'cat /deps/input.txt; touch /deps/x || echo " refused"'], {
      readOnly: [{ from: project, to: '/deps' }],
    });
    expect(result.stdout).toBe('input refused\n');
  });

  it('refuses a working folder outside the project', async () => {
    await expect(run(['true'], { workingDirectory: '../..' })).rejects.toThrow(/leaves the project/);
  });

  it('watchdog: ends an endless loop when its time is over', async () => {
    const result = await run(['sh', '-c', 'while :; do :; done'], { timeoutMs: 400 });
    expect(result).toMatchObject({ timedOut: true, stoppedBy: 'time', exitCode: null, signal: 'SIGKILL' });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it('watchdog: ends a program that only waits', async () => {
    expect((await run(['sleep', '600'], { timeoutMs: 300 })).stoppedBy).toBe('time');
  });

  it('watchdog: ends endless output, and keeps what fits', async () => {
    const result = await run(['yes', 'spam'], { outputBytes: 100_000 });
    expect(result.stoppedBy).toBe('output');
    expect(result.stdout.length).toBe(100_000);
    expect((await run(['sh', '-c', 'yes spam >&2'], { outputBytes: 100_000 })).stoppedBy).toBe('output');
  });

  it('watchdog: ends many processes that together take too much memory', async () => {
    const child = `const a = Buffer.alloc(120e6, 1); setTimeout(() => a, 60000)`;
    const script = `for (let i = 0; i < 8; i++) require('child_process').spawn('node', ['-e', ${JSON.stringify(child)}]); setTimeout(() => {}, 60000)`;
    const result = await run(['node', '-e', script], { memoryMb: 400 });
    expect(result.stoppedBy).toBe('memory');
  });

  it('watchdog: ends a program that hides its memory by sharing it', async () => {
    const bomb = `import mmap, time\nm = mmap.mmap(-1, 400 << 20)\nfor i in range(0, 400 << 20, 4096): m[i] = 1\ntime.sleep(20)`;
    const result = await run(['python3', '-c', bomb], { memoryMb: 128 });
    expect(result).toMatchObject({ stoppedBy: 'memory', exitCode: null });
  });

  it('limits: a memory bomb gets no memory', async () => {
    const script =
      'const all = []; try { for (;;) all.push(Buffer.alloc(16e6, 1)); } catch (e) { console.log("refused at", all.length * 16, "MB"); }';
    const result = await run(['node', '-e', script], { memoryMb: 300 });
    const refused = /refused at (\d+) MB/.exec(result.stdout);
    expect(result.exitCode === 0 ? Number(refused?.[1]) : 0).toBeLessThan(300);
    expect(result.stoppedBy === 'memory' || refused !== null || result.exitCode !== 0).toBe(true);
  });

  it('limits: a fork bomb stays small and dies', async () => {
    const result = await run(['sh', '-c', 'bomb() { bomb | bomb & wait; }; bomb'], { timeoutMs: 2_000, processes: 64 });
    expect(['time', 'processes', null]).toContain(result.stoppedBy);
    expect(result.durationMs).toBeLessThan(10_000);
    const after = await run(['sh', '-c', 'echo fine']);
    expect(after.stdout).toBe('fine\n');
  });

  it('limits: the disk is full before the host notices', async () => {
    const result = await run(
      ['sh', '-c', 'head -c 60000000 /dev/zero > a; head -c 60000000 /dev/zero > b; ls; df -m . | tail -1'],
      { diskMb: 64 },
    );
    expect(result.stderr).toMatch(/No space left|File size limit|File too large/);
  });

  it('limits: a single file stays below its limit', async () => {
    const result = await run(['sh', '-c', 'head -c 40000000 /dev/zero > /tmp/big; echo $?; stat -c %s /tmp/big'], {
      diskMb: 16,
    });
    expect(Number(result.stdout.trim().split('\n').at(-1))).toBeLessThanOrEqual(16 * 1024 * 1024);
  });

  it('ends what a program leaves running', async () => {
    const mark = `98765.${process.pid}`;
    const result = await run(['sh', '-c', `setsid nohup sleep ${mark} > /dev/null 2>&1 & sleep 0.1; echo left`]);
    expect(result.stdout).toBe('left\n');
    await waitFor(() => !isAlive(mark), { what: 'the left process to end' });
  });

  it('ends everything when the caller gives up', async () => {
    const mark = `87654.${process.pid}`;
    const control = new AbortController();
    const running = run(['sh', '-c', `sleep ${mark}`], { signal: control.signal });
    await waitFor(() => isAlive(mark), { what: 'the program to start' });
    control.abort();
    expect(await running).toMatchObject({ stoppedBy: 'aborted', exitCode: null });
    await waitFor(() => !isAlive(mark), { what: 'the program to end' });
  });

  it('names the signal that ended a program', async () => {
    expect(await run(['sh', '-c', 'kill -SEGV $$'])).toMatchObject({
      exitCode: null,
      signal: 'SIGSEGV',
      stoppedBy: null,
    });
  });

  it('runs several programs at once without their limits adding up', async () => {
    const results = await Promise.all(
      Array.from({ length: 4 }, (_, n) => run(['sh', '-c', `sleep 0.2; echo ${n}`], { processes: 16 })),
    );
    expect(results.map((result) => result.stdout.trim())).toEqual(['0', '1', '2', '3']);
  });

  it('leaves nothing in the temporary folder', async () => {
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('mge-sandbox-'));
    // What a killed process has left lies there before; what other tests run beside this one goes when they end.
    const before = new Set(folders());
    await run(['true']);
    const made = folders().filter((name) => !before.has(name));
    await waitFor(() => made.every((name) => !folders().includes(name)), {
      what: 'temporary folders to be removed',
      timeoutMs: 60_000,
    });
  });
});
