import type { SyntaxNode as Node, SyntaxTree as Tree } from '../../adapters/parser/index.ts';
import { ARGUMENT_RULES } from './arguments.ts';
import { PLACE_RULES } from './places.ts';
import { MAX_PROBLEMS, type SyntaxProblem } from '../syntax-problem.ts';

/** What surrounds a statement. `loop` and `function` end at the next function or class. */
interface Surroundings {
  readonly insideFunction: boolean;
  readonly insideAsync: boolean;
  readonly insideLoop: boolean;
  /** Whether a loop surrounds the nearest loop: its `else` belongs to that one. */
  readonly insideOuterLoop: boolean;
  readonly insideClass: boolean;
  /** Functions around the nearest function or class: where `nonlocal` finds its names. */
  readonly functionsAround: number;
}

const MODULE: Surroundings = {
  insideFunction: false,
  insideAsync: false,
  insideLoop: false,
  insideOuterLoop: false,
  insideClass: false,
  functionsAround: 0,
};

const RULES = { ...PLACE_RULES, ...ARGUMENT_RULES };

/** Statements of Python 2 that the grammar still reads. */
const PYTHON_2: Readonly<Record<string, string>> = {
  print_statement: 'the print statement is Python 2; call print(...)',
  exec_statement: 'the exec statement is Python 2',
};

function isAsync(node: Node): boolean {
  return node.child(0)?.type === 'async';
}

function functionsWithin({ functionsAround, insideFunction }: Surroundings): number {
  return functionsAround + (insideFunction ? 1 : 0);
}

function surroundingsWithin(node: Node, around: Surroundings): Surroundings {
  switch (node.type) {
    case 'function_definition':
      return {
        ...MODULE,
        insideFunction: true,
        insideAsync: isAsync(node),
        functionsAround: functionsWithin(around),
      };
    case 'lambda':
      return { ...around, insideFunction: true };
    case 'class_definition':
      return { ...MODULE, insideClass: true, functionsAround: functionsWithin(around) };
    case 'for_statement':
    case 'while_statement':
      return { ...around, insideLoop: true, insideOuterLoop: around.insideLoop };
    case 'else_clause':
      return /^(for|while)_statement$/.test(node.parent?.type ?? '')
        ? { ...around, insideLoop: around.insideOuterLoop }
        : around;
    default:
      return around;
  }
}

function misplaced(node: Node, around: Surroundings): string | null {
  switch (node.type) {
    case 'return_statement':
      return around.insideFunction ? null : '"return" outside a function';
    case 'yield':
      if (around.insideAsync && node.child(1)?.type === 'from') return '"yield from" inside an async function';
      return around.insideFunction ? null : '"yield" outside a function';
    case 'nonlocal_statement':
      return around.functionsAround > 0 ? null : '"nonlocal" outside a nested function';
    case 'wildcard_import':
      return around.insideFunction || around.insideClass ? '"import *" is allowed at the top level only' : null;
    case 'for_statement':
    case 'with_statement':
      return around.insideAsync || !isAsync(node)
        ? null
        : `"async ${node.child(1)?.type ?? ''}" outside an async function`;
    case 'await':
      return around.insideAsync ? null : '"await" outside an async function';
    case 'break_statement':
    case 'continue_statement':
      return around.insideLoop ? null : `"${node.text}" outside a loop`;
    default:
      return null;
  }
}

function duplicateParameter(node: Node): Node | null {
  if (node.type !== 'parameters' && node.type !== 'lambda_parameters') return null;
  const seen = new Set<string>();
  for (const parameter of node.namedChildren) {
    const name = parameterName(parameter);
    if (name === null) continue;
    if (seen.has(name.text)) return name;
    seen.add(name.text);
  }
  return null;
}

function parameterName(parameter: Node | null): Node | null {
  if (parameter === null) return null;
  if (parameter.type === 'identifier') return parameter;
  if (parameter.type === 'default_parameter' || parameter.type === 'typed_default_parameter')
    return parameter.childForFieldName('name');
  if (
    parameter.type === 'typed_parameter' ||
    parameter.type === 'list_splat_pattern' ||
    parameter.type === 'dictionary_splat_pattern'
  )
    return parameterName(parameter.firstNamedChild);
  return null;
}

function statementsOf(block: Node): Node[] {
  return block.namedChildren.filter((child): child is Node => child !== null && child.type !== 'comment');
}

function beginsLine(text: string, node: Node): boolean {
  for (let i = node.startIndex - 1; i >= 0; i--) {
    const unit = text[i];
    if (unit === '\n' || unit === '\r' || unit === '\uFEFF') return true;
    if (unit !== ' ' && unit !== '\t' && unit !== '\f') return false;
  }
  return true;
}

/** A statement that stands deeper or less deep than the first one of its block. */
function strayIndent(text: string, block: Node): Node | null {
  const lines = statementsOf(block).filter((statement) => beginsLine(text, statement));
  const column = block.type === 'module' ? 0 : lines[0]?.startPosition.column;
  return lines.find((statement) => statement.startPosition.column !== column) ?? null;
}

function blockProblem(text: string, node: Node): SyntaxProblem | null {
  if (node.type !== 'block' && node.type !== 'module') return null;
  if (node.type === 'block' && statementsOf(node).length === 0) {
    const owner = node.parent ?? node;
    return {
      start: owner.startIndex,
      end: node.endIndex,
      rule: 'empty-block',
      message: 'a block needs at least one statement',
    };
  }
  const stray = strayIndent(text, node);
  if (stray === null) return null;
  const message = 'the indentation matches no enclosing block';
  return { start: stray.startIndex, end: stray.endIndex, rule: 'indentation', message };
}

function handlerProblem(node: Node): SyntaxProblem | null {
  if (node.type !== 'try_statement') return null;
  const handled = node.namedChildren.some((child) => /^(except|finally)/.test(child?.type ?? ''));
  if (handled) return null;
  const end = node.startIndex + 'try'.length;
  return { start: node.startIndex, end, rule: 'try-without-except', message: '"try" needs an "except" or a "finally"' };
}

/** `except:` catches everything, so that nothing can follow it. */
function bareExceptProblem(node: Node): Node | null {
  if (node.type !== 'try_statement') return null;
  const clauses = node.namedChildren.filter((child): child is Node => child?.type === 'except_clause');
  return clauses.slice(0, -1).find((clause) => clause.childForFieldName('value') === null) ?? null;
}

function nodeProblem(text: string, node: Node, around: Surroundings): SyntaxProblem | null {
  const at = (rule: string, message: string, where = node): SyntaxProblem => ({
    start: where.startIndex,
    end: where.endIndex,
    rule,
    message,
  });
  const old = PYTHON_2[node.type];
  if (old !== undefined) return at('python-2', old);
  const wrongPlace = misplaced(node, around);
  if (wrongPlace !== null) return at('misplaced', wrongPlace);
  const twice = duplicateParameter(node);
  if (twice !== null) return at('duplicate-parameter', `the parameter "${twice.text}" appears twice`, twice);
  const early = bareExceptProblem(node);
  if (early !== null) return at('misplaced', 'an "except:" without a type must be the last one', early);
  const breach = Object.hasOwn(RULES, node.type) ? RULES[node.type]?.(node) : null;
  if (breach) return at(breach.rule, breach.message, breach.where);
  return blockProblem(text, node) ?? handlerProblem(node);
}

/**
 * What the grammar lets pass and Python does not: empty blocks, stray indentation, `return` outside a function and the like.
 * Meant for trees without error nodes: inside a damaged tree these rules would guess.
 */
export function pythonStructureProblems(tree: Tree, text: string): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const open: { node: Node; around: Surroundings }[] = [{ node: tree.rootNode, around: MODULE }];
  for (let next = open.pop(); next !== undefined && problems.length < MAX_PROBLEMS; next = open.pop()) {
    const { node, around } = next;
    const problem = nodeProblem(text, node, around);
    if (problem !== null) problems.push(problem);
    const inner = surroundingsWithin(node, around);
    for (const child of node.namedChildren.toReversed()) if (child !== null) open.push({ node: child, around: inner });
  }
  return problems;
}
