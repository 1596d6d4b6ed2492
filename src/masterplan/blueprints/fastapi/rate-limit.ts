/** The rate limit in FastAPI. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { ownSettings } from '../python-web/feature-parts.ts';

export function limitsFile(): string {
  return fileText(`
"""Refuses clients that send too many requests."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from app.error_handlers import handle_app_error
from app.errors import TooManyRequestsError
from app.rate_limit import RateLimiter
from app.settings import Settings


def limit_requests(app: FastAPI, settings: Settings) -> None:
    """Counts the requests to the API by client address; the health of the service is free."""
    app.state.limiter = RateLimiter(settings.rate_limit_per_minute)
    app.middleware("http")(refuse_too_many)


async def refuse_too_many(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Answers 429 where a client has sent too many requests."""
    if request.url.path.startswith("/api"):
        client = request.client.host if request.client else "unknown"
        try:
            request.app.state.limiter.check(client)
        except TooManyRequestsError as error:
            return await handle_app_error(request, error)
    return await call_next(request)
`);
}

export function limitsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  return fileText(`
"""The limit of requests."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.database import MEMORY_URL
from app.main import create_app
from app.settings import Settings


@pytest.fixture
def limited() -> Iterator[TestClient]:
    """A client that may send two requests each minute."""
    settings = ${ownSettings(project, ['rate_limit_per_minute=2'])}
    with TestClient(create_app(settings)) as client:
        yield client


def test_too_many_requests_are_refused(limited: TestClient) -> None:
    statuses = [limited.get("/api/${entity?.names.kebabPlural ?? ''}").status_code for _ in range(2)]
    refused = limited.get("/api/${entity?.names.kebabPlural ?? ''}")

    assert 429 not in statuses
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "Too many" in refused.json()["detail"]


def test_the_health_of_the_service_is_free(limited: TestClient) -> None:
    assert {limited.get("/health").status_code for _ in range(5)} == {200}


def test_pages_of_the_front_end_can_read_the_refusal(limited: TestClient) -> None:
    headers = {"Origin": "http://localhost:5173"}

    answers = [limited.get("/api/unheard-of", headers=headers) for _ in range(3)]

    assert answers[-1].status_code == 429
    assert answers[-1].headers["access-control-allow-origin"] == "http://localhost:5173"
`);
}
