/** What works on records of any kind: their services by name, and what goes or changes with a record that is deleted. */
import { bracketed, fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';

/** Services by the names of their records in paths: what works on records of any kind looks them up here. */
export function catalogFile(project: ProjectModel): string {
  const sorted = [...project.entities].sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
  const imports = sorted.map(({ names }) => `from app.services.${names.snake} import ${names.pascal}Service`);
  const entries = project.entities.map(({ names }) => `"${names.kebabPlural}": ${names.pascal}Service`);
  return fileText(`
"""All kinds of records, by the names that paths give them."""

from typing import Any

${imports.join('\n')}

${bracketed('SERVICES: dict[str, Any] = {', entries, '}')}

`);
}

export function dependentsFile(): string {
  return fileText(`
"""What depends on a deleted record is deleted or let go by the session, not behind its back.

The database would do the same by its foreign keys, but nothing in this program would learn of it.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Base


def release_dependents(session: Session, _context: Any, _instances: Any) -> None:
    """Before a flush: follows the foreign keys from the records that are deleted."""
    waiting = list(session.deleted)
    while waiting:
        record = waiting.pop()
        for model, column in references_to(type(record)):
            for child in session.scalars(select(model).where(column == record.id)):
                if delete_rule(column) == "CASCADE" and child not in session.deleted:
                    session.delete(child)
                    waiting.append(child)
                elif delete_rule(column) == "SET NULL":
                    setattr(child, column.key, None)


def references_to(target: Any) -> Iterator[tuple[Any, Any]]:
    """The columns that refer to a table, each with the class that it belongs to."""
    for mapper in Base.registry.mappers:
        for column in mapper.local_table.columns:
            if any(key.column.table is target.__table__ for key in column.foreign_keys):
                yield mapper.class_, column


def delete_rule(column: Any) -> str | None:
    """What the foreign key of a column does when its target is deleted."""
    return next(iter(column.foreign_keys)).ondelete
`);
}

/** `backend/app/models/kinds.py`. */
export function kindsFile(): string {
  return fileText(`
"""The kinds of records by name."""

from typing import Any


def collection_of(record: Any) -> str:
    """How paths name the kind of a record: \`order-lines\`."""
    return record.__tablename__.replace("_", "-")
`);
}
