import type TypeScript from 'typescript';
import { checkCall, checkKey, isHostConstructor } from './library.ts';
import { Give, host, markFunction, Scope, Thrown } from './signals.ts';
import { type Callable, StatementReckoner } from './statements.ts';

/** A class of the reckoned code. */
interface ClassRecord {
  readonly prototype: object;
  readonly parent: unknown;
  readonly node: TypeScript.ClassLikeDeclaration;
  readonly scope: Scope;
  readonly construct: TypeScript.ConstructorDeclaration | undefined;
}

/** Calls inside calls, at most. */
const MAX_DEPTH = 300;

/** Makes functions and classes of the code callable, and instances of its classes. */
export abstract class ClassReckoner extends StatementReckoner {
  private depth = 0;
  private readonly classes = new WeakMap<object, ClassRecord>();

  /** A function of the code as one that the host's list methods can call. */
  protected closure(node: TypeScript.FunctionLikeDeclaration, scope: Scope, home: Scope['home'] = null): Callable {
    const { ts } = this;
    const flags = ts.getCombinedModifierFlags(node);
    if ((flags & ts.ModifierFlags.Async) !== 0 || node.asteriskToken !== undefined)
      return () => {
        throw new Give('async or generator');
      };
    const isArrow = ts.isArrowFunction(node);
    const run = (self: unknown, given: readonly unknown[]): unknown => {
      const inner = new Scope(scope);
      markFunction(inner);
      if (!isArrow) {
        inner.self = self;
        inner.home = home ?? scope.home;
        inner.declare('arguments', given);
      }
      return this.invoke(node, inner, given);
    };
    const made: Callable = function (this: unknown, ...given: unknown[]) {
      return run(this, given);
    };
    Object.defineProperty(made, 'length', {
      value: node.parameters.filter(
        (parameter) => parameter.initializer === undefined && parameter.dotDotDotToken === undefined,
      ).length,
    });
    this.own.add(made);
    return made;
  }

  protected invoke(node: TypeScript.FunctionLikeDeclaration, scope: Scope, given: readonly unknown[]): unknown {
    const { ts } = this;
    this.step();
    if (++this.depth > MAX_DEPTH) throw new Give('too deep');
    try {
      node.parameters.forEach((parameter, index) => {
        const value = parameter.dotDotDotToken === undefined ? given[index] : given.slice(index);
        this.bind(parameter.name, this.orDefault(value, parameter.initializer, scope), scope);
        if (ts.isParameterPropertyDeclaration(parameter, node) && ts.isIdentifier(parameter.name))
          (scope.self as Record<string, unknown>)[parameter.name.text] = scope.find(parameter.name.text)?.value;
      });
      if (node.body === undefined) throw new Give('no body');
      if (!ts.isBlock(node.body)) return this.value(node.body, scope);
      const ending = this.block(node.body.statements, scope);
      return ending?.kind === 'return' ? ending.value : undefined;
    } finally {
      this.depth -= 1;
    }
  }

  protected class(node: TypeScript.ClassLikeDeclaration, outer: Scope): Callable {
    const { ts } = this;
    const scope = new Scope(outer);
    const heritage = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    const parent = heritage === undefined ? null : this.value(heritage.expression, outer);
    const parentPrototype = parent === null ? Object.prototype : (parent as { prototype: object }).prototype;
    const prototype = Object.create(parentPrototype) as object;
    const made: Callable = () => {
      throw new Thrown(new TypeError('a class needs new'));
    };
    const record: ClassRecord = {
      prototype,
      parent,
      node,
      scope,
      construct: node.members.find(
        (member): member is TypeScript.ConstructorDeclaration =>
          ts.isConstructorDeclaration(member) && member.body !== undefined,
      ),
    };
    Object.defineProperty(made, 'prototype', { value: prototype });
    Object.defineProperty(made, 'name', { value: node.name?.text ?? '' });
    Object.defineProperty(prototype, 'constructor', { value: made, enumerable: false });
    if (parent !== null) Object.setPrototypeOf(made, parent as object);
    this.own.add(made);
    this.classes.set(made, record);
    if (node.name !== undefined) scope.declare(node.name.text, made);
    scope.self = made;
    for (const member of node.members) this.member_(member, made, record);
    return made;
  }

  protected member_(member: TypeScript.ClassElement, made: Callable, { prototype, parent, scope }: ClassRecord): void {
    const { ts } = this;
    const isStatic = (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;
    const owner = isStatic ? made : prototype;
    const home = { prototype, parent };
    if (ts.isMethodDeclaration(member) && member.body !== undefined)
      Object.defineProperty(owner, this.keyOf(member.name, scope), {
        value: this.closure(member, scope, home),
        configurable: true,
        writable: true,
        enumerable: false,
      });
    if (ts.isGetAccessor(member) || ts.isSetAccessor(member)) {
      const key = this.keyOf(member.name, scope);
      const closure = this.closure(member, scope, home);
      // What is not named here, the other accessor of the pair, stays as it is.
      Object.defineProperty(owner, key, {
        configurable: true,
        enumerable: false,
        ...(ts.isGetAccessor(member) ? { get: closure } : { set: closure }),
      });
    }
    if (ts.isPropertyDeclaration(member) && isStatic)
      Object.defineProperty(made, this.keyOf(member.name, scope), {
        value: member.initializer === undefined ? undefined : this.value(member.initializer, scope),
        configurable: true,
        writable: true,
        enumerable: true,
      });
    if (ts.isClassStaticBlockDeclaration(member)) throw new Give('a static block');
  }

  protected keyOf(name: TypeScript.PropertyName, scope: Scope): string | number | symbol {
    const { ts } = this;
    if (ts.isComputedPropertyName(name)) return checkKey(this.value(name.expression, scope));
    return checkKey(
      ts.isPrivateIdentifier(name) || ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)
        ? name.text
        : name.getText(),
    );
  }

  /** `new`: of a class of the code, or of one of the host's that only holds data. */
  construct(callee: unknown, given: readonly unknown[], target: unknown = callee): unknown {
    const record = this.classes.get(callee as object);
    if (record === undefined) {
      if (!isHostConstructor(callee))
        throw typeof callee === 'function' && this.own.has(callee)
          ? new Give('new of a function')
          : new Thrown(new TypeError('not a constructor'));
      checkCall(undefined, callee, given);
      const targetPrototype = this.classes.get(target as object)?.prototype;
      const made = host(() => new callee(...given));
      if (targetPrototype !== undefined) Object.setPrototypeOf(made, targetPrototype);
      return made;
    }
    if (record.parent === null || record.construct === undefined) {
      const self =
        record.parent === null
          ? (Object.create((this.classes.get(target as object) ?? record).prototype) as object)
          : (this.construct(record.parent, given, target) as object);
      this.fields(record, self);
      if (record.construct === undefined) return self;
      return this.runConstructor(record, self, given, target);
    }
    return this.runConstructor(record, undefined, given, target);
  }

  protected runConstructor(
    record: ClassRecord,
    self: object | undefined,
    given: readonly unknown[],
    target: unknown,
  ): unknown {
    const scope = new Scope(record.scope);
    markFunction(scope);
    scope.self = self;
    scope.home = { prototype: record.prototype, parent: record.parent };
    scope.declare('super()', (...of: unknown[]) => {
      const made = this.construct(record.parent, of, target) as object;
      scope.self = made;
      this.fields(record, made);
      return made;
    });
    const node = record.construct as TypeScript.ConstructorDeclaration;
    const result = this.invoke(node, scope, given);
    return typeof result === 'object' && result !== null ? result : scope.self;
  }

  protected fields({ node, scope }: ClassRecord, self: object): void {
    const { ts } = this;
    for (const member of node.members) {
      if (
        !ts.isPropertyDeclaration(member) ||
        (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Static | ts.ModifierFlags.Ambient)) !== 0
      )
        continue;
      const inner = new Scope(scope);
      inner.self = self;
      (self as Record<string | number | symbol, unknown>)[this.keyOf(member.name, scope)] =
        member.initializer === undefined ? undefined : this.value(member.initializer, inner);
    }
  }
}
