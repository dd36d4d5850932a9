/** Welford's update in lanes, and norms as public kernels compute them, against the oracle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { layerNorm, normPreset, normPresetNames, type WelfordForm, welfordForms } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { defineTarget } from '../../src/targets/index.ts';
import { reductions } from '../../src/testing/arbitraries/index.ts';
import { generator } from '../random.ts';
import { agree } from './helpers.ts';

const half = roundTo(binary16);
const unfused = fc.constant({ kind: 'float' as const, rounding: half, fused: false });
const unit = (reduction: object) =>
  defineTarget({
    name: 'mine',
    vectorUnits: {
      vector: { load: half, compute: half, accumulate: roundTo(binary32), statistics: half, store: half, reduction },
    },
  });

/** Contracted: one fused multiply-add for the mean, one for the squares. */
const contracted: WelfordForm = {
  update: [
    ['delta', 'subtract', 'x', 'mean'],
    ['mean', 'fusedMultiplyAdd', 'delta', 'reciprocal', 'mean'],
    ['rest', 'subtract', 'x', 'mean'],
    ['m2', 'fusedMultiplyAdd', 'delta', 'rest', 'm2'],
  ],
  merge: welfordForms.weighted.merge,
  empty: 'skip',
};

describe('Welford in lanes', () => {
  it('is that of the oracle, bit for bit and event for event, on any lanes and any tree of merges', () => {
    const forms = [...Object.values(welfordForms), contracted];
    let lanes = 0;
    fc.assert(
      fc.property(
        reductions(unfused),
        fc.constantFrom(...forms),
        fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 1, maxLength: 40 }),
        (reduction, welford, numbers) => {
          const x = Float64Array.from(numbers, (n) => n / 8);
          const options = { rows: 1, width: x.length, target: unit(reduction), variance: 'welford', welford } as const;
          try {
            layerNorm(x, options);
          } catch {
            // Elements that enter a tree, or are taken over as they are.
            return;
          }
          if (reduction.kind !== 'sequential') lanes++;
          agree({ kernel: 'layerNorm', x, options });
        },
      ),
      { numRuns: 1500, seed: 22 },
    );
    expect(lanes).toBeGreaterThan(300);
  }, 60_000);

  it('merges two lanes by hand', () => {
    // Lanes [0, 2] and [4, 6]: means 1 and 5, sums of squares 2; δ = 4, mean 1 + 4·2/4 = 3, 2 + 2 + 16·2·2/4 = 20; variance 5.
    const chain = { kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(binary32) } };
    const across = { ...chain, kind: 'pairwise', leaf: 'element' };
    const single = roundTo(binary32);
    const stages = { load: single, compute: single, accumulate: single, statistics: single, store: single };
    const reduction = { kind: 'tiled', size: 2, within: chain, across };
    const target = defineTarget({ name: 'mine', vectorUnits: { vector: { ...stages, reduction } } });
    for (const welford of [welfordForms.chan, welfordForms.weighted, welfordForms.pytorchCuda, welfordForms.apex]) {
      const run = { rows: 1, width: 4, target, variance: 'welford', welford, epsilon: 0 } as const;
      const { output } = layerNorm([0, 2, 4, 6], run);
      expect(output[3]).toBe(Math.fround(3 * Math.fround(1 / Math.sqrt(5))));
    }
  });

  it('refuses a form that is none, and one without the update', () => {
    const target = unit({ kind: 'sequential', accumulator: { kind: 'float', rounding: half } });
    const run = { rows: 1, width: 2, target, variance: 'welford' } as const;
    const broken = { ...contracted, merge: [['mean', 'add', 'meanA', 'nobody']] } as unknown as WelfordForm;
    expect(() => layerNorm([1, 2], { ...run, welford: broken })).toThrow('options.welford.merge[0][3]');
    const short = { ...contracted, update: [['mean', 'add', 'x', 'mean']] } as unknown as WelfordForm;
    expect(() => layerNorm([1, 2], { ...run, welford: short })).toThrow('an operation that gives m2');
    expect(() => layerNorm([1, 2], { ...run, variance: 'onePass', welford: contracted })).toThrow('options.welford');
  });
});

describe('norms of public kernels', () => {
  it.each(normPresetNames)(
    '%s is that of the oracle',
    (name) => {
      for (const [format, width] of [
        [binary16, 96],
        [binary32, 130],
      ] as const) {
        const { kernel, target, options } = normPreset(name, format);
        const random = generator(22);
        const x = Float64Array.from({ length: 2 * width }, () => Math.fround((random() - 0.5) * 8 + 3));
        const gamma = Array.from({ length: width }, () => Math.fround(random()));
        agree({ kernel, x, options: { rows: 2, width, target, gamma, ...options } });
      }
    },
    60_000,
  );

  it('differ in bits from one another, on one row', () => {
    const random = generator(7);
    const x = Array.from({ length: 1024 }, () => Math.fround(random() + 100));
    const bits = normPresetNames
      .map((name) => normPreset(name, binary32))
      .filter(({ kernel }) => kernel === 'layerNorm')
      .map(({ target, options }) => [...layerNorm(x, { rows: 1, width: 1024, target, ...options }).output].join());
    expect(new Set(bits).size).toBe(bits.length);
  });

  it('a variance below zero is an event, and the row is not ok', () => {
    const { target, options } = normPreset('onnxRuntimeCpu');
    const x = [342, 342.1, 342, 342.1, 342, 342.1];
    const { report, output } = layerNorm(x, { rows: 1, width: 6, target, ...options });
    expect(report.totals.negativeVariance).toBe(1);
    expect(report.ok).toBe(false);
    expect(output[0]).toBeNaN();
    const clamped = layerNorm(x, { rows: 1, width: 6, target, ...options, negativeVariance: 'clamp' });
    expect(clamped.output[0]).not.toBeNaN();
    expect(clamped.report.ok).toBe(false);
  });
});
