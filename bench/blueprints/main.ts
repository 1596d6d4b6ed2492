/**
 * Whether generated projects are what they claim to be: for eight chosen requests and others drawn by seed over the matrix of stacks
 * and features, each part is installed, linted, type-checked, built, and its own tests are run; in a browser a record is created, edited,
 * searched for and deleted. JSON on standard output.
 *
 *   tsx bench/blueprints/main.ts [--count 12] [--seed 1] [--only NAME] [--linked] [--keep] [--python /usr/bin/python3]
 *
 * `--linked` takes the packages of this repository instead of the registry's; `--keep` leaves the projects where they are.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createAtomizer } from '../../src/atomization/index.ts';
import { generateProject, sizeOf } from './project.ts';
import { triedRequests } from './requests.ts';
import { runSteps } from './steps.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    linked: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});

const atomizer = createAtomizer();
try {
  const projects = [];
  for (const { name, userRequest } of triedRequests(Number(values.count), Number(values.seed))) {
    if (values.only !== undefined && values.only !== name) continue;
    const project = await generateProject(userRequest);
    const steps = await runSteps(project, { python: values.python, linked: values.linked });
    const failed = steps.filter((step) => !step.passed);
    const { leftOut } = project.plan;
    projects.push({ name, request: userRequest, ...(await sizeOf(project.plan, atomizer)), leftOut, steps });
    process.stderr.write(
      `${name}: ${failed.length === 0 ? 'passed' : `failed ${failed.map((step) => step.step).join(', ')}`}\n`,
    );
    if (values.keep) process.stderr.write(`  ${project.root}\n`);
    else await rm(project.root, { recursive: true, force: true });
  }
  const passed = projects.filter(({ steps }) => steps.every((step) => step.passed)).length;
  process.stdout.write(`${JSON.stringify({ projects, passed, tried: projects.length }, null, 2)}\n`);
} finally {
  await atomizer.close();
}
