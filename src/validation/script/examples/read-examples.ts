import type TypeScript from 'typescript';
import type { TaskContract } from '../../contract/task-contract.ts';
import { compiler } from '../compiler.ts';

/** Something that a test or the task's text says of the code: this comes to that. */
export interface Example {
  readonly file: string;
  readonly actual: TypeScript.Expression;
  /** `equal`: the same as `expected`; `holds`: true; `throws`: throws, with words that contain what `expected` says. */
  readonly claim: 'equal' | 'holds' | 'fails' | 'throws' | 'close';
  readonly expected: TypeScript.Expression | null;
  /** Tables of `each` around it, outermost first. */
  readonly tables: readonly {
    readonly table: TypeScript.Expression;
    readonly parameters: readonly TypeScript.ParameterDeclaration[];
  }[];
}

const EQUAL: ReadonlySet<string> = new Set(['toBe', 'toEqual', 'toStrictEqual', 'equal', 'eql']);
const SAME: ReadonlySet<string> = new Set(['equal', 'strictEqual', 'deepEqual', 'deepStrictEqual']);

type Claimed = Pick<Example, 'actual' | 'claim' | 'expected'>;

function expectation(node: TypeScript.CallExpression): Claimed | null {
  const ts = compiler();
  const access = node.expression;
  if (!ts.isPropertyAccessExpression(access) || !ts.isCallExpression(access.expression)) return null;
  const { expression: expect, arguments: given } = access.expression;
  const [actual] = given;
  if (!ts.isIdentifier(expect) || expect.text !== 'expect' || actual === undefined) return null;
  const [expected = null] = node.arguments;
  const name = access.name.text;
  if (EQUAL.has(name) && expected !== null) return { actual, claim: 'equal', expected };
  if (name === 'toBeCloseTo' && expected !== null) return { actual, claim: 'close', expected };
  if (name === 'toBeTruthy') return { actual, claim: 'holds', expected: null };
  if (name === 'toBeFalsy') return { actual, claim: 'fails', expected: null };
  if (!/^toThrow(?:Error)?$/.test(name) || !(ts.isArrowFunction(actual) || ts.isFunctionExpression(actual)))
    return null;
  const body = bodyOf(actual);
  return body === null ? null : { actual: body, claim: 'throws', expected };
}

/** The one expression of a callback. */
function bodyOf(node: TypeScript.ArrowFunction | TypeScript.FunctionExpression): TypeScript.Expression | null {
  const ts = compiler();
  if (!ts.isBlock(node.body)) return node.body;
  const [only, more] = node.body.statements;
  if (only === undefined || more !== undefined) return null;
  if (ts.isReturnStatement(only)) return only.expression ?? null;
  return ts.isExpressionStatement(only) ? only.expression : null;
}

function assertion(node: TypeScript.CallExpression): Claimed | null {
  const name = node.expression.getText();
  const [actual, expected = null] = node.arguments;
  if (actual === undefined) return null;
  if (name === 'console.assert' || name === 'assert' || name === 'assert.ok')
    return { actual, claim: 'holds', expected: null };
  const [, method = ''] = /^assert\.(?:strict\.)?(\w+)$/.exec(name) ?? [];
  return SAME.has(method) && expected !== null ? { actual, claim: 'equal', expected } : null;
}

function tablesAround(node: TypeScript.Node): Example['tables'] {
  const ts = compiler();
  const tables: { table: TypeScript.Expression; parameters: readonly TypeScript.ParameterDeclaration[] }[] = [];
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (!ts.isArrowFunction(at) && !ts.isFunctionExpression(at)) continue;
    const call = at.parent;
    if (!ts.isCallExpression(call) || !ts.isCallExpression(call.expression)) continue;
    const { expression, arguments: given } = call.expression;
    const [table] = given;
    if (table !== undefined && /\.each$/.test(expression.getText()))
      tables.unshift({ table, parameters: at.parameters });
  }
  return tables;
}

function testExamples(file: string, text: string): Example[] {
  const ts = compiler();
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Example[] = [];
  const visit = (node: TypeScript.Node): void => {
    const claimed = ts.isCallExpression(node) ? (expectation(node) ?? assertion(node)) : null;
    if (claimed !== null) found.push({ file, ...claimed, tables: tablesAround(node) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The examples of the files that use the checked one. They are read; see `Reckoner` for how they are worked out. */
export function readExamples(contract: TaskContract): Example[] {
  return contract.dependents
    .filter(({ language }) => /script|tsx/.test(language))
    .flatMap(({ path, text }) => testExamples(path, text));
}
