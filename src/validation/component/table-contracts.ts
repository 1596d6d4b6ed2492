import type { Finding } from '../../domain/index.ts';
import type { PythonProgram } from './python/python-program.ts';
import { compareTable, keyFindings } from './tables/compare-tables.ts';
import { drizzleTables } from './tables/drizzle-models.ts';
import { type MigrationSet, migrationSets, nearestSet } from './tables/migration-sets.ts';
import { pythonTables } from './tables/python-models.ts';
import type { Table } from './tables/table.ts';
import { fileNameOf } from '../script/project.ts';
import type TypeScript from 'typescript';

interface TextFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** A project's texts as the rules of level 3 read them. */
export interface TableSources {
  readonly files: readonly TextFile[];
  readonly python: PythonProgram;
  /** Null where the component has no files of TypeScript or JavaScript. */
  readonly script: TypeScript.Program | null;
}

/** Findings, or why there is nothing to compare. */
export type TableVerdict = { readonly findings: readonly Finding[] } | { readonly reason: string };

const DRIZZLE = /\b(?:pg|sqlite|mysql)Table\(/;

function modelsOf({ files, python, script }: TableSources, own: readonly TextFile[]): Table[] {
  const isTest = (path: string): boolean => /(?:^|\/)tests?\/|\.(?:test|spec)\.\w+$|(?:^|\/)test_\w+\.py$/.test(path);
  const snakeCase = files.some(({ text }) => /\bcasing:\s*['"]snake_case['"]/.test(text));
  return own
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, language, text }) => {
      const source = language === 'python' ? python.files.get(path) : undefined;
      if (source !== undefined) return pythonTables(python, source);
      if (!/^(?:typescript|tsx|javascript)$/.test(language) || !DRIZZLE.test(text)) return [];
      const file = script?.getSourceFile(fileNameOf(path));
      return script === null || file === undefined ? [] : drizzleTables(script, file, snakeCase);
    });
}

/** Tables of a component's models against those that the project's migrations make. */
export function tableVerdict(sources: TableSources, own: readonly TextFile[]): TableVerdict {
  const sets = migrationSets(sources.files, sources.python);
  const inSets = own.filter(({ path }) => sets.some(({ paths }) => paths.has(path)));
  const models = modelsOf(
    sources,
    own.filter((file) => !inSets.includes(file)),
  );
  if (models.length === 0 && inSets.length === 0)
    return { reason: 'the component has no models of tables and no migrations' };
  if (sets.length === 0) return { reason: 'the project has no migrations: its tables are made from the models' };
  const compared = models.flatMap((table): [Table, MigrationSet][] => {
    const set = nearestSet(sets, table.place.path);
    return set === null ? [] : [[table, set]];
  });
  if (compared.length === 0 && inSets.length === 0)
    return { reason: 'it is not known which of the migrations belong to the models' };
  const ownPaths = new Set(own.map(({ path }) => path));
  return {
    findings: [
      ...compared.flatMap(([table, set]) => compareTable(table, set)),
      // Keys within the migrations themselves, where these are the component.
      ...sets.flatMap((set) =>
        [...set.state.tables.values()]
          .filter(({ place }) => ownPaths.has(place.path))
          .flatMap((table) => keyFindings(table, set)),
      ),
    ],
  };
}
