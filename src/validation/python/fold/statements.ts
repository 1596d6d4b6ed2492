import type { SyntaxNode as Node } from '../../../adapters/parser/index.ts';
import { field, parts, textOf } from '../tree.ts';
import { memberOf } from './builtins.ts';
import { evaluate, type Folding, moduleValue } from './expressions.ts';
import { methodOf } from './methods.ts';
import { binary, setItem, itemAt } from './operators.ts';
import { Budget, type Exit, Scope } from './scope.ts';
import { isKind, iterate, keyOf, list, NotFolded, Raised, small, truth, unknown, type Value } from './values.ts';

const MAX_DEPTH = 120;

/** Folds the pure functions of one file over written-out arguments, within a number of steps. */
export class FileFolding implements Folding {
  private readonly module = new Scope(null);
  private readonly definitions = new Map<string, Node>();
  private readonly opening = new Set<string>();
  private readonly budget: Budget;

  constructor(root: Node, steps: number) {
    this.budget = new Budget(steps);
    for (const statement of parts(root)) for (const name of namesOf(statement)) this.definitions.set(name, statement);
  }

  step(): void {
    if (!this.budget.take()) unknown('too many steps');
  }

  /** A name of the module, worked out when it is first asked for. */
  global(name: string): Value | undefined {
    const known = this.module.names.get(name);
    if (known !== undefined) return known;
    const statement = this.definitions.get(name);
    if (statement === undefined || this.opening.has(name)) return undefined;
    this.opening.add(name);
    this.run(statement, this.module);
    this.opening.delete(name);
    return this.module.names.get(name);
  }

  /** The value of an expression that stands outside the file. */
  value(node: Node): Value {
    return evaluate(node, this, new Scope(null));
  }

  assign(target: Node, value: Value, scope: Scope): void {
    switch (target.type) {
      case 'identifier':
        return scope.set(target.text, value);
      case 'pattern_list':
      case 'tuple_pattern':
      case 'list_pattern':
        return this.unpack(parts(target), value, scope);
      case 'subscript': {
        const index = field(target, 'subscript') ?? unknown(target);
        if (index.type === 'slice') return unknown('slice assignment');
        return setItem(
          evaluate(field(target, 'value') ?? unknown(target), this, scope),
          evaluate(index, this, scope),
          value,
        );
      }
      default:
        return unknown(target);
    }
  }

  private unpack(targets: readonly Node[], value: Value, scope: Scope): void {
    const items = [...iterate(value)];
    const star = targets.findIndex(({ type }) => type === 'list_splat_pattern');
    if (star < 0 ? items.length !== targets.length : items.length < targets.length - 1) throw new Raised('ValueError');
    const extra = items.length - targets.length + 1;
    targets.forEach((target, i) => {
      if (i === star) this.assign(target.namedChild(0) ?? unknown(target), list(items.slice(i, i + extra)), scope);
      else this.assign(target, items[star >= 0 && i > star ? i + extra - 1 : i] ?? null, scope);
    });
  }

  callFunction(
    node: Node,
    scope: Scope,
    defaults: ReadonlyMap<string, Value>,
    args: Value[],
    named: ReadonlyMap<string, Value>,
  ): Value {
    if (++this.budget.depth > MAX_DEPTH) unknown('deep recursion');
    const inner = new Scope(scope);
    const names = parts(field(node, 'parameters')).map(parameterName);
    if (args.length > names.length || [...named.keys()].some((name) => !names.includes(name)))
      throw new Raised('TypeError', 'arguments');
    names.forEach((name, i) => {
      const value = args[i] ?? (i < args.length ? null : (named.get(name) ?? defaults.get(name)));
      if (value === undefined) throw new Raised('TypeError', 'missing argument');
      inner.set(name, value);
    });
    const body = field(node, 'body') ?? unknown(node);
    const exit =
      node.type === 'lambda'
        ? ({ kind: 'return', value: evaluate(body, this, inner) } as const)
        : this.block(body, inner);
    this.budget.depth--;
    return exit?.kind === 'return' ? exit.value : null;
  }

  private block(node: Node, scope: Scope): Exit {
    for (const statement of parts(node)) {
      const exit = this.run(statement, scope);
      if (exit !== null) return exit;
    }
    return null;
  }

  private run(node: Node, scope: Scope): Exit {
    this.step();
    switch (node.type) {
      case 'expression_statement':
        return this.expression(node, scope);
      case 'return_statement': {
        const [value] = parts(node);
        return { kind: 'return', value: value === undefined ? null : evaluate(value, this, scope) };
      }
      case 'if_statement':
        return this.branch(node, scope);
      case 'for_statement':
        return this.forLoop(node, scope);
      case 'while_statement':
        return this.whileLoop(node, scope);
      case 'break_statement':
        return { kind: 'break' };
      case 'continue_statement':
        return { kind: 'continue' };
      case 'pass_statement':
        return null;
      case 'function_definition':
        this.define(node, scope);
        return null;
      case 'import_statement':
      case 'import_from_statement':
        this.importNames(node, scope);
        return null;
      case 'raise_statement':
        throw new Raised(/^raise\s+(\w+)/.exec(node.text)?.[1] ?? unknown(node));
      case 'assert_statement': {
        const [condition] = parts(node);
        if (!truth(evaluate(condition ?? unknown(node), this, scope))) throw new Raised('AssertionError');
        return null;
      }
      case 'try_statement':
        return this.attempt(node, scope);
      case 'nonlocal_statement':
        return this.nonlocal(node, scope);
      case 'delete_statement':
        return this.remove(node, scope);
      default:
        return unknown(node);
    }
  }

  private expression(node: Node, scope: Scope): Exit {
    const [inner] = parts(node);
    if (inner === undefined) return unknown(node);
    if (inner.type === 'assignment') this.assignment(inner, scope);
    else if (inner.type === 'augmented_assignment') this.augmented(inner, scope);
    else if (inner.type !== 'string' && inner.type !== 'ellipsis') evaluate(inner, this, scope);
    return null;
  }

  private assignment(node: Node, scope: Scope): Value {
    const right = field(node, 'right');
    if (right === null) return null;
    const value = right.type === 'assignment' ? this.assignment(right, scope) : evaluate(right, this, scope);
    this.assign(field(node, 'left') ?? unknown(node), value, scope);
    return value;
  }

  private augmented(node: Node, scope: Scope): void {
    const target = field(node, 'left') ?? unknown(node);
    const operator = textOf(field(node, 'operator')).slice(0, -1);
    const value = evaluate(field(node, 'right') ?? unknown(node), this, scope);
    if (target.type === 'subscript') {
      const index = field(target, 'subscript') ?? unknown(target);
      if (index.type === 'slice') return unknown('slice assignment');
      const container = evaluate(field(target, 'value') ?? unknown(target), this, scope);
      const at = evaluate(index, this, scope);
      return setItem(container, at, this.updated(operator, itemAt(container, at), value));
    }
    if (target.type !== 'identifier') return unknown(target);
    this.assign(target, this.updated(operator, evaluate(target, this, scope), value), scope);
  }

  /** A list that grows stays the same list. */
  private updated(operator: string, current: Value, value: Value): Value {
    if (isKind(current, 'list') && operator === '+') {
      methodOf(current, 'extend')?.call([value], new Map());
      return current;
    }
    if (isKind(current, 'set')) return unknown('update of a set');
    return binary(operator, current, value);
  }

  private branch(node: Node, scope: Scope): Exit {
    const clauses = [node, ...parts(node).filter(({ type }) => type === 'elif_clause')];
    for (const clause of clauses) {
      const condition = field(clause, 'condition') ?? unknown(clause);
      if (truth(evaluate(condition, this, scope)))
        return this.block(field(clause, 'consequence') ?? unknown(clause), scope);
    }
    const otherwise = parts(node).find(({ type }) => type === 'else_clause');
    return otherwise === undefined ? null : this.block(field(otherwise, 'body') ?? unknown(otherwise), scope);
  }

  private forLoop(node: Node, scope: Scope): Exit {
    const target = field(node, 'left') ?? unknown(node);
    const source = evaluate(field(node, 'right') ?? unknown(node), this, scope);
    const items = iterate(source);
    for (let i = 0; i < items.length; i++) {
      this.assign(target, items[i] ?? null, scope);
      const exit = this.block(field(node, 'body') ?? unknown(node), scope);
      if (exit?.kind === 'return') return exit;
      if (exit?.kind === 'break') return null;
    }
    return this.otherwise(node, scope);
  }

  private whileLoop(node: Node, scope: Scope): Exit {
    const condition = field(node, 'condition') ?? unknown(node);
    while (truth(evaluate(condition, this, scope))) {
      const exit = this.block(field(node, 'body') ?? unknown(node), scope);
      if (exit?.kind === 'return') return exit;
      if (exit?.kind === 'break') return null;
    }
    return this.otherwise(node, scope);
  }

  private otherwise(node: Node, scope: Scope): Exit {
    const clause = field(node, 'alternative');
    return clause === null ? null : this.block(field(clause, 'body') ?? unknown(clause), scope);
  }

  private define(node: Node, scope: Scope): void {
    if (node.child(0)?.type === 'async' || /\byield\b/.test(node.text)) return unknown('generator');
    const defaults = new Map<string, Value>();
    for (const parameter of parts(field(node, 'parameters'))) {
      const value = field(parameter, 'value');
      if (value !== null) defaults.set(parameterName(parameter), evaluate(value, this, scope));
    }
    const name = textOf(field(node, 'name'));
    scope.set(name, {
      type: 'function',
      name,
      call: (args, named) => this.callFunction(node, scope, defaults, args, named),
    });
  }

  private importNames(node: Node, scope: Scope): void {
    const from = field(node, 'module_name');
    for (const child of parts(node)) {
      if (child.id === from?.id) continue;
      const name = child.type === 'aliased_import' ? textOf(field(child, 'name')) : child.text;
      const alias = child.type === 'aliased_import' ? textOf(field(child, 'alias')) : name;
      if (child.type === 'wildcard_import') return unknown(child);
      // A name that does not fold matters only where it is read.
      const value = orUndefined(() => (from === null ? moduleValue(name) : memberOf(from.text, name)));
      if (value !== undefined) scope.set(alias, value);
    }
  }

  private attempt(node: Node, scope: Scope): Exit {
    if (parts(node).some(({ type }) => type === 'finally_clause' || type === 'else_clause')) return unknown('finally');
    const depth = this.budget.depth;
    try {
      return this.block(field(node, 'body') ?? unknown(node), scope);
    } catch (error) {
      if (!(error instanceof Raised)) throw error;
      this.budget.depth = depth;
      for (const handler of parts(node).filter(({ type }) => type === 'except_clause')) {
        const caught = /^except\s*([^:]*):/.exec(handler.text)?.[1] ?? '';
        if (/\bas\b/.test(caught)) return unknown('caught error');
        const kinds = caught.match(/\w+/g) ?? ['Exception'];
        if (kinds.some((kind) => kind === 'Exception' || kind === error.kind || isAbove(kind, error.kind)))
          return this.block(parts(handler).at(-1) ?? unknown(handler), scope);
      }
      throw error;
    }
  }

  private nonlocal(node: Node, scope: Scope): Exit {
    for (const { text } of parts(node)) {
      let outer = scope.parent;
      while (outer !== null && !outer.names.has(text)) outer = outer.parent;
      scope.outer.set(text, outer ?? unknown(node));
    }
    return null;
  }

  private remove(node: Node, scope: Scope): Exit {
    const [target, more] = parts(node);
    if (target?.type !== 'subscript' || more !== undefined) return unknown(node);
    const container = evaluate(field(target, 'value') ?? unknown(target), this, scope);
    const index = field(target, 'subscript') ?? unknown(target);
    if (index.type === 'slice') return unknown(index);
    const at = evaluate(index, this, scope);
    itemAt(container, at);
    if (isKind(container, 'dict')) container.items.delete(keyOf(at));
    else if (isKind(container, 'list'))
      container.items.splice(small(at) < 0 ? small(at) + container.items.length : small(at), 1);
    else unknown(node);
    return null;
  }
}

function isAbove(kind: string, raised: string): boolean {
  return (
    (kind === 'LookupError' && /^(?:Index|Key)Error$/.test(raised)) ||
    (kind === 'ArithmeticError' && raised === 'ZeroDivisionError')
  );
}

function orUndefined(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotFolded) return undefined;
    throw error;
  }
}

function parameterName(node: Node): string {
  if (node.type === 'identifier') return node.text;
  if (node.type === 'typed_parameter' && node.namedChild(0)?.type === 'identifier')
    return node.namedChild(0)?.text ?? '';
  if (node.type === 'default_parameter' || node.type === 'typed_default_parameter') return textOf(field(node, 'name'));
  return unknown(node);
}

function namesOf(statement: Node): string[] {
  switch (statement.type) {
    case 'function_definition':
      return [textOf(field(statement, 'name'))];
    case 'import_statement':
    case 'import_from_statement':
      return parts(statement).map((child) =>
        child.type === 'aliased_import' ? textOf(field(child, 'alias')) : child.text,
      );
    case 'expression_statement': {
      const assignment = statement.namedChild(0);
      const target = assignment?.type === 'assignment' ? field(assignment, 'left') : null;
      if (target === null) return [];
      return target.type === 'identifier' ? [target.text] : parts(target).map(({ text }) => text);
    }
    default:
      return [];
  }
}
