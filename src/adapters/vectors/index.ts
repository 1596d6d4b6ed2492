export { openVectors, type VectorMatch, type VectorMetadata, type VectorRecord, type Vectors } from './vectors.ts';
export { DIMENSIONS } from './embedder.ts';
