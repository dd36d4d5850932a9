/**
 * A format as the module encodes it: a block of constants, all asked of the specification's own encoding.
 *
 * @module
 */
import type { FloatFormat } from '../formats/format.ts';
import { encodeValue } from '../rounding/codes.ts';
import type { Core, Pointer } from './module.ts';
import type { Block, LaneBytes } from './roundingBlock.ts';

/** A format's constants for values in lanes of one width. */
export interface CodeBlock {
  readonly lane: LaneBytes;
  /** Bytes of a code that is not packed. */
  readonly bytes: 1 | 2 | 4;
  /** What the lane's fraction has more bits than the format's. */
  readonly shift: number;
  /** Place of the sign. */
  readonly sign: number;
  /** Numbers and, as bigints, integers of the lane, in the order of `assembly/casts/codes.ts`. */
  readonly constants: readonly (number | bigint)[];
}

export const CODE_BLOCK_BYTES: number = 9 * 16;

const FRACTION = { 4: 23, 8: 52 } as const;
const BIAS = { 4: 127, 8: 1023 } as const;

/** Bytes of a code of so many bits, when it has its own. */
function codeBytes(bits: number): 1 | 2 | 4 {
  return bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
}

/**
 * The constants of a format with signs and subnormal numbers, or null where its values are none of the lane's. `clamp`:
 * the number to which numbers are clamped that become codes at once.
 */
export function codeBlock(format: FloatFormat, lane: LaneBytes, clamp = 0): CodeBlock | null {
  const { bits, mantissaBits, emin, emax, bias, minNormal, signed, lowest } = format;
  const shift = FRACTION[lane] - mantissaBits;
  const fits = shift >= 0 && emin > -BIAS[lane] && emax <= BIAS[lane] && emin + shift <= BIAS[lane];
  if (!fits || bits > 32 || !signed || lowest !== 'subnormal') return null;
  const place = BigInt(shift) << BigInt(FRACTION[lane]);
  return {
    lane,
    bytes: codeBytes(bits),
    shift,
    sign: bits - 1,
    constants: [
      minNormal,
      2 ** (emin + shift),
      BigInt(BIAS[lane] - bias) << BigInt(mantissaBits),
      BigInt(encodeValue(format, Infinity, false)),
      BigInt(encodeValue(format, Number.NaN, false)),
      BigInt(encodeValue(format, Number.NaN, true)),
      clamp,
      place,
      place + (BigInt(emin + BIAS[lane]) << BigInt(mantissaBits)),
    ],
  };
}

/**
 * The same for roundings to nearest, ties to even, in binary32 lanes, by which numbers become codes at once: those whose overflow becomes the
 * largest number, or the code after its. Null for others.
 */
export function directBlock({ rounding: { format }, constants }: Block): CodeBlock | null {
  const top = constants.top as number;
  if (format.kind !== 'float') return null;
  const { mantissaBits, emax, max } = format;
  const beyond = encodeValue(format, top, false) - encodeValue(format, max, false);
  if (beyond < 0 || beyond > 1) return null;
  // Beyond the largest number, but no number of its grid: what is clamped stays inexact.
  return codeBlock(format, 4, max + (beyond + 0.5) * 2 ** (emax - mantissaBits - 1));
}

/** Writes a block's constants, each splatted over 16 bytes. */
export function writeCodeBlock({ memory: { buffer } }: Core, { lane, constants }: CodeBlock, at: Pointer): void {
  const floats = lane === 4 ? new Float32Array(buffer, at, 36) : new Float64Array(buffer, at, 18);
  const words = new BigInt64Array(buffer, at, 18);
  constants.forEach((value, i) => {
    const range = [(i * 16) / lane, ((i + 1) * 16) / lane] as const;
    if (typeof value === 'number') floats.fill(value, ...range);
    else words.fill(lane === 4 ? BigInt.asUintN(32, value) * 0x1_0000_0001n : value, i * 2, i * 2 + 2);
  });
}
