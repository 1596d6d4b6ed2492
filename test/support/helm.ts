/**
 * Renders the templates of a Helm chart without Helm: the part of Go's template language that deploy/helm uses, and not more. What
 * it does not know throws, so that a chart is never taken for valid because something was skipped.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

type Value = unknown;
type Node = string | { readonly expression: string } | Block;
interface Block {
  readonly keyword: 'if' | 'with' | 'define';
  readonly argument: string;
  readonly body: Node[];
}
interface Scope {
  readonly dot: Value;
  readonly root: Value;
  readonly templates: Map<string, Node[]>;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly [field: string]: unknown;
}

/** All manifests of a chart with its values, some of them overridden. Every document is parsed as YAML. */
export function renderChart(folder: string, overrides: object = {}): Manifest[] {
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const chart = parse(text('Chart.yaml')) as { appVersion: string };
  const root = {
    Values: merge(parse(text('values.yaml')), overrides),
    Chart: { AppVersion: chart.appVersion },
    Release: { Name: 'test', Service: 'Helm' },
    Files: { Get: text },
  };
  const templates = new Map<string, Node[]>();
  const files = readdirSync(join(folder, 'templates')).sort();
  const sources = files.map((file) => parseTemplate(text(join('templates', file))));
  const scope: Scope = { dot: root, root, templates };
  for (const source of sources)
    for (const node of source)
      if (typeof node === 'object' && 'keyword' in node && node.keyword === 'define')
        templates.set(JSON.parse(node.argument) as string, node.body);
  return sources
    .map((source) => render(source, scope))
    .flatMap((rendered) => rendered.split(/^---$/m))
    .filter((document) => document.replaceAll(/^\s*#.*$/gm, '').trim() !== '')
    .map((document) => parse(document) as Manifest);
}

function merge(base: Value, over: Value): Value {
  if (!isRecord(base) || !isRecord(over)) return over === undefined ? base : over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(base[key], over[key])]));
}

const isRecord = (value: Value): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseTemplate(source: string): Node[] {
  const trimmed = source.replaceAll(/\s*\{\{-/g, '{{').replaceAll(/-\}\}\s*/g, '}}');
  const top: Node[] = [];
  const stack: Node[][] = [top];
  for (const part of trimmed.split(/(\{\{.*?\}\})/s)) {
    const into = stack.at(-1) ?? top;
    if (part.startsWith('{{')) open(part.slice(2, -2).trim(), into, stack);
    else into.push(part);
  }
  if (stack.length !== 1) throw new Error('a block of a template is not closed');
  return top;
}

function open(expression: string, into: Node[], stack: Node[][]): void {
  const [, keyword, argument = ''] = /^(if|with|define|end|range|else)\b\s*(.*)$/s.exec(expression) ?? [];
  if (keyword === undefined) into.push({ expression });
  else if (keyword === 'end') {
    if (stack.length === 1) throw new Error('a template ends a block that it did not open');
    stack.pop();
  } else if (keyword === 'if' || keyword === 'with' || keyword === 'define') {
    const block: Block = { keyword, argument, body: [] };
    into.push(block);
    stack.push(block.body);
  } else throw new Error(`this renderer does not know {{ ${keyword} }}`);
}

function render(nodes: readonly Node[], scope: Scope): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      if ('expression' in node) return textOf(evaluate(node.expression, scope));
      if (node.keyword === 'define') return '';
      const value = evaluate(node.argument, scope);
      if (!isTrue(value)) return '';
      return render(node.body, node.keyword === 'with' ? { ...scope, dot: value } : scope);
    })
    .join('');
}

function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isRecord(value) ? Object.keys(value).length > 0 : Boolean(value);
}

function textOf(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`a template writes ${JSON.stringify(value)}, which is not text`);
}

function evaluate(expression: string, scope: Scope): Value {
  let piped: { value: Value } | null = null;
  for (const stage of splitOutside(expression, '|')) {
    const words = splitOutside(stage.trim(), ' ').filter((word) => word !== '');
    const [head = '', ...rest] = words;
    const args = rest.map((word) => operand(word, scope));
    if (piped) args.push(piped.value);
    piped = { value: head in FUNCTIONS ? call(head, args, scope) : apply(operand(head, scope), args) };
  }
  return piped?.value;
}

function apply(value: Value, args: Value[]): Value {
  if (typeof value === 'function') return (value as (...given: Value[]) => Value)(...args);
  if (args.length > 0) throw new Error('a template gives arguments to something that takes none');
  return value;
}

function operand(word: string, scope: Scope): Value {
  if (word.startsWith('(')) return evaluate(word.slice(1, -1), scope);
  if (word.startsWith('"')) return JSON.parse(word);
  if (/^\d+$/.test(word)) return Number(word);
  if (word === '.') return scope.dot;
  if (!word.startsWith('.')) throw new Error(`this renderer does not know ${word}`);
  return word
    .slice(1)
    .split('.')
    .reduce((value: Value, key) => {
      if (!isRecord(value) || !(key in value)) throw new Error(`the chart has no value ${word}`);
      return value[key];
    }, scope.dot);
}

type Helper = (args: Value[], scope: Scope) => Value;
const indent = (text: string, by: Value): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(Number(by)));
const FUNCTIONS: Readonly<Record<string, Helper>> = {
  include: ([name, dot], scope) => {
    const body = scope.templates.get(String(name));
    if (!body) throw new Error(`there is no template ${String(name)}`);
    return render(body, { ...scope, dot });
  },
  nindent: ([by, value]) => `\n${indent(textOf(value), by)}`,
  quote: ([value]) => JSON.stringify(textOf(value)),
  default: ([standard, value]) => (isTrue(value) ? value : standard),
  toYaml: ([value]) => stringify(value, { lineWidth: 0 }).trimEnd(),
  sha256sum: ([value]) => createHash('sha256').update(textOf(value)).digest('hex'),
  and: (args) => args.find((value) => !isTrue(value)) ?? args.at(-1),
  not: ([value]) => !isTrue(value),
  fail: ([message]) => {
    throw new Error(textOf(message));
  },
};

function call(name: string, args: Value[], scope: Scope): Value {
  const helper = FUNCTIONS[name];
  if (!helper) throw new Error(`this renderer does not know ${name}`);
  return helper(args, scope);
}

/** Splits at a character that stands neither in a string nor in parentheses. */
function splitOutside(text: string, at: string): string[] {
  const parts = [''];
  let depth = 0;
  let isQuoted = false;
  for (const char of text) {
    if (char === '"') isQuoted = !isQuoted;
    if (!isQuoted && char === '(') depth += 1;
    if (!isQuoted && char === ')') depth -= 1;
    if (char === at && depth === 0 && !isQuoted) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}
