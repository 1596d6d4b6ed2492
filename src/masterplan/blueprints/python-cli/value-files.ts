/** What records are made of, and the errors that people are told about: modules that know no storage. */
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
