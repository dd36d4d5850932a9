export type { CodeUnit } from './codes.ts';
export { exactResult, type Operation } from './exact.ts';
export type { IntegerProfile, IntegerType } from './integerType.ts';
export * from './requantize/index.ts';
export { createUnit, type Unit, type UnitOptions } from './unit.ts';
