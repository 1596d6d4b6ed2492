/** Modules that keep records and show them. */
import { fileText } from '../layout.ts';

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
