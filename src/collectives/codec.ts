/**
 * How partial sums become bytes, as data. Whatever a codec holds (features, scales, zero points, formats) is known to every
 * device before: none of it travels.
 *
 * @module
 */
import { BittrueError, checkObject, fieldsOf } from '../errors/index.ts';
import { checkFormat, checkNumericBlock } from '../formats/check.ts';
import { type AnyBlock, type BlockFormat, bfloat16, binary16, type FloatFormat, formatName } from '../formats/index.ts';
import { type PartialPolicy, type Rounding, roundTo } from '../rounding/index.ts';

/** Codes under static scales: x is sent as round(x / scale) + zero, clipped, and read as (code − zero) · scale. */
export interface Narrow {
  /** Integers, or floats; floats have no zero points. */
  readonly rounding: Rounding;
  /** Clip limits of integer codes, the zero point included; of floats ±max. */
  readonly low: number;
  readonly high: number;
  /** `[device][feature]`, values of binary32, so that a code times a scale is exact in binary64. */
  readonly scales: readonly Float64Array[];
  /** `[device][feature]`: the code of 0. */
  readonly zeroPoints: readonly Float64Array[];
}

/** Some features in one format, the others as codes under static scales. */
export interface FeatureCodec {
  readonly kind: 'feature';
  readonly name: string;
  /** Features that go as they are, rounded to `wide`; ascending. */
  readonly kept: 'all' | readonly number[];
  readonly wide: Rounding;
  /** The others; null where all are kept. */
  readonly narrow: Narrow | null;
}

/** A block format whose scales travel with the codes: they follow the data, not a calibration. */
export interface BlockCodec {
  readonly kind: 'block';
  readonly name: string;
  readonly format: BlockFormat;
}

/** Codes by groups of features, their scales in the message. */
export interface GroupCodec {
  readonly kind: 'group';
  readonly name: string;
  /** Of a code: 2–8. */
  readonly bits: number;
  /** Consecutive features of a row that share a scale; the last group of a row may have fewer. */
  readonly size: number;
  /** The format of scales, saturating. */
  readonly scale: Rounding;
  /** That of minima, saturating; null where codes are symmetric and have none. */
  readonly minimum: Rounding | null;
  /** How the least and the largest number of a group travel by themselves; null where they do not. */
  readonly spikes: Spikes | null;
}

/** Spike reserving. */
export interface Spikes {
  readonly rounding: Rounding;
  /** Of an index within the group. */
  readonly indexBits: number;
}

/** How partial sums become bytes. */
export type Codec = FeatureCodec | BlockCodec | GroupCodec;

/** How a float codec rounds. */
export interface FloatCodecOptions {
  /** Default: the format's, but `saturate` where it has no infinities. */
  readonly policy?: PartialPolicy;
}

/**
 * Every feature in one float format, unscaled.
 *
 * @throws {@link BittrueError} for an integer format, or a policy that it cannot follow
 * @example
 * import { floatCodec } from 'bittrue/collectives';
 * import { e4m3fn } from 'bittrue/formats';
 * floatCodec(e4m3fn).wide.policy.overflow; // 'saturate'
 */
export function floatCodec(format: FloatFormat, options: FloatCodecOptions = {}): FeatureCodec {
  checkObject('options', options, ['policy']);
  const wide = wideRounding('format', format, options.policy);
  return Object.freeze({ kind: 'feature', name: formatName(format), kept: 'all', wide, narrow: null });
}

/** A checked rounding to a float format for features that are kept. */
export function wideRounding(argument: string, value: FloatFormat, policy: PartialPolicy = {}): Rounding {
  const format = checkFormat(argument, value);
  if (format.kind !== 'float') throw new BittrueError('unsupported', argument, 'an integer format', 'a float format');
  if (format.bits > 32) throw new BittrueError('unsupported', argument, formatName(format), 'at most 32 bits');
  return deterministic(
    roundTo(format, format.infinities === 'none' ? { overflow: 'saturate', nanInput: 'zero', ...policy } : policy),
  );
}

/** Messages would draw the same random bits at every hop. */
function deterministic(wide: Rounding): Rounding {
  if (wide.policy.rounding === 'stochastic') {
    throw new BittrueError('unsupported', 'options.policy', 'stochastic', 'a deterministic rounding mode');
  }
  return wide;
}

/** BF16, 16 bits a value: what the others are compared with. */
export const bf16Codec: FeatureCodec = /* @__PURE__ */ Object.freeze({
  .../* @__PURE__ */ floatCodec(bfloat16),
  name: 'bf16',
});

/** FP16, 16 bits a value. */
export const fp16Codec: FeatureCodec = /* @__PURE__ */ Object.freeze({
  .../* @__PURE__ */ floatCodec(binary16),
  name: 'fp16',
});

/**
 * Every feature in blocks along a row, the block scales in the message.
 *
 * @throws {@link BittrueError} `unsupported` for elements of a codebook
 * @example
 * import { blockCodec, messageBytes } from 'bittrue/collectives';
 * import { mxfp4 } from 'bittrue/formats';
 * (messageBytes(blockCodec(mxfp4), 1, 4096) * 8) / 4096; // 4.25
 */
export function blockCodec(given: AnyBlock): BlockCodec {
  const format = checkNumericBlock('format', given);
  return Object.freeze({ kind: 'block', name: format.name, format });
}

/** Refuses what is no codec, or has scales of another group. */
export function checkCodec(argument: string, codec: Codec, devices: number, width: number): Codec {
  const { kind } = fieldsOf(codec);
  if (kind !== 'feature' && kind !== 'block' && kind !== 'group') {
    throw new BittrueError('type', argument, codec, 'a codec, such as bf16Codec');
  }
  if (codec.kind !== 'feature') return codec;
  const { narrow, kept } = codec;
  if (narrow !== null && (narrow.scales.length !== devices || narrow.scales[0]?.length !== width)) {
    const found = `${narrow.scales.length} devices with ${narrow.scales[0]?.length} features`;
    throw new BittrueError('shape', argument, found, `${devices} with ${width}`);
  }
  if (kept !== 'all' && kept.some((j) => j >= width)) {
    throw new BittrueError('shape', argument, `feature ${kept.at(-1)}`, `features below ${width}`);
  }
  return codec;
}
