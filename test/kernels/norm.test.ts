import fc from 'fast-check';
import { describe, it } from 'vitest';
import { defineTarget, findTarget, type VectorTarget } from '../../src/targets/index.ts';
import { type TargetsConstraints, targets } from '../../src/testing/index.ts';
import { seeded } from '../testing/helpers.ts';
import { agree, normCases } from './helpers.ts';

/** Mostly targets that let a NaN pass. */
const constraints: TargetsConstraints = { maxBits: 20, nanInputs: ['zero', 'max', 'zero', 'max', 'error'] };

/** The same units, summing in one float chain, as Welford's update demands. */
const chained = targets({ ...constraints, kinds: ['float', 'generic'] }).map(
  ({ vector, ...rest }) =>
    defineTarget({
      ...rest,
      vector: {
        ...vector,
        reduction: { kind: 'sequential', accumulator: { kind: 'float', step: vector.accumulate } },
      },
    }) as VectorTarget,
);

describe('LayerNorm and RMSNorm equal the naive model, bit for bit and event for event', () => {
  it('on units of any formats and policies, in any order of summation', () => {
    fc.assert(fc.property(normCases(targets({ ...constraints, kinds: ['float'] })), agree), seeded(900));
  });

  it('on units that compute on integers and sum in integer registers', () => {
    fc.assert(fc.property(normCases(targets({ ...constraints, kinds: ['integer'] })), agree), seeded(600));
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
