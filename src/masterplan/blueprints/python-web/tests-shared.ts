/** Backend tests that do not belong to one entity, and their factories. */
import { bracketedImport } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { articleFor } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { enumClass } from './entity-model.ts';
import { factoryValue } from './samples.ts';

function factory(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const plain = entity.fields.map((field) => `"${field.name}": ${factoryValue(entity, field)},`);
  const parents = entity.relations
    .filter((relation) => relation.required)
    .map((relation) => {
      const target = entityNamed(project, relation.target).names;
      return `    if "${relation.name}_id" not in overrides:
        overrides["${relation.name}_id"] = make_${target.snake}(session).id
`;
    });
  const usesNumber = plain.some((line) => line.includes('number'));
  return `
def ${names.snake}_values(session: Session, **overrides: Any) -> dict[str, Any]:
    """Values of a valid ${names.human}, with everything that it needs."""
${usesNumber ? '    number = next(NUMBERS)\n' : ''}${parents.join('')}    return {
${[...plain, '**overrides,'].map((line) => `        ${line}`).join('\n')}
    }


def make_${names.snake}(session: Session, **overrides: Any) -> ${names.pascal}:
    """${articleFor(names.human) === 'an' ? 'An' : 'A'} stored ${names.human}."""
    values = ${names.snake}_values(session, **overrides)
    return store(session, ${names.pascal}(**values))
`;
}

function usesDates(entity: EntityModel): boolean {
  return entity.fields.some((field) => field.type === 'date' || field.type === 'datetime');
}

export function factoriesFile(project: ProjectModel): string {
  const imports = [...project.entities]
    .sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1))
    .map((entity) => {
      const enums = entity.fields.filter((field) => field.type === 'enum').map((field) => enumClass(entity, field));
      return bracketedImport(`app.models.${entity.names.snake}`, [entity.names.pascal, ...enums].sort());
    });
  return pythonText(`
"""Valid records for tests. Each call makes new ones; \`overrides\` replaces single values."""

${project.entities.some(usesDates) ? 'import datetime as dt\n' : ''}from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

${imports.join('\n')}

NUMBERS = count(1)
RecordType = TypeVar("RecordType")


def store(session: Session, record: RecordType) -> RecordType:
    """Stores a record and gives it back with its id."""
    session.add(record)
    session.commit()
    return record

${project.entities.map((entity) => factory(project, entity)).join('\n')}`);
}

export function settingsTestFile(): string {
  return pythonText(`
"""Settings from the environment."""

from app.settings import Settings


def test_defaults_when_nothing_is_set() -> None:
    assert Settings.from_env({}) == Settings()


def test_the_environment_wins() -> None:
    settings = Settings.from_env({"DATABASE_URL": "sqlite:///other.db"})

    assert settings.database_url == "sqlite:///other.db"


def test_origins_are_a_list() -> None:
    settings = Settings.from_env({"ALLOWED_ORIGINS": "http://a.example, http://b.example,"})

    assert settings.allowed_origins == ("http://a.example", "http://b.example")
`);
}

export function databaseTestFile(): string {
  return pythonText(`
"""The database and the column types that are our own."""

import datetime as dt
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.database import MEMORY_URL, Database, engine_options
from app.models.base import UtcDateTime
from app.schemas.base import Text200


class Titled(BaseModel):
    title: Text200


def test_foreign_keys_are_checked(session: Session) -> None:
    assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_tables_can_be_created_twice(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/app.db")
    database.create_tables()
    database.create_tables()

    assert (tmp_path / "app.db").exists()


def test_other_databases_get_no_sqlite_options() -> None:
    assert engine_options("postgresql://localhost/app") == {"pool_pre_ping": True}
    assert "poolclass" in engine_options(MEMORY_URL)


def test_instants_are_stored_in_utc() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    stored = UtcDateTime().process_bind_param(dt.datetime(2024, 5, 1, 12, tzinfo=zone), None)

    assert stored == dt.datetime(2024, 5, 1, 10)


def test_instants_come_back_aware() -> None:
    read = UtcDateTime().process_result_value(dt.datetime(2024, 5, 1, 10), None)

    assert read == dt.datetime(2024, 5, 1, 10, tzinfo=dt.timezone.utc)


def test_texts_lose_the_blanks_around_them() -> None:
    assert Titled(title="  milk ").title == "milk"


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_texts_are_neither_blank_nor_too_long(title: str) -> None:
    with pytest.raises(ValidationError):
        Titled(title=title)
`);
}
