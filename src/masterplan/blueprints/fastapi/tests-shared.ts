/** Fixtures and tests of the application as a whole. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { exposedHeaders } from '../python-web/headers.ts';
import type { ClientWords } from '../python-web/conftest.ts';

/** What the fixtures of a client are made of. */
export const FASTAPI_CLIENT: ClientWords = {
  app: 'FastAPI',
  client: 'TestClient',
  imports: ['from fastapi import FastAPI', 'from fastapi.testclient import TestClient'],
  gives: 'Iterator[TestClient]',
  body: 'with TestClient(app) as client:\n        yield client',
};

export function signInFile(): string {
  return fileText(`
"""Signing in for tests."""

from typing import Any

from fastapi.testclient import TestClient

from app.models.account import Account


def sign_in(client: TestClient, account: Account) -> None:
    """Makes the client send its next requests as the account."""
    app: Any = client.app
    token = app.state.tokens.issue(account.id)
    client.headers["Authorization"] = f"Bearer {token}"
`);
}

function exposedTest(project: ProjectModel): string {
  const names = exposedHeaders(project);
  if (names.length === 0) return '';
  return `

def test_pages_of_the_front_end_may_read_all_headers_that_they_need(client: TestClient) -> None:
    response = client.get("/health", headers={"Origin": "http://localhost:5173"})

    exposed = response.headers["access-control-expose-headers"].split(", ")
    assert exposed == [${names.map((name) => `"${name}"`).join(', ')}]
`;
}

export function healthTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const path = `/api/${entity?.names.kebabPlural ?? ''}`;
  return fileText(`
"""The service as a whole."""

import pytest
from fastapi.testclient import TestClient


def test_health_answers_when_the_database_does(client: TestClient) -> None:
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/health", "${path}"])
def test_head_answers_as_get_without_a_body(client: TestClient, path: str) -> None:
    response = client.head(path)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.content == b""


@pytest.mark.parametrize("record_id", ["0", "-1", "first", "2147483648", "9" * 5000])
def test_an_id_that_no_record_can_have_is_not_found(client: TestClient, record_id: str) -> None:
    response = client.get(f"${path}/{record_id}")

    assert response.status_code == 404
    assert response.json()["errors"] == []


def test_pages_of_the_front_end_may_call_the_api(client: TestClient) -> None:
    response = client.get("/health", headers={"Origin": "http://localhost:5173"})

    assert response.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_pages_from_elsewhere_may_not(client: TestClient) -> None:
    response = client.get("/health", headers={"Origin": "http://elsewhere.example"})

    assert "access-control-allow-origin" not in response.headers
${exposedTest(project)}`);
}
