export type { Chain } from './chain.ts';
export { defineAccumulator, defineReduction, takesProducts } from './define.ts';
export { Reducer } from './reducer.ts';
export type * from './reduction.ts';
