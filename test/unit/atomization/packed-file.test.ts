import { describe, expect, it } from 'vitest';
import { packFiles, unpackFiles } from '../../../src/atomization/packed-file.ts';
import { atomize } from './support.ts';

describe('files on their way between threads', () => {
  it('arrive as they were sent, and can be changed by copying', async () => {
    const sent = [
      await atomize('a.py', 'import os\n\n\ndef föö(x):\n    """Döc."""\n    return os.path.join(x, "é")\n'),
      await atomize('empty.txt', ''),
      await atomize('b.ts', 'export const a = 1;\nfunction (\n'),
    ];
    const packed = packFiles(sent);
    const moved = structuredClone(packed, { transfer: [packed.block] });
    expect(packed.block.byteLength).toBe(0);
    const received = unpackFiles(moved);
    expect(
      received.map(({ atoms, ...file }) => ({
        ...file,
        atoms: atoms.map((atom) => ({ ...atom, context: atom.context })),
      })),
    ).toEqual(sent);
    expect(received[0]?.atoms).toBe(received[0]?.atoms);
  });
});
