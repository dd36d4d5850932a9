/**
 * Chips and generic machines as data: vector units, matrix units, how each is known and its source.
 *
 * `findTarget('h100:f16')` finds one by name and unit, `targets` holds all, `defineTarget` makes your own from what JSON can hold.
 * A unit says its formats, the order of its sums, its accumulator and what other models of it dispute.
 *
 * @module
 */
export * from './amd.ts';
export * from './arm.ts';
export { defineTarget } from './define.ts';
export type { Dispute, DisputedFields, Model } from './dispute.ts';
export * from './dsp.ts';
export { type CublasAlgorithm, cublasPlan, type GemmPlan, gemmPlans, gemmTarget } from './gemmPlan.ts';
export * from './generic.ts';
export { armInt8, avx512Vnni, hexagonHvx } from './integer.ts';
export { defineMatrixUnit } from './matrix.ts';
export { withModel } from './models.ts';
export * from './npu.ts';
export * from './nvidia.ts';
export * from './riscv.ts';
export * from './siblings.ts';
export { findTarget, targets } from './table.ts';
export type * from './target.ts';
export { findMatrixUnit, findVectorUnit } from './units.ts';
export { armFp16, avx10Bf16, avx512Fp16, neuralEngineFp16, nvidiaFp16, tpuBf16 } from './vector.ts';
export { defineVectorUnit } from './vectorUnit.ts';
export * from './x86.ts';
