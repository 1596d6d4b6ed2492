import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ModelAnswer } from '../../adapters/llm/model-client.ts';
import { ModelCallError } from '../../adapters/llm/model-error.ts';
import type { Suggestion } from '../../adapters/llm/provider.ts';
import { jsonOf } from './read-plan.ts';

const WireSuggestions = Type.Object({
  suggestions: Type.Array(
    Type.Object({
      type: Type.Union([Type.Literal('fix'), Type.Literal('test'), Type.Literal('simplify'), Type.Literal('question')]),
      description: Type.String(),
      code: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});

/** The schema that the API is asked to keep to. */
export const SUGGEST_JSON = {
  name: 'suggestions',
  schema: JSON.parse(JSON.stringify(WireSuggestions)) as Record<string, unknown>,
};

const MOST = 3;
const MAX_DESCRIPTION = 1_000;
const compiled = Compile(WireSuggestions);

/** The suggestions in an answer, at most three. @throws {ModelCallError} when the answer is none: it is paid, and not kept. */
export function readSuggestions(answer: ModelAnswer): Suggestion[] {
  const json = answer.finish === 'stop' ? jsonOf(answer.text) : { errors: [`the answer ended with ${answer.finish}`] };
  if ('errors' in json) throw unreadable(answer, json.errors[0] ?? '');
  if (!compiled.Check(json.value)) throw unreadable(answer, 'it does not have the form that was asked for');
  const { suggestions }: Static<typeof WireSuggestions> = json.value;
  return suggestions
    .filter(({ description }) => description.trim() !== '')
    .slice(0, MOST)
    .map((one) => ({ ...one, description: one.description.slice(0, MAX_DESCRIPTION) }));
}

function unreadable({ costUsd }: ModelAnswer, reason: string): ModelCallError {
  return new ModelCallError('broken', `The model gave no suggestions that can be read: ${reason}.`, {
    retryAfterMs: 1_000,
    spentUsd: costUsd,
  });
}
