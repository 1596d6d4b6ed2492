/** Backend files that do not depend on the entities: settings, database, errors and paging. */
import type { ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { featureSettings, followsDeletions, has } from './feature-parts.ts';

export function settingsFile(project: ProjectModel): string {
  const more = featureSettings(project);
  const fields = more.map(({ name, type, fallback }) => `\n    ${name}: ${type} = ${fallback}`).join('');
  const reads = more.map(({ name, read }) => `\n            ${name}=${read},`).join('');
  return fileText(`
"""Settings, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations."""

    database_url: str = "sqlite:///./${project.slug}.db"
    allowed_origins: tuple[str, ...] = ("http://localhost:5173",)${fields}

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Settings of this process; what is not set keeps its default."""
        origins = env.get("ALLOWED_ORIGINS")
        return cls(
            database_url=env.get("DATABASE_URL") or cls.database_url,
            allowed_origins=parse_list(origins) if origins else cls.allowed_origins,${reads}
        )


def parse_list(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated list, without blanks and empty parts."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
`);
}

export function databaseFile(project: ProjectModel): string {
  const follows = followsDeletions(project);
  const audited = has(project, 'audit');
  const trail = audited ? '\n        keep_trail(self.sessions)' : '';
  const listen = follows ? '\n        event.listen(self.sessions, "before_flush", release_dependents)' : '';
  return fileText(`
"""The connection to the database."""

from typing import Any, cast

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

${audited ? 'from app.audit import keep_trail\n' : ''}${follows ? 'from app.dependents import release_dependents\n' : ''}from app.models import Base

MEMORY_URL = "sqlite://"


class Database:
    """An engine and the sessions made from it."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.sessions = sessionmaker(bind=self.engine, expire_on_commit=False)${listen}${trail}

    def create_tables(self) -> None:
        """Creates the tables that are missing; existing ones stay as they are."""
        Base.metadata.create_all(self.engine)


def open_engine(url: str) -> Engine:
    """An engine for any SQLAlchemy URL, with what SQLite needs to check foreign keys."""
    engine = cast(Engine, create_engine(url, **engine_options(url)))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", enforce_foreign_keys)
    return engine


def engine_options(url: str) -> dict[str, Any]:
    """SQLite is used from several threads; in memory, all of them share one connection."""
    if not url.startswith("sqlite"):
        return {"pool_pre_ping": True}
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False}}
    if url == MEMORY_URL:
        options["poolclass"] = StaticPool
    return options


def enforce_foreign_keys(connection: Any, _record: Any) -> None:
    """SQLite checks foreign keys only where a connection asks for it."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
`);
}

const FEATURE_ERRORS = {
  unauthorized: `
class UnauthorizedError(AppError):
    """The request does not say who sends it, or not in a way that holds."""

    status_code = 401
    headers = {"WWW-Authenticate": "Bearer"}

`,
  forbidden: `
class ForbiddenError(AppError):
    """The account may not do this."""

    status_code = 403

`,
  invalidLines: `
class InvalidLinesError(AppError):
    """Lines of a file are not valid; nothing of it is stored."""

    status_code = 422
    #: More would not help anybody.
    max_problems = 100

    def __init__(self, problems: list[dict[str, str]]) -> None:
        super().__init__(f"{len(problems)} problem(s) in the file; nothing was stored.")
        self.lines = problems[: self.max_problems]

    def problems(self) -> list[dict[str, str]]:
        """What is wrong with each line."""
        return self.lines

`,
  tooMany: `
class TooManyRequestsError(AppError):
    """The client has sent more requests than it may."""

    status_code = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many requests: try again in {seconds} seconds.")
        self.headers = {"Retry-After": str(seconds)}

`,
  tooLarge: `
class TooLargeError(AppError):
    """What the client sends is larger than the service takes."""

    status_code = 413

`,
} as const;

/** Whether errors of the project have headers of their own. */
export function errorsHaveHeaders(project: ProjectModel): boolean {
  return has(project, 'auth') || has(project, 'rate_limit');
}

function featureErrors(project: ProjectModel): string {
  const errors = [
    has(project, 'auth') ? FEATURE_ERRORS.unauthorized : '',
    has(project, 'roles') ? FEATURE_ERRORS.forbidden : '',
    has(project, 'rate_limit') ? FEATURE_ERRORS.tooMany : '',
    has(project, 'upload') || has(project, 'csv') ? FEATURE_ERRORS.tooLarge : '',
    has(project, 'csv') ? FEATURE_ERRORS.invalidLines : '',
  ];
  return errors.join('');
}

export function errorsFile(project: ProjectModel): string {
  const headers = errorsHaveHeaders(project) ? '\n    headers: dict[str, str] = {}' : '';
  return fileText(`
"""Errors with a status of their own, and the one form in which they leave the service."""

from typing import Any


class AppError(Exception):
    """Base of the errors that clients are told about."""

    status_code = 400${headers}

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field

    def problems(self) -> list[dict[str, str]]:
        """The field that the error is about, with what is wrong."""
        return [{"field": self.field, "message": self.detail}] if self.field else []


class NotFoundError(AppError):
    """There is no such record."""

    status_code = 404


class ConflictError(AppError):
    """The change does not fit what is stored."""

    status_code = 409


class InvalidInputError(AppError):
    """A value is well formed but not allowed."""

    status_code = 422

${featureErrors(project)}
def error_body(detail: str, errors: list[dict[str, str]]) -> dict[str, Any]:
    """The body of every error: a sentence, and the fields it is about."""
    return {"detail": detail, "errors": errors}
`);
}

export function paginationFile(): string {
  return fileText(`
"""Which part of a collection a client asked for."""

from dataclasses import dataclass

MAX_LIMIT = 100
MAX_INTEGER = 2_147_483_647


@dataclass(frozen=True)
class PageRequest:
    """At most \`limit\` records in the order of \`sort\`, after leaving out the first \`offset\`."""

    limit: int = 20
    offset: int = 0
    #: The name of a column, with "-" before it for the largest first.
    sort: str = "-id"
`);
}

/** `app/session_info.py`, where sessions carry something for those who follow them. */
export function sessionInfoFile(): string {
  return fileText(`
"""What a session carries along, beside its records."""

from typing import Any, cast

from sqlalchemy.orm import Session


def info_of(session: Session) -> dict[str, Any]:
    """Notes for whoever follows the work of the session."""
    return cast(dict[str, Any], session.info)
`);
}
