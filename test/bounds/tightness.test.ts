/**
 * How often a bound says `unknown`, on sums too large to enumerate.
 */
import { describe, expect, it } from 'vitest';
import { type Accumulator, defineReduction, type Reduction } from '../../src/accumulators/index.ts';
import { type BoundsOptions, bounds, type Verdict } from '../../src/bounds/index.ts';
import { binary16, type Format, int16 } from '../../src/formats/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { defineTarget } from '../../src/targets/index.ts';
import { generator } from '../random.ts';

const half = roundTo(binary16);

/** Accumulators of a kind, with the largest number they hold. */
const kinds: Record<string, (draw: () => number) => { accumulator: Accumulator; max: number; operand: Format }> = {
  float: (draw) => ({
    accumulator: {
      kind: 'float',
      rounding: roundTo(binary16, {
        rounding: pick(draw, ['tiesToEven', 'towardZero', 'toOdd', 'towardPositive'] as const),
      }),
      fused: draw() < 0.5,
    },
    max: 65504,
    operand: binary16,
  }),
  fixed: (draw) => {
    const rounding = { format: 'int24:fraction=4', policy: { overflow: pick(draw, ['saturate', 'wrap'] as const) } };
    const made = defineReduction({ kind: 'sequential', accumulator: { kind: 'fixed', rounding, fused: true } });
    return { accumulator: (made as { accumulator: Accumulator }).accumulator, max: 2 ** 19, operand: binary16 };
  },
  exact: () => ({ accumulator: { kind: 'exact', output: half }, max: 65504, operand: binary16 }),
  integer: (draw) => {
    const bits = 26 + Math.floor(draw() * 10);
    const overflow = pick(draw, ['saturate', 'wrap'] as const);
    const when = pick(draw, ['everyStep', 'atEnd', { every: 4 }] as const);
    return { accumulator: { kind: 'integer', bits, overflow, when }, max: 2 ** (bits - 1) - 1, operand: int16 };
  },
  aligned: (draw) => ({
    accumulator: {
      kind: 'aligned',
      fractionBits: pick(draw, [13, 24, 25]),
      lost: pick(draw, ['truncate', 'floor', 'odd'] as const),
      output: half,
    },
    max: 65504,
    operand: binary16,
  }),
  kahan: () => ({ accumulator: { kind: 'kahan', rounding: half }, max: 65504, operand: binary16 }),
  neumaier: () => ({ accumulator: { kind: 'neumaier', rounding: half }, max: 65504, operand: binary16 }),
};

function pick<T>(draw: () => number, of: readonly T[]): T {
  return of[Math.floor(draw() * of.length)] as T;
}

/** Chains, trees, tiles and lanes over an accumulator. */
function orderOf(draw: () => number, accumulator: Accumulator): Reduction {
  const chain = { kind: 'sequential', accumulator };
  const whole = { ...accumulator, ...('fused' in accumulator ? { fused: false } : {}) };
  return defineReduction(
    pick<() => unknown>(draw, [
      () => chain,
      () => ({ ...chain, order: 'descending' }),
      () => ({ kind: 'pairwise', accumulator }),
      () => ({ kind: 'butterfly', accumulator }),
      () => ({ kind: 'tiled', size: pick(draw, [4, 16, 128]), within: chain, across: 'chain' }),
      () => ({ kind: 'tiled', size: 64, within: chain, across: { kind: 'pairwise', accumulator: whole } }),
      () => ({ kind: 'strided', lanes: 8, within: chain, across: { kind: 'butterfly', accumulator: whole } }),
    ])(),
  );
}

const kernels = ['dot', 'sum', 'squareSum', 'matmul'] as const;

/** A kernel whose unrounded worst sum is `share` of the largest number. */
function kernelOf(
  kind: string,
  share: number,
  draw: () => number,
  kernel: (typeof kernels)[number] = 'dot',
): BoundsOptions {
  const made = (kinds[kind] as (typeof kinds)[string])(draw);
  const { accumulator, max, operand } = made;
  const plain = 'fused' in accumulator && kernel !== 'dot' && kernel !== 'matmul';
  const reduction = orderOf(draw, plain ? { ...accumulator, fused: false } : accumulator);
  const width = Math.round(16 * 256 ** draw());
  const isCareful = kind === 'kahan' || kind === 'neumaier';
  const isFused = !isCareful && !('fused' in accumulator && accumulator.fused !== true);
  const isProduct = kernel === 'dot' || kernel === 'matmul';
  const weights = Array.from({ length: width }, () => (isProduct ? Math.round(draw() * 254) - 127 || 1 : 1));
  // Some elements are fixed, some never zero, most span it.
  const shape = weights.map(() => {
    const [low, high] = [-draw(), draw()];
    return draw() < 0.8 ? [low, high] : [high / 2, high];
  }) as [number, number][];
  const worst = (scale: number): number => {
    let [top, bottom] = [0, 0];
    shape.forEach(([low, high], k) => {
      const ends = [low * scale, high * scale].map((x) => x * (weights[k] as number));
      top += Math.max(...ends);
      bottom += Math.min(...ends);
    });
    return Math.max(top, -bottom);
  };
  const squares = shape.reduce((total, [low, high]) => total + Math.max(low * low, high * high), 0);
  const scale = kernel === 'squareSum' ? Math.sqrt((share * max) / squares) : (share * max) / worst(1);
  const whole = operand.kind === 'integer';
  const grid = (x: number): number => (whole ? Math.round(x) : x);
  const inputs = {
    kind: 'intervals',
    low: shape.map(([low]) => grid(low * scale)),
    high: shape.map(([, high]) => grid(high * scale)),
  } as const;
  if (kernel === 'sum') return { kernel, width, inputs, reduction };
  if (kernel === 'squareSum') {
    const step = whole ? { format: 'int53' } : { format: 'binary32' };
    const unit = { load: step, compute: step, accumulate: half, statistics: half, store: half, reduction };
    return { kernel, width, inputs, target: defineTarget({ name: kind, vectorUnits: { unit } } as never) };
  }
  const target = defineTarget({
    name: kind,
    source: 'test',
    matrixUnits: {
      unit: {
        a: [whole ? { kind: 'integer', bits: 40, signed: true, fractionBits: 0 } : operand],
        b: [whole ? int16 : operand],
        k: 1,
        product: isFused ? null : { format: 'binary32' },
        reduction,
        output: { format: 'binary32' },
      },
    },
  });
  if (kernel === 'dot') return { kernel, weights, inputs, target };
  // Two channels, of which the second is half as heavy.
  const columns = weights.flatMap((w) => [w, Math.trunc(w / 2)]);
  return { kernel, weights: columns, n: 2, inputs, target };
}

/** Verdicts of a population, by kind of accumulator. */
function verdictsOf(
  kind: string,
  runs: number,
  kernel: (typeof kernels)[number] = 'dot',
): Record<Verdict, number> & { near: number } {
  const draw = generator(`tightness ${kind} ${kernel === 'dot' ? '' : kernel}`.trim());
  const seen = { proved: 0, overflows: 0, unknown: 0, near: 0 };
  for (let run = 0; run < runs; run++) {
    const share = 4 ** (2 * draw() - 1);
    if (share > 0.5 && share < 2) seen.near += 1;
    seen[bounds(kernelOf(kind, share, draw, kernel)).verdict] += 1;
  }
  return seen;
}

const RUNS = 40;

describe('bounds on sums too large to enumerate', () => {
  it.each(['float', 'fixed', 'exact', 'integer'])('are never unknown: %s', (kind) => {
    const seen = verdictsOf(kind, RUNS);
    expect(seen.unknown).toBe(0);
    expect(seen.overflows).toBeGreaterThanOrEqual(0.3 * RUNS);
    expect(seen.near).toBeGreaterThanOrEqual(0.3 * RUNS);
  });

  it.each(['sum', 'squareSum', 'matmul'] as const)('nor is any other kernel: %s', (kernel) => {
    for (const kind of ['float', 'fixed', 'exact', 'integer']) {
      const seen = verdictsOf(kind, RUNS / 2, kernel);
      expect(seen.unknown, kind).toBe(0);
      expect(seen.overflows, kind).toBeGreaterThanOrEqual(0.3 * (RUNS / 2));
      expect(seen.near, kind).toBeGreaterThanOrEqual(0.3 * (RUNS / 2));
    }
  });

  it.each([
    ['aligned', 1 / 20],
    ['kahan', 1 / 4],
    ['neumaier', 1 / 4],
  ])('are seldom unknown: %s', (kind, most) => {
    const seen = verdictsOf(kind, RUNS);
    console.log(`${kind}: ${seen.proved} proved, ${seen.overflows} overflow, ${seen.unknown} unknown of ${RUNS}`);
    expect(seen.unknown / RUNS).toBeLessThanOrEqual(most);
    expect(seen.overflows).toBeGreaterThanOrEqual(0.3 * RUNS);
    expect(seen.proved).toBeGreaterThanOrEqual(0.3 * RUNS);
  });
});
