import type { SyntaxTable } from '../../adapters/parser/index.ts';
import { BASH } from './bash.ts';
import { CSHARP } from './csharp.ts';
import { CSS, HTML, JSON_RULES, TOML, YAML } from './data-languages.ts';
import { ECMASCRIPT } from './ecmascript.ts';
import { GO } from './go.ts';
import { JAVA } from './java.ts';
import { compileRules, type CompiledRules, type LanguageRules } from './language-rules.ts';
import { PHP } from './php.ts';
import { PYTHON } from './python.ts';
import { RUBY } from './ruby.ts';
import { RUST } from './rust.ts';

/** The cutting rules of each language that has a grammar. */
const RULES: Readonly<Record<string, LanguageRules>> = {
  python: PYTHON,
  typescript: ECMASCRIPT,
  tsx: ECMASCRIPT,
  javascript: ECMASCRIPT,
  go: GO,
  java: JAVA,
  rust: RUST,
  csharp: CSHARP,
  php: PHP,
  ruby: RUBY,
  bash: BASH,
  json: JSON_RULES,
  yaml: YAML,
  toml: TOML,
  css: CSS,
  html: HTML,
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
