/** The FastAPI + React blueprint: a project model in, a whole plan with its drafts out. */
import prettier from 'prettier';
import { languageOf } from '../../../adapters/parser/languages.ts';
import type {
  Plan,
  PlannedMilestone,
  PlannedPhase,
  PlannedTask,
  Priority,
  TaskComplexity,
} from '../../../domain/index.ts';
import type { ProjectModel } from '../model.ts';
import type { Understanding } from '../request/understand.ts';
import { acceptanceFor } from './acceptance.ts';
import { backendFiles } from './backend/index.ts';
import { frontendFiles } from './frontend/index.ts';
import type { GeneratedFile, MilestoneKey } from './generated-file.ts';
import { importsOf } from './imports.ts';
import { rootFiles } from './root.ts';

const FORMATTED = /\.(tsx?|css|json|md|ya?ml|html)$/;

/** Leaves a file as prettier would leave it; Python and plain text stay as they are. */
async function formatted(file: GeneratedFile): Promise<GeneratedFile> {
  if (!FORMATTED.test(file.path)) return file;
  const content = await prettier.format(file.content, {
    filepath: file.path,
    printWidth: 100,
    singleQuote: true,
    proseWrap: 'preserve',
  });
  return { ...file, content };
}

/** All files of the project, formatted, in plan order. The same model gives the same bytes. */
export async function projectFiles(project: ProjectModel): Promise<GeneratedFile[]> {
  const files = [...rootFiles(project), ...backendFiles(project), ...frontendFiles(project)];
  return Promise.all(files.map(formatted));
}

interface MilestonePlan {
  readonly key: MilestoneKey;
  readonly phase: PlannedPhase['name'];
  readonly name: string;
  readonly description: string;
}

function milestones(project: ProjectModel): MilestonePlan[] {
  const perEntity = project.entities.flatMap(({ names }): MilestonePlan[] => [
    {
      key: `api:${names.pascal}`,
      phase: 'core',
      name: `API of ${names.humanPlural}`,
      description: `Table, rules, HTTP interface and tests of ${names.humanPlural}`,
    },
    {
      key: `screens:${names.pascal}`,
      phase: 'core',
      name: `Screens of ${names.humanPlural}`,
      description: `Form, list, filters, page and tests of ${names.humanPlural}`,
    },
  ]);
  return [
    {
      key: 'skeleton',
      phase: 'setup',
      name: 'Project skeleton',
      description: 'Packages, tool settings and the frame of both parts',
    },
    {
      key: 'backend-foundation',
      phase: 'setup',
      name: 'Back-end foundation',
      description: 'Settings, errors, paging and the bases of every layer',
    },
    {
      key: 'frontend-foundation',
      phase: 'setup',
      name: 'Front-end foundation',
      description: 'HTTP client, hooks, form fields and their tests',
    },
    ...perEntity,
    {
      key: 'backend-application',
      phase: 'core',
      name: 'Back-end application',
      description: 'The application, its database and the test fixtures',
    },
    {
      key: 'frontend-application',
      phase: 'core',
      name: 'Front-end application',
      description: 'Navigation, start and sample records',
    },
    { key: 'delivery', phase: 'polish', name: 'Delivery', description: 'Documentation, images and checks' },
  ];
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

/** The plan of an understood request. */
export async function planFastapiReact(understanding: Understanding): Promise<Plan> {
  const { project, understood, assumed, leftOut } = understanding;
  const files = await projectFiles(project);
  const all = tasks(files);
  const planned = milestones(project);
  return {
    projectName: project.title,
    description: `A FastAPI back end and a React front end around ${project.entities.map((entity) => entity.names.humanPlural).join(', ')}`,
    architectureStyle: 'layered',
    techStack: {
      backend: 'FastAPI, SQLAlchemy, pytest',
      frontend: 'React, TypeScript, Vite, vitest',
      database: 'SQLite',
    },
    phases: PHASES.map((phase) => ({
      ...phase,
      milestones: planned
        .filter((entry) => entry.phase === phase.name)
        .map((entry) => planMilestone(entry, files, all)),
    })),
    checks: [
      { name: 'backend', directory: 'backend', toolchain: 'python' },
      { name: 'frontend', directory: 'frontend', toolchain: 'react-vite' },
    ],
    understood,
    assumed,
    leftOut,
  };
}
