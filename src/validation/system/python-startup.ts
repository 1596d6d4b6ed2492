import { decodeSource } from '../../adapters/parser/index.ts';
import type { CheckResult, Finding, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { tail } from './compiler-output.ts';
import { exampleEnvironment } from './example-environment.ts';
import { howItEnded, type PartContext, toolCheck } from './part-run.ts';
import type { Python } from './python-toolchain.ts';

const REPORT = '/tmp/mge-startup.json';

/** An application that a module of the part holds or makes. */
interface Application {
  readonly module: string;
  readonly name: string;
  readonly kind: 'fastapi' | 'flask';
  readonly isFactory: boolean;
  readonly path: string;
  readonly line: number;
}

const HELD = /^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:fastapi\.|flask\.)?(FastAPI|Flask)\(/m;
const HELD_FROM_FACTORY = /^(\w*app\w*)\s*(?::\s*\w+\s*)?=\s*(?:\w+\.)*(?:create|make|build)_(?:app|application)\(/m;
const FACTORY = /^def ((?:create|make|build)_(?:app|application))\(/m;
const TESTS = /(?:^|\/)(?:tests?\/|test_|conftest\.py)/;

/** Imports the application, asks it for its health or the first route without parameters, and writes what it answered. */
const START = String.raw`
import importlib, json, os, sys, traceback
sys.path.insert(0, os.getcwd())
module, name, kind, factory = sys.argv[1:5]
report = {"stage": "import", "path": None, "status": None, "error": None}
def finish():
    with open("${REPORT}", "w") as file:
        json.dump(report, file)
try:
    app = getattr(importlib.import_module(module), name)
    if factory == "1":
        report["stage"] = "make"
        app = app()
    report["stage"] = "answer"
    def choose(paths):
        plain = [path for path in paths if "{" not in path and "<" not in path]
        healthy = [path for path in plain if path.rstrip("/").rsplit("/", 1)[-1] in ("health", "healthz", "ping", "status")]
        return (healthy + plain + ["/"])[0]
    if kind == "fastapi":
        from fastapi.testclient import TestClient
        routes = app.openapi().get("paths", {})
        report["path"] = choose([path for path, methods in routes.items() if "get" in methods])
        with TestClient(app) as client:
            report["status"] = client.get(report["path"]).status_code
    else:
        rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"]
        report["path"] = choose([rule.rule for rule in rules])
        app.testing = True
        report["status"] = app.test_client().get(report["path"]).status_code
except BaseException:
    report["error"] = traceback.format_exc()[-6000:]
finish()
`;

interface Report {
  readonly stage: string;
  readonly path: string | null;
  readonly status: number | null;
  readonly error: string | null;
}

/** The application of a part: one that a module holds before one that a function makes. */
export function findApplication(files: readonly SourceFile[], directory: string): Application | null {
  const prefix = directory === '.' ? '' : `${directory}/`;
  const found: (Application & { readonly rank: number })[] = [];
  const texts = files
    .filter(({ path }) => path.endsWith('.py') && path.startsWith(prefix) && !TESTS.test(path))
    .map(({ path, bytes }) => ({ path, text: decodeSource(bytes).text }));
  const usual = texts.some(({ text }) => /\bFlask\(/.test(text)) ? 'flask' : 'fastapi';
  if (!texts.some(({ text }) => /\b(?:FastAPI|Flask)\(/.test(text))) return null;
  for (const { path, text } of texts) {
    const inside = path
      .slice(prefix.length)
      .replace(/\.py$/, '')
      .replace(/\/__init__$/, '');
    const at = (match: RegExpExecArray, kind: Application['kind'], isFactory: boolean, rank: number) => {
      const line = text.slice(0, match.index).split('\n').length;
      found.push({ module: inside.replaceAll('/', '.'), name: match[1] ?? '', kind, isFactory, path, line, rank });
    };
    const held = HELD.exec(text);
    if (held) at(held, held[2] === 'Flask' ? 'flask' : 'fastapi', false, 0);
    const made = HELD_FROM_FACTORY.exec(text);
    if (made) at(made, usual, false, 1);
    const factory = FACTORY.exec(text);
    if (factory && /\b(?:FastAPI|Flask)\(/.test(text))
      at(factory, text.includes('Flask(') ? 'flask' : 'fastapi', true, 2);
  }
  return found.sort((a, b) => a.rank - b.rank || a.path.length - b.path.length)[0] ?? null;
}

/** Starts the application of a Python part in the sandbox and asks it one question over its own protocol, without a socket. */
export async function pythonStartup(
  context: PartContext,
  python: Python,
  files: readonly SourceFile[],
): Promise<CheckResult> {
  const part = context.name;
  const app = findApplication(files, context.directory);
  if (app === null) return { ...notRun('startup', 'no FastAPI or Flask application was found to start'), part };
  const { module, name, kind, isFactory } = app;
  const tool = {
    argv: [python.executable, '-c', START, module, name, kind, isFactory ? '1' : '0'],
    env: { ...exampleEnvironment(files, context.directory), PYTHONDONTWRITEBYTECODE: '1' },
    readOnly: python.readOnly,
    resultFile: REPORT,
    timeoutMs: 60_000,
    memoryMb: 1_024,
  };
  return toolCheck(context, 'startup', tool, (result) => {
    const output = tail(result.stdout, result.stderr);
    const failed = (message: string, said = output) => ({
      outcome: 'failed' as const,
      reason: null,
      findings: [finding(app, message)],
      output: said,
    });
    if (result.result === null) return failed(`the application does not start: ${howItEnded(result)}`);
    const report = JSON.parse(result.result) as Report;
    if (report.error !== null) {
      const last = report.error.trim().split('\n').at(-1) ?? '';
      const lacking = /No module named '([\w.]+)'/.exec(last)?.[1];
      if (lacking === 'httpx' || lacking === 'flask')
        return { outcome: 'not_run', reason: `this machine lacks ${lacking}`, findings: [], output };
      const what = report.stage === 'answer' ? `GET ${report.path ?? '/'} fails` : 'the application does not start';
      return failed(`${what}: ${last}`, report.error);
    }
    if (report.status === null || report.status >= 500)
      return failed(`GET ${report.path ?? '/'} answers ${report.status ?? 'nothing'}`);
    const said = `GET ${report.path ?? '/'} answers ${report.status}`;
    return { outcome: 'passed', reason: null, findings: [], output: said };
  });
}

function finding(app: Application, message: string): Finding {
  const { path: file, line } = app;
  return { file, line, column: 1, rule: 'startup', severity: 'error', message, suggestion: null };
}
