import { fitToBudget, headOf, signaturesOf, type BudgetedPart } from '../../../adapters/llm/prompt-budget.ts';
import type { DraftRequest } from '../../../adapters/llm/provider.ts';
import { Fence, UNTRUSTED_RULE } from '../../../adapters/llm/untrusted.ts';
import { exampleLabel } from './atom-prompt.ts';
import type { BuiltPrompt } from './prompt.ts';

/** Grows with every change of the words below: part of the key of every call. */
export const DRAFT_PROMPT_VERSION = 'draft/2';

/** Tokens of the whole prompt that parts from outside may take. */
export const DRAFT_PROMPT_TOKENS = 24_000;

const SYSTEM = `You write one file of a software project, whole and final.

${UNTRUSTED_RULE}

Rules for the answer:
- Exactly one fenced code block, opened and closed by a line of six backticks, with nothing before or after it. It holds the file.
- No placeholders, no notes to the reader, nothing left for later, no secrets.
- Functions and methods of about ten lines, with types and short documentation, idiomatic for the language, formatted as its usual tool would.
- Use what the files it depends on define, by their names and signatures. Do not write those files again.
- A test file holds all tests that are asked for, under exactly these names; each test checks behaviour and can fail.`;

/** The prompt for one file; `complaint` = why the last answer could not be taken. */
export function draftPrompt(
  request: DraftRequest,
  complaint: string | null,
  budgetTokens = DRAFT_PROMPT_TOKENS,
): BuiltPrompt {
  const { chosen, leftOut } = fitToBudget(partsOf(request, complaint), budgetTokens);
  const fence = new Fence(chosen.map((part) => part.text));
  const user = [
    fence.announcement,
    `The file is in ${request.task.language}.`,
    ...chosen.map((part) => fence.around(part)),
    'Now write the file as the rules say, in one fenced code block.',
  ].join('\n\n');
  return { version: DRAFT_PROMPT_VERSION, system: SYSTEM, user, used: chosen.map((part) => part.label), leftOut };
}

function partsOf(request: DraftRequest, complaint: string | null): BudgetedPart[] {
  const { project, task, files, dependencies, tests } = request;
  const criteria = task.acceptance.map((one) => `- ${one.priority.toUpperCase()}: ${one.text}`).join('\n');
  const tree = files.map((file) => `${file.path}: ${file.purpose}`).join('\n');
  const stack = Object.entries(project.techStack).map(([part, technology]) => `${part}: ${technology}`);
  return [
    { label: 'the file', forms: [`path: ${task.filePath}\n${task.name}\n${task.description}\n${criteria}`] },
    ...(complaint === null ? [] : [{ label: 'why your last answer could not be taken', forms: [complaint] }]),
    ...(tests.length === 0 ? [] : [{ label: 'tests that the file must hold', forms: [tests.join('\n')] }]),
    { label: 'the project', forms: [`${project.name}\n${headOf(project.description, 1_000)}\n${stack.join('\n')}`] },
    ...dependencies.map((dependency) => ({
      label: 'a file it depends on',
      forms: [dependency.code, signaturesOf(dependency.code)].map((code) => `${dependency.filePath}\n${code}`),
    })),
    { label: 'all files of the project', forms: [tree, headOf(tree, 2_000)] },
    ...(request.patterns ?? []).map(({ name, text }) => ({ label: exampleLabel(name), forms: [text] })),
  ];
}
