/** `backend/tests/test_errors_api.py`: errors that no route raises itself, in the form of all errors. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has, ownSettings } from '../python-web/feature-parts.ts';

function lengthTest(project: ProjectModel, path: string): string {
  if (!has(project, 'upload')) return '';
  return `

def test_a_form_of_unknown_length_is_refused(client: TestClient) -> None:
    assert client.post("${path}/1/attachments", content=iter([b"form"])).status_code == 411
`;
}

export function errorsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  const path = `/api/${entity?.names.kebabPlural ?? ''}`;
  return fileText(`
"""Errors that no route raises itself."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError

from app.database import MEMORY_URL
from app.main import create_app
from app.settings import Settings


@pytest.fixture
def broken() -> TestClient:
    """A client of an application with routes that fail."""
    app = create_app(${ownSettings(project)})

    @app.get("/broken")
    def fail() -> None:
        raise RuntimeError("a secret of the inside")

    @app.get("/refused")
    def refuse() -> None:
        raise IntegrityError("INSERT", None, ValueError("UNIQUE constraint failed"))

    return TestClient(app, raise_server_exceptions=False)


def test_unknown_paths_answer_in_the_form_of_all_errors(client: TestClient) -> None:
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not Found", "errors": []}


def test_a_path_names_the_methods_that_it_allows(client: TestClient) -> None:
    response = client.put("${path}")

    assert response.status_code == 405
    assert response.json()["errors"] == []
    assert response.headers["allow"]


def test_what_breaks_inside_is_not_told(broken: TestClient) -> None:
    response = broken.get("/broken")

    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.json()["errors"] == []


def test_what_the_database_refuses_is_a_conflict(broken: TestClient) -> None:
    response = broken.get("/refused")

    assert response.status_code == 409
    assert "UNIQUE" not in response.text
${lengthTest(project, path)}`);
}
