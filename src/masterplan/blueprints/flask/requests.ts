/** How a generated Flask service reads requests and answers them: schemas in, schemas out. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';

export function parsingFile(): string {
  return fileText(`
"""Reading requests through the schemas."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from app.errors import AppError

SchemaType = TypeVar("SchemaType", bound=BaseModel)


class InvalidRequestError(AppError):
    """The query string or the body does not fit its schema."""

    status_code = 422

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("The request is not valid.")
        self.errors = errors

    def problems(self) -> list[dict[str, str]]:
        """What is wrong with each field."""
        return self.errors


def parse_body(schema: type[SchemaType]) -> SchemaType:
    """The JSON object in the body of the request."""
    try:
        values = request.get_json(silent=True)
    except RecursionError:
        values = None
    if not isinstance(values, dict):
        raise InvalidRequestError([{"field": "", "message": "The body must be a JSON object."}])
    return parse(schema, values)


def parse_query(schema: type[SchemaType]) -> SchemaType:
    """The query string of the request; of a name that is there twice, the first one counts."""
    return parse(schema, request.args.to_dict())


def parse(schema: type[SchemaType], values: dict[str, Any]) -> SchemaType:
    """Values as a schema has them; raises InvalidRequestError naming the fields that do not fit."""
    try:
        return schema(**values)
    except ValidationError as error:
        problems = [field_error(problem["loc"], problem["msg"]) for problem in error.errors()]
        raise InvalidRequestError(problems) from error


def field_error(location: tuple[str | int, ...], message: str) -> dict[str, str]:
    """A validation problem as clients get it."""
    return {"field": ".".join(str(part) for part in location), "message": message}
`);
}

/** Whether views read or make bodies that are no JSON. */
function hasFiles(project: ProjectModel): boolean {
  return has(project, 'csv') || has(project, 'upload');
}

export function endpointFile(project: ProjectModel): string {
  const files = hasFiles(project)
    ? `
    #: A body that the view reads itself, and an answer that it makes itself, as OpenAPI has them.
    reads: Content | None = None
    makes: Content | None = None`
    : '';
  const content = hasFiles(project) ? '\nContent = dict[str, Any]' : '';
  const lists = has(project, 'upload');
  const listField = lists
    ? `
    #: Whether the answer is a list of what \`answer\` says.
    is_list: bool = False`
    : '';
  const listAnswer = lists ? ' | list[Any]' : '';
  const listText = lists
    ? `
    if isinstance(answer, list):
        return f"[{','.join(json_of(part) for part in answer)}]"`
    : '';
  return fileText(`
"""Views that say what they take and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response
from pydantic import BaseModel

from app.parsing import parse_body, parse_query

View = Callable[..., Any]${content}


@dataclass(frozen=True)
class Endpoint:
    """What a view takes and answers."""

    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200${files}${listField}

    def arguments(self) -> dict[str, BaseModel]:
        """The query string and the body of the request, by the parameters of the view."""
        arguments: dict[str, BaseModel] = {}
        if self.query is not None:
            arguments["query"] = parse_query(self.query)
        if self.body is not None:
            arguments["payload"] = parse_body(self.body)
        return arguments


#: What is known of each view; the OpenAPI description is made from it.
ENDPOINTS: dict[View, Endpoint] = {}


def endpoint(described: Endpoint) -> Callable[[View], View]:
    """Decorator: gives a view its checked query and payload, and answers with what it returns."""

    def decorate(view: View) -> View:
        @wraps(view)
        def respond(**path: Any) -> Response:
            return response_of(view(**path, **described.arguments()), described.status)

        ENDPOINTS[respond] = described
        return respond

    return decorate


def response_of(result: BaseModel | Response${listAnswer} | None, status: int) -> Response:
    """The response for what a view returned; a response that it made itself stays as it is."""
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status=status)
    return Response(json_of(result), status=status, mimetype="application/json")


def json_of(answer: BaseModel${listAnswer}) -> str:
    """An answer as JSON text, with pydantic 1 as with pydantic 2."""${listText}
    dump = getattr(answer, "model_dump_json", None) or answer.json
    return dump()
`);
}

export function querySchemaFile(): string {
  return fileText(`
"""What the query string of every list may say."""

from pydantic import BaseModel, Field

from app.pagination import MAX_INTEGER, MAX_LIMIT, PageRequest


class SortQuery(BaseModel):
    """The order of the records."""

    sort: str = Field(default="-id", max_length=60)


class PageQuery(SortQuery):
    """The page, and the order of the records."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    offset: int = Field(default=0, ge=0, le=MAX_INTEGER)


def page_of(query: PageQuery) -> PageRequest:
    """The page that a query string asks for."""
    return PageRequest(limit=query.limit, offset=query.offset, sort=query.sort)
`);
}

export function sessionsFile(): string {
  return fileText(`
"""One session per request."""

from typing import Any

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from app.database import Database


def get_session() -> Session:
    """The session of the request, opened where it is first needed."""
    if "session" not in g:
        g.session = current_app.extensions["database"].sessions()
    return g.session


def close_session(_error: Any = None) -> None:
    """Closes the session of a request that is over; what was not committed is undone."""
    session = g.pop("session", None)
    if session is not None:
        session.close()


def install_database(app: Flask, database: Database) -> None:
    """Makes a database, with its tables in place, the one of the application."""
    database.create_tables()
    app.extensions["database"] = database
    app.teardown_appcontext(close_session)
`);
}

export function convertersFile(): string {
  return fileText(`
"""Parts of paths that are more than text."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map

from app.pagination import MAX_INTEGER


class RecordIdConverter(IntegerConverter):
    """Ids that a record can have: \`/books/<id:record_id>\`. Other paths are not found."""

    #: No more digits than an id has: Python refuses to read thousands of them.
    regex = r"\\d{1,10}"

    def __init__(self, url_map: Map, *_arguments: Any) -> None:
        super().__init__(url_map, min=1, max=MAX_INTEGER)
`);
}
