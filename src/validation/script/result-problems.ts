import type TypeScript from 'typescript';
import type { StaticProblem } from '../language-checks.ts';
import { callables } from './augment.ts';
import type { Shape } from './literal-types.ts';
import { problemAt } from './problem.ts';
import type { ScriptContext } from './context.ts';

type Kind = Shape['kind'];

/** True when a value of the type may be of the kind. What is not known may be anything. */
function mayBe(context: ScriptContext, type: TypeScript.Type, kind: Kind): boolean {
  const { ts, checker } = context;
  const { TypeFlags } = ts;
  if (type.isUnion()) return type.types.some((part) => mayBe(context, part, kind));
  const unknown =
    TypeFlags.Any |
    TypeFlags.Unknown |
    TypeFlags.TypeParameter |
    TypeFlags.Never |
    TypeFlags.Conditional |
    TypeFlags.Index |
    TypeFlags.IndexedAccess |
    TypeFlags.Intersection |
    TypeFlags.NonPrimitive;
  if ((type.flags & unknown) !== 0) return true;
  if ((type.flags & TypeFlags.StringLike) !== 0) return kind === 'string';
  if ((type.flags & TypeFlags.NumberLike) !== 0) return kind === 'number';
  if ((type.flags & TypeFlags.BooleanLike) !== 0) return kind === 'boolean';
  if ((type.flags & TypeFlags.BigIntLike) !== 0) return kind === 'bigint';
  // `toEqual` holds null and undefined apart, but many comparisons do not.
  if ((type.flags & (TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void)) !== 0)
    return kind === 'null' || kind === 'undefined';
  if (checker.isArrayType(type) || checker.isTupleType(type)) return kind === 'array';
  if (type.getCallSignatures().length > 0) return kind === 'function';
  if (kind === 'array') return type.getNumberIndexType() !== undefined;
  return kind === 'object';
}

/** True when what the type says and what is expected cannot be the same value. */
function contradicts(context: ScriptContext, type: TypeScript.Type, shape: Shape, depth = 0): boolean {
  if (shape.kind === 'any' || depth > 3) return false;
  if (!mayBe(context, type, shape.kind)) return true;
  if (shape.kind !== 'array' || !context.checker.isArrayType(type)) return false;
  const [element] = context.checker.getTypeArguments(type as TypeScript.TypeReference);
  return element !== undefined && contradicts(context, element, shape.element, depth + 1);
}

function promised(context: ScriptContext, type: TypeScript.Type): TypeScript.Type {
  return context.checker.getAwaitedType(type) ?? type;
}

/** What a function gives back: the types of its `return`s where the declared type says nothing. */
function resultType(context: ScriptContext, node: TypeScript.FunctionLikeDeclaration): TypeScript.Type[] {
  const { checker, ts } = context;
  const signature = checker.getSignatureFromDeclaration(node);
  if (signature === undefined) return [];
  const declared = checker.getReturnTypeOfSignature(signature);
  if ((declared.flags & ts.TypeFlags.Any) === 0) return [declared];
  const found: TypeScript.Type[] = [];
  const visit = (at: TypeScript.Node): void => {
    if (at !== node && ts.isFunctionLike(at)) return;
    if (ts.isReturnStatement(at))
      found.push(at.expression === undefined ? checker.getVoidType() : checker.getTypeAtLocation(at.expression));
    ts.forEachChild(at, visit);
  };
  if (node.body !== undefined && ts.isBlock(node.body)) visit(node.body);
  else if (node.body !== undefined) found.push(checker.getTypeAtLocation(node.body));
  return found;
}

function problemsOf(context: ScriptContext, name: string, node: TypeScript.FunctionLikeDeclaration): StaticProblem[] {
  const { checker, ts, uses } = context;
  const own = uses.calls.filter((use) => use.target === name && !use.throws);
  const types = resultType(context, node);
  for (const { expected, expectedText, awaited } of own) {
    if (expected === null || types.length === 0) continue;
    const seen = awaited ? types.map((type) => promised(context, type)) : types;
    if (!seen.every((type) => contradicts(context, type, expected))) continue;
    const given = seen.map((type) => checker.typeToString(type)).join(' | ');
    return [
      problemAt(
        node.name ?? node.parameters[0] ?? node,
        'contracts',
        'wrong-result',
        `"${name}" gives ${given}, where ${expectedText ?? 'another kind'} is expected`,
      ),
    ];
  }
  const neverReturns =
    node.body !== undefined &&
    ts.isBlock(node.body) &&
    types.length > 0 &&
    types.every((type) => (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) !== 0);
  const needed = own.find(
    ({ expected }) => expected !== null && expected.kind !== 'undefined' && expected.kind !== 'null',
  );
  if (neverReturns && needed !== undefined)
    return [
      problemAt(
        node,
        'contracts',
        'missing-return',
        `"${name}" returns nothing, and its callers use what it returns`,
        'return the result',
      ),
    ];
  return [];
}

/** Functions whose results cannot be what the dependents compare them with. */
export function resultProblems(context: ScriptContext): StaticProblem[] {
  return [...callables(context.source)].flatMap(([name, node]) => {
    const isConstructor = context.ts.isConstructorDeclaration(node);
    const isGenerator = 'asteriskToken' in node && node.asteriskToken !== undefined;
    return isConstructor || isGenerator ? [] : problemsOf(context, name, node);
  });
}
