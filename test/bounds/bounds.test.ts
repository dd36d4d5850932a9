import { describe, expect, it } from 'vitest';
import { defineReduction } from '../../src/accumulators/index.ts';
import { type BoundsOptions, bounds, type InputSet } from '../../src/bounds/index.ts';
import type { Magnitudes } from '../../src/events/index.ts';
import { dot, rmsNorm, sum } from '../../src/kernels/index.ts';
import { slancGuarantee } from '../../src/slanc/index.ts';
import { avx512Vnni, defineTarget, fp16, fp16Fp32Accumulate, fp16Tile64, h100 } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

const register = (bits: number, overflow: 'saturate' | 'wrap', order: 'ascending' | 'descending' = 'ascending') =>
  defineReduction({ kind: 'sequential', order, accumulator: { kind: 'integer', bits, overflow } });

const from = (low: number | number[], high: number | number[]): InputSet => ({ kind: 'intervals', low, high });

describe('bounds of sums', () => {
  it('prove what the largest and the least terms show, and bound every partial sum', () => {
    const proved = bounds({ kernel: 'sum', width: 2048, inputs: from(-1, 1), target: fp16 });
    expect(proved).toMatchObject({ verdict: 'proved', claim: 'noEvent', bound: 2048 });
    expect(proved.headroomBits).toBeCloseTo(Math.log2(65504 / 2048), 12);
    expect(proved.witness).toBeUndefined();
  });

  it('include the rounding of the accumulator', () => {
    // Each addend of just over half an ulp counts double: the true sum is 49,178.4, and the register overflows.
    const squares = [181 ** 2, ...Array(1024).fill(4.00390625 ** 2)];
    const high = squares.map((x) => x);
    const answer = bounds({ kernel: 'sum', width: 1025, inputs: from(0, high), target: fp16 });
    expect(answer.verdict).toBe('overflows');
    const { report } = sum(answer.witness?.x ?? [], { rows: 1, width: 1025, target: fp16 });
    expect(report.totals.overflow).toBe(1);
    expect(report.first.overflow).toMatchObject({ stage: 'sum', step: answer.witness?.event.step });
  });

  it('fail where min and max protect the final sum only', () => {
    const inputs = from([1, 1], [1, 1]);
    const target = defineTarget({
      name: 'byte',
      source: 'test',
      matrixUnits: { byte: { a: ['int8'], k: 1, reduction: register(7, 'saturate'), output: { format: 'int8' } } },
    });
    const answer = bounds({ kernel: 'dot', weights: [100, -100], inputs, target });
    expect(answer).toMatchObject({ verdict: 'overflows', bound: 100 });
    expect(answer.witness).toMatchObject({
      x: Float64Array.of(1, 1),
      event: { kind: 'overflow', step: 0, exact: '100' },
    });
    // Where the inputs may be zero the same register fails at the final sum too.
    expect(bounds({ kernel: 'dot', weights: [100, -100], inputs: from(0, 1), target }).bound).toBe(100);
  });

  it('tell a register that wraps on the way from one that is wrong', () => {
    const wrapping = (bits: number) =>
      bounds({
        kernel: 'sum',
        width: 3,
        inputs: from([100, 100, -190], [120, 120, -110]),
        reduction: register(bits, 'wrap'),
      });
    expect(wrapping(8)).toMatchObject({ verdict: 'overflows', witness: { event: { kind: 'wrap' } } });
    expect(wrapping(9)).toMatchObject({ verdict: 'proved', claim: 'noEvent' });
    const same = bounds({
      kernel: 'sum',
      width: 3,
      inputs: from([100, 100, -150], [110, 110, -140]),
      reduction: register(8, 'wrap'),
    });
    expect(same).toMatchObject({ verdict: 'proved', claim: 'sameResult', bound: 80 });
    // A saturating register does not come back.
    const saturating = bounds({
      kernel: 'sum',
      width: 3,
      inputs: from([100, 100, -150], [110, 110, -140]),
      reduction: register(8, 'saturate'),
    });
    expect(saturating.verdict).toBe('overflows');
  });

  it('ask a narrow register to be right where a wider one reads it', () => {
    const tiles = (size: number) =>
      defineReduction({
        kind: 'tiled',
        size,
        within: { kind: 'sequential', accumulator: { kind: 'integer', bits: 8, overflow: 'wrap' } },
        across: { kind: 'sequential', accumulator: { kind: 'integer', bits: 16, overflow: 'wrap' } },
      });
    const inputs = from([100, 100, -120, -120], [100, 100, -110, -110]);
    expect(bounds({ kernel: 'sum', width: 4, inputs, reduction: tiles(4) })).toMatchObject({ claim: 'sameResult' });
    expect(bounds({ kernel: 'sum', width: 4, inputs, reduction: tiles(2) })).toMatchObject({ verdict: 'overflows' });
  });

  it('follow the order: two levels hold what one does not', () => {
    // AXE (arXiv 2409.17092): an inner register for a tile, an outer one for the tiles.
    const within = { kind: 'sequential', accumulator: { kind: 'integer', bits: 16, overflow: 'saturate' } };
    const across = { kind: 'sequential', accumulator: { kind: 'integer', bits: 20, overflow: 'saturate' } };
    const options = (reduction: unknown): BoundsOptions => ({
      kernel: 'sum',
      width: 1024,
      inputs: from(-128, 127),
      reduction: defineReduction(reduction),
    });
    expect(bounds(options({ kind: 'tiled', size: 256, within, across })).verdict).toBe('proved');
    expect(bounds(options({ kind: 'tiled', size: 512, within, across })).verdict).toBe('overflows');
    expect(bounds(options(within)).verdict).toBe('overflows');
  });

  it('look at every stage, load and store included', () => {
    const far = bounds({ kernel: 'sum', width: 2, inputs: from(0, 70_000), target: fp16 });
    expect(far.witness?.event).toMatchObject({ stage: 'load', kind: 'overflow' });
    const stored = bounds({ kernel: 'sum', width: 64, inputs: from(0, 2000), target: fp16Fp32Accumulate });
    expect(stored.witness?.event).toMatchObject({ stage: 'store', kind: 'overflow' });
    expect(bounds({ kernel: 'dot', weights: [1e5], inputs: from(0, 0), target: fp16 }).witness?.event.stage).toBe(
      'load',
    );
    const product = bounds({ kernel: 'dot', weights: [300], inputs: from(-300, 300), target: fp16 });
    expect(product.witness?.event.stage).toBe('product');
  });

  it('answer for every channel, and for the worst', () => {
    const weights = [1, 2, 3, 200, 2, -200];
    const answer = bounds({ kernel: 'matmul', n: 2, weights, inputs: from(-100, 100), target: fp16 });
    expect(answer.channels[0]?.bound).toBe(100 * (1 + 3 + 2));
    // 40,200, as binary16 holds it.
    expect(answer.channels[1]?.bound).toBe(40_192);
    expect(answer).toMatchObject({ verdict: 'proved', bound: 40_192 });
    const rows = bounds({
      kernel: 'dot',
      rows: 2,
      weights: [1, 3, 2, 2, 200, -200],
      inputs: from(-100, 100),
      target: fp16,
    });
    expect(rows.channels).toEqual(answer.channels);
    const biased = bounds({
      kernel: 'matmul',
      n: 2,
      weights,
      c: [0, 40_000],
      inputs: from(-100, 100),
      target: fp16,
    });
    expect(biased.channels.map(({ verdict }) => verdict)).toEqual(['proved', 'overflows']);
    expect(biased.witness?.channel).toBe(1);
    const own = dot(biased.witness?.x ?? [], [2, 200, -200], { rows: 1, width: 3, c: [40_000], target: fp16 });
    expect(own.report.totals.overflow).toBeGreaterThan(0);
  });

  it('read matrix units, promotion and split K', () => {
    const weights = Array(512).fill(1);
    const run = (more: object) =>
      bounds({
        kernel: 'dot',
        weights,
        inputs: { kind: 'format', format: 'e4m3fn' },
        target: h100,
        unit: 'fp8Wgmma',
        ...more,
      });
    expect(run({})).toMatchObject({ verdict: 'proved' });
    expect(run({ promoteEvery: 128, splitK: 2 })).toMatchObject({ verdict: 'proved' });
    expect(run({}).bound).toBe(512 * 448);
  });

  it('VPMADDUBSW: 128 products overflow int16 pairs, with a witness', () => {
    const ternary = bounds({
      kernel: 'dot',
      weights: Array(128).fill(1),
      inputs: { kind: 'format', format: 'uint8' },
      target: avx512Vnni,
      unit: 'vpmaddubsw',
    });
    expect(ternary.verdict).toBe('proved');
    const full = bounds({
      kernel: 'dot',
      weights: Array(128).fill(127),
      inputs: { kind: 'format', format: 'uint8' },
      target: avx512Vnni,
      unit: 'vpmaddubsw',
    });
    expect(full).toMatchObject({ verdict: 'overflows', bound: 2 * 255 * 127, witness: { event: { exact: '64770' } } });
  });
});

describe('bounds of square-sums', () => {
  const squares = (inputs: InputSet, width: number, more: object = {}) =>
    bounds({ kernel: 'squareSum', inputs, width, target: fp16, ...more });

  it("agree with SLaNC's guarantee in the linear case", () => {
    for (const width of [64, 4096, 32_600]) {
      const guaranteed = slancGuarantee({ block: 'linear', width, reduction: 'sequential' });
      expect(guaranteed.claim).toBe('proved');
      expect(squares({ kind: 'ball', radius: Math.sqrt(width) }, width).verdict).toBe('proved');
    }
    expect(squares({ kind: 'ball', radius: Math.sqrt(40_000) }, 40_000).verdict).not.toBe('proved');
    // A tree rounds less.
    expect(squares({ kind: 'ball', radius: Math.sqrt(60_000) }, 60_000, { target: fp16Tile64 }).verdict).toBe('proved');
  });

  it('hold for the outputs of a norm, γ and β included', () => {
    const gamma = Array(1024).fill(2);
    expect(squares({ kind: 'normOutputs' }, 1024).verdict).toBe('proved');
    expect(squares({ kind: 'normOutputs', gamma }, 1024).verdict).toBe('proved');
    const wide = squares({ kind: 'normOutputs', gamma: Array(1024).fill(8.1) }, 1024);
    expect(wide.verdict).toBe('overflows');
    const { report } = rmsNorm(wide.witness?.x ?? [], { rows: 1, width: 1024, target: fp16 });
    expect(report.totals.overflow).toBeGreaterThan(0);
    const shifted = squares({ kind: 'normOutputs', beta: Array(1024).fill(8) }, 1024);
    expect(shifted.verdict).toBe('overflows');
  });

  it('keep their witness within the ball', () => {
    const { witness } = squares({ kind: 'ball', radius: 300 }, 16);
    expect(Math.hypot(...(witness?.x ?? []))).toBeLessThanOrEqual(300);
  });

  it('count the scale', () => {
    expect(squares(from(-1000, 1000), 8).verdict).toBe('overflows');
    expect(squares(from(-1000, 1000), 8, { scale: 2 ** -5 }).verdict).toBe('proved');
  });
});

describe('bounds of dot products over balls', () => {
  it('go by Cauchy–Schwarz, which a witness attains', () => {
    const weights = Array.from({ length: 256 }, (_, k) => 1 + (k % 7));
    const norm = Math.hypot(...weights);
    const inside = { kind: 'ball', radius: 50_000 / norm } as const;
    expect(bounds({ kernel: 'dot', weights, inputs: inside, target: fp16Tile64 }).verdict).toBe('proved');
    const outside = { kind: 'ball', radius: 70_000 / norm } as const;
    expect(bounds({ kernel: 'dot', weights, inputs: outside, target: fp16Tile64 }).verdict).toBe('overflows');
  });
});

describe('magnitudes of a run as a set', () => {
  const seen = (x: number[]): InputSet => {
    const { report } = sum(x, { rows: 1, width: x.length, target: fp16, magnitudes: true });
    return { kind: 'magnitudes', magnitudes: report.magnitudes?.load as Magnitudes };
  };
  const verdict = (width: number, x: number[]) =>
    bounds({ kernel: 'sum', width, inputs: seen(x), target: fp16 }).verdict;

  it('is as large as the largest binade that was seen, of either sign', () => {
    // From 1.5 a number below 2 is known, which binary16 may load as 2.
    expect(bounds({ kernel: 'sum', width: 1024, inputs: seen([1.5, -0.25]), target: fp16 })).toMatchObject({
      verdict: 'proved',
      bound: 2048,
    });
    expect(verdict(65536, [1.5, -0.25])).toBe('proved');
    expect(verdict(4096, [17])).toBe('overflows');
    expect(bounds({ kernel: 'sum', width: 9, inputs: seen([0, 0]), target: fp16 }).bound).toBe(0);
    expect(bounds({ kernel: 'sum', width: 1, inputs: seen([2 ** -24]), target: fp16 }).bound).toBe(2 ** -14);
  });

  it('refuses what is none, and a run with numbers that are not finite', () => {
    const of = (magnitudes: unknown) => failure(() => verdictOf({ kind: 'magnitudes', magnitudes } as InputSet));
    const verdictOf = (inputs: InputSet) => bounds({ kernel: 'sum', width: 2, inputs, target: fp16 });
    expect(of({})).toBe('type inputs.magnitudes');
    const found = (seen([1, 2]) as { magnitudes: Magnitudes }).magnitudes;
    expect(of({ ...found, nonFinite: 1 })).toBe('range inputs.magnitudes.nonFinite');
    expect(of({ ...found, least: 1024 })).toBe('range inputs.magnitudes.least');
    expect(of({ ...found, counts: Array(2000).fill(1) })).toBe('range inputs.magnitudes.counts');
  });
});

describe('hostile input', () => {
  const good = { kernel: 'dot', weights: [1, 2], inputs: from(-1, 1), target: fp16 } as const;
  const cases: [string, () => unknown, string][] = [
    ['no options', () => bounds(undefined as never), 'options.kernel'],
    ['an unknown kernel', () => bounds({ ...good, kernel: 'gelu' } as never), 'options.kernel'],
    ['an unknown option', () => bounds({ ...good, zzz: 1 } as never), 'options.zzz'],
    ['NaN weights', () => bounds({ ...good, weights: [1, Number.NaN] }), 'options.weights[1]'],
    ['infinite weights', () => bounds({ ...good, weights: [Infinity, 1] }), 'options.weights[0]'],
    ['no weights', () => bounds({ ...good, weights: undefined as never }), 'options.weights'],
    ['an inverted interval', () => bounds({ ...good, inputs: from([0, 2], [1, 1]) }), 'inputs.high[1]'],
    ['a NaN interval', () => bounds({ ...good, inputs: from(Number.NaN, 1) }), 'inputs.low'],
    ['an infinite interval', () => bounds({ ...good, inputs: from(0, Infinity) }), 'inputs.high'],
    ['intervals of other widths', () => bounds({ ...good, inputs: from([0], [1]) }), 'inputs.low'],
    ['an empty set', () => bounds({ ...good, inputs: from([], []) }), 'inputs.low'],
    ['a negative radius', () => bounds({ ...good, inputs: { kind: 'ball', radius: -1 } }), 'inputs.radius'],
    ['an unknown set', () => bounds({ ...good, inputs: { kind: 'box' } as never }), 'inputs.kind'],
    ['another set’s field', () => bounds({ ...good, inputs: { kind: 'ball', low: 1 } as never }), 'inputs.low'],
    ['an unknown format', () => bounds({ ...good, inputs: { kind: 'format', format: 'e4m3fm' } }), 'inputs.format'],
    ['uneven rows', () => bounds({ ...good, rows: 2, weights: [1, 2, 3] }), 'options.weights'],
    [
      'a negative tolerance',
      () => bounds({ ...good, inputs: { kind: 'normOutputs', tolerance: -1 } }),
      'inputs.tolerance',
    ],
    [
      'fractions in a register',
      () => bounds({ kernel: 'sum', width: 1, inputs: from(0.5, 0.5), reduction: register(8, 'wrap') }),
      'terms',
    ],
  ];
  it.each(cases)('%s', (_, call, argument) => {
    expect(failure(call).split(' ')[1]).toBe(argument);
  });

  it('sums of nothing are proved', () => {
    expect(bounds({ kernel: 'sum', width: 0, inputs: from(0, 0), target: fp16 })).toMatchObject({
      verdict: 'proved',
      bound: 0,
      headroomBits: Infinity,
    });
    expect(bounds({ kernel: 'matmul', n: 0, weights: [], inputs: from(0, 0), target: fp16 }).channels).toEqual([]);
  });
});
