/**
 * A floating-point unit in software: add, multiply, divide, square root, fused multiply-add, each exact and rounded once.
 *
 * `createUnit` works on numbers, its `codes` on codes of a format; `flags` holds what the last operation raised. Beside it: exact
 * sums and products as pairs of binary64 numbers, integer requantisation, and exp rounded once.
 *
 * @module
 */
export type { CodeUnit } from './codes.ts';
export type { ConvertingUnit } from './convertingUnit.ts';
export { exactResult, type Operation } from './exact.ts';
export type { IntegerProfile, IntegerType } from './integerType.ts';
export * from './requantize/index.ts';
export { createUnit, type Unit, type UnitOptions } from './unit.ts';
export type { ValueUnit } from './valueUnit.ts';
