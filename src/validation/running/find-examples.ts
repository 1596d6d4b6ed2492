import type { ProbeCall } from './test-run.ts';

/** Examples found in words and tests. */
export interface FoundExamples {
  /** Calls with what they must return, and calls of which only the arguments are known. */
  readonly calls: readonly ProbeCall[];
  /** Texts that hold Python doctests, each with a name. */
  readonly doctests: readonly (readonly [name: string, text: string])[];
}

const OPEN = '([{';
const CLOSE = ')]}';
const MAX_CALLS = 40;

/** The position after the bracket that closes the one at `start`; null where none does. Brackets in texts do not count. */
export function closing(text: string, start: number): number | null {
  let depth = 0;
  for (let i = start; i < text.length && i < start + 4_000; i += 1) {
    const char = text[i] ?? '';
    if (char === '"' || char === "'" || char === '`') {
      const end = endOfText(text, i);
      if (end === null) return null;
      i = end;
    } else if (OPEN.includes(char)) depth += 1;
    else if (CLOSE.includes(char) && --depth === 0) return i + 1;
  }
  return null;
}

function endOfText(text: string, start: number): number | null {
  const quote = text[start];
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === quote) return i;
    else if (text[i] === '\n' && quote !== '`') return null;
  }
  return null;
}

const NUMBER = /^[-+]?(?:\d[\d_]*)?\.?\d+(?:[eE][-+]?\d+)?/;
const WORD = /^(?:True|False|None|true|false|null|undefined|inf|nan|Infinity|NaN)\b/;

/** A literal at the start of a text: number, text, list, set, mapping, tuple or constant. */
export function leadingLiteral(text: string): string | null {
  const trimmed = text.trimStart();
  const first = trimmed[0] ?? '';
  if (OPEN.includes(first)) {
    const end = closing(trimmed, 0);
    return end === null ? null : trimmed.slice(0, end);
  }
  if (first === '"' || first === "'") {
    const end = endOfText(trimmed, 0);
    return end === null ? null : trimmed.slice(0, end + 1);
  }
  return (WORD.exec(trimmed) ?? NUMBER.exec(trimmed))?.[0] ?? null;
}

/** What stands between a call and its value. */
const BETWEEN =
  /^\s*(?:===?|\)\s*===?|\bis\b|=>|->|→|➞|==>|-->|returns?:?|should (?:return|be|equal|give)|must (?:return|be)|gives|yields|evaluates to|results? in|\/\/\s*(?:=>|->)?|#\s*(?:=>|->|returns)?|=(?!=)|\n\s*(?:>>>|\*|#|\/\/)?\s*(?:>>>)?)\s*/;
/** Between a call in a Jest matcher and its value. */
const MATCHER = /^\s*\)\s*\.\s*(?:toBe|toEqual|toStrictEqual)\s*\(\s*/;
const ASSERT_EQUAL = /(?:assertEqual|assertEquals|deepEqual|deepStrictEqual|strictEqual|assert\.equal)\s*\(\s*$/;

function expectedAfter(rest: string, before: string, nextLine: boolean): string | undefined {
  const matcher = MATCHER.exec(rest);
  if (matcher !== null) {
    const literal = leadingLiteral(rest.slice(matcher[0].length));
    return literal ?? undefined;
  }
  if (ASSERT_EQUAL.test(before)) {
    const comma = /^\s*,\s*/.exec(rest);
    return comma === null ? undefined : (leadingLiteral(rest.slice(comma[0].length)) ?? undefined);
  }
  const between = BETWEEN.exec(rest);
  if (between === null || (!nextLine && /^\s*\n/.test(between[0]))) return undefined;
  const literal = leadingLiteral(rest.slice(between[0].length));
  if (literal === null) return undefined;
  const after = rest.slice(between[0].length).trimStart().slice(literal.length);
  if (/^["'`\w]/.test(after)) return undefined;
  // A literal that goes on (`1 + x`, `[1][0]`) is not the value.
  return /^\s*(?:[-+*/%[(.]\s*[\w([]|\band\b|\bor\b)/.test(after) && !/^\s*[.]\s*(?:\n|$|[A-Z])/.test(after)
    ? undefined
    : literal;
}

/** Calls of a function in a text, with what the text says they return. */
export function callsIn(
  text: string,
  name: string,
  options: { readonly trusted: boolean; readonly doctests: boolean },
): ProbeCall[] {
  const calls: ProbeCall[] = [];
  const pattern = new RegExp(`(?<![\\w.$])${name.replaceAll('$', '\\$')}\\s*\\(`, 'g');
  for (const match of text.matchAll(pattern)) {
    const open = match.index + match[0].length - 1;
    const end = closing(text, open);
    if (end === null) continue;
    const before = text.slice(Math.max(0, match.index - 40), match.index);
    if (/\b(?:def|function|class|fn|func)\s+$/.test(before)) continue;
    const args = text.slice(open + 1, end - 1).trim();
    const line = text.slice(text.lastIndexOf('\n', match.index) + 1, match.index);
    // What a prompt's next line says is its value is left to those who read doctests.
    const prompted = line.includes('>>>') && options.doctests;
    const expected = options.trusted ? expectedAfter(text.slice(end, end + 3_000), before, !prompted) : undefined;
    calls.push({ fn: name, args, ...(expected === undefined ? {} : { expected }) });
    if (calls.length >= MAX_CALLS) break;
  }
  return calls;
}

const CONSTANTS: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
  inf: 'Infinity',
  nan: 'NaN',
};

/** Python's constants in JavaScript's words, outside of quoted texts. */
export function asScript(literal: string): string {
  return literal.replaceAll(
    /(["'])(?:\\.|(?!\1).)*\1|\b(?:True|False|None|inf|nan)\b/g,
    (part) => CONSTANTS[part] ?? part,
  );
}

const PYTHON_CONSTANTS: Readonly<Record<string, string>> = {
  true: 'True',
  false: 'False',
  null: 'None',
  undefined: 'None',
  Infinity: 'inf',
  NaN: 'nan',
};

/** JavaScript's constants in Python's words, outside of quoted texts. */
export function asPython(literal: string): string {
  return literal.replaceAll(
    /(["'])(?:\\.|(?!\1).)*\1|\b(?:true|false|null|undefined|Infinity|NaN)\b/g,
    (part) => PYTHON_CONSTANTS[part] ?? part,
  );
}

/** A pair of brackets that calls nothing: a tuple in one language, its last item in another. */
export function hasTuple(literal: string): boolean {
  const bare = literal.replaceAll(/(["'])(?:\\.|(?!\1).)*\1/g, '""');
  return /(?:^|[^\w\s)\]])\s*\([^()]*,/.test(bare);
}

/** Docstrings and block comments of a text that hold doctests; the text itself where it is no code. */
export function doctestTexts(text: string): [string, string][] {
  if (!text.includes('>>>')) return [];
  const blocks = [...text.matchAll(/("""|''')([\s\S]*?)\1/g)].map((match) => match[2] ?? '');
  const holding = blocks.filter((block) => block.includes('>>>'));
  const texts = holding.length > 0 ? holding : [text];
  return texts.map((block, index) => [`examples ${index + 1}`, `${block.replaceAll('\r\n', '\n').trimEnd()}\n`]);
}
