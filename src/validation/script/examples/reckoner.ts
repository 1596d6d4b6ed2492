import type TypeScript from 'typescript';
import { ClassReckoner } from './classes.ts';
import { checkCall, checkKey, GLOBALS, isAllowedStatic, isHostConstructor, MAX_SIZE } from './library.ts';
import { binary, isNullish, unary } from './operators.ts';
import { Give, host, Scope, Thrown } from './signals.ts';

/** Something that can be assigned to. */
interface Place {
  get(): unknown;
  set(value: unknown): void;
}

/**
 * Works out what expressions of plain code come to, step by step over the syntax tree: numbers, texts, lists, maps, functions and
 * classes. Nothing is compiled or handed to the engine, nothing of the host can be reached, and the steps are counted. What it does
 * not know (promises, generators, clocks, modules) makes it give up.
 */ export class Reckoner extends ClassReckoner {
  member(of: unknown, key: unknown): unknown {
    if (isNullish(of))
      throw new Thrown(new TypeError(`Cannot read properties of ${String(of)} (reading '${String(key)}')`));
    if (typeof of === 'function' && key === 'name') return of.name;
    if (typeof of === 'object' && key === 'constructor' && this.own.has((of as { constructor: object }).constructor))
      return (of as { constructor: unknown }).constructor;
    const name = checkKey(key);
    if (
      typeof of === 'function' &&
      !this.own.has(of) &&
      !isAllowedStatic(of, name) &&
      !['call', 'apply', 'bind', 'length'].includes(String(name))
    )
      throw new Give(`${of.name}.${String(name)}`);
    return (of as Record<string | number | symbol, unknown>)[name];
  }

  call(callee: unknown, self: unknown, given: readonly unknown[]): unknown {
    this.step();
    if (typeof callee !== 'function') throw new Thrown(new TypeError('not a function'));
    if (this.own.has(callee)) return Reflect.apply(callee, self, given) as unknown;
    checkCall(self, callee, given);
    if (
      isHostConstructor(callee) &&
      callee !== Array &&
      callee !== String &&
      callee !== Number &&
      callee !== Boolean &&
      !(callee.prototype instanceof Error) &&
      callee !== (Error as unknown)
    )
      throw new Give(callee.name);
    const result = host(() => Reflect.apply(callee, self, given) as unknown);
    if (result instanceof Promise) throw new Give('a promise');
    if (typeof result === 'string' && result.length > MAX_SIZE) throw new Give('too long a text');
    return result;
  }

  value(node: TypeScript.Expression, scope: Scope): unknown {
    const { ts } = this;
    this.step();
    switch (node.kind) {
      case ts.SyntaxKind.TrueKeyword:
        return true;
      case ts.SyntaxKind.FalseKeyword:
        return false;
      case ts.SyntaxKind.NullKeyword:
        return null;
      case ts.SyntaxKind.ThisKeyword:
        return scope.self;
      default:
    }
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isIdentifier(node)) return this.named(node.text, scope);
    if (ts.isBigIntLiteral(node)) return BigInt(node.text.slice(0, -1));
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      return host(() => new RegExp(node.text.slice(1, end), node.text.slice(end + 1)));
    }
    if (
      ts.isParenthesizedExpression(node) ||
      ts.isAsExpression(node) ||
      ts.isNonNullExpression(node) ||
      ts.isSatisfiesExpression(node) ||
      ts.isTypeAssertionExpression(node)
    )
      return this.value(node.expression, scope);
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isCallExpression(node))
      return this.chain(node, scope).value;
    if (ts.isBinaryExpression(node)) return this.binary(node, scope);
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return this.unary(node, scope);
    if (ts.isConditionalExpression(node))
      return this.value(this.value(node.condition, scope) ? node.whenTrue : node.whenFalse, scope);
    if (ts.isArrayLiteralExpression(node))
      return node.elements
        .flatMap((element) =>
          (ts.isSpreadElement(element)
            ? [...this.iterable(this.value(element.expression, scope))]
            : [ts.isOmittedExpression(element) ? undefined : this.value(element, scope)]
          ).map((item) => [item]),
        )
        .map(([item]) => item);
    if (ts.isObjectLiteralExpression(node)) return this.object(node, scope);
    if (ts.isTemplateExpression(node))
      return (
        node.head.text +
        node.templateSpans
          .map(({ expression, literal }) => this.text(this.value(expression, scope)) + literal.text)
          .join('')
      );
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      if (!ts.isFunctionExpression(node) || node.name === undefined) return this.closure(node, scope);
      const inner = new Scope(scope);
      const made = this.closure(node, inner);
      inner.declare(node.name.text, made);
      return made;
    }
    if (ts.isNewExpression(node))
      return this.construct(this.value(node.expression, scope), this.arguments(node.arguments ?? [], scope));
    if (ts.isTypeOfExpression(node))
      return ts.isIdentifier(node.expression) &&
        scope.find(node.expression.text) === null &&
        !GLOBALS.has(node.expression.text)
        ? 'undefined'
        : typeof this.value(node.expression, scope);
    if (ts.isVoidExpression(node)) return void this.value(node.expression, scope);
    if (ts.isClassExpression(node)) return this.class(node, scope);
    if (ts.isDeleteExpression(node)) {
      const place = node.expression as TypeScript.PropertyAccessExpression | TypeScript.ElementAccessExpression;
      const key = ts.isPropertyAccessExpression(place) ? place.name.text : this.value(place.argumentExpression, scope);
      return Reflect.deleteProperty(this.value(place.expression, scope) as object, checkKey(key));
    }
    throw new Give(`expression ${ts.SyntaxKind[node.kind]}`);
  }

  protected text(value: unknown): string {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const own = (value as { toString?: unknown }).toString;
      if (typeof own === 'function' && this.own.has(own)) return String(this.call(own, value, []));
    }
    return host(() => String(value));
  }

  protected named(name: string, scope: Scope): unknown {
    const found = scope.find(name);
    if (found !== null) return found.value;
    if (!GLOBALS.has(name)) throw new Give(`the name ${name}`);
    return GLOBALS.get(name);
  }

  protected arguments(nodes: readonly TypeScript.Expression[], scope: Scope): unknown[] {
    const given: unknown[] = [];
    for (const node of nodes) {
      if (this.ts.isSpreadElement(node)) given.push(...this.iterable(this.value(node.expression, scope)));
      else given.push(this.value(node, scope));
    }
    return given;
  }

  /** Member accesses and calls, with the object that a method is called on, and `?.`. */
  protected chain(node: TypeScript.Expression, scope: Scope): { value: unknown; self: unknown; ended?: boolean } {
    const { ts } = this;
    if (ts.isCallExpression(node)) return this.callIn(node, scope);
    if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) {
      if (
        ts.isNonNullExpression(node) ||
        (ts.isParenthesizedExpression(node) &&
          (ts.isPropertyAccessExpression(node.expression) || ts.isCallExpression(node.expression)))
      )
        return this.chain(node.expression, scope);
      return { value: this.value(node, scope), self: undefined };
    }
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      const parent = scope.home?.parent as { prototype: object } | undefined;
      const key = ts.isPropertyAccessExpression(node) ? node.name.text : '';
      const isStatic = typeof scope.self === 'function';
      return {
        value: Reflect.get((isStatic ? parent : parent?.prototype) as object, key, scope.self) as unknown,
        self: scope.self,
      };
    }
    const base = this.chain(node.expression, scope);
    if (base.ended === true || (node.questionDotToken !== undefined && isNullish(base.value)))
      return { value: undefined, self: undefined, ended: true };
    const key = ts.isPropertyAccessExpression(node) ? node.name.text : this.value(node.argumentExpression, scope);
    return { value: this.member(base.value, key), self: base.value };
  }

  protected callIn(node: TypeScript.CallExpression, scope: Scope): { value: unknown; self: unknown; ended?: boolean } {
    const { ts } = this;
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword)
      return {
        value: (scope.find('super()')?.value as (...given: unknown[]) => unknown)(
          ...this.arguments(node.arguments, scope),
        ),
        self: undefined,
      };
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword) throw new Give('import()');
    const callee = this.chain(node.expression, scope);
    if (callee.ended === true || (node.questionDotToken !== undefined && isNullish(callee.value)))
      return { value: undefined, self: undefined, ended: true };
    const given = this.arguments(node.arguments, scope);
    if (
      ['call', 'apply', 'bind'].includes(
        ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : '',
      ) &&
      typeof callee.self === 'function'
    ) {
      const name = (node.expression as TypeScript.PropertyAccessExpression).name.text;
      const [self, ...rest] = given;
      if (name === 'bind') throw new Give('bind');
      return {
        value: this.call(callee.self, self, name === 'call' ? rest : ((rest[0] ?? []) as unknown[])),
        self: undefined,
      };
    }
    return { value: this.call(callee.value, callee.self, given), self: undefined };
  }

  protected object(node: TypeScript.ObjectLiteralExpression, scope: Scope): object {
    const { ts } = this;
    const made: Record<string | number | symbol, unknown> = {};
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) Object.assign(made, this.value(property.expression, scope));
      else if (ts.isShorthandPropertyAssignment(property))
        made[property.name.text] = this.named(property.name.text, scope);
      else if (ts.isPropertyAssignment(property))
        made[this.keyOf(property.name, scope)] = this.value(property.initializer, scope);
      else if (ts.isMethodDeclaration(property)) made[this.keyOf(property.name, scope)] = this.closure(property, scope);
      else
        Object.defineProperty(made, this.keyOf(property.name, scope), {
          configurable: true,
          enumerable: true,
          ...(ts.isGetAccessor(property)
            ? { get: this.closure(property, scope) }
            : { set: this.closure(property, scope) }),
        });
    }
    return made;
  }

  protected place(node: TypeScript.Expression, scope: Scope): Place {
    const { ts } = this;
    if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node))
      return this.place(node.expression, scope);
    if (ts.isIdentifier(node)) {
      const found = scope.find(node.text);
      if (found === null) throw new Give(`the name ${node.text}`);
      return {
        get: () => found.value,
        set: (value) => {
          if (found.constant) throw new Thrown(new TypeError('Assignment to constant variable.'));
          found.value = value;
        },
      };
    }
    if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) throw new Give('a place');
    const of = this.value(node.expression, scope);
    const key = checkKey(
      ts.isPropertyAccessExpression(node) ? node.name.text : this.value(node.argumentExpression, scope),
    );
    return {
      get: () => this.member(of, key),
      set: (value) => {
        if (isNullish(of)) throw new Thrown(new TypeError(`Cannot set properties of ${String(of)}`));
        if (typeof of === 'function' && !this.own.has(of)) throw new Give('a host function');
        if (
          Array.isArray(of) &&
          ((typeof key === 'number' && key > MAX_SIZE) || (key === 'length' && Number(value) > MAX_SIZE))
        )
          throw new Give('too long a list');
        if (typeof of === 'object' || typeof of === 'function') {
          if (!Reflect.set(of, key, value))
            throw new Thrown(new TypeError(`Cannot assign to read only property '${String(key)}'`));
        } else throw new Thrown(new TypeError(`Cannot create property on ${typeof of}`));
      },
    };
  }

  protected assignTo(node: TypeScript.Expression, value: unknown, scope: Scope): void {
    const { ts } = this;
    if (ts.isArrayLiteralExpression(node)) {
      const items = [...this.iterable(value)];
      node.elements.forEach((element, index) => {
        if (ts.isOmittedExpression(element)) return;
        if (ts.isSpreadElement(element)) this.assignTo(element.expression, items.slice(index), scope);
        else this.assignTo(element, items[index], scope);
      });
      return;
    }
    if (ts.isObjectLiteralExpression(node)) throw new Give('an object pattern');
    if (ts.isBinaryExpression(node)) throw new Give('a default in a pattern');
    this.place(node, scope).set(value);
  }

  protected binary(node: TypeScript.BinaryExpression, scope: Scope): unknown {
    const { ts } = this;
    const operator = node.operatorToken.kind;
    const { SyntaxKind } = ts;
    if (operator === SyntaxKind.EqualsToken) {
      const isPattern = ts.isArrayLiteralExpression(node.left) || ts.isObjectLiteralExpression(node.left);
      const place = isPattern ? null : this.place(node.left, scope);
      const value = this.value(node.right, scope);
      if (place === null) this.assignTo(node.left, value, scope);
      else place.set(value);
      return value;
    }
    if (operator === SyntaxKind.AmpersandAmpersandToken)
      return this.value(node.left, scope) && this.value(node.right, scope);
    if (operator === SyntaxKind.BarBarToken) return this.value(node.left, scope) || this.value(node.right, scope);
    if (operator === SyntaxKind.QuestionQuestionToken)
      return this.value(node.left, scope) ?? this.value(node.right, scope);
    if (operator === SyntaxKind.CommaToken) {
      this.value(node.left, scope);
      return this.value(node.right, scope);
    }
    if (operator >= SyntaxKind.FirstAssignment && operator <= SyntaxKind.LastAssignment)
      return this.compound(node, scope);
    const left = this.value(node.left, scope);
    return this.operate(node.operatorToken.getText(), left, this.value(node.right, scope));
  }

  protected operate(operator: string, left: unknown, right: unknown): unknown {
    if (operator === 'instanceof') {
      if (typeof right !== 'function') throw new Thrown(new TypeError('not callable'));
      const { prototype } = right as { prototype: object };
      return (
        typeof left === 'object' &&
        left !== null &&
        (prototype === Object.prototype || Object.prototype.isPrototypeOf.call(prototype, left))
      );
    }
    const result = host(() => binary(operator, left, right));
    if (typeof result === 'string' && result.length > MAX_SIZE) throw new Give('too long a text');
    return result;
  }

  protected compound(node: TypeScript.BinaryExpression, scope: Scope): unknown {
    const operator = node.operatorToken.getText().slice(0, -1);
    const place = this.place(node.left, scope);
    const old = place.get();
    if (operator === '&&' || operator === '||' || operator === '??') {
      const keeps = operator === '&&' ? !old : operator === '||' ? Boolean(old) : !isNullish(old);
      if (keeps) return old;
      const value = this.value(node.right, scope);
      place.set(value);
      return value;
    }
    const value = this.operate(operator, old, this.value(node.right, scope));
    place.set(value);
    return value;
  }

  protected unary(node: TypeScript.PrefixUnaryExpression | TypeScript.PostfixUnaryExpression, scope: Scope): unknown {
    const { PlusPlusToken, MinusMinusToken } = this.ts.SyntaxKind;
    if (node.operator !== PlusPlusToken && node.operator !== MinusMinusToken) {
      const text = this.ts.tokenToString(node.operator) ?? '';
      const value = this.value(node.operand, scope);
      return host(() => unary(text, value));
    }
    const place = this.place(node.operand, scope);
    const old = place.get();
    const before = typeof old === 'bigint' ? old : Number(old);
    const after =
      typeof before === 'bigint'
        ? before + (node.operator === PlusPlusToken ? 1n : -1n)
        : before + (node.operator === PlusPlusToken ? 1 : -1);
    place.set(after);
    return this.ts.isPrefixUnaryExpression(node) ? after : before;
  }
}
