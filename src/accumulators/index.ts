export { defineReduction } from './define.ts';
export { defineAccumulator } from './defineAccumulator.ts';
export type * from './reduction.ts';
