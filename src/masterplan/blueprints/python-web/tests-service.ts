/** `backend/tests/test_<entity>_service.py`. */
import { bracketedImport } from '../layout.ts';
import { entityNamed, type EntityModel, inverseRelations, type ProjectModel } from '../model.ts';
import { pythonText } from '../python-text.ts';
import { factoryImport, mandatoryNames } from './samples.ts';
import { keepsDeleted } from './soft-delete.ts';
import { manyServiceTests } from './tests-many.ts';

function referenceTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return entity.relations
    .map((relation) => {
      const target = entityNamed(project, relation.target).names;
      const column = `${relation.name}_id`;
      return `

def test_${relation.name}_must_exist(session: Session, service: ${names.pascal}Service) -> None:
    values = ${names.snake}_values(session, ${column}=999)

    with pytest.raises(InvalidInputError) as caught:
        service.create(${names.pascal}Create(**values))

    assert caught.value.field == "${column}"


def test_${relation.name}_can_be_changed(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
    other = make_${target.snake}(session)
    payload = ${names.pascal}Update(${column}=other.id)

    changed = service.update(record.id, payload)

    assert changed.${relation.name} is other
`;
    })
    .join('');
}

function uniqueTests(entity: EntityModel): string {
  const { names } = entity;
  return entity.fields
    .filter((field) => field.unique)
    .map(
      (field) => `

def test_${field.name}_is_unique(session: Session, service: ${names.pascal}Service) -> None:
    taken = make_${names.snake}(session).${field.name}
    values = ${names.snake}_values(session, ${field.name}=taken)

    with pytest.raises(ConflictError):
        service.create(${names.pascal}Create(**values))


def test_a_record_keeps_its_own_${field.name}(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
    payload = ${names.pascal}Update(${field.name}=record.${field.name})

    assert service.update(record.id, payload).id == record.id
`,
    )
    .join('');
}

function ruleTests(entity: EntityModel): string {
  const { names } = entity;
  return entity.rules
    .map((rule) => {
      const field = entity.fields.find((candidate) => candidate.name === rule.later);
      const value = field?.type === 'datetime' ? 'dt.datetime(2024, 5, 1, 12, 0)' : 'dt.date(2024, 5, 1)';
      return `

def test_${rule.later}_is_not_before_${rule.earlier}(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
    payload = ${names.pascal}Update(${rule.later}=${value})

    with pytest.raises(InvalidInputError) as caught:
        service.update(record.id, payload)

    assert caught.value.field == "${rule.later}"
`;
    })
    .join('');
}

function deleteTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return inverseRelations(project, entity)
    .map(({ child, relation }) => {
      const name = child === entity ? relation.name : child.names.snake;
      const make = `make_${child.names.snake}(session, ${relation.name}_id=record.id)`;
      const body = {
        restrict: `    ${make}

    with pytest.raises(ConflictError):
        service.delete(record.id)`,
        cascade: `    dependent = ${make}

    service.delete(record.id)
    ${
      keepsDeleted(project)
        ? `session.refresh(dependent)

    assert dependent.deleted_at is not None`
        : `session.expunge_all()

    assert session.get(${child.names.pascal}, dependent.id) is None`
    }`,
        set_null: `    dependent = ${make}

    service.delete(record.id)
    session.refresh(dependent)

    assert dependent.${relation.name}_id is None`,
      }[relation.onDelete];
      const title = {
        restrict: `stays_while_a_${name}_uses_it`,
        cascade: `takes_every_${name}_with_it`,
        set_null: `leaves_each_${name}_behind`,
      }[relation.onDelete];
      const suffix =
        child.relations.filter((r) => r.target === relation.target).length > 1 ? `_as_${relation.name}` : '';
      return `

def test_${title}${suffix}(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
${body}
`;
    })
    .join('');
}

function serviceTestImports(project: ProjectModel, entity: EntityModel, body: string): string {
  const { names } = entity;
  const inverses = inverseRelations(project, entity);
  const models = [...new Set(inverses.map((i) => i.child))].filter(({ names: { pascal } }) =>
    body.includes(`session.get(${pascal},`),
  );
  const errors = ['ConflictError', 'InvalidInputError', 'NotFoundError'].filter((name) => body.includes(name));
  const candidates = project.entities.flatMap((e) => [`make_${e.names.snake}`, `${e.names.snake}_values`]);
  const factories = candidates.filter((name) => new RegExp(`\\b${name}\\(`).test(body));
  return [
    `from app.errors import ${errors.join(', ')}`,
    ...models
      .sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1))
      .map((child) => `from app.models.${child.names.snake} import ${child.names.pascal}`),
    bracketedImport(`app.schemas.${names.snake}`, [`${names.pascal}Create`, `${names.pascal}Update`]),
    `from app.services.${names.snake} import ${names.pascal}Service`,
    factoryImport(factories),
  ].join('\n');
}

function requiredTest(entity: EntityModel): string {
  const name = mandatoryNames(entity)[0];
  if (name === undefined) return '';
  const { names } = entity;
  return `

def test_a_required_field_cannot_be_emptied(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
    payload = ${names.pascal}Update(${name}=None)

    with pytest.raises(InvalidInputError) as caught:
        service.update(record.id, payload)

    assert caught.value.field == "${name}"
`;
}

export function serviceTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const tests = `
@pytest.fixture
def service(session: Session) -> ${names.pascal}Service:
    """The service on the database of the test."""
    return ${names.pascal}Service(session)


def test_creates_a_${names.snake}(session: Session, service: ${names.pascal}Service) -> None:
    payload = ${names.pascal}Create(**${names.snake}_values(session))

    record = service.create(payload)

    assert service.get(record.id) is record


def test_an_empty_change_changes_nothing(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
    label = record.label
    payload = ${names.pascal}Update()

    changed = service.update(record.id, payload)

    assert changed.label == label


def test_a_missing_${names.snake}_is_reported(service: ${names.pascal}Service) -> None:
    with pytest.raises(NotFoundError):
        service.get(999)
${requiredTest(entity)}${referenceTests(project, entity)}${manyServiceTests(project, entity)}${uniqueTests(entity)}${ruleTests(entity)}${deleteTests(project, entity)}`;
  return pythonText(`
"""The rules around ${names.humanPlural}."""
${tests.includes('dt.') ? '\nimport datetime as dt\n' : ''}
import pytest
from sqlalchemy.orm import Session

${serviceTestImports(project, entity, tests)}

${tests}`);
}
