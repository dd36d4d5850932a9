import { f16round } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bfloat16,
  binary16,
  defineFloat,
  dlfloat16,
  e4m3fn,
  type Format,
  parseFormat,
  uint8,
} from '../../src/formats/index.ts';
import { encode, type Policy, resolvePolicy, round, roundWithFlags } from '../../src/rounding/index.ts';
import { Rounder } from '../../src/rounding/rounder.ts';
import { formats, policies, reals } from '../../src/testing/arbitraries/index.ts';
import { isBracketed, isIdempotent, isMonotone, isSignSymmetric, ordinalsOf } from '../../src/testing/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleProject, oracleRound } from '../../src/testing/oracle/round.ts';
import { edgesOf, failure, outcome, seeded, shareOf } from '../testing/helpers.ts';
import { allPolicies, cornerOrdinals, firstDifference, isScaledDown } from './helpers.ts';

describe.each(
  ['binary16', 'bfloat16', 'dlfloat16', 'binary16p12se', 'binary16p8sf', 'binary16p11ue', 'int16'].map(
    (name): [string, Format] => [name, parseFormat(name)],
  ),
)('%s', (_, format) => {
  it.skipIf(isScaledDown)('rounds all values, all midpoints and their neighbours to nearest as the oracle does', () => {
    expect(firstDifference(format, resolvePolicy(format, { nanInput: 'zero' }), shareOf(edgesOf(format)))).toBeNull();
  });

  it('follows every policy at the corners', () => {
    const xs = edgesOf(format, cornerOrdinals(ordinalsOf(format)));
    for (const policy of allPolicies(format)) expect(firstDifference(format, policy, xs)).toBeNull();
  });
});

describe('binary16', () => {
  it.skipIf(isScaledDown)('rounds as @petamoriken/float16 does', () => {
    for (const x of shareOf(edgesOf(binary16), 1)) {
      if (!Object.is(round(binary16, x), f16round(x))) expect([x, round(binary16, x)]).toEqual([x, f16round(x)]);
    }
  });
});

describe('binary32', () => {
  it('rounds as Math.fround does', () => {
    const binary32 = parseFormat('binary32');
    fc.assert(
      fc.property(reals(binary32), (x) => Object.is(round(binary32, x), Math.fround(x))),
      seeded(20_000),
    );
  });
});

describe('any format', () => {
  it('rounds any number under any policy as the oracle does', () => {
    const cases = formats({ maxBits: 53 }).chain((format) =>
      fc.tuple(fc.constant(format), policies(format), reals(format)),
    );
    fc.assert(
      fc.property(cases, ([format, policy, x]) => {
        expect(outcome(() => roundWithFlags(format, x, policy))).toEqual(outcome(() => oracleRound(format, policy, x)));
      }),
      seeded(30_000),
    );
  });

  it('keeps 52 bits of significand apart', () => {
    const wide = defineFloat({ exponentBits: 1, mantissaBits: 51, bias: 1, infinities: 'none' });
    fc.assert(
      fc.property(fc.double({ min: -2, max: 2, noNaN: true }), (x) => {
        expect(roundWithFlags(wide, x)).toEqual(oracleRound(wide, resolvePolicy(wide), x));
      }),
      seeded(2000),
    );
  });
});

describe('a residual', () => {
  it('settles what lies a hair beside a number, by its sign alone', () => {
    const cases = formats({ maxBits: 40 }).chain((format) =>
      fc.record({
        format: fc.constant(format),
        policy: policies(format, { nanInputs: ['zero'] }),
        x: reals(format, { noNaN: true, noInfinity: true }).filter((x) => x !== 0),
        up: fc.boolean(),
        power: fc.constantFrom(-1100, -3000),
      }),
    );
    fc.assert(
      fc.property(cases, ({ format, policy, x, up, power }) => {
        const rounder = new Rounder(format, policy);
        const value = rounder.round(x, up ? Number.MIN_VALUE : -Number.MIN_VALUE);
        const hair = exact.rational(!up, 1n, power);
        const beside = exact.add(exact.fromNumber(x), hair);
        expect({ value, flags: rounder.flags }).toEqual(oracleProject(format, policy, beside));
      }),
      seeded(5000),
    );
  });
});

describe('laws', () => {
  /** A format, a policy, and two numbers. */
  const cases = formats().chain((format) =>
    fc.record({
      format: fc.constant(format),
      policy: policies(format, { nanInputs: ['zero'] }),
      x: reals(format, { noNaN: true }),
      y: reals(format, { noNaN: true }),
    }),
  );
  const by =
    (format: Format, policy: Policy, rounding = policy.rounding) =>
    (x: number) =>
      round(format, x, { ...policy, rounding });

  it('monotone, unless it wraps', () => {
    fc.assert(
      fc.property(cases, ({ format, policy, x, y }) => {
        fc.pre(policy.overflow !== 'wrap');
        return isMonotone(by(format, policy), x, y);
      }),
      seeded(3000),
    );
  });

  it('idempotent', () => {
    fc.assert(
      fc.property(cases, ({ format, policy, x }) => isIdempotent(by(format, policy), x)),
      seeded(3000),
    );
  });

  it('sign-symmetric in signed floats, directed modes mirrored', () => {
    const mirror = { towardPositive: 'towardNegative', towardNegative: 'towardPositive' } as const;
    fc.assert(
      fc.property(cases, ({ format, policy, x }) => {
        fc.pre(format.kind === 'float' && format.signed && format.lowest !== 'normal');
        const mirrored = mirror[policy.rounding as keyof typeof mirror] ?? policy.rounding;
        return isSignSymmetric(by(format, policy), by(format, policy, mirrored), x);
      }),
      seeded(3000),
    );
  });

  it('bracketed by the directed modes within the range', () => {
    fc.assert(
      fc.property(cases, ({ format, policy, x }) => {
        const low = format.kind === 'integer' ? format.min : format.signed ? -format.max : 0;
        fc.pre(x >= low && x <= format.max && policy.subnormals === 'gradual');
        fc.pre(format.kind === 'integer' || format.lowest !== 'normal');
        const [down, up] = [by(format, policy, 'towardNegative'), by(format, policy, 'towardPositive')];
        return isBracketed(down, up, by(format, policy), x);
      }),
      seeded(3000),
    );
  });
});

describe('round', () => {
  it('gives the documented answers', () => {
    expect(round(binary16, 65519.99999999999)).toBe(65504);
    expect(round(e4m3fn, 465)).toBeNaN();
    expect(round(e4m3fn, 465, { overflow: 'saturate' })).toBe(448);
    expect(round(dlfloat16, 2 ** -33)).toBe(0);
    expect(round(bfloat16, 1 + 2 ** -8)).toBe(1);
    expect(encode(uint8, 300, { overflow: 'wrap' })).toBe(44);
  });

  it('refuses what is no policy, and NaN where there is none', () => {
    expect(failure(() => round(binary16, 1, { rounding: 'nearest' as never }))).toBe('name policy.rounding');
    expect(failure(() => round(binary16, 1, { overflow: 'wrap' }))).toBe('name policy.overflow');
    expect(failure(() => round(uint8, 1, { overflow: 'ieee' }))).toBe('name policy.overflow');
    expect(failure(() => round(binary16, 1, { mode: 'up' } as never))).toBe('name policy.mode');
    expect(failure(() => round(binary16, 1, 'up' as never))).toBe('type policy');
    expect(failure(() => round(parseFormat('e2m1fn'), Number.NaN))).toBe('value x');
    expect(failure(() => round(uint8, Number.NaN))).toBe('value x');
    expect(failure(() => round(binary16, '1' as never))).toBe('type x');
    expect(failure(() => round('binary16' as never, 1))).toBe('type format');
  });
});
