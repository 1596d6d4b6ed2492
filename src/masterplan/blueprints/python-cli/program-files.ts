/** Modules of the program itself: commands, command line, start. */
import { fileText } from '../layout.ts';

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
