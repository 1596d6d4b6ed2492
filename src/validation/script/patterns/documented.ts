import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import { callables } from '../augment.ts';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';

type Callable = TypeScript.FunctionLikeDeclaration;

function tagsOf({ ts }: ScriptContext, node: Callable, name: string): string[] {
  return ts
    .getJSDocTags(node)
    .filter((tag) => tag.tagName.text === name || (name === 'throws' && tag.tagName.text === 'exception'))
    .map((tag) => ts.getTextOfJSDocComment(tag.comment) ?? '');
}

/** True where a call cannot end in an error that its author wrote: the language's own, or a function of the project without `throw`. */
function staysCalm({ checker }: ScriptContext, call: TypeScript.CallExpression | TypeScript.NewExpression): boolean {
  const declaration = checker.getResolvedSignature(call)?.declaration;
  if (declaration === undefined) return false;
  const file = declaration.getSourceFile();
  if (file.isDeclarationFile)
    return file.fileName.includes('/lib.') && !/parse|decode|URL|BigInt|RegExp|normalize|repeat/.test(call.getText());
  const body = 'body' in declaration ? declaration.body : undefined;
  return body !== undefined && !/\bthrow\b|\bassert\b|\breject\b/.test(body.getText());
}

/** What a documentation comment says of errors, in a function that cannot raise one. */
function neverThrows(context: ScriptContext, name: string, node: Callable): StaticProblem[] {
  const { ts } = context;
  const [told] = tagsOf(context, node, 'throws');
  if (told === undefined || node.body === undefined) return [];
  let throwing = false;
  const visit = (at: TypeScript.Node): void => {
    if (ts.isThrowStatement(at) || ts.isAwaitExpression(at)) throwing = true;
    if ((ts.isCallExpression(at) || ts.isNewExpression(at)) && !staysCalm(context, at)) throwing = true;
    if (!throwing) ts.forEachChild(at, visit);
  };
  visit(node.body);
  if (throwing) return [];
  const message = `the documentation of "${name}" tells of an error (${told.replaceAll(/\s+/g, ' ').slice(0, 100)}), and nothing in it throws`;
  return [
    problemAt(node.name ?? node, 'semantics', 'never-throws', message, 'throw it where the documentation says so'),
  ];
}

function returnsOf(ts: ScriptContext['ts'], node: Callable): TypeScript.Expression[] {
  const found: TypeScript.Expression[] = [];
  const visit = (at: TypeScript.Node): void => {
    if (ts.isFunctionLike(at)) return;
    if (ts.isReturnStatement(at) && at.expression !== undefined) found.push(at.expression);
    ts.forEachChild(at, visit);
  };
  if (node.body !== undefined) ts.forEachChild(node.body, visit);
  return found;
}

/** A function whose documentation and result type both speak of null, and that never gives it. */
function neverNull(context: ScriptContext, name: string, node: Callable): StaticProblem[] {
  const { ts, checker } = context;
  const told = [...tagsOf(context, node, 'returns'), ...tagsOf(context, node, 'return')].join(' ');
  const [word] = /\b(?:null|undefined)\b(?= (?:if|when|where|otherwise|for))/.exec(told) ?? [];
  if (word === undefined || node.type === undefined || !new RegExp(`\\b${word}\\b`).test(node.type.getText()))
    return [];
  const returns = node.body !== undefined && ts.isBlock(node.body) ? returnsOf(ts, node) : [];
  const { Null, Undefined, Any, Unknown, TypeParameter, IndexedAccess } = ts.TypeFlags;
  const open = Null | Undefined | Any | Unknown | TypeParameter | IndexedAccess;
  const mayBeNothing = (type: TypeScript.Type): boolean =>
    type.isUnion() ? type.types.some(mayBeNothing) : (type.flags & open) !== 0;
  // Without a lookup's own `undefined` the compiler does not see what an index may miss.
  const isSure = (value: TypeScript.Expression): boolean =>
    (value.kind === ts.SyntaxKind.ThisKeyword || !mayBeNothing(checker.getTypeAtLocation(value))) &&
    !/\[|\.get\(|\bas\b|!$/.test(value.getText());
  if (returns.length === 0 || !returns.every(isSure)) return [];
  const message = `the documentation of "${name}" tells of ${word}, and it never gives that`;
  return [problemAt(node.name ?? node, 'semantics', 'never-null', message)];
}

/** `return undefined as any`: a result that the declared type does not allow, forced through. */
function forcedResult({ ts, checker }: ScriptContext, node: Callable): StaticProblem[] {
  if (node.type === undefined || node.body === undefined || !ts.isBlock(node.body)) return [];
  const { Void, Undefined, Null, Any, Unknown, TypeParameter, Never } = ts.TypeFlags;
  const type = checker.getTypeFromTypeNode(node.type);
  const parts = type.isUnion() ? type.types : [type];
  if (parts.some(({ flags }) => (flags & (Void | Undefined | Null | Any | Unknown | TypeParameter | Never)) !== 0))
    return [];
  // The result of an asynchronous function is wrapped.
  if (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Async) return [];
  return returnsOf(ts, node).flatMap((value) => {
    const [, word] = /^\(*(undefined|null)\)* as (?:any|unknown as .+|never)\)*$/.exec(value.getText()) ?? [];
    if (word === undefined) return [];
    const message = `${word} is forced through where the result is ${node.type?.getText() ?? 'declared'}`;
    return [problemAt(value, 'semantics', 'forced-result', message, 'throw, or return a value of that type')];
  });
}

/** A branch that logs what the other ways through the function return. */
function loggedResult({ ts, checker, contract, source }: ScriptContext, node: Callable): StaticProblem[] {
  if (contract === null || /\b(?:print|log|output|display|console|show)/i.test(contract.description)) return [];
  if (source.text.split('console.').length !== 2 || node.body === undefined) return [];
  const signature = checker.getSignatureFromDeclaration(node);
  const result = signature === undefined ? undefined : checker.getReturnTypeOfSignature(signature);
  const { Any, Unknown, Void } = ts.TypeFlags;
  if (result === undefined || (result.flags & (Any | Unknown | Void)) !== 0 || returnsOf(ts, node).length === 0)
    return [];
  const found: StaticProblem[] = [];
  const visit = (at: TypeScript.Node): void => {
    if (ts.isFunctionLike(at)) return;
    if (ts.isExpressionStatement(at) && ts.isIfStatement(ts.isBlock(at.parent) ? at.parent.parent : at.parent)) {
      const call = at.expression;
      const [value] = ts.isCallExpression(call) && call.expression.getText() === 'console.log' ? call.arguments : [];
      const isLast = !ts.isBlock(at.parent) || at.parent.statements.at(-1) === at;
      const isWords = value !== undefined && (ts.isStringLiteral(value) || ts.isTemplateExpression(value));
      if (
        value !== undefined &&
        isLast &&
        !isWords &&
        checker.isTypeAssignableTo(checker.getTypeAtLocation(value), result)
      )
        found.push(problemAt(at, 'semantics', 'logged-result', 'this branch logs what the others return', 'return it'));
    }
    ts.forEachChild(at, visit);
  };
  ts.forEachChild(node.body, visit);
  return found;
}

/** An error's words as the documentation quotes them, in another case. */
function otherCase({ ts, source }: ScriptContext): StaticProblem[] {
  const text = source.getFullText();
  const comments = [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].map(([comment]) => comment).join('\n');
  if (!comments.includes('@throws')) return [];
  const found: StaticProblem[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isThrowStatement(node) && ts.isNewExpression(node.expression)) {
      const [message] = node.expression.arguments ?? [];
      const words = message !== undefined && ts.isStringLiteral(message) ? message.text : '';
      const differs = comments.toLowerCase().includes(words.toLowerCase()) && !comments.includes(words);
      if (message !== undefined && words.length >= 8 && differs && words.slice(1) !== words.slice(1).toLowerCase())
        found.push(
          problemAt(message, 'semantics', 'other-case', `the documentation writes "${words}" in another case`),
        );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What functions do against what their documentation and their declared results say. */
export function documentedProblems(context: ScriptContext): StaticProblem[] {
  const own = [...callables(context.source)].flatMap(([name, node]) => [
    ...neverThrows(context, name, node),
    ...neverNull(context, name, node),
    ...forcedResult(context, node),
    ...loggedResult(context, node),
  ]);
  return [...own, ...otherCase(context)];
}
