/** What the modules of each backend layer build on: tables, repositories, schemas and services. */
import { fileText } from '../layout.ts';

const BY_LABEL = `def by_label(records: Iterable[Any]) -> list[Any]:
    """Records in the order in which people look for them."""
    return sorted(records, key=lambda record: (record.label, record.id))


`;

/** `app/models/base.py`; `links`: whether there are relations of many with many. */
export function modelBaseFile(links: boolean): string {
  return fileText(`
"""What all tables share."""

import datetime as dt
import enum
${links ? 'from collections.abc import Iterable\n' : ''}from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, DateTime, Enum, Integer
from sqlalchemy.orm import registry
from sqlalchemy.orm.decl_api import DeclarativeMeta
from sqlalchemy.types import TypeDecorator

mapper_registry = registry()


class Base(metaclass=DeclarativeMeta):
    """All tables, with what SQLAlchemy 1.4 and type checkers need to know of them."""

    __abstract__ = True

    registry = mapper_registry
    metadata = mapper_registry.metadata

    if TYPE_CHECKING:
        __table__: ClassVar[Any]

        def __init__(self, **values: Any) -> None:
            """A record with these values; SQLAlchemy gives it its constructor."""

    else:
        __init__ = mapper_registry.constructor


def utc_now() -> dt.datetime:
    """The current time, aware of its zone."""
    return dt.datetime.now(dt.timezone.utc)


${links ? BY_LABEL : ''}def enum_type(enum_class: type[enum.Enum]) -> Enum:
    """A column type that stores the values of an enum as text, not the names of its members."""
    values = [member.value for member in enum_class]
    return Enum(enum_class, native_enum=False, length=50, values_callable=lambda _: values)


class UtcDateTime(TypeDecorator):
    """Stores instants in UTC without a zone, as every database can; gives them back aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """To the database; a time without a zone counts as UTC."""
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(dt.timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """From the database."""
        return None if value is None else value.replace(tzinfo=dt.timezone.utc)


class Record:
    """Mixin: the identity of a record and when it was made and last changed."""

    id = Column(Integer, primary_key=True)
    created_at = Column(UtcDateTime, nullable=False, default=utc_now)
    updated_at = Column(UtcDateTime, nullable=False, default=utc_now, onupdate=utc_now)
`);
}

const OF_IDS = `    def of_ids(self, ids: Iterable[int]) -> list[RecordType]:
        """The records of the ids that there are; what the session knows is not read again."""
        found = {record_id: self.known(record_id) for record_id in ids}
        unknown = [record_id for record_id, record in found.items() if record is None]
        for some in chunks(unknown):
            statement = select(self.model).where(self.model.id.in_(some))
            found.update((record.id, record) for record in self.session.scalars(statement))
        return [record for record in found.values() if self.is_there(record)]

    def known(self, record_id: int) -> Any:
        """The record of an id if the session holds it."""
        held: Any = self.session.identity_map
        return held.get(identity_key(self.model, record_id))

    def is_there(self, record: Any) -> bool:
        """Hook: whether a record was found and others may refer to it."""
        return record is not None

`;

const BULK = `    def values_among(self, name: str, values: Sequence[Any]) -> set[Any]:
        """Those of the values that a column holds already."""
        column = getattr(self.model, name)
        found: set[Any] = set()
        for some in chunks(values):
            found.update(self.session.scalars(select(column).where(column.in_(some))))
        return found

    def add_all(self, records: Sequence[RecordType]) -> None:
        """Stores new records at once."""
        self.session.add_all(records)
        self.session.flush()

`;

const CHUNKS = `

def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Values in parts that one query can name."""
    for start in range(0, len(values), NAMED_AT_ONCE):
        yield values[start : start + NAMED_AT_ONCE]
`;

/** `app/repositories/base.py`; `refers`: whether records refer to others; `csv`: whether they are imported. */
export function repositoryBaseFile(refers: boolean, csv: boolean): string {
  const chunks = refers || csv;
  const collections = [...(refers ? ['Iterable'] : []), ...(chunks ? ['Iterator'] : []), 'Sequence'];
  return fileText(`
"""Reading and writing the records of one table."""

from collections.abc import ${collections.join(', ')}
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session
${refers ? 'from sqlalchemy.orm.util import identity_key\n' : ''}
from app.errors import InvalidInputError
from app.pagination import PageRequest

RecordType = TypeVar("RecordType")
${chunks ? '#: How many values a query may name.\nNAMED_AT_ONCE = 500\n' : ''}

class Repository(Generic[RecordType]):
    """Access to one table. The caller decides when to commit."""

    #: The class of the records. Its columns are known to SQLAlchemy only.
    model: Any
    #: What the records can be sorted by.
    sortable: tuple[str, ...] = ("id", "created_at", "updated_at")

    def __init__(self, session: Session) -> None:
        self.session = session

    def conditions(self, filters: Any) -> list[Any]:
        """Hook: the filters of this kind of record as conditions of a query."""
        raise NotImplementedError(f"{type(self).__name__} has no filters for {filters!r}")

    def get(self, record_id: int) -> RecordType | None:
        """The record of an id, or None."""
        return cast(RecordType | None, self.session.get(self.model, record_id))

${refers ? OF_IDS : ''}${csv ? BULK : ''}    def count(self, *conditions: Any) -> int:
        """How many records meet all conditions."""
        statement = select(func.count()).select_from(self.model).where(*conditions)
        return self.session.scalar(statement)

    def page(self, conditions: Sequence[Any], page: PageRequest) -> tuple[list[RecordType], int]:
        """One page of the records that meet all conditions, and the count of all."""
        statement = select(self.model).where(*conditions).order_by(*self.order(page.sort))
        records = self.session.scalars(statement.limit(page.limit).offset(page.offset))
        return list(records), self.count(*conditions)

    def order(self, sort: str) -> list[Any]:
        """What to sort by: records without a value come last, the newest of equal ones first."""
        name = sort.removeprefix("-")
        if name not in self.sortable:
            raise InvalidInputError(f"Sorting is by {', '.join(self.sortable)}.", "sort")
        column = getattr(self.model, name)
        wanted = column.desc() if sort.startswith("-") else column.asc()
        newest = self.model.id.desc()
        return [wanted] if name == "id" else [column.is_(None), wanted, newest]

    def add(self, record: RecordType) -> RecordType:
        """Stores a new record and gives it its id."""
        self.session.add(record)
        self.session.flush()
        return record

    def delete(self, record: RecordType) -> None:
        """Removes a record."""
        self.session.delete(record)
        self.session.flush()

    def matching(self, **values: Any) -> list[Any]:
        """Conditions for the columns that have a value; None means any."""
        wanted = {name: value for name, value in values.items() if value is not None}
        return [getattr(self.model, name) == value for name, value in wanted.items()]


def contains(column: Any, term: str) -> Any:
    """Condition: the column holds the term, whatever its case."""
    return func.lower(column).contains(term.lower(), autoescape=True)
${chunks ? CHUNKS : ''}`);
}

const ALL_OF = `
    @classmethod
    def all_of(cls, records: Iterable[Any]) -> "list[Reference]":
        """References to stored records, in the order of their labels."""
        return [cls.of(record) for record in by_label(records)]
`;

const FIELDS_OF = `

def fields_of(schema: type[BaseModel]) -> dict[str, Any]:
    """The fields of a schema by name, with pydantic 1 as with pydantic 2."""
    return getattr(schema, "model_fields", None) or schema.__fields__
`;

/** `app/schemas/base.py`; `links`: whether there are relations of many with many; `csv`: whether records are imported. */
export function schemaBaseFile(lengths: readonly number[], links: boolean, csv: boolean): string {
  const names = lengths.map((length) => `Text${length}`);
  const aliases = lengths
    .map((length) => `    Text${length} = constr(strip_whitespace=True, min_length=1, max_length=${length})`)
    .join('\n');
  return fileText(`
"""What the schemas share."""

${links ? 'from collections.abc import Iterable\n' : ''}from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ${links ? 'conint, ' : ''}constr
${links ? '\nfrom app.models.base import by_label\nfrom app.pagination import MAX_INTEGER\n' : ''}
if TYPE_CHECKING:${links ? '\n    RecordId = int' : ''}
${names.map((name) => `    ${name} = str`).join('\n')}
else:${links ? '\n    RecordId = conint(ge=1, le=MAX_INTEGER)' : ''}
${aliases}


class Reference(BaseModel):
    """A record that another one refers to: its id and a short name for people."""

    id: int
    label: str

    @classmethod
    def of(cls, record: Any) -> "Reference":
        """The reference to a stored record."""
        return cls(id=record.id, label=record.label)

    @classmethod
    def if_any(cls, record: Any) -> "Reference | None":
        """The reference to a stored record, or None where there is none."""
        return None if record is None else cls.of(record)
${links ? ALL_OF : ''}

def values_of(payload: BaseModel, **options: Any) -> dict[str, Any]:
    """The fields of a payload by name, with pydantic 1 as with pydantic 2."""
    dump = getattr(payload, "model_dump", None) or payload.dict
    return dump(**options)


def changes_of(payload: BaseModel) -> dict[str, Any]:
    """Only the fields that the client has sent."""
    return values_of(payload, exclude_unset=True)
${csv ? FIELDS_OF : ''}`);
}

const REFERENCES = `
    def references(self) -> dict[str, Repository[Any]]:
        """Hook: where to find what the fields of a record refer to."""
        return {}
`;

const CHECK_EXISTS = `

def check_exists(records: Repository[Any], field: str, record_id: int | None) -> None:
    """Raises where a field refers to a record that is not there."""
    if record_id is not None and not records.of_ids([record_id]):
        raise InvalidInputError(f"There is no record with id {record_id}.", field)
`;

/** `app/services/base.py`; `refers`: whether records refer to others; `csv`: whether they are imported. */
export function serviceBaseFile(refers: boolean, csv: boolean): string {
  return fileText(`
"""The rules that hold for every kind of record."""

import datetime as dt
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.pagination import PageRequest
from app.repositories.base import Repository
from app.schemas.base import changes_of, values_of

RecordType = TypeVar("RecordType")


class Service(Generic[RecordType]):
    """Finds, creates, changes and deletes records of one kind; each change is one transaction."""

    #: What people call such a record.
    noun: str
    #: Fields that must have a value.
    required: tuple[str, ...] = ()
    #: Fields of which no two records have the same value.
    unique: tuple[str, ...] = ()

    def __init__(self, session: Session, records: Repository[RecordType]) -> None:
        self.session = session
        self.records = records

    def find(self, filters: Any, page: PageRequest) -> tuple[list[RecordType], int]:
        """One page of the records that pass the filters, and how many pass in all."""
        return self.records.page(self.records.conditions(filters), page)

    def get(self, record_id: int) -> RecordType:
        """The record of an id; raises NotFoundError where there is none."""
        record = self.records.get(record_id)
        if record is None:
            raise NotFoundError(f"There is no {self.noun} with id {record_id}.")
        return record

    def fresh(self, record: RecordType) -> RecordType:
        """The record with what it refers to, as stored."""
        self.session.refresh(record)
        return record

    def current_values(self, record: RecordType, payload: BaseModel) -> dict[str, Any]:
        """What the record holds in the fields that a payload of this kind may name."""
        return {name: getattr(record, name) for name in values_of(payload)}

    def resolve(self, values: dict[str, Any]) -> dict[str, Any]:
        """Hook: the values of a payload as the record takes them."""
        return values
${csv ? REFERENCES : ''}
    def check(self, values: dict[str, Any]) -> None:
        """Hook: raises where the values of a record do not fit together."""

    def check_delete(self, record: RecordType) -> None:
        """Hook: raises where a record must stay."""

    def check_required(self, changes: dict[str, Any]) -> None:
        """A required field may be left out of a change, but not emptied."""
        for name in self.required:
            if name in changes and changes[name] is None:
                raise InvalidInputError("This field must have a value.", name)

    def is_taken(self, name: str, value: Any, own_id: int | None) -> bool:
        """Whether a record other than \`own_id\` holds the value."""
        conditions = self.records.matching(**{name: value})
        if own_id is not None:
            conditions.append(self.records.model.id != own_id)
        return self.records.count(*conditions) > 0

    def check_unique(self, values: dict[str, Any], own_id: int | None) -> None:
        """No other record may have the value of a unique field."""
        for name in self.unique:
            if values.get(name) is not None and self.is_taken(name, values[name], own_id):
                raise ConflictError(f"Another {self.noun} has this value.", name)

    def build(self, values: dict[str, Any]) -> RecordType:
        """A record that is not stored yet; raises where its values do not fit together."""
        self.check(values)
        return self.records.model(**self.resolve(values))

    def insert(self, payload: BaseModel) -> RecordType:
        """Adds a new record, to be committed by the caller."""
        values = values_of(payload)
        check_storable(values)
        self.check_unique(values, None)
        return self.records.add(self.build(values))

    def create(self, payload: BaseModel) -> RecordType:
        """Stores a new record."""
        record = self.insert(payload)
        self.session.commit()
        return self.fresh(record)

    def update(self, record_id: int, payload: BaseModel) -> RecordType:
        """Changes the fields that the payload names."""
        record = self.get(record_id)
        changes = changes_of(payload)
        self.check_required(changes)
        check_storable(changes)
        self.check_unique(changes, record_id)
        self.check({**self.current_values(record, payload), **changes})
        for name, value in self.resolve(changes).items():
            setattr(record, name, value)
        self.session.commit()
        return self.fresh(record)

    def delete(self, record_id: int) -> None:
        """Deletes a record that nothing needs."""
        self.remove(self.get(record_id))
        self.session.commit()

    def remove(self, record: RecordType) -> None:
        """Removes a record, and what goes with it, unless something needs it."""
        self.check_delete(record)
        self.records.delete(record)


def check_storable(values: dict[str, Any]) -> None:
    """Raises where a database cannot keep a value that JSON can carry."""
    for name, value in values.items():
        if isinstance(value, str) and not is_plain_text(value):
            raise InvalidInputError("This text has characters that cannot be stored.", name)
        if isinstance(value, dt.datetime) and not is_in_range(value):
            raise InvalidInputError("This time is out of range.", name)


def is_plain_text(text: str) -> bool:
    """Whether a text is without NUL and without halves of characters."""
    return not any(char == "\\0" or "\\ud800" <= char <= "\\udfff" for char in text)


def is_in_range(moment: dt.datetime) -> bool:
    """Whether the calendar still has a time once it is in UTC."""
    try:
        return moment.tzinfo is None or bool(moment.astimezone(dt.timezone.utc))
    except OverflowError:
        return False
${refers ? CHECK_EXISTS : ''}

def check_order(values: dict[str, Any], earlier: str, later: str) -> None:
    """Raises where the later of two times lies before the earlier one."""
    first, second = comparable(values.get(earlier)), comparable(values.get(later))
    if first is not None and second is not None and second < first:
        raise InvalidInputError(f"This must not be before {earlier.replace('_', ' ')}.", later)


def comparable(value: Any) -> Any:
    """Times without a zone count as UTC; dates stay as they are."""
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=dt.timezone.utc)
    return value


def check_unused(count: int, noun: str, plural: str) -> None:
    """Raises where other records still refer to the one to delete."""
    if count > 0:
        raise ConflictError(f"Still used by {count} {noun if count == 1 else plural}.")
`);
}
