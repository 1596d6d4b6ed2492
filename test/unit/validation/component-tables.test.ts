import { describe, expect, it } from 'vitest';
import { languageOf, openParser } from '../../../src/adapters/parser/index.ts';
import { checkComponent } from '../../../src/validation/component/component-checks.ts';

const parser = await openParser();

function migrations(files: Record<string, string>, paths?: string[]) {
  const given = Object.entries(files).map(([path, text]) => ({
    path,
    language: languageOf(path),
    bytes: Buffer.from(text),
  }));
  const checks = checkComponent(parser, { files: given, ...(paths === undefined ? {} : { paths }) });
  const check = checks.find(({ testType }) => testType === 'migrations');
  if (check === undefined) throw new Error('no check of migrations');
  return check;
}

const MODELS = `import datetime as dt
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship
from app.base import Base, Record, Stamp

class User(Record, Base):
    __tablename__ = "users"
    email = Column(String(254), nullable=False, unique=True)
    nickname = Column(String(50))
    posts = relationship("Post")

class Post(Record, Base):
    __tablename__ = "posts"
    title: Mapped[str] = mapped_column(String(200))
    price: Mapped[float | None]
    published_at: Mapped[dt.datetime | None] = mapped_column(Stamp)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped["User"] = relationship()
`;
const BASE = `from sqlalchemy import Column, DateTime, Integer
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

class Base(DeclarativeBase):
    pass

class Stamp(TypeDecorator):
    impl = DateTime

class Record:
    id = Column(Integer, primary_key=True)
`;
const FIRST = `revision = "b1"
down_revision = None

def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
    )

def downgrade():
    op.drop_table("posts")
`;
const SECOND = `revision = "a2"
down_revision = "b1"

def upgrade():
    op.add_column("users", sa.Column("nickname", sa.String(50), nullable=True))
    with op.batch_alter_table("posts") as batch:
        batch.add_column(sa.Column("price", sa.Float(), nullable=True))
        batch.alter_column("name", new_column_name="title")
`;
const ALEMBIC = {
  'api/app/base.py': BASE,
  'api/app/models.py': MODELS,
  // The second comes first by name: revisions decide.
  'api/alembic/versions/b_first.py': FIRST,
  'api/alembic/versions/a_second.py': SECOND,
};

function edited(files: Record<string, string>, path: string, from: string, to: string): Record<string, string> {
  const text = files[path];
  if (text?.includes(from) !== true) throw new Error(`${path} has no ${from}`);
  return { ...files, [path]: text.replace(from, to) };
}

describe('SQLAlchemy against Alembic', () => {
  it('passes where both agree, through mixins, type decorators, batches and later revisions', () => {
    expect(migrations(ALEMBIC)).toMatchObject({ outcome: 'passed', findings: [] });
  });

  const first = 'api/alembic/versions/b_first.py';
  const second = 'api/alembic/versions/a_second.py';
  const models = 'api/app/models.py';
  it.each([
    ['a table that is not made', models, '"posts"', '"articles"', 'missing-migration'],
    ['a column that no migration makes', second, '    op.add_column("users"', '    print("users"', 'missing-column'],
    ['a column under another name', models, 'nickname =', 'nick_name =', 'missing-column'],
    ['a renaming that is not there', second, 'new_column_name="title"', 'nullable=False', 'missing-column'],
    ['another type', first, 'sa.DateTime()', 'sa.String(30)', 'column-type'],
    ['another type of the model', models, 'Mapped[float | None]', 'Mapped[bool | None]', 'column-type'],
    [
      'another nullability',
      first,
      '"email", sa.String(254), nullable=False',
      '"email", sa.String(254)',
      'column-nullability',
    ],
    ['a nullable model', models, 'title: Mapped[str]', 'title: Mapped[str | None]', 'column-nullability'],
    ['a key to no table', models, '"users.id"', '"people.id"', 'foreign-key'],
    ['a key to no column', models, '"users.id"', '"users.uid"', 'foreign-key'],
    ['a key of a migration to no table', first, '["users.id"]', '["people.id"]', 'foreign-key'],
  ])('finds %s', (_, path, from, to, rule) => {
    const check = migrations(edited(ALEMBIC, path, from, to));
    expect(check.outcome).toBe('failed');
    expect(check.findings.map((finding) => finding.rule)).toContain(rule);
  });

  it('names the place, both sides and what to do', () => {
    const { findings } = migrations(edited(ALEMBIC, second, 'sa.String(50)', 'sa.Integer()'));
    expect(findings).toMatchObject([
      {
        file: models,
        line: 9,
        message: `"users.nickname" is String in the model and sa.Integer in the migration at ${second}:5`,
        suggestion: 'give the column the same type in both',
      },
    ]);
  });

  it('finds a column that must be filled and that the model does not have', () => {
    const check = migrations(
      edited(ALEMBIC, models, '    email = Column(String(254), nullable=False, unique=True)\n', ''),
    );
    expect(check.findings.map(({ rule }) => rule)).toEqual(['undeclared-column']);
  });

  it('says nothing of what migrations make in ways that cannot be read', () => {
    const opaque = edited(ALEMBIC, second, 'def upgrade():\n', 'def upgrade():\n    op.execute(read_statements())\n');
    expect(migrations(edited(opaque, models, '"posts"', '"articles"')).findings).toEqual([]);
  });
});

const TABLES = `import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { recordColumns } from './columns.ts';

export const users = sqliteTable('users', { ...recordColumns(), email: text().notNull() });
export const posts = sqliteTable(
  'posts',
  {
    ...recordColumns(),
    title: text('title').notNull(),
    published: integer({ mode: 'boolean' }).notNull().default(false),
    note: text(),
    authorId: integer('author_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  },
);
`;
const DRIZZLE = {
  'server/src/columns.ts': `import { integer } from 'drizzle-orm/sqlite-core';
export function recordColumns() {
  return { id: integer().primaryKey({ autoIncrement: true }) };
}
`,
  'server/src/tables.ts': TABLES,
  'server/package.json': '{"dependencies": {"drizzle-orm": "1"}}',
  'server/drizzle/0000_tables.sql': `CREATE TABLE \`users\` (
	\`id\` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	\`email\` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE \`posts\` (
	\`id\` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	\`title\` text NOT NULL, -- what it is called; a semicolon
	\`published\` integer DEFAULT false NOT NULL,
	\`author_id\` integer NOT NULL,
	FOREIGN KEY (\`author_id\`) REFERENCES \`users\`(\`id\`) ON UPDATE no action ON DELETE cascade
);
`,
  'server/drizzle/0001_note.sql': 'ALTER TABLE `posts` ADD `note` text;\n',
};

describe('Drizzle and SQL', () => {
  it('passes where both agree', () => {
    expect(migrations(DRIZZLE)).toMatchObject({ outcome: 'passed', findings: [] });
  });

  const sql = 'server/drizzle/0000_tables.sql';
  const tables = 'server/src/tables.ts';
  it.each([
    [
      'a column that was dropped',
      'server/drizzle/0001_note.sql',
      'ADD `note` text',
      'DROP COLUMN `title`',
      'missing-column',
    ],
    ['a table of another name', sql, 'CREATE TABLE `users`', 'CREATE TABLE `people`', 'missing-migration'],
    ['another type', sql, '`email` text', '`email` integer', 'column-type'],
    ['another nullability', sql, '`email` text NOT NULL', '`email` text', 'column-nullability'],
    ['a nullable model', tables, "text('title').notNull()", "text('title')", 'column-nullability'],
    ['another column of the model', tables, "integer('author_id')", "integer('writer_id')", 'missing-column'],
    ['a key to no table', sql, 'REFERENCES `users`', 'REFERENCES `people`', 'foreign-key'],
  ])('finds %s', (_, path, from, to, rule) => {
    const check = migrations(edited(DRIZZLE, path, from, to));
    expect(check.outcome).toBe('failed');
    expect(check.findings.map((finding) => finding.rule)).toContain(rule);
  });

  it('follows tables that are made anew under another name', () => {
    const again = {
      ...DRIZZLE,
      'server/drizzle/0002_again.sql':
        'CREATE TABLE `__new_users` (`id` integer PRIMARY KEY, `email` text NOT NULL);\nDROP TABLE `users`;\nALTER TABLE `__new_users` RENAME TO `users`;\n',
    };
    expect(migrations(again).findings).toEqual([]);
  });
});

describe('what there is to compare', () => {
  it('is nothing without migrations, and says so', () => {
    const check = migrations({ 'api/app/base.py': BASE, 'api/app/models.py': MODELS });
    expect(check).toMatchObject({
      outcome: 'not_run',
      reason: 'the project has no migrations: its tables are made from the models',
    });
    expect(migrations({ 'a.ts': 'export const a = 1;\n' }).outcome).toBe('not_run');
  });

  it('is the component that the model, or the migration, belongs to', () => {
    const broken = edited(ALEMBIC, 'api/app/models.py', '"posts"', '"articles"');
    expect(migrations(broken, ['api/app/models.py']).outcome).toBe('failed');
    expect(migrations(broken, ['api/alembic/versions/b_first.py']).outcome).toBe('passed');
  });

  it('is the migrations of its own service', () => {
    const other = { 'billing/migrations/1.sql': 'create table users (id integer primary key, iban text not null);\n' };
    expect(migrations({ ...ALEMBIC, ...other }).findings).toEqual([]);
  });
});
