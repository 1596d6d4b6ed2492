import { decodeSource, type SourceParser } from '../../adapters/parser/index.ts';
import type { CheckResult, Finding, SourceFile } from '../../domain/index.ts';
import { timed } from '../atom-checks.ts';
import { notRun } from '../report.ts';
import { apiFindings } from './api-contracts.ts';
import { cycleFindings, layerFindings } from './introduced-imports.ts';
import { pythonContractFindings, pythonInterfaceFindings, type PythonProject } from './python-contracts.ts';
import { type PythonModule, readPythonModule, resolvePython } from './python-modules.ts';
import { isScriptFile, type ScriptMeetings, scriptMeetings } from './script-contracts.ts';
import { PythonProgram } from './python/python-program.ts';
import { type TableSources, tableVerdict } from './table-contracts.ts';

/** A file, and how it was drafted where its text is another now. */
export interface DraftedFile extends SourceFile {
  readonly draft?: Uint8Array | null;
}

/** A component: its files, among those of the whole project. */
export interface ComponentInput {
  readonly files: readonly DraftedFile[];
  /** Paths of the component's own files; all of them where absent. */
  readonly paths?: readonly string[];
}

interface TextFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

function pythonProject(parser: SourceParser, files: readonly TextFile[]): PythonProject {
  const modules = files
    .filter(({ language }) => language === 'python')
    .flatMap(({ path, text }): [string, PythonModule][] => {
      const module = readPythonModule(parser, path, text);
      return module === null ? [] : [[path, module]];
    });
  return new Map(modules);
}

function pythonImports(project: PythonProject, of: Iterable<PythonModule> = project.values()): Map<string, string[]> {
  const paths = new Set(project.keys());
  return new Map(
    [...of].map((module) => [
      module.path,
      module.imports
        .filter(({ atLoad }) => atLoad)
        .flatMap(({ module: name, level, names }) => {
          const target = resolvePython(module.path, name, level, paths);
          const within = (names ?? []).map((part) =>
            resolvePython(module.path, name === '' ? part.name : `${name}.${part.name}`, level, paths),
          );
          // A name that is a file of its own is that file; only then does the package itself not count.
          const files = within.filter((path): path is string => path !== null);
          return files.length > 0 ? files : target === null ? [] : [target];
        })
        .filter((target) => target !== module.path),
    ]),
  );
}

/** What the drafts of changed files imported when they were loaded. */
function draftedImports(
  parser: SourceParser,
  files: readonly DraftedFile[],
  python: PythonProject,
  script: ScriptMeetings['importsIn'],
): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { path, language, draft } of files) {
    if (draft === undefined || draft === null) continue;
    const { text } = decodeSource(draft);
    const module = language === 'python' ? readPythonModule(parser, path, text) : null;
    if (module !== null) found.set(path, pythonImports(python, [module]).get(path) ?? []);
    else if (isScriptFile({ language })) found.set(path, script(path, text));
  }
  return found;
}

function optional(testType: string, findings: () => readonly Finding[] | null, reason: string): CheckResult {
  const began = performance.now();
  const found = findings();
  return found === null ? notRun(testType, reason) : timed(testType, () => found, began);
}

/** Models against migrations. */
function migrationCheck(sources: TableSources, own: readonly TextFile[]): CheckResult {
  const began = performance.now();
  const verdict = tableVerdict(sources, own);
  return 'reason' in verdict
    ? notRun('migrations', verdict.reason)
    : timed('migrations', () => verdict.findings, began);
}

interface ReadProject {
  readonly texts: readonly TextFile[];
  readonly python: PythonProject;
  readonly program: PythonProgram;
}

const projects = new WeakMap<readonly SourceFile[], ReadProject>();

/** The project as it is read once for all of its components. */
function readProject(parser: SourceParser, files: readonly SourceFile[]): ReadProject {
  const known = projects.get(files);
  if (known !== undefined) return known;
  const texts = files.map(({ path, language, bytes }) => ({ path, language, text: decodeSource(bytes).text }));
  const project = { texts, python: pythonProject(parser, texts), program: new PythonProgram(parser, texts) };
  projects.set(files, project);
  return project;
}

/** All level 3 checks of a component. Nothing of it is run. */
export function checkComponent(parser: SourceParser, { files, paths }: ComponentInput): CheckResult[] {
  const began = performance.now();
  const { texts, python, program } = readProject(parser, files);
  const own = paths === undefined ? texts : texts.filter(({ path }) => paths.includes(path));
  const ownFiles = paths === undefined ? files : files.filter(({ path }) => paths.includes(path));
  const modules = own.flatMap(({ path }) => python.get(path) ?? []);
  const hasScript = ownFiles.some(isScriptFile);
  const script = hasScript
    ? scriptMeetings(texts, ownFiles)
    : { interfaces: [], contracts: [], imports: new Map<string, string[]>(), importsIn: () => [], program: null };
  const reason = 'the component has no files of a language whose modules are compared';
  const compared = hasScript || modules.length > 0;
  return [
    compared
      ? timed('interfaces', () => [...script.interfaces, ...pythonInterfaceFindings(python, modules)], began)
      : notRun('interfaces', reason),
    compared
      ? timed('contracts', () => [...script.contracts, ...pythonContractFindings(python, modules)])
      : notRun('contracts', reason),
    migrationCheck({ files: texts, python: program, script: script.program }, own),
    optional(
      'api',
      () => apiFindings({ files: texts, python: program, script: script.program }, own),
      'no client of the component meets a route of the project',
    ),
    compared
      ? timed('dependencies', () => {
          const now = new Map([...script.imports, ...pythonImports(python)]);
          const imports = { now, drafted: draftedImports(parser, files, python, script.importsIn) };
          return [...cycleFindings(imports, own), ...layerFindings(imports, own)];
        })
      : notRun('dependencies', reason),
    notRun('integration', 'tests run at level 4, over the whole project'),
  ];
}
