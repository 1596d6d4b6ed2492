import type { SyntaxTable } from '../../adapters/parser/index.ts';
import { extractPython } from './python/statements.ts';
import { extractScript } from './script/statements.ts';
import type { FileFacts } from './types.ts';

/** Languages whose names are resolved. */
const EXTRACTORS: Readonly<Record<string, (table: SyntaxTable, text: string, language: string) => FileFacts>> = {
  python: extractPython,
  typescript: extractScript,
  tsx: extractScript,
  javascript: extractScript,
};

/**
 * The facts of one file, from its syntax table (see `tabulate`) and the text that was parsed. Null for languages whose names are
 * not resolved. One pass over the table; the table is not kept.
 */
export function extractFacts(table: SyntaxTable, text: string, language: string): FileFacts | null {
  return EXTRACTORS[language]?.(table, text, language) ?? null;
}
