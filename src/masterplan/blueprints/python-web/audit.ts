/** The audit trail: who made and changed a record, and an entry for every change, whatever the web framework. */
import type { ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { has } from './feature-parts.ts';

/** Whether the records of a project's entities say who made and changed them. */
export function isAudited(project: ProjectModel): boolean {
  return has(project, 'audit');
}

export function auditModelFile(): string {
  return fileText(`
"""The table of the audit trail, and what audited records say of themselves."""

import enum

from sqlalchemy import JSON, Column, Index, Integer, String

from app.models.base import Base, UtcDateTime, enum_type, utc_now


class Audited:
    """Mixin: who made a record and who changed it last, by e-mail; None for nobody."""

    created_by = Column(String(254), nullable=True)
    updated_by = Column(String(254), nullable=True)


class AuditAction(str, enum.Enum):
    """What was done to a record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RESTORE = "restore"


class AuditEntry(Base):
    """One change of one record. Entries are written once and never changed."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_record", "entity", "record_id"),)

    id = Column(Integer, primary_key=True)
    #: The kind of the record, as paths name it.
    entity = Column(String(60), nullable=False)
    record_id = Column(Integer, nullable=False)
    action = Column(enum_type(AuditAction), nullable=False)
    #: Field names with the values before and after.
    changes = Column(JSON, nullable=False)
    actor = Column(String(254), nullable=True)
    created_at = Column(UtcDateTime, nullable=False, default=utc_now)

    @property
    def label(self) -> str:
        """A short name for people."""
        return f"{self.action.value} {self.entity} {self.record_id}"
`);
}

export function auditTrailFile(project: ProjectModel): string {
  const trash = has(project, 'soft_delete');
  const update = trash
    ? `

def update_action(changes: dict[str, Any]) -> AuditAction:
    """Into the trash is a deletion, out of it a restoration; other changes are updates."""
    if "deleted_at" not in changes:
        return AuditAction.UPDATE
    return AuditAction.DELETE if changes["deleted_at"][1] else AuditAction.RESTORE
`
    : '';
  return fileText(`
"""The audit trail: sessions note every change of a record in the transaction that makes it."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, sessionmaker

from app.models.audit import AuditAction, Audited, AuditEntry
from app.models.kinds import collection_of
from app.session_info import info_of

#: Where a session keeps the e-mail of the account that it works for.
ACTOR = "actor"
#: Every change touches these; what they say is in the entry itself.
UNTRACKED = {"id", "created_at", "updated_at", "created_by", "updated_by"}

Changes = dict[str, list[Any]]


def keep_trail(sessions: sessionmaker) -> None:
    """Makes all sessions write the trail."""
    event.listen(sessions, "before_flush", sign_records)
    event.listen(sessions, "after_flush", write_entries)


def sign_records(session: Session, _context: Any, _instances: Any) -> None:
    """Names who makes and changes records."""
    actor = info_of(session).get(ACTOR)
    for record in audited(session.new):
        record.created_by = record.updated_by = actor
    for record in audited(session.dirty):
        if session.is_modified(record):
            record.updated_by = actor


def write_entries(session: Session, _context: Any) -> None:
    """Stores one entry for each record that a flush has made, changed or deleted."""
    entries = [entry_of(record, AuditAction.CREATE, first_values(record)) for record in audited(session.new)]
    for record in audited(session.dirty):
        if changes := changed_values(record):
            entries.append(entry_of(record, ${trash ? 'update_action(changes)' : 'AuditAction.UPDATE'}, changes))
    entries += [entry_of(record, AuditAction.DELETE, last_values(record)) for record in audited(session.deleted)]
    if entries:
        actor = info_of(session).get(ACTOR)
        rows = [{**entry, "actor": actor} for entry in entries]
        session.execute(AuditEntry.__table__.insert(), rows)


def audited(records: Any) -> list[Any]:
    """Those of the records whose changes are noted."""
    return [record for record in records if isinstance(record, Audited)]


def entry_of(record: Any, action: AuditAction, changes: Changes) -> dict[str, Any]:
    """An entry as a row, without its actor."""
    entity = collection_of(record)
    return {"entity": entity, "record_id": record.id, "action": action, "changes": changes}

${update}
def state_of(record: Any) -> Any:
    """What SQLAlchemy knows of a record."""
    return inspect(record)


def first_values(record: Any) -> Changes:
    """What a new record holds."""
    return {name: [None, value] for name, value in current_values(record).items()}


def last_values(record: Any) -> Changes:
    """What a deleted record held."""
    return {name: [value, None] for name, value in current_values(record).items()}


def current_values(record: Any) -> dict[str, Any]:
    """The fields of a record that are not empty, as far as they are loaded."""
    held = state_of(record).dict
    values = {name: plain(held.get(name)) for name in tracked_names(record)}
    return {name: value for name, value in values.items() if value not in (None, [])}


def changed_values(record: Any) -> Changes:
    """The fields of a record that differ from what is stored, before and after."""
    changes = {}
    for name in tracked_names(record):
        added, kept, removed = state_of(record).attrs[name].history
        if added or removed:
            is_list = name in linked_names(record)
            changes[name] = [one_side([*kept, *removed], is_list), one_side([*kept, *added], is_list)]
    return changes


def one_side(values: list[Any], is_list: bool) -> Any:
    """What a field held before a change, or holds after it."""
    if is_list:
        return plain(values)
    return plain(values[0]) if values else None


def tracked_names(record: Any) -> list[str]:
    """The fields of a record, and its links with many others."""
    columns = [attribute.key for attribute in state_of(record).mapper.column_attrs]
    return [name for name in columns if name not in UNTRACKED] + linked_names(record)


def linked_names(record: Any) -> list[str]:
    """The attributes that hold linked records."""
    return [link.key for link in state_of(record).mapper.relationships if link.uselist]


def plain(value: Any) -> Any:
    """A value as JSON can hold it; linked records as their ids."""
    if isinstance(value, list):
        return sorted(record.id for record in value)
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else value
`);
}

export function auditSchemaFile(): string {
  return fileText(`
"""What clients get for the audit trail."""

import datetime as dt
from typing import Any

from pydantic import BaseModel

from app.models.audit import AuditAction, AuditEntry


class AuditEntryRead(BaseModel):
    """One change of one record."""

    id: int
    label: str
    entity: str
    record_id: int
    action: AuditAction
    changes: dict[str, list[Any]]
    actor: str | None
    created_at: dt.datetime

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryRead":
        """The answer for a stored entry."""
        return cls(
            id=entry.id,
            label=entry.label,
            entity=entry.entity,
            record_id=entry.record_id,
            action=entry.action,
            changes=entry.changes,
            actor=entry.actor,
            created_at=entry.created_at,
        )


class AuditEntryPage(BaseModel):
    """Part of the trail, and how many entries there are in all."""

    items: list[AuditEntryRead]
    total: int
    limit: int
    offset: int
`);
}

export function auditRepositoryFile(): string {
  return fileText(`
"""Reading the audit trail."""

from dataclasses import dataclass
from typing import Any

from app.models.audit import AuditAction, AuditEntry
from app.pagination import PageRequest
from app.repositories.base import Repository


@dataclass(frozen=True)
class AuditFilters:
    """Which entries a list shows; None means any."""

    entity: str | None = None
    record_id: int | None = None
    action: AuditAction | None = None


class AuditRepository(Repository[AuditEntry]):
    """Access to the table of the audit trail."""

    model = AuditEntry

    def find(self, filters: AuditFilters, page: PageRequest) -> tuple[list[AuditEntry], int]:
        """One page of the entries that pass the filters, newest first, and how many pass in all."""
        return self.page(self.conditions(filters), page)

    def conditions(self, filters: AuditFilters) -> list[Any]:
        """The filters as conditions of a query."""
        return self.matching(
            entity=filters.entity, record_id=filters.record_id, action=filters.action
        )
`);
}
