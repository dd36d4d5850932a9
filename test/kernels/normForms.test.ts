import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounds } from '../../src/bounds/index.ts';
import { binary64 } from '../../src/formats/index.ts';
import { channelGroups, layerNorm, meanSquareInSum, rmsNorm, rowScale } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { defineTarget, fp16, fp32 } from '../../src/targets/index.ts';
import { failure, seeded } from '../testing/helpers.ts';
import { agreeOnForms, formCases } from './normForms.ts';

describe('norms in the forms of single kernels', () => {
  it('equal the naive model, bit for bit and event for event', () => {
    fc.assert(fc.property(formCases(), agreeOnForms), seeded(1500));
  });

  const x = Float64Array.from({ length: 64 }, (_, i) => (i % 2 ? 4000 : -4000));
  const row = { rows: 1, width: 64, target: fp16 };

  it('hold rows whose squares overflow', () => {
    expect(rmsNorm(x, row).report.first.overflow?.stage).toBe('square');
    for (const way of ['maximum', 'powerOfTwo', [2 ** -10]] as const) {
      const { output, report } = rmsNorm(x, { ...row, rowScale: rowScale(way) });
      expect(report.totals.overflow).toBe(0);
      expect(Math.abs(Math.abs(output[0] as number) - 1)).toBeLessThan(0.01);
    }
    // 60 · 60 · 64 is too much for a sum in binary16, 60 · 60 is not.
    const sixty = x.map((a) => a / 64);
    expect(rmsNorm(sixty, row).report.first.overflow?.stage).toBe('squareSum');
    const { output, report } = rmsNorm(sixty, { ...row, meanSquare: meanSquareInSum });
    expect([Math.abs((output[1] as number) - 1) < 0.01, report.ok]).toEqual([true, true]);
  });

  it('give rows of zeros and of infinities no scale', () => {
    const { output } = rmsNorm([0, 0, 3, Infinity], { rows: 2, width: 2, target: fp32, rowScale: rowScale('maximum') });
    expect([...output]).toEqual([0, 0, 0, Number.NaN]);
  });

  it('scale rows of the smallest numbers of binary64 by no more than 2^1023', () => {
    const at = roundTo(binary64);
    const vector = { ...fp32.vectorUnits.vector, load: at, compute: at, accumulate: at, statistics: at, store: at };
    const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: at, fused: false } } as const;
    const target = defineTarget({ ...fp32, name: 'wide', vectorUnits: { vector: { ...vector, reduction } } });
    const options = { rows: 1, width: 2, target, epsilon: 0 };
    for (const exponent of [-1074, -1050, -1024, -1023, -1022, 0, 1023]) {
      const x = Float64Array.of(2 ** exponent, -(2 ** exponent));
      const { output, report } = rmsNorm(x, { ...options, rowScale: rowScale('powerOfTwo') });
      expect([...output]).toEqual([1, -1]);
      expect(report.ok).toBe(true);
      agreeOnForms({ kernel: 'rmsNorm', x, options, way: 'powerOfTwo', isInSum: false, groups: null });
    }
  });

  it('read weights by channel, group after group', () => {
    const groups = channelGroups({ groups: 2, spatial: 2 });
    const gamma = [1, 2, 3, 4];
    const [a, b] = [
      [1, 2, 3, 5],
      [2, 4, 4, 9],
    ] as const;
    const run = { width: 4, target: fp16 };
    const { output } = layerNorm([...a, ...b, ...a], { ...run, rows: 3, gamma, groups });
    const alone = (of: readonly number[], own: number[]) => [...layerNorm(of, { ...run, rows: 1, gamma: own }).output];
    const first = alone(a, [1, 1, 2, 2]);
    expect([...output]).toEqual([...first, ...alone(b, [3, 3, 4, 4]), ...first]);
  });

  it('refuse what they cannot mean', () => {
    const by = (more: object) => failure(() => layerNorm(x, { ...row, ...more } as never));
    expect(by({ rowScale: 'maximum' })).toBe('type options.rowScale');
    expect(by({ rowScale: meanSquareInSum })).toBe('type options.rowScale');
    expect(by({ rowScale: rowScale('maximum'), scale: 2 })).toBe('unsupported options.scale');
    expect(by({ rowScale: rowScale([]) })).toBe('shape options.rowScale');
    expect(by({ meanSquare: meanSquareInSum, variance: 'welford' })).toBe('unsupported options.meanSquare');
    expect(by({ groups: channelGroups({ groups: 2, spatial: 3 }) })).toBe('shape options.width');
    expect(by({ groups: channelGroups({ groups: 2, spatial: 2 }), gamma: [1] })).toBe('shape options.gamma');
    expect(failure(() => rowScale([1, 0]))).toBe('range rowScale[1]');
    expect(failure(() => rowScale('minimum' as never))).toBe('name rowScale');
    expect(failure(() => channelGroups({ groups: 0, spatial: 1 }))).toBe('range groups.groups');
    const inputs = { kind: 'intervals', low: -1, high: 1 } as const;
    const own = { rowScale: rowScale('maximum') } as object;
    expect(failure(() => bounds({ kernel: 'rmsNorm', width: 64, target: fp16, inputs, ...own } as never))).toMatch(
      /^unsupported options.rowScale|^name options.rowScale/,
    );
  });

  it('are not ok where a variance was negative, whichever way it came about', () => {
    const odd = [
      ['m2', 'subtract', 'm2', 'x'],
      ['mean', 'add', 'mean', 'x'],
    ] as const;
    const merge = [
      ['mean', 'add', 'meanA', 'meanB'],
      ['m2', 'add', 'm2A', 'm2B'],
    ] as const;
    const { report, output } = layerNorm([1, 2], {
      ...{ rows: 1, width: 2, target: fp32, epsilon: 8, variance: 'welford' },
      welford: { update: odd, merge, empty: 'skip' },
    });
    expect([report.ok, report.first.negativeVariance?.stage, output.every(Number.isFinite)]).toEqual([
      false,
      'variance',
      true,
    ]);
  });
});
