/**
 * Where two published models of tensor cores disagree.
 *
 * @module
 */
import type { Reduction } from '../accumulators/reduction.ts';
import type { MatrixUnit, Target } from './target.ts';

/**
 * A target whose aligned sums give zeros the exponent that a model says: `km` (the default everywhere: zeros take no
 * part), or `mmasim` (a zero has −126). The hardware's answer is not published; the two differ only where an operand is
 * zero beside very small or very large ones.
 *
 * @example
 * import { h100, withZeroRule } from 'bittrue/targets';
 * withZeroRule(h100, 'mmasim').matrix.length === h100.matrix.length; // true
 */
export function withZeroRule(target: Target, zeroRule: 'km' | 'mmasim'): Target {
  const matrix = target.matrix.map(
    (unit): MatrixUnit => Object.freeze({ ...unit, reduction: changed(unit.reduction, zeroRule) }),
  );
  return Object.freeze({ ...target, matrix: Object.freeze(matrix) });
}

function changed(reduction: Reduction, zeroRule: 'km' | 'mmasim'): Reduction {
  if ('within' in reduction) {
    const across = reduction.across === 'chain' ? 'chain' : changed(reduction.across, zeroRule);
    return Object.freeze({ ...reduction, within: changed(reduction.within, zeroRule), across });
  }
  const { accumulator } = reduction;
  if (accumulator.kind !== 'aligned') return reduction;
  return Object.freeze({ ...reduction, accumulator: Object.freeze({ ...accumulator, zeroRule }) });
}
