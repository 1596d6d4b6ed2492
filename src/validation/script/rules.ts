import type { TaskContract } from '../contract/task-contract.ts';
import type { StaticInput, StaticProblem, StaticRules } from '../language-checks.ts';
import { augment, type Augmented } from './augment.ts';
import { compiler } from './compiler.ts';
import type { ScriptContext } from './context.ts';
import { contractProblems } from './contract-problems.ts';
import { fileDiagnostics } from './diagnostics.ts';
import { exampleProblems } from './examples/example-problems.ts';
import { importProblems } from './import-problems.ts';
import { patternProblems } from './patterns/index.ts';
import { fileNameOf, type ScriptProject } from './project.ts';
import type { ScriptFile } from './script-file.ts';
import { readUses } from './uses.ts';
import { warmProject } from './warm-project.ts';

function projectFiles(contract: TaskContract | null): ScriptFile[] {
  if (contract === null) return [];
  return [...contract.siblings, ...contract.dependents].map(({ path, text }) => ({ path, text }));
}

function judgeTypes(context: ScriptContext, project: ScriptProject): StaticProblem[] {
  const { program, source, isJavaScript } = context;
  return fileDiagnostics(program, source, isJavaScript || project.hasUnknownImports(source)).map((diagnostic) => ({
    kind: diagnostic.kind,
    start: diagnostic.start,
    end: diagnostic.end,
    rule: `TS${diagnostic.code}`,
    severity: 'error',
    message: diagnostic.message,
    suggestion: null,
  }));
}

function toOriginal(problem: StaticProblem, augmented: Augmented): StaticProblem {
  return { ...problem, start: augmented.toOriginal(problem.start), end: augmented.toOriginal(problem.end) };
}

/** Names, types, contracts and patterns of a TypeScript or JavaScript file inside its project. Nothing of it is run. */
export const scriptRules: StaticRules = (_parser, input: StaticInput) => {
  const ts = compiler();
  const { contract, path } = input;
  const isJavaScript = input.language === 'javascript';
  const uses = readUses(contract?.dependents ?? [], path);
  const plain = ts.createSourceFile(path, input.text, ts.ScriptTarget.Latest, true);
  const augmented = augment(plain, uses.calls, isJavaScript);
  const project = warmProject();
  project.update(
    [...projectFiles(contract).filter((file) => file.path !== path), { path, text: augmented.text }],
    path,
    contract?.packages ?? null,
  );
  const program = project.program();
  const source = program.getSourceFile(fileNameOf(path));
  if (source === undefined) return { problems: [], notRun: { types: 'the compiler does not know this kind of file' } };
  const checker = program.getTypeChecker();
  const context: ScriptContext = { ts, path, program, checker, source, isJavaScript, uses, contract };
  const problems = [
    ...judgeTypes(context, project),
    ...importProblems(context, project),
    ...contractProblems(context),
    ...patternProblems(context),
  ];
  const own = problems.map((problem) => toOriginal(problem, augmented));
  return { problems: [...own, ...(own.length === 0 ? exampleProblems(path, plain, contract) : [])], notRun: {} };
};
