import { fitToBudget, headOf, signaturesOf, tailOf, type BudgetedPart } from '../../../adapters/llm/prompt-budget.ts';
import type { GenerationRequest } from '../../../adapters/llm/provider.ts';
import { Fence, UNTRUSTED_RULE } from '../../../adapters/llm/untrusted.ts';
import { decode, findingsText, type BuiltPrompt } from './prompt.ts';

/** Grows with every change of the words below: part of the key of every call. */
export const ATOM_PROMPT_VERSION = 'atom/2';

/** Tokens of the whole prompt that parts from outside may take. */
export const ATOM_PROMPT_TOKENS = 12_000;

const SYSTEM = `You write one small part of a source file. The file exists; only the part called TARGET is replaced by your answer.

${UNTRUSTED_RULE}

Rules for the answer:
- Exactly one fenced code block, opened and closed by a line of six backticks, with nothing before or after it.
- The block holds TARGET alone, whole and final: no placeholders, no "rest unchanged", no notes to the reader, no secrets.
- It must fit between the text before and after it as it is: same indentation, same style, same names. Do not repeat that text.
- Keep the names, parameters and behaviour that the dependencies and the neighbours rely on.
- Everything that the findings name must be put right.`;

/** The prompt of one attempt at one atom: its own facts first, then dependencies, neighbours and patterns as far as they fit. */
export function atomPrompt(request: GenerationRequest, budgetTokens = ATOM_PROMPT_TOKENS): BuiltPrompt {
  const { chosen, leftOut } = fitToBudget(atomParts(request), budgetTokens);
  const fence = new Fence(chosen.map((part) => part.text));
  const user = [
    fence.announcement,
    `TARGET is a part of a file in ${request.atom.language}. This is attempt ${request.attempt}.`,
    ...chosen.map((part) => fence.around(part)),
    'Now write TARGET as the rules say, in one fenced code block.',
  ].join('\n\n');
  return { version: ATOM_PROMPT_VERSION, system: SYSTEM, user, used: chosen.map((part) => part.label), leftOut };
}

/** What is known about an atom, the most important first. */
export function atomParts(request: GenerationRequest): BudgetedPart[] {
  const { atom } = request;
  const draft = decode(atom.draft);
  return [
    { label: 'TARGET: what it is', forms: facts(request) },
    ...(request.feedback === null ? [] : [{ label: 'words of the reviewer', forms: whole(request.feedback, 1_500) }]),
    ...(request.findings.length === 0
      ? []
      : [{ label: 'findings on the last attempt', forms: whole(findingsText(request.findings), 1_500) }]),
    ...(draft.trim() === '' ? [] : [{ label: 'TARGET: draft', forms: whole(draft, 3_000) }]),
    ...request.dependencies.map((dependency) => ({
      label: 'code that TARGET uses',
      forms: [dependency.code, signaturesOf(dependency.code)]
        .filter((code) => code.trim() !== '')
        .map((code) => `${dependency.filePath}: ${dependency.name}\n${code}`),
    })),
    { label: 'the file before TARGET', forms: shorter(request.before, tailOf) },
    { label: 'the file after TARGET', forms: shorter(request.after, headOf) },
    ...(request.patterns ?? []).map(({ name, text }) => ({ label: exampleLabel(name), forms: [text] })),
  ];
}

/** The label of an example: names are the program's own, or ids. */
export function exampleLabel(name: string): string {
  return `example of how such code is written: ${name}`;
}

function facts({ atom }: GenerationRequest): string[] {
  const head = `file: ${atom.filePath}\nname: ${atom.name}\nplace: ${atom.symbolPath}\nkind: ${atom.role}`;
  const full = {
    imports: atom.context.imports.map((one) => one.module),
    defines: atom.context.defines.map((one) => `${one.kind} ${one.name}`),
    uses: atom.context.uses.map((one) => one.name),
    preconditions: atom.context.preconditions,
    postconditions: atom.context.postconditions,
  };
  return [
    `${head}\ndescription: ${atom.description}\n${JSON.stringify(full)}`,
    `${head}\ndescription: ${atom.description}`,
    head,
  ];
}

function whole(text: string, tokens: number): string[] {
  return [text, headOf(text, tokens)];
}

function shorter(text: string, cut: (text: string, tokens: number) => string): string[] {
  return text.trim() === '' ? [''] : [text, cut(text, 2_000), cut(text, 500), cut(text, 120)];
}
