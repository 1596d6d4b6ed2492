/** Modules of the command-line tool that do not depend on the entities. */
import { fileText } from '../layout.ts';

export function errorsFile(): string {
  return fileText(`
"""Errors that people are told about."""


class ToolError(Exception):
    """Base of all errors with a sentence for people."""


class InputError(ToolError):
    """A value that was given is not allowed."""


class NotFoundError(ToolError):
    """There is no such record."""


class ConflictError(ToolError):
    """The change does not fit what is stored."""
`);
}

export function modelFile(pkg: string): string {
  return fileText(`
"""What a kind of record is made of, and how its values are read and written."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ${pkg}.errors import InputError

TRUE_WORDS = ("yes", "true", "1", "on")
FALSE_WORDS = ("no", "false", "0", "off")
SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER", "reference": "INTEGER"}


def quoted(name: str) -> str:
    """A name of a table or column, also where SQL uses it for something else."""
    return f'"{name}"'


@dataclass(frozen=True)
class Field:
    """One value of a record: its kind and what it may be."""

    name: str
    kind: str = "text"
    required: bool = False
    unique: bool = False
    max_length: int = 200
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: Any = None
    refers_to: str | None = None
    on_delete: str = "SET NULL"

    @property
    def option(self) -> str:
        """The option of the command line that sets it."""
        return "--" + self.name.replace("_", "-")

    def parse(self, text: str) -> Any:
        """The value that a text stands for; raises InputError where it stands for none."""
        if text.strip() == "":
            return self.missing()
        return PARSERS[self.kind](self, text.strip())

    def missing(self) -> Any:
        """The value where none is given; raises InputError where one is needed."""
        if self.default is None and self.required:
            raise InputError(f"{self.name}: a value is needed")
        return self.default

    def sql(self) -> str:
        """The column that keeps it."""
        column = f"{quoted(self.name)} {SQL_TYPES.get(self.kind, 'TEXT')}"
        if self.required:
            column += " NOT NULL"
        if self.unique:
            column += " UNIQUE"
        if self.refers_to:
            column += f" REFERENCES {quoted(self.refers_to)}(id) ON DELETE {self.on_delete}"
        return column


@dataclass(frozen=True)
class Entity:
    """A kind of record."""

    name: str
    plural: str
    table: str
    fields: tuple[Field, ...]
    orders: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> Field:
        """The field of a name; raises InputError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        known = ", ".join(field.name for field in self.fields)
        raise InputError(f"there is no field {name!r}; known are {known}")

    def check(self, values: Mapping[str, Any]) -> None:
        """Raises InputError where the values of a record do not fit together."""
        for earlier, later in self.orders:
            first, second = values.get(earlier), values.get(later)
            if first is not None and second is not None and second < first:
                raise InputError(f"{later}: must not be before {earlier}")


def parse_text(field: Field, text: str) -> str:
    """A text of at most the length of the field."""
    if len(text) > field.max_length:
        raise InputError(f"{field.name}: at most {field.max_length} characters")
    return text


def parse_integer(field: Field, text: str) -> int:
    """A whole number within the bounds of the field."""
    try:
        number = int(text)
    except ValueError:
        raise InputError(f"{field.name}: {text!r} is not a whole number") from None
    check_bounds(field, number)
    return number


def parse_decimal(field: Field, text: str) -> str:
    """A number within the bounds of the field, kept as its digits."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InputError(f"{field.name}: {text!r} is not a number") from None
    if not number.is_finite():
        raise InputError(f"{field.name}: {text!r} is not a number")
    check_bounds(field, float(number))
    return str(number)


def check_bounds(field: Field, number: float) -> None:
    """Raises InputError where a number is too small or too large."""
    if field.minimum is not None and number < field.minimum:
        raise InputError(f"{field.name}: at least {field.minimum:g}")
    if field.maximum is not None and number > field.maximum:
        raise InputError(f"{field.name}: at most {field.maximum:g}")


def parse_boolean(field: Field, text: str) -> int:
    """1 for yes, 0 for no."""
    word = text.lower()
    if word in TRUE_WORDS:
        return 1
    if word in FALSE_WORDS:
        return 0
    raise InputError(f"{field.name}: {text!r} is neither yes nor no")


def parse_date(field: Field, text: str) -> str:
    """A day, as YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputError(f"{field.name}: {text!r} is not a date like 2024-05-31") from None


def parse_datetime(field: Field, text: str) -> str:
    """An instant; without a zone it counts as UTC."""
    try:
        instant = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InputError(f"{field.name}: {text!r} is not a time like 2024-05-31T12:00") from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=dt.timezone.utc)
    return instant.astimezone(dt.timezone.utc).isoformat(timespec="seconds")


def parse_choice(field: Field, text: str) -> str:
    """One of the choices of the field."""
    if text not in field.choices:
        raise InputError(f"{field.name}: {text!r} is none of {', '.join(field.choices)}")
    return text


PARSERS = {
    "text": parse_text,
    "integer": parse_integer,
    "decimal": parse_decimal,
    "boolean": parse_boolean,
    "date": parse_date,
    "datetime": parse_datetime,
    "choice": parse_choice,
    "reference": parse_integer,
}
`);
}

export function storeFile(pkg: string): string {
  return fileText(`
"""Keeping records in SQLite."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ${pkg}.errors import ConflictError, InputError, NotFoundError
from ${pkg}.model import Entity, quoted

Record = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """Which records are wanted, and in which order."""

    search: str | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    sort: str = "id"
    descending: bool = False
    limit: int = 50
    offset: int = 0


def open_store(path: Path | str, entities: Iterable[Entity]) -> sqlite3.Connection:
    """The file with all tables; what is missing is made."""
    if isinstance(path, Path):
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    for entity in entities:
        connection.execute(create_statement(entity))
    connection.commit()
    return connection


def create_statement(entity: Entity) -> str:
    """The statement that makes the table of an entity."""
    columns = ", ".join(["id INTEGER PRIMARY KEY", *(column.sql() for column in entity.fields)])
    return f"CREATE TABLE IF NOT EXISTS {quoted(entity.table)} ({columns})"


class Table:
    """The records of one entity. Each change is one transaction."""

    def __init__(self, connection: sqlite3.Connection, entity: Entity) -> None:
        self.connection = connection
        self.entity = entity
        self.name = quoted(entity.table)

    def get(self, record_id: int) -> Record:
        """The record of an id; raises NotFoundError where there is none."""
        statement = f"SELECT * FROM {self.name} WHERE id = ?"
        row = self.connection.execute(statement, (record_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no {self.entity.name} {record_id}")
        return dict(row)

    def find(self, query: Query) -> list[Record]:
        """The records that a query wants."""
        order = "id" if query.sort == "id" else self.entity.field(query.sort).name
        where, values = self.condition(query)
        direction = "DESC" if query.descending else "ASC"
        statement = (
            f"SELECT * FROM {self.name} {where}"
            f" ORDER BY {quoted(order)} {direction}, id LIMIT ? OFFSET ?"
        )
        rows = self.connection.execute(statement, (*values, query.limit, query.offset))
        return [dict(row) for row in rows]

    def count(self, query: Query) -> int:
        """How many records a query wants on all its pages."""
        where, values = self.condition(query)
        statement = f"SELECT count(*) FROM {self.name} {where}"
        return int(self.connection.execute(statement, values).fetchone()[0])

    def condition(self, query: Query) -> tuple[str, list[Any]]:
        """The WHERE clause of a query and its values."""
        parts: list[str] = []
        values: list[Any] = []
        for name, value in query.equal.items():
            parts.append(f"{quoted(self.entity.field(name).name)} = ?")
            values.append(value)
        if query.search:
            texts = [column.name for column in self.entity.fields if column.kind == "text"]
            parts.append("(" + " OR ".join(f"instr(lower({quoted(name)}), ?)" for name in texts) + ")")
            values += [query.search.lower()] * len(texts)
        return ("WHERE " + " AND ".join(parts) if parts else "", values)

    def add(self, values: Mapping[str, Any]) -> Record:
        """Keeps a new record and gives it back with its id."""
        self.entity.check(values)
        names = [column.name for column in self.entity.fields]
        statement = (
            f"INSERT INTO {self.name} ({', '.join(quoted(name) for name in names)})"
            f" VALUES ({', '.join('?' for _ in names)})"
        )
        cursor = self.change(statement, [values.get(name) for name in names])
        return self.get(int(cursor.lastrowid or 0))

    def edit(self, record_id: int, changes: Mapping[str, Any]) -> Record:
        """Changes what is named; the rest of the record stays."""
        record = self.get(record_id)
        if not changes:
            raise InputError("nothing to change: name at least one field")
        self.entity.check({**record, **changes})
        names = [self.entity.field(name).name for name in changes]
        assignments = ", ".join(f"{quoted(name)} = ?" for name in names)
        statement = f"UPDATE {self.name} SET {assignments} WHERE id = ?"
        self.change(statement, [*changes.values(), record_id])
        return self.get(record_id)

    def remove(self, record_id: int) -> None:
        """Deletes a record; raises ConflictError where others need it."""
        self.get(record_id)
        self.change(f"DELETE FROM {self.name} WHERE id = ?", [record_id])

    def change(self, statement: str, values: list[Any]) -> sqlite3.Cursor:
        """Runs a statement in a transaction of its own."""
        try:
            with self.connection:
                return self.connection.execute(statement, values)
        except sqlite3.IntegrityError as error:
            raise conflict(self.entity, str(error)) from error


def conflict(entity: Entity, problem: str) -> ConflictError | InputError:
    """What a broken constraint means to people."""
    if problem.startswith("UNIQUE"):
        name = problem.rsplit(".", 1)[-1]
        return ConflictError(f"another {entity.name} has this {name}")
    if problem.startswith("NOT NULL"):
        name = problem.rsplit(".", 1)[-1]
        return InputError(f"{name}: a value is needed")
    return ConflictError(f"the {entity.name} refers to a record that is not there, or is referred to")
`);
}

export function outputFile(pkg: string): string {
  return fileText(`
"""Showing records: as a table for people, as JSON and CSV for programs."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from ${pkg}.store import Record

FORMATS = ("table", "json", "csv")
MAX_WIDTH = 40


def render(records: Sequence[Record], columns: Sequence[str], form: str) -> str:
    """The records in one of the formats."""
    if form == "json":
        return json.dumps([dict(record) for record in records], indent=2, ensure_ascii=False)
    if form == "csv":
        return as_csv(records, columns)
    return as_table(records, columns)


def as_csv(records: Sequence[Record], columns: Sequence[str]) -> str:
    """One line per record, with the names of the columns first."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(columns), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(records)
    return buffer.getvalue().rstrip("\\r\\n")


def as_table(records: Sequence[Record], columns: Sequence[str]) -> str:
    """Columns side by side; long values end with an ellipsis."""
    rows = [[shorten(record.get(name)) for name in columns] for record in records]
    cells = [list(columns), *rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    return "\\n".join(line(row, widths) for row in cells)


def line(row: Sequence[str], widths: Sequence[int]) -> str:
    """The cells of one row, filled up with blanks."""
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()


def shorten(value: Any) -> str:
    """A value in at most the width of a column."""
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"
`);
}

export function commandsFile(pkg: string): string {
  return fileText(`
"""The commands that every kind of record has."""

import csv
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from ${pkg}.errors import InputError, ToolError
from ${pkg}.model import Entity, Field
from ${pkg}.output import FORMATS, render
from ${pkg}.store import Query, Table


def add_change_commands(
    below: "_SubParsersAction[ArgumentParser]", entity: Entity
) -> None:
    """The commands that take values."""
    add = below.add_parser("add", help=f"add one {entity.name}")
    edit = below.add_parser("edit", help=f"change one {entity.name}")
    edit.add_argument("id", type=int)
    for field in entity.fields:
        add.add_argument(field.option, dest=destination(field), help=describe(field))
        edit.add_argument(field.option, dest=destination(field), help=describe(field))
    add.set_defaults(run=run_add)
    edit.set_defaults(run=run_edit)


def add_list_command(below: "_SubParsersAction[ArgumentParser]", entity: Entity) -> None:
    """The command that finds records."""
    find = below.add_parser("list", help=f"find {entity.plural}")
    find.add_argument("--search", help="only those whose texts hold this")
    find.add_argument("--sort", default="id", help="field to sort by; default id")
    find.add_argument("--descending", action="store_true", help="the greatest first")
    find.add_argument("--limit", type=int, default=50, help="records at most; default 50")
    find.add_argument("--offset", type=int, default=0, help="records to skip")
    find.add_argument("--format", choices=FORMATS, default="table", dest="form")
    for field in entity.fields:
        if field.kind in ("choice", "boolean", "reference"):
            option = field.option.replace("--", "--only-", 1)
            find.add_argument(option, dest=destination(field), help="only those with this value")
    find.set_defaults(run=run_list)


def destination(field: Field) -> str:
    """Where the parsed option is kept; no field can hide what the program itself keeps there."""
    return "field_" + field.name


def describe(field: Field) -> str:
    """What the help says about a field."""
    parts = [", ".join(field.choices) or field.kind]
    if field.required and field.default is None:
        parts.append("required")
    if field.default is not None:
        parts.append(f"default {field.default}")
    return "; ".join(parts)


def columns_of(entity: Entity) -> list[str]:
    """The columns in the order in which they are shown."""
    return ["id", *(field.name for field in entity.fields)]


def given(entity: Entity, options: Namespace) -> dict[str, Any]:
    """The values that options name."""
    named = {field: getattr(options, destination(field), None) for field in entity.fields}
    return {field.name: field.parse(text) for field, text in named.items() if text is not None}


def complete(entity: Entity, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a new record: what is not given has its default."""
    absent = [field for field in entity.fields if field.name not in values]
    return {**values, **{field.name: field.missing() for field in absent}}


def run_add(table: Table, options: Namespace) -> str:
    """Adds a record."""
    record = table.add(complete(table.entity, given(table.entity, options)))
    return f"added {table.entity.name} {record['id']}"


def run_edit(table: Table, options: Namespace) -> str:
    """Changes a record."""
    record = table.edit(options.id, given(table.entity, options))
    return f"changed {table.entity.name} {record['id']}"


def run_remove(table: Table, options: Namespace) -> str:
    """Deletes a record."""
    table.remove(options.id)
    return f"removed {table.entity.name} {options.id}"


def run_show(table: Table, options: Namespace) -> str:
    """Shows a record, one value per line."""
    record = table.get(options.id)
    return "\\n".join(f"{name}: {'' if value is None else value}" for name, value in record.items())


def run_list(table: Table, options: Namespace) -> str:
    """Shows the records that are asked for."""
    if options.limit < 1 or options.offset < 0:
        raise InputError("limit is at least 1, offset at least 0")
    query = Query(
        search=options.search,
        equal=given(table.entity, options),
        sort=options.sort,
        descending=options.descending,
        limit=options.limit,
        offset=options.offset,
    )
    return render(table.find(query), columns_of(table.entity), options.form)


def run_import(table: Table, options: Namespace) -> str:
    """Adds the records of a CSV file, all of them or none."""
    with options.source.open(newline="", encoding="utf-8") as handle:
        rows = [read_row(table.entity, number, row) for number, row in enumerate(csv.DictReader(handle), 2)]
    added: list[int] = []
    try:
        for number, values in enumerate(rows, 2):
            added.append(add_line(table, number, values))
    except ToolError:
        for record_id in reversed(added):
            table.remove(record_id)
        raise
    return f"added {len(added)} {table.entity.plural}"


def read_row(entity: Entity, number: int, row: dict[str, str]) -> dict[str, Any]:
    """The values of one line; the number of the line is part of every problem."""
    try:
        named = {name: text for name, text in row.items() if name != "id"}
        values = {name: entity.field(name).parse(text or "") for name, text in named.items()}
        return complete(entity, values)
    except InputError as error:
        raise InputError(f"line {number}: {error}") from error


def add_line(table: Table, number: int, values: dict[str, Any]) -> int:
    """Adds one line of a file."""
    try:
        return int(table.add(values)["id"])
    except ToolError as error:
        raise InputError(f"line {number}: {error}") from error


def add_commands(parsers: "_SubParsersAction[ArgumentParser]", entity: Entity) -> None:
    """The commands of an entity, below its name."""
    name = entity.name.replace(" ", "-")
    below = parsers.add_parser(name, help=f"work with {entity.plural}").add_subparsers(
        dest="command", required=True
    )
    add_change_commands(below, entity)
    add_list_command(below, entity)
    show = below.add_parser("show", help=f"show one {entity.name}")
    show.add_argument("id", type=int)
    show.set_defaults(run=run_show)
    remove = below.add_parser("remove", help=f"delete one {entity.name}")
    remove.add_argument("id", type=int)
    remove.set_defaults(run=run_remove)
    load = below.add_parser("import", help=f"add {entity.plural} from a CSV file; all or none")
    load.add_argument("source", type=Path, metavar="file")
    load.set_defaults(run=run_import)
`);
}

export function cliFile(pkg: string, program: string, title: string): string {
  return fileText(`
"""The command line."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ${pkg}.commands import add_commands
from ${pkg}.entities import ENTITIES
from ${pkg}.errors import ToolError
from ${pkg}.store import Table, open_store


def default_path() -> Path:
    """Where records are kept unless the command line or the environment says otherwise."""
    return Path(os.environ.get("${pkg.toUpperCase()}_FILE") or Path.home() / ".${program}.db")


def build_parser() -> argparse.ArgumentParser:
    """The options and commands of the program."""
    parser = argparse.ArgumentParser(prog="${program}", description="${title}")
    parser.add_argument("--file", type=Path, default=None, help="the file that keeps the records")
    parsers = parser.add_subparsers(dest="entity", required=True)
    for entity in ENTITIES.values():
        add_commands(parsers, entity)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code: 0 done, 1 refused, 2 wrong usage."""
    options = build_parser().parse_args(argv)
    path = options.file or default_path()
    try:
        with closing(open_store(path, ENTITIES.values())) as connection:
            print(options.run(Table(connection, ENTITIES[options.entity]), options))
        return 0
    except (ToolError, OSError, sqlite3.DatabaseError) as error:
        print(f"${program}: {error}", file=sys.stderr)
        return 1
`);
}

export function mainFile(pkg: string): string {
  return fileText(`
"""Makes \`python -m ${pkg}\` work."""

from ${pkg}.cli import main

raise SystemExit(main())
`);
}
