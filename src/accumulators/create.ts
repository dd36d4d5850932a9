/**
 * From an accumulator's data to its working part.
 *
 * @module
 */
import { AlignedChain } from './aligned.ts';
import type { Chain, OperandFormats } from './chain.ts';
import { CompensatedChain } from './compensated.ts';
import { ExactChain } from './exact.ts';
import { FloatChain } from './float.ts';
import { IntegerChain } from './integer.ts';
import type { Accumulator } from './reduction.ts';

/** The working part of an accumulator, for operands of the formats given. */
export function createChain(accumulator: Accumulator, operands: OperandFormats = {}): Chain {
  switch (accumulator.kind) {
    case 'float':
    case 'fixed':
      return new FloatChain(accumulator);
    case 'integer':
      return new IntegerChain(accumulator);
    case 'kahan':
    case 'neumaier':
      return new CompensatedChain(accumulator);
    case 'exact':
      return new ExactChain(accumulator);
    case 'aligned':
      return new AlignedChain(accumulator, operands);
  }
}
