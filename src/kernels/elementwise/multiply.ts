/**
 * What products of numbers mean.
 *
 * @module
 */

import { planElementwise } from '../elementwise/plan.ts';
import { addSpecification } from './add.ts';

/** The specification. */
export const multiplySpecification: typeof addSpecification = {
  ...addSpecification,
  name: 'multiply',
  stages: ['loadX', 'loadY', 'multiply', 'store'],
  plan: (options) => planElementwise('multiply', options),
};
