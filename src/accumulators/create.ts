/**
 * From an accumulator's data to its working part.
 *
 * @module
 */
import type { Chain } from './chain.ts';
import { FloatChain } from './float.ts';
import { IntegerChain } from './integer.ts';
import type { Accumulator } from './reduction.ts';

/** The working part of an accumulator. */
export function createChain(accumulator: Accumulator): Chain {
  switch (accumulator.kind) {
    case 'float':
      return new FloatChain(accumulator);
    case 'integer':
      return new IntegerChain(accumulator);
  }
}
