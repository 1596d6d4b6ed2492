/** CSV files in the Fastify back end: reading, writing and checking them. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { knowsActor } from './bases.ts';

export function csvFile(): string {
  return fileText(`
import { InvalidInputError } from './errors.ts';

/** A line of a CSV file: where it begins, and its cells. */
export interface CsvLine {
  number: number;
  cells: string[];
}

const CELL = /("(?:[^"]|"")*"|[^",\\r\\n]*)(,|\\r?\\n|$)/y;

/** Takes a CSV file apart, without its blank lines; refuses quotes that do not match. */
export function parseCsv(text: string): CsvLine[] {
  const lines: CsvLine[] = [];
  const source = text.replace(/^\\uFEFF/, '');
  let line: CsvLine = { number: 1, cells: [] };
  let number = 1;
  for (let at = 0; at < source.length || line.cells.length > 0; ) {
    const { cell, end, next } = cellAt(source, at, number);
    line.cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    number += (cell + end).split('\\n').length - 1;
    at = next;
    if (end === ',') continue;
    if (line.cells.some((value) => value !== '')) lines.push(line);
    line = { number, cells: [] };
  }
  return lines;
}

function cellAt(source: string, at: number, number: number) {
  CELL.lastIndex = at;
  const match = CELL.exec(source);
  if (match === null) throw new InvalidInputError('The quotes do not match.', \`line \${number}\`);
  const [, cell = '', end = ''] = match;
  return { cell, end, next: CELL.lastIndex };
}

/** A CSV file of rows. */
export function formatCsv(rows: unknown[][]): string {
  return rows.map((row) => \`\${row.map(formatCell).join(',')}\\r\\n\`).join('');
}

/** What begins a formula, and what begins it once it is marked, however often. */
const FORMULA = /^'*[=+\\-@\\t\\r]/;

/** The text of a cell, without the mark that an export has given it. */
export function unmarked(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

/** A value as a cell; a text that a spreadsheet would run as a formula gets a mark before it. */
function formatCell(value: unknown): string {
  const plain = value === null || value === undefined ? '' : String(value);
  const text = typeof value === 'string' && FORMULA.test(value) ? \`'\${value}\` : plain;
  return /[",\\r\\n]|^\\s|\\s$/.test(text) ? \`"\${text.replaceAll('"', '""')}"\` : text;
}
`);
}

export function csvImportFile(): string {
  return fileText(`
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type CsvLine, parseCsv, unmarked } from './csv.ts';
import { fieldErrors } from './error-handler.ts';
import { type FieldError, InvalidInputError, RequestError } from './errors.ts';

/** How the cells of a column are read. */
export type CsvColumn = 'text' | 'number' | 'boolean';

/** What a file of records is read with. */
export interface CsvForm {
  columns: Record<string, CsvColumn>;
  /** Schema of a new record. */
  create: TSchema;
}

const MAX_LINES = 10_000;

/** Stores the records of a CSV file with \`store\`; throws what is wrong with each line. */
export async function importCsv<Create>(
  text: string,
  form: CsvForm,
  store: (payload: Create) => Promise<unknown>,
): Promise<number> {
  const [header, ...lines] = parseCsv(text);
  if (header === undefined) throw new InvalidInputError('The file is empty.', 'line 1');
  if (lines.length > MAX_LINES) throw new InvalidInputError(\`More than \${MAX_LINES} lines.\`, 'body');
  const names = readHeader(header, form.columns);
  const payloads = readLines(lines, names, form) as Create[];
  for (const [index, payload] of payloads.entries()) {
    await storeLine(lines[index]?.number ?? 0, () => store(payload));
  }
  return payloads.length;
}

function readHeader({ cells }: CsvLine, columns: Record<string, CsvColumn>): string[] {
  const names = cells.map((cell) => cell.trim());
  const wrong = names.find((name, at) => !Object.hasOwn(columns, name) || names.indexOf(name) < at);
  if (wrong === undefined) return names;
  throw new InvalidInputError('There is no such column, or it is there twice.', \`line 1: \${wrong}\`);
}

function readLines(lines: CsvLine[], names: string[], { columns, create }: CsvForm): object[] {
  const validator = Compile(create);
  const errors: FieldError[] = [];
  const payloads = lines.map(({ number, cells }) => {
    const payload = payloadOf(names, cells, columns);
    const problems = validator.Check(payload) ? [] : fieldErrors(validator.Errors(payload));
    errors.push(...atLine(number, problems));
    return payload;
  });
  if (errors.length > 0) throw refused(errors);
  return payloads;
}

/** Blank cells are left out: the record then has what it would have without them. */
function payloadOf(names: string[], cells: string[], columns: Record<string, CsvColumn>): object {
  const filled = names.flatMap((name, index): [string, unknown][] => {
    const cell = unmarked(cells[index]?.trim() ?? '');
    return cell === '' ? [] : [[name, readCell(cell, columns[name])]];
  });
  return Object.fromEntries(filled);
}

function readCell(cell: string, column: CsvColumn | undefined): unknown {
  if (column === 'number' && !Number.isNaN(Number(cell))) return Number(cell);
  if (column === 'boolean' && /^(true|false)$/i.test(cell)) return cell.toLowerCase() === 'true';
  return cell;
}

async function storeLine(number: number, store: () => Promise<unknown>): Promise<void> {
  try {
    await store();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const errors = error.errors.length > 0 ? error.errors : [{ field: 'record', message: error.message }];
    throw refused(atLine(number, errors));
  }
}

function atLine(number: number, errors: FieldError[]): FieldError[] {
  return errors.map(({ field, message }) => ({ field: \`line \${number}: \${field}\`, message }));
}

function refused(errors: FieldError[]): RequestError {
  const error = new RequestError(422, 'The file is not valid; nothing was stored.');
  error.errors.push(...errors);
  return error;
}
`);
}

export function csvRoutesFile(project: ProjectModel): string {
  const isSigned = knowsActor(project);
  return fileText(`
import type { FastifyPluginAsync } from 'fastify';
import { type TSchema, Type } from 'typebox';
${isSigned ? "import { actorOf } from '../auth/guard.ts';\n" : ''}import { formatCsv } from '../csv.ts';
import { type CsvForm, importCsv } from '../csv-import.ts';
import type { Database, Session } from '../db/database.ts';
import type { PageOf } from '../pagination.ts';
import type { ListQuery } from '../schemas/schema.ts';

/** What CSV files of one kind of record need. */
export interface CsvKind<Create> extends CsvForm {
  tags: string[];
  query: TSchema;
  open(session: Session${isSigned ? ', actor?: string | null' : ''}): CsvService<Create>;
}

interface CsvService<Create> {
  list(query: ListQuery): Promise<PageOf<object>>;
  create(payload: Create): Promise<unknown>;
}

const MAX_BYTES = 5 * 1024 * 1024;
const PAGE_SIZE = 100;

/** Export and import of one kind of record, below its address. */
export function csvRoutes<Create>(database: Database, kind: CsvKind<Create>): FastifyPluginAsync {
  const { tags, query } = kind;
  const IMPORT = { tags, consumes: ['text/csv'], body: Type.String() };
  return async (app) => {
    app.addContentTypeParser('text/csv', { parseAs: 'string', bodyLimit: MAX_BYTES }, (_, body, done) => done(null, body));

    app.get<{ Querystring: ListQuery }>('/export', { schema: { tags, querystring: query } }, async (request, reply) => {
      const records = await allOf(kind.open(database.session), request.query);
      const names = ['id', ...Object.keys(kind.columns)];
      const rows = records.map((record) => names.map((name) => Object(record)[name]));
      return reply.type('text/csv; charset=utf-8').send(formatCsv([names, ...rows]));
    });

    app.post<{ Body: string }>('/import', { schema: IMPORT }, async (request) => {
      const created = await database.write((session) => {
        const service = kind.open(session${isSigned ? ', actorOf(request)' : ''});
        return importCsv<Create>(request.body, kind, (payload) => service.create(payload));
      });
      return { created };
    });
  };
}

async function allOf(service: CsvService<never>, query: ListQuery): Promise<object[]> {
  const records: object[] = [];
  for (;;) {
    const page = await service.list({ ...query, limit: PAGE_SIZE, offset: records.length });
    records.push(...page.items);
    if (page.items.length === 0 || records.length >= page.total) return records;
  }
}
`);
}

export function csvTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { formatCsv, parseCsv, unmarked } from '../src/csv.ts';
import { InvalidInputError } from '../src/errors.ts';

const cellsOf = (text: string) => parseCsv(text).map(({ cells }) => cells);

describe('parseCsv', () => {
  it('takes cells apart, quoted or not', () => {
    expect(cellsOf('a,b\\r\\n"1,2","say ""hi"""\\n')).toEqual([
      ['a', 'b'],
      ['1,2', 'say "hi"'],
    ]);
  });

  it('keeps empty cells and leaves blank lines out', () => {
    expect(cellsOf('a,b\\n\\n,2\\n1,')).toEqual([
      ['a', 'b'],
      ['', '2'],
      ['1', ''],
    ]);
  });

  it('knows where each line begins', () => {
    expect(parseCsv('\\uFEFFa\\n"1\\n2"\\n3').map(({ number }) => number)).toEqual([1, 2, 4]);
  });

  it.each(['a\\n"b', 'a\\nb"c"'])('refuses quotes that do not match: %j', (text) => {
    expect(() => parseCsv(text)).toThrow(InvalidInputError);
  });
});

describe('formatCsv', () => {
  it('writes what can be read again', () => {
    const rows = [['a, b', 'say "hi"', ' c '], ['line\\nbreak', '', '1']];

    expect(cellsOf(formatCsv(rows))).toEqual(rows);
  });

  it('leaves missing values empty', () => {
    expect(formatCsv([[null, undefined, 0, false]])).toBe(',,0,false\\r\\n');
  });

  it.each(['=1+1', '+1', '-1', '@sum', '\\t=1', "'=1"])('marks what a spreadsheet would run: %j', (text) => {
    const [[cell = ''] = []] = cellsOf(formatCsv([[text]]));

    expect(cell).toBe(\`'\${text}\`);
    expect(unmarked(cell)).toBe(text);
  });

  it.each(['', "'", "'Ada'", 'a=b', '1-1'])('leaves other texts as they are: %j', (text) => {
    expect(formatCsv([[text]])).toBe(\`\${text}\\r\\n\`);
    expect(unmarked(text)).toBe(text);
  });

  it('leaves numbers as they are', () => {
    expect(formatCsv([[-5]])).toBe('-5\\r\\n');
  });
});
`);
}
