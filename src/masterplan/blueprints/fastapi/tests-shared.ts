/** Fixtures and tests of the application as a whole. */
import { fileText } from '../layout.ts';
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
