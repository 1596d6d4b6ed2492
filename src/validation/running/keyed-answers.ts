import type { ProbeAnswer } from './test-run.ts';

/** A text without comments, documentation and spaces, with one kind of quotes, so that literals can be compared as text. */
function bare(text: string, python: boolean): string {
  const code = python
    ? text.replaceAll(/("""|''')[\s\S]*?\1/g, '""').replaceAll(/(^|\s)#.*/g, '$1')
    : text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*/g, '$1');
  return squeezed(code);
}

function squeezed(text: string): string {
  return text
    .replaceAll(/\s+/g, '')
    .replaceAll("'", '"')
    .replaceAll(/,(?=[)\]}])/g, '');
}

/** What opens a comparison with all arguments at once, or a table of answers. */
const KEYED_BY = /(?:[=!]==?|\bcase|\bin|[{,(])(?:JSON\.stringify|[([{])*$/;

/** True when the code compares with exactly these arguments, or keeps them as a key. */
function isKeyedOn(code: string, args: string): boolean {
  const key = squeezed(args);
  if (key === '') return false;
  for (let at = code.indexOf(key); at >= 0; at = code.indexOf(key, at + 1)) {
    const before = code.slice(Math.max(0, at - 40), at);
    if (KEYED_BY.test(before) && /^[)\]}]*(?:[)\]}:,?&|]|return)/.test(code.slice(at + key.length))) return true;
  }
  return false;
}

/** Fewest other inputs that must all get the same answer. */
const FEWEST = 4;

/**
 * A function whose answers are keyed on the examples' own inputs: it compares with them word for word, and answers everything near
 * them with one and the same value, or not at all. Null where it is not.
 */
export function keyedAnswers(text: string, python: boolean, answers: readonly ProbeAnswer[]): string | null {
  const examples = answers.filter(({ role, ended }) => role === 'example' && ended === 'value');
  if (examples.length === 0) return null;
  const code = bare(text, python);
  for (const fn of new Set(examples.map((answer) => answer.fn))) {
    const own = examples.filter((answer) => answer.fn === fn);
    const near = answers.filter((answer) => answer.fn === fn && answer.role === 'near');
    const others = new Set(
      near.map(({ ended, text: answer, type }) => (ended === 'value' ? answer : `${ended} ${type}`)),
    );
    if (near.length < FEWEST || others.size !== 1) continue;
    const keyed = own.filter(({ args }) => isKeyedOn(code, args));
    const [first] = keyed;
    if (first === undefined || keyed.length * 2 < own.length) continue;
    const other = near[0];
    return `${fn} answers its examples' own inputs, such as ${fn}(${first.args}), and everything else alike: ${fn}(${other?.args ?? ''}) gives ${other?.text ?? ''}`;
  }
  return null;
}
