import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAtomizer } from '../../../src/atomization/index.ts';
import { answerFor, runGraph, type GraphCommand } from '../../../src/cli/commands/graph.ts';
import { EXPORT_FORMATS, EXPORT_GROUPS, graphPath, type GraphedFolder } from '../../../src/graph/index.ts';
import { createProgram } from '../../../src/cli/program.ts';

let folder: string;
let graph: GraphedFolder;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mge-graph-command-'));
  writeFileSync(join(folder, 'store.py'), 'def load():\n    return [1]\n');
  writeFileSync(join(folder, 'service.py'), 'from store import load\n\n\ndef total():\n    return sum(load())\n');
  const atomizer = createAtomizer({ threads: 1 });
  graph = await graphPath(atomizer, folder);
  await atomizer.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const printed = (options: GraphCommand): string => answerFor(graph, options);

describe('mge graph', () => {
  it('reports what it found', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await runGraph(folder, {});
    const [[text] = []] = write.mock.calls;
    write.mockRestore();
    expect(text).toBe(printed({}));
    expect(text).toContain('2 waves, at most 1 atoms side by side\natoms per wave: 1 1\n');
  });

  it('says why one place waits for another, and when it does not', () => {
    expect(printed({ from: 'service.py:5', to: 'store.py:2' })).toContain('calls `load` defined at store.py:1');
    expect(printed({ from: 'store.py:1', to: 'service.py:1' })).toContain('does not wait for');
  });

  it('lists neighbours both ways and what a change concerns', () => {
    const text = printed({ neighbours: 'store.py:1' });
    expect(text).toContain('depends on 0\nneeded by 2\n');
    expect(printed({ impact: 'store.py:1' })).toMatch(/^1 atoms wait for store\.py:1 .*\n {2}1 service\.py:1 /);
  });

  it('prints formats and groups', () => {
    expect(printed({ format: 'mermaid', group: 'files' })).toContain('-->|"1"|');
    expect(JSON.parse(printed({ group: 'waves' }))).toMatchObject({ group: 'waves' });
    expect(JSON.parse(printed({ json: true }))).toHaveProperty('totalWaves', 2);
  });

  it('refuses a place without an atom, and half a question', async () => {
    expect(() => printed({ impact: 'nowhere.py:1' })).toThrow('There is no atom at nowhere.py:1');
    await expect(runGraph(folder, { from: 'store.py:1' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('offers the formats and groups that exist', () => {
    const graph = createProgram(() => undefined).commands.find((command) => command.name() === 'graph');
    const choices = (name: string) => graph?.options.find((option) => option.long === name)?.argChoices;
    expect(choices('--format')).toEqual([...EXPORT_FORMATS]);
    expect(choices('--group')).toEqual([...EXPORT_GROUPS]);
  });
});
