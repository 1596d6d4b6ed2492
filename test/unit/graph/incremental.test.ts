import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEdgeResolver, resolveEdges } from '../../../src/graph/index.ts';
import { Project } from './edges-under-test.ts';

/** One file of a small project: imports some of the others, defines a class and a function, uses what it imports. */
function source(self: number, imports: readonly number[], variant: number, python: boolean): string {
  const body = imports.map((other) => (python ? `    C${other}().go()` : `  new C${other}().go();`));
  const base =
    imports[0] === undefined || variant % 2 === 0 ? '' : python ? `(C${imports[0]})` : ` extends C${imports[0]}`;
  if (python) {
    const lines = imports.map((other) => `from m${other} import C${other}`);
    return [
      ...lines,
      '',
      `class C${self}${base}:\n    def ${variant % 3 === 0 ? 'go' : 'run'}(self):\n        return ${variant}`,
      '',
      `def f${self}():\n${[...body, '    pass'].join('\n')}`,
      '',
    ].join('\n');
  }
  const lines = imports.map((other) => `import { C${other} } from './m${other}';`);
  const method = `  ${variant % 3 === 0 ? 'go' : 'run'}() { return ${variant}; }`;
  return [
    ...lines,
    '',
    `export class C${self}${base} {\n${method}\n}`,
    '',
    `function f${self}() {\n${body.join('\n')}\n}`,
    '',
  ].join('\n');
}

const shape = fc.record({
  imports: fc.array(fc.uniqueArray(fc.nat(5), { maxLength: 3 }), { minLength: 6, maxLength: 6 }),
  variants: fc.array(fc.nat(9), { minLength: 6, maxLength: 6 }),
  python: fc.boolean(),
});

async function versioned(p: { imports: number[][]; variants: number[]; python: boolean }) {
  const sources = Object.fromEntries(
    p.imports.map((imports, i) => [
      `m${String(i)}.${p.python ? 'py' : 'ts'}`,
      source(
        i,
        imports.filter((other) => other !== i),
        p.variants[i]!,
        p.python,
      ),
    ]),
  );
  const project = await Project.of(sources);
  return project.files.map((file) => ({ ...file, version: sources[file.path]! }));
}

describe('createEdgeResolver', () => {
  it('gives after changes what resolving from scratch gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.nat(5),
        fc.nat(9),
        fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
        async (before, at, variant, imports) => {
          const resolver = createEdgeResolver();
          resolver.resolve(await versioned(before));
          const after = {
            ...before,
            variants: before.variants.map((v, i) => (i === at ? variant : v)),
            imports: before.imports.map((list, i) => (i === at ? imports : list)),
          };
          const files = await versioned(after);
          expect(resolver.resolve(files)).toEqual(resolveEdges(files));
          // And with one file less.
          const fewer = files.filter((_, i) => i !== at);
          expect(resolver.resolve(fewer)).toEqual(resolveEdges(fewer));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves alone what cannot have changed', async () => {
    const project = { imports: [[], [0], [1], [], [3], []], variants: [0, 0, 0, 0, 0, 0], python: false };
    const resolver = createEdgeResolver();
    resolver.resolve(await versioned(project));
    expect(resolver.resolvedFiles).toBe(6);
    resolver.resolve(await versioned({ ...project, variants: [0, 1, 0, 0, 0, 0] }));
    expect(resolver.resolvedFiles).toBe(2);
    resolver.resolve(await versioned({ ...project, variants: [0, 1, 0, 0, 0, 0] }));
    expect(resolver.resolvedFiles).toBe(0);
  });
});
