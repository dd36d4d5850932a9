/** How a check calls, compares, counts and tells. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { bfloat16, binary16, e4m3fn, parseFormat } from '../../../src/formats/index.ts';
import { encode, encodeBinary64, round } from '../../../src/rounding/index.ts';
import { type Check, checkRounding, describeCheck } from '../../../src/testing/check/index.ts';
import { failure } from '../helpers.ts';

const e4m3 = (x: number): number => round(e4m3fn, x);

describe('checkRounding', () => {
  it('tries every code of a small source', () => {
    const check = checkRounding(e4m3, { from: 'binary16', to: 'e4m3fn' });
    expect(check).toMatchObject({ ok: true, cases: 65536, exhaustive: true, wrong: 0, counterexample: null });
    expect(Object.values(check.classes).reduce((sum, { tried }) => sum + tried, 0)).toBe(65536);
    expect(check.classes.tie?.tried).toBeGreaterThan(100);
  });

  it('calls with numbers or codes, one or many, now or later', async () => {
    const from = 'binary64';
    const codes = { from, to: 'e4m3fn', gives: 'codes', runs: 500 } as const;
    expect(checkRounding((x: number) => encode(e4m3fn, x), codes).ok).toBe(true);
    const word = new Float64Array(1);
    const bits = new BigUint64Array(word.buffer);
    const ofBits = (code: bigint): number => {
      bits[0] = code;
      return encode(e4m3fn, word[0]!);
    };
    expect(checkRounding(ofBits, { ...codes, takes: 'codes' }).ok).toBe(true);
    const many = (xs: Float64Array): Uint8Array => Uint8Array.from(xs, (x) => encode(e4m3fn, x));
    expect(checkRounding(many, { ...codes, batch: true }).ok).toBe(true);
    const kinds = new Set<string>();
    const inArrays = (xs: ArrayLike<number>): number[] => {
      kinds.add(xs.constructor.name);
      return Array.from(xs, (x) => round(e4m3fn, x));
    };
    expect(checkRounding(inArrays, { from: 'binary32', to: 'e4m3fn', batch: true }).ok).toBe(true);
    expect([...kinds]).toEqual(['Float32Array']);
    const later = await checkRounding(async (x: number) => (x === 1 ? 2 : e4m3(x)), { from, to: 'e4m3fn', runs: 500 });
    expect(later).toMatchObject({ ok: false, counterexample: { inputs: [1], got: { value: 2 } } });
    const manyLater = checkRounding(async (xs: Float64Array) => many(xs), { ...codes, batch: true });
    expect((await manyLater).ok).toBe(true);
  });

  it('has the type of what it is given', () => {
    expectTypeOf(checkRounding((x: number) => x, { to: 'int8' })).toEqualTypeOf<Check>();
    expectTypeOf(() => checkRounding(async (x: number) => x, { to: 'int8' })).returns.toEqualTypeOf<Promise<Check>>();
    expectTypeOf(() =>
      checkRounding((codes: Uint8Array) => codes, { to: 'int8', batch: true }),
    ).returns.toEqualTypeOf<Check>();
  });

  it('takes what is no result as a wrong one', () => {
    const throwing = checkRounding(
      (x: number) => {
        if (x === 3) throw new RangeError('no three');
        return e4m3(x);
      },
      { from: 'binary16', to: 'e4m3fn' },
    );
    expect(throwing).toMatchObject({ wrong: 1, counterexample: { got: null, kind: 'exact: throws' } });
    expect(throwing.counterexample?.words).toContain('throws RangeError: no three');
    const nothing = checkRounding(() => undefined, { from: 'e4m3fn', to: 'e5m2' });
    expect(nothing.wrong).toBe(nothing.cases);
    expect(nothing.diagnosis?.behaviours[0]?.name).toBe('gives no number all');
    const tooWide = checkRounding(() => 256, { from: 'e4m3fn', to: 'e5m2', gives: 'codes' });
    expect(tooWide.counterexample?.words).toContain('256, which is no code of e5m2: it has 8 bits');
    expect(failure(() => checkRounding(() => [1], { to: 'int8', batch: true }))).toBe('shape implementation');
  });

  it('compares NaNs and zeros as asked', () => {
    const options = { from: 'binary32', to: 'bfloat16', takes: 'codes', gives: 'codes' } as const;
    const word = new DataView(new ArrayBuffer(4));
    const quiet = (bits: number): number => {
      word.setUint32(0, bits);
      return encode(bfloat16, word.getFloat32(0));
    };
    expect(checkRounding(quiet, options).ok).toBe(true);
    const strict = checkRounding(quiet, { ...options, profile: 'mlDtypes', strictNaN: true });
    expect(Object.keys(strict.classes).filter((name) => strict.classes[name]!.wrong > 0)).toEqual(
      strict.ok ? [] : ['NaN'],
    );
    const unsigned = (x: number): number => e4m3(x) + 0;
    const signs = checkRounding(unsigned, { from: 'binary16', to: 'e4m3fn', runs: 2000 });
    expect(signs.diagnosis?.behaviours[0]?.name).toBe('unsignedZero');
    expect(checkRounding(unsigned, { from: 'binary16', to: 'e4m3fn', signedZeros: false, runs: 2000 }).ok).toBe(true);
  });

  it('counts apart what the policy does not define', () => {
    const check = checkRounding((x: number) => (x === x ? round(parseFormat('int8'), x) : 0), {
      from: 'e5m2',
      to: 'int8',
    });
    expect(check).toMatchObject({ ok: true, undefinedCases: 6, cases: 250 });
  });

  it('composes behaviours in pairs and says what they leave', () => {
    const both = (x: number): number => {
      const r = round(e4m3fn, x, { rounding: 'tiesToAway', overflow: 'saturate' });
      return x === 5 ? 4 : r;
    };
    const check = checkRounding(both, { from: 'binary32', to: 'e4m3fn', runs: 2000 });
    expect(check.diagnosis?.behaviours.map(({ name }) => name).sort()).toEqual(['saturate', 'tiesToAway']);
    expect(check.diagnosis).toMatchObject({
      explained: check.wrong - 1,
      differing: check.wrong,
      contradicted: 0,
      verdict: 'most',
    });
    expect(check.diagnosis?.unexplained[0]?.inputs).toEqual([5]);
    expect(check.diagnosis?.sentence).toMatch(
      /explains \d+ of \d+ wrong answers; the other \d: 5 is a number of e4m3fn/,
    );
  });

  it('lists differences of distinct kinds, the simplest of each', () => {
    const check = checkRounding((x: number) => round(e4m3fn, x, { rounding: 'towardZero', overflow: 'saturate' }), {
      from: 'binary32',
      to: 'e4m3fn',
      runs: 2000,
    });
    const kinds = check.differences.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds).toContain('tie: one step too small');
    expect(check.differences.reduce((sum, { count }) => sum + count, 0)).toBe(check.wrong);
  });

  it('says what a source cannot show, and which one can', () => {
    const double = (x: number): number => e4m3(Math.fround(x));
    const blind = checkRounding(double, { from: 'binary32', to: 'e4m3fn', runs: 2000 });
    expect(blind.ok).toBe(true);
    expect(blind.unseen).toContainEqual({
      name: 'via binary32',
      text: 'rounds twice, first to binary32',
      from: 'binary64',
    });
    expect(describeCheck(blind)).toContain('not to be seen here, but from binary64: ');
    const seen = checkRounding(double, { from: 'binary64', to: 'e4m3fn', runs: 2000 });
    expect(seen.diagnosis?.behaviours[0]?.name).toBe('via binary32');
  });

  it('is the same for the same seed', () => {
    const wrong = (x: number): number => round(binary16, x, { rounding: 'tiesToAway' });
    const check = (seed: number) => checkRounding(wrong, { to: 'binary16', runs: 1000, seed });
    expect(check(5)).toEqual(check(5));
    expect(check(5).classes).not.toEqual(check(6).classes);
  });

  it('refuses bad input', () => {
    expect(failure(() => checkRounding(3 as never, { to: 'int8' }))).toBe('type implementation');
    expect(failure(() => checkRounding(e4m3, { to: 'e4m4' }))).toBe('name format');
    expect(failure(() => checkRounding(e4m3, { to: 'int8', form: 'binary16' } as never))).toBe('name options.form');
    expect(failure(() => checkRounding(e4m3, { to: 'int8', runs: 0 }))).toBe('range options.runs');
    expect(failure(() => checkRounding(e4m3, { to: 'int8', takes: 'bits' } as never))).toBe('name options.takes');
    const stochastic = { rounding: 'stochastic' } as const;
    expect(failure(() => checkRounding(e4m3, { to: 'e4m3fn', policy: stochastic }))).toBe(
      'unsupported options.policy.rounding',
    );
  });

  it('checks decoders of binary64 results', () => {
    const check = checkRounding((code: number) => encodeBinary64(round(e4m3fn, code > 127 ? -0 : 0)), {
      from: 'e4m3fn',
      to: 'binary64',
      takes: 'codes',
      gives: 'codes',
    });
    expect(check.wrong).toBe(254);
  });
});
