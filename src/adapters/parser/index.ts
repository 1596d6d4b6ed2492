export { decodeSource, type DecodedSource, type SourceEncoding } from './decode.ts';
export { hasGrammar, LANGUAGE_IDS, languageOf } from './languages.ts';
export { openParser, type SourceParser } from './source-parser.ts';
export type { Node, Tree, TreeCursor } from 'web-tree-sitter';
