/**
 * What a norm may be handed beside its options: types alone, so that it costs only who hands it over.
 *
 * @module
 */
import type { Recorder } from '../../events/recorder.ts';
import type { VectorUnit } from '../../targets/target.ts';
import type { Units } from './units.ts';

/** What a form sees of a row under way. */
export interface FormRow {
  readonly plan: {
    readonly unit: VectorUnit;
    readonly width: number;
    readonly epsilon: number;
    readonly epsilonScaled: boolean;
    readonly fusedSquare: boolean;
  };
  readonly units: Units;
  /** ε and 1/d (or d), rounded. */
  readonly constants: { readonly epsilon: number; readonly width: number };
  readonly recorder: Recorder;
  /** The stages' ordinals by name. */
  readonly at: Readonly<Record<string, number>>;
  /** The row, and room for its squares. */
  readonly z: Float64Array;
  readonly q: Float64Array;
}

/** A scale of each row's own: by its largest magnitude M, or a number a row that the caller gives. */
export interface RowScale {
  readonly kind: 'rowScale';
  readonly given: 'maximum' | 'powerOfTwo' | readonly number[];
  /**
   * Scales z in place; gives the row's ε.
   *
   * @internal
   */
  readonly enter: (row: FormRow) => number;
}

/** How a mean square is formed where it is not a sum over d. */
export interface MeanSquare {
  readonly kind: 'meanSquare';
  readonly given: 'inSum';
  /** @internal */
  readonly of: (row: FormRow, values: Float64Array) => number;
}

/** Weights of channels: a row is a group of channels, each of so many numbers. */
export interface ChannelGroups {
  readonly kind: 'channelGroups';
  readonly groups: number;
  readonly spatial: number;
}
