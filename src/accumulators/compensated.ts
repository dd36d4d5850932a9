/**
 * Compensated summation: what each addition loses is carried along.
 *
 * W. Kahan, CACM 8(1), 1965; A. Neumaier, ZAMM 54, 1974. Every operation is rounded to the accumulator's step, as on a
 * machine; under other modes than to nearest the compensation is what those operations give, no longer the exact loss.
 *
 * @module
 */
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { BittrueError } from '../errors/index.ts';
import type { Recorder } from '../events/recorder.ts';
import { type Chain, placeOf, type Terms } from './chain.ts';
import type { CompensatedAccumulator } from './reduction.ts';

/**
 * Kahan: y = x − c; t = s + y; c = (t − s) − y; s = t. Neumaier: t = s + x; c += (s − t) + x, or (x − t) + s where
 * |x| > |s|; s = t; at the end s + c, whose event bears no index.
 */
export class CompensatedChain implements Chain {
  private readonly unit: ValueUnit;
  private readonly isKahan: boolean;

  constructor({ kind, rounding }: CompensatedAccumulator) {
    this.unit = new ValueUnit(rounding.format, rounding.policy);
    this.isKahan = kind === 'kahan';
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    const { a, b } = terms;
    if (b !== null) {
      throw new BittrueError(
        'unsupported',
        'accumulator',
        'exact products',
        'rounded products, to sum with compensation',
      );
    }
    let sum = start;
    let lost = 0;
    let at = 0;
    for (let k = 0, i = from; k < count; k++, i += stride) {
      const x = a[i] as number;
      at = placeOf(terms, i);
      const index = terms.joins ? null : at;
      recorder.step = at;
      if (this.isKahan) {
        const y = this.step('subtract', x, lost, index, at, recorder);
        const next = this.step('add', sum, y, index, at, recorder);
        lost = this.step('subtract', this.step('subtract', next, sum, index, at, recorder), y, index, at, recorder);
        sum = next;
      } else {
        const next = this.step('add', sum, x, index, at, recorder);
        const [large, small] = Math.abs(x) > Math.abs(sum) ? [x, sum] : [sum, x];
        const rest = this.step(
          'add',
          this.step('subtract', large, next, index, at, recorder),
          small,
          index,
          at,
          recorder,
        );
        lost = this.step('add', lost, rest, index, at, recorder);
        sum = next;
      }
    }
    return this.isKahan ? sum : this.join(sum, lost, at, recorder);
  }

  join(p: number, q: number, step: number, recorder: Recorder): number {
    recorder.step = step;
    const sum = this.unit.add(p, q, recorder);
    if (this.unit.flags !== 0) recorder.note(this.unit.flags, 'add', null, step, p, q, 0, sum);
    recorder.see(sum, this.unit.binades);
    return sum;
  }

  private step(
    operation: 'add' | 'subtract',
    p: number,
    q: number,
    index: number | null,
    at: number,
    recorder: Recorder,
  ): number {
    const { unit } = this;
    const r = operation === 'add' ? unit.add(p, q, recorder) : unit.subtract(p, q, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, operation, index, at, p, q, 0, r);
    recorder.see(r, unit.binades);
    return r;
  }
}
