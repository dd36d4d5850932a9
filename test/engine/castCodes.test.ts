import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, createTensor } from '../../src/engine/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  e2m1fn,
  e2m3fn,
  e3m2fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e8m0fnu,
  type FloatFormat,
  int4,
  tf32,
} from '../../src/formats/index.ts';
import { castCodesKernel } from '../../src/kernels/castCodes.ts';
import { type CastCodesOptions, castCodes, type Numbers } from '../../src/kernels/index.ts';
import { decode } from '../../src/rounding/index.ts';
import { seeded, shareOf } from '../testing/helpers.ts';
import { anyFloat, anyPolicy, expectTwins, samples } from './helpers.ts';

const engine = await createEngine();

const own = defineFloat({ exponentBits: 6, mantissaBits: 9 });
const wide = defineFloat({ exponentBits: 9, mantissaBits: 6 });
const small = [e4m3fn, e4m3fnuz, e5m2, e2m1fn, e2m3fn, e3m2fn];
const formats = [binary16, bfloat16, tf32, binary32, e8m0fnu, own, wide, ...small];

/** As `expectTwins` takes a kernel: codes are the output. */
function run(x: Numbers, options: Omit<CastCodesOptions, 'width'>) {
  const { codes, report } = castCodes(x, options);
  return { output: codes, report };
}

describe('castCodes on the engine', () => {
  it('agrees with the specification on every class of data, in the catalogue', () => {
    for (const format of formats) {
      for (const data of samples(format, 1001)) {
        for (const x of [data, Float32Array.from(data)]) {
          for (const packed of format.bits > 16 ? [false] : [false, true]) {
            expectTwins((options) => run(x, { format, packed, rows: 7, ...options }), engine);
          }
        }
      }
    }
  });

  it('agrees for random formats, policies, shapes and data', () => {
    fc.assert(
      fc.property(
        anyFloat(),
        anyPolicy(),
        fc.nat(5),
        fc.nat(70),
        fc.nat(),
        fc.boolean(),
        fc.boolean(),
        (format, policy, rows, width, which, isSingle, isPacked) => {
          const all = samples(format, rows * width);
          const data = all[which % all.length]!;
          const x = isSingle ? Float32Array.from(data) : data;
          const packed = isPacked && format.bits <= 16;
          const shape = { rows, width };
          expectTwins((options) => run(x, { format, policy, packed, ...shape, ...options }), engine);
        },
      ),
      seeded(1000),
    );
  });

  it('gives every code of up to 16 bits back', () => {
    for (const format of formats.filter(({ bits, signed }) => bits <= 16 && signed)) {
      const values = Float64Array.from({ length: format.codes }, (_, code) => decode(format, code));
      // NaN has one positive code.
      const nan = decodeFirstNaN(format, values);
      const wanted = Array.from(values, (value, code) => (Number.isNaN(value) ? nan : code));
      expect(Array.from(castCodes(values, { format, engine }).codes)).toEqual(wanted);
    }
  });

  it('agrees at every value, every midpoint and their neighbours, and on NaN of either sign', () => {
    for (const format of [...shareOf([binary16, bfloat16, own]), ...small]) {
      for (const policy of format.infinities === 'none' ? [{}, { overflow: 'saturate' as const }] : [{}]) {
        const values = Array.from({ length: format.codes }, (_, code) => decode(format, code));
        const numbers = values.filter(Number.isFinite).toSorted((a, b) => a - b);
        const last = numbers.at(-1)! - numbers.at(-2)!;
        const middles = numbers.map((value, i) => (value + (numbers[i + 1] ?? value + last)) / 2);
        const x = new Float32Array(
          [...numbers, ...middles, -middles.at(-1)!].flatMap((value) => [value, value, value]),
        );
        const words = new Int32Array(x.buffer);
        for (let i = 0; i < x.length; i += 3) [words[i], words[i + 2]] = [words[i]! - 1, words[i + 2]! + 1];
        const finite = x.filter((value) => value === value);
        expectTwins((options) => run(finite, { format, policy, ...options }), engine);
        if (format.nan === 'none') continue;
        words.fill(0x7fc00001, 0, 9).fill(0xff800001 | 0, 9, 20);
        expectTwins((options) => run(x, { format, policy, ...options }), engine);
      }
    }
  });

  it('tells of long rows what the specification tells, row by row in whole bytes', () => {
    const x = Float32Array.from({ length: 2 * 35_001 }, (_, i) =>
      i === 60_000 ? 1e6 : i === 50_000 ? 1e-7 : (i % 64) / 8,
    );
    for (const format of [e2m1fn, e2m3fn, e4m3fn, own, defineFloat({ exponentBits: 3, mantissaBits: 7 })]) {
      for (const packed of [false, true]) {
        expectTwins((options) => run(x, { format, packed, rows: 2, ...options }), engine);
      }
    }
  });

  it('reads and writes tensors of its memory in place, and not beside them', () => {
    const n = 100_003;
    const x = createTensor(engine, n, 'binary32');
    for (let i = 0; i < n; i++) x[i] = Math.sin(i) * 2 ** ((i % 40) - 20);
    for (const [format, packed, type, size] of [
      [e4m3fn, false, 'codes8', n],
      [binary16, false, 'codes16', n],
      [binary16, true, 'codes8', 2 * n],
      [tf32, false, 'codes32', n],
      [e2m1fn, true, 'codes8', Math.ceil(n / 2)],
      [e2m3fn, true, 'codes8', Math.ceil((n * 6) / 8)],
    ] as const) {
      // Beyond the output lie 11 elements that must stay as they are.
      const all = createTensor(engine, size + 11, type as 'codes8').fill(77);
      const out = all.subarray(0, size);
      const fast = castCodes(x, { format, packed, engine, out });
      const slow = castCodes(x, { format, packed, engine: null });
      expect(fast.codes).toBe(out);
      expect(out.every((code, i) => code === slow.codes[i])).toBe(true);
      expect(all.subarray(size).every((code) => code === 77)).toBe(true);
      expect(fast.report).toEqual(slow.report);
    }
  });

  it('has a twin for signed formats with subnormal numbers, of both widths of input', () => {
    for (const format of [binary16, bfloat16, own, wide, ...small]) {
      const plan = castCodesKernel.plan({ format, width: 3 });
      expect(castCodesKernel.compile?.(plan, engine)).not.toBeNull();
    }
    for (const format of [e8m0fnu, int4]) {
      expect(castCodesKernel.compile?.(castCodesKernel.plan({ format, width: 3 }), engine)).toBeNull();
    }
  });
});

/** The code that NaN is given: the first quiet one. */
function decodeFirstNaN({ nan, mantissaBits }: FloatFormat, values: Float64Array): number {
  const first = values.findIndex((value) => Number.isNaN(value));
  return nan === 'ieee' ? first - 1 + 2 ** (mantissaBits - 1) : first;
}
