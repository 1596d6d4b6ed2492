/** A small project as a model would plan and write it, and a server's function that plays that model. */
import { dataParts, fenced, type ModelCall } from './model-server.ts';

interface Criterion {
  readonly text: string;
  readonly priority: 'must' | 'should' | 'could';
  readonly test: string | null;
}

/** A task as models write it. */
export function planTask(
  task: Partial<{
    key: string;
    name: string;
    description: string;
    file_path: string;
    language: string;
    task_type: string;
    depends_on: string[];
    acceptance: Criterion[];
  }>,
) {
  return {
    key: 'a',
    name: 'A',
    description: 'Defines a.',
    file_path: 'a.py',
    language: 'python',
    task_type: 'code',
    complexity: 'low',
    priority: 'must',
    depends_on: [],
    acceptance: [{ text: 'a works', priority: 'must', test: 'tests/test_a.py::test_a' }] as Criterion[],
    ...task,
  };
}

export const PLAN_ANSWER = {
  project_name: 'Calculator',
  description: 'Adds and shows numbers.',
  architecture_style: 'library',
  tech_stack: [{ part: 'language', technology: 'Python' }],
  phases: [
    {
      name: 'core',
      description: 'All of it',
      milestones: [
        {
          name: 'Library',
          description: 'The functions',
          tasks: [
            planTask({
              key: 'core',
              name: 'Arithmetic',
              file_path: 'calc/core.py',
              acceptance: [
                { text: 'adds two numbers', priority: 'must', test: 'tests/test_core.py::test_add' },
                { text: 'is quick', priority: 'should', test: null },
              ],
            }),
            planTask({
              key: 'text',
              name: 'Output',
              file_path: 'calc/text.py',
              depends_on: ['core'],
              acceptance: [{ text: 'shows a sum', priority: 'must', test: 'tests/test_core.py::test_show' }],
            }),
            planTask({
              key: 'tests',
              name: 'Tests',
              file_path: 'tests/test_core.py',
              task_type: 'test',
              depends_on: ['core', 'text'],
              acceptance: [{ text: 'run', priority: 'must', test: 'tests/test_core.py::test_add' }],
            }),
          ],
        },
      ],
    },
  ],
  understood: ['adding numbers'],
  assumed: ['Python'],
  left_out: [],
};

export const FILES: Readonly<Record<string, string>> = {
  'calc/core.py': 'def add(a: int, b: int) -> int:\n    """Add two numbers."""\n    return a + b\n',
  'calc/text.py':
    'from calc.core import add\n\n\ndef show(a: int, b: int) -> str:\n    """Show a sum."""\n    return f"{a} + {b} = {add(a, b)}"\n',
  'tests/test_core.py':
    'from calc.core import add\nfrom calc.text import show\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n\n\ndef test_show() -> None:\n    assert show(1, 2) == "1 + 2 = 3"\n',
};

/** The part of a prompt with that label; '' where there is none. */
export function partOf(call: ModelCall, label: string): string {
  return dataParts(call.user).find((part) => part.label === label)?.text ?? '';
}

/** What a call is about: `plan`, the path of a file, or the name of an atom. */
export function subjectOf(call: ModelCall): { kind: 'plan' | 'draft' | 'atom'; name: string } {
  const file = partOf(call, 'the file');
  if (file !== '') return { kind: 'draft', name: /^path: (.*)$/m.exec(file)?.[1] ?? '' };
  const atom = partOf(call, 'TARGET: what it is');
  if (atom !== '') return { kind: 'atom', name: /^name: (.*)$/m.exec(atom)?.[1] ?? '' };
  return { kind: 'plan', name: '' };
}

/** The right answer to any call about the small project. */
export function goodReply(call: ModelCall): string {
  const { kind, name } = subjectOf(call);
  if (kind === 'plan') return JSON.stringify(PLAN_ANSWER);
  if (kind === 'draft') return fenced(FILES[name] ?? 'unknown = True\n');
  return fenced(partOf(call, 'TARGET: draft').replace('BROKEN', 'fixed'));
}
