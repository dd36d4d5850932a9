/**
 * What a unit computes, found out from what it answers.
 *
 * `identify(ask, { k, a, b, output })` asks rows of codes and ends with a target, what its parameters rest on and what nothing tells
 * from it; or with the word unknown and the rows that nothing explains.
 *
 * @module
 */
export type { CodeRows, Codes } from './codes.ts';
export {
  type Ask,
  type AskLater,
  type Identification,
  type Identified,
  type IdentifyOptions,
  identify,
  type OpenRow,
  type Unidentified,
} from './identify.ts';
export type { QuestionOptions } from './question.ts';
export {
  type AskSum,
  type AskSumLater,
  type IdentifiedSum,
  type IdentifySumOptions,
  identifySum,
  type SumRows,
} from './sums.ts';
export type { Alternative, Binding } from './verdict.ts';
