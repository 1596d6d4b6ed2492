/**
 * Which definitions of a local name reach each use of it in TypeScript: found by running functions many times with chance in place
 * of values. Every condition goes either way, every loop runs or ends, every call in a `try` may throw; a use notes the assignment
 * that was last. Nothing is merged, so nothing of how the resolver works is repeated here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A use of a local name and the definitions that were seen to reach it; positions are UTF-16 indexes. */
export interface ReachedUse {
  readonly name: string;
  readonly use: number;
  readonly defs: readonly (readonly [number, number] | 'parameter')[];
  /** Right to have, but not asked for. */
  readonly allowed: readonly (readonly [number, number] | 'parameter')[];
}

type Place = ts.Identifier;

class Leave extends Error {
  readonly how: 'return' | 'break' | 'continue' | 'throw' | 'enough';
  readonly label: string | undefined;

  constructor(how: Leave['how'], label?: string) {
    super(how);
    this.how = how;
    this.label = label;
  }
}

/** Steps of one run before it is given up. */
const STEPS = 4_000;
/** Runs of a function: at least, and in all while new pairs turn up. */
const RUNS = { least: 60, most: 12_000, idle: 1_500 } as const;

export function scriptReaching(root: string, path: string, seed: number): ReachedUse[] {
  const text = readFileSync(join(root, path), 'utf8');
  const options: ts.CompilerOptions = { noResolve: true, noLib: true, allowJs: true, jsx: ts.JsxEmit.Preserve };
  const host = ts.createCompilerHost(options);
  const own = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  host.getSourceFile = (name) => (name === path ? own : undefined);
  const program = ts.createProgram([path], options, host);
  const checker = program.getTypeChecker();
  const found: ReachedUse[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)
      found.push(...new Walk(checker, node, seed).reached());
    ts.forEachChild(node, visit);
  };
  visit(own);
  return found;
}

class Walk {
  private readonly checker: ts.TypeChecker;
  private readonly fn: ts.FunctionLikeDeclaration;
  private readonly seen = new Map<Place, Set<Place>>();
  private readonly symbols = new Map<ts.Node, ts.Symbol | undefined>();
  private readonly skipped = new Set<ts.Symbol>();
  private last = new Map<ts.Symbol, Place>();
  private readonly firstDef = new Map<ts.Symbol, Place>();
  private state: number;
  private steps = 0;
  private tries = 0;
  private fresh = 0;

  constructor(checker: ts.TypeChecker, fn: ts.FunctionLikeDeclaration, seed: number) {
    this.checker = checker;
    this.fn = fn;
    this.state = (seed ^ Math.imul(fn.pos, 2_654_435_761)) >>> 0;
    this.skipCaptured(fn, fn);
  }

  reached(): ReachedUse[] {
    let idle = 0;
    for (let run = 0; run < RUNS.most && (run < RUNS.least || idle < RUNS.idle); run += 1) {
      this.fresh = 0;
      this.run();
      idle = this.fresh > 0 ? 0 : idle + 1;
      // Straight code shows all there is at once; and without names that are assigned twice, every use that is seen is done.
      if (run === 0 && !this.branched) break;
      if (run >= RUNS.least && !this.assignedTwice) break;
    }
    return [...this.seen].map(([use, defs]) => {
      const places = [...defs].map((def) => this.placeOf(def));
      // A declaration without a value is a definition to some and none to others.
      const bare = (def: Place): boolean =>
        ts.isVariableDeclaration(def.parent) &&
        def.parent.initializer === undefined &&
        !this.isLoopVariable(def.parent);
      return {
        name: use.text,
        use: use.getStart(),
        defs: places.filter((_, i) => !bare([...defs][i] as Place)),
        allowed: places,
      };
    });
  }

  private branched = false;
  private assignedTwice = false;
  /** How chance falls in this run: now and then nearly nothing is taken, or nearly everything. */
  private bias = 0.5;
  private loopBias = 0.5;

  private placeOf(def: Place): readonly [number, number] | 'parameter' {
    return this.isParameter(def) ? 'parameter' : [def.getStart(), def.getEnd()];
  }

  private isParameter(def: Place): boolean {
    let node: ts.Node = def.parent;
    while (ts.isBindingElement(node) || ts.isBindingName(node)) node = node.parent;
    return ts.isParameter(node) && node.name === def;
  }

  private isLoopVariable(declaration: ts.VariableDeclaration): boolean {
    const statement = declaration.parent.parent;
    return ts.isForOfStatement(statement) || ts.isForInStatement(statement) || ts.isCatchClause(declaration.parent);
  }

  /** Names that functions inside assign to: what reaches a use depends on when those run. */
  private skipCaptured(node: ts.Node, fn: ts.Node): void {
    ts.forEachChild(node, (child) => {
      const inner = ts.isFunctionLike(child) || ts.isClassLike(child) ? child : fn;
      if (inner !== this.fn && ts.isIdentifier(child) && isWritten(child)) {
        const symbol = this.symbolOf(child);
        if (symbol !== undefined) this.skipped.add(symbol);
      }
      this.skipCaptured(child, inner);
    });
  }

  private chance(p = this.bias): boolean {
    this.branched = true;
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state / 2 ** 32 < p;
  }

  private symbolOf(node: ts.Identifier): ts.Symbol | undefined {
    if (!this.symbols.has(node)) {
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? this.checker.getShorthandAssignmentValueSymbol(node.parent)
        : this.checker.getSymbolAtLocation(node);
      const declaration = symbol?.declarations?.[0];
      let owner: ts.Node | undefined = declaration?.parent;
      while (owner !== undefined && !ts.isFunctionLike(owner)) owner = owner.parent;
      this.symbols.set(node, owner === this.fn ? symbol : undefined);
    }
    return this.symbols.get(node);
  }

  private run(): void {
    this.last = new Map();
    this.steps = 0;
    this.bias = 0.5;
    this.loopBias = this.chance(0.3) ? 0.97 : this.chance(0.5) ? 0.8 : 0.5;
    if (this.chance(0.6)) this.bias = this.chance(0.5) ? 0.05 : this.chance(0.5) ? 0.2 : 0.9;
    this.tries = 0;
    try {
      for (const parameter of this.fn.parameters) {
        if (parameter.initializer !== undefined && this.chance()) this.evaluate(parameter.initializer);
        this.bind(parameter.name);
      }
      const { body } = this.fn;
      if (body === undefined) return;
      if (!ts.isBlock(body)) this.evaluate(body);
      else this.block(body.statements);
    } catch (error) {
      if (!(error instanceof Leave)) throw error;
    }
  }

  private define(name: ts.Identifier): void {
    const symbol = this.symbolOf(name);
    if (symbol === undefined) return;
    this.firstDef.set(symbol, this.firstDef.get(symbol) ?? name);
    this.assignedTwice ||= this.firstDef.get(symbol) !== name;
    this.last.set(symbol, name);
  }

  private use(name: ts.Identifier): void {
    const symbol = this.symbolOf(name);
    const def = symbol === undefined ? undefined : this.last.get(symbol);
    if (symbol === undefined || def === undefined || this.skipped.has(symbol)) return;
    const known = this.seen.get(name) ?? new Set<Place>();
    if (!known.has(def)) this.fresh += 1;
    this.seen.set(name, known.add(def));
  }

  /** Names of a pattern are bound one by one; defaults are used or not. */
  private bind(name: ts.BindingName): void {
    if (ts.isIdentifier(name)) {
      this.define(name);
      return;
    }
    for (const element of name.elements) {
      if (ts.isOmittedExpression(element)) continue;
      if (element.propertyName !== undefined && ts.isComputedPropertyName(element.propertyName))
        this.evaluate(element.propertyName.expression);
      if (element.initializer !== undefined && this.chance()) this.evaluate(element.initializer);
      this.bind(element.name);
    }
  }

  private block(statements: readonly ts.Statement[]): void {
    for (const statement of statements)
      if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) this.define(statement.name);
    for (const statement of statements) this.statement(statement);
  }

  private statement(node: ts.Statement, label?: string): void {
    this.steps += 1;
    if (this.steps > STEPS) throw new Leave('enough');
    if (ts.isBlock(node)) this.block(node.statements);
    else if (ts.isVariableStatement(node)) this.declarations(node.declarationList);
    else if (ts.isExpressionStatement(node)) this.evaluate(node.expression);
    else if (ts.isIfStatement(node)) {
      this.evaluate(node.expression);
      if (this.chance()) this.statement(node.thenStatement);
      else if (node.elseStatement !== undefined) this.statement(node.elseStatement);
    } else if (ts.isReturnStatement(node) || ts.isThrowStatement(node)) {
      if (node.expression !== undefined) this.evaluate(node.expression);
      throw new Leave(ts.isReturnStatement(node) ? 'return' : 'throw');
    } else if (ts.isBreakStatement(node)) throw new Leave('break', node.label?.text);
    else if (ts.isContinueStatement(node)) throw new Leave('continue', node.label?.text);
    else if (ts.isLabeledStatement(node)) this.labelled(node);
    else if (ts.isIterationStatement(node, false)) this.loop(node, label);
    else if (ts.isSwitchStatement(node)) this.choose(node);
    else if (ts.isTryStatement(node)) this.attempt(node);
    else if (ts.isClassDeclaration(node)) {
      if (node.name !== undefined) this.define(node.name);
    }
  }

  private declarations(list: ts.VariableDeclarationList): void {
    for (const declaration of list.declarations) {
      if (declaration.initializer !== undefined) this.evaluate(declaration.initializer);
      const hoisted = (list.flags & ts.NodeFlags.BlockScoped) === 0 && declaration.initializer === undefined;
      if (!hoisted) this.bind(declaration.name);
    }
  }

  private labelled(node: ts.LabeledStatement): void {
    try {
      this.statement(node.statement, node.label.text);
    } catch (error) {
      if (!(error instanceof Leave) || error.how !== 'break' || error.label !== node.label.text) throw error;
    }
  }

  /** Runs a body of a loop; false when the loop is to end. */
  private round(body: ts.Statement, label: string | undefined): boolean {
    try {
      this.statement(body);
      return true;
    } catch (error) {
      if (!(error instanceof Leave) || (error.label !== undefined && error.label !== label)) throw error;
      if (error.how === 'break' && error.label === undefined) return false;
      if (error.how === 'continue') return true;
      throw error;
    }
  }

  private loop(node: ts.IterationStatement, label: string | undefined): void {
    const endless = (condition: ts.Expression | undefined): boolean =>
      condition === undefined || condition.kind === ts.SyntaxKind.TrueKeyword;
    if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
      this.evaluate(node.expression);
      while (this.chance(this.loopBias)) {
        if (ts.isVariableDeclarationList(node.initializer))
          this.bind(node.initializer.declarations[0]?.name as ts.BindingName);
        else this.assign(node.initializer);
        if (!this.round(node.statement, label)) return;
      }
    } else if (ts.isForStatement(node)) {
      if (node.initializer !== undefined) {
        if (ts.isVariableDeclarationList(node.initializer)) this.declarations(node.initializer);
        else this.evaluate(node.initializer);
      }
      for (;;) {
        if (node.condition !== undefined) this.evaluate(node.condition);
        if (!endless(node.condition) && !this.chance(this.loopBias)) return;
        if (!this.round(node.statement, label)) return;
        if (node.incrementor !== undefined) this.evaluate(node.incrementor);
      }
    } else if (ts.isWhileStatement(node)) {
      for (;;) {
        this.evaluate(node.expression);
        if (!endless(node.expression) && !this.chance(this.loopBias)) return;
        if (!this.round(node.statement, label)) return;
      }
    } else if (ts.isDoStatement(node)) {
      do {
        if (!this.round(node.statement, label)) return;
        this.evaluate(node.expression);
      } while (endless(node.expression) || this.chance(this.loopBias));
    }
  }

  private choose(node: ts.SwitchStatement): void {
    this.evaluate(node.expression);
    const { clauses } = node.caseBlock;
    const fallback = clauses.findIndex((clause) => ts.isDefaultClause(clause));
    let entry = -1;
    for (let i = 0; i < clauses.length && entry < 0; i += 1) {
      const clause = clauses[i];
      if (clause === undefined || ts.isDefaultClause(clause)) continue;
      this.evaluate(clause.expression);
      if (this.chance(1 / (clauses.length - i + 1))) entry = i;
    }
    if (entry < 0) entry = fallback;
    if (entry < 0) return;
    try {
      for (const clause of clauses.slice(entry)) this.block(clause.statements);
    } catch (error) {
      if (!(error instanceof Leave) || error.how !== 'break' || error.label !== undefined) throw error;
    }
  }

  private attempt(node: ts.TryStatement): void {
    let leaving: unknown;
    try {
      this.tries += 1;
      try {
        this.block(node.tryBlock.statements);
      } finally {
        this.tries -= 1;
      }
    } catch (error) {
      leaving = error;
    }
    if (node.catchClause !== undefined && leaving instanceof Leave && leaving.how === 'throw') {
      leaving = undefined;
      try {
        if (node.catchClause.variableDeclaration !== undefined) this.bind(node.catchClause.variableDeclaration.name);
        this.block(node.catchClause.block.statements);
      } catch (error) {
        leaving = error;
      }
    }
    if (node.finallyBlock !== undefined && !(leaving instanceof Leave && leaving.how === 'enough'))
      this.block(node.finallyBlock.statements);
    if (leaving instanceof Error) throw leaving;
  }

  private mayThrow(): void {
    if (this.tries > 0 && this.chance(0.15)) throw new Leave('throw');
  }

  private evaluate(node: ts.Node): void {
    if (ts.isIdentifier(node)) this.use(node);
    else if (ts.isFunctionLike(node) || ts.isTypeNode(node)) return;
    else if (ts.isClassLike(node)) {
      for (const clause of node.heritageClauses ?? []) clause.types.forEach((type) => this.evaluate(type.expression));
    } else if (ts.isBinaryExpression(node)) this.binary(node);
    else if (ts.isConditionalExpression(node)) {
      this.evaluate(node.condition);
      this.evaluate(this.chance() ? node.whenTrue : node.whenFalse);
    } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      this.evaluate(node.operand);
      const changes = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
      if (changes && ts.isIdentifier(node.operand)) this.define(node.operand);
    } else if (ts.isPropertyAccessExpression(node)) {
      this.evaluate(node.expression);
      this.mayThrow();
    } else if (ts.isPropertyAssignment(node)) {
      if (ts.isComputedPropertyName(node.name)) this.evaluate(node.name.expression);
      this.evaluate(node.initializer);
    } else if (ts.isShorthandPropertyAssignment(node)) this.use(node.name);
    else if (ts.isJsxAttribute(node)) {
      if (node.initializer !== undefined) this.evaluate(node.initializer);
    } else if (isChain(node)) this.chain(node);
    else {
      ts.forEachChild(node, (child) => this.evaluate(child));
      if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isAwaitExpression(node)) this.mayThrow();
    }
  }

  /** `a?.b(c)`: what follows the question mark is looked at, or not. */
  private chain(node: ts.CallExpression | ts.ElementAccessExpression): void {
    this.evaluate(node.expression);
    const rest = ts.isCallExpression(node) ? node.arguments : [node.argumentExpression];
    if (this.chance(0.7)) for (const part of rest) this.evaluate(part);
    this.mayThrow();
  }

  private binary(node: ts.BinaryExpression): void {
    const operator = node.operatorToken.kind;
    const { AmpersandAmpersandToken: and, BarBarToken: or, QuestionQuestionToken: nullish } = ts.SyntaxKind;
    if (operator === and || operator === or || operator === nullish) {
      this.evaluate(node.left);
      if (this.chance()) this.evaluate(node.right);
    } else if (operator === ts.SyntaxKind.EqualsToken) {
      if (!ts.isIdentifier(node.left) && !isPattern(node.left)) this.evaluate(node.left);
      this.evaluate(node.right);
      if (ts.isIdentifier(node.left) || isPattern(node.left)) this.assign(node.left);
    } else if (operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment) {
      this.evaluate(node.left);
      const maybe =
        operator === ts.SyntaxKind.BarBarEqualsToken ||
        operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken ||
        operator === ts.SyntaxKind.QuestionQuestionEqualsToken;
      if (maybe && !this.chance()) return;
      this.evaluate(node.right);
      if (ts.isIdentifier(node.left)) this.define(node.left);
    } else {
      this.evaluate(node.left);
      this.evaluate(node.right);
    }
  }

  private assign(target: ts.Expression): void {
    if (ts.isIdentifier(target)) this.define(target);
    else if (ts.isArrayLiteralExpression(target)) target.elements.forEach((element) => this.assign(element));
    else if (ts.isSpreadElement(target)) this.assign(target.expression);
    else if (ts.isObjectLiteralExpression(target)) {
      for (const property of target.properties) {
        if (ts.isShorthandPropertyAssignment(property)) this.define(property.name);
        else if (ts.isPropertyAssignment(property)) this.assign(property.initializer);
        else if (ts.isSpreadAssignment(property)) this.assign(property.expression);
      }
    } else if (ts.isBinaryExpression(target)) {
      if (this.chance()) this.evaluate(target.right);
      this.assign(target.left);
    } else if (!ts.isOmittedExpression(target)) this.evaluate(target);
  }
}

function isPattern(node: ts.Expression): boolean {
  return ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node);
}

function isChain(node: ts.Node): node is ts.CallExpression | ts.ElementAccessExpression {
  return (
    (ts.isCallExpression(node) || ts.isElementAccessExpression(node)) && (node.flags & ts.NodeFlags.OptionalChain) !== 0
  );
}

function isWritten(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) {
    const { kind } = parent.operatorToken;
    return parent.left === node && kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  }
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
  // In a pattern that is assigned to: rare enough to call every such name written.
  return ts.isArrayLiteralExpression(parent) || ts.isShorthandPropertyAssignment(parent) || ts.isForOfStatement(parent);
}
