import { describe, expect, it } from 'vitest';
import { tasksOf } from '../../../src/domain/index.ts';
import { readPlan, testNameOf } from '../../../src/masterplan/model/read-plan.ts';
import { PLAN_ANSWER, planTask } from '../../support/model-answers.ts';

type Task = ReturnType<typeof planTask>;

function withTasks(...tasks: Task[]): string {
  return JSON.stringify({
    ...PLAN_ANSWER,
    phases: [{ name: 'core', description: '', milestones: [{ name: 'All', description: '', tasks }] }],
  });
}

const test = planTask({ key: 't', file_path: 'tests/test_a.py', task_type: 'test' });
const errorsOf = (text: string, finish: 'stop' | 'length' = 'stop') => {
  const read = readPlan(text, finish);
  return 'errors' in read ? read.errors.join('\n') : 'no errors';
};

describe('a plan from a model', () => {
  it('is read from JSON, fenced JSON and JSON with words around it', () => {
    const json = JSON.stringify(PLAN_ANSWER);
    for (const text of [json, `\`\`\`json\n${json}\n\`\`\``, `Here is the plan:\n${json}\nGood luck!`]) {
      const read = readPlan(text, 'stop');
      if (!('plan' in read)) throw new Error(read.errors.join('\n'));
      expect(tasksOf(read.plan).map((task) => task.filePath)).toEqual([
        'calc/core.py',
        'calc/text.py',
        'tests/test_core.py',
      ]);
      expect(read.plan.techStack).toEqual({ language: 'Python' });
    }
  });

  it.each([
    ['no JSON', 'I would rather not.', 'holds no JSON object'],
    ['broken JSON', '{"project_name": }', 'is not JSON'],
    ['a missing member', JSON.stringify({ ...PLAN_ANSWER, phases: undefined }), 'phases'],
    ['a member that is not known', JSON.stringify({ ...PLAN_ANSWER, extra: 1 }), 'additional'],
    ['no tasks', withTasks(), 'has no tasks'],
    ['a language that is not known', withTasks(planTask({ language: 'cobol' }), test), '/language'],
    [
      'two tasks with one key',
      withTasks(planTask({}), planTask({ file_path: 'b.py' }), test),
      'two tasks have the key "a"',
    ],
    ['a path that leaves the project', withTasks(planTask({ file_path: '../a.py' }), test), '../a.py'],
    ['an absolute path', withTasks(planTask({ file_path: '/etc/passwd' }), test), '/etc/passwd'],
    [
      'two files of one name',
      withTasks(planTask({}), planTask({ key: 'b', file_path: 'A.py' }), test),
      'is there twice',
    ],
    ['a file that is a folder', withTasks(planTask({ file_path: 'tests' }), test), 'folder'],
    ['an unknown dependency', withTasks(planTask({ depends_on: ['zz'] }), test), '"zz", which is no task'],
    [
      'a circle',
      withTasks(planTask({ depends_on: ['t'] }), { ...test, depends_on: ['a'] }),
      'form a circle: a -> t -> a',
    ],
    ['a task without criteria', withTasks(planTask({ acceptance: [] }), test), 'has no acceptance criterion'],
    [
      'a test in no file',
      withTasks(planTask({ acceptance: [{ text: 'x', priority: 'must', test: 'tests/test_zz.py::x' }] }), test),
      'is in no test file',
    ],
    [
      'nothing that is proven',
      withTasks(planTask({ acceptance: [{ text: 'x', priority: 'should', test: null }] })),
      'names a test',
    ],
    ['NUL', withTasks(planTask({ description: 'a\0b' }), test), 'NUL'],
    ['half of a surrogate pair', withTasks(planTask({ description: 'a\ud800b' }), test), 'surrogate'],
  ])('with %s is refused, saying so', (_name, text, error) => {
    expect(errorsOf(text)).toContain(error);
  });

  it('that was cut off is not read, even where it is whole', () => {
    expect(errorsOf(JSON.stringify(PLAN_ANSWER), 'length')).toContain('cut off');
  });

  it('names its tests as runners do', () => {
    expect(testNameOf('tests/test_a.py::TestA::test_x[1-2]')).toBe('test_x');
    expect(testNameOf('src/a.test.ts > list > shows items')).toBe('shows items');
  });
});
