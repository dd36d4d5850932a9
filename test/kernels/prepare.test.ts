/** Kernels that are planned once give what they give when they are planned for every run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { binary16, e2m1fn, e4m3fn, int8 } from '../../src/formats/index.ts';
import * as rooms from '../../src/kernels/index.ts';
import { kernels } from '../../src/kernels/registry.ts';
import { roundTo } from '../../src/rounding/index.ts';
import * as specification from '../../src/specification/index.ts';
import { b200, fp16, h100, mi300x, type VectorTarget } from '../../src/targets/index.ts';
import { formats, policies, reals, targets } from '../../src/testing/arbitraries/index.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';

type Arrays = readonly ArrayLike<number>[];
type Options = Record<string, unknown>;
/** Any kernel, whichever arrays it takes. */
interface AnyKernel {
  (...given: readonly unknown[]): object;
  prepare(options: Options): (...given: readonly unknown[]) => object;
}

const room = rooms as unknown as Record<string, AnyKernel>;
const alone = specification as unknown as Record<string, AnyKernel>;
const engine = await createEngine();

/** A kernel's options for rows of one width, and what runs over so many rows take. */
interface Case {
  readonly options: Options;
  /** Arrays for all rows, row-major, each with the numbers that a row of it has. */
  readonly arrays: readonly { readonly numbers: readonly number[]; readonly row: number }[];
  /** Options that are arrays of one run, alike. */
  readonly own?: Readonly<Record<string, { readonly numbers: readonly number[]; readonly row: number }>>;
  readonly most: number;
  /** The option that counts rows. */
  readonly rows?: 'rows' | 'm';
}

const most = 3;
const recorded = fc.record({
  record: fc.constantFrom('off', 'counts', 'first', 'all'),
  reference: fc.boolean(),
  nonFiniteInputs: fc.constantFrom('deny', 'allow'),
});

function list(number: fc.Arbitrary<number>, length: number): fc.Arbitrary<number[]> {
  return fc.array(number, { minLength: length, maxLength: length });
}

function numbersOf({ vectorUnits: { vector } }: VectorTarget): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -4096, max: 4096 }).map((n) => n / 64) },
    reals(vector.load.format),
  );
}

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** Fields that are there. */
function present(fields: Options): Options {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const widths = fc.integer({ min: 1, max: 9 });
const anyTarget = targets({ maxBits: 24 });

function norms(layer: boolean): fc.Arbitrary<Case> {
  return fc.tuple(anyTarget, widths).chain(([target, width]) =>
    fc
      .record({
        x: list(numbersOf(target), most * width),
        residual: maybe(list(numbersOf(target), most * width)),
        gamma: maybe(list(numbersOf(target), width)),
        beta: maybe(list(numbersOf(target), width)),
        epsilon: fc.constantFrom(1e-5, 0, 1),
        scale: fc.constantFrom(1, 1 / 16, 0.1),
        variance: fc.constantFrom('twoPass', 'onePass'),
      })
      .map(({ x, residual, gamma, beta, variance, ...rest }) => ({
        options: { target, width, ...rest, ...present({ gamma }), ...(layer ? present({ beta, variance }) : {}) },
        arrays: [{ numbers: x, row: width }],
        own: residual === undefined ? {} : { residual: { numbers: residual, row: width } },
        most,
        rows: 'rows' as const,
      })),
  );
}

/** Kernels over rows of a target's vector unit, with some option of their own. */
function overRows(own: fc.Arbitrary<Options>): fc.Arbitrary<Case> {
  return fc.tuple(anyTarget, widths, own).chain(([target, width, more]) =>
    list(numbersOf(target), most * width).map((x) => ({
      options: { target, width, ...more },
      arrays: [{ numbers: x, row: width }],
      most,
      rows: 'rows' as const,
    })),
  );
}

/** Kernels over numbers, by a format or a target; without a width a run is one row. */
function overNumbers(count: 1 | 2, own: fc.Arbitrary<Options> = fc.constant({})): fc.Arbitrary<Case> {
  const byFormat = formats({ maxBits: 16 }).chain((format) =>
    fc.record({ format: fc.constant(format), policy: policies(format) }),
  );
  const chosen: fc.Arbitrary<Options> = count === 1 ? byFormat : fc.oneof(byFormat, fc.record({ target: anyTarget }));
  return fc.tuple(chosen, widths, own, fc.boolean()).chain(([by, width, more, isSized]) =>
    list(list(reals(binary16), most * width) as unknown as fc.Arbitrary<number>, count).map((arrays) => ({
      options: { ...by, ...more, ...(isSized ? { width } : {}) },
      arrays: (arrays as unknown as number[][]).map((numbers) => ({ numbers, row: isSized ? width : 1 })),
      most: isSized ? most : most * width,
      ...(isSized ? { rows: 'rows' as const } : {}),
    })),
  );
}

const small = fc.integer({ min: -32, max: 32 }).map((n) => n / 8);
const units: readonly Options[] = [
  { target: h100, unit: 'f16' },
  { target: mi300x, unit: 'f16' },
  { target: fp16 },
  { target: h100, unit: 'f16', promoteEvery: 4 },
];

function products(all: boolean): fc.Arbitrary<Case> {
  return fc
    .tuple(fc.constantFrom(...units), widths, fc.integer({ min: 1, max: 3 }), fc.boolean())
    .chain(([unit, k, n, adds]) => {
      const columns = all ? n : 1;
      return fc
        .tuple(list(small, most * k), list(small, all ? k * n : most * k), list(small, most * columns))
        .map(([a, b, c]) => ({
          options: { ...unit, ...(all ? { k, n } : { width: k }) },
          arrays: [
            { numbers: a, row: k },
            { numbers: b, row: all ? 0 : k },
          ],
          own: adds ? { c: { numbers: c, row: columns } } : {},
          most,
          rows: all ? ('m' as const) : ('rows' as const),
        }));
    });
}

const polynomial = { kind: 'base2Polynomial', coefficients: [1, 0.7, 0.3] };
const cases: Record<string, fc.Arbitrary<Case>> = {
  add: overNumbers(2),
  multiply: overNumbers(2),
  cast: overNumbers(1),
  castCodes: overNumbers(1, fc.record({ packed: fc.boolean() })),
  layerNorm: norms(true),
  rmsNorm: norms(false),
  unary: overNumbers(
    1,
    fc.record({
      function: fc.constantFrom('exp', 'gelu', 'relu', 'rsqrt'),
      method: fc.constantFrom(undefined, rooms.siluByReciprocal),
    }),
  ),
  epilogue: widths.chain((width) =>
    fc.tuple(list(small, most * width), list(small, most * width), list(small, width)).map(([x, c, bias]) => ({
      options: { width, epilogue: { alpha: 0.1, beta: 3, bias: 'columns', output: roundTo(binary16) } },
      arrays: [{ numbers: x, row: width }],
      own: { c: { numbers: c, row: width }, bias: { numbers: bias, row: 0 } },
      most,
      rows: 'rows' as const,
    })),
  ),
  attention: anyTarget.chain((target) =>
    fc
      .tuple(list(numbersOf(target), 6), list(numbersOf(target), 9), list(numbersOf(target), 6), maybe(list(small, 6)))
      .map(([q, k, v, mask]) => ({
        options: { target, heads: 1, queries: 2, keys: 3, width: 3, valueWidth: 2, ...present({ mask }) },
        arrays: [q, k, v].map((numbers) => ({ numbers, row: numbers.length })),
        most: 1,
      })),
  ),
  softmax: overRows(
    fc.record(
      {
        normalize: fc.constantFrom('divide', 'reciprocal'),
        clamp: fc.constant({ low: -3.3 }),
        exp: fc.constant(polynomial),
      },
      { requiredKeys: [] },
    ),
  ),
  sum: overRows(fc.constant({})),
  dot: products(false),
  matmul: products(true),
};

/** The part of an array that so many rows have; an array that all rows share has rows of none. */
function part({ numbers, row }: { numbers: readonly number[]; row: number }, rows: number): Float64Array {
  return Float64Array.from(row === 0 ? numbers : numbers.slice(0, rows * row));
}

it('every kernel of the registry is here', () => {
  expect(Object.keys(cases).sort()).toEqual([...kernels.keys()].sort());
});

describe.each(Object.entries(cases))('%s, planned once', (name, arbitrary) => {
  it('gives what it gives when it is planned for every run', () => {
    const agree = (given: Case, how: Options): void => {
      const { options, arrays, own = {}, most: all, rows: counted } = given;
      for (const [kernel, on] of [
        [room[name], {}],
        [room[name], { engine }],
        [alone[name], {}],
      ] as [AnyKernel, Options][]) {
        const prepared = outcome(() => kernel.prepare({ ...options, ...how, ...on }));
        // Rows that come and go, and come again; what one run leaves behind is no other's.
        for (const rows of [all, 1, all, 0, 2, 2].filter((n) => n <= all)) {
          const given: Arrays = arrays.map((array) => part(array, rows));
          const mine = Object.fromEntries(Object.entries(own).map(([key, array]) => [key, part(array, rows)]));
          const sized = counted === undefined ? {} : { [counted]: rows };
          const wanted = outcome(() => kernel(...given, { ...options, ...how, ...on, ...mine, ...sized }));
          const run = prepared === 'refused' ? prepared : outcome(() => prepared(...given, mine));
          expect(run).toEqual(wanted);
          if (run === 'refused' || prepared === 'refused') continue;
          if (Object.keys(mine).length === 0) expect(prepared(...given)).toEqual(wanted);
          const written = (run as { output?: Float64Array }).output ?? (run as { codes?: Float64Array }).codes;
          const out = (written as Float64Array).slice().fill(0);
          expect(prepared(...given, { ...mine, out })).toEqual(wanted);
          expect(out).toEqual(written);
        }
      }
    };
    fc.assert(fc.property(arbitrary, recorded, agree), seeded(12));
  });
});

describe('what is planned', () => {
  const x = [1, 2, 3, 4];

  it('keeps numbers of rows and arrays that it was given', () => {
    const fixed = room.layerNorm!.prepare({ rows: 1, width: 4, target: fp16 });
    expect(failure(() => fixed([...x, ...x]))).toBe('shape x');
    const once = rooms.layerNorm.prepare({ width: 4, target: fp16, residual: x });
    expect(once(x)).toEqual(rooms.layerNorm(x, { rows: 1, width: 4, target: fp16, residual: x }));
    expect(failure(() => once([...x, ...x]))).toBe('shape options.residual');
    expect(once([...x, ...x], { residual: [...x, ...x] }).report.rows).toBe(2);
  });

  it('is not changed by who changes the options later', () => {
    const [gamma, c, scaleA, scaleB] = [
      Float64Array.of(1, 2, 3, 4),
      Float64Array.of(5),
      Float64Array.of(2),
      Float64Array.of(2),
    ];
    const norm = rooms.layerNorm.prepare({ width: 4, target: fp16, gamma });
    const product = rooms.matmul.prepare({ m: 1, n: 1, k: 4, target: b200, unit: 'mxfp8', c, scaleA, scaleB });
    const before = [norm(x), product(x, x)];
    for (const array of [gamma, c, scaleA, scaleB]) array.fill(8);
    expect([norm(x), product(x, x)]).toEqual(before);
  });

  it('goes on after a run that failed', () => {
    const narrow = rooms.cast.prepare({ format: e2m1fn });
    const good = narrow(x);
    expect(failure(() => narrow([1, Number.NaN, 3, 4]))).toBe('value x');
    expect(narrow(x)).toEqual(good);
    const reduction = { kind: 'sequential', accumulator: { kind: 'integer', bits: 8, overflow: 'wrap' } } as const;
    const total = rooms.sum.prepare({ width: 4, reduction });
    const sum = total([100, 100, 1, 2]);
    expect(failure(() => total([100, 0.5, 1, 2]))).toBe('value terms');
    expect(total([100, 100, 1, 2])).toEqual(sum);
  });

  it('refuses what does not fit, and what belongs to a run', () => {
    const norm = rooms.layerNorm.prepare({ width: 4, target: fp16 });
    expect(failure(() => norm([1, 2, 3]))).toBe('shape x');
    expect(failure(() => norm(x, { residual: [1] }))).toBe('shape options.residual');
    expect(failure(() => norm(x, { gamma: x } as never))).toBe('name run.gamma');
    expect(failure(() => norm(x, { out: new Float64Array(3) }))).toBe('shape options.out');
    expect(failure(() => rooms.layerNorm.prepare({ width: 4, target: fp16, out: new Float64Array(4) } as never))).toBe(
      'unsupported options.out',
    );
    expect(failure(() => rooms.layerNorm.prepare({ target: fp16 } as never))).toBe('type options.width');
    expect(failure(() => rooms.layerNorm.prepare(undefined as never))).toBe('type options');
    expect(failure(() => specification.cast.prepare({ format: int8, engine } as never))).toBe('name options.engine');
    const empty = rooms.softmax.prepare({ width: 0, target: fp16 });
    expect(failure(() => empty([]))).toBe('shape x');
    expect(rooms.softmax.prepare({ width: 0, rows: 2, target: fp16 })([]).report.rows).toBe(2);
  });

  it('gives reports that no one can change for others', () => {
    const narrow = rooms.cast.prepare({ format: e4m3fn });
    expect(Object.isFrozen(narrow(x).report.configuration)).toBe(true);
    expect(Object.isFrozen(narrow(x).report.stages)).toBe(true);
  });
});
