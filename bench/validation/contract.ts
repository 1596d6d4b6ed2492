import ts from 'typescript';
import { languageOf } from '../../src/adapters/parser/index.ts';
import type { TaskContract } from '../../src/validation/index.ts';
import type { PrecisionCase, Variant } from './data.ts';

/** Blanks ranges of a text, keeping its lines. */
function without(text: string, ranges: readonly (readonly [number, number])[]): string {
  let out = text;
  for (const [from, to] of ranges)
    out = out.slice(0, from) + out.slice(from, to).replaceAll(/[^\n]/g, ' ') + out.slice(to);
  return out;
}

/** A Python test file without its second, fourth, … test method: those decide what is true and are not shown. */
function evenPythonTests(text: string): string {
  const lines = text.split('\n');
  const kept: string[] = [];
  let index = -1;
  let skipped: number | null = null;
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    if (skipped !== null && line.trim() !== '' && indent <= skipped) skipped = null;
    if (/^\s+(?:async )?def test/.test(line) && ++index % 2 === 1) skipped = indent;
    kept.push(skipped === null ? line : '');
  }
  return kept.join('\n');
}

/** A Jest file without every other test. */
function evenJestTests(path: string, text: string): string {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const cut: [number, number][] = [];
  let index = -1;
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) && /^x?(?:it|test)(?:\.\w+)?\(/.test(node.getText(source))) {
      if (++index % 2 === 1) cut.push([node.getStart(source), node.getEnd()]);
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return without(text, cut);
}

/** The shown half of the examples of a module's docstrings, as the test file keeps them. */
function shownDoctests(text: string): string {
  const line = /^_DOCS = (\[.*\])$/m.exec(text)?.[1];
  if (line === undefined) return '';
  const documents = JSON.parse(line) as [name: string, text: string][];
  return documents.map(([name, document]) => `${name}\n${firstExamples(document)}`).join('\n\n');
}

function firstExamples(document: string): string {
  const parts = document.split(/^(?=[ \t]*>>> )/m);
  const [head = '', ...examples] = parts[0]?.trimStart().startsWith('>>> ') === true ? ['', ...parts] : parts;
  return head + examples.slice(0, Math.max(1, Math.ceil(examples.length / 2))).join('');
}

function shown(item: PrecisionCase, path: string, text: string): string {
  const run = item.run.visible;
  if (run?.filter !== 'even' || path !== run.main) return text;
  if (run.kind === 'unittest') return evenPythonTests(text);
  return run.kind === 'jest' ? evenJestTests(path, text) : text;
}

/** What the product would know of the task: its words, its stub, the files around it, and those tests that it may see, to be read. */
export function contractOf(item: PrecisionCase, variant: Pick<Variant, 'files'>): TaskContract {
  const main = item.run.visible?.main;
  const hidden = item.run.hidden.main === main ? null : item.run.hidden.main;
  const doctests = item.run.visible?.kind === 'pyscript' && main === 'doctest_test.py';
  const others = Object.entries({ ...item.files, ...variant.files }).filter(
    ([path, text]) => path !== item.target && text !== null,
  );
  return {
    description: doctests ? `${item.task}\n\n${shownDoctests(item.tests[main] ?? '')}` : item.task,
    declarations: item.prompt,
    entry: item.entry,
    dependents: Object.entries(item.tests)
      .filter(([path]) => path !== hidden && main !== undefined && !(doctests && path === main))
      .map(([path, text]) => ({ path, language: languageOf(path), text: shown(item, path, text) })),
    paths: [item.target, ...others.map(([path]) => path), ...Object.keys(item.tests)],
    siblings: others.map(([path, text]) => ({ path, language: languageOf(path), text: text ?? '' })),
    packages: [],
  };
}
