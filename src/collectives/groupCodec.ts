/**
 * Codecs of groups: consecutive features share a scale that follows what is sent and travels with it, so that there is
 * nothing to calibrate.
 *
 * - FlashCommunication (arXiv 2412.04964): two steps, asymmetric codes of 4, 5, 6 or 8 bits by groups of 128.
 * - FlashCommunication V2 (arXiv 2508.03760): bit splitting; spike reserving, down to 2 bits.
 * - EQuARX (arXiv 2506.17615): INT8 by blocks with scales of their own, quantized anew at every hop of a ring.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkInteger, checkObject, checkText } from '../errors/index.ts';
import { checkFormat } from '../formats/check.ts';
import { binary16, type FloatFormat, formatName, parseFormat } from '../formats/index.ts';
import { type Rounding, roundTo } from '../rounding/index.ts';
import { type GroupCodec, wideRounding } from './codec.ts';

/** How groups are coded. */
export interface GroupCodecOptions {
  /** 2–8; default 4. */
  readonly bits?: number;
  /** Features a group; default 128, with spikes 32. */
  readonly size?: number;
  /** Default false: codes 0 … 2^b − 1 count from the group's minimum. Else −2^(b−1) … 2^(b−1) − 1 count from 0. */
  readonly symmetric?: boolean;
  /** Of scales; default binary16. */
  readonly scale?: FloatFormat;
  /** Of minima; default that of scales. */
  readonly minimum?: FloatFormat;
  /** The format of the group's least and largest number, which then travel by themselves; default null: as the others. */
  readonly spikes?: FloatFormat | null;
  /** Of the index of a spike; default as many as a group's places need. */
  readonly indexBits?: number;
}

const keys = ['bits', 'size', 'symmetric', 'scale', 'minimum', 'spikes', 'indexBits'];

/**
 * Codes by groups. With m the group's minimum as it is sent, the scale is s = (max − m) / (2^b − 1) and the code of x is
 * round((x − m) / s), read as m + code · s. Symmetric codes have m = 0 and s = max|x| / (2^(b−1) − 1). m and s are rounded to
 * their formats, and the quotients are those by the rounded ones; each is rounded once from its exact value, ties to even.
 *
 * Where groups are of no use: a range of zero, or a scale that its format rounds to zero, gives every number the value m. A
 * range too large for the scale's format gives its largest scale, and clips. A NaN is sent as 0 is; an infinity as the
 * outermost code, or as a spike.
 *
 * Spikes are the first least number of a group and the first largest of the others. What scales and minimum are made of is
 * the rest; the codes of the spikes are 0, and travel too.
 *
 * @throws {@link BittrueError} for options out of range, and formats that are no floats with zero, of at most 32 bits
 * @example
 * import { decodeMessage, encodeMessage, groupCodec } from 'bittrue/collectives';
 * const codec = groupCodec({ bits: 2, size: 4 });
 * const bytes = encodeMessage(codec, 0, Float64Array.of(-1, 0.2, 1.5, 2), 4);
 * [...bytes]; // [228, 0, 60, 0, 188]: codes 0, 1, 2, 3; scale 1; minimum −1
 * decodeMessage(codec, 0, bytes, 1, 4); // [-1, 0, 1, 2]
 */
export function groupCodec(options: GroupCodecOptions = {}): GroupCodec {
  checkObject('options', options, keys);
  const symmetric = checkBoolean('options.symmetric', options.symmetric ?? false);
  const spikes = options.spikes ?? null;
  const size = checkInteger('options.size', options.size ?? (spikes === null ? 128 : 32), 1, 2 ** 31);
  const scale = options.scale ?? binary16;
  if (symmetric && options.minimum !== undefined) {
    throw new BittrueError('unsupported', 'options.minimum', 'a format', 'none: symmetric codes have no minimum');
  }
  if (spikes === null && options.indexBits !== undefined) {
    throw new BittrueError('unsupported', 'options.indexBits', options.indexBits, 'none: there are no spikes');
  }
  const needed = indexWidth(size);
  const codec = {
    kind: 'group',
    bits: checkInteger('options.bits', options.bits ?? 4, 2, 8),
    size,
    scale: metadata('options.scale', scale, false),
    minimum: symmetric ? null : metadata('options.minimum', options.minimum ?? scale, true),
    spikes:
      spikes === null
        ? null
        : Object.freeze({
            rounding: wideRounding('options.spikes', spikes),
            indexBits: checkInteger('options.indexBits', options.indexBits ?? needed, needed, 32),
          }),
  } as const;
  return Object.freeze({ ...codec, name: nameOf(codec) });
}

/** The rounding of what a group is read by: always finite. */
function metadata(argument: string, value: FloatFormat, isSigned: boolean): Rounding {
  const format = checkFormat(argument, value);
  const fits = format.kind === 'float' && format.bits <= 32 && format.lowest !== 'normal';
  if (!fits || (isSigned && !format.signed)) {
    const wanted = `a ${isSigned ? 'signed ' : ''}float format with zero, of at most 32 bits`;
    throw new BittrueError('unsupported', argument, formatName(format), wanted);
  }
  return roundTo(format, { overflow: 'saturate', nanInput: 'zero' });
}

/** Bits that number the places of a group. */
function indexWidth(size: number): number {
  return Math.max(1, 32 - Math.clz32(size - 1));
}

function nameOf({ bits, size, scale, minimum, spikes }: Omit<GroupCodec, 'name'>): string {
  const parts = [`${minimum === null ? 'int' : 'uint'}${bits}/${size}`];
  const format = (rounding: Rounding): string => formatName(rounding.format);
  if (format(scale) !== 'binary16') parts.push(`scale=${format(scale)}`);
  if (minimum !== null && format(minimum) !== format(scale)) parts.push(`minimum=${format(minimum)}`);
  if (spikes !== null) {
    parts.push(format(spikes.rounding) === 'binary16' ? 'spikes' : `spikes=${format(spikes.rounding)}`);
    if (spikes.indexBits !== indexWidth(size)) parts.push(`index=${spikes.indexBits}`);
  }
  return parts.join(';');
}

/**
 * The group codec that a text names: `uint4/128` has asymmetric codes of 4 bits by groups of 128, `int8/128` symmetric ones of 8;
 * behind it `;scale=`, `;minimum=` and `;spikes=` with a format, `;spikes` for binary16, `;index=` with bits. A codec's name is
 * such a text.
 *
 * @throws {@link BittrueError} for another text, and as {@link groupCodec}
 * @example
 * import { messageBytes, parseGroup } from 'bittrue/collectives';
 * (messageBytes(parseGroup('uint4/128'), 1, 4096) * 8) / 4096; // 4.25
 * parseGroup('uint2/32;spikes=bfloat16').spikes?.indexBits; // 5
 * parseGroup('int4'); // throws name
 */
export function parseGroup(text: string): GroupCodec {
  checkText('codec', text);
  const [head = '', ...parts] = text.trim().toLowerCase().split(';');
  const [, unsigned, bits, size] = /^(u?)int([2-8])\/([1-9]\d{0,9})$/.exec(head) ?? [];
  const found: Record<string, string> = {};
  for (const part of parts) {
    const [, key = '', value = ''] =
      /^(scale|minimum|spikes|index)=(.+)$/.exec(part === 'spikes' ? `${part}=binary16` : part) ?? [];
    if (key === '' || Object.hasOwn(found, key)) throw unknown(text);
    found[key] = value;
  }
  if (size === undefined || (found.index !== undefined && !/^\d{1,2}$/.test(found.index))) throw unknown(text);
  const { scale, minimum, spikes, index } = found;
  const float = (name: string): FloatFormat => parseFormat(name) as FloatFormat;
  return groupCodec({
    bits: Number(bits),
    size: Number(size),
    symmetric: unsigned === '',
    ...(scale === undefined ? {} : { scale: float(scale) }),
    ...(minimum === undefined ? {} : { minimum: float(minimum) }),
    ...(spikes === undefined ? {} : { spikes: float(spikes) }),
    ...(index === undefined ? {} : { indexBits: Number(index) }),
  });
}

function unknown(text: string): BittrueError {
  const wanted =
    'a group codec such as uint4/128, int8/128 or uint2/32;spikes, with scale=, minimum=, spikes= and index=';
  return new BittrueError('name', 'codec', text, wanted);
}
