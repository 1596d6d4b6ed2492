import type { SourceParser } from '../../adapters/parser/index.ts';
import type { ContractFile } from '../contract/task-contract.ts';
import { dependentProbe } from './dependents.ts';
import type { Example } from './examples.ts';
import { calledParameters, type PythonFunction } from './functions.ts';
import { annotationOf, ANY, literalType, type LiteralKind, type LiteralType, merge } from './literal-type.ts';
import { LineIndex } from './line-index.ts';
import { field } from './tree.ts';
import type { TypeDiagnostic } from './type-service.ts';

const PREFIX = '__mge_';
const ANY_NAME = `${PREFIX}any`;
const CAST = `${PREFIX}cast`;
const IMPORTS = `from typing import Any as ${ANY_NAME}, Sequence as ${PREFIX}sequence, AbstractSet as ${PREFIX}set, cast as ${CAST}`;
const DIRECTIVES = '# pyright: basic, reportUnnecessaryComparison=warning';

interface Insertion {
  readonly at: number;
  readonly text: string;
  /** UTF-16 units of the file that the text stands for. */
  readonly replaces: number;
  /** Where a finding inside the inserted text belongs. */
  readonly belongsTo: number;
}

/** A diagnostic at its place in the file itself, or in what was added behind it to use the file. */
export interface PlacedDiagnostic extends TypeDiagnostic {
  readonly start: number;
  readonly end: number;
  readonly where: 'file' | 'inserted' | 'use';
  /** True where the use names a function or a class of the file. */
  readonly isNamed: boolean;
  /** Classes of the file that inherit nothing. */
  readonly classes: readonly string[];
  /** True for a use of a function whose result type the file itself declares. */
  readonly isDeclared: boolean;
  /** The line of the added text; empty in the file itself. */
  readonly source: string;
}

/** A file with what its examples say about types written into it, and with its uses behind it. */
export interface Probe {
  readonly text: string;
  place(diagnostic: TypeDiagnostic): PlacedDiagnostic;
}

/** The examples that call a function: by its name, or by its class's for a constructor. */
export function examplesFor(fn: PythonFunction, examples: readonly Example[]): Example[] {
  const callee = fn.name === '__init__' ? fn.className : fn.name;
  return examples.filter(
    (example) =>
      example.callee === callee &&
      !example.raises &&
      (fn.name === '__init__' || example.isMethod === (fn.className !== null)),
  );
}

/** What the examples pass for each parameter; `any` where they differ or do not say. */
function passedTypes(fn: PythonFunction, examples: readonly Example[]): (LiteralType | null)[] {
  return calledParameters(fn).map(({ name, kind, node, hasDefault }, index) => {
    if (kind === 'star' || kind === 'double-star') return null;
    const passed = examples.flatMap((example) => {
      if (example.isOpen) return [ANY];
      return example.positional[index] ?? example.keywords.find(([key]) => key === name)?.[1] ?? [];
    });
    const value = hasDefault ? field(node, 'value') : null;
    if (value !== null) passed.push(literalType(value));
    const [first, ...rest] = passed;
    return first === undefined ? null : rest.reduce(merge, first);
  });
}

/** True where a type says something that a check can use. */
function isTelling(type: LiteralType | null): type is LiteralType {
  return type !== null && type.kind !== 'any' && type.kind !== 'None';
}

/** The white space that a statement's line begins with. */
function indentOf(text: string, index: number): string {
  return text.slice(text.lastIndexOf('\n', index - 1) + 1, index);
}

function parameterInsertion(text: string, fn: PythonFunction, examples: readonly Example[]): Insertion[] {
  const [first] = fn.statements;
  if (first === undefined || fn.isNested) return [];
  const types = passedTypes(fn, examples);
  const casts = calledParameters(fn).flatMap((parameter, index) => {
    const type = types[index] ?? null;
    if (parameter.annotation !== null || !isTelling(type)) return [];
    return [`${parameter.name} = ${CAST}("${annotationOf(type, ANY_NAME)}", ${parameter.name})`];
  });
  if (casts.length === 0) return [];
  const sameLine = first.startPosition.row === fn.node.startPosition.row;
  const between = sameLine ? '; ' : `\n${indentOf(text, first.startIndex)}`;
  if (sameLine && /^(?:if|for|while|with|try|def|class|async|@)/.test(first.type)) return [];
  return [
    {
      at: first.startIndex,
      text: casts.map((cast) => cast + between).join(''),
      replaces: 0,
      belongsTo: first.startIndex,
    },
  ];
}

const RETURNED: Readonly<Partial<Record<LiteralKind, string>>> = {
  bool: 'float',
  int: 'float',
  float: 'float',
  str: 'str',
  bytes: 'bytes',
  None: 'None',
  tuple: `tuple[${ANY_NAME}, ...]`,
  list: `list[${ANY_NAME}]`,
  dict: `dict[${ANY_NAME}, ${ANY_NAME}]`,
  set: `${PREFIX}set[${ANY_NAME}]`,
};

const COUNTABLE: readonly LiteralKind[] = ['int', 'float', 'bool', 'list', 'tuple', 'dict'];

/** A list is named by what it holds where that tells one nesting from another. */
function returnedText(type: LiteralType): string | undefined {
  const [item] = type.items;
  if (type.kind !== 'list' || item === undefined || !COUNTABLE.includes(item.kind)) return RETURNED[type.kind];
  const held = returnedText(item);
  return held === undefined ? undefined : `${PREFIX}sequence[${held}]`;
}

function returnAnnotation(fileText: string, fn: PythonFunction, examples: readonly Example[]): string | null {
  const expected = examples.flatMap(({ expected: type }) => (type === null || type.kind === 'any' ? [] : [type]));
  if (expected.length === 0) return null;
  const byKind = new Map<string, LiteralType>();
  for (const type of expected) {
    const known = byKind.get(type.kind);
    byKind.set(type.kind, known === undefined ? type : merge(known, type));
  }
  // Whoever adds to what it gets from this function needs the collection itself.
  const isCalled = fileText.split(`${fn.name}(`).length > 2;
  const texts = [...byKind.values()].map((type) => (isCalled ? RETURNED[type.kind] : returnedText(type)));
  if (texts.includes(undefined)) return null;
  const told = new Set(texts);
  return told.size === 1 && told.has('None') ? null : [...told].join(' | ');
}

function returnInsertion(fileText: string, fn: PythonFunction, examples: readonly Example[]): Insertion[] {
  const parameters = field(fn.node, 'parameters');
  const declared = field(fn.node, 'return_type');
  // A collection of anything says less than the examples do.
  if (declared !== null && !/^(?:list|List|tuple|Tuple|dict|Dict|set|Set)$/.test(declared.text)) return [];
  if (fn.isGenerator || fn.isNested || parameters === null) return [];
  if (fn.name === '__init__' || fn.returns.length === 0) return [];
  const annotation = returnAnnotation(fileText, fn, examples);
  if (annotation === null) return [];
  const name = field(fn.node, 'name');
  const belongsTo = name?.startIndex ?? parameters.startIndex;
  if (declared === null) return [{ at: parameters.endIndex, text: ` -> "${annotation}"`, replaces: 0, belongsTo }];
  return [
    { at: declared.startIndex, text: `"${annotation}"`, replaces: declared.endIndex - declared.startIndex, belongsTo },
  ];
}

function apply(text: string, insertions: readonly Insertion[]): string {
  let out = '';
  let from = 0;
  for (const { at, text: added, replaces } of insertions) {
    out += text.slice(from, at) + added;
    from = at + replaces;
  }
  return out + text.slice(from);
}

/** The way back from a position of the probe to the file: `inside` when it lies in an insertion. */
function backFrom(position: number, insertions: readonly Insertion[]): { index: number; inside: boolean } {
  let shift = 0;
  for (const { at, text, replaces, belongsTo } of insertions) {
    if (position < at + shift) break;
    if (position < at + shift + text.length) return { index: belongsTo, inside: true };
    shift += text.length - replaces;
  }
  return { index: position - shift, inside: false };
}

/** Builds the text that the type checker sees. `functions` and `examples` are of the same file and its contract. */
export function buildProbe(
  parser: SourceParser,
  file: { readonly path: string; readonly text: string },
  functions: readonly PythonFunction[],
  examples: readonly Example[],
  dependents: readonly ContractFile[],
  statements: readonly string[],
): Probe {
  const counts = new Map<string, number>();
  for (const { name } of functions) counts.set(name, (counts.get(name) ?? 0) + 1);
  const known = functions.filter(({ name }) => counts.get(name) === 1 && name !== 'main');
  const insertions = known
    .flatMap((fn) => {
      const own = examplesFor(fn, examples);
      return [...parameterInsertion(file.text, fn, own), ...returnInsertion(file.text, fn, own)];
    })
    .sort((a, b) => a.at - b.at);
  const changed = `${apply(file.text, insertions)}\n`;
  const uses = dependentProbe(parser, file.path, dependents, statements);
  const text = `${changed}${IMPORTS}\n${uses}\n${DIRECTIVES}\n`;
  const lines = new LineIndex(text);
  const classes = [...file.text.matchAll(/^class (\w+)\s*(?:\(\s*(?:object)?\s*\))?:/gm)].map(
    (match) => match[1] ?? '',
  );
  const textLines = text.split(/\r\n|\r|\n/);
  return {
    text,
    place: (diagnostic) => {
      const from = lines.indexAt(diagnostic.line, diagnostic.character);
      const to = lines.indexAt(diagnostic.endLine, diagnostic.endCharacter);
      if (from >= changed.length) {
        const source = textLines[diagnostic.line]?.trim() ?? '';
        const named = functions.find(({ name }) => new RegExp(`\\b${name}\\s*\\(`).test(source));
        const at = named === undefined ? 0 : (field(named.node, 'name')?.startIndex ?? 0);
        return {
          ...diagnostic,
          start: at,
          end: at,
          where: 'use',
          classes,
          isNamed: named !== undefined || classes.some((name) => new RegExp(`\\b${name}\\(`).test(source)),
          isDeclared: named !== undefined && named.returnAnnotation !== null,
          source,
        };
      }
      const start = backFrom(from, insertions);
      const end = backFrom(to, insertions);
      return {
        ...diagnostic,
        start: start.index,
        end: Math.max(start.index, end.index),
        where: start.inside ? 'inserted' : 'file',
        isNamed: false,
        classes,
        isDeclared: false,
        source: '',
      };
    },
  };
}
