/**
 * Operands: from the bits of a file to a number, and what a NaN among them carries.
 *
 * @module
 */
import { binary64 } from '../../formats/binary64.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { decode } from '../../rounding/codes.ts';
import { type NaNOperand, PLAIN_NAN } from '../../rounding/profileOutcome.ts';
import type { VectorSource } from './task.ts';

/** The bits of an operand: a code, or for binary64 the 64 bits. */
export type Bits = number | bigint;

/** One operand. */
export interface Operand {
  readonly bits: Bits;
  readonly x: number;
  readonly nan: NaNOperand;
}

/** A source as a format. */
export function formatOf(source: VectorSource): Format {
  return source === 'binary64' ? binary64 : source;
}

/** Width of a source's bits. */
export function sourceBits(source: VectorSource | Format): number {
  return source === 'binary64' ? 64 : source.bits;
}

/** Bits as TestFloat prints them: upper-case hexadecimal of the full width. */
export function hexBits(source: VectorSource | Format, bits: Bits): string {
  return bits
    .toString(16)
    .toUpperCase()
    .padStart(Math.ceil(sourceBits(source) / 4), '0');
}

/** The operand that bits stand for; they are in range. */
export function operandOf(source: VectorSource, bits: Bits): Operand {
  if (source === 'binary64') return binary64Operand(BigInt(bits));
  const code = Number(bits);
  const x = decode(source, code);
  return { bits: code, x, nan: x === x || source.kind !== 'float' ? PLAIN_NAN : nanOf(source, code) };
}

const float64 = /* @__PURE__ */ new Float64Array(1);
const int64 = /* @__PURE__ */ new BigInt64Array(float64.buffer);

function binary64Operand(bits: bigint): Operand {
  int64[0] = BigInt.asIntN(64, bits);
  const x = float64[0] as number;
  if (x === x) return { bits, x, nan: PLAIN_NAN };
  return { bits, x, nan: { negative: bits >> 63n === 1n, fraction: Number(bits & 0xfffffffffffffn) / 2 ** 52 } };
}

/** A binary64 number as an operand. */
export function numberOperand(x: number): Operand {
  return operandOf('binary64', binary64Bits(x));
}

/** The bits of a binary64 number; every NaN is the quiet one. */
export function binary64Bits(x: number): bigint {
  float64[0] = x;
  return x === x ? BigInt.asUintN(64, int64[0] as bigint) : 0x7ff8000000000000n;
}

function nanOf({ exponentBits, mantissaBits, nan }: FloatFormat, code: number): NaNOperand {
  const magnitudes = 2 ** (exponentBits + mantissaBits);
  if (nan === 'negativeZero') return PLAIN_NAN;
  const negative = code >= magnitudes;
  if (nan === 'topCode') return { negative, fraction: 0.5 };
  const steps = 2 ** mantissaBits;
  return { negative, fraction: (code % steps) / steps };
}
