/** `backend/app/main.py`: the application. */
import { bracketed, bracketedImport, fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';

export function mainFile(project: ProjectModel): string {
  const entities = project.entities.map((entity) => entity.names.snake);
  const modules = ['health', 'openapi', ...entities];
  const blueprints = bracketed(
    'BLUEPRINTS = (',
    modules.map((module) => `${module}.blueprint`),
    ')',
  );
  return fileText(`
"""The application: \`gunicorn "app.main:create_app()"\` serves it."""

from flask import Flask

from app.converters import RecordIdConverter
from app.cors import allow_origins
from app.database import Database
from app.error_handlers import install_error_handlers
${bracketedImport('app.routes', [...modules].sort())}
from app.sessions import install_database
from app.settings import Settings

${blueprints}


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """An application with its tables in place; tests pass settings and a database of their own."""
    settings = settings or Settings.from_env()
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["id"] = RecordIdConverter
    install_database(app, database or Database(settings.database_url))
    allow_origins(app, settings.allowed_origins)
    install_error_handlers(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
`);
}
