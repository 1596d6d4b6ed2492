import type { Finding } from '../../domain/index.ts';
import { findingAt } from './finding-at.ts';

interface TextFile {
  readonly path: string;
  readonly text: string;
}

const MODEL = /^[ \t]*__tablename__\s*(?::[^=\n]+)?=\s*["'](\w+)["']|\b(?:pg|sqlite|mysql)Table\(\s*["'`](\w+)["'`]/gm;
const CREATED =
  /\bop\.create_table\(\s*["'](\w+)["']|\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?[`"[]?(?:\w+[`"\]]?\.[`"[]?)?(\w+)/gi;
const RENAMED = /\bop\.rename_table\(\s*["']\w+["']\s*,\s*["'](\w+)["']/g;

function isMigration({ path, text }: TextFile): boolean {
  return /(^|\/)(?:migrations?|alembic|drizzle|versions)\//.test(path) && /create_table|create\s+table/i.test(text);
}

/** Tables of a component's models that no migration of the project makes. Null where there are no models or no migrations. */
export function tableFindings(files: readonly TextFile[], component: readonly TextFile[]): Finding[] | null {
  const migrations = files.filter(isMigration);
  if (migrations.length === 0) return null;
  const made = new Set(
    migrations.flatMap(({ text }) =>
      [...text.matchAll(CREATED), ...text.matchAll(RENAMED)].map((match) => (match[1] ?? match[2] ?? '').toLowerCase()),
    ),
  );
  const models = component
    .filter((file) => !isMigration(file))
    .flatMap((file) =>
      [...file.text.matchAll(MODEL)].map((match) => ({
        file,
        position: match.index,
        table: match[1] ?? match[2] ?? '',
      })),
    );
  if (models.length === 0) return null;
  return models
    .filter(({ table }) => !made.has(table.toLowerCase()))
    .map(({ file, position, table }) =>
      findingAt(
        { path: file.path, text: file.text, position },
        'missing-migration',
        `no migration makes the table "${table}"`,
        `add a migration that makes ${table}`,
      ),
    );
}
