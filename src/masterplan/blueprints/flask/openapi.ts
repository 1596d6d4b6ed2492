/** The OpenAPI description of a generated Flask service: made from its routes and schemas, without another package. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';

export function componentsFile(project: ProjectModel): string {
  const signIn = has(project, 'auth');
  const bearer = signIn ? '\nBEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}' : '';
  const parts = ['"schemas": self.schemas', ...(signIn ? ['"securitySchemes": {"bearer": BEARER}'] : [])];
  return fileText(`
"""The schemas that the OpenAPI description refers to."""

from typing import Any

from pydantic import BaseModel

REFERENCE = "#/components/schemas/{model}"${bearer}


class Components:
    """Schemas by name; each operation adds those that it needs."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}

    def schema_of(self, model: type[BaseModel]) -> dict[str, Any]:
        """The JSON schema of a model; what it refers to is kept here."""
        schema = json_schema(model)
        self.schemas.update(schema.pop("$defs", {}))
        self.schemas.update(schema.pop("definitions", {}))
        return schema

    def reference_to(self, model: type[BaseModel]) -> dict[str, str]:
        """A reference to a model, which is kept here."""
        self.schemas[model.__name__] = self.schema_of(model)
        return {"$ref": REFERENCE.format(model=model.__name__)}

    def document(self) -> dict[str, Any]:
        """The part of the description that operations refer to."""
        return {${parts.join(', ')}}


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON schema of our own for a model: pydantic 1 keeps the one that it gives."""
    make = getattr(model, "model_json_schema", None) or model.schema
    return dict(make(ref_template=REFERENCE))
`);
}

/** What operations say of sign-in. */
function security(project: ProjectModel) {
  if (!has(project, 'auth')) return { imports: '', operation: '' };
  return {
    imports: 'from app.security import OPEN\n',
    operation: `
    if rule.endpoint.split(".")[0] not in OPEN:
        entry["security"] = [{"bearer": []}]`,
  };
}

/** What the description says of bodies that are no JSON. */
function rawBodies(project: ProjectModel) {
  const isRaw = has(project, 'csv') || has(project, 'upload');
  return {
    request: isRaw
      ? `
    if described.reads is not None:
        entry["requestBody"] = {"required": True, "content": described.reads}`
      : '',
    answer: isRaw
      ? `
    if described.makes is not None:
        answer["content"] = described.makes`
      : '',
    list: has(project, 'upload')
      ? `
        schema = components.reference_to(described.answer)
        listed = {"type": "array", "items": schema} if described.is_list else schema
        answer["content"] = json_content(listed)`
      : `
        answer["content"] = json_content(components.reference_to(described.answer))`,
  };
}

export function openapiFile(project: ProjectModel): string {
  const { imports, operation } = security(project);
  const raw = rawBodies(project);
  return fileText(`
"""The OpenAPI description of the service, made from its routes and their schemas."""

import re
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.components import Components
from app.endpoint import ENDPOINTS, Endpoint
from app.schemas.error import ErrorBody
${imports}
TITLE = "${project.title}"
VERSION = "1.0.0"
METHODS = {"GET", "POST", "PATCH", "DELETE"}


def describe(app: Flask) -> dict[str, Any]:
    """The description of all routes that say what they take and answer."""
    components = Components()
    paths: dict[str, dict[str, Any]] = {}
    for rule in app.url_map.iter_rules():
        described = ENDPOINTS.get(app.view_functions[rule.endpoint])
        if described is None:
            continue
        operations = paths.setdefault(path_of(rule), {})
        for method in METHODS & (rule.methods or set()):
            operations[method.lower()] = operation(app, rule, described, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION},
        "paths": paths,
        "components": components.document(),
    }


def path_of(rule: Rule) -> str:
    """The path of a rule as OpenAPI writes it: \`/books/{record_id}\`."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\\1}", rule.rule)


def operation(
    app: Flask, rule: Rule, described: Endpoint, components: Components
) -> dict[str, Any]:
    """What one method of a path takes and answers."""
    entry: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": summary_of(app, rule),
        "tags": [rule.endpoint.split(".")[0]],
        "parameters": path_parameters(rule) + query_parameters(described, components),
        "responses": responses(described, components),
    }
    if described.body is not None:
        content = json_content(components.reference_to(described.body))
        entry["requestBody"] = {"required": True, "content": content}${raw.request}${operation}
    return entry


def summary_of(app: Flask, rule: Rule) -> str:
    """The first line of what a view says about itself."""
    text = app.view_functions[rule.endpoint].__doc__ or rule.endpoint
    return text.strip().splitlines()[0]


def path_parameters(rule: Rule) -> list[dict[str, Any]]:
    """The parts of a path that differ: ids, and names where a rule says nothing else."""
    return [
        {"name": name, "in": "path", "required": True, "schema": path_schema(kind)}
        for kind, name in re.findall(r"<(?:([^:<>]+):)?([^<>]+)>", rule.rule)
    ]


def path_schema(kind: str) -> dict[str, Any]:
    """The schema of a part of a path."""
    return {"type": "integer", "minimum": 1} if kind == "id" else {"type": "string"}


def query_parameters(described: Endpoint, components: Components) -> list[dict[str, Any]]:
    """What the query string may say."""
    if described.query is None:
        return []
    schema = components.schema_of(described.query)
    return [
        {"name": name, "in": "query", "required": False, "schema": part}
        for name, part in schema["properties"].items()
    ]


def responses(described: Endpoint, components: Components) -> dict[str, Any]:
    """The answer of an operation, and the form of all errors."""
    answer: dict[str, Any] = {"description": "Done"}
    if described.answer is not None:${raw.list}${raw.answer}
    problem = json_content(components.reference_to(ErrorBody))
    return {
        str(described.status): answer,
        "default": {"description": "Not done", "content": problem},
    }


def json_content(schema: dict[str, Any]) -> dict[str, Any]:
    """A body in JSON."""
    return {"application/json": {"schema": schema}}
`);
}

export function errorSchemaFile(): string {
  return fileText(`
"""What clients get where a request fails."""

from pydantic import BaseModel


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class ErrorBody(BaseModel):
    """The body of every error: a sentence, and the fields that it is about."""

    detail: str
    errors: list[FieldError]
`);
}

export function openapiRouteFile(): string {
  return fileText(`
"""The description of the service."""

from flask import Blueprint, Response, current_app, jsonify

from app.openapi import describe

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def read_description() -> Response:
    """The OpenAPI description of all routes."""
    return jsonify(describe(current_app))
`);
}
