import { describe, expect, it } from 'vitest';
import { readMarkdownPlan, unmetRequirements, withRequirements } from '../../../src/masterplan/markdown.ts';
import { testFileOf } from '../../../src/masterplan/model/read-plan.ts';
import { broughtPlan } from '../../../src/masterplan/brought.ts';
import { tasksOf } from '../../../src/domain/index.ts';

const DOCUMENT = `# Calculator

Adds numbers.

## Requirements

### MUST

- adds two numbers (\`tests/test_core.py::test_add\`)
- refuses text

### SHOULD have

* adds many numbers \`tests/test_core.py::test_many\`

## Tasks

### calc/core.py: The sums

Adds numbers.

- language: python
- with types

\`\`\`python
def add(a: int, b: int) -> int:
    return a + b
\`\`\`

### Tests of the sums (tests/test_core.py)

- depends on: \`calc/core.py\`
- priority: should

\`\`\`python
from calc.core import add


def test_add() -> None:
    assert add(1, 2) == 3
\`\`\`
`;

describe('a masterplan in Markdown', () => {
  const read = readMarkdownPlan(DOCUMENT);

  it('gives requirements with their priority and test', () => {
    expect(read.requirements).toEqual([
      { priority: 'must', text: 'adds two numbers', test: 'tests/test_core.py::test_add' },
      { priority: 'must', text: 'refuses text', test: null },
      { priority: 'should', text: 'adds many numbers', test: 'tests/test_core.py::test_many' },
    ]);
  });

  it('gives tasks with path, members and code as it stands', () => {
    expect(read.tasks).toEqual([
      {
        name: 'The sums',
        description: 'Adds numbers.\nwith types',
        file_path: 'calc/core.py',
        depends_on: [],
        tests: [],
        language: 'python',
        code: 'def add(a: int, b: int) -> int:\n    return a + b\n',
      },
      expect.objectContaining({
        name: 'Tests of the sums',
        file_path: 'tests/test_core.py',
        depends_on: ['calc/core.py'],
        priority: 'should',
      }),
    ]);
  });

  it('makes the requirements criteria of the tasks that hold their tests', () => {
    const brought = broughtPlan({ userRequest: DOCUMENT, userId: 'u', sessionId: 's', tasks: read.tasks });
    if (brought === null) throw new Error('the document brings tasks');
    const plan = withRequirements(brought, read.requirements, testFileOf);
    const [core, tests] = tasksOf(plan);
    expect(tests?.acceptance.map((one) => one.text)).toEqual(['adds two numbers', 'adds many numbers']);
    expect(core?.acceptance).toEqual([{ priority: 'must', text: 'refuses text', test: null }]);
    expect(unmetRequirements(read.requirements, tasksOf(plan))).toEqual([]);
    expect(unmetRequirements(read.requirements, tasksOf(brought)).length).toBe(3);
  });

  it.each(['Build a simple TODO app with FastAPI and React', '- a list\n- only', '', '#hashtag must do'])(
    'finds nothing in %j',
    (request) => {
      expect(readMarkdownPlan(request)).toEqual({ requirements: [], tasks: [] });
    },
  );

  it('reads a heading that is no file as text', () => {
    expect(readMarkdownPlan('# Plan\n\n## Overview\n\n```python\nx = 1\n```\n').tasks).toEqual([]);
  });
});
