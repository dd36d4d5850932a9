/**
 * Operands of conversions: the source's numbers at and beside the result's values and midpoints.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/format.ts';
import { encode } from '../../rounding/codes.ts';
import { nextNumber } from '../binary64.ts';
import { numberAt, ordinalsOf } from '../ordinals.ts';
import { type Bits, binary64Bits } from './operand.ts';
import { drawCode, type Next, specialCodes } from './sample.ts';
import type { VectorTask } from './task.ts';

/** Ordinals past the largest value whose surroundings are tried. */
const BEYOND = 3;

/** The source's number at x, toward zero, and some codes further. */
function bitsNear(source: FloatFormat | 'binary64', x: number, away: number): Bits {
  if (source === 'binary64') return binary64Bits(nextNumber(x, Math.sign(x) * away));
  const code = encode(source, x, { rounding: 'towardZero', overflow: 'saturate' });
  const magnitudes = source.signed ? source.codes / 2 : source.codes;
  const magnitude = (code % magnitudes) + away;
  return magnitude < 0 || magnitude >= magnitudes ? code : code + away;
}

/** NaNs with signs and payloads, infinities, zeros, the ends of binary64. */
const BINARY64_SPECIALS: readonly bigint[] = [
  0x0n,
  0x1n,
  0xfffffffffffffn,
  0x10000000000000n,
  0x3ff0000000000000n,
  0x7fefffffffffffffn,
  0x7ff0000000000000n,
  0x7ff0000000000001n,
  0x7ff4000000000000n,
  0x7ff8000000000000n,
  0x7fffffffffffffffn,
];

/** The source's own special numbers. */
export function sourceSpecials(source: FloatFormat | 'binary64'): Bits[] {
  if (source !== 'binary64') return specialCodes(source);
  return [...BINARY64_SPECIALS, ...BINARY64_SPECIALS.map((bits) => bits | (1n << 63n))];
}

/** Every value and midpoint of a small result format and the source's numbers on both sides of each, with both signs. */
export function* castSweep({ format, source }: VectorTask): Generator<Bits> {
  const from = source as FloatFormat | 'binary64';
  const { high } = ordinalsOf(format);
  const signs = from === 'binary64' || from.signed ? [1, -1] : [1];
  for (const sign of signs) {
    for (let ordinal = 0; ordinal <= high + BEYOND; ordinal++) {
      const low = numberAt(format, ordinal);
      const middle = low + (numberAt(format, ordinal + 1) - low) / 2;
      for (const x of [low, middle]) for (const away of [-1, 0, 1]) yield bitsNear(from, sign * x, away);
    }
  }
  yield* sourceSpecials(from);
}

/** A random operand of a conversion. */
export function drawCastOperand({ format, source }: VectorTask, next: Next): Bits {
  const from = source as FloatFormat | 'binary64';
  const kind = next(8);
  if (kind === 0) {
    const specials = sourceSpecials(from);
    return specials[next(specials.length)] as Bits;
  }
  if (kind === 1) return from === 'binary64' ? anyBinary64(next) : drawCode(from, next);
  const sign = next(2) === 0 ? 1 : -1;
  const { high, minNormal } = ordinalsOf(format);
  if (kind <= 5) {
    const centers = [0, minNormal, high];
    const center = centers[next(3)] as number;
    const ordinal = next(2) === 0 ? next(high + BEYOND) : Math.max(0, center + next(9) - 4);
    const low = numberAt(format, ordinal);
    const step = numberAt(format, ordinal + 1) - low;
    return bitsNear(from, sign * (low + (step * next(5)) / 4), next(3) - 1);
  }
  // Any magnitude over a little more than the range, with all 53 bits.
  const { emin, emax, mantissaBits } = format;
  const exponent = emin - mantissaBits - 3 + next(emax - emin + mantissaBits + 7);
  return bitsNear(from, sign * (1 + next(2 ** 52) / 2 ** 52) * 2 ** exponent, 0);
}

function anyBinary64(next: Next): bigint {
  return (BigInt(next(2 ** 32)) << 32n) | BigInt(next(2 ** 32));
}
