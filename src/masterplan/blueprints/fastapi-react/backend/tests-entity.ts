/** Backend tests of one entity: repository, service and HTTP interface. */
import { bracketed, bracketedImport, pythonText } from '../../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, inverseRelations, type ProjectModel } from '../../model.ts';
import { filterFields, searchFields } from './entity-access.ts';
import { enumClass, enumMember } from './entity-model.ts';
import { changeableField, changedValue, mandatoryNames } from './samples.ts';

const call = (head: string, items: readonly string[], tail: string): string => bracketed(head, items, tail, 4);

/** Imports of factories, sorted, once each. */
function factoryImport(names: readonly string[]): string {
  return bracketedImport('tests.factories', [...new Set(names)].sort());
}

// --- repository ---

function exactFilterTest(entity: EntityModel, field: FieldModel): string {
  const { names } = entity;
  const [wanted, other] =
    field.type === 'boolean'
      ? ['True', 'False']
      : field.values.slice(0, 2).map((value) => `${enumClass(entity, field)}.${enumMember(value)}`);
  if (wanted === undefined || other === undefined) return '';
  return `

def test_filters_by_${field.name}(session: Session) -> None:
    wanted = make_${names.snake}(session, ${field.name}=${wanted})
    make_${names.snake}(session, ${field.name}=${other})

    ${call('records, total = find(', ['session', `${field.name}=${wanted}`], ')')}

    assert records == [wanted]
    assert total == 1
`;
}

function relationFilterTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return entity.relations
    .map((relation) => {
      const target = entityNamed(project, relation.target).names;
      const column = `${relation.name}_id`;
      return `

def test_filters_by_${relation.name}(session: Session) -> None:
    ${relation.name} = make_${target.snake}(session)
    wanted = make_${names.snake}(session, ${column}=${relation.name}.id)
    make_${names.snake}(session, ${column}=make_${target.snake}(session).id)

    ${call('records, total = find(', ['session', `${column}=${relation.name}.id`], ')')}

    assert records == [wanted]
    assert total == 1
`;
    })
    .join('');
}

function searchTests(entity: EntityModel): string {
  const { names } = entity;
  return searchFields(entity)
    .filter((field) => field.maxLength >= 20)
    .slice(0, 2)
    .map(
      (field) => `

def test_search_looks_into_${field.name}_whatever_the_case(session: Session) -> None:
    wanted = make_${names.snake}(session, ${field.name}="A rare Marmot")
    make_${names.snake}(session)

    records, _ = find(session, search="MARMOT")

    assert records == [wanted]


def test_search_takes_wildcards_in_${field.name}_literally(session: Session) -> None:
    wanted = make_${names.snake}(session, ${field.name}="100% sure")
    make_${names.snake}(session, ${field.name}="100 sure")

    records, _ = find(session, search="0% s")

    assert records == [wanted]
`,
    )
    .join('');
}

export function repositoryTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const factories = [
    `make_${names.snake}`,
    ...entity.relations.map((r) => `make_${entityNamed(project, r.target).names.snake}`),
  ];
  return pythonText(`
"""The table of ${names.humanPlural}: finding, filtering, paging."""

from typing import Any

from sqlalchemy.orm import Session

${bracketedImport(`app.models.${names.snake}`, [names.pascal, ...enums.map((field) => enumClass(entity, field))].sort())}
from app.pagination import PageRequest
${bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`, `${names.pascal}Repository`])}
${factoryImport(factories)}


${bracketed('def find(', ['session: Session', '**filters: Any'], `) -> tuple[list[${names.pascal}], int]:`)}
    """The first page of the ${names.humanPlural} that pass the filters."""
    repository = ${names.pascal}Repository(session)
    conditions = repository.conditions(${names.pascal}Filters(**filters))
    return repository.page(conditions, PageRequest())


def test_finds_all_newest_first(session: Session) -> None:
    older = make_${names.snake}(session)
    newer = make_${names.snake}(session)

    records, total = find(session)

    assert records == [newer, older]
    assert total == 2


def test_a_page_holds_part_and_counts_all(session: Session) -> None:
    middle = [make_${names.snake}(session) for _ in range(3)][1]
    page = PageRequest(limit=1, offset=1)

    records, total = ${names.pascal}Repository(session).page([], page)

    assert records == [middle]
    assert total == 3


def test_a_deleted_record_is_gone(session: Session) -> None:
    record = make_${names.snake}(session)
    repository = ${names.pascal}Repository(session)

    repository.delete(record)

    assert repository.get(record.id) is None
${filterFields(entity)
  .map((field) => exactFilterTest(entity, field))
  .join('')}${relationFilterTests(project, entity)}${searchTests(entity)}`);
}

// --- service ---

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
    session.expunge_all()

    assert session.get(${child.names.pascal}, dependent.id) is None`,
        set_null: `    dependent = ${make}

    service.delete(record.id)
    session.refresh(dependent)

    assert dependent.${relation.name}_id is None`,
      }[relation.onDelete];
      const title = {
        restrict: `stays_while_a_${name}_refers_to_it`,
        cascade: `takes_its_${name}_records_with_it`,
        set_null: `leaves_its_${name}_records_behind`,
      }[relation.onDelete];
      const suffix =
        child.relations.filter((r) => r.target === relation.target).length > 1 ? `_as_${relation.name}` : '';
      return `

def test_${names.snake}_${title}${suffix}(session: Session, service: ${names.pascal}Service) -> None:
    record = make_${names.snake}(session)
${body}
`;
    })
    .join('');
}

function serviceTestImports(project: ProjectModel, entity: EntityModel, body: string): string {
  const { names } = entity;
  const inverses = inverseRelations(project, entity);
  const models = [...new Set(inverses.filter((i) => i.relation.onDelete === 'cascade').map((i) => i.child))];
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
${requiredTest(entity)}${referenceTests(project, entity)}${uniqueTests(entity)}${ruleTests(entity)}${deleteTests(project, entity)}`;
  return pythonText(`
"""The rules around ${names.humanPlural}."""
${tests.includes('dt.') ? '\nimport datetime as dt\n' : ''}
import pytest
from sqlalchemy.orm import Session

${serviceTestImports(project, entity, tests)}

${tests}`);
}

// --- HTTP ---

interface InvalidCase {
  readonly field: string;
  readonly value: string;
}

function invalidCases(entity: EntityModel): InvalidCase[] {
  return entity.fields.flatMap((field): InvalidCase[] => {
    switch (field.type) {
      case 'text':
      case 'longtext':
        return [
          { field: field.name, value: '"  "' },
          { field: field.name, value: `"x" * ${field.maxLength + 1}` },
        ];
      case 'integer':
      case 'decimal':
        return [
          { field: field.name, value: String(field.min - 1) },
          { field: field.name, value: '"many"' },
        ];
      case 'boolean':
        return [{ field: field.name, value: '"perhaps"' }];
      case 'date':
      case 'datetime':
        return [{ field: field.name, value: '"someday"' }];
      case 'enum':
        return [{ field: field.name, value: '"unheard of"' }];
    }
  });
}

function missingTest(entity: EntityModel): string {
  const mandatory = mandatoryNames(entity);
  if (mandatory.length === 0) return '';
  return `

def test_create_names_the_fields_that_are_missing(client: TestClient) -> None:
    response = client.post(URL, json={})

    assert response.status_code == 422
    assert {error["field"] for error in response.json()["errors"]} == {${mandatory.map((name) => `"${name}"`).join(', ')}}
`.replace(/ {4}assert \{error.*\n/, (line) => {
    if (line.trimEnd().length <= 100) return line;
    return `    missing = {error["field"] for error in response.json()["errors"]}\n    ${bracketed(
      'assert missing == {',
      mandatory.map((name) => `"${name}"`),
      '}',
      4,
    )}\n`;
  });
}

function changeTest(entity: EntityModel): string {
  const field = changeableField(entity);
  const value = field === null ? null : changedValue(entity, field);
  if (field === null || value === null) return '';
  const others = entity.fields.filter((other) => other !== field).map((other) => other.name);
  const kept = others[0] ?? 'created_at';
  return `

def test_update_changes_only_what_it_names(client: TestClient, session: Session) -> None:
    before = create(client, session)

    response = client.patch(f"{URL}/{before['id']}", json={"${field.name}": ${value}})

    assert response.status_code == 200
    assert response.json()["${field.name}"] == ${value}
    assert response.json()["${kept}"] == before["${kept}"]
`;
}

function filterApiTest(entity: EntityModel): string {
  const field = filterFields(entity)[0];
  if (field === undefined) return '';
  const [wanted, other] =
    field.type === 'boolean' ? ['True', 'False'] : field.values.slice(0, 2).map((value) => `"${value}"`);
  if (wanted === undefined || other === undefined) return '';
  const query = field.type === 'boolean' ? 'true' : wanted.replaceAll('"', '');
  return `

def test_list_filters_by_${field.name}(client: TestClient, session: Session) -> None:
    wanted = create(client, session, ${field.name}=${wanted})
    create(client, session, ${field.name}=${other})

    page = client.get(URL, params={"${field.name}": "${query}"}).json()

    assert page["total"] == 1
    assert page["items"] == [wanted]


def test_list_refuses_an_unknown_${field.name}(client: TestClient) -> None:
    response = client.get(URL, params={"${field.name}": "unheard of"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "${field.name}"
`;
}

function relationApiTests(project: ProjectModel, entity: EntityModel): string {
  return entity.relations
    .map((relation) => {
      const target = entityNamed(project, relation.target).names;
      return `

def test_answers_name_the_${relation.name}(client: TestClient, session: Session) -> None:
    ${relation.name} = make_${target.snake}(session)

    record = create(client, session, ${relation.name}_id=${relation.name}.id)

    assert record["${relation.name}"] == {"id": ${relation.name}.id, "label": ${relation.name}.label}


def test_list_filters_by_${relation.name}(client: TestClient, session: Session) -> None:
    ${relation.name} = make_${target.snake}(session)
    wanted = create(client, session, ${relation.name}_id=${relation.name}.id)
    create(client, session, ${relation.name}_id=make_${target.snake}(session).id)

    page = client.get(URL, params={"${relation.name}_id": ${relation.name}.id}).json()

    assert [record["id"] for record in page["items"]] == [wanted["id"]]


def test_create_refuses_an_unknown_${relation.name}(client: TestClient, session: Session) -> None:
    payload = jsonable_encoder(${entity.names.snake}_values(session, ${relation.name}_id=999))

    response = client.post(URL, json=payload)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "${relation.name}_id"
`;
    })
    .join('');
}

function conflictApiTest(project: ProjectModel, entity: EntityModel): string {
  const inverse = inverseRelations(project, entity).find((candidate) => candidate.relation.onDelete === 'restrict');
  if (inverse === undefined) return '';
  const { child, relation } = inverse;
  return `

def test_delete_refuses_while_a_${child.names.snake}_needs_it(client: TestClient, session: Session) -> None:
    record = create(client, session)
    make_${child.names.snake}(session, ${relation.name}_id=record["id"])

    response = client.delete(f"{URL}/{record['id']}")

    assert response.status_code == 409
    assert "1 ${child.names.human}" in response.json()["detail"]
`;
}

export function apiTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const cases = invalidCases(entity);
  const search = searchFields(entity).find((field) => field.maxLength >= 20);
  const tests = `
def create(client: TestClient, session: Session, **overrides: Any) -> dict[str, Any]:
    """A ${names.human} made through the API, as the API answers it."""
    payload = jsonable_encoder(${names.snake}_values(session, **overrides))
    response = client.post(URL, json=payload)
    assert response.status_code == 201, response.text
    return response.json()


def test_create_stores_what_was_sent(client: TestClient, session: Session) -> None:
    payload = jsonable_encoder(${names.snake}_values(session))

    created = client.post(URL, json=payload).json()

    assert client.get(f"{URL}/{created['id']}").json() == created
${entity.fields.some((field) => field.type !== 'datetime') ? `    for name in (${plainNames(entity)}):\n        assert created[name] == payload[name]\n` : ''}
${missingTest(entity)}

${invalidTest(cases, names.snake)}${changeTest(entity)}

def test_delete_removes_the_record(client: TestClient, session: Session) -> None:
    record = create(client, session)

    response = client.delete(f"{URL}/{record['id']}")

    assert response.status_code == 204
    assert client.get(f"{URL}/{record['id']}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_id_is_not_found(client: TestClient, method: str) -> None:
    response = client.request(method, f"{URL}/999", json={} if method == "PATCH" else None)

    assert response.status_code == 404
    assert "999" in response.json()["detail"]


def test_list_has_pages(client: TestClient, session: Session) -> None:
    ids = [create(client, session)["id"] for _ in range(3)]

    page = client.get(URL, params={"limit": 2, "offset": 1}).json()

    assert [record["id"] for record in page["items"]] == [ids[1], ids[0]]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"offset": -1}])
def test_list_refuses_pages_that_cannot_be(client: TestClient, query: dict[str, int]) -> None:
    assert client.get(URL, params=query).status_code == 422
${search === undefined ? '' : searchApiTest(search)}${filterApiTest(entity)}${relationApiTests(project, entity)}${conflictApiTest(project, entity)}`;
  const candidates = project.entities.flatMap((e) => [`make_${e.names.snake}`, `${e.names.snake}_values`]);
  const factories = candidates.filter((name) => new RegExp(`\\b${name}\\(`).test(tests));
  return pythonText(`
"""The HTTP interface of ${names.humanPlural}."""

from typing import Any

import pytest
from fastapi.encoders import jsonable_encoder
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

${factoryImport(factories)}

URL = "/api/${names.kebabPlural}"

${tests}`).replace(/\n{4,}/g, '\n\n\n');
}

function plainNames(entity: EntityModel): string {
  const names = entity.fields.filter((field) => field.type !== 'datetime').map((field) => `"${field.name}"`);
  const items = names.length === 1 ? `${names[0] ?? ''},` : names.join(', ');
  return `    for name in (${items}):`.length <= 100
    ? items
    : `\n${names.map((name) => `        ${name},`).join('\n')}\n    `;
}

function invalidTest(cases: readonly InvalidCase[], snake: string): string {
  const rows = cases.map((invalid) => `        ("${invalid.field}", ${invalid.value}),`).join('\n');
  return `
@pytest.mark.parametrize(
    ("field", "value"),
    [
${rows}
    ],
)
def test_create_refuses_bad_values(
    client: TestClient, session: Session, field: str, value: Any
) -> None:
    payload = {**jsonable_encoder(${snake}_values(session)), field: value}

    response = client.post(URL, json=payload)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
`;
}

function searchApiTest(field: FieldModel): string {
  return `

def test_list_searches(client: TestClient, session: Session) -> None:
    wanted = create(client, session, ${field.name}="A rare Marmot")
    create(client, session)

    page = client.get(URL, params={"search": "marmot"}).json()

    assert [record["id"] for record in page["items"]] == [wanted["id"]]
`;
}
