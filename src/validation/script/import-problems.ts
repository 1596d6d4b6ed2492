import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type TypeScript from 'typescript';
import type { StaticProblem } from '../language-checks.ts';
import { problemAt } from './problem.ts';
import { packageOf, type ScriptProject } from './project.ts';
import type { ScriptContext } from './context.ts';

/** Specifiers that the runtime or the bundler gives a meaning to. */
const VIRTUAL = /^(?:virtual:|data:|https?:|npm:|jsr:|bun:|#|~|@\/|\$)|^(?:vite\/client)$/;

interface Imported {
  readonly literal: TypeScript.StringLiteralLike;
  /** `import type`: nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

/** Every module that a file names: imports, re-exports, `import()`, `require()`. */
function importsOf({ ts, source }: ScriptContext): Imported[] {
  const found: Imported[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
      found.push({ literal: node.moduleSpecifier, typeOnly: node.importClause?.isTypeOnly ?? false });
    else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    )
      found.push({ literal: node.moduleSpecifier, typeOnly: node.isTypeOnly });
    else if (ts.isCallExpression(node)) {
      const [argument] = node.arguments;
      const loads =
        node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText(source) === 'require';
      if (loads && argument !== undefined && ts.isStringLiteralLike(argument))
        found.push({ literal: argument, typeOnly: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isMentioned({ contract, source }: ScriptContext, name: string): boolean {
  const words = `${contract?.description ?? ''}\n${contract?.declarations ?? ''}`;
  if (words.includes(name)) return true;
  const quoted = new RegExp(`['"]${name.replaceAll(/[^\w]/g, String.raw`\$&`)}['"/]`);
  return [...(contract?.siblings ?? []), ...(contract?.dependents ?? [])].some(
    ({ path, text }) => !source.fileName.endsWith(`/${path}`) && quoted.test(text),
  );
}

const EXTENSIONS = ['', '.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.mts', '.cts', '.json'];

/** Whether one of the files is what a relative specifier names; `./a.js` may stand for `a.ts`. */
function isFileOf(paths: readonly string[], from: string, specifier: string): boolean {
  const base = posix.join(posix.dirname(from), specifier);
  const bare = base.replace(/\.(?:m|c)?jsx?$/, '');
  const candidates = [base, bare].flatMap((stem) =>
    EXTENSIONS.flatMap((extension) => [`${stem}${extension}`, posix.join(stem, `index${extension}`)]),
  );
  const known = new Set(paths.map((path) => posix.normalize(path)));
  return candidates.some((candidate) => known.has(posix.normalize(candidate)));
}

function judgeRelative(context: ScriptContext, project: ScriptProject, { literal }: Imported): StaticProblem[] {
  const asset = /\.(?:css|scss|less|svg|png|jpe?g|gif|webp|ico|woff2?|json|html|md|wasm|txt|vue|svelte)(?:\?.*)?$/;
  if (asset.test(literal.text) || /\?(?:raw|url|worker|inline)$/.test(literal.text)) return [];
  const paths = context.contract?.paths;
  if (paths === undefined || project.resolves(literal.text, context.source.fileName)) return [];
  if (isFileOf(paths, context.path, literal.text)) return [];
  return [
    problemAt(
      literal,
      'names',
      'missing-module',
      `no file of the project is "${literal.text}" from here`,
      'import an existing file, by its exact path and case',
    ),
  ];
}

function judge(context: ScriptContext, project: ScriptProject, imported: Imported): StaticProblem[] {
  const { literal } = imported;
  const specifier = literal.text;
  if (specifier.startsWith('.')) return judgeRelative(context, project, imported);
  if (isBuiltin(specifier)) return [];
  if (specifier.startsWith('node:'))
    return [problemAt(literal, 'names', 'unknown-module', `Node.js has no built-in module "${specifier}"`, null)];
  const name = packageOf(specifier);
  if (
    context.contract === null ||
    project.packages.declared.has(name) ||
    project.resolves(specifier, context.source.fileName)
  )
    return [];
  if (VIRTUAL.test(specifier) && (specifier.startsWith('virtual:') || project.hasAliases)) return [];
  if (!project.packages.present && isMentioned(context, name)) return [];
  return [
    problemAt(
      literal,
      'names',
      'undeclared-package',
      `"${name}" is neither declared by the project nor built in`,
      'use what is declared, or the language itself',
    ),
  ];
}

/** Imports of modules that do not exist: no file of the project, no declared package, nothing built in. */
export function importProblems(context: ScriptContext, project: ScriptProject): StaticProblem[] {
  return importsOf(context).flatMap((imported) => judge(context, project, imported));
}
