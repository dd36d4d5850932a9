import { describe, expect, it } from 'vitest';
import { Reducer } from '../../src/accumulators/reducer.ts';
import type { Reduction } from '../../src/accumulators/reduction.ts';
import { ValueUnit } from '../../src/arithmetic/valueUnit.ts';
import { ExtentRecorder, type Limit } from '../../src/events/extent.ts';
import { Recorder } from '../../src/events/recorder.ts';
import { binary16, e4m3fn, int8 } from '../../src/formats/index.ts';
import { idealRounding } from '../../src/rounding/ideal.ts';
import { roundTo } from '../../src/rounding/index.ts';
import {
  addEach,
  divideEach,
  multiplyEach,
  roundEach,
  scaleEach,
  subtractFromEach,
} from '../../src/specification/stages.ts';

import { generator } from '../random.ts';

/** Hands every operation on, one by one: no recorder that the loops of plain arithmetic know. */
class OneByOne extends Recorder {
  readonly inner: ExtentRecorder;
  constructor(inner: ExtentRecorder) {
    super(['s'], 1, 'counts', 0);
    this.inner = inner;
  }
  override note(...event: Parameters<Recorder['note']>): void {
    this.inner.stage = this.stage;
    this.inner.note(...event);
  }
}

const limits: readonly Limit[] = [
  roundTo(binary16),
  roundTo(e4m3fn),
  roundTo(binary16, { subnormals: 'flushOutputs' }),
  roundTo(binary16, { rounding: 'towardPositive' }),
  roundTo(binary16, { rounding: 'stochastic', stochastic: { variant: 'A', bits: 8, seed: 1 } }),
  roundTo(int8, { overflow: 'wrap' }),
  { max: 127 },
];

const edges = [
  0,
  -0,
  Number.NaN,
  Infinity,
  -Infinity,
  5e-324,
  -1e-310,
  1e308,
  -1.7e308,
  2 ** -451,
  2 ** -24,
  2 ** -25,
  3,
  256,
];

describe('plain arithmetic that is watched', () => {
  const unit = new ValueUnit(idealRounding.format, idealRounding.policy);
  const random = generator('extents');
  const numbers = (n: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) =>
      i % 3 === 0
        ? (edges[Math.floor(random() * edges.length)] as number)
        : (random() - 0.5) * 2 ** Math.floor(random() * 60 - 40),
    );
  const chain: Reduction = {
    kind: 'sequential',
    order: 'ascending',
    accumulator: { kind: 'float', rounding: idealRounding, fused: false },
  };
  type Step = (x: Float64Array, y: Float64Array, out: Float64Array, recorder: Recorder) => void;
  const steps: Record<string, Step> = {
    round: (x, _, out, recorder) => roundEach(unit, x, out, recorder),
    add: (x, y, out, recorder) => addEach(unit, x, y, out, recorder),
    subtract: (x, y, out, recorder) => subtractFromEach(unit, x, y[0] as number, out, recorder),
    scale: (x, y, out, recorder) => scaleEach(unit, x, y[0] as number, out, recorder),
    divide: (x, y, out, recorder) => divideEach(unit, x, y[0] as number, out, recorder),
    multiply: (x, y, out, recorder) => multiplyEach(unit, x, y, out, recorder),
    sum: (x, _, out, recorder) => out.fill(new Reducer(chain).sum(x, null, x.length, recorder)),
    descending: (x, _, out, recorder) =>
      out.fill(new Reducer({ ...chain, order: 'descending' }).sum(x, null, x.length, recorder)),
  };

  for (const [name, step] of Object.entries(steps)) {
    it(`gives the numbers and the room of single operations: ${name}`, () => {
      for (let round = 0; round < 150; round++) {
        const [limit] = [limits[round % limits.length] as Limit];
        const [x, y] = [numbers(1 + (round % 9)), numbers(1 + (round % 9))];
        const [fast, slow] = [new ExtentRecorder(['s'], 1, [limit]), new ExtentRecorder(['s'], 1, [limit])];
        const one = new OneByOne(slow);
        for (const recorder of [fast, one]) {
          recorder.row = 0;
          recorder.stage = 0;
        }
        const [out, expected] = [new Float64Array(x.length), new Float64Array(x.length)];
        step(x, y, out, fast);
        step(x, y, expected, one);
        expect(out).toEqual(expected);
        expect(fast.room(), `${[...x]} and ${[...y]}`).toEqual(slow.room());
      }
    });
  }

  it('counts what becomes zero as rounding does, however small and large come in turn', () => {
    for (const limit of limits.slice(0, 4)) {
      const recorder = new ExtentRecorder(['s'], 1, [limit]);
      recorder.stage = 0;
      const values = Float64Array.from({ length: 400 }, () => 2 ** (-30 + 16 * random()));
      recorder.noteAll(values);
      const { format, policy } = limit as ReturnType<typeof roundTo>;
      const zeros = values.filter((value) => new ValueUnit(format, policy).round(value) === 0).length;
      expect(recorder.room().flushed.s).toBe(zeros / values.length);
    }
  });
});
