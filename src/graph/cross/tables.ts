/** From table names in queries, migrations and foreign keys to the model, or the statement, that defines the table. */
import type { CrossEdges } from './cross-edges.ts';
import type { HttpFile } from './http-routes.ts';
import { isScript, lineAt, type CrossFile } from './source-text.ts';

const STRENGTH = 0.4;

interface Table {
  readonly file: CrossFile;
  readonly position: number;
  readonly name: string;
  /** Class or constant that stands for it; empty for a statement of SQL. */
  readonly model: string;
}

interface Mention {
  readonly position: number;
  readonly table: string;
}

const SQLALCHEMY = /^([ \t]*)__tablename__\s*(?::[^=\n]+)?=\s*["']([\w.]+)["']/gm;
const PYTHON_TABLE = /^[ \t]*([A-Za-z_]\w*)\s*=\s*(?:\w+\.)?Table\(\s*["']([\w.]+)["']/gm;
const DJANGO_CLASS = /^class\s+(\w+)\(\s*(?:\w+\.)*Model\s*[,)]/gm;
const DJANGO_TABLE = /\bdb_table\s*=\s*["']([\w.]+)["']/;
const DRIZZLE =
  /\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*(?:\w+\.)?(?:pg|sqlite|mysql)Table\(\s*["'`]([\w.]+)["'`]/g;
const CREATE_TABLE = /\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?[`"[]?(?:\w+[`"\]]?\.[`"[]?)?(\w+)/gi;
const FOREIGN_KEY = /\bForeignKey(?:Constraint)?\(\s*["'](\w+)\.\w+["']/g;
const ALEMBIC =
  /\bop\.(?:create_table|drop_table|add_column|drop_column|alter_column|batch_alter_table|create_foreign_key|rename_table)\(\s*["'](\w+)["']/g;
const ALEMBIC_INDEX =
  /\bop\.(?:create|drop)_(?:index|unique_constraint|constraint)\(\s*(?:op\.f\()?["'][^"']*["']\)?\s*,\s*(?:table_name\s*=\s*)?["'](\w+)["']/g;
const STATEMENT = /\b(?:select|insert|update|delete|create|alter|drop|truncate|with|merge)\b/i;
const NAMED =
  /\b(?:from|join|into|update|references|table(?:\s+if(?:\s+not)?\s+exists)?|on|truncate)\s+(?:only\s+)?[`"[]?(?:\w+[`"\]]?\.[`"[]?)?(\w+)/gi;
const CANDIDATE = /__tablename__|Table\(|\bModel\b|ForeignKey|\bop\.|\b(?:from|into|update|table)\s/i;

/** Adds an edge from every mention of a table to the one place that defines it; models count before statements. */
export function tableEdges(files: readonly HttpFile[], edges: CrossEdges): void {
  const read = files.filter(({ scanned }) => CANDIDATE.test(scanned.code));
  const tables = indexTables(read.flatMap(({ file, scanned }) => tablesOf(file, scanned.code)));
  if (tables.size === 0) return;
  for (const { file, scanned } of read) {
    for (const { position, table } of mentionsOf(file, scanned)) {
      const target = tables.get(table.toLowerCase());
      if (target === undefined) continue;
      edges.add(file.atomAt(position), target.file.atomAt(target.position), STRENGTH, () => {
        const where = `${target.file.path}:${String(lineAt(target.file.text, target.position))}`;
        return `names the table \`${target.name}\`, which ${target.model === '' ? 'a statement' : `\`${target.model}\``} defines at ${where}`;
      });
    }
  }
}

function tablesOf(file: CrossFile, code: string): Table[] {
  if (file.language === 'sql')
    return [...code.matchAll(CREATE_TABLE)].map((match) => ({
      file,
      position: match.index,
      name: match[1] ?? '',
      model: '',
    }));
  if (isScript(file.language))
    return [...code.matchAll(DRIZZLE)].map((match) => ({
      file,
      position: match.index,
      name: match[2] ?? '',
      model: match[1] ?? '',
    }));
  if (file.language !== 'python') return [];
  return [...sqlAlchemyTables(file, code), ...djangoTables(file, code)];
}

function sqlAlchemyTables(file: CrossFile, code: string): Table[] {
  const found: Table[] = [];
  for (const match of code.matchAll(SQLALCHEMY)) {
    const before = code.slice(0, match.index);
    const headers = [...before.matchAll(/^([ \t]*)class\s+(\w+)/gm)];
    const header = headers.filter((other) => (other[1] ?? '').length < (match[1] ?? '').length).at(-1);
    if (header !== undefined)
      found.push({
        file,
        position: header.index + (header[1] ?? '').length,
        name: match[2] ?? '',
        model: header[2] ?? '',
      });
  }
  for (const match of code.matchAll(PYTHON_TABLE))
    found.push({ file, position: match.index + match[0].search(/\S/), name: match[2] ?? '', model: match[1] ?? '' });
  return found;
}

/** `app_model` unless `Meta` says otherwise; the app is the folder of `models.py`. */
function djangoTables(file: CrossFile, code: string): Table[] {
  if (!/\bdjango\b/.test(code)) return [];
  const classes = [...code.matchAll(DJANGO_CLASS)];
  const [, app = ''] = /(\w+)\/models(?:\/\w+)?\.py$/.exec(file.path) ?? [];
  return classes.map((match, i) => {
    const body = code.slice(match.index, classes[i + 1]?.index ?? code.length);
    const name = DJANGO_TABLE.exec(body)?.[1] ?? `${app}_${(match[1] ?? '').toLowerCase()}`;
    return { file, position: match.index, name, model: match[1] ?? '' };
  });
}

/** Tables by name in lower case; of several with one name the models, and of several models none. */
function indexTables(tables: readonly Table[]): Map<string, Table> {
  const byName = new Map<string, Table[]>();
  for (const table of tables) {
    const name = table.name.replace(/^\w+\./, '').toLowerCase();
    byName.set(name, [...(byName.get(name) ?? []), table]);
  }
  const found = new Map<string, Table>();
  for (const [name, all] of byName) {
    const models = all.filter((table) => table.model !== '');
    // A statement that is repeated, e.g. for another database, defines the same table: the first stands for it.
    const [only] = models.length > 0 ? models : all;
    if (only !== undefined && models.length <= 1) found.set(name, only);
  }
  return found;
}

function mentionsOf(file: CrossFile, scanned: HttpFile['scanned']): Mention[] {
  const { code, strings } = scanned;
  if (file.language === 'sql') return statementMentions(code, 0);
  const found: Mention[] = [];
  if (file.language === 'python') {
    for (const pattern of [FOREIGN_KEY, ALEMBIC, ALEMBIC_INDEX])
      for (const match of code.matchAll(pattern)) found.push({ position: match.index, table: match[1] ?? '' });
  }
  if (file.language === 'python' || isScript(file.language)) {
    for (const { start, end } of strings) {
      if (end - start < 8) continue;
      const text = file.text.slice(start, end);
      if (STATEMENT.test(text)) found.push(...statementMentions(text, start));
    }
  }
  return found;
}

function statementMentions(text: string, offset: number): Mention[] {
  return [...text.matchAll(NAMED)].map((match) => ({ position: offset + match.index, table: match[1] ?? '' }));
}
