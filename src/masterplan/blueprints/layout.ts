/** Line breaking as the formatters of the generated languages do it, so that generated files leave them unchanged. */

/** Columns of a line in generated Python and TypeScript. */
export const LINE_WIDTH = 100;

const pad = (columns: number): string => ' '.repeat(columns);

/** Text without its first line break and with exactly one at the end. */
export function fileText(text: string): string {
  return `${text.replace(/^\n/, '').trimEnd()}\n`;
}

/** Parts joined by `separator`, leaving out the empty ones. */
export function joined(parts: readonly string[], separator = '\n'): string {
  return parts.filter((part) => part !== '').join(separator);
}

/**
 * `head` + items + `tail` on one line where that fits, else one item per line with a trailing comma, as black and prettier do.
 * `indent` counts the columns of the line that `head` starts; the result does not repeat them on its first line.
 */
export function bracketed(head: string, items: readonly string[], tail: string, indent = 0): string {
  const flat = `${head}${items.join(', ')}${tail}`;
  if (indent + flat.length <= LINE_WIDTH && !flat.includes('\n')) return flat;
  const lines = items.map((item) => `${pad(indent + 4)}${item},`);
  return `${head}\n${lines.join('\n')}\n${pad(indent)}${tail}`;
}

/** `from module import a, b`, in parentheses where it is long. */
export function bracketedImport(module: string, names: readonly string[]): string {
  const flat = `from ${module} import ${names.join(', ')}`;
  return flat.length <= LINE_WIDTH
    ? flat
    : `from ${module} import (\n${names.map((name) => `    ${name},`).join('\n')}\n)`;
}

/** The order of imported names: numbers in them count as numbers, upper case comes first. */
export function byName(a: string, b: string): number {
  const [headA, numberA] = splitNumber(a);
  const [headB, numberB] = splitNumber(b);
  if (headA === headB) return numberA - numberB;
  return headA < headB ? -1 : 1;
}

function splitNumber(name: string): [string, number] {
  const digits = /\d+$/.exec(name)?.[0] ?? '';
  return [name.slice(0, name.length - digits.length), Number(digits)];
}

/** `bracketed` with an indentation of two columns (TypeScript). `spaced` puts blanks inside braces: `{ a, b }`. */
export function bracketedTs(head: string, items: readonly string[], tail: string, indent = 0): string {
  const spaced = head.endsWith('{');
  const flat = spaced ? `${head} ${items.join(', ')} ${tail}` : `${head}${items.join(', ')}${tail}`;
  if (indent + flat.length <= LINE_WIDTH && !flat.includes('\n')) return flat;
  const lines = items.map((item) => `${pad(indent + 2)}${item},`);
  return `${head}\n${lines.join('\n')}\n${pad(indent)}${tail}`;
}

/** A JSX tag with attributes: on one line where it fits, else one attribute per line. `close` is `/>` or `>`. */
export function jsxTag(name: string, attributes: readonly string[], close: '/>' | '>', indent = 0): string {
  const flat = `<${[name, ...attributes].join(' ')}${close === '/>' ? ' />' : '>'}`;
  if (indent + flat.length <= LINE_WIDTH && !flat.includes('\n')) return flat;
  const lines = attributes.map((attribute) => `${pad(indent + 2)}${attribute}`);
  return `<${name}\n${lines.join('\n')}\n${pad(indent)}${close}`;
}
