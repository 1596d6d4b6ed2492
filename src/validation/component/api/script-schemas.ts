import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { bare, declarationOf, functionOf, placeOf, propertyOf, returnsOf, valueOf } from './script-nodes.ts';
import { type Member, partialOf, type Shape, TEXT, UNKNOWN, unionOf } from './shape.ts';

type Given = ReadonlyMap<TypeScript.Node, Shape>;
const NOTHING: Given = new Map();

/** The shapes that schemas of a Node service stand for: TypeBox, and JSON Schema written out. */
export class ScriptSchemas {
  private readonly checker: TypeScript.TypeChecker;

  constructor(checker: TypeScript.TypeChecker) {
    this.checker = checker;
  }

  of(node: TypeScript.Expression | null, given: Given = NOTHING, depth = 0): Shape {
    const ts = compiler();
    if (node === null || depth > 14) return UNKNOWN;
    const plain = bare(node);
    if (ts.isIdentifier(plain)) {
      const declaration = declarationOf(plain, this.checker);
      const shape = declaration === null ? undefined : given.get(declaration);
      if (shape !== undefined) return shape;
      const value = valueOf(plain, this.checker);
      return value === plain ? UNKNOWN : this.of(value, NOTHING, depth + 1);
    }
    if (ts.isObjectLiteralExpression(plain)) return this.jsonSchema(plain, depth);
    if (!ts.isCallExpression(plain)) return UNKNOWN;
    const { expression } = plain;
    if (ts.isPropertyAccessExpression(expression) && /^(?:Type|T|t)$/.test(expression.expression.getText()))
      return this.typeBox(expression.name.text, plain.arguments, given, depth);
    return ts.isIdentifier(expression) ? this.helper(expression, plain.arguments, given, depth) : UNKNOWN;
  }

  /** The project's own function of schemas: `nullable(Type.String())`. */
  private helper(
    name: TypeScript.Identifier,
    given: readonly TypeScript.Expression[],
    outer: Given,
    depth: number,
  ): Shape {
    const fn = functionOf(declarationOf(name, this.checker));
    const [only, other] = fn === null ? [] : returnsOf(fn);
    if (fn === null || only === undefined || other !== undefined) return UNKNOWN;
    const inner = new Map<TypeScript.Node, Shape>();
    fn.parameters.forEach((parameter, i) => inner.set(parameter, this.of(given[i] ?? null, outer, depth + 1)));
    return this.of(only, inner, depth + 1);
  }

  private typeBox(name: string, args: readonly TypeScript.Expression[], given: Given, depth: number): Shape {
    const [first = null, second] = args;
    const inner = (): Shape => this.of(first, given, depth + 1);
    switch (name) {
      case 'Object':
        return this.object(first, second, given, depth);
      case 'Optional':
      case 'Readonly':
        return inner();
      case 'Partial':
        return partialOf(inner());
      case 'Array':
        return { kind: 'array', item: inner() };
      case 'Union':
        return unionOf(this.listed(first).map((part) => this.of(part, given, depth + 1)));
      case 'String':
        return TEXT;
      case 'Integer':
      case 'Number':
        return { kind: 'number' };
      case 'Boolean':
        return { kind: 'boolean' };
      case 'Null':
        return { kind: 'null' };
      case 'Literal':
      case 'Enum':
        return this.choice(name === 'Enum' ? this.listed(first) : first === null ? [] : [first]);
      default:
        return UNKNOWN;
    }
  }

  private listed(node: TypeScript.Expression | null): readonly TypeScript.Expression[] {
    const ts = compiler();
    const value = node === null ? null : valueOf(node, this.checker);
    return value !== null && ts.isArrayLiteralExpression(value) ? value.elements : [];
  }

  private choice(parts: readonly TypeScript.Expression[]): Shape {
    const ts = compiler();
    const values = parts.map(bare).filter((part) => ts.isStringLiteralLike(part));
    return parts.length > 0 && values.length === parts.length
      ? { kind: 'text', values: values.map(({ text }) => text) }
      : UNKNOWN;
  }

  private object(
    literal: TypeScript.Expression | null,
    options: TypeScript.Expression | undefined,
    given: Given,
    depth: number,
  ): Shape {
    const ts = compiler();
    const members = new Map<string, Member>();
    const isOpen = literal === null || !this.readMembers(literal, given, depth, members);
    const strict = propertyOf(options, 'additionalProperties');
    return { kind: 'object', members, isOpen, isStrict: strict?.kind === ts.SyntaxKind.FalseKeyword };
  }

  /** False where there may be more members than are read. */
  private readMembers(node: TypeScript.Expression, given: Given, depth: number, into: Map<string, Member>): boolean {
    const ts = compiler();
    const literal = valueOf(node, this.checker);
    if (!ts.isObjectLiteralExpression(literal) || depth > 14) return false;
    let isWhole = true;
    for (const part of literal.properties) {
      if (ts.isSpreadAssignment(part)) isWhole = this.readMembers(part.expression, given, depth + 1, into) && isWhole;
      else if (ts.isPropertyAssignment(part) && !ts.isComputedPropertyName(part.name)) {
        const isOptional = /^\w+\.Optional\(/.test(part.initializer.getText());
        const shape = this.of(part.initializer, given, depth + 1);
        into.set(part.name.text, { shape, isOptional, place: placeOf(part) });
      } else isWhole = false;
    }
    return isWhole;
  }

  /** `{ type: 'object', properties: {...}, required: [...] }`. */
  private jsonSchema(schema: TypeScript.ObjectLiteralExpression, depth: number): Shape {
    const ts = compiler();
    const type = propertyOf(schema, 'type');
    const values = propertyOf(schema, 'enum');
    if (type === null || !ts.isStringLiteralLike(type)) return UNKNOWN;
    if (type.text === 'string') return values === null ? TEXT : this.choice(this.listed(values));
    if (type.text === 'integer' || type.text === 'number') return { kind: 'number' };
    if (type.text === 'boolean' || type.text === 'null') return { kind: type.text };
    if (type.text === 'array') return { kind: 'array', item: this.of(propertyOf(schema, 'items'), NOTHING, depth + 1) };
    const properties = propertyOf(schema, 'properties');
    if (type.text !== 'object' || properties === null) return UNKNOWN;
    const members = new Map<string, Member>();
    const isWhole = this.readMembers(properties, NOTHING, depth, members);
    const required = this.listed(propertyOf(schema, 'required')).map((part) =>
      ts.isStringLiteralLike(part) ? part.text : '',
    );
    const said = [...members].map(
      ([name, member]) => [name, { ...member, isOptional: !required.includes(name) }] as const,
    );
    const strict = propertyOf(schema, 'additionalProperties')?.kind === ts.SyntaxKind.FalseKeyword;
    return { kind: 'object', members: new Map(said), isOpen: !isWhole, isStrict: strict };
  }
}
