/** A request that is a document: requirements under `### MUST` and `### SHOULD`, and tasks under headings that name their files. */
import { marked, type Token, type Tokens } from 'marked';
import type { Plan, PlannedTask, Priority } from '../domain/index.ts';
import type { BroughtTask } from './input.ts';

/** Something that the result has to do, in the client's words. */
export interface Requirement {
  readonly priority: Priority;
  readonly text: string;
  /** The test that proves it, as its runner reports it; null where none is named. */
  readonly test: string | null;
}

export interface MarkdownPlan {
  readonly requirements: readonly Requirement[];
  readonly tasks: readonly BroughtTask[];
}

const PRIORITY = /^(must|should|could)(?:\s+have)?\b/i;
/** `path/to/file.py`, `path/to/file.py: what it is`, or `What it is (path/to/file.py)`; the path may stand in backticks. */
const FILE_HEADING = /^`?([\w.@/-]+\.\w{1,10}|[\w.@/-]*(?:Dockerfile|Makefile))`?(?:\s*[:–—-]\s+(.+))?$/;
const NAMED_HEADING = /^(.+?)\s*\(`?([\w.@/-]+\.\w{1,10})`?\)$/;
/** A longer heading names no file. */
const MAX_HEADING = 400;
const TEST_REFERENCE = /\s*\(?`([^`]+::[^`]+|[^`]+\s>\s[^`]+)`\)?\s*$/;

/**
 * Reads a request as Markdown. Any text may be read: what holds no such headings has no requirements and no tasks.
 *
 * - List items below a heading `MUST`, `SHOULD` or `COULD` are requirements; a test in backticks at the end of one proves it.
 * - A heading that names a file begins a task. Its items `depends on:`, `language:`, `priority:` and `tests:` are its members, its first
 *   fenced block the code, the rest of its text the description.
 */
export function readMarkdownPlan(request: string): MarkdownPlan {
  if (!/^#{1,6}\s/m.test(request)) return { requirements: [], tasks: [] };
  const requirements: Requirement[] = [];
  const tasks: TaskDraft[] = [];
  let priority: Priority | null = null;
  let task: TaskDraft | null = null;
  for (const token of marked.lexer(request)) {
    if (token.type === 'heading') {
      const heading = (token as Tokens.Heading).text.trim();
      priority = (PRIORITY.exec(heading)?.[1]?.toLowerCase() as Priority | undefined) ?? null;
      const begun = priority === null ? taskOf(heading) : null;
      if (begun !== null) tasks.push(begun);
      task = begun;
    } else if (token.type === 'list' && priority !== null) {
      for (const item of (token as Tokens.List).items) requirements.push(requirementOf(priority, item.text));
    } else if (task !== null) addTo(task, token);
  }
  return { requirements, tasks: tasks.map(finished) };
}

interface TaskDraft {
  readonly name: string;
  readonly filePath: string;
  readonly words: string[];
  code: string | null;
  readonly members: Map<string, string>;
}

function taskOf(heading: string): TaskDraft | null {
  if (heading.length > MAX_HEADING) return null;
  const plain = FILE_HEADING.exec(heading);
  const named = NAMED_HEADING.exec(heading);
  const filePath = plain?.[1] ?? named?.[2];
  if (filePath === undefined) return null;
  return { name: plain?.[2] ?? named?.[1] ?? filePath, filePath, words: [], code: null, members: new Map() };
}

function addTo(task: TaskDraft, token: Token): void {
  if (token.type === 'code' && task.code === null) task.code = `${(token as Tokens.Code).text}\n`;
  else if (token.type === 'list') for (const item of (token as Tokens.List).items) addItem(task, item.text);
  else if (token.type !== 'space') task.words.push(token.raw.trim());
}

function addItem(task: TaskDraft, text: string): void {
  const member = /^(depends on|language|priority|tests?)\s*:\s*(.+)$/is.exec(text);
  if (member?.[1] === undefined) task.words.push(text);
  else task.members.set(member[1].toLowerCase().replace(/^test$/, 'tests'), (member[2] ?? '').trim());
}

function finished(task: TaskDraft): BroughtTask {
  const list = (name: string) =>
    (task.members.get(name) ?? '')
      .split(',')
      .map((part) => part.trim().replace(/^`|`$/g, ''))
      .filter((part) => part !== '');
  const language = task.members.get('language')?.toLowerCase();
  const priority = PRIORITY.exec(task.members.get('priority') ?? '')?.[1]?.toLowerCase() as Priority | undefined;
  return {
    name: task.name,
    description: task.words.join('\n') || task.name,
    file_path: task.filePath,
    depends_on: list('depends on'),
    tests: list('tests'),
    ...(task.code === null ? {} : { code: task.code }),
    ...(language === undefined ? {} : { language }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function requirementOf(priority: Priority, item: string): Requirement {
  const text = item.replace(/\s+/g, ' ').trim();
  const test = TEST_REFERENCE.exec(text)?.[1] ?? null;
  return { priority, text: test === null ? text : text.replace(TEST_REFERENCE, ''), test };
}

/** The requirements that no criterion of the tasks repeats. Blanks, case and punctuation do not matter. */
export function unmetRequirements(requirements: readonly Requirement[], tasks: readonly PlannedTask[]): Requirement[] {
  const said = tasks.flatMap((task) => task.acceptance.map((criterion) => normal(criterion.text)));
  return requirements.filter(({ text }) => !said.some((one) => one.includes(normal(text))));
}

function normal(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** A brought plan with its requirements as criteria: each at the task whose file holds its test, else at the first task. */
export function withRequirements(
  plan: Plan,
  requirements: readonly Requirement[],
  fileOf: (test: string, tasks: readonly PlannedTask[]) => PlannedTask | null,
): Plan {
  if (requirements.length === 0) return plan;
  const tasks = plan.phases.flatMap((phase) => phase.milestones.flatMap((milestone) => milestone.tasks));
  const owner = ({ test }: Requirement) => (test === null ? null : fileOf(test, tasks)) ?? tasks[0];
  const criteria = (task: PlannedTask) => requirements.filter((requirement) => owner(requirement)?.key === task.key);
  return {
    ...plan,
    phases: plan.phases.map((phase) => ({
      ...phase,
      milestones: phase.milestones.map((milestone) => ({
        ...milestone,
        tasks: milestone.tasks.map((task) => ({ ...task, acceptance: [...task.acceptance, ...criteria(task)] })),
      })),
    })),
  };
}
