/**
 * The constraints of arbitraries, checked.
 *
 * @module
 */
import { checkObject } from '../../errors/index.ts';

/** Arbitraries hand their constraints on to the arbitraries that they draw from, so each takes the keys of all. */
const keys = [
  'maxBits',
  'kind',
  'kinds',
  'modes',
  'nanInputs',
  'noNaN',
  'noInfinity',
  'minRows',
  'maxRows',
  'minWidth',
  'maxWidth',
  'maxDepth',
  'maxSize',
] as const;

/** Refuses a constraint that no arbitrary has. */
export function checkConstraints(constraints: object): void {
  checkObject('constraints', constraints, keys);
}
