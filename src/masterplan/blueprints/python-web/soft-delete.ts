/** `soft_delete` in a Python back end: deleted records are kept in the trash, out of sight, until they are restored. */
import { fileText, joined } from '../layout.ts';
import {
  type DeleteRule,
  entityNamed,
  type EntityModel,
  type InverseRelation,
  inverseRelations,
  type ProjectModel,
} from '../model.ts';
import { has } from './feature-parts.ts';

/** Whether the records of a project's entities are kept when they are deleted. */
export function keepsDeleted(project: ProjectModel): boolean {
  return has(project, 'soft_delete');
}

/** `backend/app/models/trash.py`. */
export function trashModelFile(links: boolean): string {
  const kept = `

def kept(target: str, column: Column) -> str:
    """The join of links with the records of a class that are not deleted."""
    ids = f"{column.table.name}.c.{column.name}"
    return f"and_({target}.id == {ids}, {target}.deleted_at.is_(None))"
`;
  return fileText(`
"""Records that are kept when they are deleted."""

from sqlalchemy import Column

from app.models.base import UtcDateTime


class Trashable:
    """Mixin: when the record was deleted; None while it is not."""

    deleted_at = Column(UtcDateTime, nullable=True, index=True)
${links ? kept : ''}`);
}

/** `backend/app/repositories/trash.py`. */
export function trashRepositoryFile(refers: boolean): string {
  const isThere = `
    def is_there(self, record: Any) -> bool:
        """Whether a record was found and others may refer to it: not where it is deleted."""
        return record is not None and record.deleted_at is None
`;
  return fileText(`
"""Access to tables whose deleted records are kept."""

from typing import Any, TypeVar

from sqlalchemy import select

from app.repositories.base import Repository

RecordType = TypeVar("RecordType")


class TrashRepository(Repository[RecordType]):
    """Access to one table. What is deleted is found only where it is asked for."""

    def is_deleted(self, wanted: bool | None) -> Any:
        """Condition: the record is deleted, or is not."""
        deleted_at = self.model.deleted_at
        return deleted_at.is_not(None) if wanted else deleted_at.is_(None)

    def get(self, record_id: int) -> RecordType | None:
        """The record of an id, or None where there is none or it is deleted."""
        return self.one(record_id, deleted=False)

    def get_deleted(self, record_id: int) -> RecordType | None:
        """The deleted record of an id, or None."""
        return self.one(record_id, deleted=True)

    def one(self, record_id: int, deleted: bool) -> RecordType | None:
        """The record of an id, if it is as deleted as is asked."""
        conditions = [self.model.id == record_id, self.is_deleted(deleted)]
        return self.session.scalars(select(self.model).where(*conditions)).first()

    def kept(self, *conditions: Any) -> list[RecordType]:
        """The records that meet all conditions and are not deleted."""
        statement = select(self.model).where(*conditions, self.is_deleted(False))
        return list(self.session.scalars(statement))

    def count_kept(self, *conditions: Any) -> int:
        """How many records meet all conditions and are not deleted."""
        return self.count(*conditions, self.is_deleted(False))

    def forget(self, name: str, record_id: int) -> None:
        """Empties a reference to a record, in deleted records too."""
        statement = select(self.model).where(getattr(self.model, name) == record_id)
        for record in self.session.scalars(statement):
            setattr(record, name, None)
${refers ? isThere : ''}`);
}

/** `backend/app/services/trash.py`. */
export function trashServiceFile(): string {
  return fileText(`
"""Deleting records so that they can be restored."""

import datetime as dt
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models.base import utc_now
from app.repositories.base import Repository
from app.repositories.trash import TrashRepository
from app.services.base import Service

RecordType = TypeVar("RecordType")


class TrashService(Service[RecordType]):
    """Keeps the records that it deletes, out of sight, until they are restored."""

    def __init__(self, session: Session, records: TrashRepository[RecordType]) -> None:
        super().__init__(session, records)
        self.trash = records

    def remove(self, record: Any) -> None:
        """Marks a record as deleted, and what goes with it."""
        self.discard(record, utc_now())

    def discard(self, record: Any, moment: dt.datetime) -> None:
        """Marks a record as deleted since a moment, unless something needs it."""
        self.check_delete(record)
        record.deleted_at = moment
        self.release(record, moment)

    def release(self, record: Any, moment: dt.datetime) -> None:
        """Hook: what belongs to a deleted record goes with it, and what refers to it forgets it."""

    def restore(self, record_id: int) -> RecordType:
        """Takes a record back out of the trash."""
        record: Any = self.trash.get_deleted(record_id)
        if record is None:
            raise NotFoundError(f"There is no deleted {self.noun} with id {record_id}.")
        self.check_restore(record)
        record.deleted_at = None
        self.session.commit()
        return self.fresh(record)

    def check_restore(self, record: Any) -> None:
        """Hook: raises where something that the record refers to is deleted."""


def check_kept(records: Repository[Any], field: str, record_id: int | None) -> None:
    """Raises where a restored record would refer to one that is deleted."""
    if record_id is not None and records.get(record_id) is None:
        raise ConflictError("What this refers to is deleted: restore that first.", field)
`);
}

type Inverses = readonly InverseRelation[];

function withRule(project: ProjectModel, entity: EntityModel, rule: DeleteRule): Inverses {
  return inverseRelations(project, entity).filter(({ relation }) => relation.onDelete === rule);
}

/** Entities, other than the one in question, whose records go with one of it. */
export function discardedWith(project: ProjectModel, entity: EntityModel): EntityModel[] {
  const children = withRule(project, entity, 'cascade').map(({ child }) => child);
  return [...new Set(children)].filter((child) => child !== entity);
}

/** Entities whose records forget one that is deleted. */
export function forgettingEntities(project: ProjectModel, entity: EntityModel): EntityModel[] {
  return [...new Set(withRule(project, entity, 'set_null').map(({ child }) => child))];
}

function discardLines(entity: EntityModel, { child, relation }: InverseRelation): string {
  const { snake, snakePlural, pascal } = child.names;
  const condition = `${pascal}.${relation.name}_id == record.id`;
  if (child === entity)
    return `        for ${snake} in self.trash.kept(${condition}):
            self.discard(${snake}, moment)`;
  return `        ${snakePlural} = ${pascal}Service(self.session)
        for ${snake} in ${snakePlural}.trash.kept(${condition}):
            ${snakePlural}.discard(${snake}, moment)`;
}

function releaseMethod(project: ProjectModel, entity: EntityModel): string {
  const steps = [
    ...withRule(project, entity, 'cascade').map((inverse) => discardLines(entity, inverse)),
    ...withRule(project, entity, 'set_null').map(
      ({ child, relation }) => `        self.${child.names.snakePlural}.forget("${relation.name}_id", record.id)`,
    ),
  ];
  if (steps.length === 0) return '';
  return `
    def release(self, record: ${entity.names.pascal}, moment: dt.datetime) -> None:
        """What belongs to the record goes with it, and what refers to it forgets it."""
${joined(steps)}
`;
}

function restoreMethod(project: ProjectModel, entity: EntityModel): string {
  if (entity.relations.length === 0) return '';
  const checks = entity.relations.map(({ name, target }) => {
    const repository = `self.${entityNamed(project, target).names.snakePlural}`;
    return `        check_kept(${repository}, "${name}_id", record.${name}_id)`;
  });
  return `
    def check_restore(self, record: ${entity.names.pascal}) -> None:
        """What the ${entity.names.human} refers to must not be deleted."""
${joined(checks)}
`;
}

/** The methods that a service with a trash has of its own; empty where there is none. */
export function trashMethods(project: ProjectModel, entity: EntityModel): string {
  return keepsDeleted(project) ? releaseMethod(project, entity) + restoreMethod(project, entity) : '';
}
