import { describe, expect, it } from 'vitest';
import { e2m1fn, type Format, int8, parseFormat } from '../../../src/formats/index.ts';
import { encode, round } from '../../../src/rounding/index.ts';
import { bernsteinTest, binomialTest } from '../../../src/testing/check/binomial.ts';
import { type Check, checkStochasticRounding, checkTable, describeCheck } from '../../../src/testing/check/index.ts';
import { draws } from '../../../src/testing/conformance/sample.ts';

const said = (check: Check): string => check.diagnosis?.behaviours[0]?.name ?? 'nothing';
/** The lower and the upper neighbour on the number line, and how far up a number lies. */
const around = (format: Format, x: number): readonly [number, number, number] => {
  const low = round(format, x, { rounding: 'towardNegative' });
  const high = round(format, x, { rounding: 'towardPositive' });
  return [low, high, low === high ? 0 : (x - low) / (high - low)];
};
const sr =
  (format: Format) =>
  (x: number, u: number): number => {
    const [low, high, share] = around(format, x);
    return u < share ? high : low;
  };

describe('binomialTest', () => {
  it('is exact', () => {
    expect(binomialTest(0, 10, 0.5)).toBeCloseTo(2 / 1024, 12);
    expect(binomialTest(9, 10, 0.5)).toBeCloseTo((2 * 11) / 1024, 12);
    expect(binomialTest(5, 10, 0.5)).toBe(1);
    expect(binomialTest(1, 10, 0)).toBe(0);
    expect(binomialTest(0, 10, 0)).toBe(1);
    expect(binomialTest(500_000, 1_000_000, 0.5)).toBe(1);
    // No claimed share is refused more often than a bound says.
    for (const p of [0.03, 0.4]) {
      let refused = 0;
      for (let k = 0; k <= 60; k++) {
        let ways = 1;
        for (let i = 0; i < k; i++) ways *= (60 - i) / (i + 1);
        if (binomialTest(k, 60, p) < 0.05) refused += ways * p ** k * (1 - p) ** (60 - k);
      }
      expect(refused).toBeLessThanOrEqual(0.05);
    }
  });
});

describe('bernsteinTest', () => {
  it('is never below the exact tail', () => {
    // Ten answers at 0.1 and ten at 0.6, by every outcome.
    const chance = new Array<number>(21).fill(0);
    chance[0] = 1;
    for (let i = 0; i < 20; i++) {
      const p = i < 10 ? 0.1 : 0.6;
      for (let k = 20; k >= 0; k--)
        chance[k] = (chance[k] as number) * (1 - p) + (k > 0 ? (chance[k - 1] as number) * p : 0);
    }
    for (let k = 0; k <= 20; k++) {
      const tail = chance.reduce((sum, one, j) => sum + ((k >= 7 ? j >= k : j <= k) ? one : 0), 0);
      expect(bernsteinTest(k - 7, 10 * 0.09 + 10 * 0.24)).toBeGreaterThanOrEqual(Math.min(1, 2 * tail));
    }
    expect(bernsteinTest(0, 0)).toBe(1);
    expect(bernsteinTest(400, 10)).toBeLessThan(1e-200);
  });
});

describe('checkStochasticRounding', () => {
  it.each(['int8', 'e2m1fn', 'e4m3fn', 'e5m2', 'bfloat16', 'binary16'])('%s: the right one passes', (to) => {
    const check = checkStochasticRounding(sr(parseFormat(to)), { to, draws: 100 });
    expect(check).toMatchObject({ ok: true, wrong: 0, diagnosis: null, falseAlarm: 1e-6, draws: 100 });
  });

  it('raises false alarms no more often than it was asked to', () => {
    const failed = Array.from({ length: 24 }, (_, seed) =>
      checkStochasticRounding(sr(int8), { to: int8, draws: 32, seed: seed + 1, falseAlarm: 0.5 }),
    ).filter(({ ok }) => !ok);
    expect(failed.length).toBeLessThanOrEqual(16);
  });

  const steps = (x: number): readonly [number, number, number] => around(e2m1fn, x);
  const sick: [string, () => (x: number, u: number) => number, string][] = [
    ['nearest', () => (x) => round(e2m1fn, x), 'tiesToEven'],
    ['truncation', () => (x) => round(e2m1fn, x, { rounding: 'towardZero' }), 'towardZero'],
    ['a coin', () => (x, u) => steps(x)[u < 0.5 ? 0 : 1], 'coin'],
    ['shares turned', () => (x, u) => steps(x)[steps(x)[2] > 0 && u > steps(x)[2] ? 1 : 0], 'turned'],
    [
      'two random bits',
      () => (x, u) => {
        const [low, high, share] = steps(x);
        return Math.floor(4 * u) + Math.floor(4 * share) >= 4 ? high : low;
      },
      '2 bits A from below',
    ],
    [
      'a random number that serves twice',
      () => {
        let [calls, kept] = [0, 0];
        return (x, u) => {
          if (calls++ % 2 === 0) kept = u;
          return sr(e2m1fn)(x, kept);
        };
      },
      'dependent',
    ],
    [
      'a bias of 5 in 100',
      () => (x, u) => {
        const [low, high, share] = steps(x);
        return share > 0 && u < share + 0.05 ? high : low;
      },
      'biasUp',
    ],
    [
      'negative numbers truncated',
      () => (x, u) => (x < 0 ? round(e2m1fn, x, { rounding: 'towardZero' }) : sr(e2m1fn)(x, u)),
      'towardZero for negative numbers',
    ],
  ];

  it.each(sick)('names %s', (_, make, name) => {
    const check = checkStochasticRounding(make(), { to: e2m1fn, draws: 500 });
    expect(check.ok).toBe(false);
    expect(said(check)).toBe(name);
    expect(check.counterexample?.words).toMatch(/%/);
  });

  it('knows how many bits were promised', () => {
    const twoBits = (x: number, u: number): number => {
      const low = round(int8, x, { rounding: 'towardZero' });
      return low + Math.sign(x) * (Math.floor(4 * u) + Math.floor(4 * Math.abs(x - low)) >= 4 ? 1 : 0);
    };
    expect(checkStochasticRounding(twoBits, { to: int8, policy: { stochastic: { bits: 2, variant: 'A' } } }).ok).toBe(
      true,
    );
    expect(said(checkStochasticRounding(twoBits, { to: int8 }))).toBe('2 bits A');
  });

  it('tells answers that are no neighbours, and refuses junk', () => {
    const wild = checkStochasticRounding((x, u) => x + u, { to: int8 });
    expect(wild.counterexample?.kind).toContain('no number of the format');
    expect(() => checkStochasticRounding(() => '1' as never, { to: int8 })).toThrow(/implementation/);
    expect(() => checkStochasticRounding(sr(int8), { to: int8, falseAlarm: 2 })).toThrow(/options.falseAlarm/);
    expect(() => checkStochasticRounding(sr(int8), { to: 'binary64' })).toThrow(/options.to/);
  });
});

describe('a table of a stochastic rounding', () => {
  const draw = (seed: number): (() => number) => {
    const next = draws(seed);
    return () => next(2 ** 32) / 2 ** 32;
  };
  const tableOf = (
    implementation: (x: number, u: number) => number,
    seed: number,
    rows: number,
  ): [Float64Array, Float64Array] => {
    const random = draw(seed);
    const inputs = Float64Array.from({ length: rows }, () => Math.fround((random() - 0.5) * 12));
    return [inputs, inputs.map((x) => implementation(x, random()))];
  };
  const judge = (implementation: (x: number, u: number) => number, seed = 1, rows = 4000, falseAlarm = 1e-6) =>
    checkTable(...tableOf(implementation, seed, rows), { kind: 'stochasticRounding', to: 'e2m1fn', falseAlarm });

  it('is judged though each number stands once', () => {
    expect(judge(sr(e2m1fn))).toMatchObject({ ok: true, falseAlarm: 1e-6, draws: 1, undefinedCases: 0 });
    expect(said(judge((x) => round(e2m1fn, x)))).toBe('tiesToEven');
    expect(said(judge((x, u) => around(e2m1fn, x)[u < 0.5 ? 0 : 1]))).toBe('coin');
    const negatives = judge((x, u) => (x < 0 ? round(e2m1fn, x, { rounding: 'towardZero' }) : sr(e2m1fn)(x, u)));
    expect(said(negatives)).toBe('towardZero for negative numbers');
    const farther = judge((x, u) => (u < 0.001 ? 6 : sr(e2m1fn)(x, u)));
    expect(farther.counterexample?.kind).toContain('farther than the two neighbours');
  });

  it('raises false alarms no more often than it was asked to', () => {
    const alarms = Array.from({ length: 40 }, (_, seed) => judge(sr(e2m1fn), seed + 1, 500, 0.5)).filter(
      ({ ok }) => !ok,
    );
    expect(alarms.length).toBeLessThanOrEqual(26);
  });

  it('counts rows of one number together, reads codes, and leaves out what overflows', () => {
    const random = draw(3);
    const inputs = Array.from({ length: 2000 }, (_, i) => (i === 7 ? 100 : 2.25));
    const codes = inputs.map((x) => encode(e2m1fn, sr(e2m1fn)(x, random() ** 2)));
    const check = checkTable(inputs, codes, { kind: 'stochasticRounding', to: 'e2m1fn', gives: 'codes' });
    expect(check).toMatchObject({ ok: false, cases: 1, undefinedCases: 1, draws: 1999 });
    expect(describeCheck(check)).toContain('what overflows is no matter of chance');
    expect(() => checkTable([100], [6], { kind: 'stochasticRounding', to: 'e2m1fn' })).toThrow(/inputs/);
    expect(() => checkTable([1], [99], { kind: 'stochasticRounding', to: 'e2m1fn', gives: 'codes' })).toThrow(
      /results\[0\]/,
    );
    const policy = { subnormals: 'flushOutputs' } as const;
    expect(() => checkTable([1], [1], { kind: 'stochasticRounding', to: 'e2m1fn', policy })).toThrow(/subnormals/);
  });

  it("knows an integer's lowest number", () => {
    const inputs = Array.from({ length: 100 }, () => -127.5);
    const results = inputs.map((_, i) => (i % 2 === 0 ? -128 : -127));
    expect(checkTable(inputs, results, { kind: 'stochasticRounding', to: 'int8' }).cases).toBe(1);
  });
});
