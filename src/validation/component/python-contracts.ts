import type { Finding } from '../../domain/index.ts';
import { findingAt } from './finding-at.ts';
import {
  type PythonCall,
  type PythonImport,
  type PythonModule,
  type PythonSignature,
  resolvePython,
} from './python-modules.ts';

/** The Python files of a project by path. */
export type PythonProject = ReadonlyMap<string, PythonModule>;

function isKnownName(project: PythonProject, paths: ReadonlySet<string>, target: PythonModule, name: string): boolean {
  if (target.isOpen || target.names.has(name) || name === '*' || /^__\w+__$/.test(name)) return true;
  // `from package import module` names a file beside the package's own names.
  const folder = target.path.endsWith('/__init__.py')
    ? target.path.slice(0, -'/__init__.py'.length)
    : target.path.replace(/\.py$/, '');
  const isFolder = [...paths].some((path) => path.startsWith(`${folder}/${name}/`));
  return isFolder || project.has(`${folder}/${name}.py`);
}

function isOwnPackage(paths: ReadonlySet<string>, found: PythonImport): boolean {
  const [first = ''] = found.module.split('.');
  return (
    found.level > 0 || [...paths].some((path) => path.startsWith(`${first}/`) || path.includes(`/${first}/__init__.py`))
  );
}

/** Imports of names, or modules, that the project's own files do not have. */
export function pythonInterfaceFindings(project: PythonProject, of: readonly PythonModule[]): Finding[] {
  const paths = new Set(project.keys());
  return of.flatMap((module) =>
    module.imports.flatMap((found) => {
      const target = resolvePython(module.path, found.module, found.level, paths);
      const known = target === null ? undefined : project.get(target);
      const place = { path: module.path, text: module.text, position: found.position };
      if (target === null) {
        const submodule =
          found.names?.some(
            ({ name }) =>
              resolvePython(module.path, found.module === '' ? name : `${found.module}.${name}`, found.level, paths) !==
              null,
          ) ?? false;
        const folder = found.module.replaceAll('.', '/');
        const isNamespace =
          submodule ||
          (folder !== '' && [...paths].some((path) => path.startsWith(`${folder}/`) || path.includes(`/${folder}/`)));
        if (isNamespace || !isOwnPackage(paths, found) || !found.atLoad) return [];
        return [
          findingAt(place, 'missing-module', `no file of the project is "${'.'.repeat(found.level)}${found.module}"`),
        ];
      }
      if (known === undefined) return [];
      return (found.names ?? [])
        .filter(({ name }) => !isKnownName(project, paths, known, name))
        .map(({ name }) =>
          findingAt(place, 'missing-export', `${target} defines no "${name}"`, `define ${name} in ${target}`),
        );
    }),
  );
}

function misfit(call: PythonCall, signature: PythonSignature): string | null {
  if (call.isOpen) return null;
  if (call.positional > signature.most)
    return `takes at most ${signature.most} positional arguments, and gets ${call.positional}`;
  const given = call.positional + call.keywords.length;
  if (given < signature.least) return `needs ${signature.least} arguments, and gets ${given}`;
  const unknown =
    signature.keywords === null ? undefined : call.keywords.find((name) => signature.keywords?.has(name) === false);
  return unknown === undefined ? null : `takes no argument "${unknown}"`;
}

/** Calls of functions of other files with arguments that these do not take. */
export function pythonContractFindings(project: PythonProject, of: readonly PythonModule[]): Finding[] {
  const paths = new Set(project.keys());
  return of.flatMap((module) => {
    const imported = new Map<string, { readonly signature: PythonSignature; readonly from: string }>();
    for (const found of module.imports) {
      const target = resolvePython(module.path, found.module, found.level, paths);
      for (const { name, local } of target === null ? [] : (found.names ?? [])) {
        const signature = project.get(target ?? '')?.functions.get(name);
        if (signature !== undefined && !module.functions.has(local))
          imported.set(local, { signature, from: target ?? '' });
      }
    }
    return module.calls.flatMap((call) => {
      const callee = imported.get(call.name);
      const problem = callee === undefined ? null : misfit(call, callee.signature);
      return problem === null
        ? []
        : [
            findingAt(
              { path: module.path, text: module.text, position: call.position },
              'call-contract',
              `"${call.name}" of ${callee?.from ?? ''} ${problem}`,
            ),
          ];
    });
  });
}
