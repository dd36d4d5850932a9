/**
 * From an accumulator to what bounds its sums.
 *
 * @module
 */
import type { Chain, OperandFormats } from '../accumulators/chain.ts';
import { Reducer } from '../accumulators/reducer.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { leaves } from '../accumulators/walk.ts';
import { AlignedChain } from './alignedChain.ts';
import { CompensatedChain } from './compensatedChain.ts';
import { MonotoneChain } from './monotoneChain.ts';
import type { Ranges } from './ranges.ts';
import type { Claim } from './verdict.ts';
import { WrappingChain } from './wrappingChain.ts';

/** A reducer of rows of a table: its sum is the row of the result's range. */
export function rangeReducer(reduction: Reduction, operands: OperandFormats, ranges: Ranges, claim: Claim): Reducer {
  const make = (accumulator: Accumulator, formats: OperandFormats = {}): Chain => {
    switch (accumulator.kind) {
      case 'aligned':
        return new AlignedChain(ranges, accumulator, formats);
      case 'kahan':
      case 'neumaier':
        return new CompensatedChain(ranges, accumulator);
      case 'integer':
        if (claim === 'sameResult' && accumulator.overflow === 'wrap') return new WrappingChain(ranges, accumulator);
        return new MonotoneChain(ranges, accumulator, formats);
      case 'float':
      case 'fixed':
      case 'exact':
        return new MonotoneChain(ranges, accumulator, formats);
    }
  };
  return new Reducer(reduction, operands, make);
}

/** Whether a reduction has a register that wraps, of which `sameResult` can be asked. */
export function wraps(reduction: Reduction): boolean {
  return leaves(reduction).some(({ accumulator }) => accumulator.kind === 'integer' && accumulator.overflow === 'wrap');
}
