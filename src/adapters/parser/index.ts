export { decodeSource, type DecodedSource, type SourceEncoding } from './decode.ts';
export { hasGrammar, LANGUAGE_IDS, languageOf } from './languages.ts';
export { openParser, type SourceParser } from './source-parser.ts';
export type { SyntaxNode, SyntaxTree } from './syntax-tree.ts';
export { readsMemory, tabulate, type SyntaxTable } from './syntax-table.ts';
export { ERROR_KIND, NODE_ERROR, NODE_EXTRA, NODE_MISSING, NODE_NAMED } from './tree-memory.ts';
export type { Node, Tree, TreeCursor } from 'web-tree-sitter';
