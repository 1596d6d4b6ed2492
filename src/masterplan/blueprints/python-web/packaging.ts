/** Packages and tool settings of a Python back end. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { featureEnvironment, has } from './feature-parts.ts';

/** An \`__init__.py\` that says what its package is for. */
export function packageFile(docstring: string): string {
  return `"""${docstring}"""\n`;
}

/** Rules that tests are free of: an answer without a body has no JSON, and a test that meets one fails where it reads it. */
const LENIENT_TESTS = `
[tool.pyright]
executionEnvironments = [
    { root = "tests", extraPaths = ["."], reportOptionalSubscript = false, reportReturnType = false },
    { root = "." },
]
`;

export function pyprojectFile(project: ProjectModel): string {
  return fileText(`
[project]
name = "${project.slug}-backend"
version = "1.0.0"
description = "API of ${project.title}"
requires-python = ">=3.10"
dynamic = ["dependencies"]

[tool.setuptools]
packages = ["app"]

[tool.setuptools.dynamic]
dependencies = { file = ["requirements.txt"] }

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]

[tool.ruff]
line-length = 100
target-version = "py310"

[tool.ruff.lint]
select = ["E", "F", "I", "W"]
${project.stack.blueprint === 'flask' ? LENIENT_TESTS : ''}`);
}

export function envExampleFile(project: ProjectModel): string {
  return fileText(`
# Any SQLAlchemy URL; the default is a file beside the code.
DATABASE_URL=sqlite:///./${project.slug}.db
# Origins whose pages may call the API, separated by commas.
ALLOWED_ORIGINS=http://localhost:5173
${featureEnvironment(project)}`);
}

/** Everyday commands; `run` starts the service for development. */
export function makefileFile(project: ProjectModel, run: string): string {
  const seeds = has(project, 'seed');
  return fileText(`
.PHONY: install run test lint${seeds ? ' seed' : ''}

install:
	pip install -r requirements-dev.txt

run:
	${run}

test:
	python -m pytest

lint:
	ruff check .
	ruff format --check .
${seeds ? '\nseed:\n\tpython -m app.seed\n' : ''}`);
}
