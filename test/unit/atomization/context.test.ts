import { describe, expect, it } from 'vitest';
import { atomNamed, atomize } from './support.ts';

const PYTHON = `"""Accounts."""

import os
from decimal import Decimal as D
from .store import Store, missing


class Account(Store):
    """An account."""

    def withdraw(self, amount: D, note="none", *rest) -> D:
        """Takes money out."""
        if amount <= 0:
            raise ValueError("amount")
        assert self.open
        self.balance = self.balance - amount
        print(os.environ["HOME"], note)
        return self.balance


def helper(items):
    found = [item for item in items if item]
    one = 1
    two = 2
    three = 3
    four = 4
    five = one + two + three + four
    return unknown_thing(found, five)
`;

describe('the context of a Python atom', () => {
  it('lists what it imports, defines and uses', async () => {
    const { context } = atomNamed(await atomize('app/a.py', PYTHON), 'Account');
    expect(context.imports).toEqual([
      { module: 'os', names: ['os'], line: 3 },
      { module: 'decimal', names: ['D'], line: 4 },
      { module: '.store', names: ['Store', 'missing'], line: 5 },
    ]);
    expect(context.defines.map(({ name, kind }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining(['type Account', 'function withdraw', 'parameter amount']),
    );
    expect(context.uses.map(({ name, kind }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining(['import Store', 'import D', 'builtin ValueError', 'builtin print', 'import os']),
    );
  });

  it('takes types from annotations and literals', async () => {
    const { context } = atomNamed(await atomize('app/a.py', PYTHON), 'Account');
    expect(context.types).toEqual([
      { name: 'amount', type: 'D', source: 'annotation' },
      { name: 'note', type: 'str', source: 'inferred' },
      { name: 'rest', type: 'tuple', source: 'inferred' },
      { name: 'return', type: 'D', source: 'annotation' },
    ]);
  });

  it('derives conditions, results and effects from the code', async () => {
    const { context } = atomNamed(await atomize('app/a.py', PYTHON), 'Account');
    expect(context.preconditions).toEqual(['raises ValueError("amount") when amount <= 0', 'requires self.open']);
    expect(context.postconditions).toEqual(['sets self.balance', 'returns self.balance']);
    expect(context.side_effects).toEqual(expect.arrayContaining(['output', 'environment', 'changes self.balance']));
    expect(context.docstring).toContain('Accounts');
  });

  it('counts names that come from nowhere', async () => {
    const atom = atomNamed(await atomize('app/a.py', PYTHON), 'helper');
    const part = (name: string) => atom.context.completeness.find((entry) => entry.part === name);
    expect(atom.context.uses).toContainEqual({ name: 'unknown_thing', kind: 'unknown', line: 28 });
    expect(part('names')?.reason).toContain('unknown_thing');
    expect(part('names')?.score).toBeLessThan(0.2);
    // `items` is iterated; what the function gives comes from nowhere.
    expect(part('types')?.score).toBe(0.1);
    expect(atom.violations.map((violation) => violation.name)).toContain('known names');
  });

  it('says where a slice of a body belongs', async () => {
    const body = Array.from({ length: 40 }, (_, i) => `        step_${String(i)} = self.run(${String(i)})\n`).join('');
    const file = await atomize('a.py', `class A:\n    def long(self, x: int) -> None:\n${body}`);
    const last = file.atoms.at(-1);
    expect(last).toMatchObject({ role: 'body', symbolPath: 'A.long', parentOrdinal: 0 });
    expect(last?.context.enclosing).toEqual(['class A:', 'def long(self, x: int) -> None:']);
    expect(last?.description).toMatch(/^part of the body of method `long` of class `A` \(lines \d+-42 of a\.py\)$/);
  });
});

const SCRIPT = `import { useState, type FC } from 'react';
import * as api from './api';
import axios from 'axios';

/** Shows one thing. */
export const View: FC<Props> = ({ id, title = 'none' }) => {
  const [open, setOpen] = useState(false);
  if (!id) throw new Error('no id');
  api.load(id).then(() => setOpen(true));
  return <div title={title}>{open ? <Missing /> : null}</div>;
};

export interface Props {
  id: string;
}

export function total(values: number[], start = 0): number {
  return values.reduce((sum, value) => sum + value, start);
}
`;

describe('the context of a TSX atom', () => {
  it('follows imports, scopes and tags', async () => {
    const file = await atomize('src/view.tsx', SCRIPT);
    const [atom] = file.atoms;
    const uses = new Map(atom?.context.uses.map(({ name, kind }) => [name, kind]));
    expect(uses.get('useState')).toBe('import');
    expect(uses.get('api')).toBe('import');
    expect(uses.get('Missing')).toBe('unknown');
    expect(uses.has('div')).toBe(false);
    expect(uses.has('setOpen')).toBe(false);
    expect(atom?.context.preconditions).toEqual(["raises new Error('no id') when (!id)"]);
    expect(file.atoms.flatMap((one) => one.context.types)).toContainEqual({
      name: 'values',
      type: 'number[]',
      source: 'annotation',
    });
    expect(file.atoms.flatMap((one) => one.context.types)).toContainEqual({
      name: 'start',
      type: 'number',
      source: 'inferred',
    });
  });
});

describe('completeness', () => {
  it('is full for declarations that need nothing, and says so', async () => {
    const file = await atomize(
      'a.ts',
      "import { a } from './a';\nimport b from './b';\n\nexport interface X {\n  a: string;\n  b: number;\n}\n",
    );
    expect(file.atoms.map((atom) => atom.context.completeness_score)).toEqual([1]);
  });

  it('is nothing for damaged code', async () => {
    const damaged = await atomize('a.py', 'def f(:\n    )\n');
    expect(damaged.atoms[0]?.context.completeness_score).toBe(0);
    const unknown = await atomize('a.py', 'x = 1\n'.repeat(1));
    expect(unknown.atoms[0]?.context.completeness_score).toBe(1);
    const prose = await atomize('a.md', '# Title\n\nText.\n');
    expect(prose.atoms[0]?.context.completeness_score).toBe(1);
  });
});

describe('languages without a grammar', () => {
  it('reads tables of SQL', async () => {
    const file = await atomize(
      'a.sql',
      'create table a (id int);\ncreate table b (a int references a (id), c int references c (id));\n',
    );
    expect(file.atoms[0]?.context.defines.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(file.atoms[0]?.context.uses).toEqual([{ name: 'c', kind: 'unknown', line: 2 }]);
    expect(file.atoms[0]?.context.side_effects).toEqual(['database']);
    expect(file.atoms[0]?.context.completeness_score).toBe(0.8);
  });

  it('reads variables of SCSS and stages of a Dockerfile', async () => {
    const scss = await atomize('a.scss', '@use "base";\n$gap: 1px;\n.a { margin: $gap; padding: $other; }\n');
    expect(scss.atoms[0]?.context.imports).toEqual([{ module: 'base', names: [], line: 1 }]);
    expect(scss.atoms[0]?.context.uses).toEqual([{ name: '$other', kind: 'unknown', line: 3 }]);
    const docker = await atomize('Dockerfile', 'ARG VERSION=22\nFROM node:${VERSION} AS build\nRUN npm ci\n');
    expect(docker.atoms[0]?.context.side_effects).toEqual(['process']);
    expect(docker.atoms[0]?.context.completeness_score).toBe(0.8);
  });
});
