/** Imports of many records: what they need is looked up at once, and they are stored at once. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { hasLinks } from './many.ts';

/** `backend/app/services/csv_cells.py`. */
export function csvCellsFile(): string {
  return fileText(`
"""Texts that a spreadsheet would run as formulas, and how they are told from formulas."""

import re

#: What begins a formula, and what begins it once it is marked, however often.
FORMULA = re.compile(r"'*[=+\\-@\\t\\r]")


def marked(text: str) -> str:
    """A text as a cell: with a mark before it where a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) else text


def unmarked(cell: str) -> str:
    """The text of a cell, without the mark that an export has given it."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
`);
}

/** `backend/app/services/csv_storing.py`. */
export function csvStoringFile(project: ProjectModel): string {
  const ids = hasLinks(project)
    ? `    lists = [value if isinstance(value, list) else [value] for value in values]
    return {record_id for ids in lists for record_id in ids}`
    : '    return set(values)';
  return fileText(`
"""Storing the lines of a file: what they need is looked up for all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.errors import AppError, ConflictError, InvalidLinesError
from app.schemas.base import values_of
from app.services.base import Service

Problem = dict[str, str]


@dataclass(frozen=True)
class Line:
    """A line of the file, counted from 1, and what it holds."""

    number: int
    payload: BaseModel


def store_lines(service: Service[Any], lines: Sequence[Line]) -> None:
    """Adds a record for each line, to be committed; raises where lines do not fit."""
    # Held until the end: the session forgets what nobody holds, and would read it for each line.
    referred = read_referred(service, lines)
    taken = {name: taken_values(service, lines, name) for name in service.unique}
    records: list[Any] = []
    problems: list[Problem] = []
    for line in lines:
        try:
            records.append(record_of(service, line, taken))
        except AppError as error:
            problems.append(problem_at(line.number, error.field, error.detail))
        if len(problems) == InvalidLinesError.max_problems:
            break
    if problems:
        raise InvalidLinesError(problems)
    service.records.add_all(records)
    referred.clear()


def read_referred(service: Service[Any], lines: Sequence[Line]) -> list[Any]:
    """The records that the lines refer to."""
    return [
        record
        for field, records in service.references().items()
        for record in records.of_ids(sorted(ids_in(lines, field)))
    ]


def ids_in(lines: Sequence[Line], field: str) -> set[int]:
    """The ids that a field has in the lines."""
    values = [value for value in values_in(lines, field) if value is not None]
${ids}


def values_in(lines: Sequence[Line], field: str) -> list[Any]:
    """What a field has in each line."""
    return [getattr(line.payload, field) for line in lines]


def taken_values(service: Service[Any], lines: Sequence[Line], name: str) -> set[Any]:
    """The values of a unique field that stored records have."""
    values = [value for value in values_in(lines, name) if value is not None]
    return service.records.values_among(name, values)


def record_of(service: Service[Any], line: Line, taken: dict[str, set[Any]]) -> Any:
    """The record of a line, not stored yet; its unique values are taken from then on."""
    values = values_of(line.payload)
    for name, seen in taken.items():
        if values[name] in seen:
            raise ConflictError(f"Another {service.noun} has this value.", name)
        if values[name] is not None:
            seen.add(values[name])
    return service.build(values)


def problem_at(number: int, field: Any, message: str) -> Problem:
    """What is wrong with a line, or with one of its fields."""
    return {"field": f"line {number}: {field}" if field else f"line {number}", "message": message}
`);
}
