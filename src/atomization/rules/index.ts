import type { SyntaxTable } from '../../adapters/parser/index.ts';
import { ECMASCRIPT } from './ecmascript.ts';
import { compileRules, type CompiledRules, type LanguageRules } from './language-rules.ts';
import { PYTHON } from './python.ts';

/** The cutting rules of each language that has a grammar. */
const RULES: Readonly<Record<string, LanguageRules>> = {
  python: PYTHON,
  typescript: ECMASCRIPT,
  tsx: ECMASCRIPT,
  javascript: ECMASCRIPT,
};

const compiled = new Map<readonly string[], CompiledRules>();

/** The rules for the language of a table, compiled at first use; undefined for languages that are cut by text rules. */
export function rulesFor(language: string, table: SyntaxTable): CompiledRules | undefined {
  const rules = RULES[language];
  if (rules === undefined) return undefined;
  let result = compiled.get(table.types);
  if (result === undefined) {
    result = compileRules(rules, table.types, table.fields);
    compiled.set(table.types, result);
  }
  return result;
}

/** True for languages with cutting rules along the syntax tree. */
export function hasRules(language: string): boolean {
  return RULES[language] !== undefined;
}

export { BIT, type CompiledRules, type LanguageRules } from './language-rules.ts';
