/**
 * A format as the module encodes it: a block of constants, all asked of the specification's own encoding.
 *
 * @module
 */
import type { FloatFormat } from '../formats/format.ts';
import { encodeValue } from '../rounding/codes.ts';
import type { Core, Pointer } from './module.ts';
import type { LaneBytes } from './step.ts';

/** A format's constants for values in lanes of one width. */
export interface CodeBlock {
  readonly lane: LaneBytes;
  /** Bytes of a code that is not packed. */
  readonly bytes: 1 | 2 | 4;
  /** What the lane's fraction has more bits than the format's. */
  readonly shift: number;
  /** Place of the sign. */
  readonly sign: number;
  /** Numbers of the lane: the smallest normal one, and what subnormal ones are added to. */
  readonly numbers: readonly [number, number];
  /** Integers of the lane: what exponent and fraction have too much; codes of +∞, of NaN, and of NaN below zero. */
  readonly integers: readonly [bigint, number, number, number];
}

export const CODE_BLOCK_BYTES: number = 6 * 16;

const FRACTION = { 4: 23, 8: 52 } as const;
const BIAS = { 4: 127, 8: 1023 } as const;

/** Bytes of a code of so many bits, when it has its own. */
export function codeBytes(bits: number): 1 | 2 | 4 {
  return bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
}

/** The constants of a format with signs and subnormal numbers, or null where its values are none of the lane's. */
export function codeBlock(format: FloatFormat, lane: LaneBytes): CodeBlock | null {
  const { bits, mantissaBits, emin, emax, bias, minNormal, signed, lowest } = format;
  const shift = FRACTION[lane] - mantissaBits;
  const fits = shift >= 0 && emin > -BIAS[lane] && emax <= BIAS[lane] && emin + shift <= BIAS[lane];
  if (!fits || bits > 32 || !signed || lowest !== 'subnormal') return null;
  return {
    lane,
    bytes: codeBytes(bits),
    shift,
    sign: bits - 1,
    numbers: [minNormal, 2 ** (emin + shift)],
    integers: [
      BigInt(BIAS[lane] - bias) << BigInt(mantissaBits),
      encodeValue(format, Infinity, false),
      encodeValue(format, Number.NaN, false),
      encodeValue(format, Number.NaN, true),
    ],
  };
}

/** Writes a block's constants, each splatted over 16 bytes. */
export function writeCodeBlock(
  { memory: { buffer } }: Core,
  { lane, numbers, integers }: CodeBlock,
  at: Pointer,
): void {
  const lanes = 16 / lane;
  const floats = lane === 4 ? new Float32Array(buffer, at, 2 * lanes) : new Float64Array(buffer, at, 2 * lanes);
  numbers.forEach((value, i) => {
    floats.fill(value, i * lanes, (i + 1) * lanes);
  });
  const words = new BigInt64Array(buffer, at + 32, 8);
  integers.forEach((value, i) => {
    const word = BigInt(value);
    words.fill(lane === 4 ? BigInt.asUintN(32, word) * 0x1_0000_0001n : word, i * 2, i * 2 + 2);
  });
}
