import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import { grammarOf } from './languages.ts';
import { SyntaxTree, TreeCache } from './syntax-tree.ts';
import { wasmModule } from './wasm-module.ts';

/** Longest time one parse may take when the caller names none, in milliseconds. */
const DEFAULT_BUDGET_MS = 5_000;

/** tree-sitter reads at most this many UTF-16 units at a time. */
const CHUNK = 5_000;

/** Parses source text. One per thread: its trees live in the thread's WebAssembly memory. */
export interface SourceParser {
  /**
   * The syntax tree of `text`; positions are UTF-16 indexes into it. A lone carriage return counts as a line end. Null when the
   * language has no grammar, or the parse did not end within `budgetMs` (default 5,000 ms). The caller deletes the tree.
   */
  parse(language: string, text: string, options?: { readonly budgetMs?: number }): Tree | null;
  /**
   * The same as plain objects, for those who look at nodes more than once; nothing is to be deleted. Trees of the texts that were
   * read last are kept.
   */
  read(language: string, text: string, options?: { readonly budgetMs?: number }): SyntaxTree | null;
  close(): void;
}

const require = createRequire(import.meta.url);

/** The compiler as Node has it; its types come with the DOM library, which this program does not use. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: { Module: new (bytes: Uint8Array) => Parameters<typeof Language.loadSync>[0] };
};
const loaded = new Map<string, Language>();
let ready: Promise<void> | undefined;

/** The grammar of a language, compiled at its first use in this thread; undefined where none is installed. */
function loadGrammar(language: string): Language | undefined {
  const known = loaded.get(language);
  if (known !== undefined) return known;
  const source = grammarOf(language);
  if (source === undefined) return undefined;
  const folder = dirname(require.resolve(`${source.packageName}/package.json`));
  const grammar = Language.loadSync(new wasm.Module(readFileSync(join(folder, source.file))));
  loaded.set(language, grammar);
  return grammar;
}

/** Lone carriage returns end a line for people and editors but not for most grammars; same length, so positions stay right. */
function readableLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r(?!\n)/g, '\n') : text;
}

function parseWithin(parser: Parser, text: string, budgetMs: number): Tree | null {
  const deadline = performance.now() + budgetMs;
  // The declared return type is void, but `true` is what stops the parse.
  const progressCallback = (): boolean => performance.now() > deadline;
  const tree = parser.parse((index) => text.slice(index, index + CHUNK), null, { progressCallback });
  // A stopped parse would otherwise go on with the next text.
  if (tree === null) parser.reset();
  return tree;
}

/** Opens the parser of this thread; grammars load when a text of their language first comes. */
export async function openParser(): Promise<SourceParser> {
  ready ??= Parser.init(wasmModule());
  await ready;
  const parser = new Parser();
  const kept = new TreeCache();
  let current: Language | undefined;
  const parse: SourceParser['parse'] = (language, text, options) => {
    const grammar = loadGrammar(language);
    if (grammar === undefined) return null;
    if (grammar !== current) parser.setLanguage(grammar);
    current = grammar;
    return parseWithin(parser, readableLineEnds(text), options?.budgetMs ?? DEFAULT_BUDGET_MS);
  };
  return {
    parse,
    read(language, text, options) {
      const known = kept.get(language, text);
      if (known !== undefined) return known;
      const tree = parse(language, text, options);
      if (tree === null) return null;
      try {
        const copy = new SyntaxTree(tree, readableLineEnds(text));
        kept.set(language, text, copy);
        return copy;
      } finally {
        tree.delete();
      }
    },
    close: () => parser.delete(),
  };
}
