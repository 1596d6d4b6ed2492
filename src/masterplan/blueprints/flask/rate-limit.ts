/** The rate limit in Flask. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { ownSettings } from '../python-web/feature-parts.ts';

export function limitsFile(): string {
  return fileText(`
"""Refuses clients that send too many requests."""

from flask import Flask, current_app, request

from app.rate_limit import RateLimiter
from app.settings import Settings


def limit_requests(app: Flask, settings: Settings) -> None:
    """Counts the requests to the API by client address; the health of the service is free."""
    app.extensions["limiter"] = RateLimiter(settings.rate_limit_per_minute)
    app.config["BEHIND_PROXY"] = settings.behind_proxy
    app.before_request(refuse_too_many)


def refuse_too_many() -> None:
    """Raises where a client has sent too many requests; questions of browsers do not count."""
    if request.path.startswith("/api") and request.method != "OPTIONS":
        current_app.extensions["limiter"].check(client_address())


def client_address() -> str:
    """The address of the client: as our own web server names it, where there is one before us."""
    forwarded = request.access_route if current_app.config["BEHIND_PROXY"] else []
    return forwarded[0] if forwarded else request.remote_addr or "unknown"
`);
}

/** Tests of whose requests are counted, for `tests/test_limits.py`. */
export function proxyTests(project: ProjectModel): string {
  const settings = ownSettings(project, ['rate_limit_per_minute=1', 'behind_proxy=True']);
  const [entity] = project.entities;
  const url = `/api/${entity?.names.kebabPlural ?? ''}`;
  return `

def send_as(client: FlaskClient, address: str) -> int:
    """The status of a request that a web server hands on for a client."""
    return client.get("${url}", headers={"X-Forwarded-For": address}).status_code


def test_behind_a_web_server_clients_are_counted_apart() -> None:
    settings = ${settings}
    client = create_app(settings).test_client()

    assert 429 not in (send_as(client, "192.0.2.1"), send_as(client, "192.0.2.2"))
    assert send_as(client, "192.0.2.1") == 429


def test_elsewhere_clients_do_not_name_themselves(limited: FlaskClient) -> None:
    statuses = [send_as(limited, f"192.0.2.{number}") for number in range(3)]

    assert statuses[-1] == 429
`;
}
