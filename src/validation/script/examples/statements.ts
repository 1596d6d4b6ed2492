import type TypeScript from 'typescript';
import { compiler } from '../compiler.ts';
import { isNullish } from './operators.ts';
import { asThrown, type Ending, functionScope, Give, Scope, Thrown } from './signals.ts';
import type { StepBudget } from './step-budget.ts';

/** A function as the host's own list methods can call it. */
export type Callable = (this: unknown, ...given: unknown[]) => unknown;

/** Works statements out: blocks, loops, choices, declarations. */
export abstract class StatementReckoner {
  protected readonly ts = compiler();
  /** Functions and classes of the code, as opposed to the host's. */
  protected readonly own = new WeakSet<object>();
  private readonly budget: StepBudget;

  /** `budget`: how many statements, expressions and calls may be worked out before it gives up. */
  constructor(budget: StepBudget) {
    this.budget = budget;
  }

  abstract value(node: TypeScript.Expression, scope: Scope): unknown;
  abstract member(of: unknown, key: unknown): unknown;
  protected abstract closure(node: TypeScript.FunctionLikeDeclaration, scope: Scope, home?: Scope['home']): Callable;
  protected abstract class(node: TypeScript.ClassLikeDeclaration, outer: Scope): Callable;
  protected abstract assignTo(node: TypeScript.Expression, value: unknown, scope: Scope): void;

  /** Works the statements out in order; what ended them early, or null. */
  block(statements: readonly TypeScript.Statement[], scope: Scope): Ending | null {
    this.hoist(statements, scope);
    for (const statement of statements) {
      const ending = this.statement(statement, scope);
      if (ending !== null) return ending;
    }
    return null;
  }

  protected hoist(statements: readonly TypeScript.Statement[], scope: Scope): void {
    const { ts } = this;
    for (const statement of statements)
      if (ts.isFunctionDeclaration(statement) && statement.name !== undefined && statement.body !== undefined)
        scope.declare(statement.name.text, this.closure(statement, scope));
  }

  protected step(): void {
    this.budget.take();
  }

  protected statement(node: TypeScript.Statement, scope: Scope): Ending | null {
    const { ts } = this;
    this.step();
    if (ts.isExpressionStatement(node)) {
      this.value(node.expression, scope);
      return null;
    }
    if (ts.isVariableStatement(node)) {
      this.declarations(node.declarationList, scope);
      return null;
    }
    if (ts.isReturnStatement(node))
      return { kind: 'return', value: node.expression === undefined ? undefined : this.value(node.expression, scope) };
    if (ts.isIfStatement(node)) {
      if (this.value(node.expression, scope)) return this.statement(node.thenStatement, scope);
      return node.elseStatement === undefined ? null : this.statement(node.elseStatement, scope);
    }
    if (ts.isBlock(node)) return this.block(node.statements, new Scope(scope));
    if (ts.isForStatement(node)) return this.forLoop(node, scope);
    if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return this.eachLoop(node, scope);
    if (ts.isWhileStatement(node)) return this.repeat(node, () => this.value(node.expression, scope), scope);
    if (ts.isDoStatement(node)) {
      let first = true;
      return this.repeat(
        node,
        () => {
          if (!first) return this.value(node.expression, scope);
          first = false;
          return true;
        },
        scope,
      );
    }
    if (ts.isThrowStatement(node)) throw new Thrown(this.value(node.expression, scope));
    if (ts.isBreakStatement(node)) return { kind: 'break', label: node.label?.text ?? null };
    if (ts.isContinueStatement(node)) return { kind: 'continue', label: node.label?.text ?? null };
    if (ts.isSwitchStatement(node)) return this.choose(node, scope);
    if (ts.isTryStatement(node)) return this.attempt(node, scope);
    if (ts.isLabeledStatement(node)) {
      const ending = this.statement(node.statement, scope);
      return ending !== null && ending.kind === 'break' && ending.label === node.label.text ? null : ending;
    }
    if (ts.isClassDeclaration(node)) {
      if (node.name !== undefined) scope.declare(node.name.text, this.class(node, scope));
      return null;
    }
    if (ts.isEnumDeclaration(node)) {
      scope.declare(node.name.text, this.enumeration(node, scope));
      return null;
    }
    const ignored = [
      ts.SyntaxKind.FunctionDeclaration,
      ts.SyntaxKind.InterfaceDeclaration,
      ts.SyntaxKind.TypeAliasDeclaration,
      ts.SyntaxKind.EmptyStatement,
      ts.SyntaxKind.ExportDeclaration,
      ts.SyntaxKind.ImportDeclaration,
    ];
    if (ignored.includes(node.kind)) return null;
    throw new Give(`statement ${ts.SyntaxKind[node.kind]}`);
  }

  protected enumeration(node: TypeScript.EnumDeclaration, scope: Scope): object {
    const made: Record<string, unknown> = {};
    let next = 0;
    for (const member of node.members) {
      const name = (member.name as TypeScript.Identifier).text;
      const value = member.initializer === undefined ? next : this.value(member.initializer, scope);
      made[name] = value;
      if (typeof value === 'number') {
        made[value] = name;
        next = value + 1;
      }
    }
    return made;
  }

  protected declarations(list: TypeScript.VariableDeclarationList, scope: Scope): void {
    const isConstant = (list.flags & this.ts.NodeFlags.Const) !== 0;
    const isVar = (list.flags & this.ts.NodeFlags.BlockScoped) === 0;
    for (const { name, initializer } of list.declarations) {
      if (initializer === undefined && isVar && this.ts.isIdentifier(name) && scope.find(name.text) !== null) continue;
      const value = initializer === undefined ? undefined : this.value(initializer, scope);
      // `var` reaches the whole function; inside a block the nearest scope that has the name, or this one, stands in for it.
      this.bind(name, value, isVar ? functionScope(scope) : scope, isConstant);
    }
  }

  protected bind(name: TypeScript.BindingName, value: unknown, scope: Scope, isConstant = false): void {
    const { ts } = this;
    if (ts.isIdentifier(name)) {
      scope.declare(name.text, value, isConstant);
      return;
    }
    if (isNullish(value)) throw new Thrown(new TypeError('cannot take nothing apart'));
    if (ts.isArrayBindingPattern(name)) {
      const items = [...this.iterable(value)];
      name.elements.forEach((element, index) => {
        if (!ts.isBindingElement(element)) return;
        const given = element.dotDotDotToken === undefined ? items[index] : items.slice(index);
        this.bind(element.name, this.orDefault(given, element.initializer, scope), scope, isConstant);
      });
      return;
    }
    const taken = new Set<unknown>();
    for (const element of name.elements) {
      const keyNode = element.propertyName ?? element.name;
      if (element.dotDotDotToken !== undefined) {
        const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !taken.has(key)));
        this.bind(element.name, rest, scope, isConstant);
        continue;
      }
      const key = ts.isComputedPropertyName(keyNode)
        ? this.value(keyNode.expression, scope)
        : (keyNode as TypeScript.Identifier).text;
      taken.add(String(key));
      this.bind(element.name, this.orDefault(this.member(value, key), element.initializer, scope), scope, isConstant);
    }
  }

  protected orDefault(value: unknown, initializer: TypeScript.Expression | undefined, scope: Scope): unknown {
    return value === undefined && initializer !== undefined ? this.value(initializer, scope) : value;
  }

  protected iterable(value: unknown): Iterable<unknown> {
    if (
      typeof value === 'string' ||
      Array.isArray(value) ||
      value instanceof Map ||
      value instanceof Set ||
      ArrayBuffer.isView(value)
    )
      return value as Iterable<unknown>;
    if (isNullish(value)) throw new Thrown(new TypeError('nothing is not iterable'));
    if (typeof value !== 'object') throw new Thrown(new TypeError('not iterable'));
    if (typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function' && !this.own.has(value))
      return value as Iterable<unknown>;
    if (Object.getPrototypeOf(value) === Object.prototype && !(Symbol.iterator in value))
      throw new Thrown(new TypeError('not iterable'));
    throw new Give('an iterator of its own');
  }

  protected forLoop(node: TypeScript.ForStatement, outer: Scope): Ending | null {
    let scope = new Scope(outer);
    if (node.initializer !== undefined) {
      if (this.ts.isVariableDeclarationList(node.initializer)) this.declarations(node.initializer, scope);
      else this.value(node.initializer, scope);
    }
    while (node.condition === undefined || this.value(node.condition, scope)) {
      this.step();
      const ending = this.statement(node.statement, scope);
      const out = leaving(ending, node, this.ts);
      if (out !== 'next') return out;
      // Every pass has its own copy of the counter, which closures keep.
      scope = scope.copy();
      if (node.incrementor !== undefined) this.value(node.incrementor, scope);
    }
    return null;
  }

  protected repeat(
    node: TypeScript.WhileStatement | TypeScript.DoStatement,
    goesOn: () => unknown,
    scope: Scope,
  ): Ending | null {
    while (goesOn()) {
      this.step();
      const out = leaving(this.statement(node.statement, scope), node, this.ts);
      if (out !== 'next') return out;
    }
    return null;
  }

  protected eachLoop(node: TypeScript.ForOfStatement | TypeScript.ForInStatement, outer: Scope): Ending | null {
    const over = this.value(node.expression, outer);
    const items = this.ts.isForOfStatement(node) ? this.iterable(over) : Object.keys(Object(over) as object);
    if (this.ts.isForOfStatement(node) && node.awaitModifier !== undefined) throw new Give('await');
    for (const item of items) {
      this.step();
      const scope = new Scope(outer);
      if (this.ts.isVariableDeclarationList(node.initializer))
        this.bind((node.initializer.declarations[0] as TypeScript.VariableDeclaration).name, item, scope);
      else this.assignTo(node.initializer, item, scope);
      const out = leaving(this.statement(node.statement, scope), node, this.ts);
      if (out !== 'next') return out;
    }
    return null;
  }

  protected choose(node: TypeScript.SwitchStatement, outer: Scope): Ending | null {
    const value = this.value(node.expression, outer);
    const scope = new Scope(outer);
    const { clauses } = node.caseBlock;
    let from = clauses.findIndex(
      (clause) => this.ts.isCaseClause(clause) && this.value(clause.expression, scope) === value,
    );
    if (from < 0) from = clauses.findIndex((clause) => this.ts.isDefaultClause(clause));
    for (const clause of from < 0 ? [] : clauses.slice(from)) {
      const ending = this.block(clause.statements, scope);
      if (ending?.kind === 'break' && ending.label === null) return null;
      if (ending !== null) return ending;
    }
    return null;
  }

  protected attempt(node: TypeScript.TryStatement, scope: Scope): Ending | null {
    let ending: Ending | null = null;
    try {
      ending = this.statement(node.tryBlock, scope);
    } catch (error) {
      const thrown = asThrown(error);
      if (thrown === null || node.catchClause === undefined) throw error;
      const inner = new Scope(scope);
      if (node.catchClause.variableDeclaration !== undefined)
        this.bind(node.catchClause.variableDeclaration.name, thrown.value, inner);
      ending = this.statement(node.catchClause.block, inner);
    } finally {
      if (node.finallyBlock !== undefined) this.statement(node.finallyBlock, scope);
    }
    return ending;
  }
}

/** What a loop does with the way its body ended: goes on, or ends with something for those around it. */
function leaving(
  ending: Ending | null,
  loop: TypeScript.IterationStatement,
  ts: ReturnType<typeof compiler>,
): Ending | null | 'next' {
  if (ending === null) return 'next';
  if (ending.kind === 'return') return ending;
  const own = ending.label === null || (ts.isLabeledStatement(loop.parent) && loop.parent.label.text === ending.label);
  if (!own) return ending;
  return ending.kind === 'continue' ? 'next' : null;
}
