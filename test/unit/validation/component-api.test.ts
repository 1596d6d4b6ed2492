import { describe, expect, it } from 'vitest';
import { languageOf, openParser } from '../../../src/adapters/parser/index.ts';
import { checkComponent } from '../../../src/validation/component/component-checks.ts';

const parser = await openParser();

function api(files: Record<string, string>) {
  const given = Object.entries(files).map(([path, text]) => ({
    path,
    language: languageOf(path),
    bytes: Buffer.from(text),
  }));
  const check = checkComponent(parser, { files: given }).find(({ testType }) => testType === 'api');
  if (check === undefined) throw new Error('no check of the API');
  return check;
}

const SCHEMAS = `import enum
import datetime as dt
from pydantic import BaseModel, Field, constr

class Status(str, enum.Enum):
    OPEN = "open"
    DONE = "done"

class TodoCreate(BaseModel):
    title: constr(max_length=200)
    status: Status = Status.OPEN
    due_on: dt.date | None = None

class TodoRead(BaseModel):
    id: int
    title: str
    status: Status
    due_on: dt.date | None
    tags: list["Tag"]

class Tag(BaseModel):
    id: int
    label: str

class TodoPage(BaseModel):
    items: list[TodoRead]
    total: int
`;
const ROUTER = `from fastapi import APIRouter
from app.schemas import TodoCreate, TodoPage, TodoRead

router = APIRouter(prefix="/todos")

@router.get("", response_model=TodoPage)
def list_todos(): ...

@router.post("", response_model=TodoRead)
def create_todo(payload: TodoCreate): ...

@router.get("/export")
def export_todos(): ...

@router.get("/{todo_id}", response_model=TodoRead)
def read_todo(todo_id: int): ...

@router.patch("/{todo_id}", response_model=TodoRead)
def update_todo(todo_id: int, payload: TodoCreate): ...
`;
const MAIN = `from fastapi import FastAPI
from app import todos

ROUTERS = (todos.router,)

def create_app():
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router, prefix="/api")
    return app
`;
const HTTP = `export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const payload = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(path, { method, ...payload });
  return (await response.json()) as T;
}
export function resource<Item, Input>(path: string) {
  return {
    get: (id: number): Promise<Item> => request('GET', \`\${path}/\${id}\`),
    create: (input: Input): Promise<Item> => request('POST', path, input),
    update: (id: number, changes: Partial<Input>): Promise<Item> => request('PATCH', \`\${path}/\${id}\`, changes),
  };
}
`;
const TODOS = `import { request, resource } from './http';
export type Status = 'open' | 'done';
export interface Tag { id: number; label: string }
export interface Todo {
  id: number;
  title: string;
  status: Status;
  due_on: string | null;
  tags: Tag[];
}
export interface TodoInput {
  title: string;
  status: Status;
  due_on: string | null;
}
export interface Page<T> { items: T[]; total: number }
const PATH = '/api/todos';
const query = (values: object): string => (Object.keys(values).length === 0 ? '' : \`?\${String(values)}\`);
export const todosApi = {
  ...resource<Todo, TodoInput>(PATH),
  list: (values: object): Promise<Page<Todo>> => request('GET', PATH + query(values)),
};
export const exportTodos = () => fetch(\`\${PATH}/export\`);
`;
const PROJECT = {
  'api/app/__init__.py': '',
  'api/app/schemas.py': SCHEMAS,
  'api/app/todos.py': ROUTER,
  'api/app/main.py': MAIN,
  'web/http.ts': HTTP,
  'web/todos.ts': TODOS,
};

function edited(path: keyof typeof PROJECT, from: string, to: string): Record<string, string> {
  if (!PROJECT[path].includes(from)) throw new Error(`${path} has no ${from}`);
  return { ...PROJECT, [path]: PROJECT[path].replace(from, to) };
}

describe('a client with wrappers and the FastAPI service behind it', () => {
  it('pass where they fit each other', () => {
    expect(api(PROJECT)).toMatchObject({ outcome: 'passed', findings: [] });
  });

  it.each([
    ['a path that is not served', 'web/todos.ts', "'/api/todos'", "'/api/todo'", 'unserved-request'],
    ['a path without its prefix', 'api/app/main.py', 'prefix="/api"', 'prefix=""', 'unserved-request'],
    ['a method of a wrapper', 'web/http.ts', "request('PATCH'", "request('PUT'", 'unserved-request'],
    ['a parameter that is left out', 'web/http.ts', "'PATCH', `${path}/${id}`", "'PATCH', path", 'unserved-request'],
    ['a word where a number is taken', 'web/todos.ts', '/export`', '/exports`', 'unserved-request'],
    ['a member that is never sent', 'web/todos.ts', 'tags: Tag[]', 'labels: Tag[]', 'unsent-member'],
    ['a member of a member', 'api/app/schemas.py', 'label: str', 'text: str', 'unsent-member'],
    [
      'a name in other case',
      'web/todos.ts',
      'due_on: string | null;\n  tags',
      'dueOn: string | null;\n  tags',
      'member-name',
    ],
    ['another basic type', 'web/todos.ts', 'total: number', 'total: string', 'member-type'],
    ['a list that is none', 'api/app/schemas.py', 'items: list[TodoRead]', 'items: TodoRead', 'member-type'],
    [
      'a member that the server needs',
      'api/app/schemas.py',
      'max_length=200)',
      'max_length=200)\n    owner_id: int',
      'missing-member',
    ],
    [
      'a name of the body in other case',
      'api/app/schemas.py',
      'due_on: dt.date | None = None',
      'dueOn: dt.date | None = None',
      'member-name',
    ],
    [
      'a member that the server does not take',
      'web/todos.ts',
      'TodoInput {',
      'TodoInput {\n  note: string;',
      'unknown-member',
    ],
    ['a value that the server refuses', 'web/todos.ts', "'open' | 'done'", "'open' | 'done' | 'late'", 'member-values'],
    ['a value that the client does not know', 'api/app/schemas.py', '"done"', '"finished"', 'member-values'],
  ] as const)('differ in %s', (_, path, from, to, rule) => {
    const check = api(edited(path, from, to));
    expect(check.outcome).toBe('failed');
    expect(check.findings.map((finding) => finding.rule)).toContain(rule);
  });

  it('name the place, both sides and what to do', () => {
    expect(
      api(edited('web/todos.ts', 'due_on: string | null;\n  tags', 'dueOn: string | null;\n  tags')).findings,
    ).toMatchObject([
      {
        file: 'web/todos.ts',
        line: 8,
        message: expect.stringContaining('which the server sends as "due_on" (api/app/schemas.py:18)') as string,
        suggestion: 'name it due_on',
      },
    ]);
    expect(api(edited('web/http.ts', "request('PATCH'", "request('PUT'")).findings).toMatchObject([
      {
        file: 'web/todos.ts',
        line: 20,
        message: expect.stringContaining('served for GET, PATCH only (api/app/todos.py:') as string,
      },
    ]);
  });

  it('say nothing where a side is not known', () => {
    expect(api(edited('web/todos.ts', 'resource<Todo, TodoInput>', 'resource<any, unknown>')).findings).toEqual([]);
    expect(
      api(edited('api/app/schemas.py', 'class TodoRead(BaseModel):', 'class TodoRead(Renamed):')).findings,
    ).toEqual([]);
    expect(api({ ...PROJECT, 'web/nginx.conf': 'proxy_pass http://api:8000/v1/;' }).findings).toEqual([]);
  });

  it('know paths in parts, base addresses and axios', () => {
    const more = `import axios from 'axios';
const BASE = import.meta.env.VITE_API ?? 'http://localhost:8000/api';
const client = axios.create({ baseURL: '/api' });
const part = (name: string, id: number) => fetch(\`\${BASE}/\${name}/\${id}\`);
export const one = (id: number) => part('todos', id);
export const two = () => client.get('/todos');
export const three = () => fetch('https://example.org/elsewhere');
`;
    const project = {
      ...PROJECT,
      'web/package.json': '{"dependencies": {"axios": "1", "vite": "6"}}',
      'web/more.ts': more,
    };
    expect(api(project).findings).toEqual([]);
    const wrong = more.replace("part('todos'", "part('todo'").replace("get('/todos')", "post('/todos/7')");
    const { findings } = api({ ...project, 'web/more.ts': wrong });
    expect(findings.map(({ rule, line }) => [rule, line])).toEqual([
      ['unserved-request', 5],
      ['unserved-request', 6],
    ]);
  });
});

describe('a client and a Fastify service', () => {
  const service = {
    'server/schemas.ts': `import { Type } from 'typebox';
const ROLES = ['admin', 'member'] as const;
const nullable = (schema: unknown) => Type.Union([schema, Type.Null()]);
const RECORD = { id: Type.Integer() };
export const Create = Type.Object({ name: Type.String(), role: Type.Enum(ROLES) }, { additionalProperties: false });
export const Read = Type.Object({ ...RECORD, name: Type.String(), role: Type.Enum(ROLES), note: nullable(Type.String()) });
`,
    'server/routes.ts': `import { Create, Read } from './schemas.ts';
const CREATE = { body: Create, response: { 201: Read } };
export function userRoutes(): unknown {
  return async (app) => {
    app.post('', { schema: CREATE }, async ({ body }) => body);
    app.get('/:id', () => null);
  };
}
`,
    'server/app.ts': `import fastify from 'fastify';
import { userRoutes } from './routes.ts';
export async function build() {
  const app = fastify();
  await app.register(api, { prefix: '/api' });
  return app;
}
async function api(scope) {
  await scope.register(userRoutes(), { prefix: '/users' });
}
`,
    'server/package.json': '{"dependencies": {"fastify": "5", "typebox": "1"}}',
  };
  const client = `export interface User { id: number; name: string; role: 'admin' | 'member'; note: string | null }
export async function create(name: string): Promise<User> {
  const response = await fetch('/api/users', { method: 'POST', body: JSON.stringify({ name, role: 'admin' }) });
  return response.json();
}
export const read = (id: number) => fetch(\`/api/users/\${id}\`);
`;

  it.each([
    ['nothing', '', '', []],
    ['the path', "'/api/users'", "'/api/people'", ['unserved-request']],
    [
      'the method',
      'fetch(`/api/users/${id}`)',
      "fetch(`/api/users/${id}`, { method: 'DELETE' })",
      ['unserved-request'],
    ],
    ['a strict member', 'name, role', 'name, age: 7, role', ['unknown-member']],
    ['a value', "role: 'admin' })", "role: 'owner' })", ['member-values']],
    ['what is sent', '{ name, role', '{ role', ['missing-member']],
    ['the answer', 'note: string', 'remark: string', ['unsent-member']],
  ])('differ in %s', (_, from, to, rules) => {
    expect(client).toContain(from);
    const { findings } = api({ ...service, 'web/users.ts': client.replace(from, to) });
    expect(findings.map(({ rule }) => rule)).toEqual(rules);
  });

  it('know prefixes that are put together, and give way to those that are not known', () => {
    const grouped = (prefix: string) => ({
      ...service,
      'server/app.ts': `import fastify from 'fastify';
import { userRoutes } from './routes.ts';
export async function build(groups: string[]) {
  const app = fastify();
  for (const group of groups) await app.register(userRoutes(), { prefix: ${prefix} });
  return app;
}
`,
      'web/users.ts': 'export const read = (path: string, id: number) => fetch(`${path}/${id}/users/${id}`);\n',
      'web/other.ts': "export const list = () => fetch('/api/people', { method: 'POST' });\n",
    });
    expect(api(grouped('`/api/${group}/:id/users`')).findings).toMatchObject([{ file: 'web/other.ts' }]);
    expect(api(grouped('prefixOf(group)')).findings).toEqual([]);
  });
});
