/** The order that Python asks of parameters and arguments; the grammar takes them in any. */
import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import { type Breach, partsOf, type PythonRule } from './places.ts';

const breach = (message: string, where: Node, rule = 'argument-order'): Breach => ({ rule, message, where });

/** Arguments of a call, and bases of a class. */
const argumentList: PythonRule = (node) => {
  const names = new Set<string>();
  let seen: '' | 'keyword argument' | '"**" argument' = '';
  for (const part of partsOf(node)) {
    if (part.type === 'dictionary_splat') seen = '"**" argument';
    else if (part.type === 'keyword_argument') {
      const name = part.childForFieldName('name')?.text ?? '';
      if (names.has(name)) return breach(`the keyword argument "${name}" is there twice`, part, 'duplicate-argument');
      names.add(name);
      if (seen === '') seen = 'keyword argument';
    } else if (part.type === 'list_splat') {
      if (seen === '"**" argument') return breach('a "*" argument cannot follow a "**" argument', part);
    } else if (seen !== '') return breach(`a positional argument cannot follow a ${seen}`, part);
  }
  return null;
};

type Kind = 'plain' | 'default' | 'star' | 'bare star' | 'double star' | 'slash' | 'other';

function kindOf(parameter: Node): Kind {
  switch (parameter.type) {
    case 'identifier':
      return 'plain';
    case 'default_parameter':
    case 'typed_default_parameter':
      return 'default';
    case 'list_splat_pattern':
      return 'star';
    case 'dictionary_splat_pattern':
      return 'double star';
    case 'keyword_separator':
      return 'bare star';
    case 'positional_separator':
      return 'slash';
    case 'typed_parameter':
      return parameter.firstNamedChild === null ? 'other' : kindOf(parameter.firstNamedChild);
    default:
      return 'other';
  }
}

/** Why a parameter cannot follow those of the kinds before it, or null. */
function misplacedParameter(kind: Kind, before: readonly Kind[], next: Kind | undefined): string | null {
  const hasStar = before.includes('star') || before.includes('bare star');
  if (before.includes('double star')) return 'nothing can follow the "**" parameter';
  switch (kind) {
    case 'star':
      return hasStar ? 'there can be one "*" only' : null;
    case 'bare star':
      if (hasStar) return 'there can be one "*" only';
      return next === undefined || next === 'double star' ? 'a named parameter must follow the bare "*"' : null;
    case 'slash':
      if (before.length === 0) return 'a parameter must come before "/"';
      return hasStar || before.includes('slash') ? '"/" must come before "*", and once' : null;
    case 'plain':
      return before.includes('default') && !hasStar ? 'a parameter without a default follows one with a default' : null;
    case 'other':
      return 'a parameter is a name';
    default:
      return null;
  }
}

const parameters: PythonRule = (node) => {
  const parts = partsOf(node);
  const kinds = parts.map(kindOf);
  for (const [index, part] of parts.entries()) {
    const message = misplacedParameter(kinds[index] ?? 'other', kinds.slice(0, index), kinds[index + 1]);
    if (message !== null) return breach(message, part, 'parameter-order');
  }
  return null;
};

/** Rules about order, by the type of the node that they look at. */
export const ARGUMENT_RULES: Readonly<Record<string, PythonRule>> = {
  argument_list: argumentList,
  parameters,
  lambda_parameters: parameters,
};
