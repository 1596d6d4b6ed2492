import { headOf } from '../../adapters/llm/prompt-budget.ts';
import { tasksOf, type PlannedTask } from '../../domain/index.ts';
import { createBlueprintProvider } from '../blueprints/provider.ts';
import type { Pattern } from './pattern.ts';

/** One entity shows each kind of file once. */
const SHOWCASE = 'A todo app with FastAPI and React';
/** Tokens of a file that a prompt may show. */
const HEAD_TOKENS = 700;
/** Shorter files show nothing. */
const LEAST_LINES = 8;

let rendered: Promise<readonly Pattern[]> | null = null;

/** The files of a project as the blueprints write it, each as a pattern of its kind. Rendered once per process, in a thread. */
export function blueprintPatterns(): Promise<readonly Pattern[]> {
  return (rendered ??= render());
}

async function render(): Promise<readonly Pattern[]> {
  const provider = createBlueprintProvider();
  const plan = await provider.plan({ userRequest: SHOWCASE, spec: null, seed: 0 }, new AbortController().signal);
  return tasksOf(plan).flatMap(patternOf);
}

function patternOf(task: PlannedTask): Pattern[] {
  const text = Buffer.from(task.draft ?? []).toString('utf8');
  if (text.trim().split('\n').length < LEAST_LINES) return [];
  const id = task.filePath.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return [
    {
      id,
      purpose: `${task.name}: ${id.replaceAll('-', ' ')}`,
      language: task.language,
      code: headOf(text, HEAD_TOKENS),
    },
  ];
}
