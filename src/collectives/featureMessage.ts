/**
 * Messages of a feature codec. Every row is the kept features' codes, ascending, then the others' codes, then zero bits
 * up to a whole byte: a row can be found, and sent, by itself.
 *
 * @module
 */
import type { FloatFormat } from '../formats/index.ts';
import { defineInteger } from '../formats/integer.ts';
import { codeReader, encodeValue } from '../rounding/codes.ts';
import { INEXACT, INVALID, OVERFLOW, resolvePolicy, SATURATION } from '../rounding/index.ts';
import { Rounder } from '../rounding/rounder.ts';
import { getBits, putBits } from './bits.ts';
import type { FeatureCodec, Narrow } from './codec.ts';
import type { Part } from './shares.ts';
import { closeRow, type Outgoing } from './tally.ts';

/** Where the codes of a row stand. */
interface Layout {
  /** For every feature of the part, its first bit within the row. */
  readonly at: Float64Array;
  /** 1 for kept features. */
  readonly kept: Uint8Array;
  /** Bytes of a row. */
  readonly stride: number;
}

function layoutOf({ kept, wide, narrow }: FeatureCodec, { fromFeature, toFeature }: Part): Layout {
  const count = toFeature - fromFeature;
  const flags = new Uint8Array(count);
  if (kept === 'all' || narrow === null) flags.fill(1);
  else for (const j of kept) if (j >= fromFeature && j < toFeature) flags[j - fromFeature] = 1;
  const at = new Float64Array(count);
  let bit = 0;
  for (let j = 0; j < count; j++) {
    if (flags[j] === 0) continue;
    at[j] = bit;
    bit += wide.format.bits;
  }
  for (let j = 0; j < count; j++) {
    if (flags[j] === 1) continue;
    at[j] = bit;
    bit += (narrow as Narrow).rounding.format.bits;
  }
  return { at, kept: flags, stride: Math.ceil(bit / 8) };
}

/** Bytes of a part's message; no part is empty here. */
export function featureMessageBytes(codec: FeatureCodec, part: Part): number {
  return (part.toRow - part.fromRow) * layoutOf(codec, part).stride;
}

/** Quotients are rounded to these first; the zero point is added, and the limits applied, to an integer. */
const quotients = /* @__PURE__ */ defineInteger({ bits: 32 });

/** The part as bytes. A NaN that the format has not is sent as 0, and is `invalid`. */
export function encodeFeatures(
  codec: FeatureCodec,
  { device, data, width, part, recorder, tally }: Outgoing,
): Uint8Array {
  const { at, kept, stride } = layoutOf(codec, part);
  const { fromRow, toRow, fromFeature, toFeature } = part;
  const bytes = new Uint8Array((toRow - fromRow) * stride);
  const { wide, narrow } = codec;
  const wideRounder = new Rounder(wide.format, wide.policy);
  const wideFormat = wide.format as FloatFormat;
  const narrowing = narrow === null ? null : new Narrowing(narrow, device);
  let place = 0;
  for (let row = fromRow; row < toRow; row++) {
    const base = (row - fromRow) * stride;
    for (let j = fromFeature; j < toFeature; j++, place++) {
      const x = data[row * width + j];
      const bit = at[j - fromFeature];
      if (kept[j - fromFeature] === 1) {
        const value = wideRounder.round(x, 0);
        const flags = x !== x && value === value ? INVALID : wideRounder.flags;
        putBits(bytes, base, bit, wideFormat.bits, encodeValue(wideFormat, value, x < 0));
        if (flags !== 0) {
          if ((flags & SATURATION) !== 0) tally.clipped++;
          recorder.row = place;
          recorder.note(flags, 'round', device, 0, x, 0, 0, value);
        }
        continue;
      }
      const own = narrowing as Narrowing;
      const result = own.narrow(x, j);
      putBits(bytes, base, bit, own.bits, own.code);
      tally.values++;
      if (own.limit) tally.atLimit++;
      if (own.flags !== 0) {
        if ((own.flags & SATURATION) !== 0) tally.clipped++;
        recorder.row = place;
        recorder.note(own.flags, 'divide', device, 0, x, own.scales[j], 0, result);
      }
    }
    closeRow(recorder, place);
  }
  return bytes;
}

/**
 * x / scale rounded once, with its code; a class so that its constants sit in fields.
 *
 * The quotient in binary64 is a midpoint, or a value, of the codes only where the exact one is. Let m be that number and s
 * the scale: s has 24 bits and m at most 25, so m·s is a binary64 number. If x is another, it lies a unit in the last place
 * of m·s away or more (half of one below a power of two), which is more than half a unit of m, times s.
 */
class Narrowing {
  readonly scales: Float64Array;
  readonly bits: number;
  flags = 0;
  code = 0;
  /** Whether the last code is one of the two outermost. */
  limit = false;
  private readonly zeroPoints: Float64Array;
  private readonly low: number;
  private readonly high: number;
  private readonly codes: number;
  private readonly float: FloatFormat | null;
  private readonly rounder: Rounder;

  constructor({ rounding, low, high, scales, zeroPoints }: Narrow, device: number) {
    this.scales = scales[device];
    this.zeroPoints = zeroPoints[device];
    this.bits = rounding.format.bits;
    this.codes = rounding.format.codes;
    this.low = low;
    this.high = high;
    this.float = rounding.format.kind === 'float' ? rounding.format : null;
    this.rounder =
      this.float === null ? new Rounder(quotients, resolvePolicy(quotients)) : new Rounder(this.float, rounding.policy);
  }

  /** The quotient as the receiver has it: code − zero, or the float. */
  narrow(x: number, feature: number): number {
    const { rounder, float, low, high } = this;
    const scale = this.scales[feature];
    const zero = this.zeroPoints[feature];
    if (x !== x && (float === null || float.nan === 'none')) {
      this.flags = INVALID;
      this.limit = false;
      this.code = zero;
      return 0;
    }
    const quotient = x / scale;
    if (float !== null) {
      const value = rounder.round(quotient, 0);
      this.flags = rounder.flags;
      this.limit = value === high || value === low;
      this.code = encodeValue(float, value, x < 0);
      return value;
    }
    let n = rounder.round(quotient, 0) + zero;
    this.flags = rounder.flags;
    if (n < low || n > high) {
      n = n < low ? low : high;
      this.flags = quotient - quotient === 0 ? OVERFLOW | INEXACT | SATURATION : SATURATION;
    }
    this.limit = n === low || n === high;
    this.code = n < 0 ? n + this.codes : n;
    return n - zero;
  }
}

/** The values that a part's bytes stand for, exact in binary64. */
export function decodeFeatures(
  codec: FeatureCodec,
  device: number,
  bytes: Uint8Array,
  part: Part,
  out: Float64Array,
  width: number,
): void {
  const { at, kept, stride } = layoutOf(codec, part);
  const { fromRow, toRow, fromFeature, toFeature } = part;
  const wideBits = codec.wide.format.bits;
  const wide = codeReader(codec.wide.format as FloatFormat);
  const { narrow } = codec;
  const float = narrow?.rounding.format.kind === 'float' ? codeReader(narrow.rounding.format) : null;
  const bits = narrow?.rounding.format.bits ?? 0;
  const codes = 2 ** bits;
  const signed = (narrow?.low ?? 0) < 0;
  const scales = narrow?.scales[device];
  const zeroPoints = narrow?.zeroPoints[device];
  for (let row = fromRow; row < toRow; row++) {
    const base = (row - fromRow) * stride;
    for (let j = fromFeature; j < toFeature; j++) {
      const bit = at[j - fromFeature];
      let value: number;
      if (kept[j - fromFeature] === 1) value = wide.value(getBits(bytes, base, bit, wideBits));
      else {
        const code = getBits(bytes, base, bit, bits);
        const scale = (scales as Float64Array)[j];
        if (float !== null) value = float.value(code) * scale;
        else {
          const n = signed && code >= codes / 2 ? code - codes : code;
          value = (n - (zeroPoints as Float64Array)[j]) * scale;
        }
      }
      out[row * width + j] = value;
    }
  }
}
