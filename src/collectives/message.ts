/**
 * Messages: a part of a device's partial sums as packed bytes, and back. What a receiver adds up comes from the bytes.
 *
 * @module
 */
import { BittrueError, checkInteger, fieldsOf } from '../errors/index.ts';
import { Recorder } from '../events/recorder.ts';
import { blockMessageBytes, decodeBlocks, encodeBlocks } from './blockMessage.ts';
import { type Codec, checkCodec, type FeatureCodec } from './codec.ts';
import { decodeFeatures, encodeFeatures, featureMessageBytes } from './featureMessage.ts';
import { decodeGroups, encodeGroups, groupMessageBytes } from './groupMessage.ts';
import { type Part, sizeOf, wholePart } from './shares.ts';
import { emptyTally, type Outgoing } from './tally.ts';

/** Encodes a part; an empty one sends nothing. */
export function encodePart(codec: Codec, outgoing: Outgoing): Uint8Array {
  if (sizeOf(outgoing.part) === 0) return new Uint8Array(0);
  switch (codec.kind) {
    case 'block':
      return encodeBlocks(codec, outgoing);
    case 'group':
      return encodeGroups(codec, outgoing);
    case 'feature':
      return encodeFeatures(codec, outgoing);
  }
}

/** Decodes a part into its place in a matrix of that width. */
export function decodePart(
  codec: Codec,
  device: number,
  bytes: Uint8Array,
  part: Part,
  out: Float64Array,
  width: number,
): void {
  if (bytes.length === 0) return;
  if (codec.kind === 'block') decodeBlocks(codec, bytes, part, out, width);
  else if (codec.kind === 'group') decodeGroups(codec, bytes, part, out, width);
  else decodeFeatures(codec, device, bytes, part, out, width);
}

/**
 * How many bytes the message of `rows` rows has. Rows start at whole bytes.
 *
 * @throws {@link BittrueError} for a codec of another width
 * @example
 * import { bf16Codec, messageBytes } from 'bittrue/collectives';
 * messageBytes(bf16Codec, 1, 5120); // 10240
 */
export function messageBytes(codec: Codec, rows: number, width: number): number {
  checkInteger('rows', rows, 0, 2 ** 31);
  checkInteger('width', width, 0, 2 ** 31);
  const part = wholePart(rows, width);
  if (sizeOf(part) === 0) return 0;
  if (codec?.kind === 'block') return blockMessageBytes(codec, part);
  return codec?.kind === 'group' ? groupMessageBytes(codec, part) : featureMessageBytes(codec, part);
}

/**
 * One device's partial sums as a message.
 *
 * @param device - whose scales apply
 * @param data - row-major [rows, width]
 * @throws {@link BittrueError} `shape` for a codec of another group or width, or data that is no whole row
 * @example
 * import { decodeMessage, encodeMessage, integerCodec, observeGroup, createGroupCalibration } from 'bittrue/collectives';
 * const x = Float64Array.of(7, -3.5, 0.9);
 * const codec = integerCodec(observeGroup(createGroupCalibration({ devices: 1, width: 3 }), [x]));
 * const bytes = encodeMessage(codec, 0, Float64Array.of(2.5, -2, 0.1), 3);
 * bytes; // [194, 1]
 * [...decodeMessage(codec, 0, bytes, 1, 3)].map((value) => value.toFixed(3)); // ['2.000', '-2.000', '0.129']
 */
export function encodeMessage(codec: Codec, device: number, data: Float64Array, width: number): Uint8Array {
  checkInteger('width', width, 1, 2 ** 31);
  checkCodec('codec', codec, groupOf(codec, device), width);
  const rows = data.length / width;
  if (!Number.isInteger(rows)) throw new BittrueError('shape', 'data', `${data.length} numbers`, `rows of ${width}`);
  const recorder = new Recorder(['encode'], data.length, 'counts', 0);
  return encodePart(codec, { device, data, width, part: wholePart(rows, width), recorder, tally: emptyTally() });
}

/**
 * What a receiver reads from a message: exact, but for group codecs whose minimum and step lie too far apart for binary64,
 * which rounds their sum once.
 *
 * @throws {@link BittrueError} `shape` for a message of another length
 */
export function decodeMessage(
  codec: Codec,
  device: number,
  bytes: Uint8Array,
  rows: number,
  width: number,
): Float64Array {
  checkCodec('codec', codec, groupOf(codec, device), width);
  const wanted = messageBytes(codec, rows, width);
  if (fieldsOf(bytes).length !== wanted) throw new BittrueError('shape', 'bytes', bytes, `${wanted} bytes`);
  const out = new Float64Array(rows * width);
  decodePart(codec, device, bytes, wholePart(rows, width), out, width);
  return out;
}

/** The size of the group that a codec's scales are for; a device of it. */
function groupOf(codec: Codec, device: number): number {
  const devices = fieldsOf(codec).kind === 'feature' ? ((codec as FeatureCodec).narrow?.scales.length ?? 64) : 64;
  checkInteger('device', device, 0, devices - 1);
  return devices;
}
