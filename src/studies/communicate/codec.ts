/**
 * The codecs that a study compares, by name.
 *
 * @module
 */
import {
  bf16Codec,
  blockCodec,
  type Codec,
  fp16Codec,
  type GroupCalibration,
  hybridCodec,
  integerCodec,
  randomCodec,
  scaledFloatCodec,
} from '../../collectives/index.ts';
import { mxfp4, nvfp4 } from '../../formats/index.ts';

/**
 * - `bf16`, `fp16`: 16 bits, unscaled. `int4`, `int8`: static ranges of every feature and device.
 * - `hybrid`: the k features of the widest range in BF16, the rest as INT4. `random`: k random ones instead.
 * - `fp8`: E4M3 under a static scale a device. `mxfp4`, `nvfp4`: blocks, scaled by what is sent.
 */
export const codecNames = ['bf16', 'fp16', 'int4', 'int8', 'random', 'hybrid', 'fp8', 'mxfp4', 'nvfp4'] as const;
export type CodecName = (typeof codecNames)[number];

/** What the named codecs may be told. */
export interface CodecChoice {
  readonly k: number;
  readonly symmetric: boolean;
  readonly seed: number;
}

/** The codecs of a layer's partial sums, and of its sums. */
export function codecNamed(
  name: CodecName,
  { partials, sum }: { readonly partials: GroupCalibration; readonly sum: GroupCalibration },
  choice: CodecChoice,
): { readonly codec: Codec; readonly sumCodec: Codec } {
  return { codec: codecFor(name, partials, choice), sumCodec: codecFor(name, sum, choice) };
}

function codecFor(name: CodecName, calibration: GroupCalibration, { k, symmetric, seed }: CodecChoice): Codec {
  switch (name) {
    case 'bf16':
      return bf16Codec;
    case 'fp16':
      return fp16Codec;
    case 'int4':
    case 'int8':
      return integerCodec(calibration, { bits: name === 'int4' ? 4 : 8, symmetric });
    case 'random':
      return randomCodec(calibration, { k, symmetric, seed });
    case 'hybrid':
      return hybridCodec(calibration, { k, symmetric });
    case 'fp8':
      return scaledFloatCodec(calibration);
    case 'mxfp4':
      return blockCodec(mxfp4);
    case 'nvfp4':
      return blockCodec(nvfp4);
  }
}
