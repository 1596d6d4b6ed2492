import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import { around, field, isStringStatement, ownNodes, parts, textOf } from './tree.ts';

export interface Parameter {
  readonly name: string;
  readonly kind: 'plain' | 'keyword' | 'star' | 'double-star';
  readonly annotation: string | null;
  readonly hasDefault: boolean;
  readonly node: Node;
}

/** A function or method of a file. */
export interface PythonFunction {
  readonly name: string;
  readonly node: Node;
  readonly parameters: readonly Parameter[];
  /** The class whose body holds it directly; null for functions. */
  readonly className: string | null;
  readonly isNested: boolean;
  readonly decorators: readonly string[];
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  readonly returnAnnotation: string | null;
  readonly body: Node;
  /** The statements of its body, without the docstring. */
  readonly statements: readonly Node[];
  readonly docstring: string;
  /** Its own return statements. */
  readonly returns: readonly Node[];
}

function parameterOf(node: Node, afterStar: boolean): Parameter | null {
  const kind = afterStar ? 'keyword' : 'plain';
  switch (node.type) {
    case 'identifier':
      return { name: node.text, kind, annotation: null, hasDefault: false, node };
    case 'default_parameter':
      return { name: textOf(field(node, 'name')), kind, annotation: null, hasDefault: true, node };
    case 'typed_default_parameter':
      return {
        name: textOf(field(node, 'name')),
        kind,
        annotation: textOf(field(node, 'type')),
        hasDefault: true,
        node,
      };
    case 'typed_parameter': {
      const [inner] = parts(node);
      const plain = inner === undefined ? null : parameterOf(inner, afterStar);
      return plain === null ? null : { ...plain, annotation: textOf(field(node, 'type')), node };
    }
    case 'list_splat_pattern':
      return { name: textOf(node.namedChild(0)), kind: 'star', annotation: null, hasDefault: true, node };
    case 'dictionary_splat_pattern':
      return { name: textOf(node.namedChild(0)), kind: 'double-star', annotation: null, hasDefault: true, node };
    default:
      return null;
  }
}

function parametersOf(node: Node): Parameter[] {
  const found: Parameter[] = [];
  let afterStar = false;
  for (const child of parts(field(node, 'parameters'))) {
    if (child.type === 'keyword_separator') afterStar = true;
    const parameter = parameterOf(child, afterStar);
    if (parameter !== null) found.push(parameter);
    if (parameter?.kind === 'star') afterStar = true;
  }
  return found;
}

const OWNERS: ReadonlySet<string> = new Set(['function_definition', 'class_definition', 'lambda']);

function functionOf(node: Node): PythonFunction | null {
  const body = field(node, 'body');
  const name = textOf(field(node, 'name'));
  if (body === null || name === '') return null;
  const wrapper = node.parent?.type === 'decorated_definition' ? node.parent : null;
  const owner = around(node, OWNERS);
  const all = parts(body);
  const first = all[0];
  const hasDocstring = first !== undefined && isStringStatement(first);
  const own = [...ownNodes(body)];
  return {
    name,
    node,
    parameters: parametersOf(node),
    className: owner?.type === 'class_definition' ? textOf(field(owner, 'name')) : null,
    isNested: owner !== null && owner.type !== 'class_definition',
    decorators: parts(wrapper)
      .filter(({ type }) => type === 'decorator')
      .map(textOf),
    isAsync: node.child(0)?.type === 'async',
    isGenerator: own.some(({ type }) => type === 'yield'),
    returnAnnotation: field(node, 'return_type')?.text ?? null,
    body,
    statements: hasDocstring ? all.slice(1) : all,
    docstring: hasDocstring ? first.text : '',
    returns: own.filter(({ type }) => type === 'return_statement'),
  };
}

/** Every function and method of a tree, outer before inner. */
export function functionsOf(nodes: readonly Node[]): PythonFunction[] {
  return nodes.flatMap((node) => (node.type === 'function_definition' ? (functionOf(node) ?? []) : []));
}

/** The parameters that a caller fills: without `self` or `cls` of a method. */
export function calledParameters({ parameters, className, decorators }: PythonFunction): readonly Parameter[] {
  const bound = className !== null && !decorators.some((decorator) => decorator.includes('staticmethod'));
  return bound ? parameters.slice(1) : parameters;
}
