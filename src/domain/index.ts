export * from './ids.ts';
export * from './errors.ts';
export * from './states.ts';
export * from './masterplan.ts';
export * from './atom.ts';
export * from './graph.ts';
export * from './validation.ts';
