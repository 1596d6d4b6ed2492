/** `backend/app/main.py`: the application, with the parts that its features need. */
import { bracketed, bracketedImport, fileText } from '../layout.ts';
import type { FeatureId, ProjectModel } from '../model.ts';

/** What a feature adds to the application. */
interface MainPart {
  /** Modules of routes. */
  readonly routes: readonly string[];
  readonly imports?: readonly string[];
  /** Lines of `create_app` before the blueprints; `first`: before all others, because requests meet them in this order. */
  readonly first?: readonly string[];
  readonly setup?: readonly string[];
}

const PARTS: Partial<Record<FeatureId, MainPart>> = {
  auth: {
    routes: ['auth'],
    imports: ['from app.security import install_sign_in'],
    setup: ['install_sign_in(app, settings)'],
  },
  roles: { routes: ['accounts'] },
  upload: {
    routes: ['attachments'],
    imports: ['from app.uploads import accept_uploads'],
    setup: ['accept_uploads(app, settings)'],
  },
  audit: { routes: ['audit'] },
  rate_limit: {
    routes: [],
    imports: ['from app.limits import limit_requests'],
    first: ['limit_requests(app, settings)'],
  },
  jobs: {
    routes: ['jobs'],
    imports: ['from app.background import work_in_background'],
    setup: ['work_in_background(app, settings)'],
  },
};

function moduleOf(line: string): string {
  return /^from (\S+)/.exec(line)?.[1] ?? line;
}

export function mainFile(project: ProjectModel): string {
  const parts = project.features.map((id) => PARTS[id]).filter((part) => part !== undefined);
  const modules = [
    'health',
    'openapi',
    ...project.entities.map((entity) => entity.names.snake),
    ...parts.flatMap(({ routes }) => routes),
  ];
  const imports = [
    'from app.converters import RecordIdConverter',
    'from app.cors import allow_origins',
    'from app.database import Database',
    'from app.error_handlers import install_error_handlers',
    bracketedImport('app.routes', [...modules].sort()),
    'from app.sessions import install_database',
    'from app.settings import Settings',
    ...parts.flatMap((part) => part.imports ?? []),
  ].sort((a, b) => (moduleOf(a) < moduleOf(b) ? -1 : 1));
  const lines = [...parts.flatMap((part) => part.first ?? []), ...parts.flatMap((part) => part.setup ?? [])];
  const setup = lines.map((line) => `    ${line}\n`);
  const blueprints = bracketed(
    'BLUEPRINTS = (',
    modules.map((module) => `${module}.blueprint`),
    ')',
  );
  return fileText(`
"""The application: \`gunicorn "app.main:create_app()"\` serves it."""

from flask import Flask

${imports.join('\n')}

${blueprints}


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """An application with its tables in place; tests pass settings and a database of their own."""
    settings = settings or Settings.from_env()
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["id"] = RecordIdConverter
    install_database(app, database or Database(settings.database_url))
    allow_origins(app, settings.allowed_origins)
    install_error_handlers(app)
${setup.join('')}    for routes in BLUEPRINTS:
        app.register_blueprint(routes)
    return app
`);
}
