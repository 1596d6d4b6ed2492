/** Ways out of the WebAssembly interpreters, each with the layer that stops it; and what the interpreters serve. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectSandbox, type InterpreterResult, type Interpreters } from '../../src/adapters/sandbox/index.ts';
import { permissionOption, SEAL, sealedArguments } from '../../src/adapters/sandbox/wasm/seal.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { createTestRunner } from '../../src/validation/running/test-runner.ts';
import type { TestRunRequest, TestRunResult } from '../../src/validation/running/test-run.ts';

const sandbox = await detectSandbox(createLogger('silent'), 'wasm');
const interpreters = sandbox.interpreters as Interpreters;
const LIMITS = { timeoutMs: 60_000, cpuMs: 20_000, memoryMb: 128 };

const PYTHON = `
def run_wasm_job(text):
    scope = {}
    try:
        exec(text, scope)
        out = scope.get('out')
        return out if isinstance(out, str) and out.startswith('{') else 'got out: %r' % (out,)
    except BaseException as error:
        return '%s: %s' % (type(error).__name__, error)
`;
const SCRIPT = `
globalThis.__tick = () => false;
const host = __host;
let said;
try { said = 'got out: ' + (0, eval)(__job); } catch (error) { said = String(error); }
host('result', said);
`;

let folder: string;
let canary: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mge-wasm-test-'));
  canary = join(folder, 'canary');
  await writeFile(canary, 'canary');
  // The first job makes Python ready.
  await python('out = 1');
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const python = (code: string, limits = LIMITS): Promise<InterpreterResult> => interpreters.python(PYTHON, code, limits);
const script = (code: string, limits = LIMITS): Promise<InterpreterResult> => interpreters.script(SCRIPT, code, limits);

type Attempt = readonly [what: string, code: string, layer: string];
type Answers = Readonly<Record<string, string>>;

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

const pythonAnswers = once(async (): Promise<Answers> => {
  const attempts = PYTHON_ATTEMPTS.map(([what, code]) => [what, `CANARY = ${JSON.stringify(canary)}\n${code}`]);
  const { result } = await python(
    `import json\nfrom __main__ import run_wasm_job as attempt\nout = json.dumps({what: attempt(code) for what, code in json.loads(${JSON.stringify(JSON.stringify(attempts))})})`,
  );
  return JSON.parse(result ?? 'null') as Answers;
});

const scriptAnswers = once(async (): Promise<Answers> => {
  const attempts = JSON.stringify(SCRIPT_ATTEMPTS.map(([what, code]) => [what, code]));
  const { result } = await script(
    `JSON.stringify(Object.fromEntries(${attempts}.map(([what, code]) => { try { return [what, 'got out: ' + (0, eval)(code)]; } catch (error) { return [what, String(error)]; } })))`,
  );
  return JSON.parse(result?.replace(/^got out: /, '') ?? 'null') as Answers;
});

describe('the layers', () => {
  it('have been seen at work before anything is run, and no program runs', async () => {
    expect(sandbox).toMatchObject({ name: 'wasm', confined: false });
    expect(interpreters.layers.map(({ name, active }) => [name, active])).toEqual(
      ['interpreter', 'filesystem', 'processes', 'network', 'code', 'environment', 'watchdog'].map((name) => [
        name,
        true,
      ]),
    );
    await expect(sandbox.run({ argv: ['true'], directory: folder, timeoutMs: 1, memoryMb: 1 })).rejects.toThrow();
  });

  it('are switched off and chosen by setting', async () => {
    const off = await detectSandbox(createLogger('silent'), 'off');
    expect(off).toMatchObject({ name: 'none', confined: false });
    expect(off.interpreters).toBeUndefined();
    const namespaces = await detectSandbox(createLogger('silent'), 'namespaces');
    expect(namespaces.interpreters).toBeUndefined();
  });
});

/** Each attempt with the layer that stops it; all are made in one interpreter. */
const PYTHON_ATTEMPTS: readonly Attempt[] = [
  ['read a file of the host', `out = open(CANARY).read()`, 'interpreter: its files are in memory'],
  [
    'read the environment of the host',
    `import os\nout = [name for name in os.environ if name.startswith(('JWT', 'MGE', 'NODE', 'VITEST', 'npm'))]\nif not out: raise OSError('there are none')`,
    'environment',
  ],
  ['read /proc', `out = open('/proc/self/environ').read()`, 'interpreter: there is none'],
  ['run a program', `import subprocess; out = subprocess.run(['id'])`, 'interpreter: no processes'],
  ['fork', `import os; out = os.fork()`, 'interpreter: no processes'],
  ['signal the host', `import os; out = os.kill(os.getppid() or 1, 9)`, 'interpreter: no processes'],
  ['start a thread', `import threading; out = threading.Thread(target=print).start()`, 'interpreter: no threads'],
  ['connect', `import socket; out = socket.create_connection(('127.0.0.1', 9), 1)`, 'interpreter: no network'],
  ['fetch', `import urllib.request; out = urllib.request.urlopen('http://127.0.0.1:9/')`, 'interpreter: no network'],
  [
    'look up a name',
    `import socket\nout = socket.gethostbyname('example.com')\nif out.startswith('172.29.'): raise OSError('made up')`,
    'interpreter: no network',
  ],
  ['import js', `import js; out = js.process.pid`, 'interpreter: the bridge is closed'],
  ['import pyodide_js', `import pyodide_js; out = pyodide_js.loadPackage`, 'interpreter: the bridge is closed'],
  [
    'run JavaScript',
    `from pyodide.code import run_js; out = run_js('process.pid')`,
    'interpreter: the bridge is closed',
  ],
  ['install packages', `import micropip; out = micropip`, 'interpreter: no packages'],
  ['take more memory than it may', `out = len(bytearray(400 * 1024 * 1024))`, 'watchdog: memory of the interpreter'],
  ['fill the disk', `open('big', 'wb').write(b'x' * 100_000_000); out = 1`, 'watchdog: files are counted'],
  ['fill the disk by length', `f = open('big', 'wb'); f.truncate(500_000_000); out = 1`, 'watchdog: files are counted'],
  [
    'load a library',
    `import ctypes; out = ctypes.CDLL('/lib/x86_64-linux-gnu/libc.so.6').getpid()`,
    'interpreter: its files are in memory',
  ],
  [
    'import js the other way',
    `import sys, importlib; sys.meta_path.pop(0); js = importlib.import_module('js'); out = js.process.pid`,
    'interpreter: the bridge is closed',
  ],
];

describe('Python cannot', () => {
  it.each(PYTHON_ATTEMPTS)('%s', async (what) => {
    expect((await pythonAnswers())[what]).toMatch(
      /^(?!Assertion|Syntax|Indentation|Name)\w*(?:Error|herror|gaierror)\b/,
    );
  });

  it.each([
    ['run a shell', `import os; os.system('touch ' + CANARY + '.sh'); out = 1`, 'processes'],
    [
      'evaluate JavaScript through the C library',
      `import ctypes; ctypes.CDLL(None).emscripten_run_script(b'process.kill(process.ppid)'); out = 1`,
      'code',
    ],
    ['end the process and be believed', `import os; os._exit(0)`, 'interpreter: no result, no success'],
  ])('%s', async (_what, code, _layer) => {
    expect((await python(`CANARY = ${JSON.stringify(canary)}\n${code}`)).result).toBeNull();
  });

  it('run without an end: the watchdog counts its processor time', async () => {
    const { stoppedBy, result } = await python('while True: pass', { ...LIMITS, cpuMs: 2_500 });
    expect({ stoppedBy, result }).toEqual({ stoppedBy: 'time', result: null });
  });

  it('flood its output: only the end is kept', async () => {
    const { printed, result } = await python(`for i in range(3000): print('x' * 100)\nout = 'done'`);
    expect(result).toContain('done');
    expect(printed.length).toBeLessThanOrEqual(4_000);
  });

  it('leave anything to the next job', async () => {
    await python(`import builtins, sys; builtins.left = 1; sys.left = 1; open('/left', 'w').write('x')`);
    const { result } = await python(
      `import builtins, os, sys; out = [hasattr(builtins, 'left'), hasattr(sys, 'left'), os.path.exists('/left')]`,
    );
    expect(result).toBe('got out: [False, False, False]');
  });
});

const SCRIPT_ATTEMPTS: readonly Attempt[] = [
  ['reach the process', `process.pid`, 'interpreter'],
  ['require', `require('node:fs').readFileSync('/etc/passwd')`, 'interpreter'],
  ['reach the process by constructors', `(function () {}).constructor('return process')().pid`, 'interpreter'],
  ['reach the host by a function of the host', `host.constructor('return process')().pid`, 'interpreter'],
  [
    'reach the host by an error of the host',
    `(() => { try { host('timed:x', 'for(;;);', 50); } catch (e) { return e.constructor.constructor('return process')().pid; } })()`,
    'interpreter',
  ],
  ['fetch', `fetch('http://127.0.0.1:9/')`, 'interpreter'],
  ['open a socket', `new WebSocket('ws://127.0.0.1:9')`, 'interpreter'],
  ['compile WebAssembly', `new WebAssembly.Module(new Uint8Array(8))`, 'interpreter'],
  ['share memory', `new SharedArrayBuffer(1e10)`, 'interpreter'],
  [
    'take more memory than it may',
    `(() => { const all = []; for (;;) all.push(new Array(1e5).fill(1)); })()`,
    'watchdog: memory of the interpreter',
  ],
  ['take it at once', `new ArrayBuffer(2 ** 31 - 1)`, 'watchdog: memory of the interpreter'],
  ['recurse without an end', `(function f() { return f() + 1; })()`, 'interpreter: its stack'],
];

describe('JavaScript cannot', () => {
  it.each(SCRIPT_ATTEMPTS)('%s', async (what) => {
    expect((await scriptAnswers())[what]).toMatch(/^(?:(?!Syntax)\w*Error|null)\b/);
  });

  it('change what the host works with by changing its prototypes', async () => {
    const { result } = await script(
      `Object.prototype.polluted = 1; Array.prototype.push = () => 7; Function.prototype.call = null; Promise.prototype.then = null; 'polluted'`,
    );
    expect(result).toBe('got out: polluted');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((await script(`({}).polluted`)).result).toBe('got out: undefined');
  });

  it('run without an end: the watchdog counts its processor time', async () => {
    const { stoppedBy, result } = await script('for (;;);', { ...LIMITS, cpuMs: 1_000 });
    expect({ stoppedBy, result }).toEqual({ stoppedBy: 'time', result: null });
  });
});

const HOST_ATTEMPTS: readonly Attempt[] = [
  ['read files', `return hostRequire('node:fs').readFileSync(CANARY, 'utf8');`, 'filesystem'],
  ['write files', `return hostRequire('node:fs').writeFileSync(CANARY + '.x', '1');`, 'filesystem'],
  ['list folders', `return hostRequire('node:fs').readdirSync('/');`, 'filesystem'],
  ['run programs', `return hostRequire('node:child_process').execSync('id');`, 'processes'],
  ['start threads', `return new (hostRequire('node:worker_threads').Worker)('1', { eval: true });`, 'processes'],
  ['signal its parent', `return process.kill(process.ppid, 0);`, 'processes'],
  ['load native add-ons', `return process.dlopen({ exports: {} }, '/x.node');`, 'processes'],
  ['connect', `return hostRequire('node:net').connect(9);`, 'network'],
  ['connect by TLS', `return hostRequire('node:tls').connect(9);`, 'network'],
  [
    'connect by HTTP',
    `return new Promise((resolve, reject) => { hostRequire('node:http').get('http://127.0.0.1:9/', resolve).on('error', reject); });`,
    'network',
  ],
  ['listen', `return hostRequire('node:http').createServer().listen(0);`, 'network'],
  ['send datagrams', `return hostRequire('node:dgram').createSocket('udp4');`, 'network'],
  ['look up names', `return hostRequire('node:dns').promises.lookup('localhost');`, 'network'],
  ['make code from strings', `return Function('return 1')();`, 'code'],
  ['make code by the vm', `return hostRequire('node:vm').runInThisContext('1');`, 'code'],
  [
    'import code from an address, and connect with it',
    `return (await import('data:text/javascript,import net from "node:net"; export default net.connect(9)')).default;`,
    'network',
  ],
  ['open the inspector', `return hostRequire('node:inspector').open(0);`, 'processes'],
  ['reach internals', `return process.binding('spawn_sync').spawn({});`, 'processes'],
];

/** What code could do that had broken out of its interpreter: it is run in a sealed process as the host itself. */
const hostAnswers = once(async (): Promise<Answers> => {
  const attempts = HOST_ATTEMPTS.map(
    ([what, code]) =>
      `try { said[${JSON.stringify(what)}] = 'got out: ' + (await (async () => { ${code.replaceAll('CANARY', JSON.stringify(canary))} })()); } catch (error) { said[${JSON.stringify(what)}] = 'refused: ' + error.message; }`,
  );
  const program = `${SEAL}\nconst said = {};\n${attempts.join('\n')}\nwriteResult(Buffer.from(JSON.stringify(said)));process.reallyExit(0);`;
  const child = spawn(process.execPath, sealedArguments(permissionOption()!, [join(folder, 'other')], program), {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [, , , output, input] = child.stdio as unknown as [null, null, null, Readable, Writable];
  input.end(`${JSON.stringify({ memoryMb: 64 })}\n`);
  const pieces: Buffer[] = [];
  output.on('data', (piece: Buffer) => pieces.push(piece));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Answers;
});

describe('what has broken out of its interpreter cannot', () => {
  it.each(HOST_ATTEMPTS)('%s', async (what) => {
    expect((await hostAnswers())[what]).toMatch(/^refused: /);
  });
});

describe('tests in an interpreter', () => {
  const runner = createTestRunner({ sandbox, python: () => Promise.resolve(null) });
  const run = (request: TestRunRequest): Promise<TestRunResult> => runner.run(request);
  const STACK =
    'class Stack:\n    def __init__(self):\n        self.items = []\n\n    def pop(self):\n        if not self.items:\n            raise IndexError("empty")\n        return self.items.pop()\n';
  const TEST =
    'import pytest\nfrom stack import Stack\n\n\n@pytest.fixture\ndef stack():\n    made = Stack()\n    made.items.append(1)\n    yield made\n\n\n@pytest.mark.parametrize("a, b", [(1, 1), (0.3, pytest.approx(0.1 + 0.2))])\ndef test_near(a, b):\n    assert a == b\n\n\nclass TestStack:\n    def test_pop(self, stack, tmp_path, capsys):\n        (tmp_path / "x").write_text("y")\n        print("hello")\n        assert capsys.readouterr().out == "hello\\n"\n        assert stack.pop() == 1\n        with pytest.raises(IndexError, match="empty"):\n            stack.pop()\n';

  it('serves plain pytest, with fixtures and parameters', async () => {
    const files = { 'stack.py': STACK, 'tests/test_stack.py': TEST };
    const result = await run({ kind: 'pytest', main: 'tests/test_stack.py', files });
    expect(result).toMatchObject({ outcome: 'passed', failures: [] });
    expect(result.passed).toEqual([
      'tests/test_stack.py::test_near[1-1]',
      'tests/test_stack.py::test_near[0.3-b1]',
      'tests/test_stack.py::TestStack::test_pop',
    ]);
  });

  it('says what failed, with what was expected and what was got', async () => {
    const files = { 'stack.py': STACK.replace('.pop()', '[0] + 1'), 'test_stack.py': TEST };
    const result = await run({ kind: 'pytest', main: 'test_stack.py', files });
    expect(result.outcome).toBe('failed');
    expect(result.failures[0]).toMatchObject({
      test: 'test_stack.py::TestStack::test_pop',
      expected: '1',
      actual: '2',
    });
  });

  it.each([
    ['a fixture of a plugin', { 'test_a.py': 'def test_a(client):\n    assert client\n' }],
    ['a package', { 'test_a.py': 'import fastapi\n\n\ndef test_a():\n    assert fastapi\n' }],
    ['threads', { 'test_a.py': 'import threading\n\n\ndef test_a():\n    threading.Thread(target=print).start()\n' }],
    ['an asynchronous test', { 'test_a.py': 'async def test_a():\n    assert True\n' }],
  ])('does not judge what needs %s', async (_what, files) => {
    const result = await run({ kind: 'pytest', main: 'test_a.py', files });
    expect(result.outcome).toBe('not_run');
    expect(result.reason).toContain('WebAssembly');
  });

  it('tries examples of Python, and calls that do not end, end', async () => {
    const files = { 'a.py': 'def spin(n):\n    while n > 100:\n        pass\n    return n\n' };
    const calls = [
      { fn: 'spin', args: '7', expected: '7' },
      { fn: 'spin', args: '200', expected: '200' },
    ];
    const { answers } = await run({ kind: 'probe', main: 'a.py', files, calls });
    expect(answers?.filter(({ role }) => role === 'example').map(({ ended, matches }) => [ended, matches])).toEqual([
      ['value', true],
      ['hang', false],
    ]);
  });

  it('serves Vitest and scripts with assert, whose timers do not wait', async () => {
    const files = {
      'a.ts':
        'export const add = (a: number, b: number): number => a + b;\nexport const late = () => new Promise<string>((resolve) => setTimeout(() => resolve("late"), 60_000));\n',
      'a.test.ts':
        'import { describe, expect, it, vi } from "vitest";\nimport { add, late } from "./a";\ndescribe("add", () => {\n  it("adds", () => { expect(add(1, 2)).toBe(3); expect({ a: [1] }).toEqual({ a: [1] }); });\n  it("waits", async () => { expect(await late()).toBe("late"); });\n  it("calls", () => { const spy = vi.fn(); spy(1); expect(spy).toHaveBeenCalledWith(1); expect(() => { throw new TypeError("no"); }).toThrow(/no/); });\n});\n',
      'b.js':
        'const assert = require("node:assert");\nassert.deepStrictEqual({ a: [1, 2] }, { a: [1, 2] });\nassert.throws(() => { throw new RangeError("x"); }, RangeError);\nassert.strictEqual(1, 2);\n',
    };
    expect(await run({ kind: 'jest', main: 'a.test.ts', files })).toMatchObject({
      outcome: 'passed',
      passed: ['add > adds', 'add > waits', 'add > calls'],
    });
    const failed = await run({ kind: 'nodescript', main: 'b.js', files });
    expect(failed.failures).toMatchObject([{ actual: '1', expected: '2' }]);
  });

  it.each([
    ['a module of Node', 'require("node:fs").existsSync("/")'],
    ['a global of Node', 'new URL("http://a/")'],
  ])('does not judge JavaScript that needs %s', async (_what, text) => {
    const result = await run({ kind: 'nodescript', main: 'a.js', files: { 'a.js': text } });
    expect(result.outcome).toBe('not_run');
  });
});
