import fc from 'fast-check';
import { describe, it } from 'vitest';
import { defineTarget, findTarget, type VectorTarget } from '../../src/targets/index.ts';
import { type TargetsConstraints, targets } from '../../src/testing/arbitraries/index.ts';
import { seeded } from '../testing/helpers.ts';
import { agree, normCases } from './helpers.ts';

/** Mostly targets that let a NaN pass. */
const constraints: TargetsConstraints = { maxBits: 20, nanInputs: ['zero', 'max', 'invalid', 'max', 'error'] };

/** The same units, summing in one float chain, as Welford's update demands. */
const chained = targets({ ...constraints, kinds: ['float', 'generic'] }).map(
  ({ vectorUnits: { vector }, ...rest }) =>
    defineTarget({
      ...rest,
      vectorUnits: {
        vector: {
          ...vector,
          reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: vector.accumulate } },
        },
      },
    }) as VectorTarget,
);

describe('LayerNorm and RMSNorm equal the naive model, bit for bit and event for event', () => {
  it('on units of any formats and policies, in any order of summation', () => {
    fc.assert(fc.property(normCases(targets({ ...constraints, kinds: ['float'] })), agree), seeded(900));
  });

  it('on units that compute on integers and sum in integer registers', () => {
    fc.assert(fc.property(normCases(targets({ ...constraints, kinds: ['integer'] })), agree), seeded(1500));
  });

  it('on units that sum in fixed-point registers', () => {
    fc.assert(fc.property(normCases(targets({ ...constraints, kinds: ['fixed'] })), agree), seeded(1200));
  });

  it('on int8 data with registers of 16, 24 and 32 bits that saturate or wrap, in two passes', () => {
    const step = (format: string, policy: object) => ({ format, policy: { nanInput: 'invalid', ...policy } });
    const registered = fc
      .record({
        bits: fc.constantFrom(16, 24, 32),
        overflow: fc.constantFrom('saturate' as const, 'wrap' as const),
        rounding: fc.constantFrom('tiesToEven' as const, 'towardZero' as const, 'towardNegative' as const),
        fixed: fc.boolean(),
        fraction: fc.integer({ min: 0, max: 12 }),
        normalize: fc.constantFrom('int8', 'int8:fraction=5', 'int16:fraction=12', 'binary16'),
      })
      .map(({ bits, overflow, rounding, fixed, fraction, normalize }) => {
        const register = `int${bits}${fixed && fraction > 0 ? `:fraction=${fraction}` : ''}`;
        const accumulator = fixed
          ? { kind: 'fixed', rounding: step(register, { overflow, rounding }), fused: fraction % 2 === 0 }
          : { kind: 'integer', bits, overflow, nonFinite: 'invalid' };
        return defineTarget({
          name: 'int8',
          vectorUnits: {
            vector: {
              load: step('int8', {}),
              compute: step('int16', {}),
              center: step('int8', { rounding }),
              normalize: step(normalize, normalize === 'binary16' ? {} : { overflow }),
              accumulate: step('int32', {}),
              statistics: step('binary32', {}),
              store: step('int8', {}),
              reduction: { kind: 'sequential', accumulator },
            },
          },
        }) as VectorTarget;
      });
    const rows = { maxWidth: 64 };
    fc.assert(fc.property(normCases(registered, rows), agree), seeded(1500));
  });

  it('on units that sum in one chain, Welford included', () => {
    fc.assert(fc.property(normCases(chained), agree), seeded(700));
  });

  it('on the generic targets', () => {
    fc.assert(fc.property(normCases(targets({ kinds: ['generic'] })), agree), seeded(500));
  });

  it.each(['fp16', 'bf16', 'e4m3fnFp16', 'fp16Tile64', 'fp16Fp32Accumulate'])('on %s, wider rows', (name) => {
    const target = fc.constant(findTarget(name) as VectorTarget);
    fc.assert(fc.property(normCases(target, { minWidth: 60, maxWidth: 200, maxRows: 1 }), agree), seeded(10));
  });
});
