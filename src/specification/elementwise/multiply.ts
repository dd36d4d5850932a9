/**
 * What products of numbers mean.
 *
 * @module
 */

import { addSpecification } from './add.ts';
import { planElementwise } from './plan.ts';

/** The specification. */
export const multiplySpecification: typeof addSpecification = {
  ...addSpecification,
  name: 'multiply',
  stages: ['loadX', 'loadY', 'multiply', 'store'],
  plan: (options) => planElementwise('multiply', options),
};
