import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exponential } from '../../src/arithmetic/exponential.ts';
import { binary16, binary64 } from '../../src/formats/index.ts';
import { type Rounding, roundTo, UNDERFLOW } from '../../src/rounding/index.ts';
import { policies } from '../../src/testing/arbitraries/index.ts';
import { oracleExponential } from '../../src/testing/oracle/exponential.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleProject } from '../../src/testing/oracle/round.ts';
import { seeded } from '../testing/helpers.ts';

function exp({ format, policy }: Rounding, x: number): { value: number; flags: number } {
  const unit = new Exponential(format, policy);
  const value = unit.exp(x);
  return { value, flags: unit.flags };
}

describe('e^x in binary64', () => {
  it('is correctly rounded, to the ends of the range', () => {
    const { policy, format } = roundTo(binary64);
    const edges = [709.782712893384, 709.7827128933841, -708.3964185322641, -745.1332191019411, -745.1332191019412];
    for (const x of [...edges, 1, -1, 2 ** -54, -(2 ** -54), 2 ** -70, 801, -801, 0, Infinity, -Infinity, Number.NaN]) {
      expect(exp({ format, policy }, x), String(x)).toEqual(oracleExponential({ format, policy }, x));
    }
  });

  it('ends where a flushed result raises underflow alone', () => {
    const flush = { subnormals: 'flushOutputs', flushFlags: 'underflow' } as const;
    const full = roundTo(binary64, flush);
    expect(exp(full, -740)).toEqual({ value: 0, flags: UNDERFLOW });
    expect(exp(full, -740)).toEqual(oracleExponential(full, -740));
    // Stochastic rounding narrows an interval, too.
    const half = roundTo(binary16, { ...flush, rounding: 'stochastic' });
    expect(exp(half, -11)).toEqual({ value: 0, flags: UNDERFLOW });
  });

  it('under any policy', () => {
    const xs = fc.oneof(
      fc.double({ min: -760, max: 720, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double(),
    );
    fc.assert(
      fc.property(xs, policies(binary64), (x, policy) => {
        const at = { format: binary64, policy };
        expect(exp(at, x)).toEqual(oracleExponential(at, x));
      }),
      seeded(200),
    );
  });
});

describe('p · 2^n in binary64', () => {
  it('is rounded once', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((p) => p !== 0);
    fc.assert(
      fc.property(finite, fc.integer({ min: -2200, max: 2200 }), policies(binary64), (p, n, policy) => {
        // Operands are as they come: what flushing makes of them is tested with the unit.
        const kept = { ...policy, subnormals: policy.subnormals === 'gradual' ? 'gradual' : 'flushOutputs' } as const;
        const unit = new Exponential(binary64, kept);
        const value = unit.scaleByPowerOfTwo(p, n);
        const expected = oracleProject(binary64, kept, exact.scaleByPowerOfTwo(exact.fromNumber(p), n));
        expect({ value, flags: unit.flags }).toEqual(expected);
      }),
      seeded(500),
    );
    const unit = new Exponential(binary64, roundTo(binary64).policy);
    expect([unit.scaleByPowerOfTwo(-0, 1e9), unit.scaleByPowerOfTwo(1, 1e9), unit.scaleByPowerOfTwo(1, -1e9)]).toEqual([
      -0,
      Infinity,
      0,
    ]);
  });
});
