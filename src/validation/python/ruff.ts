import { createRequire } from 'node:module';
import type * as Ruff from '@astral-sh/ruff-wasm-nodejs';
import { baselineCode } from '../../adapters/wasm/baseline-code.ts';
import type { StaticKind } from '../language-checks.ts';

/** Something that the linter flags. Positions are UTF-16 indexes. */
export interface LintProblem {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly kind: StaticKind;
  readonly message: string;
}

/**
 * The rules that signal bugs, of those that the linter has, and what they are about. Chosen by what they flag on right code: nothing,
 * on 2,000 right solutions and harmless variants of them. Rules of style are not among them.
 */
const RULES: Readonly<Record<string, { readonly code: string; readonly kind: StaticKind }>> = {
  'undefined-name': { code: 'F821', kind: 'names' },
  'undefined-local': { code: 'F823', kind: 'names' },
  'redefined-while-unused': { code: 'F811', kind: 'semantics' },
  'return-outside-function': { code: 'F706', kind: 'semantics' },
  'yield-outside-function': { code: 'F704', kind: 'semantics' },
  'is-literal': { code: 'F632', kind: 'semantics' },
  'assert-on-tuple': { code: 'F631', kind: 'semantics' },
  'if-tuple': { code: 'F634', kind: 'semantics' },
  'raise-not-implemented': { code: 'F901', kind: 'semantics' },
  'string-dot-format-missing-arguments': { code: 'F524', kind: 'semantics' },
  'percent-format-positional-count-mismatch': { code: 'F507', kind: 'semantics' },
  'percent-format-missing-argument': { code: 'F505', kind: 'semantics' },
  'comparison-with-itself': { code: 'PLR0124', kind: 'semantics' },
  'self-assigning-variable': { code: 'PLW0127', kind: 'semantics' },
  'return-in-init': { code: 'PLE0101', kind: 'semantics' },
  'nonlocal-without-binding': { code: 'PLE0117', kind: 'names' },
  'used-prior-global-declaration': { code: 'PLE0118', kind: 'names' },
  'bad-str-strip-call': { code: 'PLE1310', kind: 'semantics' },
  'duplicate-bases': { code: 'PLE0241', kind: 'semantics' },
  'yield-in-init': { code: 'PLE0100', kind: 'semantics' },
  'unexpected-special-method-signature': { code: 'PLE0302', kind: 'semantics' },
  'unused-function-argument': { code: 'ARG001', kind: 'semantics' },
  'unused-method-argument': { code: 'ARG002', kind: 'semantics' },
  'unreachable-code': { code: 'PLW0101', kind: 'semantics' },
};

const PYTHON = 'py311';
const NEWEST_PYTHON = 'py314';
const UTF16 = 1;

/** For both: they share a module. */
const sparing = baselineCode();

let linter: Ruff.Workspace | null | undefined;

/** Loaded at first use (10 MB of WebAssembly, 40 ms); null where the package is not installed. */
function openLinter(): Ruff.Workspace | null {
  if (linter !== undefined) return linter;
  try {
    const require = createRequire(import.meta.url);
    const { Workspace } = require('@astral-sh/ruff-wasm-nodejs') as typeof Ruff;
    const select = Object.values(RULES).map(({ code }) => code);
    linter = new Workspace({ 'target-version': PYTHON, preview: true, lint: { select, preview: true } }, UTF16);
  } catch {
    linter = null;
  }
  return linter;
}

let reader: Ruff.Workspace | null | undefined;

/** Reads Python of every version; null where the package is not installed. */
function openReader(): Ruff.Workspace | null {
  if (reader !== undefined) return reader;
  try {
    const require = createRequire(import.meta.url);
    const { Workspace } = require('@astral-sh/ruff-wasm-nodejs') as typeof Ruff;
    reader = new Workspace({ 'target-version': NEWEST_PYTHON, lint: { select: [] } }, UTF16);
  } catch {
    reader = null;
  }
  return reader;
}

/** Whether the linter's own parser reads a text as Python of any version; null where it is not installed or could not say. */
export function acceptsSyntax(text: string): boolean | null {
  return sparing(() => readsAsPython(text));
}

function readsAsPython(text: string): boolean | null {
  const open = openReader();
  if (open === null) return null;
  try {
    return !(open.check(text) as Ruff.Diagnostic[]).some(({ code }) => code === null || code === 'invalid-syntax');
  } catch (error) {
    // Nested so deeply that the parser's own stack ends: no Python compiles that either.
    return error instanceof RangeError ? false : null;
  }
}

/** What the linter flags in a file that parses; null where it is not installed or cannot read the file. */
export function lint(text: string, indexAt: (line: number, column: number) => number): LintProblem[] | null {
  return sparing(() => linted(text, indexAt));
}

function linted(text: string, indexAt: (line: number, column: number) => number): LintProblem[] | null {
  const open = openLinter();
  if (open === null) return null;
  try {
    const diagnostics = open.check(text) as Ruff.Diagnostic[];
    return diagnostics.flatMap(({ code, message, start_location: from, end_location: to }) => {
      const rule = code === null ? undefined : RULES[code];
      if (code === null || rule === undefined) return [];
      return [
        {
          start: indexAt(from.row - 1, from.column - 1),
          end: indexAt(to.row - 1, to.column - 1),
          rule: code,
          kind: rule.kind,
          message,
        },
      ];
    });
  } catch {
    return null;
  }
}
