/** What a file must fulfil, proven by tests of the produced project named as their runners report them. */
import type { AcceptanceCriterion, Priority } from '../../domain/index.ts';
import { importsOf } from './imports.ts';
import type { GeneratedFile } from './generated-file.ts';

/** A test of the produced project. */
export interface NamedTest {
  readonly file: string;
  /** `tests/test_x.py::test_y` (pytest) or `src/x.test.ts > suite > name` (vitest). */
  readonly id: string;
  readonly sentence: string;
}

/** Runners name files relative to the folder of their part. */
function withinPart(path: string): string {
  return path.replace(/^(?:backend|frontend)\//, '');
}

function pythonTests(file: GeneratedFile): NamedTest[] {
  const single = file.content.split('\n\n\n').filter((block) => !block.startsWith('@pytest.mark.parametrize'));
  return [...single.join('\n').matchAll(/^def (test_\w+)\(/gm)].map(([, name = '']) => ({
    file: file.path,
    id: `${withinPart(file.path)}::${name}`,
    sentence: name.slice('test_'.length).replaceAll('_', ' '),
  }));
}

function vitestTests(file: GeneratedFile): NamedTest[] {
  const tests: NamedTest[] = [];
  let suite = '';
  for (const [, kind, name = ''] of file.content.matchAll(/^\s*(describe|it)\('([^']*)'/gm)) {
    if (kind === 'describe') suite = name;
    else
      tests.push({
        file: file.path,
        id: `${withinPart(file.path)} > ${suite} > ${name}`,
        sentence: `${suite} ${name}`,
      });
  }
  return tests;
}

/** The tests that a file of the produced project holds; tests with parameters, whose names hold them, are left out. */
export function testsIn(file: GeneratedFile): NamedTest[] {
  if (file.taskType !== 'test') return [];
  return file.path.endsWith('.py') ? pythonTests(file) : vitestTests(file);
}

const MAX_CRITERIA = 5;

function criterion(test: NamedTest, priority: Priority): AcceptanceCriterion {
  const text = `${priority.toUpperCase()}: ${test.sentence}`;
  return { text, priority, test: test.id };
}

/**
 * Criteria for each file: those of a test file are its own tests; those of another file are tests of the files that import it.
 * The first ones are MUST, the later ones SHOULD.
 */
export function acceptanceFor(files: readonly GeneratedFile[]): ReadonlyMap<string, readonly AcceptanceCriterion[]> {
  const paths = new Set(files.map((file) => file.path));
  const bySubject = new Map<string, NamedTest[]>();
  for (const file of files) {
    const tests = testsIn(file);
    for (const subject of [file.path, ...importsOf(file.path, file.content, paths)]) {
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), ...tests]);
    }
  }
  return new Map(
    [...bySubject].map(([path, tests]) => [
      path,
      tests.slice(0, MAX_CRITERIA).map((test, index) => criterion(test, index < 3 ? 'must' : 'should')),
    ]),
  );
}
