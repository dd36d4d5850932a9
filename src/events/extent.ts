/**
 * Watches the reference pass: how large and how small each stage's ideal values get.
 *
 * @module
 */
import type { Operation } from '../arithmetic/exact.ts';
import type { Format } from '../formats/format.ts';
import { idealFormat } from '../rounding/ideal.ts';
import { Rounder } from '../rounding/rounder.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { Digits } from './event.ts';
import { Recorder } from './recorder.ts';
import type { Room } from './report.ts';

/** What bounds a stage: a step, or the largest content of an integer register. */
export type Limit = Rounding | { readonly max: number };

/**
 * A recorder for a run without rounding, whose every operation is flagged: keeps each stage's largest magnitude, its
 * smallest other than zero, how many of its values the stage's own rounding would turn into zero, and its additions.
 */
export class ExtentRecorder extends Recorder {
  private readonly limits: readonly (Limit | null)[];
  private readonly rounders: readonly (Rounder | null)[];
  /** From these magnitudes on no rounding turns a value into zero. */
  private readonly safeFrom: readonly number[];
  private readonly isMonotonic: readonly boolean[];
  /** Magnitudes from which on, and up to which, all are known to be kept, or to become zero. */
  private readonly keptFrom: Float64Array;
  private readonly goneUpTo: Float64Array;
  private readonly largest: Float64Array;
  private readonly smallest: Float64Array;
  private readonly seen: Float64Array;
  private readonly flushed: Float64Array;
  private readonly additions: Float64Array;
  private readonly names: readonly string[];

  constructor(stages: readonly string[], rows: number, limits: readonly (Limit | null)[]) {
    super(stages, rows, 'counts', 0);
    this.names = stages;
    this.limits = limits;
    this.rounders = limits.map((limit) =>
      limit !== null && 'format' in limit ? new Rounder(limit.format, { ...limit.policy, nanInput: 'zero' }) : null,
    );
    this.safeFrom = limits.map(leastSafe);
    this.isMonotonic = limits.map(
      (limit) =>
        limit !== null &&
        'format' in limit &&
        limit.policy.rounding !== 'stochastic' &&
        (limit.format.kind === 'float' || limit.policy.overflow !== 'wrap'),
    );
    this.keptFrom = new Float64Array(stages.length).fill(Infinity);
    this.goneUpTo = new Float64Array(stages.length);
    this.largest = new Float64Array(stages.length);
    this.smallest = new Float64Array(stages.length).fill(Infinity);
    this.seen = new Float64Array(stages.length);
    this.flushed = new Float64Array(stages.length);
    this.additions = new Float64Array(stages.length);
  }

  override note(
    _flags: number,
    operation: Operation,
    _index: number | null,
    _step: number,
    x: number,
    y: number,
    z: number,
    result: number,
  ): void {
    const a = Math.abs(result);
    const { stage } = this;
    if (addsTwo(operation, x, y, z)) this.additions[stage] = (this.additions[stage] as number) + 1;
    if (a === 0) return;
    this.seen[stage] = (this.seen[stage] as number) + 1;
    if (!(a <= (this.largest[stage] as number))) this.largest[stage] = a === a ? a : Infinity;
    if (a < (this.smallest[stage] as number)) this.smallest[stage] = a;
    if (!(a >= (this.safeFrom[stage] as number))) this.flush(stage, a);
  }

  override noteWith(
    _digits: Digits,
    flags: number,
    operation: Operation,
    index: number | null,
    step: number,
    operand: number,
    result: number,
  ): void {
    this.note(flags, operation, index, step, operand, 0, 0, result);
  }

  /** Counts a magnitude that becomes zero. Where rounding is monotonic, what lies beyond one that was rounded goes the same way. */
  private flush(stage: number, a: number): void {
    if (a >= (this.keptFrom[stage] as number)) return;
    if (!(a <= (this.goneUpTo[stage] as number))) {
      const rounder = this.rounders[stage];
      if (rounder === null || rounder === undefined) return;
      const isGone = rounder.round(a, 0) === 0;
      if (this.isMonotonic[stage] && a === a) (isGone ? this.goneUpTo : this.keptFrom)[stage] = a;
      if (!isGone) return;
    }
    this.flushed[stage] = (this.flushed[stage] as number) + 1;
  }

  /** Takes all results of an array at once, as `note` takes each. */
  noteAll(results: Float64Array, count = results.length): void {
    const { stage } = this;
    const safeFrom = this.safeFrom[stage] as number;
    let largest = this.largest[stage] as number;
    let smallest = this.smallest[stage] as number;
    let keptFrom = this.keptFrom[stage] as number;
    let goneUpTo = this.goneUpTo[stage] as number;
    let seen = 0;
    let gone = 0;
    for (let i = 0; i < count; i++) {
      const a = Math.abs(results[i] as number);
      if (a === 0) continue;
      seen += 1;
      if (!(a <= largest)) largest = a === a ? a : Infinity;
      if (a < smallest) smallest = a;
      if (a >= safeFrom || a >= keptFrom) continue;
      // What is known to become zero is counted here: a call for each number would box it.
      if (a <= goneUpTo) {
        gone += 1;
        continue;
      }
      this.flush(stage, a);
      keptFrom = this.keptFrom[stage] as number;
      goneUpTo = this.goneUpTo[stage] as number;
    }
    this.flushed[stage] = (this.flushed[stage] as number) + gone;
    this.largest[stage] = largest;
    this.smallest[stage] = smallest;
    this.seen[stage] = (this.seen[stage] as number) + seen;
  }

  /** Counts the additions of a chain: a term, `stride` apart from the last one, to each sum before it. */
  countChain(
    start: number,
    terms: Float64Array,
    from: number,
    stride: number,
    count: number,
    sums: Float64Array,
  ): void {
    let found = 0;
    let sum = start;
    for (let k = 0, i = from; k < count; k++, i += stride) {
      if (isOther(sum) && isOther(terms[i] as number)) found += 1;
      sum = sums[k] as number;
    }
    this.additions[this.stage] = (this.additions[this.stage] as number) + found;
  }

  /** Counts the additions of one number to each of an array. */
  countEach(x: Float64Array, b: number): void {
    if (!isOther(b)) return;
    let found = 0;
    for (let i = 0; i < x.length; i++) if (isOther(x[i] as number)) found += 1;
    this.additions[this.stage] = (this.additions[this.stage] as number) + found;
  }

  /** log2(max / largest magnitude) of every stage that has a limit: the recorder's own, or others for the same values. */
  headroom(limits: readonly (Limit | null)[] = this.limits): Record<string, number | null> {
    const headroom: Record<string, number | null> = {};
    this.names.forEach((name, stage) => {
      const limit = limits[stage] ?? null;
      if (limit === null) return;
      const max = 'format' in limit ? limit.format.max : limit.max;
      headroom[name] = this.seen[stage] === 0 ? null : Math.log2(max / (this.largest[stage] as number));
    });
    return headroom;
  }

  /** The room of every stage that has a limit. */
  room(): Room {
    const footroom: Record<string, number | null> = {};
    const flushed: Record<string, number> = {};
    const additions: Record<string, number> = {};
    this.names.forEach((name, stage) => {
      const limit = this.limits[stage] ?? null;
      if (limit === null) return;
      const seen = this.seen[stage] as number;
      const minNormal = 'format' in limit && limit.format.kind === 'float' ? limit.format.minNormal : null;
      footroom[name] =
        seen === 0 || minNormal === null ? null : Math.log2((this.smallest[stage] as number) / minNormal);
      additions[name] = this.additions[stage] as number;
      flushed[name] = seen === 0 ? 0 : (this.flushed[stage] as number) / seen;
    });
    return { headroom: this.headroom(), footroom, flushed, additions };
  }
}

/** Whether an operation adds two finite numbers other than zero, of which it can lose one. */
function addsTwo(operation: Operation, x: number, y: number, z: number): boolean {
  if (operation === 'add' || operation === 'subtract') return isOther(x) && isOther(y);
  return operation === 'fusedMultiplyAdd' && isOther(x * y) && isOther(z);
}

function isOther(x: number): boolean {
  return x - x === 0 && x !== 0;
}

/** The least magnitude from which on no rounding turns a value into zero; what wraps may become zero anywhere. */
function leastSafe(limit: Limit | null): number {
  if (limit === null || !('format' in limit)) return 0;
  const { format, policy } = limit;
  if (format.kind === 'float') return format.minNormal;
  return policy.overflow === 'wrap' ? Infinity : 2 ** -format.fractionBits;
}

/**
 * The recorder, where a unit does not round and what it computes is watched: then a loop of plain arithmetic with one `noteAll`
 * behind it says the same several times faster. Null: every operation is to be noted by itself.
 */
export function watcherOf(format: Format, recorder: Recorder): ExtentRecorder | null {
  return format === idealFormat && recorder instanceof ExtentRecorder ? recorder : null;
}
