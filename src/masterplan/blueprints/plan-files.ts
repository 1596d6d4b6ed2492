/** From the files of a project to its plan: the same for all blueprints. */
import prettier from 'prettier';
import { languageOf } from '../../adapters/parser/languages.ts';
import type {
  Plan,
  PlannedMilestone,
  PlannedPhase,
  PlannedTask,
  Priority,
  ProjectCheck,
  TaskComplexity,
} from '../../domain/index.ts';
import { acceptanceFor } from './acceptance.ts';
import { formatPython } from './format-python.ts';
import type { GeneratedFile, MilestoneKey } from './generated-file.ts';
import { importsOf } from './imports.ts';
import type { Understanding } from './request/understand.ts';

const FORMATTED = /\.([jt]sx?|css|json|md|ya?ml|html)$/;

/** Leaves a file as prettier, and Python as ruff, would leave it; plain text stays as it is. */
async function formatted(file: GeneratedFile): Promise<GeneratedFile> {
  if (file.path.endsWith('.py')) return { ...file, content: formatPython(file.content) };
  if (!FORMATTED.test(file.path)) return file;
  const content = await prettier.format(file.content, {
    filepath: file.path,
    printWidth: 100,
    singleQuote: true,
    proseWrap: 'preserve',
  });
  return { ...file, content };
}

/** A group of files that is finished together. */
export interface MilestonePlan {
  readonly key: MilestoneKey;
  readonly phase: PlannedPhase['name'];
  readonly name: string;
  readonly description: string;
}

/** What a blueprint makes of a project model. */
export interface ProjectFiles {
  /** In plan order. */
  readonly files: readonly GeneratedFile[];
  readonly milestones: readonly MilestonePlan[];
  readonly description: string;
  readonly architectureStyle: string;
  readonly techStack: Readonly<Record<string, string>>;
  readonly checks: readonly ProjectCheck[];
}

const PHASES: readonly { readonly name: PlannedPhase['name']; readonly description: string }[] = [
  { name: 'setup', description: 'What everything else builds on' },
  { name: 'core', description: 'The entities, from the table to the screen' },
  { name: 'polish', description: 'What it takes to hand the project over' },
];

function priorityOf(file: GeneratedFile): Priority {
  if (file.milestone === 'delivery') return 'should';
  return file.taskType === 'test' ? 'should' : 'must';
}

function complexityOf(file: GeneratedFile): TaskComplexity {
  const lines = file.content.split('\n').length;
  if (lines > 120) return 'high';
  return lines > 40 ? 'medium' : 'low';
}

function tasks(files: readonly GeneratedFile[]): ReadonlyMap<string, PlannedTask> {
  const paths = new Set(files.map((file) => file.path));
  const acceptance = acceptanceFor(files);
  return new Map(
    files.map((file) => [
      file.path,
      {
        key: file.path,
        name: file.purpose,
        description: `${file.purpose}: writes ${file.path}.`,
        filePath: file.path,
        language: languageOf(file.path),
        draft: Buffer.from(file.content, 'utf8'),
        taskType: file.taskType,
        complexity: complexityOf(file),
        priority: priorityOf(file),
        dependsOn: importsOf(file.path, file.content, paths),
        acceptance: acceptance.get(file.path) ?? [],
      },
    ]),
  );
}

function planMilestone(
  milestone: MilestonePlan,
  files: readonly GeneratedFile[],
  all: ReadonlyMap<string, PlannedTask>,
): PlannedMilestone {
  const own = files.filter((file) => file.milestone === milestone.key);
  return {
    name: milestone.name,
    description: milestone.description,
    tasks: own.map((file) => all.get(file.path)).filter((task) => task !== undefined),
  };
}

/** The plan of a project: its files formatted, as tasks of their milestones. The same model gives the same bytes. */
export async function planOf(understanding: Understanding, made: ProjectFiles): Promise<Plan> {
  const { project, understood, assumed, leftOut } = understanding;
  const files = await Promise.all(made.files.map(formatted));
  const all = tasks(files);
  return {
    projectName: project.title,
    description: made.description,
    architectureStyle: made.architectureStyle,
    techStack: made.techStack,
    phases: PHASES.map((phase) => ({
      ...phase,
      milestones: made.milestones
        .filter((entry) => entry.phase === phase.name)
        .map((entry) => planMilestone(entry, files, all))
        .filter((entry) => entry.tasks.length > 0),
    })).filter((phase) => phase.milestones.length > 0),
    checks: made.checks,
    understood,
    assumed,
    leftOut,
  };
}
