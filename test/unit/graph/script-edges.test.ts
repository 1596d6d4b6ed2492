import { describe, expect, it } from 'vitest';
import { Project } from './edges-under-test.ts';

describe('edges of TypeScript', () => {
  it('follows barrels, aliases, default exports and path mappings', async () => {
    const project = await Project.of(
      {
        'src/lib/math.ts':
          'export function add(a: number) {\n  return a;\n}\n\nexport default class Calc {\n  run() {}\n}\n',
        'src/lib/index.ts': "export * from './math';\nexport { default as Calc } from './math.js';\n",
        'src/main.ts': "import { add as plus, Calc } from '@/lib';\n\nplus(1);\n\nnew Calc().run();\n",
      },
      { aliases: [{ under: '', pattern: '@/*', targets: ['src/*'] }] },
    );
    expect(project.names).toEqual([
      'src/lib/index.ts:1 -> src/lib/math.ts:5 import',
      'src/main.ts:1 -> src/lib/math.ts:1 import',
      'src/main.ts:1 -> src/lib/math.ts:5 import',
      'src/main.ts:3 -> src/lib/math.ts:1 function_call',
      'src/main.ts:5 -> src/lib/math.ts:5 function_call',
    ]);
  });

  it('knows hoisting, block scopes, shadowing and the two spaces of names', async () => {
    const project = await Project.of({
      'a.ts': [
        'early();',
        'function early() {}',
        'const value = 1;',
        'function shadow(value: number) {\n  { let value = 2; use(value); }\n  return value;\n}',
        'type Thing = string;',
        'const Thing2 = (Thing: number) => Thing;',
        'let typed: Thing;',
      ].join('\n\n'),
    });
    expect(project.names).toEqual(['a.ts:1 -> a.ts:3 function_call', 'a.ts:16 -> a.ts:12 type']);
  });

  it('resolves this, inheritance, statics, generics, callbacks and destructuring', async () => {
    const project = await Project.of({
      'm.ts': [
        'interface User { name: string }',
        'class Base<T> {\n  items: T[] = [];\n  first(): T | undefined { return this.items[0]; }\n}',
        'class Users extends Base<User> {\n  static make() { return new Users(); }\n}',
        'function a() { return Users.make().first()?.name; }',
        'function b(users: Users) { return users.items.map((user) => user.name); }',
        'function c({ name }: User) { return name; }',
        'const load = async (): Promise<User[]> => [];',
        'async function d() { for (const user of await load()) use(user.name); }',
      ].join('\n\n'),
    });
    const toUser = project.names.filter((edge) => edge.includes('-> m.ts:1 '));
    for (const line of [12, 14, 16, 20])
      expect(toUser.some((edge) => edge.startsWith(`m.ts:${String(line)} `))).toBe(true);
    expect(project.names).toContain('m.ts:12 -> m.ts:8 function_call');
    expect(project.names).toContain('m.ts:12 -> m.ts:3 function_call');
  });

  it('leads JSX to components and their props', async () => {
    const project = await Project.of({
      'Card.tsx':
        'export interface CardProps {\n  title: string;\n}\n\nexport function Card({ title }: CardProps) {\n  return <h1>{title}</h1>;\n}\n',
      'App.tsx': 'import { Card } from \'./Card\';\n\nexport const App = () => <Card title="x" />;\n',
    });
    expect(project.names).toContain('App.tsx:3 -> Card.tsx:5 function_call');
    expect(project.names).toContain('App.tsx:3 -> Card.tsx:1 type');
    expect(project.names).toContain('Card.tsx:5 -> Card.tsx:1 type');
  });

  it('narrows unions by a discriminant and by instanceof', async () => {
    const project = await Project.of({
      'n.ts': [
        "interface A { kind: 'a'; value: number }",
        "interface B { kind: 'b'; value: string }",
        "function f(x: A | B) {\n  if (x.kind === 'a') return g(x.value);\n}",
        'class C { value = 1; }',
        'function h(x: unknown) {\n  if (!(x instanceof C)) return;\n  g(x.value);\n}',
      ].join('\n\n'),
    });
    const valueEdges = project.names.filter((edge) => edge.startsWith('n.ts:5 '));
    // `kind` is asked of both, and both types are named; only A's `value` is used.
    expect(valueEdges).toEqual([
      'n.ts:5 -> n.ts:1 data_flow',
      'n.ts:5 -> n.ts:1 type',
      'n.ts:5 -> n.ts:3 data_flow',
      'n.ts:5 -> n.ts:3 type',
    ]);
    expect(project.names).toContain('n.ts:11 -> n.ts:9 data_flow');
  });

  it('resolves CommonJS modules and what scripts hang on this', async () => {
    const project = await Project.of({
      'lib.js': 'class Store {\n  constructor() {\n    this.size = 0;\n  }\n}\n\nexports.make = () => new Store();\n',
      'main.js': "const { make } = require('./lib');\n\nconsole.log(make().size);\n",
    });
    expect(project.names).toContain('main.js:1 -> lib.js:7 data_flow');
    expect(project.names).toContain('main.js:3 -> main.js:1 function_call');
    expect(project.names).toContain('main.js:3 -> lib.js:1 data_flow');
  });

  it('orders effects inside a function and slices after their header, as preferences', async () => {
    const project = await Project.of({
      'o.ts': 'export function run() {\n  first();\n\nsecond();\n\nthird();\n}\n',
    });
    expect(project.order).toEqual([
      'o.ts:4 -> o.ts:1 temporal',
      'o.ts:6 -> o.ts:1 temporal',
      'o.ts:6 -> o.ts:4 temporal',
    ]);
    expect(project.edges.every((edge) => edge.strength <= 0.5)).toBe(true);
  });

  it('stays calm on damaged code', async () => {
    const project = await Project.of({ 'x.ts': 'class X {\n  broken(: \n}\n\nfunction g() {}\n\ng();\n' });
    expect(project.names).toEqual(['x.ts:7 -> x.ts:5 function_call']);
  });

  it('finds members through spread objects, and ends where objects spread each other', async () => {
    const others = Array.from(
      { length: 12 },
      (_, i) =>
        `function h${String(i)}(info) { h${String((i + 1) % 12)}({ ...info, n: ${String(i)} }); start({ ...info }); }`,
    );
    const project = await Project.of({
      'a.js': [
        'const base = { found: 1 };',
        'const more = { ...base };',
        'more.found;',
        `function start(info) { ${Array.from({ length: 12 }, (_, i) => `h${String(i)}({ ...info });`).join(' ')} return info.missing; }`,
        ...others,
        'const missing = { missing: 1 };',
      ].join('\n\n'),
    });
    expect(project.names).toContain('a.js:5 -> a.js:1 data_flow');
    expect(project.names.filter((edge) => edge.endsWith('-> a.js:33 data_flow'))).toEqual([]);
  });
});
