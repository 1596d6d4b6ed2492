export { extractFacts, hasFacts } from './extract.ts';
export * from './types.ts';
export { readFacts, type FactsReader, type NamedThing, type TypedName, type UsedImport } from './reader.ts';
