/** Web projects: a back end, with a React front end or none. A project model in, its files and milestones out. */
import type { Plan } from '../../../domain/index.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { type MilestonePlan, planOf } from '../plan-files.ts';
import { stackLabel } from '../registry.ts';
import type { Understanding } from '../request/understand.ts';
import { frontendFiles } from '../react/index.ts';
import { backendOf } from './backends.ts';
import { has } from '../python-web/feature-parts.ts';
import { rootFiles } from './root.ts';

function filesOf(project: ProjectModel): GeneratedFile[] {
  const frontend = project.stack.frontend === null ? [] : frontendFiles(project);
  return [...rootFiles(project), ...backendOf(project).files(project), ...frontend];
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
      key: 'backend-features',
      phase: 'core',
      name: 'Features of the back end',
      description: 'What all records share beyond their fields, such as sign-in',
    },
    {
      key: 'backend-application',
      phase: 'core',
      name: 'Back-end application',
      description: 'The application, its database and the test fixtures',
    },
    {
      key: 'frontend-features',
      phase: 'core',
      name: 'Features of the front end',
      description: 'Pages and panels beside those of the entities, such as sign-in',
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

/** The plan of an understood request. */
export function planWeb(understanding: Understanding): Promise<Plan> {
  const { project } = understanding;
  const subjects = project.entities.map((entity) => entity.names.humanPlural).join(', ');
  const hasFrontend = project.stack.frontend !== null;
  return planOf(understanding, {
    files: filesOf(project),
    milestones: milestones(project),
    description: `${stackLabel(project.stack)} around ${subjects}`,
    architectureStyle: 'layered',
    techStack: {
      backend: backendOf(project).techStack,
      ...(hasFrontend ? { frontend: 'React, TypeScript, Vite, vitest' } : {}),
      database: has(project, 'postgres') ? 'PostgreSQL' : 'SQLite',
    },
    checks: [
      { name: 'backend', directory: 'backend', toolchain: backendOf(project).toolchain },
      ...(hasFrontend ? [{ name: 'frontend', directory: 'frontend', toolchain: 'react-vite' as const }] : []),
    ],
  });
}
