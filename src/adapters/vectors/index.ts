export { openVectors, type VectorMatch, type VectorMetadata, type VectorRecord, type Vectors } from './vectors.ts';
export { createEmbedder, DIMENSIONS, MAX_TOKENS, type Embedder } from './embedder.ts';
