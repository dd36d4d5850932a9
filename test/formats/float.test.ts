import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary64, defineFloat, type FloatParameters } from '../../src/formats/index.ts';
import { formats } from '../../src/testing/arbitraries/index.ts';
import { oracleLimits } from '../../src/testing/oracle/codes.ts';
import { failure, seeded } from '../testing/helpers.ts';

describe('defineFloat', () => {
  it('derives the limits that the oracle finds', () => {
    fc.assert(
      fc.property(formats({ kind: 'float', maxBits: 53 }), (format) => {
        const { max, minNormal, smallest } = oracleLimits(format);
        expect([format.max, format.minNormal, format.minSubnormal ?? format.minNormal]).toEqual([
          max,
          minNormal,
          smallest,
        ]);
      }),
      seeded(1000),
    );
  });

  it('defaults to IEEE 754', () => {
    const format = defineFloat({ exponentBits: 5, mantissaBits: 4 });
    expect(format).toMatchObject({
      bias: 15,
      infinities: 'ieee',
      nan: 'ieee',
      lowest: 'subnormal',
      negativeZero: true,
    });
    expect(defineFloat({ exponentBits: 4, mantissaBits: 3, infinities: 'none' }).nan).toBe('none');
    expect(Object.isFrozen(format)).toBe(true);
  });

  it('has −0 only where a code is left for it', () => {
    const base = { exponentBits: 4, mantissaBits: 3, infinities: 'none' } as const;
    expect(defineFloat({ ...base, nan: 'negativeZero' }).negativeZero).toBe(false);
    expect(defineFloat({ ...base, signed: false }).negativeZero).toBe(false);
    expect(defineFloat({ ...base, lowest: 'normal' }).negativeZero).toBe(false);
    expect(defineFloat({ ...base, lowest: 'normalButZero' }).negativeZero).toBe(true);
  });

  it('goes to 53 bits', () => {
    expect(defineFloat({ exponentBits: 1, mantissaBits: 51, bias: 1, infinities: 'none' }).max).toBe(2 - 2 ** -51);
    expect(defineFloat({ exponentBits: 9, mantissaBits: 43 }).emax).toBe(255);
  });

  it('gives binary64 itself for its parameters, and nothing else so large', () => {
    expect(defineFloat({ exponentBits: 11, mantissaBits: 52 })).toBe(binary64);
    const { exponentBits, mantissaBits, bias, signed, infinities, nan, lowest } = binary64;
    expect(defineFloat({ exponentBits, mantissaBits, bias, signed, infinities, nan, lowest })).toBe(binary64);
    const { max, minNormal, smallest } = oracleLimits(binary64);
    expect([binary64.max, binary64.minNormal, binary64.minSubnormal]).toEqual([max, minNormal, smallest]);
    // What follows from the parameters, by the formulas of every other format.
    expect([binary64.emin, binary64.emax, binary64.codes]).toEqual([1 - bias, 2046 - bias, 2 ** (12 + mantissaBits)]);
  });

  const bad: [given: unknown, expected: string][] = [
    [undefined, 'type parameters'],
    [{}, 'type exponentBits'],
    [{ exponentBits: '5', mantissaBits: 2 }, 'type exponentBits'],
    [{ exponentBits: 5.5, mantissaBits: 2 }, 'range exponentBits'],
    [{ exponentBits: Number.NaN, mantissaBits: 2 }, 'range exponentBits'],
    [{ exponentBits: 0, mantissaBits: 2 }, 'range exponentBits'],
    [{ exponentBits: 5, mantissaBits: -1 }, 'range mantissaBits'],
    [{ exponentBits: 5, mantissaBits: 52 }, 'range mantissaBits'],
    [{ exponentBits: 5, mantissaBits: 2, bias: Infinity }, 'range bias'],
    [{ exponentBits: 5, mantissaBits: 2, signed: 1 }, 'type signed'],
    [{ exponentBits: 5, mantissaBits: 2, infinity: 'none' }, 'name parameters.infinity'],
    [{ exponentBits: 5, mantissaBits: 2, infinities: 'some' }, 'name infinities'],
    [{ exponentBits: 5, mantissaBits: 2, infinities: 'ieee', nan: 'none' }, 'unsupported nan'],
    [{ exponentBits: 5, mantissaBits: 2, infinities: 'none', nan: 'ieee' }, 'unsupported nan'],
    [{ exponentBits: 5, mantissaBits: 0 }, 'unsupported nan'],
    [{ exponentBits: 5, mantissaBits: 2, infinities: 'none', nan: 'negativeZero', signed: false }, 'unsupported nan'],
    [
      { exponentBits: 5, mantissaBits: 2, infinities: 'none', nan: 'negativeZero', lowest: 'normal' },
      'unsupported lowest',
    ],
    [{ exponentBits: 5, mantissaBits: 2, lowest: 'flat' }, 'name lowest'],
    [{ exponentBits: 9, mantissaBits: 44 }, 'range bits'],
    [{ exponentBits: 1, mantissaBits: 0, infinities: 'none', signed: false }, 'range bits'],
    [{ exponentBits: 1, mantissaBits: 3 }, 'range exponentBits'],
    [{ exponentBits: 11, mantissaBits: 41 }, 'range bias'],
    [{ exponentBits: 11, mantissaBits: 52, bias: 1022 }, 'range mantissaBits'],
    [{ exponentBits: 11, mantissaBits: 52, lowest: 'normal' }, 'range mantissaBits'],
    [{ exponentBits: 8, mantissaBits: 2, bias: 400 }, 'range bias'],
    [{ exponentBits: 8, mantissaBits: 2, bias: -300 }, 'range bias'],
  ];
  it.each(bad)('refuses %j', (given, expected) => {
    expect(failure(() => defineFloat(given as FloatParameters))).toBe(expected);
  });
});
