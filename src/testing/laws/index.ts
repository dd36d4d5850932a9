export { checkLaws, describeLaws, type LawOptions } from './checkLaws.ts';
export type { Law, LawCheck, LawVerdict } from './law.ts';
export * from './predicates.ts';
export { type RoundingLawOptions, roundingLaws } from './roundingLaws.ts';
