/** `backend/app/main.py`, the health route and the packages that hold the modules. */
import { bracketed, fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';

export function mainFile(project: ProjectModel): string {
  const entities = [...project.entities].sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
  const modules = [...entities.map((entity) => entity.names.snake), 'health'].sort();
  const flat = `from app.routers import ${modules.join(', ')}`;
  const imports = flat.length <= 100 ? flat : bracketed('from app.routers import (', modules, ')');
  const routers = bracketed(
    'ROUTERS = (',
    ['health.router', ...project.entities.map((e) => `${e.names.snake}.router`)],
    ')',
  );
  return fileText(`
"""The application: \`uvicorn app.main:create_app --factory\` serves it."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.database import Database
from app.error_handlers import install_error_handlers
${imports}
from app.settings import Settings

${routers}

def create_app(settings: Settings | None = None, database: Database | None = None) -> FastAPI:
    """An application with its tables in place; tests pass settings and a database of their own."""
    settings = settings or Settings.from_env()
    app = FastAPI(title="${project.title}", version="1.0.0")
    app.state.database = database or Database(settings.database_url)
    app.state.database.create_tables()
    allow_origins(app, settings)
    install_error_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    return app

def allow_origins(app: FastAPI, settings: Settings) -> None:
    """Lets pages from the configured origins call the API."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.allowed_origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Content-Type"],
    )
`);
}

export function healthRouterFile(): string {
  return fileText(`
"""Whether the service and its database are there."""

from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.dependencies import get_session

router = APIRouter(tags=["health"])

@router.get("/health")
def health(session: Session = Depends(get_session)) -> dict[str, str]:
    """Answers once the database has answered."""
    session.execute(text("SELECT 1"))
    return {"status": "ok"}
`);
}

export function requirementsFile(): string {
  return fileText(`
fastapi>=0.92
sqlalchemy>=1.4.46
uvicorn>=0.17
`);
}

export function devRequirementsFile(): string {
  return fileText(`
-r requirements.txt
httpx>=0.23
pytest>=7.2
ruff>=0.9
`);
}

export function envExampleFile(project: ProjectModel): string {
  return fileText(`
# Any SQLAlchemy URL; the default is a file beside the code.
DATABASE_URL=sqlite:///./${project.slug}.db
# Origins whose pages may call the API, separated by commas.
ALLOWED_ORIGINS=http://localhost:5173
`);
}

export function makefileFile(): string {
  return fileText(`
.PHONY: install run test lint

install:
	pip install -r requirements-dev.txt

run:
	uvicorn app.main:create_app --factory --reload

test:
	python -m pytest

lint:
	ruff check .
	ruff format --check .
`);
}
