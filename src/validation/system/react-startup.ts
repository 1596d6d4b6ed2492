import { posix } from 'node:path';
import type { CheckResult } from '../../domain/index.ts';
import { tail } from './compiler-output.ts';
import { PACKAGES_INSIDE } from './node-packages.ts';
import { howItEnded, type PartContext, toolCheck, type ToolRun } from './part-run.ts';

const REPORT = '/tmp/mge-page.json';

/**
 * Builds the page (what another run built is gone with its sandbox) and opens it: its assets exist, its main module runs, and
 * something is shown. There is no server behind it.
 */
const OPEN_PAGE = String.raw`
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
const problems = [];
const done = (shown) => { writeFileSync('${REPORT}', JSON.stringify({ problems, shown })); process.exit(0); };
const built = spawnSync(process.execPath, ['${PACKAGES_INSIDE}/vite/bin/vite.js', 'build', '--outDir', 'dist', '--emptyOutDir', '--logLevel', 'error'], { env: { ...process.env, NODE_ENV: 'production' }, encoding: 'utf8' });
if (built.status !== 0) { problems.push('the page cannot be built: ' + built.stderr.slice(-500)); done(false); }
const root = resolve('dist');
const page = join(root, 'index.html');
if (!existsSync(page)) { problems.push('the build makes no dist/index.html'); done(false); }
const html = readFileSync(page, 'utf8');
const assets = [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="([^"]+)"/g)].map((match) => match[1])
  .filter((name) => !/^(?:[a-z]+:|\/\/)/.test(name));
const fileOf = (name) => join(root, name.replace(/[?#].*$/, '').replace(/^\.?\//, ''));
for (const name of assets) if (!existsSync(fileOf(name))) problems.push('index.html needs ' + name + ', which the build does not make');
const scripts = [...html.matchAll(/<script\b[^>]*type="module"[^>]*src="([^"]+)"/g)].map((match) => match[1]).filter((name) => assets.includes(name));
if (scripts.length === 0) problems.push('index.html loads no module');
if (problems.length > 0) done(false);
const { Window } = await import('${PACKAGES_INSIDE}/happy-dom/lib/index.js');
const window = new Window({ url: 'http://localhost/', settings: { disableJavaScriptFileLoading: true, disableCSSFileLoading: true } });
window.document.write(html.replace(/<script\b[\s\S]*?<\/script>/g, ''));
window.fetch = () => Promise.reject(new TypeError('there is no server behind this page'));
for (const name of Object.getOwnPropertyNames(window)) {
  if (name in globalThis && !/^(?:Event|EventTarget|CustomEvent|navigator|fetch|localStorage|sessionStorage|AbortController|AbortSignal|FormData|Headers|Request|Response|URL|Blob|File)$/.test(name)) continue;
  try { Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true }); } catch { /* it stays what it was */ }
}
for (const [name, value] of Object.entries({ window: globalThis, self: globalThis, document: window.document, location: window.location, history: window.history, navigator: window.navigator }))
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent', 'getComputedStyle', 'matchMedia', 'requestAnimationFrame', 'cancelAnimationFrame', 'scrollTo'])
  if (typeof window[name] === 'function') globalThis[name] = window[name].bind(window);
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (error) => { problems.push(String(error?.stack ?? error)); done(false); });
const before = window.document.body.innerHTML;
try {
  for (const name of scripts) await import(pathToFileURL(fileOf(name)).href);
} catch (error) { problems.push(String(error?.stack ?? error)); done(false); }
const until = Date.now() + 5000;
const look = () => {
  if (window.document.body.innerHTML !== before && window.document.body.innerHTML.trim() !== '') return done(true);
  if (Date.now() > until) { problems.push('the page shows nothing'); return done(false); }
  setTimeout(look, 20);
};
look();
`;

interface PageReport {
  readonly problems: readonly string[];
  readonly shown: boolean;
}

/** What browsers have and the page's stand-in for one does not: that it is asked for says nothing against a page. */
const BEYOND =
  /\b((?:Intersection|Resize|Performance)Observer|(?:Shared)?Worker|WebSocket|EventSource|indexedDB|caches|Notification|(?:Offline)?AudioContext|OffscreenCanvas|speechSynthesis|getContext|matchMedia|WebAssembly) is not (?:defined|a constructor|a function)/;

/** Renders the built page. */
export function reactStartup(context: PartContext, run: ToolRun): Promise<CheckResult> {
  const tool = {
    ...run,
    argv: ['node', '--input-type=module', '-e', OPEN_PAGE],
    resultFile: REPORT,
    timeoutMs: 60_000,
  };
  return toolCheck(context, 'startup', tool, (result) => {
    const output = tail(result.stdout, result.stderr);
    const report = result.result === null ? null : (JSON.parse(result.result) as PageReport);
    if (report?.shown === true && report.problems.length === 0)
      return { outcome: 'passed', reason: null, findings: [], output: 'the built page renders' };
    const problems = report?.problems ?? [`the page could not be opened: ${howItEnded(result)}`];
    const beyond = BEYOND.exec(problems.join('\n'))?.[1];
    if (beyond !== undefined)
      return { outcome: 'not_run', reason: `the page needs ${beyond}, which only a browser has`, findings: [], output };
    const file = posix.join(context.directory, 'index.html');
    const findings = problems.slice(0, 10).map((message) => ({
      file,
      line: 1,
      column: 1,
      rule: 'startup',
      severity: 'error' as const,
      message: message.slice(0, 1_000),
      suggestion: null,
    }));
    return { outcome: 'failed', reason: null, findings, output };
  });
}
