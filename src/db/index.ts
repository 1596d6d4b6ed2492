export * as schema from './schema/index.ts';
export { newId, newIds } from './ids.ts';
export { openDatabase, type Database, type DatabaseOptions, type Db, type Tx } from './client.ts';
