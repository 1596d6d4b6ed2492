import type { SyntaxTable } from '../../adapters/parser/index.ts';
import { compileContext, type CompiledContext, type ContextRules } from './context-rules.ts';
import { ECMASCRIPT_CONTEXT } from './ecmascript-context.ts';
import {
  BASH_CONTEXT,
  CSHARP_CONTEXT,
  GO_CONTEXT,
  JAVA_CONTEXT,
  PHP_CONTEXT,
  RUBY_CONTEXT,
  RUST_CONTEXT,
} from './other-contexts.ts';
import { PYTHON_CONTEXT } from './python-context.ts';

const RULES: Readonly<Record<string, ContextRules>> = {
  python: PYTHON_CONTEXT,
  typescript: ECMASCRIPT_CONTEXT,
  tsx: ECMASCRIPT_CONTEXT,
  javascript: ECMASCRIPT_CONTEXT,
  go: GO_CONTEXT,
  java: JAVA_CONTEXT,
  rust: RUST_CONTEXT,
  csharp: CSHARP_CONTEXT,
  php: PHP_CONTEXT,
  ruby: RUBY_CONTEXT,
  bash: BASH_CONTEXT,
};

const compiled = new Map<readonly string[], CompiledContext>();

/** How context is read in the language of a table, compiled at first use; undefined for languages of data. */
export function contextRulesFor(language: string, table: SyntaxTable): CompiledContext | undefined {
  const rules = RULES[language];
  if (rules === undefined) return undefined;
  let result = compiled.get(table.types);
  if (result === undefined) {
    result = compileContext(rules, table.types, table.fields);
    compiled.set(table.types, result);
  }
  return result;
}

export { type BuiltContext, ContextBuilder } from './context-builder.ts';
export { observe } from './observe.ts';
export { dataContext, textContext } from './text-context.ts';
export { type PartFinding, withNames, withTests } from './completeness.ts';
export { outlineContext } from './outline-context.ts';
