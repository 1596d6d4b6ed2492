import { posix } from 'node:path';
import type { CheckResult, Finding, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { tail } from './compiler-output.ts';
import { readJunitReport } from './junit-report.ts';
import { howItEnded, isWanted, judgeTests, type PartContext, toolCheck } from './part-run.ts';
import { declaredPythonPackages, providesModule } from './python-packages.ts';
import { pythonStartup } from './python-startup.ts';
import type { Python } from './python-toolchain.ts';

const LIMITS = { timeoutMs: 300_000, memoryMb: 1_024 };
const REPORT = '/tmp/mge-junit.xml';
const FACTS = '/tmp/mge-facts.json';

/** Compiles every file and lists what is imported from outside; nothing of the project is executed. */
const INSPECT = String.raw`
import ast, importlib.util, json, os, sys
facts = {"errors": [], "imports": {}}
local = {entry.split(".")[0] for entry in os.listdir(".")}
for folder, folders, names in os.walk("."):
    folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
    local.update(name[:-3] for name in names if name.endswith(".py"))
    for name in sorted(names):
        if not name.endswith(".py"):
            continue
        path = os.path.normpath(os.path.join(folder, name))
        with open(path, "rb") as file:
            source = file.read()
        try:
            tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
            compile(source, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            line, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
            facts["errors"].append({"file": path, "line": line, "column": column, "message": str(getattr(error, "msg", error))})
            continue
        for node in ast.walk(tree):
            names_of = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names_of = [node.module]
            for module in names_of:
                facts["imports"].setdefault(module.split(".")[0], {"file": path, "line": node.lineno})
facts["imports"] = {
    name: {**place, "found": importlib.util.find_spec(name) is not None}
    for name, place in facts["imports"].items()
    if name not in sys.stdlib_module_names and name not in local
}
with open("${FACTS}", "w") as file:
    json.dump(facts, file)
`;

interface Place {
  readonly file: string;
  readonly line: number;
}

interface PythonFacts {
  readonly errors: readonly (Place & { readonly column: number; readonly message: string })[];
  readonly imports: Readonly<Record<string, Place & { readonly found: boolean }>>;
}

function toFinding(directory: string, place: Place & { column?: number }, rule: string, message: string): Finding {
  const file = posix.join(directory, place.file);
  return { file, line: place.line, column: place.column ?? 1, rule, severity: 'error', message, suggestion: null };
}

/** Compiles the part; keeps what it learnt about imports for the other checks. */
async function compileCheck(
  context: PartContext,
  python: Python,
): Promise<{ check: CheckResult; facts: PythonFacts | null }> {
  let facts: PythonFacts | null = null;
  const tool = {
    ...LIMITS,
    argv: [python.executable, '-I', '-c', INSPECT],
    readOnly: python.readOnly,
    resultFile: FACTS,
  };
  const check = await toolCheck(context, 'compile', tool, (result) => {
    if (result.result === null) {
      return {
        outcome: 'not_run',
        reason: `the files could not be read: ${howItEnded(result)}`,
        findings: [],
        output: tail(result.stderr),
      };
    }
    facts = JSON.parse(result.result) as PythonFacts;
    const findings = facts.errors.map((error) => toFinding(context.directory, error, 'python-compile', error.message));
    return { outcome: findings.length > 0 ? 'failed' : 'passed', reason: null, findings };
  });
  return { check, facts };
}

/** Imports that resolve nowhere: undeclared ones are wrong code; declared ones are packages that this machine lacks. */
function dependenciesCheck(
  context: PartContext,
  files: readonly SourceFile[],
  facts: PythonFacts,
): { check: CheckResult; absent: string[] } {
  const declared = declaredPythonPackages(files, context.directory);
  const unresolved = Object.entries(facts.imports).filter(([, place]) => !place.found);
  const absent = unresolved.map(([name]) => name).filter((name) => providesModule(declared, name));
  const findings = unresolved
    .filter(([name]) => !absent.includes(name))
    .map(([name, place]) =>
      toFinding(
        context.directory,
        place,
        'undeclared-import',
        `"${name}" is neither part of the project nor among its declared dependencies`,
      ),
    );
  const outcome = findings.length > 0 ? 'failed' : 'passed';
  return {
    check: { testType: 'dependencies', part: context.name, outcome, reason: null, findings, durationMs: 0 },
    absent,
  };
}

function testsCheck(context: PartContext, python: Python): Promise<CheckResult> {
  const argv = [
    python.executable,
    '-m',
    'pytest',
    '-q',
    '-p',
    'no:cacheprovider',
    '-o',
    'junit_family=xunit1',
    `--junitxml=${REPORT}`,
  ];
  const env = { PYTHONDONTWRITEBYTECODE: '1', PYTHONHASHSEED: '0' };
  return toolCheck(
    context,
    'tests',
    { ...LIMITS, argv, env, readOnly: python.readOnly, resultFile: REPORT },
    (result) => {
      // pytest's code for "no tests were collected".
      if (result.exitCode === 5)
        return { outcome: 'not_run', reason: 'the project has no tests', findings: [], output: tail(result.stdout) };
      return judgeTests(result, readJunitReport(result.result ?? ''), 'pytest', context.directory);
    },
  );
}

/** Level 4 of a Python part: it compiles, its imports resolve, its tests pass, its application answers. */
export async function checkPythonPart(
  context: PartContext,
  python: Python | null,
  files: readonly SourceFile[],
  advice: string,
): Promise<CheckResult[]> {
  const part = context.name;
  if (python === null)
    return ['compile', 'dependencies', 'tests', 'startup'].map((type) => ({ ...notRun(type, advice), part }));
  const { check: compiled, facts } = await compileCheck(context, python);
  if (facts === null)
    return [
      compiled,
      { ...notRun('dependencies', 'the imports are unknown'), part },
      { ...notRun('tests', 'the files were not compiled'), part },
      { ...notRun('startup', 'the files were not compiled'), part },
    ];
  const { check: dependencies, absent } = dependenciesCheck(context, files, facts);
  const lacking = [...absent, ...python.missing.filter((name) => name === 'pytest')];
  if (lacking.length > 0) {
    const reason = `Python ${python.version} at ${python.executable} lacks ${lacking.join(', ')}, which the project needs; ${advice}`;
    return [compiled, dependencies, { ...notRun('tests', reason), part }, { ...notRun('startup', reason), part }];
  }
  const runs = [
    ...(isWanted(context, 'tests') ? [testsCheck(context, python)] : []),
    ...(isWanted(context, 'startup') ? [pythonStartup(context, python, files)] : []),
  ];
  return [compiled, dependencies, ...(await Promise.all(runs))];
}
