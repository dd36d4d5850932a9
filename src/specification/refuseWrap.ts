/**
 * Integers that wrap, where a result may have any size.
 *
 * @module
 */
import { BittrueError } from '../errors/error.ts';
import type { Rounding } from '../rounding/roundTo.ts';

/** What a register keeps of a transcendental number of any size would need digits without end. */
export function refuseWrap(argument: string, { format, policy }: Rounding, of = 'exponentials'): void {
  if (format.kind === 'integer' && policy.overflow === 'wrap') {
    throw new BittrueError('unsupported', argument, 'wrap', `integers that saturate, for ${of}`);
  }
}
