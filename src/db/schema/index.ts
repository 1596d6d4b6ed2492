export * from './mvp.ts';
export * from './v2.ts';
export * from './engine.ts';
export * from './m10.ts';
