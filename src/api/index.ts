export { buildServer } from './server.ts';
export { buildWorkerServer, type WorkerServerDeps } from './worker-server.ts';
export { openApiDocument } from './openapi-document.ts';
export { renderErrorCatalogue } from './error-pages.ts';
export type { ApiDeps } from './deps.ts';
export type { Stages } from './stages.ts';
