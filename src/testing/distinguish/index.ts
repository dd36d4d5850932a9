export type { Alignment, Cut } from './alignment.ts';
export { comparePlans } from './comparePlans.ts';
export { describeDistinction } from './describeDistinction.ts';
export {
  type Different,
  type Distinction,
  type DistinguishOptions,
  distinguish,
  type Equivalent,
  type Indistinguishable,
  type SideAnswer,
  type Unknown,
} from './distinguish.ts';
export type { SumKernel } from './side.ts';
export type { SumStep } from './trace.ts';
export { type SumOperands, type SumTrace, traceSum } from './traceSum.ts';
