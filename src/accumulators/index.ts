export type { BlockScales, Chain, OperandFormats, Terms } from './chain.ts';
export { defineReduction, takesProducts } from './define.ts';
export { defineAccumulator } from './defineAccumulator.ts';
export { Reducer } from './reducer.ts';
export type * from './reduction.ts';
