import { describe, expect, it } from 'vitest';
import {
  type FloatQuantizer,
  floatQuantizer,
  gridNames,
  quantizeFloat,
  quantizeShifted,
  type SearchOptions,
  type SearchProgress,
  type ShiftedQuantizer,
  searchLayer,
  searchPresets,
  shiftedQuantizer,
  usualGrid,
} from '../../../src/quantization/index.ts';
import { candidateScales, factorsOf } from '../../../src/quantization/search/candidates.ts';
import { product } from '../../../src/quantization/search/product.ts';
import type { Tensor } from '../../../src/tensors/index.ts';
import { generator, normal } from '../../random.ts';
import { failure, filled, matrix, naiveProduct } from '../helpers.ts';

function layer(seed: number, rows = 7, inputs = 6, outputs = 5, spread = 2) {
  const next = generator(seed);
  const scales = Array.from({ length: inputs }, () => 2 ** (spread * (2 * next() - 1)));
  return {
    x: filled(rows, inputs, (_, j) => normal(next) * scales[j] * 0.3),
    w: filled(outputs, inputs, () => normal(next) * 0.1),
    g: filled(rows, outputs, () => normal(next)),
  };
}

type Activation = FloatQuantizer | ShiftedQuantizer;
const apply = (q: Activation, x: Tensor) => (q.kind === 'float' ? quantizeFloat(q, x) : quantizeShifted(q, x));

/** Algorithm 1 again, plainly: whole outputs computed anew for every candidate of every step. */
function bruteForce(x: Tensor, w: Tensor, options: SearchOptions & { order: 'paper' | 'code' }) {
  const { intervals = 100, lastCandidate = true, keep = true, guard = 1, preShift = null, gradient = null } = options;
  const inputs = x.shape[1];
  const outputs = w.shape[0];
  const list = {
    of: 'bias',
    gamma1: 0.01,
    gamma2: 1.2,
    intervals,
    last: lastCandidate,
    guard: guard ?? -Infinity,
  } as const;
  const reference = naiveProduct(x.data as Float64Array, w.data as Float64Array, inputs);
  const squares = (xs: Float64Array, ws: Float64Array) =>
    naiveProduct(xs, ws, inputs).map(
      (y, i) => (y - reference[i]) ** 2 * (gradient === null ? 1 : gradient.data[i] ** 2),
    );
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const wGrids = gridNames(options.weightBits as number);
  const aGrids = gridNames(options.activationBits as number);
  const startA = (grid: string, scale?: number): Activation => {
    if (preShift === null)
      return { ...floatQuantizer(x, { grid }), ...(scale === undefined ? {} : { scales: [scale] }) };
    if (scale === undefined) return shiftedQuantizer(x, { grid, reading: preShift });
    // A channel that holds the quantizer's own clip, beside x's channels, fixes ρ̃ … so scale the biases by hand.
    const own = Array.from({ length: inputs }, (_, j) => Math.max(...columns(x, j).map(Math.abs)));
    const top = 2 ** Number(grid[1]) - 1;
    const qmax = floatQuantizer(matrix([[1]]), { grid }).scales[0] ** -1;
    const b = own.map((max) => -Math.log2(max / qmax));
    const rho = -Math.log2(scale);
    const shifts = b.map((bj) =>
      Math.min(top, Math.max(0, preShift === 'difference' ? Math.round(bj - rho) : Math.round(bj) - Math.round(rho))),
    );
    return { kind: 'shifted', grid, scale, shifts: shifts.map((s) => s + 0) };
  };
  const initialOf = (q: Activation) => (q.kind === 'float' ? q.scales[0] : q.scale);

  const wq = wGrids.map((grid) => floatQuantizer(w, { grid, granularity: 'channel' }));
  const aq = aGrids.map((grid) => startA(grid));
  const wStart = wq.map((q) => q.scales);
  const aStart = [...aq];
  let wf = wGrids.indexOf(usualGrid(options.weightBits as number));
  let af = aGrids.indexOf(usualGrid(options.activationBits as number));

  const steps = {
    weightScale: () => {
      const xs = apply(aq[af], x);
      wGrids.forEach((grid, f) => {
        const scales = wq[f].scales.map((current, o) => {
          const initial = wStart[f][o];
          const tried = [...(keep ? [current, initial] : []), ...candidateScales(initial, list)];
          const errors = tried.map((scale) => {
            const ws = quantizeFloat({ ...wq[f], scales: wq[f].scales.map((s, i) => (i === o ? scale : s)) }, w);
            return sum(squares(xs, ws).filter((_, i) => i % outputs === o));
          });
          return tried[errors.indexOf(Math.min(...errors))];
        });
        wq[f] = { ...wq[f], grid, scales };
      });
    },
    activationScale: () => {
      const ws = quantizeFloat(wq[wf], w);
      aGrids.forEach((grid, f) => {
        const initial = initialOf(aStart[f]);
        const tried = [
          ...(keep ? [aq[f], aStart[f]] : []),
          ...[...candidateScales(initial, list)].map((scale) => startA(grid, scale)),
        ];
        const errors = tried.map((q) => sum(squares(apply(q, x), ws)));
        aq[f] = tried[errors.indexOf(Math.min(...errors))];
      });
    },
    weightFormat: () => {
      const xs = apply(aq[af], x);
      const errors = wq.map((q) => sum(squares(xs, quantizeFloat(q, w))));
      wf = errors[wf] === Math.min(...errors) ? wf : errors.indexOf(Math.min(...errors));
    },
    activationFormat: () => {
      const ws = quantizeFloat(wq[wf], w);
      const errors = aq.map((q) => sum(squares(apply(q, x), ws)));
      af = errors[af] === Math.min(...errors) ? af : errors.indexOf(Math.min(...errors));
    },
  };
  const order =
    options.order === 'paper'
      ? (['activationScale', 'activationFormat', 'weightScale', 'weightFormat'] as const)
      : preShift === null
        ? (['weightScale', 'weightFormat', 'activationScale', 'activationFormat'] as const)
        : (['weightScale', 'activationScale', 'weightFormat', 'activationFormat'] as const);
  for (let round = 0; round < (options.rounds ?? 3); round++) for (const step of order) steps[step]();
  return {
    weight: wq[wf],
    activation: aq[af],
    error: sum(squares(apply(aq[af], x), quantizeFloat(wq[wf], w))) / reference.length,
  };
}

function columns(x: Tensor, j: number): number[] {
  return [...x.data].filter((_, i) => i % x.shape[1] === j);
}

describe('searchLayer equals brute force', () => {
  const bits = { weightBits: 4, activationBits: 4, intervals: 25 } as const;
  const cases: Record<string, SearchOptions & { order: 'paper' | 'code' }> = {
    'baseline, kept': { ...bits, order: 'paper' },
    'baseline, code': { ...bits, ...searchPresets.code, preShift: null },
    'paper preset': { ...bits, ...searchPresets.paper },
    'code preset': { ...bits, ...searchPresets.code },
    '6 and 8 bits': { ...bits, weightBits: 6, activationBits: 8, intervals: 10, order: 'paper', rounds: 1 },
  };
  for (const [name, options] of Object.entries(cases)) {
    it.each([1, 2, 3])(`${name}, layer %d`, (seed) => {
      const { x, w } = layer(seed, 10 * seed - 3);
      const found = searchLayer(x, w, options);
      const expected = bruteForce(x, w, options);
      expect(found.weight).toEqual(expected.weight);
      expect(found.activation).toEqual(expected.activation);
      expect(found.error / expected.error).toBeCloseTo(1, 10);
    });
  }

  it('over several parts of rows', () => {
    for (const [bits, preShift] of [
      [4, null],
      [4, 'difference'],
      [8, null],
    ] as const) {
      const { x, w } = layer(9, 150, 5, 3);
      const options = {
        weightBits: bits,
        activationBits: bits,
        intervals: 20,
        order: 'paper',
        preShift,
        rounds: 1,
      } as const;
      const found = searchLayer(x, w, options);
      const expected = bruteForce(x, w, options);
      expect([found.weight, found.activation]).toEqual([expected.weight, expected.activation]);
    }
  });

  it('over several parts of outputs and several groups of rows', () => {
    const { x, w } = layer(8, 130, 4, 2100);
    const reference = naiveProduct(x.data as Float64Array, w.data as Float64Array, 4);
    const options = { weightBits: null, activationBits: 4, activationGrids: ['e2m1'], rounds: 1, keep: false } as const;
    const initial = floatQuantizer(x, { grid: 'e2m1' });
    const list = { of: 'bias', gamma1: 0.01, gamma2: 1.2, intervals: 100, last: true, guard: 1 } as const;
    const scales = [...candidateScales(initial.scales[0], list)];
    const errors = scales.map((scale) =>
      naiveProduct(quantizeFloat({ ...initial, scales: [scale] }, x), w.data as Float64Array, 4).reduce(
        (sum, y, i) => sum + (y - reference[i]) ** 2,
        0,
      ),
    );
    const best = scales[errors.indexOf(Math.min(...errors))];
    expect(searchLayer(x, w, options).activation).toEqual({ ...initial, scales: [best] });
  });

  it('the same without the engine, on any widths and with a gradient', () => {
    for (const [seed, rows, inputs, outputs] of [
      [5, 20, 6, 5],
      [6, 33, 19, 40],
      [7, 70, 48, 17],
      [8, 1, 1, 1],
    ] as const) {
      const { x, w, g } = layer(seed, rows, inputs, outputs);
      for (const width of [4, 6, 8]) {
        for (const preShift of [null, 'difference', 'rounded'] as const) {
          const options = { weightBits: width, activationBits: width, intervals: 12, rounds: 2, preShift } as const;
          expect(searchLayer(x, w, options)).toEqual(searchLayer(x, w, { ...options, engine: null }));
        }
      }
      const weighed = { ...bits, gradient: g, rounds: 1 } as const;
      expect(searchLayer(x, w, weighed)).toEqual(searchLayer(x, w, { ...weighed, engine: null }));
    }
  });

  it('with the diagonal-Fisher metric', () => {
    const { x, w, g } = layer(4);
    const options = { ...bits, order: 'paper', gradient: g } as const;
    const found = searchLayer(x, w, options);
    expect(found.weight).toEqual(bruteForce(x, w, options).weight);
    expect(found.activation).toEqual(bruteForce(x, w, options).activation);
    expect(found.weight).not.toEqual(searchLayer(x, w, { ...bits, order: 'paper' }).weight);
  });
});

describe('the metric', () => {
  it('never worsens while MinMax and the current value are candidates', () => {
    for (let seed = 10; seed < 22; seed++) {
      const { x, w } = layer(seed, 6, 5, 3, seed % 4);
      for (const order of ['paper', 'code'] as const) {
        for (const preShift of [null, 'difference', 'rounded'] as const) {
          const { trace } = searchLayer(x, w, { weightBits: 4, activationBits: 4, intervals: 12, order, preShift });
          for (let i = 1; i < trace.length; i++) expect(trace[i].error).toBeLessThanOrEqual(trace[i - 1].error);
        }
      }
    }
  });

  it('can worsen without them: the paper’s list lacks the factor 1', () => {
    const worse = Array.from({ length: 40 }, (_, seed) => {
      const { x, w } = layer(seed + 100, 4, 3, 2, 0);
      const { trace } = searchLayer(x, w, {
        weightBits: 4,
        activationBits: 4,
        ...searchPresets.paper,
        preShift: null,
        intervals: 4,
      });
      return trace.some((row, i) => i > 0 && row.error > trace[i - 1].error);
    });
    expect(worse).toContain(true);
  });

  it('with pre-shift can end above MinMax without it: a channel’s own clip is rounded below its maximum', () => {
    // Column 1 has 2^−0.6 of column 0's maximum: its bias is rounded to 1, which clips it at 2^−1, whatever ρ̃ is.
    const x = matrix([
      [12, 0],
      [0, 12 * 2 ** -0.6],
      [0, -12 * 2 ** -0.6],
      [-12, 0],
    ]);
    const w = matrix([[1, 1]]);
    const options = { weightBits: null, activationBits: 4, activationGrids: ['e2m1'], intervals: 100 } as const;
    const baseline = searchLayer(x, w, options);
    const shifted = searchLayer(x, w, { ...options, preShift: 'difference' });
    expect(shifted.trace[0].error).toBeGreaterThan(baseline.trace[0].error);
    expect(shifted.error).toBeGreaterThan(baseline.trace[0].error);
    expect((shiftedQuantizer(x, { grid: 'e2m1' }) as ShiftedQuantizer).shifts).toEqual([0, 1]);
  });

  it('is better with pre-shift where channels differ (papers.md §2.5)', () => {
    const next = generator(17);
    const spread = Array.from({ length: 32 }, () => 2 ** (9 * next() - 6));
    const x = filled(64, 32, (_, j) => normal(next) * spread[j]);
    const w = filled(16, 32, () => normal(next));
    const error = (values: Float64Array) => {
      const y = naiveProduct(values, w.data as Float64Array, 32);
      const o = naiveProduct(x.data as Float64Array, w.data as Float64Array, 32);
      return y.reduce((sum, v, i) => sum + (v - o[i]) ** 2, 0) / y.length;
    };
    const plain = error(quantizeFloat(floatQuantizer(x, { grid: 'e2m1' }), x));
    for (const reading of ['difference', 'rounded'] as const) {
      expect(error(quantizeShifted(shiftedQuantizer(x, { grid: 'e2m1', reading }), x))).toBeLessThan(plain * 0.9);
    }
  });
});

describe('candidates', () => {
  const list = { of: 'bias', gamma1: 0.01, gamma2: 1.2, intervals: 100, last: true, guard: -Infinity } as const;

  it('are the paper’s 101 factors, of which the code tries 100', () => {
    const factors = factorsOf(list);
    expect([factors.length, factors[0], factors[100]]).toEqual([101, 0.01, 1.2]);
    expect(factorsOf({ ...list, last: false }).at(-1)).toBeCloseTo(1.1881, 10);
    expect([factors[83], factors[84]].map((f) => f.toFixed(4))).toEqual(['0.9977', '1.0096']);
  });

  it('multiply the bias: for max 0.05 and E2M1 the clip runs from 11.4 to 0.0178 (papers.md §2.5)', () => {
    const initial = 0.05 / 12;
    const clips = candidateScales(initial, { ...list, last: false }).map((scale) => scale * 12);
    expect(clips[0]).toBeCloseTo(11.36, 1);
    expect(clips.at(-1)).toBeCloseTo(0.0178, 4);
    candidateScales(initial, list).forEach((scale, i) => {
      expect(scale / initial ** factorsOf(list)[i]).toBeCloseTo(1, 12);
    });
  });

  it('run upwards from above the grid, and have no width at bias 0: the guard then scales the clip', () => {
    const above = candidateScales(100 / 12, list).map((scale) => scale * 12);
    expect(above[0]).toBeCloseTo(12 * (100 / 12) ** 0.01, 10);
    expect(above[100]).toBeGreaterThan(100);
    expect(new Set(candidateScales(1, list))).toEqual(new Set([1]));
    const guarded = candidateScales(1, { ...list, guard: 1 });
    expect([guarded[0], guarded[100]]).toEqual([0.01, 1.2]);
    expect(candidateScales(100 / 12, { ...list, guard: 1 })[100] * 12).toBeCloseTo(120, 10);
    expect(candidateScales(0.49, { ...list, guard: 1 })).toEqual(candidateScales(0.49, list));
  });

  it('are searched on degenerate layers too', () => {
    for (const max of [12, 3.5, 128, 1000, 1e-30]) {
      const x = matrix([
        [max, -max / 3],
        [max / 5, 0],
      ]);
      const w = matrix([
        [0.5, 0.25],
        [0, 0],
      ]);
      for (const guard of [1, null]) {
        for (const preShift of [null, 'difference', 'rounded'] as const) {
          const { error, trace, weight } = searchLayer(x, w, {
            weightBits: 4,
            activationBits: 4,
            guard,
            preShift,
            intervals: 20,
          });
          expect(error).toBeLessThanOrEqual(trace[0].error);
          expect(weight?.scales[1]).toBeGreaterThan(0);
        }
      }
    }
    const zeros = matrix([[0, 0]]);
    expect(searchLayer(zeros, zeros, { weightBits: 4, activationBits: 4, preShift: 'difference' }).error).toBe(0);
  });
});

describe('searchLayer', () => {
  it('leaves an operand as it is where its bits are null', () => {
    const { x, w } = layer(30);
    const onlyWeights = searchLayer(x, w, { weightBits: 4, activationBits: null, intervals: 20 });
    expect(onlyWeights.activation).toBe(null);
    expect(onlyWeights.trace.every(({ step }) => !step.startsWith('activation'))).toBe(true);
    const nothing = searchLayer(x, w, { weightBits: null, activationBits: null });
    expect(nothing).toMatchObject({ weight: null, activation: null, error: 0 });
  });

  it('stops when a round changes nothing, with what more rounds would give', () => {
    const { x, w } = layer(31);
    const options = { weightBits: 4, activationBits: 4, intervals: 20 } as const;
    const found = searchLayer(x, w, { ...options, rounds: 50 });
    expect(found.trace.at(-1)?.round).toBeLessThan(50);
    expect(searchLayer(x, w, { ...options, rounds: 51 })).toEqual(found);
  });

  it('tells its progress, never backwards', () => {
    const { x, w } = layer(34);
    const seen: SearchProgress[] = [];
    const { trace } = searchLayer(x, w, {
      weightBits: 4,
      activationBits: 4,
      intervals: 10,
      rounds: 2,
      onProgress: (progress) => seen.push(progress),
    });
    const done = seen.map((progress) => progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(trace.length - 1);
    expect(seen.every(({ total }) => total === 8)).toBe(true);
    expect(seen.some((progress) => !Number.isInteger(progress.done))).toBe(true);
    expect(seen[0].phase).toBe('round 1: activationScale');
  });

  it('takes the ranges of all calibration data where x holds only some of it', () => {
    const { x, w } = layer(33);
    const [width, rows] = [x.shape[1], x.shape[0]];
    const all = { data: Float64Array.from([...x.data, ...Array(width).fill(9)]), shape: [rows + 1, width] };
    const maxima = Array.from({ length: width }, () => 9);
    const options = { weightBits: 4, activationBits: 4, rounds: 0 } as const;
    expect(searchLayer(x, w, { ...options, maxima }).activation).toEqual(searchLayer(all, w, options).activation);
    expect(failure(() => searchLayer(x, w, { ...options, maxima: [1] }))).toBe('shape options.maxima');
    expect(failure(() => searchLayer(x, w, { ...options, maxima: maxima.map(() => 0) }))).toBe(
      'range options.maxima[0]',
    );
  });

  it('refuses what does not fit', () => {
    const { x, w } = layer(32);
    const search = (options: object) =>
      failure(() => searchLayer(x, w, { weightBits: 4, activationBits: 4, ...options }));
    expect(search({ weightBits: 2 })).toBe('range options.weightBits');
    expect(search({ weightGrids: ['e4m3'] })).toBe('unsupported options.weightGrids');
    expect(search({ activationBits: null, preShift: 'rounded' })).toBe('unsupported options.preShift');
    expect(search({ gamma1: 2 })).toBe('range options.gamma1');
    expect(search({ order: 'random' })).toBe('name options.order');
    expect(search({ gradient: x })).toBe('shape options.gradient');
    expect(search({ magic: 1 })).toBe('name options.magic');
    expect(failure(() => searchLayer(x, matrix([[1]]), { weightBits: 4, activationBits: 4 }))).toBe('shape w');
  });
});

describe('product', () => {
  it('is the naive one, bit for bit, whatever the sizes', () => {
    const next = generator(40);
    for (const [rows, inputs, outputs] of [
      [1, 1, 1],
      [2, 3, 4],
      [5, 7, 9],
      [4, 2, 8],
      [3, 5, 3],
    ]) {
      const x = filled(rows, inputs, () => normal(next)).data as Float64Array;
      const w = filled(outputs, inputs, () => normal(next)).data as Float64Array;
      expect(product(x, w, inputs, new Float64Array(rows * outputs))).toEqual(naiveProduct(x, w, inputs));
    }
  });
});
