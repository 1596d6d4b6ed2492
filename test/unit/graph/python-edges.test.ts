import { describe, expect, it } from 'vitest';
import { Project } from './edges-under-test.ts';

describe('edges of Python', () => {
  it('follows imports to the definition, through re-exports, and says why', async () => {
    const project = await Project.of({
      'app/__init__.py': 'from .repo import Repo\n',
      'app/repo.py': 'class Repo:\n    def find(self, key):\n        return key\n',
      'main.py': 'from app import Repo\n\ndef run():\n    return Repo().find(1)\n',
    });
    expect(project.names).toEqual([
      'app/__init__.py:1 -> app/repo.py:1 import',
      'main.py:1 -> app/repo.py:1 import',
      'main.py:3 -> app/repo.py:1 function_call',
    ]);
    // The name leads to its definition; the import line, which waits for other files, need not come first.
    expect(project.order).toEqual([]);
    expect(project.reason('main.py:3 -> app/repo.py:1 function_call')).toBe('calls `Repo` defined at app/repo.py:1');
  });

  it('does not join functions that share the names of their locals', async () => {
    const project = await Project.of({
      'a.py':
        'def one(items):\n    result = items\n    return result\n\ndef two(items):\n    result = items\n    return result\n',
    });
    expect(project.edges).toEqual([]);
  });

  it('keeps scopes apart: class bodies, comprehensions, global and nonlocal', async () => {
    const project = await Project.of({
      'a.py': [
        'limit = 1',
        'class A:\n    limit = 2\n\n    def get(self):\n        return limit',
        'def bump():\n    global limit\n    limit = 3',
        'def inner():\n    limit = 9\n    return [limit for limit in range(3)]',
      ].join('\n\n'),
    });
    // `get` sees the module's name, not the class's; `inner` sees its own.
    expect(project.names).toContain('a.py:3 -> a.py:1 data_flow');
    expect(project.names.filter((edge) => edge.startsWith('a.py:14'))).toEqual([]);
  });

  it('resolves members through self, inheritance, annotations, constructors and return types', async () => {
    const project = await Project.of({
      'base.py': 'class Base:\n    def save(self):\n        return 1\n',
      'repo.py': [
        'from base import Base',
        'class Repo(Base):\n    pass',
        'def make() -> Repo:\n    return Repo()',
        'def annotated(repo: Repo):\n    repo.save()',
        'def constructed():\n    Repo().save()',
        'def returned():\n    make().save()',
        'class Service:\n    def __init__(self, repo: Repo):\n        self.repo = repo\n',
        'def through(service: Service):\n    service.repo.save()',
      ].join('\n\n'),
    });
    const toSave = project.names.filter((edge) => edge.endsWith('-> base.py:1 function_call'));
    expect(toSave).toEqual(
      ['repo.py:9', 'repo.py:12', 'repo.py:15', 'repo.py:23']
        .map((from) => `${from} -> base.py:1 function_call`)
        .sort(),
    );
  });

  it('resolves star imports, relative imports, module members and conditional imports', async () => {
    const project = await Project.of({
      'pkg/__init__.py': '',
      'pkg/tools.py': 'def tool():\n    pass\n\ndef _hidden():\n    pass\n',
      'pkg/sub/__init__.py': '',
      'pkg/sub/user.py': [
        'from ..tools import *',
        'from .. import tools as t',
        'def first():\n    tool()',
        'def second():\n    t._hidden()',
        'def third():\n    import pkg.tools\n    pkg.tools.tool()',
        'def fourth():\n    _hidden()',
      ].join('\n\n'),
    });
    const names = project.names;
    expect(names).toContain('pkg/sub/user.py:5 -> pkg/tools.py:1 function_call');
    expect(names).toContain('pkg/sub/user.py:8 -> pkg/tools.py:4 function_call');
    expect(names).toContain('pkg/sub/user.py:11 -> pkg/tools.py:1 function_call');
    expect(names.filter((edge) => edge.startsWith('pkg/sub/user.py:15'))).toEqual([]);
  });

  it('resolves data classes by keyword, enum members, properties and loops over typed lists', async () => {
    const project = await Project.of({
      'm.py': [
        'from dataclasses import dataclass',
        '@dataclass\nclass Item:\n    name: str\n    size: int = 0',
        'class Color(Enum):\n    RED = 1',
        'class Box:\n    def __init__(self):\n        self.items: list[Item] = []\n    @property\n    def first(self) -> Item:\n        return self.items[0]',
        'def build():\n    return Item(name="a")',
        'def paint():\n    return Color.RED',
        'def walk(box: Box):\n    for item in box.items:\n        print(item.size)',
        'def head(box: Box):\n    return box.first.name',
      ].join('\n\n'),
    });
    const of = (line: number) => project.names.filter((edge) => edge.startsWith(`m.py:${String(line)} `));
    expect(of(18)).toEqual(['m.py:18 -> m.py:3 function_call', 'm.py:18 -> m.py:3 type']);
    expect(of(21)).toEqual(['m.py:21 -> m.py:8 data_flow', 'm.py:21 -> m.py:8 type']);
    expect(of(24)).toContain('m.py:24 -> m.py:3 data_flow');
    expect(of(28)).toContain('m.py:28 -> m.py:3 data_flow');
  });

  it('finds the assignments that reach a use, across branches and loops', async () => {
    const body = ['    a = 1', '    if x:\n        a = 2', '    use(a)', '    a = 3', '    use(a)'];
    const text = `def f(x):\n${body.join('\n')}\n`;
    const project = await Project.of({ 'f.py': text });
    const facts = project.files[0]?.facts;
    const reached = new Map<number, number[]>();
    const { reaching, uses, defs } = facts!;
    const line = (pos: number) => text.slice(0, pos).split('\n').length;
    for (let i = 0; i < reaching.length; i += 2) {
      const use = line(uses[reaching[i]! * 7 + 2]!);
      reached.set(use, [...(reached.get(use) ?? []), line(defs[reaching[i + 1]! * 12 + 2]!)].sort());
    }
    expect(reached.get(5)).toEqual([2, 4]);
    expect(reached.get(7)).toEqual([6]);
  });

  it('lets a star import bring what __all__ lists, and no more', async () => {
    const project = await Project.of({
      'p/__init__.py': 'from .a import *\n\nnames = a.__all__\n\nshown()\n\nhidden()\n',
      'p/a.py': '__all__ = ["shown"]\n\ndef shown(): pass\n\ndef hidden(): pass\n',
    });
    expect(project.names).toEqual([
      'p/__init__.py:3 -> p/a.py:1 data_flow',
      'p/__init__.py:5 -> p/a.py:3 function_call',
    ]);
  });

  it('follows what is changed in place and added to, without letting go of where it comes from', async () => {
    const project = await Project.of({
      'a.py': [
        'table = {}',
        'table["a"] = 1',
        'print(table)',
        'class C:\n    def one(self):\n        self.n = 0',
        '    # next\n',
        'class D(C):\n    def two(self):\n        self.n += 1',
        'def three(d: D):\n    return d.n',
      ].join('\n\n'),
    });
    expect(project.names.filter((edge) => edge.startsWith('a.py:5 '))).toEqual([
      'a.py:5 -> a.py:1 data_flow',
      'a.py:5 -> a.py:3 data_flow',
    ]);
    expect(project.names).toContain('a.py:18 -> a.py:14 data_flow');
  });

  it('knows the type variable of self and classes named in strings', async () => {
    const project = await Project.of({
      'a.py': [
        'from typing import TypeVar, Union\nT = TypeVar("T", bound="Client")',
        'Target = Union["Url", str]',
        'class Url:\n    scheme = "http"',
        'class Client:\n    def __enter__(self: T) -> T:\n        return self',
        'class Session(Client):\n    def send(self, to: Target):\n        return to.scheme',
        'def go():\n    with Session() as session:\n        session.send("x")',
      ].join('\n\n'),
    });
    expect(project.names).toContain('a.py:13 -> a.py:6 data_flow');
    expect(project.names).toContain('a.py:17 -> a.py:13 function_call');
  });
});
