/**
 * What an FPQ search may be told, and its two presets.
 *
 * @module
 */

import { defaultEngine, type Engine } from '../../engine/engine.ts';
import { BittrueError, checkBoolean, checkFinite, checkInteger, checkName, checkObject } from '../../errors/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { gridFormat, gridNames, usualGrid } from '../grid.ts';
import { type ShiftReading, shiftReadings } from '../preshift.ts';
import type { CandidateList } from './candidates.ts';

/** One step of a round; each takes the best of all its candidates, everything else held. */
export type SearchStep = 'activationScale' | 'activationFormat' | 'weightScale' | 'weightFormat';

/** How a layer's quantizers are searched. */
export interface SearchOptions {
  /** Bits of weights and of activations, 3–12; null leaves an operand as it is. */
  readonly weightBits: number | null;
  readonly activationBits: number | null;
  /** Grids to choose from; default all of the width (`gridNames`). */
  readonly weightGrids?: readonly string[];
  readonly activationGrids?: readonly string[];
  /** Pre-shifted exponent bias on activations, by a reading of Eq. 15; default null, the FPQ baseline. */
  readonly preShift?: ShiftReading | null;
  /** Default 0.01, 1.2 and 100, as the paper. */
  readonly gamma1?: number;
  readonly gamma2?: number;
  readonly intervals?: number;
  /** Default 3. A round that changes nothing ends the search: so would every later one. */
  readonly rounds?: number;
  /** Steps of a round: activations first (the paper's Algorithm 1) or weights first (its code). Default `paper`. */
  readonly order?: 'paper' | 'code';
  /** Whether γ2 itself is a candidate. Default true; the code leaves it out. */
  readonly lastCandidate?: boolean;
  /** Also try MinMax and the current value, so that no step can worsen the metric. Default true. */
  readonly keep?: boolean;
  /**
   * Where the initial bias is below this, factors are of the clip instead of the bias: the paper's range has no width at
   * bias 0. Default 1; null for the paper's list always.
   */
  readonly guard?: number | null;
  /**
   * The largest magnitude of every input over all calibration data, where x holds only some of its rows. Default: x's.
   */
  readonly maxima?: ArrayLike<number> | null;
  /** dL/dO [rows, out]: weighs squared output errors by its square (diagonal Fisher, Eq. 24). Default none. */
  readonly gradient?: Tensor | null;
  /** Called from time to time; a search that ends early never reaches `total`. */
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Runs the inner loops, with the same results; null: plain TypeScript. Default: one engine that all share. */
  readonly engine?: Engine | null;
}

/** How far a search has come. */
export interface SearchProgress {
  /** `round 1: weightScale` */
  readonly phase: string;
  /** Steps done, with the share of the one at work; and all steps of all rounds. */
  readonly done: number;
  readonly total: number;
}

/**
 * The named procedures: `paper` is Algorithm 1 with Eq. 15 as printed; `code` the published code's order, its list of
 * 100 candidates and its reading of Eq. 15. Neither keeps MinMax or the current value, nor guards small biases.
 *
 * @example
 * import { searchPresets } from 'bittrue/quantization';
 * searchPresets.code.order; // 'code'
 * searchPresets.code.lastCandidate; // false
 */
export const searchPresets = /* @__PURE__ */ Object.freeze({
  paper: Object.freeze({
    order: 'paper',
    preShift: 'difference',
    lastCandidate: true,
    keep: false,
    guard: null,
  } as const),
  code: Object.freeze({ order: 'code', preShift: 'rounded', lastCandidate: false, keep: false, guard: null } as const),
});

/** Checked options. */
export interface Settings {
  readonly weightGrids: readonly string[];
  readonly activationGrids: readonly string[];
  readonly weightStart: number;
  readonly activationStart: number;
  readonly preShift: ShiftReading | null;
  readonly list: CandidateList;
  readonly rounds: number;
  readonly steps: readonly SearchStep[];
  readonly keep: boolean;
  readonly maxima: ArrayLike<number> | null;
  readonly gradient: Tensor | null;
  readonly onProgress: ((progress: SearchProgress) => void) | null;
  readonly engine: Engine | null;
}

const keys = [
  'weightBits',
  'activationBits',
  'weightGrids',
  'activationGrids',
  'preShift',
  'gamma1',
  'gamma2',
  'intervals',
  'rounds',
  'order',
  'lastCandidate',
  'keep',
  'guard',
  'maxima',
  'gradient',
  'onProgress',
  'engine',
] as const;

const orders: Readonly<Record<'paper' | 'code', readonly SearchStep[]>> = {
  paper: ['activationScale', 'activationFormat', 'weightScale', 'weightFormat'],
  code: ['weightScale', 'weightFormat', 'activationScale', 'activationFormat'],
};
/** The published code's order once activations are pre-shifted. */
const shiftedCodeOrder: readonly SearchStep[] = ['weightScale', 'activationScale', 'weightFormat', 'activationFormat'];

/** Checks the options. */
export function checkSearchOptions(options: SearchOptions): Settings {
  checkObject('options', options, keys);
  const gamma1 = checkFinite('options.gamma1', options.gamma1 ?? 0.01);
  const gamma2 = checkFinite('options.gamma2', options.gamma2 ?? 1.2);
  if (!(gamma1 > 0 && gamma1 < gamma2)) {
    throw new BittrueError('range', 'options.gamma1', `${gamma1}, gamma2 ${gamma2}`, '0 < gamma1 < gamma2');
  }
  const preShift = options.preShift ?? null;
  if (preShift !== null) checkName('options.preShift', preShift, shiftReadings);
  const order = checkName('options.order', options.order ?? 'paper', ['paper', 'code']);
  const guard = options.guard === undefined ? 1 : options.guard;
  const weights = gridsOf('weight', options.weightBits, options.weightGrids);
  const activations = gridsOf('activation', options.activationBits, options.activationGrids);
  if (preShift !== null && activations.names.length === 0) {
    throw new BittrueError('unsupported', 'options.preShift', preShift, 'null where activations are left as they are');
  }
  return {
    weightGrids: weights.names,
    activationGrids: activations.names,
    weightStart: weights.start,
    activationStart: activations.start,
    preShift,
    list: {
      of: 'bias',
      gamma1,
      gamma2,
      intervals: checkInteger('options.intervals', options.intervals ?? 100, 1, 1e5),
      last: checkBoolean('options.lastCandidate', options.lastCandidate ?? true),
      guard: guard === null ? Number.NEGATIVE_INFINITY : checkFinite('options.guard', guard),
    },
    rounds: checkInteger('options.rounds', options.rounds ?? 3, 0, 1000),
    steps: order === 'code' && preShift !== null ? shiftedCodeOrder : orders[order],
    keep: checkBoolean('options.keep', options.keep ?? true),
    maxima: options.maxima ?? null,
    gradient: options.gradient ?? null,
    onProgress: options.onProgress ?? null,
    engine: options.engine === undefined ? defaultEngine() : options.engine,
  };
}

function gridsOf(operand: string, bits: number | null, given: readonly string[] | undefined) {
  const argument = `options.${operand}Grids`;
  if (bits === null) {
    if (given !== undefined) throw new BittrueError('unsupported', argument, given, 'no grids where bits are null');
    return { names: [], start: 0 };
  }
  checkInteger(`options.${operand}Bits`, bits, 3, 12);
  const names = given ?? gridNames(bits);
  if (!Array.isArray(names) || names.length === 0) {
    throw new BittrueError('type', argument, names, 'an array of names such as e2m1');
  }
  for (const name of names) {
    if (gridFormat(name).bits !== bits) throw new BittrueError('unsupported', argument, name, `grids of ${bits} bits`);
  }
  return { names, start: Math.max(0, names.indexOf(usualGrid(bits))) };
}
