import { estimateTokens } from './tokens.ts';

/** A part of a prompt in the forms it may take, the best first: the whole text, then shorter ones. None = it may be left out. */
export interface BudgetedPart {
  readonly label: string;
  readonly forms: readonly string[];
}

export interface ChosenPart {
  readonly label: string;
  readonly text: string;
}

/** Tokens that the marks around a part take. */
const MARKS = 40;

/**
 * Chooses, in the order given (the most important first), the best form of each part that still fits.
 * @returns the chosen parts in that order, and the labels of those left out.
 */
export function fitToBudget(
  parts: readonly BudgetedPart[],
  budgetTokens: number,
): { readonly chosen: ChosenPart[]; readonly leftOut: string[] } {
  const chosen: ChosenPart[] = [];
  const leftOut: string[] = [];
  let left = budgetTokens;
  for (const { label, forms } of parts) {
    const form = forms.find((text) => estimateTokens(text) + MARKS <= left);
    if (form === undefined) leftOut.push(label);
    else {
      chosen.push({ label, text: form });
      left -= estimateTokens(form) + MARKS;
    }
  }
  return { chosen, leftOut };
}

/** The lines of code that say what others may use: declarations without their bodies. */
export function signaturesOf(code: string): string {
  const lines = code.split('\n').filter((line) => SIGNATURE.test(line));
  return lines.slice(0, 40).join('\n');
}

const SIGNATURE =
  /^\s*(?:@\w|export\b|import\b|from\s+\S+\s+import\b|(?:async\s+)?def\s|class\s|(?:public|private|protected|static|abstract|async|function|interface|type|enum|struct|trait|impl|fn|pub|func)\s|(?:const|let|var)\s+\w+\s*[:=]|[A-Z][A-Z0-9_]+\s*[:=])/;

/** The last lines of a text that make up at most `tokens`. */
export function tailOf(text: string, tokens: number): string {
  const lines = text.split('\n');
  let from = lines.length;
  for (let used = 0; from > 0; from -= 1) {
    used += estimateTokens(`${lines[from - 1] ?? ''}\n`);
    if (used > tokens) break;
  }
  return lines.slice(from).join('\n');
}

/** The first lines of a text that make up at most `tokens`. */
export function headOf(text: string, tokens: number): string {
  const lines = text.split('\n');
  let to = 0;
  for (let used = 0; to < lines.length; to += 1) {
    used += estimateTokens(`${lines[to] ?? ''}\n`);
    if (used > tokens) break;
  }
  return lines.slice(0, to).join('\n');
}
