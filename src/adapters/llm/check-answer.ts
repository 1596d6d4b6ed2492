/** From what a model says to the code it means, or to the reason why there is none. Pure. */
import { fencedBlocks, type FencedBlock } from './fenced-blocks.ts';
import { foreignLanguage, fitsLanguage, isProseLanguage } from './language-names.ts';
import type { FinishReason } from './model-client.ts';

/** Why an answer is no code. */
export const ANSWER_PROBLEMS = [
  'empty',
  'truncated',
  'refusal',
  'prose',
  'wrong_language',
  'several_candidates',
  'malformed',
] as const;
export type AnswerProblem = (typeof ANSWER_PROBLEMS)[number];

export type CheckedAnswer =
  | { readonly code: string }
  | { readonly problem: AnswerProblem; /** What the next attempt is told. */ readonly message: string };

export interface ExpectedAnswer {
  /** Language id of the parser table. */
  readonly language: string;
  /** The text that stands there now, whose indentation and ending the answer takes over; null for a whole new file. */
  readonly replaces: string | null;
}

const REFUSAL =
  /^\W{0,3}(?:(?:I(?:['’]m| am) (?:so |very |really )?(?:sorry|afraid)|sorry|my apologies|unfortunately)\b.{0,80}\b(?:can(?:no|['’])?t|unable|not able|won['’]t|will not|against)\b|I (?:can(?:no|['’])?t|can not|won['’]t|will not|am unable to|am not able to|must decline|have to decline)\b.{0,60}\b(?:assist|help|provide|comply|generate|create|write|fulfil|do|continue|produce)|as an? (?:AI|language model)\b)/is;

const PROSE_START =
  /^(?:sure|certainly|of course|absolutely|great|okay|ok|here(?:['’]s| is| are)|below is|the (?:following|code|answer|solution|updated|corrected|above)|this (?:code|function|file|is|implementation|atom)|I(?:['’](?:ve|ll|m)| have| will| am| can)|let(?:['’]s| me| us)|to (?:fix|implement|solve|address)|based on|note(?::| that)|please|in order to|you (?:can|should|need)|we (?:can|need|will|have))\b[^=(){};]*(?:[.:!,]|$)/i;

/** A line of five words or more that begins like a sentence: no language's code does. */
const SENTENCE = /^[A-Z][a-z']*(?:,? [\w'"`-]+){4,}[.:!,]?$/;

/** Takes the code out of an answer. Never gives anything of which it is not clear that it is the code that was asked for. */
export function checkAnswer(text: string, finish: FinishReason, expected: ExpectedAnswer): CheckedAnswer {
  if (finish === 'refusal') return problem('refusal', 'the model refused to answer');
  if (finish === 'length')
    return problem('truncated', 'the answer was cut off at its length limit: answer with the code alone');
  if (finish === 'cut_off') return problem('truncated', 'the answer broke off before its end');
  if (text.trim() === '') return problem('empty', 'the answer was empty');
  const { blocks, open } = fencedBlocks(text);
  if (open) return problem('truncated', 'the code block of the answer was not closed');
  const chosen = blocks.length > 0 ? choose(blocks, expected) : unfenced(text, expected);
  return 'problem' in chosen ? chosen : inPlace(chosen.code, expected);
}

function problem(kind: AnswerProblem, message: string): { problem: AnswerProblem; message: string } {
  return { problem: kind, message };
}

/** The one block that is meant. Repetitions of the same text count once; short shell commands beside the code are how to run it. */
function choose(blocks: readonly FencedBlock[], expected: ExpectedAnswer): CheckedAnswer {
  const { language } = expected;
  const filled = blocks.filter((block) => block.text.trim() !== '');
  if (filled.length === 0) return problem('empty', 'the code block of the answer was empty');
  const named = filled.filter((block) => fitsLanguage(block.tag, language) === true);
  const unnamed = filled.filter((block) => fitsLanguage(block.tag, language) === null);
  const candidates = named.length > 0 ? named : unnamed;
  const distinct = [...new Set(candidates.map((block) => block.text))];
  const [code, ...others] = distinct;
  if (code === undefined)
    return problem('wrong_language', `the answer is in ${filled[0]?.tag ?? 'another language'} instead of ${language}`);
  if (others.length > 0)
    return problem('several_candidates', `the answer holds ${distinct.length} different code blocks: give exactly one`);
  const foreign = foreignLanguage(code, language);
  if (foreign !== null) return problem('wrong_language', `the answer is in ${foreign} instead of ${language}`);
  return { code };
}

/** An answer without a code block: all of it is the code, unless it talks. */
function unfenced(text: string, expected: ExpectedAnswer): CheckedAnswer {
  if (REFUSAL.test(text.trimStart())) return problem('refusal', 'the model refused to answer');
  const first = text.trimStart().split('\n', 1)[0] ?? '';
  const document = isProseLanguage(expected.language);
  const talks = PROSE_START.test(first) && (!document || /^(?:sure|certainly|here)/i.test(first));
  if (talks || (!document && SENTENCE.test(first)))
    return problem('prose', 'the answer talks about the code: give the code alone, in one code block');
  const foreign = foreignLanguage(text, expected.language);
  if (foreign !== null) return problem('wrong_language', `the answer is in ${foreign} instead of ${expected.language}`);
  return { code: text };
}

/** Gives the code the ending, the line ends and the indentation of what it replaces: models drop them, and Python minds. */
function inPlace(code: string, { replaces }: ExpectedAnswer): CheckedAnswer {
  const lines = code
    .replaceAll('\r\n', '\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
  if (replaces === null || replaces.trim() === '') return { code: `${lines}\n` };
  const old = replaces.replaceAll('\r\n', '\n');
  const leading = /^(?:[ \t]*\n)*/.exec(old)?.[0] ?? '';
  const ending = /\s*$/.exec(old)?.[0] ?? '';
  const placed = leading + indentLike(lines, old) + ending;
  return { code: replaces.includes('\r\n') ? placed.replaceAll('\n', '\r\n') : placed };
}

function indentLike(code: string, old: string): string {
  const wanted = firstIndent(old);
  const lines = code.split('\n');
  const given = firstIndent(code);
  if (wanted === given || !wanted.startsWith(given)) return code;
  // Only a text that was moved to the left as a whole is moved back.
  const least = lines.filter((line) => line.trim() !== '').every((line) => line.startsWith(given));
  if (!least) return code;
  const add = wanted.slice(given.length);
  return lines.map((line) => (line.trim() === '' ? line : add + line)).join('\n');
}

function firstIndent(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? '';
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}
