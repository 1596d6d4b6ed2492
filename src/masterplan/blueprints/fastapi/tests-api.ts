/** `backend/tests/test_<entity>_api.py`. */
import { bracketed } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, inverseRelations, type ProjectModel } from '../model.ts';
import { pythonText } from '../python-text.ts';
import { filterFields, searchFields } from '../filters.ts';
import { manyApiTests, sortApiTests } from './tests-lists.ts';
import { changeableField, changedValue, factoryImport, mandatoryNames } from '../python-web/samples.ts';

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
  return `

def test_update_changes_only_what_it_names(client: TestClient, session: Session) -> None:
    before = create(client, session)
    changes = {"${field.name}": ${value}}

    response = client.patch(f"{URL}/{before['id']}", json=changes)

    assert response.status_code == 200
    expected = {**before, **changes}
    for name in expected.keys() - {"label", "updated_at"}:
        assert response.json()[name] == expected[name]
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
    target = make_${target.snake}(session)

    record = create(client, session, ${relation.name}_id=target.id)

    assert record["${relation.name}"] == {"id": target.id, "label": target.label}


def test_list_filters_by_${relation.name}(client: TestClient, session: Session) -> None:
    target = make_${target.snake}(session)
    wanted = create(client, session, ${relation.name}_id=target.id)
    create(client, session, ${relation.name}_id=make_${target.snake}(session).id)

    page = client.get(URL, params={"${relation.name}_id": target.id}).json()

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
${search === undefined ? '' : searchApiTest(search)}${sortApiTests()}${filterApiTest(entity)}${relationApiTests(project, entity)}${manyApiTests(project, entity)}${conflictApiTest(project, entity)}`;
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
    ids=lambda part: str(part)[:20],
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
