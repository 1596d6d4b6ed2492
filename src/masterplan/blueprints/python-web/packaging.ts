/** Packages and tool settings of a Python back end. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';

/** An \`__init__.py\` that says what its package is for. */
export function packageFile(docstring: string): string {
  return `"""${docstring}"""\n`;
}

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
`);
}
