import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAtomizer, type Atomizer } from '../../../src/atomization/index.ts';
import { graphFiles } from '../../../src/graph/index.ts';

/** What only an inferring checker can tell: the result of a function, taken by a conditional type. */
const FILES: Record<string, string> = {
  'tsconfig.json': '{ "compilerOptions": { "paths": { "#/*": ["./src/*"] } } }',
  'src/tools.ts': 'export function make() {\n  return { run: () => 1 };\n}\n',
  'src/table.ts':
    "import { make } from '#/tools';\n\ntype Result<F> = F extends () => infer R ? R : never;\n\nexport declare const made: Result<typeof make>;\n",
  'src/use.ts': "import { made } from './table.ts';\n\nexport const result = made.run();\n",
};

describe('a graph that the checker adds to', () => {
  let atomizer: Atomizer;
  beforeAll(() => {
    atomizer = createAtomizer({ threads: 1 });
  });
  afterAll(() => atomizer.close());

  const edgesOf = async (checked: boolean) => {
    const files = Object.entries(FILES).map(([path, text]) => ({
      path,
      language: path.endsWith('.json') ? 'json' : 'typescript',
      bytes: Buffer.from(text),
    }));
    const graph = await graphFiles(atomizer, files, { checked });
    return graph.edges.map(
      (edge) => `${graph.atoms[edge.from]?.file} -> ${graph.atoms[edge.to]?.file}: ${edge.reason}`,
    );
  };

  it('has all edges of the own resolver, and those that need type inference', async () => {
    const own = await edgesOf(false);
    const both = await edgesOf(true);
    const through =
      'src/use.ts -> src/tools.ts: refers to `run` defined at src/tools.ts:2, says the TypeScript checker';
    expect(own).not.toContain(through);
    expect(both).toEqual(expect.arrayContaining(own));
    expect(both).toContain(through);
  });
});
