import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAtomizer, type Atomizer } from '../../../src/atomization/index.ts';
import { graphFiles, graphPath, toJsonDocument } from '../../../src/graph/index.ts';

const FILES: Record<string, string> = {
  'tsconfig.json': '{ "compilerOptions": { "paths": { "#lib/*": ["./src/lib/*"] } } } // a comment',
  '.gitignore': 'build/\n',
  'build/ignored.ts': 'export const ignored = 1;\n',
  'node_modules/dep/index.ts': 'export const dep = 1;\n',
  'src/lib/tools.ts': 'export function tool(): number {\n  return 1;\n}\n',
  'src/main.ts': "import { tool } from '#lib/tools';\n\nexport function main(): number {\n  return tool();\n}\n",
  'readme.txt': 'Words.\n',
};

interface Document {
  readonly atoms: readonly { id: string; file: string; startLine: number; endLine: number }[];
  readonly edges: readonly { from: string; to: string; type: string; reason: string }[];
}

describe('graphPath', () => {
  let atomizer: Atomizer;
  let folder: string;
  beforeAll(() => {
    atomizer = createAtomizer({ threads: 1 });
    folder = mkdtempSync(join(tmpdir(), 'mge-graph-'));
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });
  afterAll(async () => {
    await atomizer.close();
    rmSync(folder, { recursive: true });
  });

  it('draws a folder as it is meant: ignored files left out, path aliases followed', async () => {
    const document = toJsonDocument(await graphPath(atomizer, folder)) as unknown as Document;
    expect([...new Set(document.atoms.map((atom) => atom.file))].sort()).toEqual([
      '.gitignore',
      'readme.txt',
      'src/lib/tools.ts',
      'src/main.ts',
      'tsconfig.json',
    ]);
    const fileOf = new Map(document.atoms.map((atom) => [atom.id, atom.file]));
    const across = document.edges.filter((edge) => fileOf.get(edge.from) !== fileOf.get(edge.to));
    expect(across.map((edge) => `${edge.type}: ${edge.reason}`).sort()).toEqual([
      'function_call: calls `tool` defined at src/lib/tools.ts:1',
      'import: imports `tool` defined at src/lib/tools.ts:1',
    ]);
    for (const atom of document.atoms) expect(atom.endLine).toBeGreaterThanOrEqual(atom.startLine);
  });

  it('refuses a path that does not exist', async () => {
    await expect(graphPath(atomizer, join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('gives the same graph for files in memory, and an empty one for none', async () => {
    const bytes = Buffer.from('a = 1\n\n\ndef f():\n    return a\n');
    const graph = await graphFiles(atomizer, [{ path: 'a.py', language: 'python', bytes }]);
    expect(graph.totalWaves).toBeGreaterThanOrEqual(1);
    expect((await graphFiles(atomizer, [])).atoms).toEqual([]);
  });
});
