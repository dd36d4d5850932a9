/**
 * The floating-point and the fixed-point accumulator: one rounding an addition, or one a multiply-add.
 *
 * @module
 */
import { chainPlainly } from '../arithmetic/plain.ts';
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { watcherOf } from '../events/extent.ts';
import type { Recorder } from '../events/recorder.ts';
import { type Chain, placeOf, type Terms } from './chain.ts';
import type { FixedAccumulator, FloatAccumulator } from './reduction.ts';

/** `acc ← round(acc + x)`, or `acc ← round(acc + a·b)` for products. */
export class FloatChain implements Chain {
  private readonly unit: ValueUnit;
  /** Room for the sums of a chain that is watched. */
  private sums = new Float64Array(0);

  constructor({ rounding }: FloatAccumulator | FixedAccumulator) {
    this.unit = new ValueUnit(rounding.format, rounding.policy);
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    const { unit } = this;
    const { a, b } = terms;
    const watcher = b === null ? watcherOf(unit.format, recorder) : null;
    if (watcher !== null) {
      if (this.sums.length < count) this.sums = new Float64Array(count);
      const last = chainPlainly(unit, start, a, from, stride, count, this.sums);
      watcher.noteAll(this.sums, count);
      watcher.countChain(start, a, from, stride, count, this.sums);
      return last;
    }
    const { magnitudes, stage } = recorder;
    let sum = start;
    for (let k = 0, i = from; k < count; k++, i += stride) {
      const x = a[i] as number;
      let next: number;
      const at = placeOf(terms, i);
      const index = terms.joins ? null : at;
      recorder.step = at;
      if (b === null) {
        next = unit.add(sum, x, recorder);
        if (unit.flags !== 0) recorder.note(unit.flags, 'add', index, at, sum, x, 0, next);
      } else {
        const y = b[i] as number;
        next = unit.fusedMultiplyAdd(x, y, sum, recorder);
        if (unit.flags !== 0) recorder.note(unit.flags, 'fusedMultiplyAdd', index, at, x, y, sum, next);
      }
      if (magnitudes !== null) magnitudes.enter(stage, next, unit.binades);
      sum = next;
    }
    return sum;
  }

  join(p: number, q: number, step: number, recorder: Recorder): number {
    recorder.step = step;
    const sum = this.unit.add(p, q, recorder);
    if (this.unit.flags !== 0) recorder.note(this.unit.flags, 'add', null, step, p, q, 0, sum);
    recorder.see(sum, this.unit.binades);
    return sum;
  }
}
