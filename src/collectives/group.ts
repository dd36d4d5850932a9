/**
 * A group of devices at work: what the collectives have in common. A `Group` lives for one call.
 *
 * @module
 */
import type { Reduction } from '../accumulators/index.ts';
import { Reducer } from '../accumulators/reducer.ts';
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import type { Rounding } from '../rounding/index.ts';
import type { Codec } from './codec.ts';
import type { Hops, Stage } from './hops.ts';
import { closeWork, type Ledger, openWork } from './ledger.ts';
import { decodePart, encodePart } from './message.ts';
import type { Part } from './shares.ts';
import { closeRow, emptyTally, type Tally } from './tally.ts';

/** One call's state. */
export interface Group {
  readonly devices: number;
  readonly rows: number;
  readonly width: number;
  readonly partials: readonly Float64Array[];
  /** Of partial sums, by device. */
  readonly codec: Codec;
  /** Of sums over several devices: scales of its device 0. */
  readonly sumCodec: Codec;
  readonly reduction: Reduction;
  /** How a finished sum is written; null: as the accumulator leaves it. */
  readonly output: Rounding | null;
  readonly split: 'rows' | 'features';
  readonly ledger: Ledger;
  readonly tallies: readonly Tally[];
  /** Bytes sent, by device. */
  readonly sent: Float64Array;
  messages: number;
  /** Errors by hop. */
  readonly hops: Hops;
}

/** A message as its receivers have it. */
export interface Sent {
  readonly bytes: Uint8Array;
  /** The decoded values in a matrix [rows, width]; outside the part it is zero. */
  readonly values: Float64Array;
}

/**
 * Encodes a part of a device's data, and decodes it from the bytes. `partial`: the data is the device's own partial sum,
 * else a sum of several.
 */
export function encode(
  group: Group,
  { phase, hop }: Stage,
  device: number,
  data: Float64Array,
  part: Part,
  partial: boolean,
  values: Float64Array = new Float64Array(data.length),
): Sent {
  const { ledger, width } = group;
  const stage = `${phase}.encode`;
  const recorder = openWork(ledger, stage, part);
  const codec = partial ? group.codec : group.sumCodec;
  const owner = partial ? device : 0;
  const tally = partial ? group.tallies[device] : emptyTally();
  const bytes = encodePart(codec, { device: owner, data, width, part, recorder, tally });
  const addends = new Array<number>(group.devices).fill(device);
  closeWork(ledger, recorder, { stage, hop, part, addends });
  decodePart(codec, owner, bytes, part, values, width);
  return { bytes, values };
}

/** Counts a message: `copies` of it leave a device. */
export function send(group: Group, device: number, { bytes }: Sent, copies = 1): void {
  if (bytes.length === 0) return;
  group.sent[device] += copies * bytes.length;
  group.messages += copies;
}

/**
 * Sums a part element by element into `out`. `addends` are the devices that the addends stand for, in the order of the
 * sum.
 */
export function reduce(
  group: Group,
  { phase, hop }: Stage,
  values: readonly Float64Array[],
  addends: readonly number[],
  part: Part,
  out: Float64Array,
): void {
  const { ledger, width } = group;
  const stage = `${phase}.reduce`;
  const recorder = openWork(ledger, stage, part);
  const reducer = new Reducer(group.reduction);
  const terms = new Float64Array(values.length);
  for (let place = 0, row = part.fromRow; row < part.toRow; row++) {
    for (let j = part.fromFeature; j < part.toFeature; j++) {
      const at = row * width + j;
      for (let i = 0; i < terms.length; i++) terms[i] = values[i][at];
      recorder.row = place++;
      out[at] = reducer.sum(terms, null, terms.length, recorder);
    }
    closeRow(recorder, place);
  }
  closeWork(ledger, recorder, { stage, hop, part, addends });
}

/** Writes finished sums, where a rounding for that is given. */
export function store(group: Group, part: Part, out: Float64Array): void {
  const { ledger, width, output } = group;
  if (output === null) return;
  const stage = 'store';
  const recorder = openWork(ledger, stage, part);
  const unit = new ValueUnit(output.format, output.policy);
  for (let place = 0, row = part.fromRow; row < part.toRow; row++) {
    for (let j = part.fromFeature; j < part.toFeature; j++) {
      const at = row * width + j;
      const x = out[at];
      recorder.row = place++;
      out[at] = unit.round(x, recorder);
      if (unit.flags !== 0) recorder.note(unit.flags, 'round', null, 0, x, 0, 0, out[at]);
    }
    closeRow(recorder, place);
  }
  closeWork(ledger, recorder, { stage, hop: 0, part, addends: [] });
}
