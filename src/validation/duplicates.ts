import type { SyntaxNode as Node, SyntaxTree as Tree } from '../adapters/parser/index.ts';
import type { SyntaxProblem } from './syntax-problem.ts';

interface Definition {
  readonly name: string;
  readonly node: Node;
}

function pythonDefinition(node: Node): Definition | null {
  if (node.type === 'decorated_definition') {
    const decorators = node.namedChildren
      .filter((child) => child?.type === 'decorator')
      .map((child) => child?.text ?? '');
    // A decorator may register the function and leave the name free for the next one (routes, fixtures, overloads).
    return decorators.length > 0 ? null : pythonDefinition(node.lastNamedChild ?? node);
  }
  const name = node.childForFieldName('name')?.text;
  if (name === undefined || name === '_') return null;
  return node.type === 'function_definition' || node.type === 'class_definition' ? { name, node } : null;
}

const NAMED_ONCE: ReadonlySet<string> = new Set([
  'function_declaration',
  'generator_function_declaration',
  'class_declaration',
]);

function typescriptDefinition(statement: Node): Definition | null {
  const node =
    statement.type === 'export_statement' ? (statement.childForFieldName('declaration') ?? statement) : statement;
  const name = node.childForFieldName('name')?.text;
  if (name === undefined) return null;
  // Overload signatures, interfaces, namespaces and types may repeat or merge; functions with bodies and classes may not.
  return NAMED_ONCE.has(node.type) ? { name, node } : null;
}

const READERS: Readonly<Record<string, (node: Node) => Definition | null>> = {
  python: pythonDefinition,
  typescript: typescriptDefinition,
  tsx: typescriptDefinition,
  javascript: typescriptDefinition,
};

/** True where duplicate definitions can be found soundly. */
export function knowsDefinitions(language: string): boolean {
  return READERS[language] !== undefined;
}

/** Top-level functions and classes that a later one of the same name replaces. Conditional and decorated definitions are left alone. */
export function duplicateDefinitions(tree: Tree, language: string): SyntaxProblem[] {
  const read = READERS[language];
  if (read === undefined) return [];
  const first = new Map<string, Node>();
  const problems: SyntaxProblem[] = [];
  for (const statement of tree.rootNode.namedChildren) {
    const definition = statement === null ? null : read(statement);
    if (definition === null) continue;
    const earlier = first.get(definition.name);
    if (earlier === undefined) {
      first.set(definition.name, definition.node);
      continue;
    }
    problems.push({
      start: definition.node.startIndex,
      end: definition.node.endIndex,
      rule: 'duplicate-definition',
      message: `"${definition.name}" is defined again; the first definition is on line ${earlier.startPosition.row + 1}`,
    });
  }
  return problems;
}
