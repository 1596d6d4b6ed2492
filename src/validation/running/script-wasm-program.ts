/**
 * What stands around the JavaScript runner in an interpreter that is WebAssembly and knows the language only: the few modules and globals of
 * Node that the runner and common tests use. Timers run as soon as nothing else is left to do, on a clock that jumps. A job that needs
 * more is not served, and says what it needs.
 */
export const SCRIPT_WASM_BEFORE = String.raw`
const job = JSON.parse(__job);
const hostCall = __host;
delete globalThis.__host; delete globalThis.__job;
let clock = 0;
let timers = [];
let timerId = 0;
const later = (fn, delay, args, every) => { timerId += 1; timers.push({ id: timerId, at: clock + Math.max(0, Number(delay) || 0), fn, args, every }); const id = timerId; return { id, ref() { return this; }, unref() { return this; }, hasRef: () => true, [Symbol.toPrimitive]: () => id }; };
const drop = (timer) => { const id = Number(timer); timers = timers.filter((t) => t.id !== id); };
globalThis.__tick = () => {
  if (timers.length === 0) return false;
  const next = timers.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.id < a.id) ? b : a));
  timers = timers.filter((t) => t !== next);
  clock = Math.max(clock, next.at);
  if (next.every !== undefined) timers.push({ ...next, at: clock + Math.max(1, next.every) });
  next.fn(...next.args);
  return true;
};
const needs = (what) => { hostCall('result', JSON.stringify({ unserved: what })); throw new Error('needs ' + what); };
const inspect = (value, options = {}, depth = 0, seen = []) => {
  const inner = (v) => inspect(v, options, depth + 1, [...seen, value]);
  if (typeof value === 'string') return "'" + value.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n') + "'";
  if (typeof value === 'bigint') return value + 'n';
  if (typeof value === 'function') return '[' + (/^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function') + (value.name ? (/^class\b/.test(Function.prototype.toString.call(value)) ? ' ' : ': ') + value.name : ' (anonymous)') + ']';
  if (typeof value === 'symbol' || value === null || typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value);
  if (seen.includes(value)) return '[Circular *1]';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return value.name + ': ' + value.message;
  if (value instanceof Promise) return 'Promise {}';
  const name = value.constructor && value.constructor.name || '';
  if (depth > (options.depth ?? 4)) return Array.isArray(value) ? '[Array]' : '[' + (name || 'Object') + ']';
  if (Array.isArray(value)) return '[' + (value.length ? ' ' + value.slice(0, 100).map(inner).join(', ') + (value.length > 100 ? ', ... ' + (value.length - 100) + ' more items' : '') + ' ' : '') + ']';
  if (value instanceof Map) return 'Map(' + value.size + ') {' + (value.size ? ' ' + [...value].map(([k, v]) => inner(k) + ' => ' + inner(v)).join(', ') + ' ' : '') + '}';
  if (value instanceof Set) return 'Set(' + value.size + ') {' + (value.size ? ' ' + [...value].map(inner).join(', ') + ' ' : '') + '}';
  if (ArrayBuffer.isView(value)) return name + '(' + value.length + ') [ ' + [...value].slice(0, 100).join(', ') + ' ]';
  const prefix = Object.getPrototypeOf(value) === null ? '[Object: null prototype] ' : name === 'Object' || name === '' ? '' : name + ' ';
  const keys = Object.keys(value);
  const body = keys.map((k) => (/^[A-Za-z_$][\w$]*$/.test(k) ? k : inspect(k)) + ': ' + inner(value[k])).join(', ');
  return prefix + '{' + (body ? ' ' + body + ' ' : '') + '}';
};
const same = (a, b, strict, pairs = []) => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return strict ? false : a == b;
  if (pairs.some(([x, y]) => x === a && y === b)) return true;
  const more = [...pairs, [a, b]];
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Date || b instanceof Date) return a instanceof Date && b instanceof Date && Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp) return b instanceof RegExp && String(a) === String(b);
  if (a instanceof Error && (!(b instanceof Error) || a.message !== b.message || a.name !== b.name)) return false;
  if (a instanceof Map) { if (!(b instanceof Map) || a.size !== b.size) return false; for (const [k, v] of a) { const key = b.has(k) ? k : [...b.keys()].find((o) => same(k, o, strict, more)); if (key === undefined && !b.has(k)) return false; if (!same(v, b.get(key), strict, more)) return false; } return true; }
  if (a instanceof Set) { if (!(b instanceof Set) || a.size !== b.size) return false; for (const v of a) if (!b.has(v) && ![...b].some((o) => same(v, o, strict, more))) return false; return true; }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && (!Array.isArray(a) || a.length === b.length) && keys.every((k) => Object.hasOwn(b, k) && same(a[k], b[k], strict, more));
};
const isDeepStrictEqual = (a, b) => same(a, b, true);
class AssertionError extends Error {
  constructor({ message, actual, expected, operator } = {}) { super(message ?? inspect(actual) + ' ' + operator + ' ' + inspect(expected)); this.name = 'AssertionError'; this.code = 'ERR_ASSERTION'; this.actual = actual; this.expected = expected; this.operator = operator; this.generatedMessage = message === undefined; }
}
const makeAssert = (strict) => {
  const check = (holds, operator) => (actual, expected, message) => { if (!holds(actual, expected)) { if (message instanceof Error) throw message; throw new AssertionError({ message, actual, expected, operator }); } };
  const fits = (error, expected) => { if (expected === undefined || typeof expected === 'string') return true; if (expected instanceof RegExp) return expected.test(String(error)); if (typeof expected === 'function') return expected.prototype !== undefined && error instanceof expected ? true : Error.isPrototypeOf(expected) ? false : expected.call({}, error) === true; return Object.keys(expected).every((k) => (expected[k] instanceof RegExp && typeof error[k] === 'string' ? expected[k].test(error[k]) : same(error[k], expected[k], true))); };
  const ok = (value, message) => { if (!value) { if (message instanceof Error) throw message; throw new AssertionError({ message: message ?? 'The expression evaluated to a falsy value', actual: value, expected: true, operator: '==' }); } };
  const missing = (kind, message) => { throw new AssertionError({ message: 'Missing expected ' + kind + (typeof message === 'string' ? ': ' + message : '.'), operator: kind }); };
  const loose = !strict;
  const equal = check((a, b) => (loose ? a == b || (a !== a && b !== b) : Object.is(a, b)), 'strictEqual');
  const notEqual = check((a, b) => !(loose ? a == b || (a !== a && b !== b) : Object.is(a, b)), 'notStrictEqual');
  return Object.assign((value, message) => ok(value, message), {
    ok, equal, notEqual, AssertionError,
    strictEqual: check(Object.is, 'strictEqual'), notStrictEqual: check((a, b) => !Object.is(a, b), 'notStrictEqual'),
    deepEqual: check((a, b) => same(a, b, strict), 'deepEqual'), notDeepEqual: check((a, b) => !same(a, b, strict), 'notDeepEqual'),
    deepStrictEqual: check((a, b) => same(a, b, true), 'deepStrictEqual'), notDeepStrictEqual: check((a, b) => !same(a, b, true), 'notDeepStrictEqual'),
    match: check((a, b) => b.test(a), 'match'), doesNotMatch: check((a, b) => !b.test(a), 'doesNotMatch'),
    fail: (message) => { if (message instanceof Error) throw message; throw new AssertionError({ message: message ?? 'Failed', operator: 'fail' }); },
    ifError: (value) => { if (value !== null && value !== undefined) throw value; },
    throws: (fn, expected, message) => { let caught = null; try { fn(); } catch (error) { caught = { error }; } if (!caught) missing('exception', message ?? expected); if (!fits(caught.error, expected)) throw caught.error; },
    doesNotThrow: (fn) => { fn(); },
    rejects: async (work, expected, message) => { let caught = null; try { await (typeof work === 'function' ? work() : work); } catch (error) { caught = { error }; } if (!caught) missing('rejection', message ?? expected); if (!fits(caught.error, expected)) throw caught.error; },
    doesNotReject: async (work) => { await (typeof work === 'function' ? work() : work); },
  });
};
const assert = makeAssert(false);
assert.strict = Object.assign(makeAssert(true)); assert.strict.strict = assert.strict;
const clone = (value, seen = new Map()) => {
  if (typeof value === 'function' || typeof value === 'symbol') { const error = new Error('it could not be cloned'); error.name = 'DataCloneError'; throw error; }
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = (made) => { seen.set(value, made); return made; };
  if (Array.isArray(value)) { const made = keep(new Array(value.length)); for (const k of Object.keys(value)) made[k] = clone(value[k], seen); return made; }
  if (value instanceof Date) return new Date(value);
  if (value instanceof RegExp) return new RegExp(value);
  if (value instanceof Map) { const made = keep(new Map()); for (const [k, v] of value) made.set(clone(k, seen), clone(v, seen)); return made; }
  if (value instanceof Set) { const made = keep(new Set()); for (const v of value) made.add(clone(v, seen)); return made; }
  if (ArrayBuffer.isView(value)) return value.slice();
  const made = keep({}); for (const k of Object.keys(value)) made[k] = clone(value[k], seen); return made;
};
class EventEmitter {
  #of = new Map();
  on(name, fn) { this.#of.set(name, [...(this.#of.get(name) ?? []), fn]); return this; }
  addListener(name, fn) { return this.on(name, fn); }
  once(name, fn) { const own = (...args) => { this.off(name, own); fn.apply(this, args); }; own.listener = fn; return this.on(name, own); }
  off(name, fn) { this.#of.set(name, (this.#of.get(name) ?? []).filter((f) => f !== fn && f.listener !== fn)); return this; }
  removeListener(name, fn) { return this.off(name, fn); }
  removeAllListeners(name) { if (name === undefined) this.#of.clear(); else this.#of.delete(name); return this; }
  emit(name, ...args) { const fns = this.#of.get(name) ?? []; if (name === 'error' && fns.length === 0) throw args[0]; for (const fn of fns) fn.apply(this, args); return fns.length > 0; }
  listenerCount(name) { return (this.#of.get(name) ?? []).length; }
  listeners(name) { return [...(this.#of.get(name) ?? [])]; }
}
EventEmitter.EventEmitter = EventEmitter;
class Event { constructor(type, init = {}) { this.type = String(type); this.cancelable = init.cancelable === true; this.defaultPrevented = false; this.target = null; } preventDefault() { if (this.cancelable) this.defaultPrevented = true; } }
class EventTarget {
  #of = new Map();
  addEventListener(type, fn, options) { const all = this.#of.get(type) ?? []; if (fn && !all.some((l) => l.fn === fn)) this.#of.set(type, [...all, { fn, once: typeof options === 'object' && options !== null && options.once === true }]); }
  removeEventListener(type, fn) { this.#of.set(type, (this.#of.get(type) ?? []).filter((l) => l.fn !== fn)); }
  dispatchEvent(event) { event.target = this; for (const { fn, once } of this.#of.get(event.type) ?? []) { if (once) this.removeEventListener(event.type, fn); typeof fn === 'function' ? fn.call(this, event) : fn.handleEvent(event); } return !event.defaultPrevented; }
}
const evaluate = (code, name, ms) => hostCall('timed:' + name, code, ms);
const started = Date.now();
const RealDate = Date;
class ShiftedDate extends RealDate { constructor(...args) { if (args.length === 0) super(ShiftedDate.now()); else super(...args); } static now() { return RealDate.now() + Math.round(clock); } }
Object.defineProperty(ShiftedDate, 'name', { value: 'Date' });
const Date_ = new Proxy(ShiftedDate, { apply: () => String(new ShiftedDate()) });
globalThis.Date = Date_;
const print = (...args) => hostCall('print', args.map((a) => (typeof a === 'string' ? a : inspect(a))).join(' '));
Object.assign(globalThis, {
  global: globalThis, Event, EventTarget, structuredClone: (v) => clone(v), performance: { now: () => hostCall('now') + clock, timeOrigin: started, mark() {}, measure() {} },
  setTimeout: (fn, ms, ...args) => later(fn, ms, args), setInterval: (fn, ms, ...args) => later(fn, ms, args, Number(ms) || 1), setImmediate: (fn, ...args) => later(fn, 0, args),
  clearTimeout: drop, clearInterval: drop, clearImmediate: drop, queueMicrotask: (fn) => { Promise.resolve().then(fn); },
  console: { log: print, info: print, warn: print, error: print, debug: print, trace: print, dir: print, table: print, group: print, groupEnd() {}, time() {}, timeEnd() {}, count() {} },
});
const exited = (code) => { hostCall('result', JSON.stringify({ ended: 'early' })); throw new Error('process.exit(' + code + ')'); };
const processShim = new EventEmitter();
Object.assign(processShim, { env: { ...job.env, LANG: 'C.UTF-8' }, argv: ['node', '/project/job.js'], platform: 'linux', version: 'v22.0.0', versions: { node: '22.0.0' }, pid: 1, exitCode: undefined, exit: exited, abort: exited, cwd: () => '/project', nextTick: (fn, ...args) => { Promise.resolve().then(() => fn(...args)); }, hrtime: Object.assign(() => { const t = performance.now(); return [Math.floor(t / 1000), Math.round((t % 1000) * 1e6)]; }, { bigint: () => BigInt(Math.round(performance.now() * 1e6)) }), uptime: () => performance.now() / 1000, memoryUsage: () => ({ heapUsed: 0, heapTotal: 0, rss: 0, external: 0, arrayBuffers: 0 }), stdout: { write: (t) => { print(String(t)); return true; }, isTTY: false }, stderr: { write: (t) => { print(String(t)); return true; }, isTTY: false }, emitWarning() {} });
globalThis.process = processShim;
const posix = { sep: '/', join: (...p) => posix.normalize(p.filter(Boolean).join('/')), basename: (p, e = '') => { const b = p.split('/').filter(Boolean).pop() ?? ''; return e && b.endsWith(e) && b !== e ? b.slice(0, -e.length) : b; }, dirname: (p) => { const i = p.lastIndexOf('/'); return i < 0 ? '.' : p.slice(0, i) || '/'; }, extname: (p) => (/.(\.[^./]*)$/.exec(posix.basename(p)) ?? ['', ''])[1], isAbsolute: (p) => p.startsWith('/'), normalize: (p) => { const out = []; for (const s of p.split('/')) { if (s === '' || s === '.') continue; if (s === '..' && out.length && out.at(-1) !== '..') out.pop(); else if (s !== '..' || !p.startsWith('/')) out.push(s); } return (p.startsWith('/') ? '/' : '') + out.join('/') || '.'; } };
posix.posix = posix;
const MODULES = {
  worker_threads: { parentPort: { postMessage: (message) => hostCall('result', JSON.stringify(message)) }, workerData: job },
  vm: { runInThisContext: (code, options = {}) => evaluate(code, options.filename ?? 'code.js', options.timeout ?? 1e9), runInNewContext: (code, _scope, options = {}) => evaluate(code, 'literal.js', options.timeout ?? 1e9) },
  util: { inspect: (v, o) => inspect(v, o), isDeepStrictEqual, promisify: (fn) => (...args) => new Promise((resolve, reject) => fn(...args, (error, value) => (error ? reject(error) : resolve(value)))), format: (...args) => args.map((a) => (typeof a === 'string' ? a : inspect(a))).join(' '), types: { isPromise: (v) => v instanceof Promise, isDate: (v) => v instanceof Date, isRegExp: (v) => v instanceof RegExp } },
  assert, 'assert/strict': assert.strict, events: EventEmitter, path: posix, 'path/posix': posix, process: processShim, timers: globalThis, perf_hooks: { performance: globalThis.performance },
  'timers/promises': { setTimeout: (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value)), setImmediate: (value) => new Promise((resolve) => setTimeout(resolve, 0, value)) },
};
const kept = new Map();
const requireShim = (name) => {
  if (name === '/project/expect.cjs') {
    if (!kept.has(name)) { const module = { exports: {} }; kept.set(name, module); const load = evaluate('(function (exports, require, module) {' + EXPECT + '\n})', 'expect.cjs', 1e9); load.call(module.exports, module.exports, requireShim, module); }
    return kept.get(name).exports;
  }
  const bare = name.replace(/^node:/, '');
  if (bare === 'module') return { createRequire: () => requireShim };
  return Object.hasOwn(MODULES, bare) ? MODULES[bare] : needs('the module ' + name);
};
`;

/** The runner's own text stands between these two, as a module would. */
export const SCRIPT_WASM_OPEN = `\n(function (exports, require, module, __filename, __dirname) {\n`;
export const SCRIPT_WASM_CLOSE = `\n}).call({}, {}, requireShim, { exports: {} }, '/project/worker.cjs', '/project');\n`;
