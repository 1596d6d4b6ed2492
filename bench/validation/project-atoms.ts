/** A generated project as the engine sees it: files, their atoms, and what each atom is held to. */
import { createAtomizer } from '../../src/atomization/index.ts';
import { type AcceptanceCriterion, type ProjectCheck, type SourceFile, tasksOf } from '../../src/domain/index.ts';
import { assembleGraph } from '../../src/graph/assemble.ts';
import { createBlueprintProvider } from '../../src/masterplan/index.ts';
import type { TaskContract, Validation } from '../../src/validation/index.ts';

export type AtomInput = Parameters<Validation['validateAtom']>[0];

export interface ProjectAtoms {
  readonly files: readonly SourceFile[];
  readonly checks: readonly ProjectCheck[];
  readonly criteria: readonly AcceptanceCriterion[];
  /** Every atom with its draft as candidate. */
  readonly atoms: readonly AtomInput[];
}

/** Files that use an atom and are shown to its checks, as in an execution. */
const MAX_DEPENDENTS = 4;
const JUDGED: ReadonlySet<string> = new Set(['python', 'typescript', 'tsx', 'javascript']);

/** Plans a project by the blueprints and cuts it into atoms. */
export async function projectAtoms(userRequest: string): Promise<ProjectAtoms> {
  const plan = await createBlueprintProvider().plan({ userRequest, spec: null, seed: 0 }, new AbortController().signal);
  const files = tasksOf(plan).map(({ filePath, language, draft }) => ({
    path: filePath,
    language,
    bytes: draft ?? new Uint8Array(),
  }));
  const atomizer = createAtomizer();
  const cut = await atomizer.atomize(files, { withFacts: true });
  await atomizer.close();
  const texts = files.map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
  const { firstAtom, edges } = assembleGraph(cut.map((file, f) => ({ file, text: () => texts[f] ?? '' })));
  const fileOf = cut.flatMap(({ atoms }, f) => atoms.map(() => f));
  const users = new Map<number, Set<number>>();
  for (const { from, to } of edges) {
    const user = fileOf[from] ?? -1;
    if (user === fileOf[to] || files[user]?.language !== files[fileOf[to] ?? -1]?.language) continue;
    users.set(to, (users.get(to) ?? new Set()).add(user));
  }
  const paths = files.map(({ path }) => path);
  const contractOf = (file: number, atom: number, description: string): TaskContract => ({
    description,
    declarations: texts[file] ?? '',
    entry: null,
    dependents: [...(users.get(atom) ?? [])].slice(0, MAX_DEPENDENTS).map((user) => ({
      path: paths[user] ?? '',
      language: files[user]?.language ?? '',
      text: texts[user] ?? '',
    })),
    siblings: [],
    paths,
    packages: null,
  });
  const atoms = cut.flatMap((file, f) =>
    file.atoms.map((atom, a): AtomInput => {
      const part = (from: number, to?: number): Buffer => Buffer.from((texts[f] ?? '').slice(from, to));
      const candidate = part(atom.startIndex, atom.endIndex);
      const { name, role, loc, complexity, isAtomic } = atom;
      return {
        path: file.path,
        language: file.language,
        before: part(0, atom.startIndex),
        candidate,
        after: part(atom.endIndex),
        draft: candidate,
        atom: { name, role, loc, complexity, isAtomic },
        ...(JUDGED.has(file.language) ? { contract: contractOf(f, (firstAtom[f] ?? 0) + a, atom.description) } : {}),
      };
    }),
  );
  return { files, checks: plan.checks, criteria: tasksOf(plan).flatMap(({ acceptance }) => acceptance), atoms };
}

const COMMENT_MARKS: Readonly<Record<string, string>> = { python: '#', typescript: '//', tsx: '//', javascript: '//' };
let variation = 0;

/** The same atom with a comment that no check has seen yet: nothing that is kept of earlier texts answers for it. */
export function neverSeen(input: AtomInput): AtomInput {
  const mark = COMMENT_MARKS[input.language];
  if (mark === undefined) return input;
  const text = Buffer.from(input.candidate).toString('utf8');
  const end = /\n?$/.exec(text)?.index ?? text.length;
  const candidate = Buffer.from(`${text.slice(0, end)}  ${mark} ${++variation}${text.slice(end)}`);
  return { ...input, candidate };
}
