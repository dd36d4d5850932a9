import { describe, expect, it } from 'vitest';
import { quantizeMultiplier, type Requantization, requantize } from '../../../src/arithmetic/index.ts';
import { requantizationSetup } from '../../../src/testing/check/checkRequantization.ts';
import { type Check, checkRequantization } from '../../../src/testing/check/index.ts';
import { draws } from '../../../src/testing/conformance/sample.ts';
import { requantizeWith } from '../../../src/testing/diagnosis/requantizations.ts';

const clamp = (y: number): number => Math.max(-100, Math.min(127, y));
const said = (check: Check): string => check.diagnosis?.behaviours.map(({ name }) => name).join('+') ?? 'nothing';
const pipeline = (scale: number, kind: 'doubleRounding' | 'singleRounding' = 'doubleRounding'): Requantization => ({
  scale: { kind, ...quantizeMultiplier(scale) },
  inputZeroPoint: 4,
  outputZeroPoint: -10,
  low: -100,
  high: 127,
});
const product = (x: number, { scale }: Requantization): bigint => BigInt(x - 4) * BigInt(scale.multiplier);

describe('checkRequantization', () => {
  it('states every pipeline once more, and both statements agree', () => {
    const next = draws(3);
    for (const kind of ['doubleRounding', 'singleRounding', 'reduced16', 'tosa32', 'tosa16'] as const) {
      for (let i = 0; i < 400; i++) {
        const { multiplier, shift } = quantizeMultiplier((1 + next(1000)) * 2 ** (next(12) - 14));
        const scale =
          kind === 'tosa16'
            ? { kind, multiplier: next(2 ** 15), shift: 2 + next(40) }
            : kind === 'tosa32'
              ? { kind, multiplier, shift: 31 - shift, doubleRound: next(2) === 0 }
              : { kind, multiplier, shift };
        const one = { scale, inputZeroPoint: next(9) - 4, outputZeroPoint: next(9) - 4, low: -128, high: 127 };
        const x = Math.round((next(2 ** 20) / 2 ** 19 - 1) * 2 ** next(30));
        let expected: number;
        try {
          expected = requantize(one, x).value;
        } catch {
          continue;
        }
        expect(requantizeWith(requantizationSetup(one), x), JSON.stringify({ one, x })).toBe(expected);
      }
    }
  });

  it.each(['doubleRounding', 'singleRounding'] as const)('finds nothing wrong in a right one: %s', (kind) => {
    const requantization = pipeline(0.0123, kind);
    const check = checkRequantization((x: number) => requantize(requantization, x).value, {
      requantization,
      runs: 3000,
    });
    expect(check).toMatchObject({ ok: true, wrong: 0, cases: 3000 });
    const batch = (xs: Float64Array): number[] => Array.from(xs, (x) => requantize(requantization, x).value);
    expect(checkRequantization(batch, { requantization, batch: true, runs: 500 }).ok).toBe(true);
  });

  const half = pipeline(0.25);
  const small = pipeline(0.0003);
  const sick: [string, Requantization, (x: number) => number, string][] = [
    ['once for twice', half, (x) => clamp(Number((product(x, half) + 2n ** 31n) >> 32n) - 10), 'roundsOnce'],
    ['no rounding', half, (x) => clamp(Number(product(x, half) >> 32n) - 10), 'once floor'],
    ['a number for the scale', small, (x) => clamp(Math.round((x - 4) * 0.0003) - 10), 'binary64 up'],
    ['no output zero point', small, (x) => requantize({ ...small, outputZeroPoint: 0 }, x).value, 'noOutputZeroPoint'],
    [
      'input zero point added',
      small,
      (x) => requantize({ ...small, inputZeroPoint: -4 }, Math.min(x, 2 ** 31 - 5)).value,
      'addsInputZeroPoint',
    ],
    ['activation left out', small, (x) => requantize({ ...small, low: -128 }, x).value, 'clampsAtType'],
    [
      'clamped before the zero point',
      small,
      (x) => clamp(requantize({ ...small, outputZeroPoint: 0 }, x).value) - 10,
      'zeroPointLast',
    ],
    [
      '32-bit product',
      half,
      (x) => clamp((Math.imul(x - 4, half.scale.multiplier) >> 31) - 10),
      'productInt32+last floor',
    ],
  ];

  it.each(sick)('names %s', (name, requantization, implementation, expected) => {
    const check = checkRequantization(implementation, { requantization, runs: 3000 });
    expect(check.ok).toBe(false);
    if (name === '32-bit product') expect(said(check)).toContain('productInt32');
    else expect([said(check), ...(check.diagnosis?.alternatives ?? [])]).toContain(expected);
    expect(check.diagnosis?.explained).toBe(check.wrong);
    expect(check.counterexample?.inputs).toHaveLength(1);
  });

  it('does not ask what a pipeline leaves undefined, and refuses junk', () => {
    const requantization = pipeline(900);
    const asked: number[] = [];
    checkRequantization((x: number) => asked.push(x), { requantization, runs: 500 });
    // 900 is a left shift by ten.
    expect(asked.every((x) => Math.abs((x - 4) * 2 ** 10) <= 2 ** 31)).toBe(true);
    expect(() => checkRequantization(() => 0, {} as never)).toThrow(/options.requantization/);
    expect(() => checkRequantization(() => 0, { requantization: { scale: 1 } as never })).toThrow(/requantization/);
  });
});
