export type { Diagnosis } from '../diagnosis/diagnose.ts';
export { type Compute, unitCompute } from './compute.ts';
export { type VectorOptions, vectorLines } from './generate.ts';
export type { Bits, Operand } from './operand.ts';
export { oracleCompute } from './oracle.ts';
export { parseVectors, type VectorRow } from './parse.ts';
export {
  defineVectorTask,
  type VectorOperation,
  type VectorSource,
  type VectorTask,
  type VectorTaskOptions,
  vectorOperations,
} from './task.ts';
export {
  type VectorDifference,
  type VectorResult,
  type Verification,
  type VerifyOptions,
  verifyVectors,
} from './verify.ts';
