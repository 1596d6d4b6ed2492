/** What of the foundation is FastAPI's own: the answers to errors, and the dependencies that routes share. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { errorsHaveHeaders } from '../python-web/foundation.ts';

export function errorHandlersFile(project: ProjectModel): string {
  const options = ['status_code=error.status_code', ...(errorsHaveHeaders(project) ? ['headers=error.headers'] : [])];
  return fileText(`
"""How errors leave the service."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from app.errors import AppError, ConflictError, error_body


async def handle_app_error(_request: Request, error: AppError) -> JSONResponse:
    """Answers with the status of the error."""
    body = error_body(error.detail, error.problems())
    return JSONResponse(body, ${options.join(', ')})


def field_error(problem: dict[str, Any]) -> dict[str, str]:
    """A validation problem without the part of its location that names the body or the query."""
    location = [str(part) for part in problem["loc"][1:]]
    return {"field": ".".join(location), "message": problem["msg"]}


async def handle_validation_error(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answers 422 with one entry per wrong field, and 404 to ids that no record can have."""
    if any(problem["loc"][0] == "path" for problem in error.errors()):
        return JSONResponse(error_body("Not Found", []), status_code=404)
    errors = [field_error(problem) for problem in jsonable_encoder(error.errors())]
    return JSONResponse(error_body("The request is not valid.", errors), status_code=422)


async def handle_http_exception(_request: Request, error: HTTPException) -> JSONResponse:
    """Answers what FastAPI itself refuses, such as an unknown path, in the form of all errors."""
    body = error_body(str(error.detail), [])
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def handle_integrity_error(request: Request, _error: IntegrityError) -> JSONResponse:
    """Answers 409 where the database itself refuses, as for the slower of two equal requests."""
    return await handle_app_error(request, ConflictError("This does not fit what is stored."))


async def handle_failure(_request: Request, _error: Exception) -> JSONResponse:
    """Answers 500 without a word about the inside, which is in the log."""
    return JSONResponse(error_body("The service has failed.", []), status_code=500)


def install_error_handlers(app: FastAPI) -> None:
    """Makes the service answer all errors in the same form."""
    app.add_exception_handler(AppError, handle_app_error)
    app.add_exception_handler(RequestValidationError, handle_validation_error)
    app.add_exception_handler(HTTPException, handle_http_exception)
    app.add_exception_handler(IntegrityError, handle_integrity_error)
    app.add_exception_handler(Exception, handle_failure)
`);
}

/** `backend/app/head_requests.py`. */
export function headRequestsFile(): string {
  return fileText(`
"""HEAD, which FastAPI does not answer by itself."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadAsGet:
    """Middleware: answers HEAD as GET; the server, which knows the method, sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)
`);
}

export function dependenciesFile(): string {
  return fileText(`
"""What routes get from the request."""

from collections.abc import Iterator

from fastapi import Query, Request
from sqlalchemy.orm import Session

from app.pagination import MAX_INTEGER, MAX_LIMIT, PageRequest


def get_session(request: Request) -> Iterator[Session]:
    """One session per request, closed when the answer is ready."""
    with request.app.state.database.sessions() as session:
        yield session


def read_page(
    limit: int = Query(default=20, ge=1, le=MAX_LIMIT),
    offset: int = Query(default=0, ge=0, le=MAX_INTEGER),
    sort: str = Query(default="-id", max_length=60),
) -> PageRequest:
    """The page and the order named in the query string."""
    return PageRequest(limit=limit, offset=offset, sort=sort)
`);
}
