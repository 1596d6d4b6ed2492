import { describe, expect, it } from 'vitest';
import type { AcceptanceCriterion, CheckResult, TestCase } from '../../../src/domain/index.ts';
import { acceptanceChecks } from '../../../src/validation/system/acceptance.ts';
import { findApplication } from '../../../src/validation/system/python-startup.ts';
import { securityCheck } from '../../../src/validation/system/security-scan.ts';

const file = (path: string, text: string) => ({ path, language: 'text', bytes: new Uint8Array(Buffer.from(text)) });

function run(outcomes: readonly TestCase['outcome'][]): CheckResult {
  const cases = outcomes.map((outcome, n) => ({
    name: `tests/test_a.py::test_${n}`,
    outcome,
    durationMs: 1,
    message: null,
  }));
  return { testType: 'tests', outcome: 'failed', reason: null, findings: [], durationMs: 1, cases };
}
const criteria = (count: number, priority: AcceptanceCriterion['priority']): AcceptanceCriterion[] =>
  Array.from({ length: count }, (_, n) => ({ text: `c${n}`, priority, test: `tests/test_a.py::test_${n}` }));

describe('acceptance', () => {
  it('wants every MUST', () => {
    const checks = acceptanceChecks(criteria(20, 'must'), [run([...Array<'passed'>(19).fill('passed'), 'failed'])]);
    expect(checks).toMatchObject([
      { part: 'must', outcome: 'failed', tests: { passed: 19, failed: 1 }, findings: [{ severity: 'error' }] },
    ]);
  });

  it('wants 95 % of SHOULD', () => {
    const enough = acceptanceChecks(criteria(20, 'should'), [run([...Array<'passed'>(19).fill('passed'), 'failed'])]);
    expect(enough).toMatchObject([{ part: 'should', outcome: 'passed', findings: [{ severity: 'warning' }] }]);
    const few = acceptanceChecks(criteria(10, 'should'), [run([...Array<'passed'>(9).fill('passed'), 'failed'])]);
    expect(few).toMatchObject([{ part: 'should', outcome: 'failed' }]);
  });

  it('says what is not proven and counts it neither way', () => {
    const [check] = acceptanceChecks(criteria(2, 'must'), [run(['passed'])]);
    expect(check).toMatchObject({ outcome: 'passed', tests: { passed: 1, failed: 0, skipped: 1 } });
    expect(check!.output).toContain('not proven: c1');
    expect(acceptanceChecks(criteria(1, 'must'), [])).toMatchObject([{ outcome: 'not_run' }]);
  });
});

describe('the security scan', () => {
  const rules = (path: string, text: string) => securityCheck([file(path, text)]).findings.map(({ rule }) => rule);

  it.each([
    ['a.py', 'x = eval(request.args["q"])', 'dynamic-code'],
    ['a.py', 'os.system(f"rm {name}")', 'shell-command'],
    ['a.py', 'subprocess.run("ls " + name, shell=True)', 'shell-command'],
    ['a.py', 'db.execute(f"SELECT * FROM t WHERE id = {key}")', 'sql-injection'],
    ['a.py', 'cursor.execute("SELECT * FROM t WHERE id = %s" % key)', 'sql-injection'],
    ['a.py', 'yaml.load(text)', 'unsafe-yaml'],
    ['a.py', 'pickle.loads(request.data)', 'unsafe-pickle'],
    ['a.py', 'app.run(host="0.0.0.0", debug=True)', 'debug-mode'],
    ['a.py', 'app.add_middleware(CORS, allow_origins=["*"], allow_credentials=True)', 'open-cors'],
    ['a.ts', 'const f = new Function(body);', 'dynamic-code'],
    ['a.ts', 'exec(`rm ${name}`);', 'shell-command'],
    ['a.ts', 'db.query(`SELECT * FROM t WHERE id = ${id}`)', 'sql-injection'],
    ['a.ts', 'element.innerHTML = comment;', 'raw-html'],
    ['a.tsx', '<div dangerouslySetInnerHTML={{ __html: post.body }} />', 'raw-html'],
    ['a.ts', "cors({ origin: '*', credentials: true })", 'open-cors'],
    ['.env', 'KEY=AKIAABCDEFGHIJKLMNOP', 'aws-access-key'],
  ])('finds %s: %s', (path, text, rule) => {
    expect(rules(path, text)).toEqual([rule]);
  });

  it.each([
    ['a.py', 'x = ast.literal_eval(text)  # never eval(text)'],
    ['a.py', '"""Do not call eval(text)."""\nmodel.eval()\nasync def exec_all(): pass'],
    ['a.py', 'db.execute("SELECT * FROM t WHERE id = %s", (key,))'],
    ['a.py', 'db.execute(text("SELECT 1"))\nsession.execute(select(T).where(T.id == key))'],
    ['a.py', 'def eval(self, node):\n    return node'],
    ['a.ts', 'class A { eval(node: Node): number { return 1; } }'],
    ['a.py', 'db.execute(f"SELECT id FROM {TABLE}")'],
    ['a.ts', 'db.query(`SELECT id FROM ${TABLE}`)'],
    ['a.py', 'yaml.load(text, Loader=yaml.SafeLoader)'],
    ['a.py', 'subprocess.run(["ls", name])\nos.system("clear")'],
    ['a.py', 'app.add_middleware(CORS, allow_origins=["*"], allow_credentials=False)'],
    ['tests/test_a.py', 'eval(text)'],
    ['a.ts', 'const match = pattern.exec(`a${b}`); element.innerHTML = "";'],
    ['a.ts', 'db.query("SELECT * FROM t WHERE id = $1", [id]); // eval(x)'],
    ['a.ts', 'if (element.innerHTML === text) show("eval(x)");'],
  ])('lets %s pass: %s', (path, text) => {
    expect(rules(path, text)).toEqual([]);
  });

  it('does not run where there is nothing to scan', () => {
    expect(securityCheck([file('photo.png', 'x')])).toMatchObject({ outcome: 'not_run' });
  });
});

describe('the application of a Python part', () => {
  const found = (texts: Readonly<Record<string, string>>) =>
    findApplication(
      Object.entries(texts).map(([path, text]) => file(path, text)),
      'backend',
    );

  it('is one that a module holds, else one that a function makes', () => {
    const factory = 'from fastapi import FastAPI\n\ndef create_app() -> FastAPI:\n    return FastAPI()\n';
    expect(found({ 'backend/app/application.py': factory })).toMatchObject({
      module: 'app.application',
      name: 'create_app',
      isFactory: true,
      line: 3,
    });
    const held = 'from app.application import create_app\n\napp = create_app()\n';
    expect(found({ 'backend/app/application.py': factory, 'backend/app/main.py': held })).toMatchObject({
      module: 'app.main',
      name: 'app',
      kind: 'fastapi',
      isFactory: false,
    });
    expect(found({ 'backend/server.py': 'from flask import Flask\napp = Flask(__name__)\n' })).toMatchObject({
      module: 'server',
      kind: 'flask',
    });
  });

  it('is not looked for in tests or other parts', () => {
    expect(found({ 'backend/tests/test_a.py': 'app = FastAPI()\n', 'other/main.py': 'app = FastAPI()\n' })).toBeNull();
  });
});
