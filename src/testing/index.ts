/**
 * For testing an implementation of yours: vectors, verification, checks, laws, matchers, an exact oracle.
 *
 * `vectorLines` writes cases as TestFloat does, `verifyVectors` compares a table with ours and says what the other implementation
 * seems to do, `checkRounding` and its siblings call your function, `checkLaws` needs no right answer.
 *
 * @module
 */
export { nextNumber } from './binary64.ts';
export * from './check/index.ts';
export * from './conformance/index.ts';
export * from './distinguish/index.ts';
export * from './laws/index.ts';
export * as oracle from './oracle/index.ts';
export { numberAt, type Ordinals, ordinalsOf } from './ordinals.ts';
export { isVacuous, type TestData, type Tolerance, type Vacuity } from './vacuity/isVacuous.ts';
export type { PlantedKernel, Reference } from './vacuity/planted.ts';
