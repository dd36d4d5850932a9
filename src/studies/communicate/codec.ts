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
  parseGroup,
  randomCodec,
  scaledFloatCodec,
} from '../../collectives/index.ts';
import { BittrueError, checkAs, checkText, nearest } from '../../errors/index.ts';
import { blockCatalogue, parseBlock } from '../../formats/index.ts';

/**
 * - `bf16`, `fp16`: 16 bits, unscaled. `int4`, `int8`: static ranges of every feature and device.
 * - `hybrid`: the k features of the widest range in BF16, the rest as INT4. `random`: k random ones instead.
 * - `fp8`: E4M3 under a static scale a device. `mxfp4`, `nvfp4`: blocks, scaled by what is sent.
 *
 * Beside these names a codec is any block format (`mxfp8e4m3`, `block:int8;size=32;scale=binary16`) or group codec
 * (`uint4/128`, `uint2/32;spikes`, `int8/128`), as `parseBlock` and `parseGroup` read them.
 */
export const codecNames = ['bf16', 'fp16', 'int4', 'int8', 'random', 'hybrid', 'fp8', 'mxfp4', 'nvfp4'] as const;
export type CodecName = (typeof codecNames)[number];

/**
 * The text of a codec, checked: a name, or the notation of a block format or a group codec.
 *
 * @throws {@link BittrueError} `name` for another text, and as `parseBlock` and `parseGroup`
 */
export function checkCodecText(argument: string, value: unknown): string {
  const text = checkText(argument, value).trim();
  if (!isName(text)) {
    checkAs(
      () => argument,
      () => noted(text),
    );
  }
  return text;
}

function isName(text: string): text is CodecName {
  return (codecNames as readonly string[]).includes(text);
}

/** The codec that a notation says: one that nothing needs to be calibrated for. */
function noted(text: string): Codec {
  if (text.includes('/')) return parseGroup(text);
  if (text.startsWith('block:') || blockNames.includes(text.toLowerCase())) return blockCodec(parseBlock(text));
  const wanted = `one of ${codecNames.join(', ')}, a block format, or groups such as uint4/128 and uint2/32;spikes`;
  throw new BittrueError('name', 'codec', text, wanted, nearest(text, [...codecNames, ...blockNames]));
}

const blockNames = /* @__PURE__ */ Object.keys(blockCatalogue);

/** What the named codecs may be told. */
export interface CodecChoice {
  readonly k: number;
  readonly symmetric: boolean;
  readonly seed: number;
}

/** The codecs of a layer's partial sums, and of its sums. */
export function codecNamed(
  name: string,
  { partials, sum }: { readonly partials: GroupCalibration; readonly sum: GroupCalibration },
  choice: CodecChoice,
): { readonly codec: Codec; readonly sumCodec: Codec } {
  return { codec: codecFor(name, partials, choice), sumCodec: codecFor(name, sum, choice) };
}

function codecFor(name: string, calibration: GroupCalibration, { k, symmetric, seed }: CodecChoice): Codec {
  switch (name as CodecName) {
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
    default:
      return noted(name);
  }
}
