import { posix } from 'node:path';
import type { CheckResult, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { tail } from './compiler-output.ts';
import { exampleEnvironment } from './example-environment.ts';
import { type Manifest, type NodePart, nodeTool } from './node-part.ts';
import { commandsOf } from './node-scripts.ts';
import { howItEnded, type PartContext, toolCheck } from './part-run.ts';

const REPORT = '/tmp/mge-server.json';

/**
 * Builds the part (what another run built is gone with its sandbox), starts its server, waits until it listens on any port, and
 * asks it for its health. The sandbox has no network but its own loopback.
 */
const START_SERVER = String.raw`
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
const [build, start] = JSON.parse(process.argv[1]);
const report = { stage: 'build', path: null, status: null, error: null, hasLoopback: networkInterfaces().lo !== undefined };
const exe = (program) => program === 'node' ? process.execPath : program;
let child = null;
const finish = (error = null) => {
  writeFileSync('${REPORT}', JSON.stringify({ ...report, error }));
  child?.kill('SIGKILL');
  process.exit(0);
};
if (!report.hasLoopback) finish();
for (const [program, ...args] of build) {
  const { status, stdout, stderr } = spawnSync(exe(program), args, { encoding: 'utf8' });
  if (status !== 0) finish((stdout + stderr).slice(-4000));
}
report.stage = 'start';
let said = '';
child = spawn(exe(start[0]), start.slice(1), { env: { ...process.env, NODE_ENV: 'production' } });
for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { said = (said + text).slice(-4000); process.stdout.write(text); });
child.on('exit', (code) => finish('it ended with code ' + code + ' instead of listening\n' + said));
const listening = () => ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
  try { return readFileSync(file, 'utf8').split('\n').slice(1); } catch { return []; }
}).map((line) => line.trim().split(/\s+/)).filter((columns) => columns[3] === '0A').map((columns) => parseInt(columns[1].split(':').at(-1), 16));
const ask = async (port, path) => {
  for (const host of ['127.0.0.1', '[::1]'])
    try { return (await fetch('http://' + host + ':' + port + path, { redirect: 'manual', signal: AbortSignal.timeout(10000) })).status; } catch { /* the other one, or none */ }
  return null;
};
const until = Date.now() + 30000;
const look = async () => {
  const [port] = listening();
  if (port === undefined) {
    if (Date.now() > until) return finish('it does not listen on any port\n' + said);
    return setTimeout(look, 20);
  }
  report.stage = 'answer';
  for (const path of ['/health', '/healthz', '/api/health', '/']) {
    report.path = path;
    report.status = await ask(port, path);
    if (report.status !== null && report.status !== 404) break;
  }
  finish(report.status === null ? 'it does not answer\n' + said : null);
};
look();
`;

interface ServerReport {
  readonly stage: 'build' | 'start' | 'answer';
  readonly path: string | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly hasLoopback: boolean;
}

/** The commands that build and start a part; `problem` where one of them is not known here. */
function plan(manifest: Manifest): { commands: unknown; problem: null } | { commands: null; problem: string } {
  const { build, start } = manifest.scripts;
  const script = start ?? (manifest.main === null ? undefined : `node ${manifest.main}`);
  if (script === undefined) return { commands: null, problem: 'package.json has neither a script "start" nor "main"' };
  const [built, started] = [
    build === undefined ? { commands: [], problem: null } : commandsOf(build),
    commandsOf(script),
  ];
  const problem = built.problem ?? started.problem;
  if (problem !== null) return { commands: null, problem };
  const last = started.commands?.at(-1);
  return { commands: [[...(built.commands ?? []), ...(started.commands ?? []).slice(0, -1)], last], problem: null };
}

function verdict(report: ServerReport): string | null {
  const { stage, path, status, error } = report;
  const first = (error ?? '').trim().split('\n').slice(0, 3).join(' ');
  if (stage === 'build' && error !== null) return `it cannot be built to be started: ${first}`;
  if (error !== null) return `the server does not start: ${first}`;
  return status === null || status >= 500 ? `GET ${path ?? '/'} answers ${status ?? 'nothing'}` : null;
}

/** Starts the server of a part in the sandbox and asks it one question. */
export function nodeStartup(
  context: PartContext,
  { packages, manifest }: NodePart,
  files: readonly SourceFile[],
): Promise<CheckResult> {
  const { commands, problem } = plan(manifest);
  if (problem !== null) return Promise.resolve({ ...notRun('startup', problem), part: context.name });
  const run = nodeTool(packages, '', [], 120_000);
  const tool = {
    ...run,
    argv: ['node', '--input-type=module', '-e', START_SERVER, JSON.stringify(commands)],
    env: { ...exampleEnvironment(files, context.directory), ...run.env, HOST: '127.0.0.1' },
    resultFile: REPORT,
  };
  return toolCheck(context, 'startup', tool, (result) => {
    const output = tail(result.stdout, result.stderr);
    const report = result.result === null ? null : (JSON.parse(result.result) as ServerReport);
    if (report?.hasLoopback === false)
      return { outcome: 'not_run', reason: 'the sandbox has no loopback interface here', findings: [], output };
    const message = report === null ? `the server could not be tried: ${howItEnded(result)}` : verdict(report);
    if (message === null) {
      const said = `GET ${report?.path ?? '/'} answers ${report?.status ?? ''}`;
      return { outcome: 'passed', reason: null, findings: [], output: said };
    }
    const file = posix.join(context.directory, 'package.json');
    const finding = { file, line: 1, column: 1, rule: 'startup', severity: 'error' as const, suggestion: null };
    return {
      outcome: 'failed',
      reason: null,
      findings: [{ ...finding, message: message.slice(0, 1_000) }],
      output: report?.error ?? output,
    };
  });
}
