import { describe, expect, it } from 'vitest';
import { defineInteger, type IntegerParameters } from '../../src/formats/index.ts';
import { failure } from '../testing/helpers.ts';

describe('defineInteger', () => {
  it('goes from 2 to 53 bits', () => {
    expect(defineInteger({ bits: 53 })).toMatchObject({ min: -(2 ** 52), max: 2 ** 52 - 1, codes: 2 ** 53 });
    expect(defineInteger({ bits: 53, signed: false }).max).toBe(2 ** 53 - 1);
    expect(defineInteger({ bits: 4, fractionBits: 2 })).toMatchObject({ min: -2, max: 1.75 });
  });

  const bad: [given: unknown, expected: string][] = [
    [null, 'type parameters'],
    [{ bits: 1 }, 'range bits'],
    [{ bits: 54 }, 'range bits'],
    [{ bits: Number.NaN }, 'range bits'],
    [{ bits: 8n }, 'type bits'],
    [{ bits: 8, signed: 'no' }, 'type signed'],
    [{ bits: 8, fractionBits: -1 }, 'range fractionBits'],
    [{ bits: 8, fraction: 1 }, 'name parameters.fraction'],
  ];
  it.each(bad)('refuses %o', (given, expected) => {
    expect(failure(() => defineInteger(given as IntegerParameters))).toBe(expected);
  });
});
