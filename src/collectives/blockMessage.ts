/**
 * Messages of a block codec: a binary32 scale of the message where the format has one, then for every row the elements'
 * codes, the blocks' scales, and zero bits up to a whole byte.
 *
 * @module
 */
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import type { Recorder } from '../events/recorder.ts';
import type { BlockFormat, Format } from '../formats/index.ts';
import { blockExtent, scaleReader } from '../quantization/block/blocks.ts';
import { type Blocks, dequantizeBlocks, quantizeBlocks } from '../quantization/index.ts';
import {
  decode,
  INEXACT,
  INVALID,
  resolvePolicy,
  SATURATION,
  SCALE_OVERFLOW,
  SCALE_UNDERFLOW,
  UNDERFLOW,
} from '../rounding/index.ts';
import { getBits, putBits } from './bits.ts';
import type { BlockCodec } from './codec.ts';
import type { Part } from './shares.ts';
import { closeRow, type Outgoing, type Tally } from './tally.ts';

const HEADER = 4;

interface Layout {
  readonly rows: number;
  readonly features: number;
  readonly blocks: number;
  readonly header: number;
  /** Bytes of a row. */
  readonly stride: number;
}

function layoutOf({ element, scale, size, tensorScale }: BlockFormat, part: Part): Layout {
  const features = part.toFeature - part.fromFeature;
  const blocks = Math.ceil(features / size);
  const stride = Math.ceil((features * element.bits + blocks * scale.bits) / 8);
  return { rows: part.toRow - part.fromRow, features, blocks, header: tensorScale === null ? 0 : HEADER, stride };
}

/** Bytes of a part's message; no part is empty here. */
export function blockMessageBytes({ format }: BlockCodec, part: Part): number {
  const { rows, header, stride } = layoutOf(format, part);
  return header + rows * stride;
}

/** The part as bytes, quantized by the format's own recipe. */
export function encodeBlocks(codec: BlockCodec, { device, data, width, part, recorder, tally }: Outgoing): Uint8Array {
  const bytes = new Uint8Array(blockMessageBytes(codec, part));
  const { rows, features, blocks, header, stride } = layoutOf(codec.format, part);
  const values = new Float64Array(rows * features);
  for (let row = 0; row < rows; row++) {
    const from = (part.fromRow + row) * width + part.fromFeature;
    values.set(data.subarray(from, from + features), row * features);
  }
  const quantized = quantizeBlocks({ data: values, shape: [rows, features] }, codec.format);
  const { element, scale } = codec.format;
  const { codes, scaleCodes, tensorScale } = quantized;
  if (header > 0) new DataView(bytes.buffer).setFloat32(0, tensorScale, true);
  for (let row = 0; row < rows; row++) {
    const base = header + row * stride;
    for (let j = 0; j < features; j++) putBits(bytes, base, j * element.bits, element.bits, codes[row * features + j]);
    for (let b = 0; b < blocks; b++) {
      putBits(bytes, base, features * element.bits + b * scale.bits, scale.bits, scaleCodes[row * blocks + b]);
    }
  }
  note(quantized, element, values, device, recorder, tally);
  return bytes;
}

/**
 * Every element's event: flags are those of the exact quotient by its block's scale, rounded once. A number that its
 * block's NaN scale loses is `invalid`. A block's own events stand at its largest number.
 */
function note(
  blocks: Blocks,
  element: Format,
  values: Float64Array,
  device: number,
  recorder: Recorder,
  tally: Tally,
): void {
  const unit = new ValueUnit(element, resolvePolicy(element, { overflow: 'saturate', nanInput: 'zero' }));
  const received = dequantizeBlocks(blocks);
  const scaleUnder = scaleReader(blocks);
  for (let block = 0; block < blocks.scaleCodes.length; block++) {
    const [from, to] = blockExtent(blocks, block);
    const divisor = scaleUnder(block);
    noteScale(blocks, block, values, device, recorder);
    for (let place = from; place < to; place++) {
      const x = values[place];
      const result = received[place];
      tally.values++;
      if (Math.abs(result) === element.max * divisor && result !== 0) tally.atLimit++;
      const flags = flagsOf(x, result, divisor, unit);
      if (flags === 0) continue;
      if ((flags & SATURATION) !== 0) tally.clipped++;
      recorder.row = place;
      recorder.note(flags, 'divide', device, 0, x, divisor, 0, divisor === 0 ? 0 : result / divisor);
    }
    if (to % blocks.width === 0) closeRow(recorder, to);
  }
}

/** What befell a block's scale: amax / (M · tensor scale), as it is stored. */
function noteScale(blocks: Blocks, block: number, values: Float64Array, device: number, recorder: Recorder): void {
  const flags = blocks.scaleUnderflows[block] * SCALE_UNDERFLOW + blocks.scaleOverflows[block] * SCALE_OVERFLOW;
  if (flags === 0) return;
  const [from, to] = blockExtent(blocks, block);
  let top = from;
  for (let i = from; i < to; i++) if (Math.abs(values[i]) > Math.abs(values[top])) top = i;
  const { element, scale } = blocks.format;
  const stored = Math.abs(decode(scale, blocks.scaleCodes[block]));
  recorder.row = top;
  recorder.note(flags, 'divide', device, 0, Math.abs(values[top]), element.max * blocks.tensorScale, 0, stored);
}

function flagsOf(x: number, result: number, divisor: number, unit: ValueUnit): number {
  if (result === x || x !== x) return 0;
  if (result !== result) return INVALID;
  if (divisor === 0) return UNDERFLOW | INEXACT;
  unit.divide(x, divisor);
  return x - x === 0 ? unit.flags | INEXACT : unit.flags;
}

/** The values that a part's bytes stand for, exact in binary64. */
export function decodeBlocks(
  { format }: BlockCodec,
  bytes: Uint8Array,
  part: Part,
  out: Float64Array,
  width: number,
): void {
  const { rows, features, blocks, header, stride } = layoutOf(format, part);
  const { element, scale } = format;
  const codes = new Uint32Array(rows * features);
  const scaleCodes = new Uint32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    const base = header + row * stride;
    for (let j = 0; j < features; j++) codes[row * features + j] = getBits(bytes, base, j * element.bits, element.bits);
    for (let b = 0; b < blocks; b++) {
      scaleCodes[row * blocks + b] = getBits(bytes, base, features * element.bits + b * scale.bits, scale.bits);
    }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tensorScale = header > 0 ? view.getFloat32(0, true) : 1;
  const none = new Uint32Array(0);
  const values = dequantizeBlocks({
    kind: 'blocks',
    format,
    rows,
    width: features,
    blocksPerRow: blocks,
    tensorScale,
    scaleCodes,
    codes,
    clips: none,
    underflows: none,
    zeroed: none,
    scaleUnderflows: none,
    scaleOverflows: none,
  });
  for (let row = 0; row < rows; row++) {
    const from = (part.fromRow + row) * width + part.fromFeature;
    out.set(values.subarray(row * features, (row + 1) * features), from);
  }
}
