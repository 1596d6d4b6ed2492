/** Fixtures and tests of the application as a whole. */
import type { ProjectModel } from '../model.ts';
import { has, testSettings } from '../python-web/feature-parts.ts';
import { fileText } from '../layout.ts';

/** Fixtures of the clients: one that has signed in, where there is sign-in, and one that has not. */
function clientFixtures(project: ProjectModel): string {
  const { settings, parameters } = testSettings(project);
  const given = ['database: Database', ...parameters].join(', ');
  if (!has(project, 'auth'))
    return `
@pytest.fixture
def client(${given}) -> Iterator[TestClient]:
    """A client of the application on the database of the test."""
    with TestClient(create_app(${settings}, database)) as client:
        yield client
`;
  const role = has(project, 'roles') ? ', role=Role.ADMIN' : '';
  return `
@pytest.fixture
def anonymous(${given}) -> Iterator[TestClient]:
    """A client of the application on the database of the test; nobody has signed in."""
    with TestClient(create_app(${settings}, database)) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, session: Session) -> TestClient:
    """The client after ${role === '' ? 'somebody' : 'an admin'} has signed in."""
    sign_in(anonymous, make_account(session${role}))
    return anonymous
`;
}

export function conftestFile(project: ProjectModel): string {
  const auth = has(project, 'auth');
  const usesPath = testSettings(project).parameters.length > 0;
  return fileText(`
"""Fixtures: every test gets a database of its own, in memory."""

from collections.abc import Iterator
${usesPath ? 'from pathlib import Path\n' : ''}
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.database import MEMORY_URL, Database
from app.main import create_app
${has(project, 'roles') ? 'from app.models.account import Role\n' : ''}from app.settings import Settings
${auth ? 'from tests.accounts import make_account\nfrom tests.signing_in import sign_in\n' : ''}

@pytest.fixture
def database() -> Database:
    """An empty database with all tables."""
    database = Database(MEMORY_URL)
    database.create_tables()
    return database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session on the database of the test."""
    with database.sessions() as session:
        yield session

${clientFixtures(project)}`);
}

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

export function healthTestFile(): string {
  return fileText(`
"""The service as a whole."""

from fastapi.testclient import TestClient


def test_health_answers_when_the_database_does(client: TestClient) -> None:
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_pages_of_the_front_end_may_call_the_api(client: TestClient) -> None:
    response = client.get("/health", headers={"Origin": "http://localhost:5173"})

    assert response.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_pages_from_elsewhere_may_not(client: TestClient) -> None:
    response = client.get("/health", headers={"Origin": "http://elsewhere.example"})

    assert "access-control-allow-origin" not in response.headers
`);
}
