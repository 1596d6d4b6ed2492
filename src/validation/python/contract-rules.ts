import type { SourceParser, SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { TaskContract } from '../contract/task-contract.ts';
import type { StaticProblem } from '../language-checks.ts';
import { importedNames } from './dependents.ts';
import { calledParameters, functionsOf, type PythonFunction } from './functions.ts';
import { problemAt } from './problem.ts';
import { field, isStringStatement, textOf, within } from './tree.ts';

/** The names that a file binds at its top level, also inside conditions, loops and `try`. */
export function topLevelNames(root: Node): { names: Set<string>; isOpen: boolean } {
  const names = new Set<string>();
  let isOpen = false;
  for (const node of within(
    root,
    ({ type }) => !['function_definition', 'class_definition', 'lambda'].includes(type),
  )) {
    if (node.type === 'function_definition' || node.type === 'class_definition') names.add(textOf(field(node, 'name')));
    if (node.type === 'wildcard_import') isOpen = true;
    if (node.type === 'identifier' || node.type === 'dotted_name') {
      const parent = node.parent?.type ?? '';
      if (
        /^(?:import|aliased_import|assignment|pattern_list|tuple_pattern|for_statement|as_pattern_target|named_expression|type_alias)/.test(
          parent,
        )
      )
        names.add(node.text.split('.')[0] ?? '');
    }
  }
  return { names, isOpen };
}

/** Names that a stub declares at its top level. The stub may be no whole program: signatures alone, cut after their first line. */
function declaredNames(declarations: string): string[] {
  return [...declarations.matchAll(/^(?:async\s+)?(?:def|class)\s+(\w+)/gm)].map((match) => match[1] ?? '');
}

/** `from package import name` may name a module of the package; without a list of the project's files any name may. */
function isSubmodule(path: string, { paths }: TaskContract, name: string): boolean {
  if (!/(?:^|\/)__init__\.pyi?$/.test(path)) return false;
  const folder = path.replace(/__init__\.pyi?$/, '');
  return paths === undefined || paths.includes(`${folder}${name}.py`) || paths.includes(`${folder}${name}/__init__.py`);
}

function missingNames(parser: SourceParser, path: string, contract: TaskContract, root: Node): StaticProblem[] {
  const { names, isOpen } = topLevelNames(root);
  if (isOpen) return [];
  const imported = importedNames(parser, path, contract.dependents).names.map(({ name }) => name);
  const needed = new Map<string, string>();
  for (const name of declaredNames(contract.declarations)) needed.set(name, 'the task declares it');
  for (const name of imported) needed.set(name, 'another file imports it');
  if (contract.entry !== null) needed.set(contract.entry, 'the task asks for it');
  return [...needed]
    .filter(([name]) => name !== '' && !names.has(name) && !isSubmodule(path, contract, name))
    .map(([name, because]) => ({
      kind: 'contracts',
      start: 0,
      end: 0,
      rule: 'missing-name',
      severity: 'error',
      message: `"${name}" is not defined at the top level of the file, but ${because}`,
      suggestion: `define "${name}"`,
    }));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function signatureProblems(declared: PythonFunction, actual: PythonFunction): StaticProblem[] {
  const name = field(actual.node, 'name') ?? actual.node;
  const plain = (fn: PythonFunction): string[] =>
    calledParameters(fn)
      .filter(({ kind }) => kind === 'plain')
      .map((parameter) => parameter.name);
  const [wanted, given] = [plain(declared), plain(actual)];
  const isOpen = actual.parameters.some(({ kind }) => kind === 'star');
  if (sameSet(wanted, given) && wanted.some((parameter, i) => parameter !== given[i])) {
    const message = `"${actual.name}" takes (${given.join(', ')}), but the task declares (${wanted.join(', ')})`;
    return [problemAt(name, 'contracts', 'parameter-order', message, 'keep the declared order')];
  }
  if (wanted.length === 0) return [];
  const required = calledParameters(actual).filter(
    (parameter) => parameter.kind === 'plain' && !parameter.hasDefault,
  ).length;
  const allowed = isOpen ? Infinity : given.length;
  const fewest = calledParameters(declared).filter(
    (parameter) => parameter.kind === 'plain' && !parameter.hasDefault,
  ).length;
  if (declared.parameters.some(({ kind }) => kind === 'star') || (required <= fewest && wanted.length <= allowed))
    return [];
  const message = `"${actual.name}" takes (${given.join(', ')}), but the task declares (${wanted.join(', ')})`;
  return [problemAt(name, 'contracts', 'parameter-count', message, 'take the declared parameters')];
}

/** The stub's functions and methods against those of the file. */
function againstDeclarations(
  parser: SourceParser,
  contract: TaskContract,
  root: Node,
  functions: readonly PythonFunction[],
): StaticProblem[] {
  if (contract.declarations.trim() === '') return [];
  const tree = parser.read('python', contract.declarations);
  if (tree === null) return [];
  const declared = functionsOf([...within(tree.rootNode)]).filter(({ isNested }) => !isNested);
  const bases = new Set(
    [...within(root)]
      .filter((node) => node.type === 'class_definition' && field(node, 'superclasses') !== null)
      .map((node) => textOf(field(node, 'name'))),
  );
  return declared.flatMap((wanted) => {
    const found = functions.filter(({ name, className }) => name === wanted.name && className === wanted.className);
    const [actual, another] = found;
    if (actual !== undefined) return another === undefined ? signatureProblems(wanted, actual) : [];
    if (wanted.className === null || bases.has(wanted.className) || wanted.name.startsWith('__')) return [];
    return missingMethod(root, wanted);
  });
}

function missingMethod(root: Node, wanted: PythonFunction): StaticProblem[] {
  const owner = [...within(root)].find(
    (node) => node.type === 'class_definition' && textOf(field(node, 'name')) === wanted.className,
  );
  if (owner === undefined) return [];
  if (new RegExp(`^\\s+${wanted.name}\\s*[:=]`, 'm').test(owner.text)) return [];
  const message = `"${wanted.className ?? ''}" has no method "${wanted.name}", which the task declares`;
  return [problemAt(field(owner, 'name') ?? owner, 'contracts', 'missing-method', message, `define "${wanted.name}"`)];
}

const EMPTY = /^(?:pass|\.\.\.|return None|return|raise NotImplementedError.*)$/s;
const INERT_NAMES = /^(?:__init__|__enter__|__exit__|close|setUp|tearDown|setup|teardown|__post_init__|noop)$/;

function isCalled(root: Node, name: string): boolean {
  return new RegExp(`\\.${name}\\(`).test(root.text);
}

/** A body that stands for one that was not written. Abstract methods, protocols and empty constructors are written so on purpose. */
export function stubProblems(
  root: Node,
  functions: readonly PythonFunction[],
  declared: (name: string) => boolean,
): StaticProblem[] {
  return functions.flatMap((fn) => {
    const only = fn.statements[0];
    const isEmpty =
      fn.statements.length === 0 || (fn.statements.length === 1 && only !== undefined && EMPTY.test(only.text));
    if (!isEmpty || INERT_NAMES.test(fn.name) || fn.decorators.length > 0) return [];
    const owner = fn.className === null ? null : fn.node.parent?.parent;
    const isInterface = owner !== null && owner !== undefined && field(owner, 'superclasses') !== null;
    const raises = only?.type === 'raise_statement';
    if (isInterface || (raises && fn.className !== null && !declared(fn.name) && !isCalled(root, fn.name))) return [];
    const name = field(fn.node, 'name') ?? fn.node;
    return [problemAt(name, 'semantics', 'stub-body', `"${fn.name}" has no body but a placeholder`, 'write its body')];
  });
}

/** Statements that a message of an error is made of. */
function stringsOf(root: Node): string {
  return [...within(root)]
    .filter(
      (node) =>
        (node.type === 'string' || node.type === 'concatenated_string') && !isStringStatement(node.parent ?? node),
    )
    .map(({ text }) => text)
    .join(' ')
    .toLowerCase();
}

/** The messages of errors that the examples and dependents expect. */
function expectedMessages(contract: TaskContract): string[] {
  const found = new Set<string>();
  const prose = `${contract.description}\n${contract.declarations}`;
  for (const match of prose.matchAll(/^\s*\w*(?:Error|Exception): (.+)$/gm)) found.add(match[1] ?? '');
  for (const { text, language } of contract.dependents) {
    if (language !== 'python') continue;
    for (const match of text.matchAll(/(?:args\[0\]|str\(\w+(?:\.\w+)*\)),\s*(["'])(.+?)\1\)/g))
      found.add(match[2] ?? '');
    for (const match of text.matchAll(/(?:assertRaisesRegex\(\w+,|match=)\s*r?(["'])(.+?)\1/g))
      found.add(match[2] ?? '');
  }
  return [...found].filter((message) => message.trim().split(/\s+/).length >= 3);
}

/** An error whose message the examples show, and that the file cannot raise: it has none of its words in any string. */
function errorProblems(contract: TaskContract, root: Node): StaticProblem[] {
  const strings = stringsOf(root);
  const told = toldRaises(contract).filter((message) => !isWritten(strings, message));
  return [...new Set([...told, ...expectedMessages(contract)])].flatMap((message) => {
    if (told.includes(message)) return [missingError(message)];
    const words = message.toLowerCase().match(/[a-z]{3,}/g) ?? [];
    const known = words.filter((word) => strings.includes(word)).length;
    if (words.length < 2 || known >= words.length / 2) return [];
    if (BUILT_IN_MESSAGES.test(message)) return [];
    return [missingError(message)];
  });
}

/** Messages that the task writes out as it wants them raised: `raise ValueError("list is empty")`. */
function toldRaises({ description }: TaskContract): string[] {
  return [...description.matchAll(/\braise \w+\((["'])([^"'\n{}%]+)\1\)/g)]
    .map((match) => match[2] ?? '')
    .filter((message) => message.trim().split(/\s+/).length >= 2);
}

/** True where the strings of a file hold the message, or the parts that one with values in it is made of. */
function isWritten(strings: string, message: string): boolean {
  const plain = message.toLowerCase();
  if (strings.replaceAll(/["']\s*f?["']/g, '').includes(plain)) return true;
  const words = plain.match(/[a-z]{3,}/g) ?? [];
  return strings.includes('{') && words.every((word) => strings.includes(word));
}

function missingError(message: string): StaticProblem {
  return {
    kind: 'contracts',
    start: 0,
    end: 0,
    rule: 'missing-error',
    severity: 'error',
    message: `the task expects an error "${message.slice(0, 120)}", which the file never raises`,
    suggestion: 'raise it where the task says so',
  };
}

/** Messages of Python's own errors. */
const BUILT_IN_MESSAGES =
  /pop from|not supported between|unsupported operand|invalid literal|object is not|has no attribute|not in list|out of range|must be str|missing \d|takes \d|could not convert|division|object cannot be|expected at most|math domain|must be real|indices must be|expected string|empty sequence|not enough values|too many values|not iterable|positional argument|recursion depth|unhashable|from empty|argument of type|can't multiply|can only concatenate|object of type|matching query|cannot be interpreted/i;

/** A file against its task and those who use it. */
export function contractProblems(
  parser: SourceParser,
  path: string,
  contract: TaskContract | null,
  root: Node,
  functions: readonly PythonFunction[],
): StaticProblem[] {
  const asked =
    contract === null ? '' : [contract.declarations, ...contract.dependents.map(({ text }) => text)].join('\n');
  const stubs = stubProblems(root, functions, (name) => new RegExp(`\\b${name}\\b`).test(asked));
  if (contract === null) return stubs;
  return [
    ...stubs,
    ...missingNames(parser, path, contract, root),
    ...againstDeclarations(parser, contract, root, functions),
    ...errorProblems(contract, root),
  ];
}
