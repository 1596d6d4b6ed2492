export { buildServer } from './server.ts';
export type { ApiDeps } from './deps.ts';
