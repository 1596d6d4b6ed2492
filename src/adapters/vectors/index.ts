export { openVectors, type Vectors } from './vectors.ts';
export { DIMENSIONS } from './embedder.ts';
