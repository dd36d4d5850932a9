export type { OutputArray, Plan, RecordOptions, Specification } from './contract.ts';
export type { Numbers } from './operands.ts';
