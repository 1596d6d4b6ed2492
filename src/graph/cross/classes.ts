/** From class names in JSX and HTML to the rules of style sheets, and from keys of CSS modules to the rules of their file. */
import type { CrossEdges } from './cross-edges.ts';
import type { HttpFile } from './http-routes.ts';
import type { ProjectFiles } from './project-files.ts';
import { closingOf, isScript, lineAt, type CrossFile } from './source-text.ts';

const STRENGTH = 0.3;

interface Rule {
  readonly file: CrossFile;
  readonly position: number;
}

/** Rules of one style sheet by the class names in their selectors. */
type Sheet = Map<string, Rule[]>;

const STYLES = new Set(['css', 'scss', 'less']);
const MODULE = /\.module\.(?:css|scss|less)$/;
const CLASS_NAME = /\.(-?[_a-zA-Z][\w-]*)/g;
const ATTRIBUTE = /\bclassName\s*=\s*(?:"([^"]*)"|'([^']*)'|(\{))/g;
const HTML_ATTRIBUTE = /\bclass\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const MODULE_IMPORT =
  /\bimport\s+(?:\*\s+as\s+)?([A-Za-z_$][\w$]*)\s+from\s*["']([^"']+\.module\.(?:css|scss|less))["']/g;

/** Adds an edge from every mention of a class to the rules that style it. */
export function classEdges(files: readonly HttpFile[], project: ProjectFiles, edges: CrossEdges): void {
  const sheets = new Map<string, Sheet>();
  for (const { file, scanned } of files)
    if (STYLES.has(file.language)) sheets.set(file.path, sheetOf(file, scanned.code));
  if (sheets.size === 0) return;
  const shared: Sheet = new Map();
  for (const [path, sheet] of sheets) {
    if (MODULE.test(path)) continue;
    for (const [name, rules] of sheet) shared.set(name, [...(shared.get(name) ?? []), ...rules]);
  }
  const link = (file: CrossFile, position: number, name: string, rules: readonly Rule[] | undefined): void => {
    for (const rule of rules ?? []) {
      edges.add(file.atomAt(position), rule.file.atomAt(rule.position), STRENGTH, () => {
        return `uses the class \`${name}\`, styled at ${rule.file.path}:${String(lineAt(rule.file.text, rule.position))}`;
      });
    }
  };
  for (const { file, scanned } of files) {
    if (isScript(file.language)) {
      for (const [name, position] of classesOf(scanned.code)) link(file, position, name, shared.get(name));
      for (const { path, name, position } of moduleKeys(file, scanned.code, project))
        link(file, position, name, sheets.get(path)?.get(name));
    } else if (file.language === 'html') {
      for (const match of file.text.matchAll(HTML_ATTRIBUTE))
        for (const [name, at] of wordsOf(match[1] ?? match[2] ?? '', match.index))
          link(file, at, name, shared.get(name));
    }
  }
}

/** What stands before a `{` is a selector, unless it is a keyframe or a rule like `@media`. */
function sheetOf(file: CrossFile, code: string): Sheet {
  const sheet: Sheet = new Map();
  const blocks = /([^{};]*)\{/g;
  for (const match of code.matchAll(blocks)) {
    const selector = match[1] ?? '';
    if (/^\s*@/.test(selector)) continue;
    for (const found of selector.matchAll(CLASS_NAME)) {
      const name = found[1] ?? '';
      const rule = { file, position: match.index + found.index };
      sheet.set(name, [...(sheet.get(name) ?? []), rule]);
    }
  }
  return sheet;
}

function* wordsOf(text: string, offset: number): Generator<[string, number]> {
  for (const match of text.matchAll(/[^\s]+/g)) yield [match[0], offset];
}

/** Class names of JSX: in the attribute, or in the strings of its expression that are not compared with something. */
function* classesOf(code: string): Generator<[string, number]> {
  if (!code.includes('className')) return;
  for (const match of code.matchAll(ATTRIBUTE)) {
    const plain = match[1] ?? match[2];
    if (plain !== undefined) {
      yield* wordsOf(plain, match.index);
      continue;
    }
    const open = match.index + match[0].length - 1;
    const expression = code.slice(open + 1, closingOf(code, open) - 1);
    for (const part of expression.matchAll(/([=!]==?\s*)?(?:"([^"\n]*)"|'([^'\n]*)'|`([^`]*)`)/g)) {
      if (part[1] !== undefined) continue;
      const text = (part[2] ?? part[3] ?? part[4] ?? '').replace(/\S*\$\{[^}]*\}\S*/g, ' ');
      yield* wordsOf(text, open + 1 + part.index);
    }
  }
}

function* moduleKeys(
  file: CrossFile,
  code: string,
  project: ProjectFiles,
): Generator<{ path: string; name: string; position: number }> {
  if (!code.includes('.module.')) return;
  for (const [, binding = '', specifier = ''] of code.matchAll(MODULE_IMPORT)) {
    const target = project.relative(specifier, file.path);
    if (target === undefined) continue;
    const uses = new RegExp(
      `\\b${binding.replaceAll('$', '\\$')}(?:\\.([A-Za-z_]\\w*)|\\[\\s*["']([^"']+)["']\\s*\\])`,
      'g',
    );
    for (const match of code.matchAll(uses)) {
      const name = match[1] ?? match[2] ?? '';
      yield { path: target.path, name, position: match.index };
      // Keys in camel case are offered for names with hyphens.
      const hyphenated = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      if (hyphenated !== name) yield { path: target.path, name: hyphenated, position: match.index };
    }
  }
}
