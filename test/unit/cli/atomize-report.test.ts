import { describe, expect, it } from 'vitest';
import { atomizePath, createAtomizer } from '../../../src/atomization/index.ts';
import { renderAtomizeReport } from '../../../src/cli/commands/atomize.ts';
import { ROOT } from '../../support/program.ts';

describe('mge atomize', () => {
  it('reports on a folder: counts, histogram, losslessness', async () => {
    const atomizer = createAtomizer({ threads: 1 });
    try {
      const report = await atomizePath(atomizer, `${ROOT}src/domain`, { check: true });
      const text = renderAtomizeReport(report).join('\n');
      expect(report.lossy).toEqual([]);
      expect(text).toContain(`${report.files} files, ${report.lines} lines, ${report.atoms} atoms`);
      expect(text).toContain('lossless: the atoms of every file join to the same bytes');
      expect(text).toMatch(/typescript +\d+ files/);
    } finally {
      await atomizer.close();
    }
  });

  it('names the files that would lose something', async () => {
    const atomizer = createAtomizer({ threads: 1 });
    try {
      const report = await atomizePath(atomizer, `${ROOT}src/domain/ids.ts`);
      expect(renderAtomizeReport({ ...report, lossy: ['ids.ts'] }).join('\n')).toMatch(/NOT lossless.*ids\.ts/);
    } finally {
      await atomizer.close();
    }
  });
});
