import { fitToBudget } from '../../../adapters/llm/prompt-budget.ts';
import type { GenerationRequest } from '../../../adapters/llm/provider.ts';
import { Fence, UNTRUSTED_RULE } from '../../../adapters/llm/untrusted.ts';
import { ATOM_PROMPT_TOKENS, atomParts } from './atom-prompt.ts';
import type { BuiltPrompt } from './prompt.ts';

/** Grows with every change of the words below: part of the key of every call. */
export const SUGGEST_PROMPT_VERSION = 'suggest/1';

const SYSTEM = `You help a person who reviews one small part of a source file, called TARGET. Your answer is one JSON object and nothing else.

${UNTRUSTED_RULE}

Rules for the answer:
- "suggestions": at most three, the most useful first; none when TARGET is right as it stands.
- Each has "type" (fix, test, simplify or question), "description" (one or two sentences: what, where, why) and "code": the whole of TARGET
  as it would be then, without placeholders, or null where no code says it.
- What the findings name comes before matters of taste. Nothing may change that dependencies or neighbours rely on.`;

/** The prompt for suggestions to a reviewer: the same facts as for writing the atom. */
export function suggestPrompt(request: GenerationRequest, budgetTokens = ATOM_PROMPT_TOKENS): BuiltPrompt {
  const { chosen, leftOut } = fitToBudget(atomParts(request), budgetTokens);
  const fence = new Fence(chosen.map((part) => part.text));
  const user = [
    fence.announcement,
    `TARGET is a part of a file in ${request.atom.language}.`,
    ...chosen.map((part) => fence.around(part)),
    'Now answer with the suggestions as one JSON object.',
  ].join('\n\n');
  return { version: SUGGEST_PROMPT_VERSION, system: SYSTEM, user, used: chosen.map((part) => part.label), leftOut };
}
