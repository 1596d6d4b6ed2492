/**
 * Grammars are sometimes wrong: they stumble over sound code. Before a file counts as damaged, a second opinion is heard: first the
 * same text with the constructs blanked that the grammar is known to misread, then the parser of the language itself.
 */
import { createRequire } from 'node:module';
import type { Tree } from '../adapters/parser/index.ts';

const require = createRequire(import.meta.url);

const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');

/** Constructs that the grammars misread; what is matched by the first group stays, the second is blanked at equal length. */
const MISREAD_SCRIPT: readonly RegExp[] = [
  // Type arguments of a tagged template.
  /([\w$)\]])(<[^<>()`;{}]*(?:<[^<>()`;{}]*>[^<>()`;{}]*)*>)(?=`)/g,
  // `export type * from`.
  /(\bexport\s+)(type)(?=\s*\*)/g,
  // `import defer * as`, `import source x from`.
  /(\bimport\s+)(defer|source)(?=\s+[\w*{])/g,
  // `accessor` members.
  /(^\s*(?:(?:public|private|protected|static|override|readonly|declare)\s+)*)(accessor)(?=\s+[\w#\[])/gm,
  // `const` type parameters and variance.
  /([<,]\s*)((?:const|in|out)(?:\s+out)?\s)(?=\s*[A-Z]\w*\s*(?:[,>=]|extends\b))/g,
  /(^\s*)((?:in|out)(?:\s+out)?\s)(?=\s*[A-Z]\w*\s*(?:[,>=]|extends\b))/gm,
  // `abstract override`.
  /(\babstract\s+)(override)(?=\s)/g,
  // An ampersand in the address of a link, which is not the beginning of an entity.
  /([?\w])(&)(?=\w+=)/g,
];

const MISREAD_HTML: readonly RegExp[] = [
  // What a template engine puts in.
  /()(\{\{[^{}\n]*\}\}|\{%[^%\n]*%\}|<\?[^>]*\?>)/g,
  // A bracket in running text, behind the end of a tag.
  /(>[^<>]*)(>)/g,
  /(\s)(&)(?=\s)/g,
];

const MISREAD_CSS: readonly RegExp[] = [
  /()(!\s+important\b)/g,
  // Old ways to speak to one browser only: `*zoom: 1`, `_height: 1px`.
  /([{;]\s*)([*_])(?=[a-z-]+\s*:)/g,
];

const MISREAD: Readonly<Record<string, readonly RegExp[]>> = {
  typescript: MISREAD_SCRIPT,
  tsx: MISREAD_SCRIPT,
  javascript: MISREAD_SCRIPT,
  html: MISREAD_HTML,
  css: MISREAD_CSS,
};

/** Rounds over a text: what is blanked may bring something else to light. */
const ROUNDS = 3;

/** The text with misread constructs blanked; undefined when there is none. Positions stay the same. */
export function withoutMisread(language: string, text: string): string | undefined {
  const patterns = MISREAD[language];
  if (patterns === undefined) return undefined;
  let result = text;
  for (let round = 0; round < ROUNDS; round++) {
    const before = result;
    for (const pattern of patterns)
      result = result.replace(pattern, (_all, kept: string, misread: string) => kept + blank(misread));
    if (result === before) break;
  }
  return result === text ? undefined : result;
}

interface Compiler {
  readonly createSourceFile: (name: string, text: string, target: number, parents: boolean, kind: number) => unknown;
  readonly ScriptKind: Readonly<Record<string, number>>;
  readonly ScriptTarget: Readonly<Record<string, number>>;
}

let compiler: Compiler | undefined;

const SCRIPT_KINDS: Readonly<Record<string, string>> = { typescript: 'TS', tsx: 'TSX', javascript: 'JSX' };

/** JSON as editors write it, which its own parser refuses and those who read it do not. */
const JSON_WITH_MORE = /\/\/|\/\*|,\s*[}\]]/;

function acceptedAsJson(text: string): boolean | undefined {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return JSON_WITH_MORE.test(text) ? undefined : false;
  }
}

/**
 * Whether the parser of the language itself accepts the text; undefined where its parser is not at hand or could not say: then
 * nobody knows more than that the grammar stumbles.
 */
export function acceptedByOwnParser(language: string, text: string): boolean | undefined {
  // The standard gives every text a tree: there is no HTML that is refused.
  if (language === 'html') return true;
  if (language === 'json') return acceptedAsJson(text);
  const kind = SCRIPT_KINDS[language];
  if (kind === undefined) return undefined;
  compiler ??= require('typescript') as Compiler;
  try {
    return compiles(compiler, text, kind);
  } catch (error) {
    // The compiler recurses: text that is nested too deeply for it gets no second opinion.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function compiles(
  { createSourceFile, ScriptKind, ScriptTarget }: Compiler,
  text: string,
  kind: string,
): boolean | undefined {
  const source = createSourceFile('file', text, ScriptTarget['Latest'] ?? 99, false, ScriptKind[kind] ?? 0);
  const { parseDiagnostics } = source as { readonly parseDiagnostics?: readonly unknown[] };
  return parseDiagnostics === undefined ? undefined : parseDiagnostics.length === 0;
}

/** The better of two trees of one text: the second only when it is free of errors. The other one is deleted. */
export function betterTree(first: Tree, second: Tree | null): Tree {
  if (second === null) return first;
  const worse = second.rootNode.hasError ? second : first;
  worse.delete();
  return worse === first ? second : first;
}
