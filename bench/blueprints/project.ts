/** A generated project on the disk, and the size of its plan. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Atomizer } from '../../src/atomization/index.ts';
import { type Plan, tasksOf } from '../../src/domain/index.ts';
import { assembleGraph } from '../../src/graph/assemble.ts';
import { planWaves } from '../../src/graph/index.ts';
import { createBlueprintProvider } from '../../src/masterplan/index.ts';

export interface GeneratedProject {
  readonly root: string;
  readonly plan: Plan;
}

export async function generateProject(userRequest: string): Promise<GeneratedProject> {
  const plan = await createBlueprintProvider().plan({ userRequest, spec: null, seed: 0 }, new AbortController().signal);
  const root = await mkdtemp(join(tmpdir(), 'mge-blueprint-'));
  for (const task of tasksOf(plan)) {
    const path = join(root, task.filePath);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, task.draft ?? new Uint8Array());
  }
  return { root, plan };
}

export interface PlanSize {
  readonly files: number;
  readonly atoms: number;
  readonly waves: number;
}

/** How many atoms and waves the files of a plan come to. */
export async function sizeOf(plan: Plan, atomizer: Atomizer): Promise<PlanSize> {
  const sources = tasksOf(plan).map((task) => ({
    path: task.filePath,
    language: task.language,
    bytes: task.draft ?? new Uint8Array(),
  }));
  const files = await atomizer.atomize(sources, { withFacts: true });
  const graph = assembleGraph(
    files.map((file, index) => ({ file, text: () => Buffer.from(sources[index]?.bytes ?? []).toString('utf8') })),
  );
  const atoms = files.reduce((sum, file) => sum + file.atoms.length, 0);
  return { files: files.length, atoms, waves: planWaves(atoms, graph.edges).totalWaves };
}
