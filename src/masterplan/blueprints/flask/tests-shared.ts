/** Fixtures and tests of a generated Flask application as a whole. */
import type { ProjectModel } from '../model.ts';
import type { ClientWords } from '../python-web/conftest.ts';
import { ownSettings } from '../python-web/feature-parts.ts';
import { pythonText } from '../python-text.ts';

/** What the fixtures of a client are made of. */
export const FLASK_CLIENT: ClientWords = {
  app: 'Flask',
  client: 'FlaskClient',
  imports: ['from flask import Flask', 'from flask.testing import FlaskClient'],
  gives: 'FlaskClient',
  body: 'return app.test_client()',
};

export function payloadsFile(): string {
  return pythonText(`
"""What clients send, as JSON carries it."""

import json
from typing import Any


def as_json(values: dict[str, Any]) -> dict[str, Any]:
    """Values with dates, instants and choices as text."""
    return json.loads(json.dumps(values, default=lambda value: value.isoformat()))
`);
}

export function openapiTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const path = `/api/${entity?.names.kebabPlural ?? ''}`;
  const { pascal = '', snakePlural = '' } = entity?.names ?? {};
  return pythonText(`
"""The OpenAPI description."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def description(client: FlaskClient) -> dict[str, Any]:
    """The description as clients get it."""
    return client.get("/openapi.json").json


def test_every_operation_is_described(description: dict[str, Any]) -> None:
    paths = description["paths"]

    assert set(paths["${path}"]) == {"get", "post"}
    assert set(paths["${path}/{record_id}"]) == {"get", "patch", "delete"}


def test_operations_name_their_schemas(description: dict[str, Any]) -> None:
    create = description["paths"]["${path}"]["post"]

    schema = {"$ref": "#/components/schemas/${pascal}Create"}
    assert create["requestBody"]["content"]["application/json"]["schema"] == schema
    assert set(create["responses"]) == {"201", "default"}


def test_lists_name_what_the_query_string_may_say(description: dict[str, Any]) -> None:
    operation = description["paths"]["${path}"]["get"]

    assert operation["operationId"] == "${snakePlural}_list_${snakePlural}"
    assert {"limit", "offset", "sort"} <= {part["name"] for part in operation["parameters"]}


def test_paths_name_their_ids(description: dict[str, Any]) -> None:
    (parameter,) = description["paths"]["${path}/{record_id}"]["get"]["parameters"]

    assert (parameter["name"], parameter["in"]) == ("record_id", "path")


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    named = set(re.findall(r"#/components/schemas/(\\w+)", json.dumps(description)))

    assert named <= set(description["components"]["schemas"])
    assert "ErrorBody" in named


def test_asking_again_answers_the_same(client: FlaskClient, description: dict[str, Any]) -> None:
    assert client.get("/openapi.json").json == description
`);
}

export function requestsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const path = `/api/${entity?.names.kebabPlural ?? ''}`;
  return pythonText(`
"""What is no valid request, whatever it is about."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from app.database import MEMORY_URL
from app.main import create_app
from app.settings import Settings

URL = "${path}"


@pytest.mark.parametrize("body", ["", "{", "[]", "3", '"text"', "null"])
def test_a_body_must_be_a_json_object(client: FlaskClient, body: str) -> None:
    response = client.post(URL, data=body, content_type="application/json")

    assert response.status_code == 422
    assert response.json["errors"][0]["message"] == "The body must be a JSON object."


def test_a_body_of_another_type_is_refused(client: FlaskClient) -> None:
    assert client.post(URL, data="{}", content_type="text/plain").status_code == 422


@pytest.mark.parametrize("path", ["/nowhere", f"{URL}/0", f"{URL}/first", f"{URL}/2147483648", f"{URL}/{'9' * 5000}"])
def test_unknown_paths_answer_in_the_form_of_all_errors(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert response.json["errors"] == []
    assert response.json["detail"]


def test_a_path_names_the_methods_that_it_allows(client: FlaskClient) -> None:
    response = client.put(URL, json={})

    assert response.status_code == 405
    assert response.json["detail"]
    assert "POST" in response.headers["Allow"]


def test_what_breaks_inside_is_not_told() -> None:
    response = broken_app().test_client().get("/broken")

    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json["errors"] == []


def broken_app() -> Flask:
    """An application with routes that fail."""
    app = create_app(${ownSettings(project)})

    @app.get("/broken")
    def fail() -> str:
        raise RuntimeError("a secret of the inside")

    @app.get("/refused")
    def refuse() -> str:
        raise IntegrityError("INSERT", None, ValueError("UNIQUE constraint failed"))

    return app


def test_what_the_database_refuses_is_a_conflict() -> None:
    response = broken_app().test_client().get("/refused")

    assert response.status_code == 409
    assert "UNIQUE" not in response.text


@pytest.mark.parametrize("body", ["[" * 100_000, '{"name": ' + "9" * 5000 + "}"])
def test_what_cannot_be_read_is_refused(client: FlaskClient, body: str) -> None:
    assert client.post(URL, data=body, content_type="application/json").status_code == 422


def test_browsers_may_ask_what_they_may_send(client: FlaskClient) -> None:
    response = client.options(URL, headers={"Origin": "http://localhost:5173"})

    assert response.status_code == 200
    assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert "Origin" in response.headers["Vary"]
`);
}
