/** The rate limit in Flask. */
import { fileText } from '../layout.ts';

export function limitsFile(): string {
  return fileText(`
"""Refuses clients that send too many requests."""

from flask import Flask, current_app, request

from app.rate_limit import RateLimiter
from app.settings import Settings


def limit_requests(app: Flask, settings: Settings) -> None:
    """Counts the requests to the API by client address; the health of the service is free."""
    app.extensions["limiter"] = RateLimiter(settings.rate_limit_per_minute)
    app.before_request(refuse_too_many)


def refuse_too_many() -> None:
    """Raises where a client has sent too many requests; questions of browsers do not count."""
    if request.path.startswith("/api") and request.method != "OPTIONS":
        current_app.extensions["limiter"].check(request.remote_addr or "unknown")
`);
}
