/** Where Python's own parser lets starred expressions, targets and a few operators stand; the grammar lets them stand anywhere. */
import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';

/** A rule that a node breaks, or null. */
export interface Breach {
  readonly rule: string;
  readonly message: string;
  readonly where: Node;
}
export type PythonRule = (node: Node) => Breach | null;

/** The children that say something: no comments, no line continuations. */
export function partsOf(node: Node): Node[] {
  return node.namedChildren.filter(
    (child): child is Node => child !== null && child.type !== 'comment' && child.type !== 'line_continuation',
  );
}

function hasComma(node: Node): boolean {
  return node.children.some((child) => child?.type === ',');
}

/** What a starred expression of an argument or a subscript may be the left end of, and a starred element may not. */
const LOOSE = new Set([
  'boolean_operator',
  'comparison_operator',
  'conditional_expression',
  'not_operator',
  'lambda',
  'named_expression',
]);
const TIGHT = new Set(['binary_operator', 'call', 'attribute', 'subscript']);

/** A starred expression together with what the grammar makes of its end: `*a | b` stars `a | b`, and `*a.b()` stars `a.b()`. */
function wholeOfStar(star: Node): { whole: Node; isLoose: boolean } {
  let whole = star;
  let isLoose = LOOSE.has(star.firstNamedChild?.type ?? '');
  for (let parent = whole.parent; parent !== null; parent = whole.parent) {
    const isPart = TIGHT.has(parent.type) || LOOSE.has(parent.type);
    if (!isPart || parent.firstNamedChild?.id !== whole.id) break;
    isLoose ||= LOOSE.has(parent.type);
    whole = parent;
  }
  return { whole, isLoose };
}

function mayHoldStar(parent: Node, isLoose: boolean): boolean {
  switch (parent.type) {
    case 'argument_list':
    case 'subscript':
      return true;
    case 'list':
    case 'set':
    case 'expression_list':
      return !isLoose;
    case 'tuple':
    case 'expression_statement':
      return !isLoose && hasComma(parent);
    default:
      return false;
  }
}

const starredExpression: PythonRule = (node) => {
  const { whole, isLoose } = wholeOfStar(node);
  if (whole.parent !== null && mayHoldStar(whole.parent, isLoose)) return null;
  return { rule: 'misplaced-star', message: 'a starred expression cannot stand here', where: node };
};

const doubleStarred: PythonRule = (node) =>
  node.parent?.type === 'argument_list' || node.parent?.type === 'dictionary'
    ? null
    : { rule: 'misplaced-star', message: '"**" cannot stand here', where: node };

const starredTarget: PythonRule = (node) => {
  const { parent } = node;
  const isAlone =
    parent === null ||
    ['assignment', 'for_statement', 'for_in_clause'].includes(parent.type) ||
    (parent.type === 'tuple_pattern' && !hasComma(parent));
  if (!isAlone) return null;
  return { rule: 'misplaced-star', message: 'a starred target must be in a list or tuple', where: node };
};

const oneStarredTarget: PythonRule = (node) => {
  const second = partsOf(node).filter((part) => part.type === 'list_splat_pattern')[1];
  if (second === undefined) return null;
  return { rule: 'misplaced-star', message: 'only one target of an assignment can be starred', where: second };
};

const starredType: PythonRule = (node) => {
  const holder = node.parent?.parent;
  const isOfArguments = holder?.type === 'typed_parameter' && holder.firstNamedChild?.type === 'list_splat_pattern';
  if (isOfArguments || !['typed_parameter', 'assignment', 'function_definition'].includes(holder?.type ?? ''))
    return null;
  return { rule: 'misplaced-star', message: 'only the type of "*args" can be starred', where: node };
};

/** The first part of an expression that nothing can be assigned to or deleted, or null. */
function notATarget(node: Node, mayStar: boolean): Node | null {
  switch (node.type) {
    case 'identifier':
    case 'attribute':
    case 'subscript':
      return null;
    case 'tuple':
    case 'list':
    case 'parenthesized_expression':
    case 'expression_list':
      return (
        partsOf(node)
          .map((part) => notATarget(part, mayStar))
          .find((found) => found !== null) ?? null
      );
    case 'list_splat':
      return mayStar && node.firstNamedChild !== null ? notATarget(node.firstNamedChild, false) : node;
    default:
      return node;
  }
}

const deleted: PythonRule = (node) => {
  const where = partsOf(node)
    .map((part) => notATarget(part, false))
    .find((found) => found !== null);
  return where ? { rule: 'no-target', message: 'this cannot be deleted', where } : null;
};

const boundByAs: PythonRule = (node) => {
  const owner = node.parent?.parent?.type;
  const target = node.firstNamedChild;
  if (target === null) return null;
  const where =
    owner === 'except_clause'
      ? target.type === 'identifier'
        ? null
        : target
      : owner === 'with_item'
        ? notATarget(target, true)
        : null;
  return where === null ? null : { rule: 'no-target', message: 'nothing can be bound to this', where };
};

const isManyTargets = (left: Node): boolean =>
  left.type === 'pattern_list' ||
  left.type === 'list_pattern' ||
  (left.type === 'tuple_pattern' && (hasComma(left) || partsOf(left).length !== 1));

const augmented: PythonRule = (node) => {
  const left = node.childForFieldName('left');
  if (left === null || !isManyTargets(left)) return null;
  return { rule: 'no-target', message: 'an augmented assignment takes one target', where: left };
};

const annotated: PythonRule = (node) => {
  const left = node.childForFieldName('left');
  if (left === null || node.childForFieldName('type') === null || !isManyTargets(left)) return null;
  return { rule: 'no-target', message: 'only a single target can be annotated', where: left };
};

/** Statements and expressions that hold an expression without taking `:=` or `as` at its top. */
const PLAIN_HOLDERS = new Set([
  'expression_statement',
  'assignment',
  'augmented_assignment',
  'return_statement',
  'keyword_argument',
  'default_parameter',
  'typed_default_parameter',
  'lambda',
]);

const walrus: PythonRule = (node) =>
  PLAIN_HOLDERS.has(node.parent?.type ?? '')
    ? { rule: 'misplaced', message: '":=" needs parentheses here', where: node }
    : null;

const asOutside: PythonRule = (node) =>
  PLAIN_HOLDERS.has(node.parent?.type ?? '')
    ? { rule: 'misplaced', message: '"as" cannot stand here', where: node }
    : null;

const comparison: PythonRule = (node) =>
  node.children.some((child) => child?.type === '<>')
    ? { rule: 'python-2', message: '"<>" is Python 2; write "!="', where: node }
    : null;

const clauseOfComprehension: PythonRule = (node) =>
  hasComma(node)
    ? {
        rule: 'misplaced',
        message: 'a comprehension goes over one expression: put the list into parentheses',
        where: node,
      }
    : null;

const raised: PythonRule = (node) =>
  node.firstNamedChild?.type === 'expression_list'
    ? { rule: 'python-2', message: '"raise A, b" is Python 2; write "raise A(b)"', where: node }
    : null;

const caught: PythonRule = (node) =>
  node.childrenForFieldName('value').filter((child) => child?.isNamed).length > 1
    ? { rule: 'python-2', message: '"except A, b" is Python 2; write "except A as b" or "except (A, B)"', where: node }
    : null;

const integer: PythonRule = (node) => {
  const { text } = node;
  if (/[lL]$/.test(text)) return { rule: 'python-2', message: `"${text}" is Python 2; leave out the "L"`, where: node };
  if (!/^0[\d_]*[1-9][\d_]*$/.test(text)) return null;
  return { rule: 'python-2', message: `"${text}" has a leading zero; an octal number is written 0o…`, where: node };
};

const stringPrefix: PythonRule = (node) =>
  /^(ur|ru)/i.test(node.text) ? { rule: 'python-2', message: 'the string prefix "ur" is Python 2', where: node } : null;

/** Rules about places, by the type of the node that they look at. */
export const PLACE_RULES: Readonly<Record<string, PythonRule>> = {
  list_splat: starredExpression,
  dictionary_splat: doubleStarred,
  list_splat_pattern: starredTarget,
  pattern_list: oneStarredTarget,
  tuple_pattern: oneStarredTarget,
  list_pattern: oneStarredTarget,
  splat_type: starredType,
  delete_statement: deleted,
  as_pattern_target: boundByAs,
  augmented_assignment: augmented,
  assignment: annotated,
  named_expression: walrus,
  as_pattern: asOutside,
  comparison_operator: comparison,
  for_in_clause: clauseOfComprehension,
  raise_statement: raised,
  except_clause: caught,
  integer,
  string_start: stringPrefix,
};
