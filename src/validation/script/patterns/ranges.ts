import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import { statedLength } from '../../stated-length.ts';
import { callables } from '../augment.ts';
import type { ScriptContext } from '../context.ts';
import { problemAt } from '../problem.ts';
import { comparisonsIn, type Comparison } from './comparisons.ts';
import { numberOf } from './rule.ts';

type Callable = TypeScript.FunctionLikeDeclaration;
type Ts = ScriptContext['ts'];

/** A number for which zero is an error, and too large is one, and a negative one passes. */
function negativePasses(
  { ts, checker }: ScriptContext,
  node: Callable,
  comparisons: readonly Comparison[],
): StaticProblem[] {
  return node.parameters.flatMap((parameter) => {
    const name = parameter.name.getText();
    const own = comparisons.filter(({ of }) => of === name);
    if ((checker.getTypeAtLocation(parameter).flags & ts.TypeFlags.NumberLike) === 0) return [];
    const zero = own.find(
      ({ operator, throws, with: other }) => throws && operator === '==' && numberOf(ts, other) === 0,
    );
    const above = own.some(({ operator, throws }) => throws && operator.startsWith('>'));
    const below = own.some(({ operator, node: at }) => operator.startsWith('<') && !ts.isForStatement(at.parent));
    const asked = new RegExp(
      String.raw`Math\.(?:abs|sign|max)\([^()]*\b${name.replaceAll('$', String.raw`\$`)}\b`,
    ).test(node.getText());
    if (zero === undefined || !above || below || asked) return [];
    const message = `"${name}" must not be 0 nor too large, and a negative number passes`;
    return [problemAt(zero.node, 'semantics', 'negative-passes', message, `ask for ${name} <= 0`)];
  });
}

/** A text that must not be longer than so many characters, of which the task says how many there are, and that may be shorter. */
function shorterPasses(
  { ts, contract }: ScriptContext,
  node: Callable,
  comparisons: readonly Comparison[],
): StaticProblem[] {
  const told = statedLength(contract?.description ?? '');
  if (told === null || new RegExp(`\\b${told}\\b`).test(node.getText())) return [];
  return comparisons.flatMap(({ of, operator, throws, with: other, node: at }) => {
    if (!throws || !operator.startsWith('>') || (numberOf(ts, other) ?? 0) < told || !/length/i.test(of)) return [];
    const own = comparisons.filter((one) => one.of === of);
    if (own.some((one) => /^(?:<|!=)/.test(one.operator))) return [];
    const message = `"${of}" must not be more than ${other.getText()}, and nothing asks whether it is less than the ${told} that the task speaks of`;
    return [problemAt(at, 'semantics', 'shorter-passes', message)];
  });
}

/** Conditions of trial division: what divides is counted up from 2. */
function trialDivision(ts: Ts, node: Callable): string | null {
  const { body } = node;
  if (body === undefined || !ts.isBlock(body)) return null;
  const last = body.statements.at(-1);
  if (last === undefined || !ts.isReturnStatement(last) || last.expression?.kind !== ts.SyntaxKind.TrueKeyword)
    return null;
  let divided: string | null = null;
  const visit = (at: TypeScript.Node): void => {
    if (ts.isIfStatement(at) && returnsFalse(ts, at.thenStatement)) {
      const match = /^(?:!\(?)?(\w+(?:\.\w+)?)%(\w+)\)?(?:={2,3}0|<1)?$/.exec(
        at.expression.getText().replaceAll(/\s+/g, ''),
      );
      const loop = match === null ? undefined : loopAround(ts, at);
      const counter = match?.[2] ?? '';
      if (
        loop !== undefined &&
        new RegExp(String.raw`\b${counter}\b`).test(headOf(ts, loop)) &&
        startsAtTwo(ts, body, counter)
      )
        divided = match?.[1] ?? null;
    }
    ts.forEachChild(at, visit);
  };
  visit(body);
  return divided;
}

function returnsFalse(ts: Ts, node: TypeScript.Statement): boolean {
  const [first] = ts.isBlock(node) ? node.statements : [node];
  return first !== undefined && ts.isReturnStatement(first) && first.expression?.kind === ts.SyntaxKind.FalseKeyword;
}

function loopAround(ts: Ts, node: TypeScript.Node): TypeScript.IterationStatement | undefined {
  for (let at = node.parent; at !== undefined && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isIterationStatement(at, false)) return at;
  return undefined;
}

function headOf(ts: Ts, loop: TypeScript.IterationStatement): string {
  return ts.isForStatement(loop)
    ? (loop.condition?.getText() ?? '')
    : ts.isWhileStatement(loop)
      ? loop.expression.getText()
      : '';
}

function startsAtTwo(ts: Ts, body: TypeScript.Block, counter: string): boolean {
  return new RegExp(String.raw`\b${counter}\s*(?::\s*number\s*)?=\s*2\b`).test(body.getText());
}

/** Trial division that takes 0 and 1 for prime numbers. */
function primeBelowTwo(
  context: ScriptContext,
  name: string,
  node: Callable,
  comparisons: readonly Comparison[],
): StaticProblem[] {
  const { ts, contract, uses } = context;
  const divided = trialDivision(ts, node);
  if (divided === null) return [];
  const words = `${name} ${contract?.description ?? ''}`;
  const isAsked = contract?.entry === name || uses.calls.some(({ target }) => target === name);
  if (
    !/prime/i.test(words) ||
    !isAsked ||
    /(?:greater|larger|more) than (?:1|one)\b|>=? ?[12]\b|at least (?:2|two)\b/i.test(
      words.replaceAll(/prime number.*?(?:\.|$)/gi, ''),
    )
  )
    return [];
  const names = new Set([divided]);
  for (const [, alias = '', of = ''] of node.getText().matchAll(/\b(\w+)\s*(?::\s*number\s*)?=\s*([\w.]+)\s*[;\n]/g))
    if (names.has(of)) names.add(alias);
    else if (names.has(alias)) names.add(of);
  const small = comparisons.some(({ of, with: other }) => names.has(of) && (numberOf(ts, other) ?? 9) <= 3);
  if (small) return [];
  const message = `"${name}" takes 0 and 1 for prime: nothing asks whether ${divided} is less than 2`;
  return [problemAt(node.name ?? node, 'semantics', 'prime-below-two', message, `return false where ${divided} < 2`)];
}

/** Functions whose checks of what they are given leave a part of the numbers out. */
export function rangeProblems(context: ScriptContext): StaticProblem[] {
  return [...callables(context.source)].flatMap(([name, node]) => {
    if (node.body === undefined) return [];
    const comparisons = comparisonsIn(context.ts, node.body);
    return [
      ...negativePasses(context, node, comparisons),
      ...shorterPasses(context, node, comparisons),
      ...primeBelowTwo(context, name, node, comparisons),
    ];
  });
}
