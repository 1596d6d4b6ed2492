/** What of the foundation is Flask's own: the answers to errors, and the origins that may call. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { errorsHaveHeaders } from '../python-web/foundation.ts';
import { exposedHeaders, sentHeaders } from '../python-web/headers.ts';

export function errorHandlersFile(project: ProjectModel): string {
  const headers = errorsHaveHeaders(project) ? '\n    response.headers.update(error.headers)' : '';
  return fileText(`
"""How errors leave the service."""

from flask import Flask, Response, jsonify
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from app.errors import AppError, ConflictError, error_body


def handle_app_error(error: AppError) -> Response:
    """Answers with the status of the error."""
    response = jsonify(error_body(error.detail, error.problems()))
    response.status_code = error.status_code${headers}
    return response


def handle_http_exception(error: HTTPException) -> Response:
    """Answers what Flask itself refuses, such as an unknown path, in the form of all errors."""
    response = jsonify(error_body(error.description or error.name, []))
    response.status_code = error.code or 500
    response.headers.extend(own_headers(error))
    return response


def handle_integrity_error(_error: IntegrityError) -> Response:
    """Answers 409 where the database itself refuses, as for the slower of two equal requests."""
    return handle_app_error(ConflictError("This does not fit what is stored."))


def own_headers(error: HTTPException) -> list[tuple[str, str]]:
    """The headers of an exception, such as the methods that a path allows, without its type."""
    return [(name, value) for name, value in error.get_headers() if name != "Content-Type"]


def install_error_handlers(app: Flask) -> None:
    """Makes the service answer all errors in the same form."""
    app.register_error_handler(AppError, handle_app_error)
    app.register_error_handler(HTTPException, handle_http_exception)
    app.register_error_handler(IntegrityError, handle_integrity_error)
`);
}

export function corsFile(project: ProjectModel): string {
  const exposed = exposedHeaders(project).join(', ');
  const exposes = exposed === '' ? '' : `\n    response.headers["Access-Control-Expose-Headers"] = "${exposed}"`;
  return fileText(`
"""Which pages may call the service from a browser."""

from flask import Flask, Response, request

METHODS = "GET, POST, PATCH, DELETE"
HEADERS = "${sentHeaders(project).join(', ')}"


def allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Lets pages from these origins call the API."""

    @app.after_request
    def add_cors_headers(response: Response) -> Response:
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        return allowed(response, origin) if origin in origins else response


def allowed(response: Response, origin: str) -> Response:
    """The response, readable by pages of the origin."""
    response.headers["Access-Control-Allow-Origin"] = origin${exposes}
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = HEADERS
    return response
`);
}
