import { describe, expect, it } from 'vitest';
import { languageOf, openParser } from '../../../src/adapters/parser/index.ts';
import { checkComponent } from '../../../src/validation/component/component-checks.ts';

const parser = await openParser();

function check(files: Record<string, string>, paths?: string[]) {
  const given = Object.entries(files).map(([path, text]) => ({
    path,
    language: languageOf(path),
    bytes: Buffer.from(text),
  }));
  const checks = checkComponent(parser, { files: given, ...(paths === undefined ? {} : { paths }) });
  return Object.fromEntries(
    checks.map(({ testType, outcome, findings }) => [testType, { outcome, rules: findings.map(({ rule }) => rule) }]),
  );
}

describe('a component of TypeScript', () => {
  const lib = 'export const add = (a: number, b: number): number => a + b;\n';

  it('passes where modules fit each other', () => {
    const result = check({
      'src/a.ts': lib,
      'src/b.ts': "import { add } from './a';\nexport const three = add(1, 2);\n",
    });
    expect(result).toMatchObject({
      interfaces: { outcome: 'passed' },
      contracts: { outcome: 'passed' },
      dependencies: { outcome: 'passed', rules: [] },
    });
  });

  it('finds imports of what is not there', () => {
    const result = check({
      'src/a.ts': lib,
      'src/b.ts': "import { sub } from './a';\nimport { x } from './c';\nexport const y = sub(x);\n",
    });
    expect(result['interfaces']).toMatchObject({ outcome: 'failed', rules: ['missing-module', 'TS2305'] });
  });

  it('finds calls that do not fit, in its own files only', () => {
    const files = { 'src/a.ts': lib, 'app/b.ts': "import { add } from '../src/a';\nexport const three = add(1);\n" };
    expect(check(files)['contracts']).toMatchObject({ outcome: 'failed', rules: ['TS2554'] });
    expect(check(files, ['src/a.ts'])['contracts']).toMatchObject({ outcome: 'passed' });
  });

  it('warns of files that import each other', () => {
    const result = check({
      'a.ts': "import { b } from './b';\nexport const a = (): number => b();\n",
      'b.ts': "import { a } from './a';\nexport const b = (): number => a();\n",
    });
    expect(result['dependencies']).toMatchObject({ outcome: 'passed', rules: ['import-cycle'] });
  });
});

describe('a component of Python', () => {
  const lib = 'def add(a, b, *, scale=1):\n    return (a + b) * scale\n';

  it('passes where modules fit each other', () => {
    const result = check({
      'app/__init__.py': '',
      'app/lib.py': lib,
      'app/main.py': 'from app.lib import add\nfrom . import lib\nimport os\n\nprint(add(1, 2, scale=3))\n',
    });
    expect(result).toMatchObject({ interfaces: { outcome: 'passed' }, contracts: { outcome: 'passed' } });
  });

  it('finds names and arguments that another file does not have', () => {
    const result = check({
      'app/__init__.py': '',
      'app/lib.py': lib,
      'app/main.py': 'from .lib import add, sub\n\nprint(add(1), add(1, 2, size=3), sub(1))\n',
    });
    expect(result['interfaces']).toMatchObject({ outcome: 'failed', rules: ['missing-export'] });
    expect(result['contracts']).toMatchObject({ outcome: 'failed', rules: ['call-contract', 'call-contract'] });
  });
});

describe('clients, routes and tables', () => {
  const server =
    'from fastapi import APIRouter\nrouter = APIRouter(prefix="/api")\n@router.get("/todos/{id}")\ndef read(id: int):\n    return id\n';

  it('compares requests with the routes that the project serves', () => {
    const fits = {
      'api/main.py': server,
      'web/client.ts': 'export const read = (id: number) => fetch(`/api/todos/${id}`);\n',
    };
    expect(check(fits)['api']).toMatchObject({ outcome: 'passed' });
    const misses = {
      ...fits,
      'web/client.ts':
        "export const read = () => fetch('/api/todo');\nexport const drop = (id: number) => fetch(`/api/todos/${id}`, { method: 'DELETE' });\n",
    };
    expect(check(misses)['api']).toMatchObject({ outcome: 'failed', rules: ['unserved-request', 'unserved-request'] });
  });

  it('knows the routes of Flask, whatever stands between route and view', () => {
    const routes =
      'from flask import Blueprint\n\nblueprint = Blueprint("todos", __name__, url_prefix="/api/todos")\n\n\n@blueprint.get("")\n@endpoint(Endpoint(answer=TodoPage))\ndef list_todos():\n    return []\n\n\n@blueprint.patch("/<id:record_id>")\ndef update_todo(record_id: int):\n    return record_id\n';
    const project = {
      'api/todos.py': routes,
      'web/client.ts':
        "export const all = () => fetch('/api/todos');\nexport const change = (id: number) => fetch(`/api/todos/${id}`, { method: 'PATCH' });\n",
    };
    expect(check(project)['api']).toMatchObject({ outcome: 'passed' });
    const misses = { ...project, 'web/more.ts': "export const add = () => fetch('/api/todos', { method: 'POST' });\n" };
    expect(check(misses)['api']).toMatchObject({ outcome: 'failed', rules: ['unserved-request'] });
  });

  it('does not run where there is nothing to compare', () => {
    expect(check({ 'a.ts': 'export const a = 1;\n' })['api']).toMatchObject({ outcome: 'not_run' });
    expect(check({ 'a.md': '# A\n' })['contracts']).toMatchObject({ outcome: 'not_run' });
  });

  it('finds models whose table no migration makes', () => {
    const files = {
      'migrations/1.sql': 'create table todos (id int);\n',
      'app/models.py': 'class Todo:\n    __tablename__ = "todos"\n\n\nclass User:\n    __tablename__ = "users"\n',
    };
    expect(check(files)['migrations']).toMatchObject({ outcome: 'failed', rules: ['missing-migration'] });
  });
});

describe('imports that a candidate adds', () => {
  function dependencies(files: Record<string, string | { text: string; draft: string }>) {
    const given = Object.entries(files).map(([path, file]) => ({
      path,
      language: languageOf(path),
      bytes: Buffer.from(typeof file === 'string' ? file : file.text),
      ...(typeof file === 'string' ? {} : { draft: Buffer.from(file.draft) }),
    }));
    const check = checkComponent(parser, { files: given }).find(({ testType }) => testType === 'dependencies');
    if (check === undefined) throw new Error('no check of dependencies');
    return check;
  }
  const service = 'from app.repositories import store\n\n\ndef save():\n    return store()\n';
  const draft = 'def store():\n    return 1\n';
  const python = { 'app/__init__.py': '', 'app/services.py': service };

  it('fail where they close a circle that the drafts did not have', () => {
    const text = `import os\nfrom app.services import save\n\n\n${draft}`;
    const check = dependencies({ ...python, 'app/repositories.py': { text, draft } });
    expect(check).toMatchObject({
      outcome: 'failed',
      findings: [{ file: 'app/repositories.py', line: 2, rule: 'new-import-cycle', severity: 'error' }],
    });
    expect(check.findings[0]?.message).toContain('app/repositories.py -> app/services.py -> app/repositories.py');
    const scripts = { 'a.ts': "import { b } from './b';\nexport const a = (): number => b();\n" };
    const b = {
      text: "import { a } from './a';\nexport const b = (): number => a();\n",
      draft: 'export const b = () => 1;\n',
    };
    expect(dependencies({ ...scripts, 'b.ts': b })).toMatchObject({
      outcome: 'failed',
      findings: [{ file: 'b.ts', line: 1, rule: 'new-import-cycle' }],
    });
  });

  it('pass where the circle was drafted so, or is there for types only', () => {
    const text = `from app.services import save\n\n\n${draft}`;
    const drafted = { text: `${text}# changed\n`, draft: text };
    expect(dependencies({ ...python, 'app/repositories.py': drafted })).toMatchObject({
      outcome: 'passed',
      findings: [{ rule: 'import-cycle', severity: 'warning' }],
    });
    const typed = `from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app.services import save\n\n\n${draft}`;
    expect(dependencies({ ...python, 'app/repositories.py': { text: typed, draft } }).findings).toEqual([]);
  });

  it('fail where they go against the layers of the drafts', () => {
    const layers = {
      'app/__init__.py': '',
      'app/web/__init__.py': '',
      'app/web/routes.py': 'from app.data.store import store\n\nstore()\n',
      'app/web/words.py': 'TITLE = "x"\n',
      'app/data/__init__.py': '',
    };
    const text = `from app.web.words import TITLE\n\n${draft}`;
    expect(dependencies({ ...layers, 'app/data/store.py': { text, draft } })).toMatchObject({
      outcome: 'failed',
      findings: [{ file: 'app/data/store.py', line: 1, rule: 'layer-violation' }],
    });
    expect(dependencies({ ...layers, 'app/data/store.py': { text: `${draft}# more\n`, draft } }).findings).toEqual([]);
  });
});
