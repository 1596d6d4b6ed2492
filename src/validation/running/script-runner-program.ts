/**
 * The Node programs that run JavaScript jobs inside the sandbox: a main program that starts one worker thread for each job, watches
 * its processor time and memory, and ends it; and the worker's program, which loads a bundle and runs the tests in it.
 */
export const SCRIPT_RUNNER = String.raw`
import { Worker } from 'node:worker_threads';
import { readFileSync, writeFileSync } from 'node:fs';

const jobs = JSON.parse(readFileSync('/project/jobs.json', 'utf8'));
const cpuSeconds = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };

function runJob(job) {
  const began = performance.now();
  const cpuAtStart = cpuSeconds();
  return new Promise((resolve) => {
    let result = null;
    let ended = null;
    let output = '';
    const finish = () => {
      clearInterval(watch);
      const base = { id: job.id, durationMs: Math.round(performance.now() - began), output: output.slice(-2000), passed: [], failed: [] };
      resolve(result === null ? { ...base, ended: ended ?? 'early' } : { ...base, ...result, ended: ended ?? 'normal' });
    };
    const worker = new Worker('/project/worker.cjs', {
      workerData: job, env: { ...job.env, LANG: 'C.UTF-8' }, stdout: true, stderr: true, stdin: true, trackUnmanagedFds: true,
      resourceLimits: { maxOldGenerationSizeMb: job.memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 3 },
    });
    const watch = setInterval(() => {
      if (cpuSeconds() - cpuAtStart > job.cpuSeconds || performance.now() - began > job.wallSeconds * 1000) {
        ended ??= 'time';
        void worker.terminate();
      }
    }, 50);
    const keep = (piece) => { output = (output + piece).slice(-4000); };
    worker.stdout.on('data', keep);
    worker.stderr.on('data', keep);
    worker.on('message', (message) => {
      if (message === null || typeof message !== 'object' || message.token !== job.token) return;
      result = { passed: message.passed, failed: message.failed, ...(message.probe ? { probe: message.probe } : {}), ...(message.marks ? { marks: message.marks } : {}) };
      void worker.terminate();
    });
    worker.on('error', (error) => {
      const memory = error?.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (memory) ended ??= 'memory';
      else result ??= { passed: [], failed: [{ test: job.main, message: String(error?.stack ?? error).slice(0, 1200) }] };
    });
    worker.on('exit', finish);
  });
}

const results = [];
for (const job of jobs) results.push(await runJob(job));
writeFileSync('/project/results.json', JSON.stringify(results));
process.exit(0);
`;

export const SCRIPT_WORKER = String.raw`
'use strict';
const { parentPort, workerData: job } = require('node:worker_threads');
const { createRequire } = require('node:module');
const vm = require('node:vm');
const { inspect, isDeepStrictEqual } = require('node:util');
const token = job.token;
const post = parentPort.postMessage.bind(parentPort);
const { stringify } = JSON;
const passed = [];
const failed = [];
const bundleLines = job.code.split('\n');

const short = (value, limit = 300) => {
  let text;
  try { text = typeof value === 'string' ? stringify(value) : inspect(value, { depth: 4, breakLength: Infinity, compact: true }); }
  catch (error) { text = '<cannot be shown>'; }
  return text.length <= limit ? text : text.slice(0, limit) + '...';
};
function lineOf(error) {
  const places = [...String(error && error.stack || '').matchAll(/job-bundle\.js:(\d+)/g)].map((m) => Number(m[1]));
  return places;
}
function explain(error) {
  const detail = { message: String(error && error.message !== undefined ? (error.name || 'Error') + ': ' + error.message : inspect(error)).slice(0, 1200) };
  if (error && typeof error === 'object' && 'actual' in error && 'expected' in error) {
    detail.actual = short(error.actual); detail.expected = short(error.expected);
  }
  const lines = lineOf(error);
  if (lines.length > 0) {
    detail.bundleLine = lines[0];
    detail.statement = (bundleLines[lines[lines.length > 1 && lines[0] < job.testFrom ? lines.findIndex((l) => l >= job.testFrom) : 0] - 1] || bundleLines[lines[0] - 1] || '').trim().slice(0, 600);
  }
  if (error && error.code === 'MODULE_NOT_FOUND') detail.missing = (/Cannot find module '([^']+)'/.exec(error.message) || [])[1];
  return detail;
}
/* What a marked text calls: it counts which ways of the text a run takes. */
const marks = {};
const mark = (name) => { marks[name] = (marks[name] ?? 0) + 1; };
function setMarks() {
  const lefts = new Map();
  const same = (a, b) => a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());
  const sizes = ['e', 's'];
  const sortOf = (value) => {
    if (typeof value === 'number' || typeof value === 'bigint') return value < 0 ? 'n' : value == 0 ? 'z' : 'p';
    if (typeof value === 'string' || Array.isArray(value)) return sizes[value.length] ?? 'm';
    if (value instanceof Map || value instanceof Set) return sizes[value.size] ?? 'm';
    return 'x';
  };
  Object.assign(globalThis, {
    _mge_a: (number, ...values) => values.forEach((value, index) => mark(number + ':' + index + sortOf(value))),
    _mge_b: (number) => { mark(number + 'b'); },
    _mge_c: (number, value) => { mark(number + (value ? 't' : 'f')); return value; },
    _mge_l: (number, value) => { lefts.set(number, value); return value; },
    _mge_r: (number, value) => { mark(number + (same(lefts.get(number), value) ? 'e' : 'n')); return value; },
  });
}
const realError = Error;
console.assert = (condition, ...rest) => {
  if (condition) return;
  const error = new realError('Assertion failed' + (rest.length > 0 ? ': ' + rest.map((r) => String(r)).join(' ') : ''));
  failed.push({ test: job.main, ...explain(error) });
};

/* Registration of tests. */
const makeSuite = (name, parent) => ({ name, parent, before: [], after: [], beforeEach: [], afterEach: [], entries: [], skip: parent ? parent.skip : false });
const root = makeSuite('', null);
let current = root;
const all = [];
const table = (rows, more) => (Array.isArray(rows) && rows.raw ? fromTemplate(rows, more) : rows);
function fromTemplate(strings, values) {
  const names = strings[0].split('|').map((n) => n.trim()).filter(Boolean);
  const rows = [];
  for (let i = 0; i < values.length; i += names.length) rows.push(Object.fromEntries(names.map((n, k) => [n, values[i + k]])));
  return rows;
}
const title = (name, row, index) => {
  const args = Array.isArray(row) ? [...row] : [row];
  let used = 0;
  return String(name).replace(/%#/g, String(index)).replace(/%[sdifjop]/g, (m) => (used < args.length ? (m === '%s' ? String(args[used++]) : short(args[used++], 60)) : m))
    .replace(/\$(\w+)/g, (m, key) => (row && typeof row === 'object' && key in row ? short(row[key], 60) : m));
};
function addTest(name, fn, skip) {
  const entry = { name: String(name), fn, suite: current, skip, index: all.length };
  all.push(entry); current.entries.push({ test: entry });
}
const withForms = (define) => {
  const base = (name, a, b) => define(name, typeof a === 'function' ? a : b, false);
  base.each = (rows, ...more) => (name, fn) => table(rows, more).forEach((row, i) => define(title(name, row, i), () => (Array.isArray(row) ? fn(...row) : fn(row)), false));
  base.for = (rows, ...more) => (name, fn) => table(rows, more).forEach((row, i) => define(title(name, row, i), () => fn(row), false));
  base.skip = (name, fn) => define(name, fn, true);
  base.only = base; base.todo = (name) => define(name, undefined, true); base.failing = (name, fn) => define(name, fn, true);
  base.concurrent = base; base.sequential = base;
  base.skipIf = (c) => (c ? base.skip : base); base.runIf = (c) => (c ? base : base.skip);
  base.skip.each = () => () => undefined;
  return base;
};
const test = withForms(addTest);
const describe = withForms((name, fn, skip) => {
  const suite = makeSuite(String(name), current);
  suite.skip = suite.skip || skip;
  current.entries.push({ suite });
  const before = current; current = suite;
  try { if (typeof fn === 'function') fn(); } finally { current = before; }
});
const hooks = {
  beforeAll: (fn) => current.before.push(fn), afterAll: (fn) => current.after.push(fn),
  beforeEach: (fn) => current.beforeEach.push(fn), afterEach: (fn) => current.afterEach.push(fn),
};
const call = (fn, ...args) => (fn.length > args.length ? new Promise((resolve, reject) => { const done = (e) => (e ? reject(e) : resolve()); done.fail = reject; fn(...args, done); }) : fn(...args));
const chain = (suite, key) => (suite === null ? [] : key === 'beforeEach' ? [...chain(suite.parent, key), ...suite[key]] : [...suite[key], ...chain(suite.parent, key)]);
const fullName = (entry) => { const names = [entry.name]; for (let s = entry.suite; s && s.name; s = s.parent) names.unshift(s.name); return names.join(' > '); };

async function runTest(entry) {
  const before = failed.length;
  try {
    for (const hook of chain(entry.suite, 'beforeEach')) await call(hook);
    if (entry.fn) await call(entry.fn);
    for (const hook of chain(entry.suite, 'afterEach')) await call(hook);
    if (failed.length === before) passed.push(fullName(entry));
  } catch (error) {
    const code = entry.fn ? entry.fn.toString() : '';
    failed.push({ test: fullName(entry), ...explain(error), input: code.length > 700 ? code.slice(0, 700) + '...' : code });
  }
}
const hasWanted = (suite, wanted) => suite.entries.some((e) => (e.test ? wanted(e.test) : hasWanted(e.suite, wanted)));
async function runSuite(suite, wanted) {
  if (!hasWanted(suite, wanted)) return;
  try { for (const hook of suite.before) await call(hook); }
  catch (error) { failed.push({ test: suite.name || job.main, ...explain(error) }); return; }
  for (const entry of suite.entries) {
    if (job.failFast && failed.length > 0) return;
    if (entry.suite) await runSuite(entry.suite, wanted);
    else if (wanted(entry.test)) await runTest(entry.test);
  }
  try { for (const hook of suite.after) await call(hook); } catch (error) { failed.push({ test: suite.name || job.main, ...explain(error) }); }
}

function useTestGlobals() {
  const { expect, spy } = require('/project/expect.cjs');
  const g = globalThis;
  const xtest = job.skippedCount ? test : test.skip;
  const vi = spy ? { fn: spy.fn, spyOn: spy.spyOn, clearAllMocks: spy.clearAllMocks, resetAllMocks: spy.resetAllMocks, restoreAllMocks: spy.restoreAllMocks, isMockFunction: spy.isMockFunction } : {};
  Object.assign(g, { describe, test, it: test, expect, xtest, xit: xtest, fit: test, ftest: test, fdescribe: describe, xdescribe: job.skippedCount ? describe : describe.skip, vi, jest: vi, ...hooks });
}

async function runJest() {
  try { run(); } catch (error) { failed.push({ test: job.main, ...explain(error) }); return; }
  const names = job.tests ? new Set(job.tests) : null;
  const chosen = (entry) => (job.filter === 'even' ? entry.index % 2 === 0 : true) && (names === null || names.has(fullName(entry)));
  const wanted = (entry) => chosen(entry) && !entry.skip && !entry.suite.skip;
  if (all.length === 0) failed.push({ test: job.main, message: 'the file holds no test' });
  await runSuite(root, wanted);
}
function run() {
  const wrapper = vm.runInThisContext('(function (exports, require, module, __filename, __dirname) {' + job.code + '\n})', { filename: 'job-bundle.js' });
  const module = { exports: {} };
  wrapper.call(module.exports, module.exports, createRequire('/project/job.js'), module, '/project/job.js', '/project');
  return module.exports;
}
async function main() {
  if (job.marks) setMarks();
  if (job.kind === 'jest') { useTestGlobals(); await runJest(); }
  else if (job.kind === 'probe') { post({ token, passed, failed, probe: await probe(run) }); return; }
  else {
    const exit = process.exit;
    try { await run(); } catch (error) { failed.push({ test: job.main, ...explain(error) }); }
    await new Promise((resolve) => setImmediate(resolve));
    if (process.exitCode) failed.push({ test: job.main, message: 'exit code ' + process.exitCode });
    if (failed.length === 0) passed.push(job.main);
  }
  post({ token, passed, failed: failed.slice(0, 20), ...(job.marks ? { marks } : {}) });
}
process.on('unhandledRejection', (error) => { failed.push({ test: job.main, ...explain(error) }); });
const done = main();
done.catch((error) => post({ token, passed, failed: [{ test: job.main, ...explain(error) }] }));
`;
