/** `tests/conftest.py` of a Python back end: one application and one database for all tests, emptied before each. */
import type { ProjectModel } from '../model.ts';
import { pythonText } from '../python-text.ts';
import { has, sharedSettings } from './feature-parts.ts';

/** What the fixtures of a web framework are made of. */
export interface ClientWords {
  /** The class of applications and of test clients, and the lines that import them. */
  readonly app: string;
  readonly client: string;
  readonly imports: readonly string[];
  /** What the fixture of a client says it gives, and the line or lines that give it. */
  readonly gives: string;
  readonly body: string;
}

function clientFixture(name: string, docstring: string, words: ClientWords): string {
  return `
@pytest.fixture
def ${name}(app: ${words.app}) -> ${words.gives}:
    """${docstring}"""
    ${words.body}
`;
}

/** Fixtures of the clients: one that has signed in, where there is sign-in, and one that has not. */
function clientFixtures(project: ProjectModel, words: ClientWords): string {
  if (!has(project, 'auth')) return clientFixture('client', 'A client of the application.', words);
  const role = has(project, 'roles') ? ', role=Role.ADMIN' : '';
  return `${clientFixture('anonymous', 'A client of the application; nobody has signed in.', words)}

@pytest.fixture
def client(anonymous: ${words.client}, session: Session) -> ${words.client}:
    """The client after ${role === '' ? 'somebody' : 'an admin'} has signed in."""
    sign_in(anonymous, make_account(session${role}))
    return anonymous
`;
}

function appFixture(project: ProjectModel, words: ClientWords): string {
  const uploads = has(project, 'upload');
  const folder = uploads ? ', tmp_path_factory: pytest.TempPathFactory' : '';
  return `
@pytest.fixture(scope="session")
def app(database: Database${folder}) -> ${words.app}:
    """The application, made once: making it takes longer than most tests."""
${uploads ? '    uploads = str(tmp_path_factory.mktemp("uploads"))\n' : ''}    return create_app(${sharedSettings(project)}, database)
`;
}

/** `backend/tests/conftest.py`. */
export function conftestFile(project: ProjectModel, words: ClientWords): string {
  const signIn = has(project, 'auth')
    ? 'from tests.accounts import make_account\nfrom tests.signing_in import sign_in\n'
    : '';
  return pythonText(`
"""Fixtures: all tests share an application and its database, and each begins without records."""

from collections.abc import Iterator

import pytest
${words.imports.join('\n')}
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.database import MEMORY_URL, Database
from app.main import create_app
from app.models import Base
${has(project, 'roles') ? 'from app.models.account import Role\n' : ''}from app.settings import Settings
${signIn}

@pytest.fixture(scope="session")
def database() -> Database:
    """A database in memory with all tables."""
    database = Database(MEMORY_URL)
    database.create_tables()
    return database


@pytest.fixture(autouse=True)
def without_records(database: Database) -> None:
    """Empties all tables, however their records refer to each other."""
    with database.engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        for table in Base.metadata.tables.values():
            connection.execute(table.delete())
    with database.engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys=ON"))


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session on the database of the tests."""
    with database.sessions() as session:
        yield session

${appFixture(project, words)}
${clientFixtures(project, words)}`);
}
