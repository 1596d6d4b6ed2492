import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { detectSandbox } from '../../../src/adapters/sandbox/index.ts';
import { Launcher } from '../../../src/adapters/sandbox/launch.ts';
import type { ConfinedCommand, LaunchLimits } from '../../../src/adapters/sandbox/launch-orders.ts';
import { SandboxUnavailable } from '../../../src/adapters/sandbox/sandbox.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { waitFor } from '../../support/wait-for.ts';

const LIMITS: LaunchLimits = { timeoutMs: 20_000, memoryMb: 512, processes: 32, outputBytes: 1_000 };
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SANDBOX = new URL('../../../src/adapters/sandbox', import.meta.url).href;
const sandbox = await detectSandbox(createLogger('silent'));
const launchers: Launcher[] = [];
const folders: string[] = [];
const children: ChildProcess[] = [];

/** What a set-up does: says that it is up on the result pipe, then becomes the program. */
function shell(script: string, input?: readonly Uint8Array[]): ConfinedCommand {
  const argv = ['/bin/sh', '-c', `echo up >&3\n${script}`];
  return { argv, env: { PATH: '/usr/bin:/bin' }, ...(input === undefined ? {} : { input }) };
}

function newLauncher(): Launcher {
  const launcher = new Launcher();
  launchers.push(launcher);
  return launcher;
}

function isAlive(mark: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(`sleep\0${mark}\0`);
      } catch {
        return false;
      }
    });
}

/** Another program with this one's sources; ended by force when a test does not end it. */
function program(text: string): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', text], { cwd: ROOT });
  children.push(child);
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  return { child, said: () => said };
}

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  await Promise.all(launchers.splice(0).map((launcher) => launcher.stop()));
});

describe.skipIf(process.platform !== 'linux')('the thread that starts programs', () => {
  it('answers what runs when it dies, ends it, and starts again', async () => {
    const launcher = newLauncher();
    const mark = `76543.${process.pid}`;
    const running = launcher.run(shell(`sleep ${mark} & wait`), LIMITS);
    const refused = expect(running).rejects.toThrow(
      new SandboxUnavailable('the thread that starts sandboxed programs stopped'),
    );
    await waitFor(() => isAlive(mark), { what: 'the program to start' });
    await launcher.stop();
    await refused;
    await waitFor(() => !isAlive(mark), { what: 'the program to end' });
    expect(await launcher.run(shell('echo again'), LIMITS)).toMatchObject({ stdout: 'again\n', exitCode: 0 });
  });

  it('hands input over in pieces, shared memory too', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(300_000)).fill(0x62);
    const result = await newLauncher().run(
      shell('cat <&4 | wc -c; echo kept >&3', [Buffer.from('a\n'), shared]),
      LIMITS,
    );
    expect(result).toMatchObject({ stdout: '300002\n', result: 'kept\n' });
  });

  it('stops a program whose signal was raised before, and one whose signal is raised later', async () => {
    const launcher = newLauncher();
    const early = await launcher.run(shell('sleep 60'), { ...LIMITS, signal: AbortSignal.abort() });
    expect(early.stoppedBy).toBe('aborted');
    const late = await launcher.run(shell('sleep 60'), { ...LIMITS, signal: AbortSignal.timeout(50) });
    expect(late).toMatchObject({ stoppedBy: 'aborted', exitCode: null, signal: 'SIGKILL' });
  });

  it('tells what did not come up from what was wrongly asked for', async () => {
    const launcher = newLauncher();
    const notUp = launcher.run({ argv: ['/bin/sh', '-c', 'echo no root >&2'], env: {} }, LIMITS);
    await expect(notUp).rejects.toThrow(new SandboxUnavailable('no root'));
    await expect(launcher.run({ argv: ['/nowhere'], env: {} }, LIMITS)).rejects.toThrow(/ENOENT/);
    await expect(launcher.run({ argv: ['/bin/sh', 'a\0b'], env: {} }, LIMITS)).rejects.toThrow(TypeError);
    await expect(launcher.capture({ argv: ['/bin/sh', '-c', 'echo why >&2; exit 1'], env: {} }, 5_000)).rejects.toThrow(
      /^why$/,
    );
  });

  it('hands back bytes as they are', async () => {
    const bytes = await newLauncher().capture(
      { argv: ['/bin/sh', '-c', String.raw`printf '\377\001' >&3`], env: {} },
      5_000,
    );
    expect([...bytes]).toEqual([0xff, 1]);
  });

  it('does not keep the program alive', async () => {
    const { child, said } = program(`import { Launcher } from '${SANDBOX}/launch.ts';
      const command = { argv: ['/bin/sh', '-c', 'echo up >&3; echo done'], env: { PATH: '/usr/bin:/bin' } };
      console.log((await new Launcher().run(command, ${JSON.stringify(LIMITS)})).stdout.trim());`);
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said()).toBe('done\n');
  });

  it.skipIf(!sandbox.confined)('dies with the program, and with it what runs', async () => {
    const mark = `65432.${process.pid}`;
    const project = mkdtempSync(join(tmpdir(), 'mge-launcher-'));
    folders.push(project);
    const { child, said } = program(`import { detectSandbox } from '${SANDBOX}/index.ts';
      import { createLogger } from '${SANDBOX}/../telemetry/logger.ts';
      const sandbox = await detectSandbox(createLogger('silent'));
      await sandbox.run({ argv: ['sleep', '${mark}'], directory: '${project}', timeoutMs: 60000, memoryMb: 64 });`);
    await waitFor(() => isAlive(mark) || child.exitCode !== null, { what: 'the program to start', timeoutMs: 30_000 });
    expect(said()).toBe('');
    expect(isAlive(mark)).toBe(true);
    child.kill('SIGKILL');
    await waitFor(() => !isAlive(mark), { what: 'the program to end' });
  });
});
