import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary64, defineFloat, e2m1fn, e4m3fn, e5m2, int4, int32, tf32, uint16 } from '../../src/formats/index.ts';
import { cast, castCodes } from '../../src/kernels/index.ts';
import { decode, encode } from '../../src/rounding/index.ts';
import { reals, roundings } from '../../src/testing/arbitraries/index.ts';
import { oracleEncode } from '../../src/testing/oracle/codes.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';

/** Codes as one string of bits a row, the lowest bit first, cut into bytes. */
function packedByHand(codes: readonly number[], width: number, bits: number): number[] {
  const bytes: number[] = [];
  for (let start = 0; start < codes.length; start += width) {
    const row = codes.slice(start, start + width).map((code) => [...code.toString(2).padStart(bits, '0')].reverse());
    const line = row.flat().join('');
    for (let i = 0; i < line.length; i += 8) {
      bytes.push(Number.parseInt([...line.slice(i, i + 8).padEnd(8, '0')].reverse().join(''), 2));
    }
  }
  return bytes;
}

const cases = roundings({ maxBits: 32 }).chain((rounding) =>
  fc.record({
    rounding: fc.constant(rounding),
    rows: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 9 }),
    numbers: fc.array(reals(rounding.format), { minLength: 27, maxLength: 27 }),
  }),
);

describe('castCodes', () => {
  it("gives the oracle's codes of the oracle's roundings, packed as a string of bits, with the report of cast", () => {
    fc.assert(
      fc.property(cases, ({ rounding: { format, policy }, rows, width, numbers }) => {
        const x = numbers.slice(0, rows * width);
        const wanted = outcome(() =>
          x.map((number) => oracleEncode(format, oracleRound(format, policy, number).value, number < 0)),
        );
        const options = { format, policy, rows, width, record: 'all' } as const;
        const found = outcome(() => castCodes(x, options));
        if (wanted === 'refused' || found === 'refused') {
          expect(found).toEqual(wanted);
          return;
        }
        expect([...found.codes]).toEqual(wanted);
        expect(found.codes.BYTES_PER_ELEMENT).toBe(format.bits <= 8 ? 1 : format.bits <= 16 ? 2 : 4);
        const { report } = cast(x, options);
        const configuration = { ...report.configuration, packed: false };
        expect(found.report).toEqual({ ...report, kernel: 'castCodes', configuration });
        if (format.bits > 16) return;
        const { codes } = castCodes(x, { ...options, packed: true });
        expect([...codes]).toEqual(packedByHand(wanted, width, format.bits));
      }),
      seeded(1000),
    );
  });

  it('is undone by decode, up to what cast gives', () => {
    fc.assert(
      fc.property(cases, ({ rounding: { format, policy }, rows, width, numbers }) => {
        const x = numbers.slice(0, rows * width);
        const values = outcome(() => cast(x, { format, policy, rows, width }).output);
        const found = outcome(() => castCodes(x, { format, policy, rows, width }).codes);
        if (values === 'refused' || found === 'refused') {
          expect(found).toEqual(values);
          return;
        }
        expect(Array.from(found, (code) => decode(format, code))).toEqual([...values]);
      }),
      seeded(500),
    );
  });

  it('writes NaN as encode does: with the sign of the number that overflowed, or without', () => {
    const x = [-465, 465, Number.NaN, -Infinity, -0, 0];
    expect([...castCodes(x, { format: e4m3fn }).codes]).toEqual([255, 127, 127, 255, 128, 0]);
    expect([...castCodes(x, { format: e4m3fn }).codes]).toEqual(x.map((number) => encode(e4m3fn, number)));
    expect([...castCodes([-Infinity, Number.NaN], { format: e5m2 }).codes]).toEqual([0xfc, 0x7e]);
  });

  it('knows integers, and their two complements', () => {
    expect([...castCodes([-8, -1, 7, 3], { format: int4 }).codes]).toEqual([8, 15, 7, 3]);
    expect([...castCodes([-8, -1, 7], { format: int4, packed: true }).codes]).toEqual([0xf8, 0x07]);
    expect(castCodes([-1], { format: int32 }).codes).toEqual(Uint32Array.of(2 ** 32 - 1));
    expect(castCodes([65_535], { format: uint16 }).codes).toEqual(Uint16Array.of(65_535));
  });

  it('fills an array of the right type', () => {
    const out = new Uint8Array(2);
    expect(castCodes([1, 2, 3], { format: e2m1fn, packed: true, out }).codes).toBe(out);
    expect([...out]).toEqual([0x42, 0x05]);
    expect(castCodes([], { format: e2m1fn, packed: true }).codes).toHaveLength(0);
    expect(castCodes([], { format: e2m1fn, packed: true, rows: 3 }).codes).toHaveLength(0);
  });

  it('knows the room and the error of the values', () => {
    const x = [1.06, 300, 1e-3];
    const { headroom, footroom, flushed, error } = cast(x, { format: e4m3fn, reference: true }).report;
    const { report } = castCodes(x, { format: e4m3fn, packed: true, reference: true });
    expect(report).toMatchObject({ headroom, footroom, flushed, error });
    expect(error?.maxUlp).toBeGreaterThan(0);
  });

  const bad: [x: unknown, change: object, expected: string][] = [
    [undefined, {}, 'type x'],
    [[1, 2, 3], { rows: 2 }, 'shape x'],
    [[1], { packed: 1 }, 'type options.packed'],
    [[1], { format: binary64 }, 'unsupported options.format'],
    [[1], { format: defineFloat({ exponentBits: 8, mantissaBits: 24 }) }, 'unsupported options.format'],
    [[1], { format: tf32, packed: true }, 'unsupported options.format'],
    [[1], { format: 'e4m3fm' }, 'name options.format'],
    [[1], { out: new Uint16Array(1) }, 'type options.out'],
    [[1], { out: null }, 'type options.out'],
    [[1], { out: new Float64Array(1) }, 'type options.out'],
    [[1], { out: new Uint8Array(2) }, 'shape options.out'],
    [[1], { saturate: true }, 'name options.saturate'],
    [[Number.NaN], { format: e2m1fn }, 'value x'],
  ];
  it.each(bad)('of %o with %o: %s', (x, change, expected) => {
    expect(failure(() => castCodes(x as never, { format: e4m3fn, ...change } as never))).toBe(expected);
  });

  it('refuses to run without options', () => {
    expect(failure(() => castCodes([1], undefined as never))).toBe('type options.format');
  });
});
