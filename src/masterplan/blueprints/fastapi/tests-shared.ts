/** Fixtures and tests of the application as a whole. */
import { pythonText } from '../python-text.ts';

export function conftestFile(): string {
  return pythonText(`
"""Fixtures: every test gets a database of its own, in memory."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.database import MEMORY_URL, Database
from app.main import create_app
from app.settings import Settings


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


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    """A client of the application on the database of the test."""
    with TestClient(create_app(Settings(), database)) as client:
        yield client
`);
}

export function healthTestFile(): string {
  return pythonText(`
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
