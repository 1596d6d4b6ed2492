/** What the files around a project say of its back end. */
import { backendFiles as fastapiFiles } from '../fastapi/index.ts';
import { backendFiles as flaskFiles } from '../flask/index.ts';
import type { GeneratedFile } from '../generated-file.ts';
import { fileText } from '../layout.ts';
import type { BlueprintId, ProjectModel } from '../model.ts';

export interface Backend {
  readonly files: (project: ProjectModel) => GeneratedFile[];
  /** For the plan: `FastAPI, SQLAlchemy, pytest`. */
  readonly techStack: string;
  /** Where the API describes itself, below its address. */
  readonly description: string;
  /** Folder of the modules that serve HTTP, inside `app`. */
  readonly routes: string;
  /** What the image runs: the arguments of `CMD`. */
  readonly command: readonly string[];
}

const BACKENDS: Partial<Record<BlueprintId, Backend>> = {
  fastapi: {
    files: fastapiFiles,
    techStack: 'FastAPI, SQLAlchemy, pytest',
    description: '/docs',
    routes: 'routers',
    command: ['uvicorn', 'app.main:create_app', '--factory', '--host', '0.0.0.0', '--port', '8000'],
  },
  flask: {
    files: flaskFiles,
    techStack: 'Flask, SQLAlchemy, pydantic, pytest',
    description: '/openapi.json',
    routes: 'routes',
    command: ['gunicorn', '--bind', '0.0.0.0:8000', '--threads', '8', 'app.main:create_app()'],
  },
};

/** The back end of a project. */
export function backendOf(project: ProjectModel): Backend {
  const { blueprint } = project.stack;
  const backend = BACKENDS[blueprint];
  if (backend === undefined) throw new RangeError(`"${blueprint}" is no web project`);
  return backend;
}

/** The image of a Python back end. */
export function pythonDockerfile({ command }: Backend): string {
  const quoted = command.map((part) => `"${part}"`).join(', ');
  return fileText(`
FROM python:3.12-slim

WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY app app

RUN useradd --system app && mkdir /data && chown app /data
USER app

EXPOSE 8000
CMD [${quoted}]
`);
}
