/**
 * What a collective tells, as plain data.
 *
 * @module
 */
import type { Counts, NumericEvent } from '../events/index.ts';
import type { MaskableCounts } from '../events/maskable.ts';
import type { EventKind } from '../rounding/index.ts';

/** One event, with its place. */
export interface CommunicationEvent {
  readonly kind: EventKind;
  /** `scatter.encode`, `scatter.reduce`, … */
  readonly stage: string;
  /** Which exchange within the phase, from 0. */
  readonly hop: number;
  /** Who encoded the value, or whose addend it was; null for joins of partial sums and for sums rounded as a whole. */
  readonly device: number | null;
  readonly row: number;
  readonly feature: number;
  readonly operation: NumericEvent['operation'];
  readonly operands: readonly number[];
  readonly exact: string | null;
  readonly result: number;
  /** For overflow, invalid and divideByZero: whether the output is finite all the same. */
  readonly masked?: boolean;
}

/** NaN and infinities that a device came with. */
export interface NonFinite {
  readonly device: number;
  readonly nan: number;
  readonly infinite: number;
  /** The first of them. */
  readonly row: number;
  readonly feature: number;
}

/** What one device's codes did in the first exchange, where the partial sums themselves are sent. */
export interface DeviceClipping {
  readonly device: number;
  /** Values sent as narrow codes, or in blocks. */
  readonly values: number;
  /** Of these, codes at ±limit, whether or not the value lay beyond. */
  readonly atLimit: number;
  /** Values beyond what their format holds: saturations. */
  readonly clipped: number;
}

/** How far sums are from the exact ones after one hop: of all values that were sent in it, over all parts and devices. */
export interface HopError {
  /** As in events: `scatter`, `gather`, … */
  readonly phase: string;
  readonly hop: number;
  /** How many devices' partial sums are in it; where sums have different numbers of them, the most. */
  readonly devices: number;
  readonly values: number;
  /** √ mean (Ŷ − Y)², Y the exact sum of those devices' partial sums. */
  readonly rmse: number;
  /** √ mean Y². */
  readonly rms: number;
  readonly max: number;
}

/** Bytes counted from the messages as they were packed. */
export interface Traffic {
  readonly messages: number;
  /** Bytes that each device sent. */
  readonly sent: readonly number[];
  /** All devices together. */
  readonly bytes: number;
  /** Bits of all messages, by value and device: `bytes · 8 / (devices · rows · width)`; 0 without values. */
  readonly bitsPerValue: number;
  /** The same for the device that sent most. */
  readonly mostBitsPerValue: number;
  /** Bits of a value in the first messages: what "4.19 bits per value" means. */
  readonly messageBitsPerValue: number;
}

/** The report of one collective. */
export interface CommunicationReport {
  readonly bittrue: string;
  readonly schema: 'communication/1';
  readonly semantics: number;
  readonly algorithm: Algorithm;
  readonly codec: string;
  /** Null where sums are never sent. */
  readonly sumCodec: string | null;
  readonly devices: number;
  readonly rows: number;
  readonly width: number;
  /**
   * None of the kinds that fail (`failureKinds`), and no partial sum that is not finite, unless that is allowed. Clipped
   * codes are saturations.
   */
  readonly ok: boolean;
  readonly stages: readonly string[];
  readonly counts: Readonly<Record<string, Counts>>;
  readonly totals: Counts;
  /** The first event of each kind: smallest row, feature, then phase, stage, device and step. */
  readonly first: Readonly<Partial<Record<EventKind, CommunicationEvent>>>;
  /** Outputs that are finite though the kind was raised on their way. */
  readonly maskedOutputs: Readonly<MaskableCounts>;
  /** With `record: 'all'`: every event in order, up to the limit, and how many the limit dropped. */
  readonly events?: readonly CommunicationEvent[];
  readonly dropped?: number;
  /** Devices whose partial sums held NaN or infinities. */
  readonly nonFinite: readonly NonFinite[];
  readonly clipping: readonly DeviceClipping[];
  /**
   * The error of running sums after every hop, in order; the last is that of what all devices hold. Of what is summed and not
   * encoded again it is the sum's, of a gathered part that of its codes.
   */
  readonly hops: readonly HopError[];
  readonly traffic: Traffic;
}

/** The collectives. */
export const algorithms = ['allGather', 'ring', 'twoStep', 'recursiveDoubling'] as const;
/**
 * - `allGather`: every device sends its codes to all others, and all of them add up locally.
 * - `ring`: reduce-scatter and all-gather around a ring; running sums are encoded anew at every hop.
 * - `twoStep`: all-to-all of parts, local sums, those encoded by their own codec, all-gather.
 * - `recursiveDoubling`: partners at distance 1, 2, 4, … exchange all they have.
 */
export type Algorithm = (typeof algorithms)[number];
