import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlignedAccumulator,
  defineAccumulator,
  defineReduction,
  type Reduction,
} from '../../src/accumulators/index.ts';
import { Reducer } from '../../src/accumulators/reducer.ts';
import { Recorder } from '../../src/events/recorder.ts';
import {
  bfloat16,
  binary16,
  binary32,
  e4m3fn,
  e5m2,
  e5m2fnuz,
  type FloatFormat,
  type Format,
} from '../../src/formats/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { decode, encode, roundTo } from '../../src/rounding/index.ts';
import {
  ada,
  b200,
  h100,
  type Model,
  mi300,
  rtxBlackwell,
  type Target,
  t4,
  targets,
  v100,
  withModel,
} from '../../src/targets/index.ts';
import { values } from '../../src/testing/arbitraries/index.ts';
import { altered } from '../targets/vectors/made.ts';
import { failure, seeded } from '../testing/helpers.ts';

const output = roundTo(binary32, { rounding: 'towardZero', overflow: 'infinity' });
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

  it('absorbs terms of which nothing is kept; a jammed bit and a floored unit are something', () => {
    expect(fused({}, [1, 0.03125]).kinds).toEqual(['absorption', 'inexact']);
    expect(fused({}, [1, 0.03125, -0.03125, 0]).kinds).toEqual(['absorption', 'absorption', 'inexact']);
    expect(fused({ lost: 'odd' }, [1, 0.03125])).toEqual({ value: 1.0625, kinds: ['inexact'] });
    expect(fused({ lost: 'floor' }, [1, -0.03125])).toEqual({ value: 0.9375, kinds: ['inexact'] });
    expect(fused({ lost: 'floor' }, [1, 0.03125])).toEqual({ value: 1, kinds: ['absorption', 'inexact'] });
    expect(fused({}, [0.03125], 1)).toEqual({ value: 1, kinds: ['absorption', 'inexact'] });
    expect(fused({}, [1], 0.03125)).toEqual({ value: 1, kinds: ['inexact', 'absorption'] });
    // The output's rounding absorbs nothing.
    expect(fused({ fractionBits: 30 }, [1, 2 ** -30])).toEqual({ value: 1, kinds: ['inexact'] });
  });

  it('absorbs the sums of lanes and of products that an addend pushes out', () => {
    const addend = { sumBits: 4, addendBits: 4, lost: 'truncate', far: 'zero' } as const;
    // Each product keeps all its bits in its own sum, whose exponent is far below the addend's.
    expect(fused({ addend }, [2 ** -8, 2 ** -9], 1)).toEqual({ value: 1, kinds: ['absorption', 'inexact'] });
    expect(fused({ addend, lanes: 2 }, [2 ** 8, 1], 0).kinds).toEqual(['absorption', 'inexact']);
    expect(fused({ addend }, [2 ** 8], 1)).toEqual({ value: 256, kinds: ['inexact', 'absorption'] });
  });

  it('cuts the sum with a late addend again where it settles', () => {
    const addend = { sumBits: 8, addendBits: 8, lost: 'floor', far: 'cut' } as const;
    const at = (settle: number | null, terms: number[], c: number) =>
      fused({ addend: { ...addend, settle } }, terms, c);
    expect(at(null, [2 ** -4, 2 ** -8], 1).value).toBe(1 + 2 ** -4 + 2 ** -8);
    expect(at(7, [2 ** -4, 2 ** -8], 1)).toEqual({ value: 1 + 2 ** -4, kinds: ['inexact'] });
    expect(at(7, [2 ** -4, 2 ** -8], -1)).toEqual({ value: 2 ** -4 + 2 ** -8 - 1, kinds: [] });
    expect(at(2, [2 ** -4, 2 ** -8], -2).value).toBe(-2);
  });

  it('gives a zero the sign that it says', () => {
    const signs = ['positive', 'allNegative', 'rounded'] as const;
    const zeros = (terms: number[], c: number | null) => signs.map((zeroSign) => fused({ zeroSign }, terms, c).value);
    expect(zeros([-0, -0], -0)).toEqual([0, -0, -0]);
    expect(zeros([-0, -0], 0)).toEqual([0, 0, 0]);
    expect(zeros([-0, 0], -0)).toEqual([0, 0, 0]);
    expect(zeros([-(2 ** -150)], -0)).toEqual([0, 0, -0]);
    expect(zeros([1, -1], -0)).toEqual([0, 0, 0]);
    // −1/32 is cut to nothing, 1 and −1 cancel.
    expect(zeros([1, -1, -0.03125], -0)).toEqual([0, 0, 0]);
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
    expect(make({ zeroGroups: 'in' })).toBe('name accumulator.zeroGroups');
    expect(make({ zeroGroups: 'scale' })).toBe('unsupported accumulator.zeroGroups');
    expect(make({ zeroGroups: 'scale', group: 4 })).toBe('no error');
    expect(make({ productOverflow: 'infinity', group: 4 })).toBe('unsupported accumulator.productOverflow');
    const grouped = { kind: 'sequential', accumulator: { ...plain, output: { format: 'binary32' }, group: 4 } };
    const tiled = { kind: 'tiled', size: 8, within: grouped };
    expect(failure(() => defineReduction({ ...tiled, across: 'chain' }))).toBe('no error');
    expect(failure(() => defineReduction({ ...tiled, across: grouped }))).toBe(
      'unsupported reduction.across.accumulator.group',
    );
    expect(make({ zeroSign: 'negative' })).toBe('name accumulator.zeroSign');
    expect(make({ zeroRule: 'mmasim1', leastExponent: -133 })).toBe('unsupported accumulator.leastExponent');
    const addend = { sumBits: 31, addendBits: 24, lost: 'floor' };
    expect(make({ addend, leastExponent: -133 })).toBe('unsupported accumulator.leastExponent');
    expect(make({ addend: { ...addend, settle: 31 } })).toBe('no error');
    expect(make({ addend: { ...addend, settle: -1 } })).toBe('range accumulator.addend.settle');
    expect(make({ addend: { sumBits: 31, addendBits: 24, lost: 'odd' } })).toBe('name accumulator.addend.lost');
    expect(make({ fractionbits: 4 })).toBe('name accumulator.fractionbits');
    expect(failure(() => fused({ fractionBits: 48 }, new Array<number>(8).fill(1)))).toBe('range reduction.size');
  });
});

const words = (format: FloatFormat, text: string): number[] =>
  text.split(' ').map((word) => decode(format, Number.parseInt(word, 16)));

/** One dot product by codes in hexadecimal; what is left out is zero. */
function answer(target: Target, unit: string, format: FloatFormat, a: string, b: string, c: string): string {
  const [x, y] = [words(format, a), words(format, b)];
  const to = target.matrixUnits[unit]?.output.format as FloatFormat;
  const { output: d } = dot(x, y, { rows: 1, width: x.length, target, unit, c: [words(to, c)[0] as number] });
  return encode(to, d[0] as number)
    .toString(16)
    .padStart(to.bits / 4, '0');
}

/** The same unit with some fields of its sums changed. */
function changed(target: Target, unit: string, change: Partial<AlignedAccumulator>): Target {
  return altered({ ...target, matrixUnits: { [unit]: target.matrixUnits[unit]! }, defaults: {} }, (sum) => ({
    ...sum,
    ...change,
  }));
}

describe('zeros, and the least exponent', () => {
  const by = (models: readonly (Model | null)[], unit: string, format: FloatFormat, a: string, b: string, c: string) =>
    models.map((model) => answer(model === null ? h100 : withModel(h100, model), unit, format, a, b, c));
  const times = (n: number, word: string): string => new Array<string>(n).fill(word).join(' ');

  it('a zero times a large number, tiny products, a product below the clamp: both models agree by now', () => {
    const all = [null, 'km', 'mmasim', 'mmasim1'] as const;
    const large = by(all, 'bf16', bfloat16, '0000 3f80', '7f00 3280', '30800000');
    expect(large).toEqual(['32880000', '32880000', '32880000', '00000000']);
    const tiny = by(all, 'bf16', bfloat16, times(16, '19c0'), times(16, '1980'), '0');
    expect(tiny).toEqual(['00000003', '00000003', '00000003', '00000000']);
    expect(by(all, 'f16F16', binary16, '0800 0001', '0c00 0001', '0')).toEqual(['0000', '0000', '0000', '0001']);
  });

  it('a row of an H100 that only −133 explains (MATLAB-tensor-core, issue 7)', () => {
    const a = '9b94 19f3 9a2e 1a67 9a25 9b4e 9b29 9a33 99e0 1a14 9914 99d1 9ae9 1b1a 9a9c 1b3a';
    const b = '9aaf 99f3 9acc 1b7c 19ed 1b25 9a1b 9a20 9af7 9a48 1ae1 1b32 1b12 1b0e 9a68 1735';
    expect(by([null, 'mmasim', 'mmasim1'], 'bf16', bfloat16, a, b, '0')).toEqual(['0000000b', '0000000b', '0000000a']);
    const right = Array.from({ length: 15 }, (_, i) => -140 + i).filter(
      (leastExponent) => answer(changed(h100, 'bf16', { leastExponent }), 'bf16', bfloat16, a, b, '0') === '0000000b',
    );
    expect(right).toEqual([-133]);
  });

  it('H100 f16 into f16: the models differ by one, and wgmma from mma.sync', () => {
    const [a, b] = ['035f 0587 0896', '0341 031a 0972'];
    expect(by([null, 'km', 'mmasim'], 'f16F16', binary16, a, b, '0')).toEqual(['0000', '0000', '0001']);
    expect(by([null, 'mmasim', 'km'], 'f16F16Wgmma', binary16, a, b, '0')).toEqual(['0001', '0001', '0000']);
  });

  it('a zero result has a sign by one model only', () => {
    const [zeros, ones] = [times(16, '8000'), times(16, '3c00')];
    expect(by([null, 'mmasim', 'fpy'], 'f16F16', binary16, zeros, ones, '8000')).toEqual(['0000', '0000', '8000']);
    expect(by([null, 'fpy'], 'f16F16', binary16, zeros, ones, '0000')).toEqual(['0000', '0000']);
    const small = [h100, withModel(h100, 'fpy'), changed(h100, 'f16F16', { zeroSign: 'rounded' })];
    // −2⁻²⁴ · 2⁻⁶: its sum is not zero, its rounding is.
    expect(small.map((target) => answer(target, 'f16F16', binary16, '8001', '2400', '0'))).toEqual([
      '0000',
      '0000',
      '8000',
    ]);
  });

  it('every unit has the least exponent of its source', () => {
    const least = (target: Target, unit: string) => {
      const found = new Set<number | null | undefined>();
      altered({ ...target, matrixUnits: { [unit]: target.matrixUnits[unit]! }, defaults: {} }, (sum) => {
        found.add(sum.leastExponent);
        return sum;
      });
      expect(found.size, `${target.name} ${unit}`).toBe(1);
      return [...found][0];
    };
    const table: [Target, string, number | null, number | null][] = [
      [v100, 'f16', null, -131],
      [v100, 'f16F16', -19, -20],
      [t4, 'f16', -132, -132],
      [t4, 'f16F16', -21, -21],
      [ada, 'f16F16', -20, -21],
      [ada, 'fp8', -132, -132],
      [ada, 'fp8F16', -132, -21],
      [h100, 'tf32', -133, -133],
      [h100, 'f16F16', -21, -22],
      [h100, 'f16F16Wgmma', -133, -133],
      [h100, 'fp8WgmmaF16', -133, -133],
      [b200, 'f16F16', -21, -22],
      [b200, 'f16F16Tcgen05', -133, -133],
      [b200, 'fp8F16', -133, -133],
      [rtxBlackwell, 'f16F16', -21, -22],
      [rtxBlackwell, 'fp8F16', -22, -22],
      [rtxBlackwell, 'mxfp8', -133, -133],
      [b200, 'nvfp4', -139, -139],
    ];
    for (const [target, unit, own, mmasim] of table) {
      expect(least(target, unit), `${target.name} ${unit}`).toBe(own);
      expect(least(withModel(target, 'mmasim'), unit), `${target.name} ${unit}, MMA-Sim 2`).toBe(mmasim);
    }
    expect(failure(() => withModel(h100, 'mmasim3' as never))).toBe('name model');
  });

  it('a group that cancels keeps the exponent of its scales; one without products does not', () => {
    const target = b200;
    const unit = 'mxfp4';
    const at = (a: number[], own: Target) => {
      const scaleA = [2 ** 60, 1];
      const b = new Array<number>(64).fill(1);
      return dot(a, b, { rows: 1, width: 64, target: own, unit, scaleA, scaleB: [1, 1] }).output[0];
    };
    const second = new Array<number>(32).fill(0).map((_, i) => (i === 0 ? 1 : 0));
    const cancels = [1, -1, ...new Array<number>(30).fill(0), ...second];
    const empty = [...new Array<number>(32).fill(0), ...second];
    const out = changed(target, unit, { zeroGroups: 'out' });
    expect([at(cancels, target), at(cancels, out)]).toEqual([0, 1]);
    expect([at(empty, target), at(empty, out)]).toEqual([1, 1]);
  });
});

describe('MI300', () => {
  it('cuts the sum again below its own exponent (MMA-Sim 2), which its first version did not', () => {
    const a = 'b3dd baf8 b144 bc8b bed2 b48d bef4 bf62';
    const b = '07ec 064e 04ee 063a 04e8 07df 0716 045e';
    expect(answer(mi300, 'f16', binary16, a, b, '3f000007')).toBe('3effa373');
    expect(answer(withModel(mi300, 'mmasim1'), 'f16', binary16, a, b, '3f000007')).toBe('3effa372');
  });
});

describe('2^23 − 2^23 − 0.5 − 0.25 − 0.125 (MMA-Sim 2, Table 8)', () => {
  const c = [2 ** 23];
  const one = (chip: string, unit: string, format: Format, first: readonly [number, number]): number => {
    const [x, y] = first;
    const a = [-x, -0.5, -0.25, -0.125];
    const target = targets[chip] as Target;
    return dot(a, [y, 1, 1, 1], { rows: 1, width: 4, target, unit, c, a: format, b: format }).output[0] as number;
  };
  const half = [2 ** 13, 2 ** 10] as const;
  it.each([
    ['v100', 'f16', binary16, half, 0],
    ['a100', 'f16', binary16, half, -0.5],
    ['h100', 'f16', binary16, half, -0.75],
    ['ada', 'fp8', e5m2, [2 ** 13, 2 ** 10], 0],
    ['h100', 'fp8Wgmma', e5m2, [2 ** 13, 2 ** 10], 0],
    ['b200', 'fp8', e5m2, [2 ** 13, 2 ** 10], -0.75],
    ['mi300', 'f16', binary16, half, -0.5],
    ['mi300', 'fp8', e5m2fnuz, [2 ** 13, 2 ** 10], -1],
    ['mi250', 'bf16', bfloat16, half, -0.375],
    ['mi250', 'f16', binary16, half, 0],
    ['mi100', 'f16', binary16, half, -0.875],
  ] as const)('%s %s', (chip, unit, format, first, wanted) => {
    expect(one(chip, unit, format, first)).toBe(wanted);
  });
});
