/**
 * Messages of a group codec. Every row is the codes' planes, then for each group its scale, its minimum, its spikes (least,
 * largest) and their indices, as far as the codec has them, then zero bits up to a whole byte.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Recorder } from '../events/recorder.ts';
import type { FloatFormat } from '../formats/index.ts';
import { codeReader, encodeValue } from '../rounding/codes.ts';
import { INVALID, OVERFLOW, type Rounding, SATURATION } from '../rounding/index.ts';
import { Rounder } from '../rounding/rounder.ts';
import { getPlanes, planeBytes, putPlanes } from './bitPlanes.ts';
import { getBits, putBits } from './bits.ts';
import type { GroupCodec } from './codec.ts';
import { GroupQuantizer } from './groupQuantizer.ts';
import type { Part } from './shares.ts';
import { closeRow, type Outgoing, type Tally } from './tally.ts';

interface Layout {
  readonly features: number;
  readonly groups: number;
  /** Bytes of a row's planes. */
  readonly planes: number;
  /** Bits of what a group has beside its codes. */
  readonly about: number;
  /** Bytes of a row. */
  readonly stride: number;
}

function layoutOf({ bits, size, scale, minimum, spikes }: GroupCodec, part: Part): Layout {
  const features = part.toFeature - part.fromFeature;
  const groups = Math.ceil(features / size);
  const planes = planeBytes(bits, features);
  const spiked = spikes === null ? 0 : 2 * (spikes.rounding.format.bits + spikes.indexBits);
  const about = scale.format.bits + (minimum?.format.bits ?? 0) + spiked;
  return { features, groups, planes, about, stride: planes + Math.ceil((groups * about) / 8) };
}

/** Bytes of a part's message; no part is empty here. */
export function groupMessageBytes(codec: GroupCodec, part: Part): number {
  return (part.toRow - part.fromRow) * layoutOf(codec, part).stride;
}

/** The part as bytes. */
export function encodeGroups(codec: GroupCodec, { device, data, width, part, recorder, tally }: Outgoing): Uint8Array {
  const bytes = new Uint8Array(groupMessageBytes(codec, part));
  const { features, planes, about, stride } = layoutOf(codec, part);
  const { bits, size, spikes } = codec;
  const quantizer = new GroupQuantizer(codec);
  const spiking = spikes === null ? null : new Rounder(spikes.rounding.format, spikes.rounding.policy);
  const codes = new Uint8Array(features);
  const mask = 2 ** bits - 1;
  for (let row = part.fromRow; row < part.toRow; row++) {
    const first = row * width + part.fromFeature;
    const place = (row - part.fromRow) * features - first;
    const base = (row - part.fromRow) * stride;
    let at = 0;
    const put = (count: number, code: number): void => {
      putBits(bytes, base + planes, at, count, code);
      at += count;
    };
    codes.fill(0);
    for (let from = first; from < first + features; from += size) {
      const to = Math.min(from + size, first + features);
      quantizer.open(data, from, to);
      noteGroup(codec, quantizer, data, place, device, recorder);
      for (let i = from; i < to; i++) {
        if (i === quantizer.lowest || i === quantizer.highest) continue;
        const x = data[i];
        const code = quantizer.code(x);
        codes[i - first] = code & mask;
        tally.values++;
        if (quantizer.limit) tally.atLimit++;
        if (quantizer.flags === 0) continue;
        if ((quantizer.flags & SATURATION) !== 0) tally.clipped++;
        recorder.row = place + i;
        noteQuotient(codec, quantizer, quantizer.flags, device, x, quantizer.scale, code, recorder);
      }
      at = (about * (from - first)) / size;
      const { scale, minimum, lowest, highest } = quantizer;
      put(codec.scale.format.bits, encodeValue(codec.scale.format, scale, false));
      if (codec.minimum !== null) put(codec.minimum.format.bits, encodeValue(codec.minimum.format, minimum, false));
      if (spikes === null || spiking === null) continue;
      let value = 0;
      for (const [k, i] of [lowest, highest].entries()) {
        // One number that is both travels twice, and is told once.
        if (k === 0 || highest !== lowest) value = roundSpike(spiking, data[i], place + i, device, recorder, tally);
        put(spikes.rounding.format.bits, encodeValue(spikes.rounding.format, value, false));
      }
      put(spikes.indexBits, lowest - from);
      put(spikes.indexBits, highest - from);
    }
    putPlanes(bytes, base, bits, codes);
    closeRow(recorder, place + first + features);
  }
  return bytes;
}

/** What befell a group's scale and minimum: told only where their formats are too small for them. */
function noteGroup(
  codec: GroupCodec,
  group: GroupQuantizer,
  data: Float64Array,
  place: number,
  device: number,
  recorder: Recorder,
): void {
  const { scaleFlags, minimumFlags, largestAt, leastAt, levels, scale, minimum } = group;
  if (scaleFlags !== 0) {
    const top = data[largestAt];
    recorder.row = place + largestAt;
    noteQuotient(
      codec,
      group,
      scaleFlags,
      device,
      codec.minimum === null ? Math.abs(top) : top,
      levels,
      scale,
      recorder,
    );
  }
  if ((minimumFlags & OVERFLOW) !== 0) {
    recorder.row = place + leastAt;
    recorder.note(minimumFlags, 'round', device, 0, data[leastAt], 0, 0, minimum);
  }
}

/** A spike as it is sent, and its event: that of a number that is rounded. */
function roundSpike(
  spiking: Rounder,
  x: number,
  place: number,
  device: number,
  recorder: Recorder,
  tally: Tally,
): number {
  const value = spiking.round(x === x ? x : 0, 0);
  const flags = x === x ? spiking.flags : INVALID;
  if (flags === 0) return value;
  if ((flags & SATURATION) !== 0) tally.clipped++;
  recorder.row = place;
  recorder.note(flags, 'round', device, 0, x, 0, 0, value);
  return value;
}

/** A quotient's event: (x − minimum) / divisor, or x / divisor where codes are symmetric. */
function noteQuotient(
  { minimum }: GroupCodec,
  group: GroupQuantizer,
  flags: number,
  device: number,
  x: number,
  divisor: number,
  result: number,
  recorder: Recorder,
): void {
  if (minimum === null) recorder.note(flags, 'divide', device, 0, x, divisor, 0, result);
  else recorder.note(flags, 'quantize', device, 0, x, group.minimum, divisor, result);
}

/** The values that a part's bytes stand for: minimum + code · scale, rounded once where binary64 does not hold it. */
export function decodeGroups(codec: GroupCodec, bytes: Uint8Array, part: Part, out: Float64Array, width: number): void {
  const { features, planes, about, stride } = layoutOf(codec, part);
  const { bits, size, spikes } = codec;
  const scales = codeReader(codec.scale.format as FloatFormat);
  const minima = codec.minimum === null ? null : codeReader(codec.minimum.format as FloatFormat);
  const spiked = spikes === null ? null : codeReader(spikes.rounding.format as FloatFormat);
  const codes = new Uint8Array(features);
  // A code's sign, where it has one.
  const sign = codec.minimum === null ? 2 ** (bits - 1) : 2 ** bits;
  for (let row = part.fromRow; row < part.toRow; row++) {
    const base = (row - part.fromRow) * stride;
    const first = row * width + part.fromFeature;
    getPlanes(bytes, base, bits, codes);
    let at = 0;
    const get = (count: number): number => {
      const code = getBits(bytes, base + planes, at, count);
      at += count;
      return code;
    };
    for (let from = 0; from < features; from += size) {
      at = (about * from) / size;
      const scale = scales.value(get(codec.scale.format.bits));
      const minimum = minima === null ? 0 : minima.value(get((codec.minimum as Rounding).format.bits));
      for (let j = from; j < from + size && j < features; j++) {
        const code = codes[j];
        // The product is exact: a code has 8 bits, a scale 24.
        out[first + j] = minimum + (code >= sign ? code - 2 * sign : code) * scale;
      }
      if (spikes === null || spiked === null) continue;
      const ends = [0, 1].map(() => spiked.value(get(spikes.rounding.format.bits)));
      for (const value of ends) {
        const index = get(spikes.indexBits);
        if (index >= Math.min(size, features - from)) {
          throw new BittrueError('value', 'bytes', `a spike at place ${index}`, 'places of the group');
        }
        out[first + from + index] = value;
      }
    }
  }
}
