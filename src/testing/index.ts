export { nextNumber } from './binary64.ts';
export * from './check/index.ts';
export * from './conformance/index.ts';
export * from './distinguish/index.ts';
export * from './laws/index.ts';
export * as oracle from './oracle/index.ts';
export { numberAt, type Ordinals, ordinalsOf } from './ordinals.ts';
