import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, createTensor, type Engine, releaseTensor } from '../../src/engine/index.ts';
import { hasNoVerdict, mergeReports } from '../../src/events/index.ts';
import { binary16 } from '../../src/formats/index.ts';
import {
  add,
  attention,
  cast,
  castCodes,
  dot,
  epilogue,
  type Into,
  layerNorm,
  matmul,
  multiply,
  type RecordOptions,
  rmsNorm,
  softmax,
  sum,
  unary,
} from '../../src/kernels/index.ts';
import { formatReport } from '../../src/reports/index.ts';
import { fp16, h100 } from '../../src/targets/index.ts';
import { seeded } from '../testing/helpers.ts';

type Data = Float64Array | Float32Array;

/** Every kernel on arrays of 12 numbers, and how often the run reads each array. */
const calls: Record<
  string,
  readonly [
    number,
    number,
    (x: Data, y: Data, more: RecordOptions & Pick<Into<never>, 'engine'>) => { report: unknown },
  ]
> = {
  cast: [1, 0, (x, _, more) => cast(x, { format: binary16, rows: 3, ...more })],
  castCodes: [1, 0, (x, _, more) => castCodes(x, { format: binary16, rows: 3, ...more })],
  add: [1, 1, (x, y, more) => add(x, y, { format: binary16, rows: 3, width: 4, ...more })],
  multiply: [1, 1, (x, y, more) => multiply(x, y, { target: fp16, rows: 3, width: 4, ...more })],
  unary: [1, 0, (x, _, more) => unary(x, { function: 'relu', format: binary16, rows: 3, ...more })],
  attention: [
    3,
    0,
    (x, _, more) => attention(x, x, x, { heads: 1, queries: 3, keys: 3, width: 4, target: fp16, ...more }),
  ],
  epilogue: [
    1,
    2,
    (x, y, more) => epilogue(x, { rows: 1, width: 12, epilogue: { beta: 1, bias: 'columns' }, c: y, bias: y, ...more }),
  ],
  sum: [1, 0, (x, _, more) => sum(x, { rows: 3, width: 4, target: fp16, ...more })],
  dot: [2, 1, (x, y, more) => dot(x, x, { rows: 12, width: 1, c: y, target: h100, unit: 'f16', ...more })],
  matmul: [2, 0, (x, _, more) => matmul(x, x, { m: 3, n: 3, k: 4, target: h100, unit: 'f16', ...more })],
  softmax: [1, 0, (x, _, more) => softmax(x, { rows: 3, width: 4, target: fp16, ...more })],
  rmsNorm: [1, 1, (x, y, more) => rmsNorm(x, { rows: 1, width: 12, gamma: y, target: fp16, ...more })],
  layerNorm: [
    1,
    3,
    (x, y, more) => layerNorm(x, { rows: 1, width: 12, gamma: y, beta: y, residual: y, target: fp16, ...more }),
  ],
};

const engine = await createEngine();

const tensorOf = (on: Engine, length: number, type: 'binary32' | 'binary64'): Data =>
  type === 'binary32' ? createTensor(on, length, type) : createTensor(on, length, type);

const numbers = fc.array(fc.constantFrom(1, -0, 2 ** -1074, Number.MAX_VALUE, NaN, Infinity, -Infinity), {
  minLength: 12,
  maxLength: 12,
});
const isNot = (x: Data) => Array.from(x).filter((value) => !Number.isFinite(value)).length;

describe('inputs that are not finite', () => {
  it.each(Object.entries(calls))('are counted in every array: %s', (_, [ofX, ofY, call]) => {
    fc.assert(
      fc.property(numbers, numbers, fc.boolean(), fc.constantFrom(null, engine), (a, b, isSingle, on) => {
        const make = (values: readonly number[]): Data =>
          on === null
            ? new (isSingle ? Float32Array : Float64Array)(values)
            : tensorOf(on, 12, isSingle ? 'binary32' : 'binary64');
        const [x, y] = [make(a), make(b)];
        x.set(a);
        y.set(b);
        const wanted = ofX * isNot(x) + ofY * isNot(y);
        for (const record of ['counts', 'first', 'all'] as const) {
          const { report } = call(x, y, { engine: on, record }) as ReturnType<typeof cast>;
          expect(report.inputs.nonFinite).toBe(wanted);
          if (wanted > 0) expect(report.ok).toBe(false);
        }
        if (on !== null) for (const tensor of [x, y]) releaseTensor(on, tensor);
      }),
      seeded(12),
    );
  });

  it('are counted in ordinary arrays of many chunks, at their edges, beside the first and last numbers of a buffer', () => {
    for (const Type of [Float32Array, Float64Array]) {
      const numbers = 65_536 / Type.BYTES_PER_ELEMENT;
      const buffer = new ArrayBuffer((3 * numbers + 9) * Type.BYTES_PER_ELEMENT);
      const all = new Type(buffer);
      all.set([NaN, Infinity]);
      all.set([Infinity, NaN], all.length - 2);
      const x = new Type(buffer, 2 * Type.BYTES_PER_ELEMENT, all.length - 4);
      for (const place of [0, numbers - 1, numbers, 2 * numbers - 1, 3 * numbers, x.length - 1]) x[place] = -Infinity;
      for (const on of [null, engine]) {
        expect(sum(x, { rows: 1, width: x.length, target: fp16, engine: on }).report.inputs.nonFinite).toBe(6);
      }
    }
  });

  it('are counted at every offset and length, in the engine and out of it', () => {
    for (const type of ['binary32', 'binary64'] as const) {
      const all = tensorOf(engine, 24, type);
      for (let start = 0; start < 6; start++) {
        for (let end = start; end <= 24; end++) {
          all.fill(1);
          if (start > 0) all[start - 1] = NaN;
          if (end < 24) all[end] = Infinity;
          const part = all.subarray(start, end);
          const count = (x: Data) => cast(x, { format: binary16, engine }).report.inputs.nonFinite;
          expect(count(part)).toBe(0);
          for (let i = 0; i < part.length; i += 2) part[i] = i % 4 ? NaN : -Infinity;
          expect(count(part)).toBe(Math.ceil(part.length / 2));
          expect(count(part.slice())).toBe(Math.ceil(part.length / 2));
        }
      }
    }
  });

  it('leave no verdict, unless they are allowed or something failed', () => {
    const options = { rows: 1, width: 2, target: fp16 };
    const { report } = rmsNorm([3, NaN], options);
    expect(report).toMatchObject({ ok: false, inputs: { nonFinite: 1, nonFiniteConstants: 0, allowed: false } });
    expect(hasNoVerdict(report)).toBe(true);
    expect(formatReport(report)).toContain('no verdict\n');
    expect(formatReport(report)).toContain('NaN or infinite among the inputs: 1');
    const allowed = rmsNorm([3, NaN], { ...options, nonFiniteInputs: 'allow' }).report;
    expect(allowed).toMatchObject({ ok: true, inputs: { nonFinite: 1, allowed: true } });
    expect(formatReport(allowed)).toContain('1, which is allowed');
    const failed = sum([65504, 65504, NaN], { ...options, width: 3 }).report;
    expect(failed.totals.overflow).toBe(1);
    expect(hasNoVerdict(failed)).toBe(false);
    expect(formatReport(failed)).toContain('NOT ok');
    expect(() => rmsNorm([1, 2], { ...options, nonFiniteInputs: 'maybe' as 'allow' })).toThrow('nonFiniteInputs');
  });

  it('are not counted where nothing is', () => {
    const { report } = cast([NaN], { format: binary16, record: 'off' });
    expect(report.inputs.nonFinite).toBeNaN();
    expect(hasNoVerdict(report)).toBe(true);
  });

  it('add up over batches, those of what the rows share once', () => {
    const run = (x: number[], rows: number) =>
      rmsNorm(x, { rows, width: 2, gamma: [NaN, 1], target: fp16, record: 'counts' }).report;
    const whole = run([1, NaN, Infinity, 2, 3, 4], 3);
    expect(whole.inputs).toEqual({ nonFinite: 3, nonFiniteConstants: 1, allowed: false });
    const merged = mergeReports([run([1, NaN], 1), run([Infinity, 2, 3, 4], 2)]);
    expect(merged.inputs).toEqual(whole.inputs);
    expect(merged.ok).toBe(false);
  });
});
