/** `csv` in a Python back end: records to CSV and back, whatever the web framework. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from './feature-parts.ts';
import { hasLinks } from './many.ts';

/** Whether records can be imported and exported. */
export function takesCsv(project: ProjectModel): boolean {
  return has(project, 'csv');
}

/** `backend/app/services/csv_export.py`. */
export function csvExportFile(project: ProjectModel): string {
  const lists = hasLinks(project)
    ? `
    if isinstance(value, list):
        return " ".join(map(str, value))`
    : '';
  return fileText(`
"""Records as CSV."""

import csv
import datetime as dt
import enum
import io
from typing import Any

from pydantic import BaseModel

from app.pagination import MAX_INTEGER, PageRequest
from app.schemas.base import fields_of
from app.services.base import Service
from app.services.csv_cells import marked


def export_csv(service: Service[Any], schema: type[BaseModel], filters: Any, sort: str) -> str:
    """All records that pass the filters: a line of names, then one line for each."""
    records, _ = service.find(filters, PageRequest(limit=MAX_INTEGER, sort=sort))
    names = ["id", *fields_of(schema)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([cell_of(getattr(record, name)) for name in names] for record in records)
    return text.getvalue()


def cell_of(value: Any) -> str:
    """A value as an import would read it; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()${lists}
    return marked(value) if isinstance(value, str) else str(value)
`);
}

/** `backend/app/services/csv_import.py`. */
export function csvImportFile(project: ProjectModel): string {
  const links = hasLinks(project);
  const values = links
    ? `
    fields = fields_of(schema)
    values = {name: value_of(fields[name], cell) for name, cell in cells.items() if cell}
    return checked(schema(**values))


def value_of(field: Any, cell: str) -> str | list[str]:
    """The text of a cell; fields that hold lists take its words."""
    return cell.split() if isinstance(field.default, list) else cell`
    : `
    return checked(schema(**{name: cell for name, cell in cells.items() if cell}))`;
  return fileText(`
"""Storing records from CSV: all lines or none."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from app.errors import InvalidInputError, InvalidLinesError
from app.schemas.base import fields_of, values_of
from app.services.base import Service, check_storable
from app.services.csv_cells import unmarked
from app.services.csv_storing import Line, Problem, problem_at, store_lines

MAX_BYTES = 5_000_000
MAX_LINES = 10_000


def import_csv(service: Service[Any], schema: type[BaseModel], data: bytes) -> int:
    """Stores a record for each line and counts them; one wrong line, and nothing is stored."""
    lines = read_lines(schema, text_of(data))
    store_lines(service, lines)
    service.session.commit()
    return len(lines)


def text_of(data: bytes) -> str:
    """The text of a file, without the mark that spreadsheets put at its start."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInputError("The file is not UTF-8 text.") from None


def read_lines(schema: type[BaseModel], text: str) -> list[Line]:
    """The lines of a file as payloads; raises InvalidLinesError with everything that is wrong."""
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, cells in numbered_cells(schema, text):
        try:
            lines.append(Line(number, payload_of(schema, cells)))
        except ValidationError as error:
            problems += [problem_at(number, one["loc"][0], one["msg"]) for one in error.errors()]
        except InvalidInputError as error:
            problems.append(problem_at(number, error.field, error.detail))
    if problems:
        raise InvalidLinesError(problems)
    return lines


def numbered_cells(schema: type[BaseModel], text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The cells of each line by the names of the first one."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(reader, [])
        check_names(names, list(fields_of(schema)))
        for count, cells in enumerate(filter(None, reader), start=1):
            if count > MAX_LINES:
                raise InvalidInputError(f"At most {MAX_LINES} lines can be imported.")
            check_width(reader.line_num, names, cells)
            yield reader.line_num, dict(zip(names, map(unmarked, cells)))
    except csv.Error as error:
        raise InvalidLinesError([problem_at(reader.line_num, None, str(error))]) from None


def check_names(names: Sequence[str], known: Sequence[str]) -> None:
    """The first line may name fields in any order, each once."""
    problems = [problem_at(1, name, "No such field.") for name in names if name not in known]
    counts = Counter(names)
    problems += [problem_at(1, name, "Named twice.") for name in counts if counts[name] > 1]
    if problems or not names:
        raise InvalidLinesError(problems or [problem_at(1, None, "The file is empty.")])


def check_width(number: int, names: Sequence[str], cells: Sequence[str]) -> None:
    """A line has as many cells as there are names."""
    if len(cells) != len(names):
        message = f"{len(names)} cells are expected, not {len(cells)}."
        raise InvalidLinesError([problem_at(number, None, message)])


def payload_of(schema: type[BaseModel], cells: dict[str, str]) -> BaseModel:
    """A line as a payload; empty cells are left out, so that defaults hold."""${values}


def checked(payload: BaseModel) -> BaseModel:
    """A payload whose values a database can keep."""
    check_storable(values_of(payload))
    return payload
`);
}
