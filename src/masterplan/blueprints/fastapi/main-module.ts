/** `backend/app/main.py`: the application, with the parts that its features need. */
import { bracketed, bracketedImport, fileText } from '../layout.ts';
import type { FeatureId, ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { exposedHeaders, sentHeaders } from '../python-web/headers.ts';

/** What a feature adds to the application. */
interface MainPart {
  readonly imports: readonly string[];
  /** Router modules: open to everybody, or for who may use the API. */
  readonly open?: readonly string[];
  readonly routers?: readonly string[];
  /** Lines of \`create_app\` before the routers. */
  readonly setup?: readonly string[];
}

const PARTS: Partial<Record<FeatureId, MainPart>> = {
  auth: {
    imports: ['from app.tokens import TokenIssuer, signing_key'],
    open: ['auth'],
    setup: ['app.state.tokens = TokenIssuer(signing_key(settings.secret_key))'],
  },
  roles: { imports: [], routers: ['accounts'] },
  upload: {
    imports: ['from app.uploads import accept_uploads'],
    routers: ['attachments'],
    setup: ['accept_uploads(app, settings)'],
  },
  audit: { imports: [], routers: ['audit'] },
  rate_limit: {
    imports: ['from app.limits import limit_requests'],
    setup: ['limit_requests(app, settings)'],
  },
  jobs: {
    imports: ['from app.background import work_in_background'],
    routers: ['jobs'],
    setup: ['work_in_background(app, settings)'],
  },
};

function partsOf(project: ProjectModel): MainPart[] {
  return project.features.map((id) => PARTS[id]).filter((part) => part !== undefined);
}

/** The tuple of routers and the loop that includes them; where there is sign-in, those that it guards apart. */
function routing(project: ProjectModel): { tuples: string; loops: string } {
  const parts = partsOf(project);
  const tuple = (name: string, modules: readonly string[]) =>
    bracketed(
      `${name} = (`,
      modules.map((module) => `${module}.router`),
      modules.length === 1 ? ',)' : ')',
    );
  const open = ['health', ...parts.flatMap((part) => part.open ?? [])];
  const own = [...project.entities.map((entity) => entity.names.snake), ...parts.flatMap((part) => part.routers ?? [])];
  if (!has(project, 'auth'))
    return {
      tuples: tuple('ROUTERS', [...open, ...own]),
      loops: '    for router in ROUTERS:\n        app.include_router(router)',
    };
  const guard = has(project, 'roles') ? 'authorize' : 'current_account';
  return {
    tuples: `${tuple('OPEN_ROUTERS', open)}\n${tuple('ROUTERS', own)}`,
    loops: `    for router in OPEN_ROUTERS:
        app.include_router(router)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(${guard})])`,
  };
}

function importLines(project: ProjectModel): string {
  const parts = partsOf(project);
  const modules = [
    'health',
    ...project.entities.map((entity) => entity.names.snake),
    ...parts.flatMap((part) => [...(part.open ?? []), ...(part.routers ?? [])]),
  ].sort();
  const guard = has(project, 'roles') ? 'authorize' : 'current_account';
  const lines = [
    'from app.database import Database',
    'from app.error_handlers import install_error_handlers',
    'from app.head_requests import HeadAsGet',
    bracketedImport('app.routers', modules),
    'from app.settings import Settings',
    ...parts.flatMap((part) => part.imports),
    ...(has(project, 'auth') ? [`from app.security import ${guard}`] : []),
  ];
  return lines.sort((a, b) => (moduleOf(a) < moduleOf(b) ? -1 : 1)).join('\n');
}

function moduleOf(line: string): string {
  return /^from (\S+)/.exec(line)?.[1] ?? line;
}

export function mainFile(project: ProjectModel): string {
  const { tuples, loops } = routing(project);
  const setup = partsOf(project)
    .flatMap((part) => part.setup ?? [])
    .map((line) => `    ${line}\n`)
    .join('');
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
  const exposed = exposedHeaders(project);
  const exposes = exposed.length > 0 ? `\n        expose_headers=[${quoted(exposed)}],` : '';
  return fileText(`
"""The application: \`uvicorn app.main:create_app --factory\` serves it."""

from fastapi import ${has(project, 'auth') ? 'Depends, ' : ''}FastAPI
from fastapi.middleware.cors import CORSMiddleware

${importLines(project)}

${tuples}

def create_app(settings: Settings | None = None, database: Database | None = None) -> FastAPI:
    """An application with its tables in place; tests pass settings and a database of their own."""
    settings = settings or Settings.from_env()
    app = FastAPI(title="${project.title}", version="1.0.0")
    app.state.database = database or Database(settings.database_url)
    app.state.database.create_tables()
${setup}    allow_origins(app, settings)
    app.add_middleware(HeadAsGet)
    install_error_handlers(app)
${loops}
    return app

def allow_origins(app: FastAPI, settings: Settings) -> None:
    """Lets pages from the configured origins call the API."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.allowed_origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=[${quoted(sentHeaders(project))}],${exposes}
    )
`);
}
