/**
 * Checks a reduction given as data, and freezes it.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkName, checkObject } from '../errors/index.ts';
import { defineStep } from '../rounding/step.ts';
import type { Accumulator, IntegerAccumulator, Reduction } from './reduction.ts';

/** Widest integer register. */
const WIDEST = 1024;

/**
 * A reduction from plain data, as a JSON file would hold it: formats may be notations, policies partial.
 *
 * @param argument - the argument's name, for errors
 * @throws {@link BittrueError} for unknown kinds and keys, widths out of range, and a `chain` across trees
 * @example
 * import { defineReduction } from 'bittrue/accumulators';
 * const reduction = defineReduction({
 *   kind: 'tiled',
 *   size: 128,
 *   within: { kind: 'sequential', accumulator: { kind: 'float', step: { format: 'binary16' } } },
 *   across: { kind: 'sequential', accumulator: { kind: 'float', step: { format: 'binary32' } } },
 * });
 * reduction.kind; // 'tiled'
 */
export function defineReduction(value: unknown, argument = 'reduction'): Reduction {
  const { kind } = checkObject(argument, value, ['kind', 'accumulator', 'size', 'lanes', 'within', 'across']);
  checkName(`${argument}.kind`, kind, ['sequential', 'pairwise', 'butterfly', 'tiled', 'strided']);
  if (kind === 'tiled') {
    const { size, within, across } = checkObject(argument, value, ['kind', 'size', 'within', 'across']);
    const inner = defineReduction(within, `${argument}.within`);
    if (across === 'chain' && !chains(inner)) {
      throw new BittrueError('unsupported', `${argument}.within`, inner.kind, 'a sequential reduction, to chain tiles');
    }
    return Object.freeze({
      kind,
      size: checkInteger(`${argument}.size`, size, 1, 2 ** 31),
      within: inner,
      across: across === 'chain' ? across : defineReduction(across, `${argument}.across`),
    });
  }
  if (kind === 'strided') {
    const { lanes, within, across } = checkObject(argument, value, ['kind', 'lanes', 'within', 'across']);
    return Object.freeze({
      kind,
      lanes: checkInteger(`${argument}.lanes`, lanes, 1, 2 ** 31),
      within: defineReduction(within, `${argument}.within`),
      across: defineReduction(across, `${argument}.across`),
    });
  }
  const { accumulator } = checkObject(argument, value, ['kind', 'accumulator']);
  return Object.freeze({
    kind: kind as 'sequential' | 'pairwise' | 'butterfly',
    accumulator: defineAccumulator(accumulator, `${argument}.accumulator`),
  });
}

/** Whether a tile's result can be the starting value of the next: its sum is one chain. */
function chains(reduction: Reduction): boolean {
  return reduction.kind === 'sequential' || (reduction.kind === 'tiled' && reduction.across === 'chain');
}

/**
 * An accumulator from plain data.
 *
 * @throws {@link BittrueError} for unknown kinds and keys, and widths out of range
 */
export function defineAccumulator(value: unknown, argument = 'accumulator'): Accumulator {
  const { kind } = checkObject(argument, value, ['kind', 'step', 'fused', 'bits', 'overflow', 'when']);
  checkName(`${argument}.kind`, kind, ['float', 'integer']);
  if (kind === 'float') {
    const { step, fused } = checkObject(argument, value, ['kind', 'step', 'fused']);
    return Object.freeze({
      kind,
      step: defineStep(step, `${argument}.step`),
      fused: fused === undefined ? false : checkBoolean(`${argument}.fused`, fused),
    });
  }
  const { bits, overflow, when } = checkObject(argument, value, ['kind', 'bits', 'overflow', 'when']);
  return Object.freeze({
    kind: 'integer',
    bits: checkInteger(`${argument}.bits`, bits, 2, WIDEST),
    overflow: checkName(`${argument}.overflow`, overflow, ['saturate', 'wrap']),
    when: defineWhen(when, `${argument}.when`),
  });
}

function defineWhen(value: unknown, argument: string): NonNullable<IntegerAccumulator['when']> {
  if (value === undefined) return 'everyStep';
  if (typeof value === 'object' && value !== null) {
    const { every } = checkObject(argument, value, ['every']);
    return Object.freeze({ every: checkInteger(`${argument}.every`, every, 1, 2 ** 31) });
  }
  return checkName(argument, value, ['everyStep', 'atEnd'] as const);
}

/** Whether a reduction's elements enter as exact products: its innermost accumulators are fused or integer. */
export function takesProducts(reduction: Reduction): boolean {
  if (reduction.kind === 'tiled' || reduction.kind === 'strided') return takesProducts(reduction.within);
  const { accumulator } = reduction;
  return accumulator.kind === 'integer' || accumulator.fused === true;
}
