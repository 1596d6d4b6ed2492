import { afterAll, describe, expect, it } from 'vitest';
import { createAtomizer } from '../../../src/atomization/index.ts';
import { graphFiles } from '../../../src/graph/index.ts';

const atomizer = createAtomizer({ threads: 1 });
afterAll(() => atomizer.close());

const file = (path: string, language: string, text: string) => ({ path, language, bytes: Buffer.from(text) });

describe('files that are out of the ordinary', () => {
  it('that do not parse hold back what imports a name from them', async () => {
    const graph = await graphFiles(atomizer, [
      file('base.py', 'python', 'def add(a, b)\n    return a + b))\n'),
      file('use.py', 'python', 'from base import add\n\nprint(add(1, 2))\n'),
    ]);
    const [base, use] = [0, 1].map((index) => graph.atoms[index]);
    expect(graph.edges.map((edge) => [edge.from, edge.to, edge.type])).toContainEqual([1, 0, 'import']);
    expect(base?.wave).toBe(1);
    expect(use?.wave).toBe(2);
  });

  it('with more elements than a call takes arguments are drawn like others', async () => {
    const graph = await graphFiles(atomizer, [
      file('big.js', 'javascript', `export const numbers = [${'1,'.repeat(200_000)}];\n`),
      file('use.js', 'javascript', "import { numbers } from './big.js';\n\nconsole.log(numbers);\n"),
    ]);
    const last = graph.atoms.length - 1;
    expect(graph.atoms[last]?.file).toBe('use.js');
    expect(graph.edges.filter((edge) => edge.from === last).length).toBeGreaterThan(0);
  });
});
