import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BoundsOptions, bounds } from '../../src/bounds/index.ts';
import { binary32, defineFloat } from '../../src/formats/index.ts';
import { dot, rmsNorm, softmax } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { defineTarget } from '../../src/targets/index.ts';
import { smallKernels, wrappingKernels } from './kernels.ts';
import { checkSoundness, mapObjects } from './soundness.ts';

describe('verdicts', () => {
  it('are never contradicted by any input of small kernels', () => {
    const { verdicts, unknown } = checkSoundness(600);
    console.log('verdicts', verdicts, 'of the unknown', unknown);
    expect(verdicts.proved).toBeGreaterThan(100);
    expect(verdicts.overflows).toBeGreaterThan(100);
  });

  it('say of registers that wrap whether the result is right', () => {
    const { verdicts } = checkSoundness(2000, wrappingKernels());
    expect(verdicts.sameResult).toBeGreaterThan(20);
    expect(verdicts.overflows).toBeGreaterThan(20);
    expect(verdicts.unknown).toBe(0);
  });
});

describe('a zero in a format that has none', () => {
  const format = defineFloat({
    exponentBits: 5,
    mantissaBits: 2,
    lowest: 'normal',
    nan: 'topCode',
    infinities: 'none',
  });
  const wide = roundTo(binary32);
  const inputs = { kind: 'intervals', low: -1, high: 1 } as const;

  it('is no proof of a fused sum, whose ends lie on either side', () => {
    const accumulator = { kind: 'aligned', fractionBits: 10, lost: 'truncate', output: { format } } as const;
    const unit = { a: ['e4m3fn'], k: 1, product: null, reduction: { kind: 'sequential', accumulator }, output: wide };
    const target = defineTarget({ name: 'fused', matrixUnits: { unit } } as never);
    expect(dot([0], [1], { rows: 1, width: 1, target }).report.ok).toBe(false);
    expect(bounds({ kernel: 'dot', weights: [1], inputs, target }).verdict).not.toBe('proved');
    expect(bounds({ kernel: 'dot', weights: [1], inputs: { ...inputs, low: 0.5 }, target }).verdict).toBe('proved');
  });

  it('is no proof of a sum of squares, however small it is', () => {
    const accumulator = { kind: 'float', rounding: { format }, fused: true } as const;
    const steps = Object.fromEntries(['load', 'compute', 'accumulate', 'statistics', 'store'].map((at) => [at, wide]));
    const vector = { ...steps, reduction: { kind: 'sequential', accumulator } };
    const target = defineTarget({ name: 'squares', vectorUnits: { vector } } as never);
    expect(rmsNorm([0], { rows: 1, width: 1, target }).report.ok).toBe(false);
    expect(bounds({ kernel: 'rmsNorm', width: 1, inputs, target }).verdict).not.toBe('proved');
    const ball = { kind: 'ball', radius: 1 } as const;
    expect(bounds({ kernel: 'rmsNorm', width: 1, inputs: ball, target }).verdict).not.toBe('proved');
    expect(bounds({ kernel: 'squareSum', width: 1, inputs: ball, target }).verdict).not.toBe('proved');
  });
});

describe('a unit that reads small operands as zero', () => {
  const wide = roundTo(binary32);

  it('does not so read the sum that a fused accumulator rounds', () => {
    const format = defineFloat({ exponentBits: 5, mantissaBits: 2, signed: false });
    const output = { format, policy: { subnormals: 'flushBoth', overflow: 'nan' } };
    const accumulator = { kind: 'aligned', fractionBits: 24, lost: 'truncate', output } as const;
    const unit = { a: ['binary16'], k: 1, product: null, reduction: { kind: 'sequential', accumulator }, output: wide };
    const target = defineTarget({ name: 'fused', matrixUnits: { unit } } as never);
    expect(dot([-(2 ** -16)], [1], { rows: 1, width: 1, target }).report.ok).toBe(false);
    const inputs = { kind: 'intervals', low: -(2 ** -16), high: 0 } as const;
    expect(bounds({ kernel: 'dot', weights: [1], inputs, target }).verdict).not.toBe('proved');
  });

  it('may read the root that it divides by so', () => {
    const flushing = { format: 'float:e3m4', policy: { subnormals: 'flushInputs' } };
    const steps = { load: wide, compute: flushing, accumulate: wide, statistics: wide, store: wide };
    const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: wide } };
    const vector = { ...steps, reduction, reciprocalSqrt: { kind: 'sqrtThenDivide' } };
    const target = defineTarget({ name: 'roots', vectorUnits: { vector } } as never);
    expect(rmsNorm([0], { rows: 1, width: 1, target }).report.ok).toBe(false);
    const inputs = { kind: 'intervals', low: 0, high: 0.5 } as const;
    expect(bounds({ kernel: 'rmsNorm', width: 1, inputs, target }).verdict).not.toBe('proved');
    expect(bounds({ kernel: 'rmsNorm', width: 1, inputs, target, epsilon: 1 }).verdict).toBe('proved');
  });
});

describe('a softmax whose format has no 1', () => {
  it('is not bounded by 1', () => {
    const odd = defineFloat({
      exponentBits: 1,
      mantissaBits: 1,
      bias: 0,
      infinities: 'topCode',
      nan: 'negativeZero',
      lowest: 'normalButZero',
    });
    const wide = roundTo(binary32);
    const store = { format: 'int8:fraction=6', policy: { overflow: 'saturate' } };
    const steps = { load: wide, compute: { format: odd }, accumulate: wide, statistics: wide, store };
    const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: wide } };
    const target = defineTarget({ name: 'odd', vectorUnits: { vector: { ...steps, reduction } } } as never);
    const options = { width: 1, target, normalize: 'reciprocal' } as const;
    const { output } = softmax([0], { ...options, rows: 1 });
    const most = output[0] as number;
    const inputs = { kind: 'intervals', low: 0, high: 0 } as const;
    expect(most).toBe(1.5);
    expect(bounds({ kernel: 'softmax', ...options, inputs }).verdict).toBe('proved');
    const narrow = { ...steps, store: { format: 'int6:fraction=5', policy: { overflow: 'saturate' } }, reduction };
    const tight = defineTarget({ name: 'tight', vectorUnits: { vector: narrow } } as never);
    expect(softmax([0], { ...options, target: tight, rows: 1 }).report.ok).toBe(false);
    expect(bounds({ kernel: 'softmax', ...options, inputs, target: tight }).verdict).not.toBe('proved');
  });
});

describe('a bound made wrong on purpose is caught', () => {
  type Change = (made: Record<string, unknown>) => Record<string, unknown>;
  const isRegister = (made: Record<string, unknown>): boolean => made.kind === 'integer' && 'when' in made;
  const asked =
    (change: Change) =>
    (options: BoundsOptions): BoundsOptions =>
      mapObjects(options, change) as BoundsOptions;
  const faults: [string, Change][] = [
    ['registers of one bit more', (made) => (isRegister(made) ? { ...made, bits: Number(made.bits) + 1 } : made)],
    ['sums rounded once', (made) => (made.kind === 'float' && 'rounding' in made ? exact(made) : made)],
    ['sums in the other order', (made) => (made.kind === 'sequential' ? reversed(made) : made)],
    ['trees in place of chains', (made) => (made.kind === 'sequential' ? tree(made) : made)],
    ['registers fitted at the end only', (made) => (isRegister(made) ? { ...made, when: 'atEnd' } : made)],
    [
      'intervals without their upper ends',
      (made) => ('low' in made && 'high' in made ? { ...made, high: made.low } : made),
    ],
  ];
  const exact = (made: Record<string, unknown>) => ({ kind: 'exact', output: made.rounding });
  const reversed = (made: Record<string, unknown>) => ({
    ...made,
    order: made.order === 'descending' ? 'ascending' : 'descending',
  });
  const tree = ({ order: _, ...made }: Record<string, unknown>) => ({ ...made, kind: 'pairwise' });

  it.each(faults)('%s', (_, change) => {
    const both = fc.oneof(smallKernels(), wrappingKernels());
    let cause: unknown = null;
    try {
      checkSoundness(3000, both, asked(change));
    } catch (error) {
      cause = (error as Error).cause;
    }
    expect(String(cause)).toMatch(/witness|proved|without a wrap/);
  });
});
