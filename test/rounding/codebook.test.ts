import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Codebook,
  codebookCatalogue,
  codebookTies,
  defineCodebook,
  hifloat8,
  iq4nl,
  nf4,
} from '../../src/formats/index.ts';
import { decodeCodebook, encodeCodebook, explainCodebook } from '../../src/rounding/index.ts';
import { nearestOf } from '../../src/testing/oracle/codebook.ts';
import { exactly } from '../../src/testing/oracle/exact.ts';
import { failure } from '../quantization/helpers.ts';

/** Values of a few bits in any order of codes, zeros of both signs among them. */
const codebooks: fc.Arbitrary<Codebook> = fc
  .record({
    values: fc.uniqueArray(
      fc.tuple(fc.integer({ min: -255, max: 255 }), fc.integer({ min: -9, max: 9 })).map(([n, e]) => n * 2 ** e),
      { minLength: 2, maxLength: 20, selector: (x) => (Object.is(x, -0) ? 'minus' : x) },
    ),
    ties: fc.constantFrom(...codebookTies),
  })
  .map((parameters) => defineCodebook({ name: 'any', ...parameters }));

/** Thresholds, values, what lies beside them, and numbers beyond. */
function points({ values, thresholds }: Codebook): number[] {
  const about = [...values, ...thresholds].filter(Number.isFinite);
  const beside = about.flatMap((x) => [x, x * (1 + 2 ** -52), x * (1 - 2 ** -53), x + 5e-324]);
  return [...beside, 0, -0, 1e300, -1e300, 5e-324, -5e-324];
}

/** What the oracle gives, which clips. */
function check(codebook: Codebook, x: number): void {
  const code = encodeCodebook(codebook, x, { overflow: 'saturate' });
  expect(codebook.values[code], `${x}`).toBe(nearestOf(codebook, exactly(x)).value);
}

describe('numbers in a codebook', () => {
  it('become the value that exact arithmetic finds, in any codebook', () => {
    fc.assert(
      fc.property(
        codebooks,
        fc.array(fc.double({ noNaN: true, min: -200, max: 200 }), { maxLength: 8 }),
        (codebook, more) => {
          for (const x of [...points(codebook), ...more]) check(codebook, x);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each(Object.values(codebookCatalogue))(
    '$name: around everything that decides, and every value by its code',
    (codebook) => {
      for (const x of points(codebook)) check(codebook, x);
      codebook.values.forEach((value, code) => {
        expect(decodeCodebook(codebook, code)).toBe(value);
        expect(encodeCodebook(codebook, value)).toBe(code);
      });
    },
  );

  it('HiFloat8 to nearest, ties away, as its paper’s conversion has it', () => {
    const value = (x: number) => decodeCodebook(hifloat8, encodeCodebook(hifloat8, x));
    expect([1.0625, -1.0625, 1.25 * 2 ** 15, 1.2499 * 2 ** 15, -41_000].map(value)).toEqual([
      1.125,
      -1.125,
      Infinity,
      2 ** 15,
      -Infinity,
    ]);
    expect([2 ** -23, 2 ** -23 * (1 - 2 ** -53), -(2 ** -24), 1.5 * 2 ** -22].map(value)).toEqual([
      2 ** -22,
      0,
      0,
      2 ** -21,
    ]);
    expect([encodeCodebook(hifloat8, Number.NaN), encodeCodebook(hifloat8, 1e9, { overflow: 'saturate' })]).toEqual([
      0x80, 0x6e,
    ]);
  });

  it('takes decimals whole: 17 digits beside a threshold', () => {
    const threshold = nf4.thresholds[14] as number;
    expect(explainCodebook(nf4, threshold)).toMatchObject({ code: 14, isTie: true });
    expect(explainCodebook(nf4, '0.86147838830947875976562500000000000000000001')).toMatchObject({
      code: 15,
      isTie: false,
    });
    expect(explainCodebook(iq4nl, '6.99999999999999999999')).toMatchObject({ code: 8, isTie: false });
    expect(explainCodebook(iq4nl, 200)).toMatchObject({
      code: 15,
      above: null,
      to: null,
      below: { value: 89, code: 14 },
    });
    expect(explainCodebook(hifloat8, Number.NaN)).toMatchObject({ code: 0x80, below: null, above: null, from: null });
  });

  it('refuses NaN where there is none, codes that there are not, and other formats', () => {
    expect(failure(() => encodeCodebook(nf4, Number.NaN))).toBe('value x');
    expect(failure(() => explainCodebook(nf4, 'NaN'))).toBe('value x');
    expect(failure(() => decodeCodebook(nf4, 16))).toBe('range code');
    expect(failure(() => encodeCodebook({ kind: 'float' } as unknown as Codebook, 1))).toBe('type codebook');
  });
});
