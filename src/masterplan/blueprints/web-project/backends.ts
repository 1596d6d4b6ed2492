/** The back ends of web projects by blueprint. */
import { backendFiles as fastapiFiles } from '../fastapi/index.ts';
import { backendFiles as flaskFiles } from '../flask/index.ts';
import type { BlueprintId, ProjectModel } from '../model.ts';
import type { Backend } from './backend.ts';
import { FASTIFY } from './node-backend.ts';
import { pythonBackend } from './python-backend.ts';

const BACKENDS: Partial<Record<BlueprintId, Backend>> = {
  fastapi: pythonBackend({
    files: fastapiFiles,
    techStack: 'FastAPI, SQLAlchemy, pytest',
    description: '/docs',
    routes: 'routers',
    // uvicorn takes the client's address from X-Forwarded-For then.
    proxied: ["FORWARDED_ALLOW_IPS: '*'"],
    command: ['uvicorn', 'app.main:create_app', '--factory', '--host', '0.0.0.0', '--port', '8000'],
  }),
  flask: pythonBackend({
    files: flaskFiles,
    techStack: 'Flask, SQLAlchemy, pydantic, pytest',
    description: '/openapi.json',
    routes: 'routes',
    proxied: ["BEHIND_PROXY: 'on'"],
    command: ['gunicorn', '--bind', '0.0.0.0:8000', '--threads', '8', 'app.main:create_app()'],
  }),
  fastify: FASTIFY,
};

/** The back end of a project. */
export function backendOf(project: ProjectModel): Backend {
  const { blueprint } = project.stack;
  const backend = BACKENDS[blueprint];
  if (backend === undefined) throw new RangeError(`"${blueprint}" is no web project`);
  return backend;
}
