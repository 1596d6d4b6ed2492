/** Sample records for empty tables. */
import { bracketedImport, fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { enumClass } from './entity-model.ts';
import { SAMPLE_COUNT, sampleValue } from './sample-values.ts';
import { keepsDeleted } from './soft-delete.ts';

/** Entities whose records a sample refers to or is linked with, itself left out. */
function neighbours(project: ProjectModel, entity: EntityModel): EntityModel[] {
  const targets = [...entity.relations, ...entity.many].map(({ target }) => entityNamed(project, target));
  return [...new Set(targets)].filter((target) => target !== entity);
}

function sample(project: ProjectModel, entity: EntityModel, number: number): string {
  const pick = (target: string): string => `pick(${entityNamed(project, target).names.snakePlural}, ${number - 1})`;
  const items = [
    ...entity.fields.map((field) => `${field.name}=${sampleValue(entity, field, number)}`),
    ...entity.relations
      .filter(({ target }) => target !== entity.names.pascal)
      .map(({ name, target }) => `${name}=${pick(target)}`),
    ...entity.many.map(({ name, target }) => `${name}=${entityNamed(project, target).names.snakePlural}[:${number}]`),
  ];
  return `        ${entity.names.pascal}(${items.join(', ')}),`;
}

/** `backend/app/seeds/<entity>.py`. */
export function entitySeedFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const others = neighbours(project, entity);
  const enums = entity.fields.filter((field) => field.type === 'enum').map((field) => enumClass(entity, field));
  const usesDates = entity.fields.some(({ type }) => type === 'date' || type === 'datetime');
  const picks = entity.relations.some(({ target }) => target !== names.pascal);
  const required = entity.relations.filter((relation) => relation.required).map(({ target }) => target);
  const imports = [
    bracketedImport(`app.models.${names.snake}`, [names.pascal, ...enums].sort()),
    ...others.map((other) => `from app.models.${other.names.snake} import ${other.names.pascal}`),
    ...(others.length > 0 ? [`from app.seeds.picking import ${picks ? 'pick, ' : ''}stored`] : []),
  ].sort((a, b) => (moduleOf(a) < moduleOf(b) ? -1 : 1));
  const lookUps = others.map(({ names: other }) => `    ${other.snakePlural} = stored(session, ${other.pascal})\n`);
  const needed = [...new Set(required)].map((target) => entityNamed(project, target).names.snakePlural);
  // Where deleted records stay in their tables, a table that is not empty may have nothing to refer to.
  const guard =
    keepsDeleted(project) && needed.length > 0 ? `    if not (${needed.join(' and ')}):\n        return []\n` : '';
  const samples = Array.from({ length: SAMPLE_COUNT }, (_, index) => sample(project, entity, index + 1));
  return fileText(`
"""Sample ${names.humanPlural}."""

${usesDates ? 'import datetime as dt\n\n' : ''}from sqlalchemy.orm import Session

${imports.join('\n')}


def sample_${names.snakePlural}(${others.length > 0 ? 'session' : '_session'}: Session) -> list[${names.pascal}]:
    """New ${names.humanPlural}, not stored yet."""
${lookUps.join('')}${guard}    return [
${samples.join('\n')}
    ]
`);
}

function moduleOf(line: string): string {
  return /^from (\S+)/.exec(line)?.[1] ?? line;
}

/** Whether some sample refers to records that are stored before it. */
export function samplesRefer(project: ProjectModel): boolean {
  return project.entities.some((entity) => neighbours(project, entity).length > 0);
}

/** `backend/app/seeds/picking.py`. */
export function pickingFile(project: ProjectModel): string {
  const trash = keepsDeleted(project);
  const kept = trash ? '.where(model.deleted_at.is_(None))' : '';
  return fileText(`
"""What sample records refer to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session


def stored(session: Session, model: Any) -> list[Any]:
    """The records of a table${trash ? ' that are not deleted' : ''}, oldest first."""
    return list(session.scalars(select(model)${kept}.order_by(model.id)))


def pick(records: Sequence[Any], index: int) -> Any:
    """One of the records, in turn; None where there are none."""
    return records[index % len(records)] if records else None
`);
}

/** `backend/app/seed.py`. */
export function seedFile(project: ProjectModel): string {
  const sorted = [...project.entities].sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
  const models = sorted.map(({ names }) => `from app.models.${names.snake} import ${names.pascal}`);
  const samples = sorted.map(({ names }) => `from app.seeds.${names.snake} import sample_${names.snakePlural}`);
  const entries = project.entities.map(({ names }) => `    (${names.pascal}, sample_${names.snakePlural}),`);
  return fileText(`
"""Stores sample records: \`python -m app.seed\`."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Database
${models.join('\n')}
${samples.join('\n')}
from app.settings import Settings

#: Tables with what makes their samples; what refers to others comes after them.
SAMPLES: tuple[tuple[Any, Any], ...] = (
${entries.join('\n')}
)


def seed(session: Session) -> dict[str, int]:
    """Fills the empty tables, all or none of them; gives the number of new records by table."""
    counts = {}
    for model, make in SAMPLES:
        if is_empty(session, model):
            records = make(session)
            session.add_all(records)
            session.flush()
            counts[model.__tablename__] = len(records)
    session.commit()
    return counts


def is_empty(session: Session, model: Any) -> bool:
    """Whether a table has no records at all."""
    return session.scalars(select(model.id).limit(1)).first() is None


def main() -> None:
    """Fills the database of the settings and tells what was stored."""
    database = Database(Settings.from_env().database_url)
    database.create_tables()
    with database.sessions() as session:
        counts = seed(session)
    for table, count in counts.items():
        print(f"{table}: {count}")
    if not counts:
        print("All tables hold records already.")


if __name__ == "__main__":
    main()
`);
}

export function seedTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const { snake = '', snakePlural = '' } = entity?.names ?? {};
  return fileText(`
"""Sample records."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.seed import SAMPLES, main, seed
from tests.factories import make_${snake}


def test_every_empty_table_is_filled(session: Session) -> None:
    counts = seed(session)

    assert counts == {model.__tablename__: ${SAMPLE_COUNT} for model, _ in SAMPLES}


def test_repeating_it_stores_nothing_more(session: Session) -> None:
    seed(session)

    assert seed(session) == {}


def test_tables_with_records_stay_as_they_are(session: Session) -> None:
    make_${snake}(session)

    assert "${snakePlural}" not in seed(session)


def test_the_command_tells_what_it_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/app.db")

    main()
    main()

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "${snakePlural}: ${SAMPLE_COUNT}"
    assert lines[-1] == "All tables hold records already."
`);
}
