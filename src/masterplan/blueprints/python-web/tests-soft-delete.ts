/** `backend/tests/test_<entity>_trash.py`: deleted records are kept and can be restored. */
import { bracketedImport, joined } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { pythonText } from '../python-text.ts';
import { factoryImport } from './samples.ts';

function uniqueTest(entity: EntityModel): string {
  const field = entity.fields.find(({ unique }) => unique);
  const { names } = entity;
  if (field === undefined) return '';
  return `

def test_a_deleted_record_keeps_its_${field.name}(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
    service.delete(record.id)
    values = ${names.snake}_values(session, ${field.name}=record.${field.name})

    with pytest.raises(ConflictError):
        service.create(${names.pascal}Create(**values))
`;
}

/** Entities whose services the tests of required relations call. */
function needed(project: ProjectModel, entity: EntityModel): { name: string; target: EntityModel }[] {
  return entity.relations
    .map(({ name, target }) => ({ name, target: entityNamed(project, target) }))
    .filter(({ target }) => target !== entity);
}

function restoreTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return needed(project, entity)
    .filter(({ name }) => entity.relations.some((relation) => relation.name === name && relation.required))
    .map(
      ({ name, target }) => `

def test_is_not_restored_without_its_${name}(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
    service.delete(record.id)
    ${target.names.pascal}Service(session).delete(record.${name}_id)

    with pytest.raises(ConflictError) as caught:
        service.restore(record.id)

    assert caught.value.field == "${name}_id"
`,
    )
    .join('');
}

function linkTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return entity.many
    .map(({ name, singular, target }) => {
      const other = entityNamed(project, target).names;
      return `

def test_a_deleted_${singular}_is_out_of_sight(session: Session, service: ${names.pascal}Service) -> None:
    target = make_${other.snake}(session)
    record = make_${names.snake}(session, ${name}=[target])
    ${other.snakePlural} = ${other.pascal}Service(session)

    ${other.snakePlural}.delete(target.id)
    assert service.fresh(record).${name} == []

    ${other.snakePlural}.restore(target.id)
    assert service.fresh(record).${name} == [target]
`;
    })
    .join('');
}

function testsOf(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const fixtures = `session: Session, service: ${names.pascal}Service`;
  return `
@pytest.fixture
def service(session: Session) -> ${names.pascal}Service:
    """The service on the database of the test."""
    return ${names.pascal}Service(session)


def listed(service: ${names.pascal}Service, deleted: bool) -> list[${names.pascal}]:
    """The ${names.humanPlural} that a list shows."""
    records, _ = service.find(${names.pascal}Filters(deleted=deleted), PageRequest())
    return records


def test_a_deleted_record_is_kept_out_of_sight(${fixtures}) -> None:
    kept, deleted = make_${names.snake}(session), make_${names.snake}(session)

    service.delete(deleted.id)

    assert deleted.deleted_at is not None
    assert listed(service, deleted=False) == [kept]
    assert listed(service, deleted=True) == [deleted]
    with pytest.raises(NotFoundError):
        service.get(deleted.id)


def test_a_restored_record_is_back(${fixtures}) -> None:
    record = make_${names.snake}(session)
    service.delete(record.id)

    restored = service.restore(record.id)

    assert restored.deleted_at is None
    assert listed(service, deleted=False) == [record]


def test_only_what_is_deleted_can_be_restored(${fixtures}) -> None:
    record = make_${names.snake}(session)

    with pytest.raises(NotFoundError):
        service.restore(record.id)
${uniqueTest(entity)}${restoreTests(project, entity)}${linkTests(project, entity)}`;
}

/** `backend/tests/test_<entity>_trash.py`. */
export function trashTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const tests = testsOf(project, entity);
  const services = project.entities
    .filter((other) => tests.includes(`${other.names.pascal}Service(`))
    .map((other) => `from app.services.${other.names.snake} import ${other.names.pascal}Service`);
  const candidates = project.entities.flatMap((e) => [`make_${e.names.snake}`, `${e.names.snake}_values`]);
  const errors = ['ConflictError', 'NotFoundError'].filter((name) => tests.includes(name));
  return pythonText(`
"""Deleting and restoring ${names.humanPlural}."""

import pytest
from sqlalchemy.orm import Session

from app.errors import ${errors.join(', ')}
from app.models.${names.snake} import ${names.pascal}
from app.pagination import PageRequest
${joined([
  bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`]),
  tests.includes(`${names.pascal}Create(`) ? `from app.schemas.${names.snake} import ${names.pascal}Create` : '',
  ...services.sort(),
])}
${factoryImport(candidates.filter((name) => new RegExp(`\\b${name}\\(`).test(tests)))}

${tests}`);
}
