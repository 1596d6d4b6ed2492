/** A command-line tool in Python that keeps records in a file: standard library only. */
import type { Plan } from '../../../domain/index.ts';
import type { GeneratedFile } from '../generated-file.ts';
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { type MilestonePlan, planOf } from '../plan-files.ts';
import type { Understanding } from '../request/understand.ts';
import { entitiesPackageFile, entityFile } from './entity-files.ts';
import { entityTestFile, samplesFile } from './entity-test-files.ts';
import { cliFile, commandsFile, mainFile } from './program-files.ts';
import { conftestFile, modelTestFile, programTestFile } from './program-test-files.ts';
import { outputFile, storeFile } from './storage-files.ts';
import { errorsFile, modelFile } from './value-files.ts';

/** The name of the package: a slug may begin with a digit or be a module of Python. */
function packageOf(project: ProjectModel): string {
  return `${project.slug.replaceAll('-', '_').replace(/^(?=\d)/, 'the_')}_cli`;
}

function pyproject(project: ProjectModel, pkg: string): string {
  return fileText(`
[build-system]
requires = ["setuptools>=68"]
build-backend = "setuptools.build_meta"

[project]
name = "${project.slug}"
version = "1.0.0"
description = "${project.title} on the command line"
requires-python = ">=3.10"

[project.scripts]
${project.slug} = "${pkg}.cli:main"

[tool.setuptools]
packages = ["${pkg}", "${pkg}.entities"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]

[tool.ruff]
line-length = 100
target-version = "py310"

[tool.ruff.lint]
select = ["E", "F", "I", "W"]
`);
}

function readme(project: ProjectModel, pkg: string): string {
  const [first] = project.entities;
  const command = first?.names.kebab ?? '';
  const rows = project.entities.map(({ names, fields, relations }) => {
    const members = [...fields.map((field) => field.name), ...relations.map((relation) => `${relation.name}_id`)];
    return `- **${names.human}**: ${members.map((name) => `\`${name}\``).join(', ')}`;
  });
  return fileText(`
# ${project.title}

A command-line tool that keeps ${project.entities.map(({ names }) => names.humanPlural).join(', ')} in a file. It needs Python 3.10
and nothing else.

\`\`\`sh
pip install .
${project.slug} ${command} add --help
${project.slug} ${command} list --search word --sort id --descending
${project.slug} ${command} list --format csv > export.csv
${project.slug} ${command} import export.csv
\`\`\`

## What it keeps

${rows.join('\n')}

Each kind has the commands \`add\`, \`list\`, \`show\`, \`edit\`, \`remove\` and \`import\`. \`list\` searches, filters, sorts and takes pages, as a
table, JSON or CSV; \`import\` adds all lines of a CSV file or none. Records are in \`~/.${project.slug}.db\` (SQLite), or where \`--file\` or
\`${pkg.toUpperCase()}_FILE\` says. Exit codes: 0 done, 1 refused, 2 wrong usage.

## Change it

\`${pkg}/entities\` says what records are made of; \`model.py\` reads values, \`store.py\` keeps them, \`commands.py\` is what one can do.

\`\`\`sh
python -m pytest
ruff check . && ruff format --check .
\`\`\`
`);
}

function workflow(): string {
  return fileText(`
name: ci

on:
  push:
  pull_request:

jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        python: ['3.10', '3.13']
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: \${{ matrix.python }}
      - run: pip install . pytest ruff
      - run: ruff check . && ruff format --check .
      - run: python -m pytest
`);
}

function filesOf(project: ProjectModel): GeneratedFile[] {
  const pkg = packageOf(project);
  const add = (
    path: string,
    content: string,
    purpose: string,
    milestone: GeneratedFile['milestone'],
    taskType = 'code',
  ): GeneratedFile => ({ path, content, purpose, milestone, taskType });
  return [
    add(
      '.gitignore',
      '__pycache__/\n.pytest_cache/\n*.egg-info/\nbuild/\n*.db\n',
      'Files that git leaves alone',
      'skeleton',
      'config',
    ),
    add('pyproject.toml', pyproject(project, pkg), 'Package and tool settings', 'skeleton', 'config'),
    add(`${pkg}/__init__.py`, `"""${project.title} on the command line."""\n`, 'The package', 'skeleton'),
    add('tests/__init__.py', '"""Tests of the program."""\n', 'The package of the tests', 'skeleton'),
    add(`${pkg}/errors.py`, errorsFile(), 'Errors that people are told about', 'backend-foundation'),
    add(`${pkg}/model.py`, modelFile(pkg), 'Fields, their values and their checks', 'backend-foundation'),
    add(`${pkg}/store.py`, storeFile(pkg), 'Records in SQLite', 'backend-foundation'),
    add(`${pkg}/output.py`, outputFile(pkg), 'Tables, JSON and CSV', 'backend-foundation'),
    add('tests/test_model.py', modelTestFile(pkg), 'Tests of reading values', 'backend-foundation', 'test'),
    ...project.entities.flatMap((entity) => {
      const milestone = `api:${entity.names.pascal}` as const;
      const { snake, human, humanPlural } = entity.names;
      return [
        add(
          `${pkg}/entities/${snake}.py`,
          entityFile(project, entity, pkg),
          `What ${humanPlural} are made of`,
          milestone,
        ),
        add(`tests/test_${snake}.py`, entityTestFile(entity), `Tests of the ${human} commands`, milestone, 'test'),
      ];
    }),
    add(
      `${pkg}/entities/__init__.py`,
      entitiesPackageFile(project, pkg),
      'All kinds of records',
      'backend-application',
    ),
    add(`${pkg}/commands.py`, commandsFile(pkg), 'The commands of each kind of record', 'backend-application'),
    add(`${pkg}/cli.py`, cliFile(pkg, project.slug, project.title), 'The command line', 'backend-application'),
    add(`${pkg}/__main__.py`, mainFile(pkg), 'Starting it as a module', 'backend-application'),
    add('tests/conftest.py', conftestFile(pkg), 'Test fixtures', 'backend-application', 'test'),
    add('tests/samples.py', samplesFile(project), 'Valid records for tests', 'backend-application', 'test'),
    add(
      'tests/test_program.py',
      programTestFile(pkg, project),
      'Tests of the program as a whole',
      'backend-application',
      'test',
    ),
    add('.github/workflows/ci.yaml', workflow(), 'Checks of every change', 'delivery', 'config'),
    add('README.md', readme(project, pkg), 'How to use, test and change the program', 'delivery', 'docs'),
  ];
}

function milestonesOf(project: ProjectModel): MilestonePlan[] {
  return [
    {
      key: 'skeleton',
      phase: 'setup',
      name: 'Project skeleton',
      description: 'Package, tool settings and the frame of the tests',
    },
    {
      key: 'backend-foundation',
      phase: 'setup',
      name: 'Engine',
      description: 'Values, their checks, keeping and showing records',
    },
    ...project.entities.map(({ names }): MilestonePlan => ({
      key: `api:${names.pascal}`,
      phase: 'core',
      name: `Commands for ${names.humanPlural}`,
      description: `What ${names.humanPlural} are made of, with tests of their commands`,
    })),
    {
      key: 'backend-application',
      phase: 'core',
      name: 'Program',
      description: 'The command line and what tests share',
    },
    { key: 'delivery', phase: 'polish', name: 'Delivery', description: 'Documentation and checks' },
  ];
}

/** The plan of an understood request. */
export function planPythonCli(understanding: Understanding): Promise<Plan> {
  const { project } = understanding;
  return planOf(understanding, {
    files: filesOf(project),
    milestones: milestonesOf(project),
    description: `A command-line tool around ${project.entities.map(({ names }) => names.humanPlural).join(', ')}`,
    architectureStyle: 'layered',
    techStack: { program: 'Python, argparse, sqlite3', tests: 'pytest' },
    checks: [{ name: 'program', directory: '.', toolchain: 'python' }],
  });
}
