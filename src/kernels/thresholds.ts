/**
 * Below which size a call is quicker by the specification: a twin takes longer to set up than so little work is worth.
 *
 * @module
 */
import type { Plan } from '../specification/contract.ts';

/**
 * Elements of a run (of a product: multiplications) below which the specification was the quicker one, in one row and in
 * eight, recording first events: alternating runs on a shared machine.
 */
export const quickerFrom: Readonly<Record<string, number>> = {
  add: 1024,
  attention: 4096,
  cast: 1024,
  castCodes: 128,
  dot: 1024,
  epilogue: 1024,
  layerNorm: 1024,
  matmul: 1024,
  multiply: 1024,
  rmsNorm: 1024,
  softmax: 256,
  sum: 1024,
  unary: 1024,
};

/** Whether a run is so small that the specification is quicker. Bits and report are the same by either. */
export function isSmall({ kernel, rows, width, work = rows * width }: Plan): boolean {
  return work < (quickerFrom[kernel] ?? 0);
}
