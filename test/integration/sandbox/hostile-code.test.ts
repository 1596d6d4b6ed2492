import { describe, expect, it } from 'vitest';
import { detectSandbox } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createTestRunner } from '../../../src/validation/running/test-runner.ts';
import { findPython } from '../../../src/validation/system/python-toolchain.ts';

const sandbox = await detectSandbox(createLogger('silent'));
const runner = createTestRunner({ sandbox, python: async () => (await findPython()).python });

const SECRET = 'MGE_HOSTILE_SECRET';
process.env[SECRET] = 'not for generated code';

/** Code under test that tries to get out, or to be taken for right; the layer that must stop it; what the run must say. */
const python: [layer: string, what: string, code: string][] = [
  ['privileges', 'become root through the C library', 'import ctypes\nescaped = ctypes.CDLL(None).setuid(0) == 0'],
  [
    'filesystem',
    'mount through the C library',
    'import ctypes\nescaped = ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0',
  ],
  [
    'processes',
    'attach to the first process through the C library',
    'import ctypes\nescaped = ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0',
  ],
  [
    'nested-namespaces',
    'open a namespace through the C library',
    'import ctypes\nescaped = ctypes.CDLL(None).unshare(0x10000000) == 0',
  ],
  [
    'privileges',
    'trace the kernel through a system call',
    'import ctypes\nescaped = ctypes.CDLL(None).syscall(321, 5, None, 0) >= 0',
  ],
  [
    'privileges',
    'load a module into the kernel',
    'import ctypes\nescaped = ctypes.CDLL(None).syscall(175, b"x", 1, b"") == 0',
  ],
  [
    'environment',
    'read the variables of its runner',
    `import os\nescaped = b"${SECRET}" in open("/proc/%d/environ" % os.getppid(), "rb").read()`,
  ],
  [
    'network',
    'resolve a name',
    'import socket\ntry:\n    socket.getaddrinfo("example.com", 80)\n    escaped = True\nexcept OSError:\n    escaped = False',
  ],
  [
    'filesystem',
    'leave through an archive with links upwards',
    'import io, tarfile\nb = io.BytesIO()\nt = tarfile.open(fileobj=b, mode="w")\ni = tarfile.TarInfo("../../../../usr/local/mge-escape")\ni.size = 1\nt.addfile(i, io.BytesIO(b"x"))\nt.close()\nb.seek(0)\ntry:\n    tarfile.open(fileobj=b).extractall("/tmp")\n    import os\n    escaped = os.path.exists("/usr/local/mge-escape")\nexcept Exception:\n    escaped = False',
  ],
];

const script: [layer: string, what: string, code: string][] = [
  [
    'filesystem',
    'load a native add-on of its own',
    `import fs from 'fs';\nlet ok = false;\ntry { fs.writeFileSync('/tmp/a.node', Buffer.from([0x7f, 0x45, 0x4c, 0x46])); process.dlopen({ exports: {} } as never, '/tmp/a.node'); ok = true; } catch { ok = false; }\nexport const escaped = ok;`,
  ],
  [
    'environment',
    'read variables through its runner',
    `import fs from 'fs';\nexport const escaped = fs.readFileSync('/proc/self/environ', 'utf8').includes('${SECRET}');`,
  ],
  [
    'filesystem',
    'reach a module of the program',
    `import { createRequire } from 'module';\nlet ok = false;\ntry { createRequire('/project/x.js')('pg'); ok = true; } catch { ok = false; }\nexport const escaped = ok;`,
  ],
  [
    'network',
    'open a server that the host can reach',
    `import os from 'os';\nexport const escaped = Object.keys(os.networkInterfaces()).some((name) => name !== 'lo');`,
  ],
];

describe.skipIf(!sandbox.confined)('hostile code under test', () => {
  it.each(python)('is stopped by %s: %s', async (_, __, code) => {
    const result = await runner.run({
      kind: 'pyscript',
      main: 'test_it.py',
      files: { 'solution.py': code, 'test_it.py': 'import solution\nassert solution.escaped is False\n' },
    });
    expect(result.outcome, JSON.stringify(result.failures)).toBe('passed');
  });

  it.each(script)('is stopped by %s: %s', async (_, __, code) => {
    const result = await runner.run({
      kind: 'jest',
      main: 'it.test.ts',
      files: {
        'solution.ts': code,
        'it.test.ts': `import { escaped } from './solution';\ntest('t', () => expect(escaped).toBe(false));`,
      },
    });
    expect(result.outcome, JSON.stringify(result.failures)).toBe('passed');
  });

  it('limits: an archive that unpacks to more than the disk holds ends in an error', async () => {
    const bomb =
      'import io, zipfile\nb = io.BytesIO()\nwith zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:\n    with z.open("zeros", "w") as f:\n        for _ in range(80):\n            f.write(bytes(1 << 20))\nb.seek(0)\nzipfile.ZipFile(b).extractall("/tmp/out")\n';
    const result = await runner.run({ kind: 'pyscript', main: 't.py', files: { 't.py': bomb }, cpuSeconds: 10 });
    expect(result.outcome).toBe('failed');
    expect(JSON.stringify(result.failures)).toMatch(/File too large|No space left|OSError/);
  });

  it('runner: what one text does to built-in objects does not reach the next one', async () => {
    const pollute = `(Object.prototype as Record<string, unknown>)['polluted'] = true;\nArray.prototype.includes = () => true;\nexport const x = 1;`;
    const test = `import { x } from './solution';\ntest('t', () => expect(x).toBe(1));`;
    const clean = `export const x = ('polluted' in {}) || [1].includes(2) ? 0 : 1;`;
    const [, after] = await Promise.all([
      runner.run({ kind: 'jest', main: 'it.test.ts', files: { 'solution.ts': pollute, 'it.test.ts': test } }),
      runner.run({ kind: 'jest', main: 'it.test.ts', files: { 'solution.ts': clean, 'it.test.ts': test } }),
    ]);
    expect(after.outcome).toBe('passed');
  });

  it('processes: what a text leaves running is ended before the next one starts', async () => {
    const fork = 'import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.close(1)\n    time.sleep(60)\n';
    // Only the runner's own chain of processes is there: no other child of the runner than this one.
    const count =
      'import os\nkids = open("/proc/%d/task/%d/children" % (os.getppid(), os.getppid())).read().split()\nassert kids == [str(os.getpid())], kids\n';
    const began = performance.now();
    const [left, next] = await Promise.all([
      runner.run({ kind: 'pyscript', main: 't.py', files: { 't.py': fork }, cpuSeconds: 1 }),
      runner.run({ kind: 'pyscript', main: 't.py', files: { 't.py': count }, cpuSeconds: 1 }),
    ]);
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(left.outcome).toBe('failed');
    expect(next.outcome).toBe('passed');
  });
});
