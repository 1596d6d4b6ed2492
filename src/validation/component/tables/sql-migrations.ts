import type { SchemaState } from './schema-state.ts';
import { bracketOf, executedSql, plainName, splitSql, type SqlPart } from './sql-statements.ts';
import { type Column, familyOf, type ForeignKey } from './table.ts';

interface TextFile {
  readonly path: string;
  readonly text: string;
}

const NAME = String.raw`((?:[\w$]+|"[^"]+"|\x60[^\x60]+\x60|\[[^\]]+\])(?:\.(?:[\w$]+|"[^"]+"|\x60[^\x60]+\x60|\[[^\]]+\]))?)`;
const CREATE = new RegExp(`^create\\s+(?:unlogged\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?${NAME}`, 'i');
const ALTER = new RegExp(`^alter\\s+table\\s+(?:if\\s+exists\\s+)?(?:only\\s+)?${NAME}\\s+([\\s\\S]*)$`, 'i');
const DROP = /^drop\s+table\s+(?:if\s+exists\s+)?([\s\S]*?)(?:\s+(?:cascade|restrict))?$/i;
const TABLE_RULE = /^(?:constraint\b|primary\s+key|unique\b|foreign\s+key|check\b|exclude\b|key\b|index\b|like\b)/i;
const FOREIGN = new RegExp(
  `foreign\\s+key\\s*(?:[\\w"\`]+\\s*)?\\(([^)]*)\\)\\s*references\\s+${NAME}\\s*(?:\\(([^)]*)\\))?`,
  'i',
);
const REFERENCES = new RegExp(`\\breferences\\s+${NAME}\\s*(?:\\(([^)]*)\\))?`, 'i');
const COLUMN = new RegExp(`^${NAME}\\s*([\\s\\S]*)$`);
/** Where a column's type ends. */
const RULE =
  /\b(?:not\s+null|null|default|primary|unique|references|check|collate|generated|constraint|autoincrement|auto_increment|on)\b/i;

function columnOf(part: SqlPart, file: TextFile): Column | null {
  const [, name = '', rest = ''] = COLUMN.exec(part.text) ?? [];
  if (name === '') return null;
  const shown = rest.slice(0, rest.search(RULE) < 0 ? rest.length : rest.search(RULE)).trim();
  const isKey = /\bprimary\s+key\b/i.test(rest);
  const [, table, column] = REFERENCES.exec(rest) ?? [];
  return {
    name: plainName(name),
    place: { path: file.path, text: file.text, position: part.at },
    family: familyOf(shown),
    shown: shown.toLowerCase(),
    nullable: !(isKey || /\bnot\s+null\b/i.test(rest) || /serial/i.test(shown)),
    hasDefault: isKey || /\bdefault\b|\bgenerated\b|auto_?increment/i.test(rest) || /serial/i.test(shown),
    references: table === undefined ? null : referenceOf(table, column),
  };
}

function referenceOf(table: string, column: string | undefined): ForeignKey {
  const only = column === undefined || column.includes(',') ? null : plainName(column.trim());
  return { table: plainName(table), column: only };
}

/** The columns of `CREATE TABLE`, with what its rules say of them. */
function createTable(name: string, statement: SqlPart, file: TextFile, state: SchemaState): void {
  const place = { path: file.path, text: file.text, position: statement.at };
  const list = bracketOf(statement);
  const beforeList = statement.text.slice(0, Math.max(0, statement.text.indexOf('(')));
  if (list === null || /\b(?:as|partition\s+of)\b/i.test(beforeList)) {
    state.create(name, place, [], true);
    return;
  }
  const parts = splitSql(list.text, ',', list.at);
  const rules = parts.filter(({ text }) => TABLE_RULE.test(text));
  const columns = parts.filter((part) => !rules.includes(part)).flatMap((part) => columnOf(part, file) ?? []);
  state.create(
    name,
    place,
    columns,
    rules.some(({ text }) => /^like\b/i.test(text)) || /\binherits\s*\(/i.test(statement.text),
  );
  for (const { text } of rules) applyRule(name, text, state);
}

function applyRule(table: string, rule: string, state: SchemaState): void {
  const key = /primary\s+key\s*\(([^)]*)\)/i.exec(rule)?.[1];
  for (const column of key?.split(',') ?? []) state.changeColumn(table, plainName(column.trim()), { nullable: false });
  const [, own, target = '', column] = FOREIGN.exec(rule) ?? [];
  const owned = own?.split(',') ?? [];
  for (const name of owned)
    state.addReference(table, plainName(name.trim()), referenceOf(target, owned.length === 1 ? column : undefined));
}

function alterTable(name: string, action: SqlPart, file: TextFile, state: SchemaState): void {
  const { text } = action;
  const match = (pattern: string): RegExpExecArray | null => new RegExp(`^${pattern}`, 'i').exec(text);
  const renamed = match(`rename\\s+to\\s+${NAME}`);
  const moved = match(`rename\\s+(?:column\\s+)?${NAME}\\s+to\\s+${NAME}`);
  const changed = match(`alter\\s+(?:column\\s+)?${NAME}\\s+([\\s\\S]*)$`);
  const dropped = match(`drop\\s+(?:column\\s+)?(?:if\\s+exists\\s+)?${NAME}`);
  const added = match(`add\\s+(?:column\\s+)?(?:if\\s+not\\s+exists\\s+)?`);
  if (renamed) state.rename(name, plainName(renamed[1] ?? ''));
  else if (moved) state.changeColumn(name, plainName(moved[1] ?? ''), { name: plainName(moved[2] ?? '') });
  else if (changed) changeColumn(name, plainName(changed[1] ?? ''), changed[2] ?? '', state);
  else if (/^drop\s+constraint/i.test(text)) return;
  else if (dropped) state.dropColumn(name, plainName(dropped[1] ?? ''));
  else if (added) {
    const rest = { text: text.slice(added[0].length), at: action.at + added[0].length };
    if (TABLE_RULE.test(rest.text)) applyRule(name, rest.text, state);
    else {
      const column = columnOf(rest, file);
      if (column !== null) state.addColumn(name, column);
    }
  } else if (/^(?:modify|change)\b/i.test(text)) state.open(name);
}

function changeColumn(table: string, column: string, change: string, state: SchemaState): void {
  if (/^set\s+not\s+null/i.test(change)) state.changeColumn(table, column, { nullable: false });
  else if (/^drop\s+not\s+null/i.test(change)) state.changeColumn(table, column, { nullable: true });
  else if (/^set\s+default/i.test(change)) state.changeColumn(table, column, { hasDefault: true });
  const [, type] = /^(?:set\s+data\s+)?type\s+([\s\S]*?)(?:\s+using\b[\s\S]*)?$/i.exec(change) ?? [];
  if (type !== undefined) state.changeColumn(table, column, { family: familyOf(type), shown: type.toLowerCase() });
}

/** Carries out the statements of a text that make, change and remove tables. */
export function applySql(file: TextFile, state: SchemaState): void {
  for (const statement of splitSql(executedSql(file.text), ';')) {
    const created = CREATE.exec(statement.text);
    const altered = ALTER.exec(statement.text);
    const dropped = DROP.exec(statement.text);
    if (created) createTable(plainName(created[1] ?? ''), statement, file, state);
    else if (altered) {
      const actions = altered[2] ?? '';
      const at = statement.at + statement.text.length - actions.length;
      for (const action of splitSql(actions, ',', at)) alterTable(plainName(altered[1] ?? ''), action, file, state);
    } else if (dropped) for (const name of (dropped[1] ?? '').split(',')) state.drop(plainName(name.trim()));
  }
}
