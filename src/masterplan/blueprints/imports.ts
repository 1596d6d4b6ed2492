/** Which generated files a generated file really imports. */
import { posix } from 'node:path';

function pythonModules(content: string): string[] {
  const lines = [...content.matchAll(/^from ([A-Za-z_][\w.]*) import (?:\(([^)]*)\)|(.*))$/gm)];
  return lines.flatMap(([, module = '', wrapped, flat]) => {
    const names = (wrapped ?? flat ?? '').split(',').map((name) => name.trim());
    return [module, ...names.filter((name) => name !== '').map((name) => `${module}.${name}`)];
  });
}

function pythonImports(path: string, content: string, paths: ReadonlySet<string>): string[] {
  const root = path.startsWith('backend/') ? 'backend/' : '';
  return pythonModules(content).flatMap((module) => {
    const base = `${root}${module.replaceAll('.', '/')}`;
    return [`${base}.py`, `${base}/__init__.py`].filter((path) => paths.has(path));
  });
}

function typescriptImports(path: string, content: string, paths: ReadonlySet<string>): string[] {
  const specifiers = [...content.matchAll(/(?:from|import) '(\.[^']*)';/g)].map((match) => match[1] ?? '');
  return specifiers.flatMap((specifier) => {
    const base = posix.join(posix.dirname(path), specifier);
    return [base, `${base}.ts`, `${base}.tsx`].filter((candidate) => paths.has(candidate));
  });
}

/** Paths of \`paths\` that the file imports, sorted, without itself. */
export function importsOf(path: string, content: string, paths: ReadonlySet<string>): string[] {
  const found = path.endsWith('.py')
    ? pythonImports(path, content, paths)
    : /\.tsx?$/.test(path)
      ? typescriptImports(path, content, paths)
      : [];
  return [...new Set(found)].filter((other) => other !== path).sort();
}
