import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlignedAccumulator, defineAccumulator, Reducer, type Reduction } from '../../src/accumulators/index.ts';
import { Recorder } from '../../src/events/index.ts';
import { bfloat16, binary16, binary32, e4m3fn } from '../../src/formats/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { decode, encode, step } from '../../src/rounding/index.ts';
import { h100, withZeroRule } from '../../src/targets/index.ts';
import { values } from '../../src/testing/index.ts';
import { failure, seeded } from '../testing/helpers.ts';

const output = step(binary32, { rounding: 'towardZero', overflow: 'infinity' });
const plain: AlignedAccumulator = { kind: 'aligned', fractionBits: 4, lost: 'truncate', output };

function fused(change: Partial<AlignedAccumulator>, terms: readonly number[], addend: number | null = null) {
  const recorder = new Recorder(['sum'], 1, 'all', 100);
  recorder.row = 0;
  const reduction: Reduction = { kind: 'sequential', accumulator: { ...plain, ...change } };
  const value = new Reducer(reduction).sum(Float64Array.from(terms), null, terms.length, recorder, addend);
  recorder.endRow(true);
  return { value, kinds: recorder.allEvents().events.map(({ kind }) => kind) };
}

describe('an aligned sum', () => {
  it('cuts every term at F bits below the largest exponent', () => {
    expect(fused({}, [1, 0.09375, 0.09375])).toEqual({ value: 1.125, kinds: ['inexact'] });
    expect(fused({ lost: 'floor' }, [1, -0.09375])).toEqual({ value: 0.875, kinds: ['inexact'] });
    expect(fused({}, [1, -0.09375])).toEqual({ value: 0.9375, kinds: ['inexact'] });
    expect(fused({ lost: 'odd' }, [1, 0.15625])).toEqual({ value: 1.1875, kinds: ['inexact'] });
    expect(fused({}, [1, 0.0625])).toEqual({ value: 1.0625, kinds: [] });
  });

  it('absorbs terms that lie wholly below the last bit; jamming keeps a trace', () => {
    expect(fused({}, [1, 0.03125]).kinds).toEqual(['inexact', 'absorption']);
    expect(fused({ lost: 'odd' }, [1, 0.03125])).toEqual({ value: 1.0625, kinds: ['inexact'] });
    expect(fused({}, [0.03125], 1)).toEqual({ value: 1, kinds: ['inexact', 'absorption'] });
    expect(fused({}, [1], 0.03125)).toEqual({ value: 1, kinds: ['inexact', 'absorption'] });
  });

  it('goes to infinity beyond the range, though it cuts toward zero; zero is +0', () => {
    expect(fused({}, [2 ** 127, 2 ** 127])).toEqual({ value: Infinity, kinds: ['inexact', 'overflow'] });
    expect(fused({}, [-0, -0], -0).value).toBe(0);
    expect(fused({}, [-(2 ** -150)])).toEqual({ value: 0, kinds: ['inexact', 'underflow'] });
  });

  it('treats specials as IEEE 754 does', () => {
    expect(fused({}, [Infinity, 1])).toEqual({ value: Infinity, kinds: [] });
    expect(fused({}, [Infinity, -Infinity])).toEqual({ value: Number.NaN, kinds: ['invalid'] });
    expect(fused({}, [Number.NaN, Infinity], -Infinity)).toEqual({ value: Number.NaN, kinds: [] });
  });

  it('does not depend on the order within a block', () => {
    const terms = fc.array(values(e4m3fn), { minLength: 1, maxLength: 16 });
    const lost = fc.constantFrom('truncate' as const, 'floor' as const, 'odd' as const);
    fc.assert(
      fc.property(terms, lost, fc.nat(15), (given, how, by) => {
        const turned = [...given.slice(by % given.length), ...given.slice(0, by % given.length)].reverse();
        expect(fused({ lost: how }, turned)).toEqual(fused({ lost: how }, given));
      }),
      seeded(500),
    );
  });

  it('is refused where it would not be exact', () => {
    const make = (change: object) =>
      failure(() => defineAccumulator({ ...plain, output: { format: 'binary32' }, ...change }));
    expect(make({})).toBe('no error');
    expect(make({ fractionBits: 49 })).toBe('range accumulator.fractionBits');
    expect(make({ lanes: 2 })).toBe('unsupported accumulator.lanes');
    expect(make({ zeroRule: 'mine' })).toBe('name accumulator.zeroRule');
    expect(make({ addend: { sumBits: 31, addendBits: 24, lost: 'odd' } })).toBe('name accumulator.addend.lost');
    expect(make({ fractionbits: 4 })).toBe('name accumulator.fractionbits');
    expect(failure(() => fused({ fractionBits: 48 }, new Array<number>(8).fill(1)))).toBe('range reduction.size');
  });
});

describe('where the published models disagree about zeros', () => {
  const bits = (format: typeof bfloat16, codes: number[]): number[] => codes.map((code) => decode(format, code));
  const code = (format: typeof binary32, x: number | undefined): string =>
    encode(format, x as number)
      .toString(16)
      .padStart(format.bits / 4, '0');
  const both = (a: number[], b: number[], c: number, unit: string): string[] =>
    (['mmasim', 'km'] as const).map((rule) => {
      const { output: d } = dot(a, b, { rows: 1, width: a.length, target: withZeroRule(h100, rule), unit, c: [c] });
      return code(unit === 'f16F16' ? binary16 : binary32, d[0]);
    });

  it('a zero times a large number (bf16)', () => {
    const a = bits(bfloat16, [0x0000, 0x3f80]);
    const b = bits(bfloat16, [0x7f00, 0x3280]);
    expect(both(a, b, decode(binary32, 0x30800000), 'bf16')).toEqual(['00000000', '32880000']);
  });

  it('tiny products and an addend of zero (bf16)', () => {
    const a = bits(bfloat16, new Array<number>(16).fill(0x19c0));
    const b = bits(bfloat16, new Array<number>(16).fill(0x1980));
    expect(both(a, b, 0, 'bf16')).toEqual(['00000000', '00000003']);
  });

  it('a product below the clamp of a binary16 result', () => {
    const a = bits(binary16, [0x0800, 0x0001]);
    const b = bits(binary16, [0x0c00, 0x0001]);
    expect(both(a, b, 0, 'f16F16')).toEqual(['0001', '0000']);
  });
});
