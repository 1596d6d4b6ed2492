/** How complete the contexts of whole projects are, each with its tests: what `mge atomize` and decomposition see. */
import { createAtomizer, linkNames, linkTests } from '../../src/atomization/index.ts';
import { readSources } from '../../src/atomization/folder.ts';

/** Programs; what a build made of them, and data, say nothing about the analysis. */
const PROGRAM = /\.(py|[cm]?[jt]sx?|go|java|rs|cs|php|rb|sh|sql|s?css)$|(^|\/)package\.json$/;
const BUILT = /(^|\/)(dist[\w-]*|lib|build|out|cjs|esm\w*)\//;

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

interface ProjectCompleteness {
  readonly project: string;
  readonly files: number;
  readonly atoms: number;
  readonly average: number;
  /** Mean of each part, 0 to 1. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Measures each project under its folder. Folders with sources of their own keep out what was built from them. */
export async function measureProjects(folders: readonly string[]): Promise<ProjectCompleteness[]> {
  const atomizer = createAtomizer();
  const results: ProjectCompleteness[] = [];
  try {
    for (const folder of folders) results.push(await measure(atomizer, folder));
  } finally {
    await atomizer.close();
  }
  return results;
}

async function measure(atomizer: ReturnType<typeof createAtomizer>, folder: string): Promise<ProjectCompleteness> {
  const all = (await readSources(folder)).files;
  const hasSources = all.some(({ path }) => /(^|\/)src\//.test(path));
  const sources = all.filter(
    ({ path }) =>
      PROGRAM.test(path) &&
      !/\.d\.[cm]?ts$/.test(path) &&
      !(hasSources && BUILT.test(path) && !/(^|\/)src\//.test(path)),
  );
  const cut = await atomizer.atomize(sources);
  const files = await linkTests(await linkNames(cut), (index, { range }) =>
    Buffer.from(sources[index]?.bytes.subarray(range.startByte, range.endByte) ?? []).toString(),
  );
  const atoms = files.flatMap((file) => file.atoms);
  const mean = (pick: (atom: (typeof atoms)[number]) => number): number =>
    rounded(atoms.reduce((sum, atom) => sum + pick(atom), 0) / Math.max(1, atoms.length));
  const names = ['names', 'types', 'conditions', 'effects', 'tests'];
  return {
    project: folder,
    files: files.length,
    atoms: atoms.length,
    average: mean((atom) => atom.context.completeness_score),
    parts: Object.fromEntries(
      names.map((name) => [
        name,
        mean(({ context }) => (context.completeness.find(({ part }) => part === name)?.score ?? 0) * 5),
      ]),
    ),
  };
}
