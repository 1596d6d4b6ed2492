import { describe, expect, it } from 'vitest';
import { linkNames, type AtomizedFile } from '../../../src/atomization/index.ts';
import { atomize } from './support.ts';

async function linked(files: Record<string, string>): Promise<AtomizedFile[]> {
  return linkNames(await Promise.all(Object.entries(files).map(([path, text]) => atomize(path, text))));
}

const kindsOf = (files: readonly AtomizedFile[], path: string): Record<string, string> =>
  Object.fromEntries(
    (files.find((file) => file.path === path)?.atoms ?? []).flatMap(({ context }) =>
      context.uses.map(({ name, kind }) => [name, kind]),
    ),
  );

describe('linkNames', () => {
  it("finds names of a Go package in its other files, and not in another package's", async () => {
    const files = await linked({
      'a/one.go': 'package a\n\nfunc Run() Store {\n\treturn Missing(Other{})\n}\n',
      'a/two.go': 'package a\n\ntype Store struct {\n\tName string\n}\n',
      'b/three.go': 'package b\n\ntype Other struct {\n\tName string\n}\n',
    });
    expect(kindsOf(files, 'a/one.go')).toMatchObject({ Store: 'project', Missing: 'unknown', Other: 'unknown' });
  });

  it('finds variables of SCSS and tables of SQL, and counts them as known', async () => {
    const files = await linked({
      'vars.scss': '$blue: #00f;\n',
      'page.scss': '.a {\n  color: $blue;\n}\n',
      'schema.sql': 'create table users (id int primary key);\n',
      'query.sql': 'select id from users;\n',
    });
    expect(kindsOf(files, 'page.scss')).toEqual({ $blue: 'project' });
    expect(kindsOf(files, 'query.sql')).toEqual({ users: 'project' });
    const names = files[1]?.atoms[0]?.context.completeness.find(({ part }) => part === 'names');
    expect(names).toMatchObject({ score: 0.2, reason: 'all 1 names resolved' });
  });

  it('leaves languages with imports between files as they are, and takes back a violation that no longer holds', async () => {
    const before = await atomize('a.java', 'class A {\n  B make() {\n    return new B();\n  }\n}\n');
    const other = await atomize('b.java', 'class B {\n}\n');
    const python = await atomize('c.py', 'print(B)\n');
    const [after, , same] = await linkNames([before, other, python]);
    const violated = (file: AtomizedFile | undefined) => file?.atoms[0]?.violations.map(({ name }) => name);
    expect(violated(before)).toContain('known names');
    expect(violated(after)).not.toContain('known names');
    expect(after?.atoms[0]?.atomicityScore).toBeGreaterThan(before.atoms[0]?.atomicityScore ?? 1);
    expect(same).toBe(python);
  });
});
