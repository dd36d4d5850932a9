import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlignedAccumulator, Reduction } from '../../src/accumulators/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineInteger,
  e2m1fn,
  e2m3fn,
  e4m3fn,
  e5m2,
  e8m0fnu,
  type FloatFormat,
  type Format,
  formatName,
  int32,
  tf32,
} from '../../src/formats/index.ts';
import { dotKernel } from '../../src/kernels/dot.ts';
import { dot, matmul } from '../../src/kernels/index.ts';
import type { Kernel } from '../../src/kernels/kernel.ts';
import { matmulKernel } from '../../src/kernels/matmul.ts';
import { sumKernel } from '../../src/kernels/sum.ts';
import { type Rounding, roundTo } from '../../src/rounding/index.ts';
import type { Plan } from '../../src/specification/contract.ts';
import * as targets from '../../src/targets/index.ts';
import { fp16, type MatrixUnit, type Target } from '../../src/targets/index.ts';
import { createCounters } from '../../src/twins/counters.ts';
import { generator } from '../random.ts';
import { runsOf, seeded, share, shareOf } from '../testing/helpers.ts';
import { anyReduction, anyStep, expectTwins, samples, distinctUnits as units } from './helpers.ts';

const engine = await createEngine();

/** A target of one matrix unit. */
function targetOf(fields: Partial<MatrixUnit>): Target {
  const unit = {
    name: 'unit',
    instructions: '',
    a: [binary16],
    b: [binary16],
    mixes: 'same',
    load: {},
    zeroOperands: 'signed',
    k: 1,
    scale: null,
    product: null,
    addend: roundTo(binary32),
    output: roundTo(binary32),
    source: '',
    verified: 'definition',
    confidence: '',
    ...fields,
  };
  return { ...fp16, matrixUnits: { [unit.name]: unit }, defaults: { matrix: unit.name } } as never;
}

/** Numbers of a format, of one of several classes; every so often something special. */
function draw(format: Format, n: number, size: number, random: () => number): Float64Array {
  const special = [0, -0, Infinity, -Infinity, Number.NaN];
  return Float64Array.from({ length: n }, () => {
    if (format.kind === 'integer') {
      const edge = random() < 0.5 ? format.min : format.max;
      return size > 20 ? edge : Math.round(format.min + random() * (format.max - format.min));
    }
    if (size === 12 && random() < 0.02) return special[Math.floor(random() * (format.nan === 'none' ? 2 : 5))]!;
    return (random() - 0.5) * 2 ** Math.floor((random() - 0.5) * size);
  });
}

/** Block scales: near one, anywhere, and with zeros, negative numbers and NaN where the format has them. */
function drawScales({ emax, nan, signed }: FloatFormat, n: number, which: number): number[] {
  const random = generator(n + which);
  const reach = [2, 12, emax][which % 3]!;
  return Array.from({ length: n }, () => {
    if (which > 2 && nan !== 'none' && random() < 0.05) return Number.NaN;
    if (which > 2 && signed && random() < 0.1) return random() < 0.5 ? 0 : -2;
    return 2 ** Math.round((random() * 2 - 1) * Math.min(reach, emax));
  });
}

describe('sums as instructions, on the engine', () => {
  it('has a fast twin for the matrix units of every chip', () => {
    const missing = new Set<string>();
    for (const { target, unit } of units) {
      for (const a of unit.a) {
        for (const b of unit.mixes === 'same' ? [a] : unit.b) {
          const options = { target, unit: unit.name, a, b };
          const product = matmulKernel.plan({ m: 32, n: 32, k: 4 * unit.k, ...options });
          if (matmulKernel.compile?.(product, engine) === null) missing.add(`${target.name}.${unit.name}`);
          const pairs = dotKernel.plan({ rows: 32, width: 4 * unit.k, ...options });
          if (dotKernel.compile?.(pairs, engine) === null) missing.add(`${target.name}.${unit.name}`);
        }
      }
    }
    expect([...missing]).toEqual([]);
  });

  it('agrees on the matrix units of every chip, every pair of formats', () => {
    const random = generator(11);
    for (const { target, unit } of units) {
      for (const a of unit.a) {
        for (const b of unit.mixes === 'same' ? [a] : unit.b) {
          const size = [0, 12, 40][Math.floor(random() * 3)]!;
          const k = unit.k + Math.floor(random() * 2 * unit.k);
          const [m, n] = [2, 1 + Math.floor(random() * (share < 1 ? 9 : 17))];
          const scales =
            unit.scale === null
              ? {}
              : {
                  scaleA: drawScales(unit.scale.format as FloatFormat, m * Math.ceil(k / unit.scale.block), 1),
                  scaleB: drawScales(unit.scale.format as FloatFormat, n * Math.ceil(k / unit.scale.block), 2),
                };
          const [x, y] = [draw(a, m * k, size, random), draw(b, k * n, size, random)];
          const c = draw(a.kind === 'integer' ? int32 : binary32, m * n, size, random);
          const shape = { m, k, n, target, unit: unit.name, a, b, ...scales };
          for (const more of shareOf([{}, { c }], m + n)) {
            expectTwins((options) => matmul(x, y, { ...shape, ...more, ...options }), engine);
          }
        }
      }
    }
  }, 120_000);

  it('agrees on dot products on the matrix units of every chip', () => {
    const random = generator(12);
    for (const { target, unit } of units) {
      const [a] = unit.a as [Format];
      const width = unit.k + Math.floor(random() * 2 * unit.k);
      const rows = 1 + Math.floor(random() * 11);
      const blocks = unit.scale === null ? 0 : rows * Math.ceil(width / unit.scale.block);
      const factors = (which: number) => drawScales(unit.scale?.format as FloatFormat, blocks, which);
      const scales = unit.scale === null ? {} : { scaleA: factors(1), scaleB: factors(2) };
      const b = unit.mixes === 'same' ? a : (unit.b.find((each) => formatName(each) === formatName(a)) ?? unit.b[0]!);
      for (const size of shareOf([0, 12, 40], rows)) {
        const [x, y] = [draw(a, rows * width, size, random), draw(b, rows * width, size, random)];
        const c = draw(a.kind === 'integer' ? int32 : binary32, rows, size, random);
        const shape = { rows, width, target, unit: unit.name, ...scales };
        expectTwins((options) => dot(x, y, { ...shape, ...options }), engine);
        expectTwins((options) => dot(x, y, { ...shape, c, ...options }), engine);
      }
    }
  }, 120_000);

  it('agrees for block scales of every class', () => {
    const scaled = units.filter(({ unit }) => unit.scale !== null);
    expect(scaled.map(({ unit }) => unit.name)).toEqual(['mxfp8', 'mxfp6', 'mxfp4', 'nvfp4']);
    const random = generator(13);
    for (const { target, unit } of scaled) {
      for (let which = 0; which < 6; which++) {
        const { block, format } = unit.scale!;
        const [m, n, k] = [3, 9, 64 + 8 * which];
        const blocks = Math.ceil(k / block);
        const [x, y] = [draw(unit.a[0]!, m * k, 6, random), draw(unit.a[0]!, k * n, 6, random)];
        const scaleA = drawScales(format as FloatFormat, m * blocks, which);
        const scaleB = drawScales(format as FloatFormat, n * blocks, which + 1);
        const shape = { m, n, k, target, unit: unit.name, scaleA, scaleB };
        expectTwins((options) => matmul(x, y, { ...shape, ...options }), engine);
        // A scale that is no value of its format is rounded, which has something to tell.
        const off = scaleA.map((value, i) => (i === 1 ? value * 1.01 : value));
        expectTwins((options) => matmul(x, y, { ...shape, scaleA: off, ...options }), engine);
        const pairs = { rows: 3, width: k, target, unit: unit.name, scaleA };
        expectTwins(
          (options) => dot(x, y.subarray(0, 3 * k), { ...pairs, scaleB: scaleB.slice(0, 3 * blocks), ...options }),
          engine,
        );
      }
    }
  }, 120_000);

  it('agrees for aligned accumulators of every kind', () => {
    const accumulators = fc
      .record({
        fractionBits: fc.integer({ min: 0, max: 30 }),
        lost: fc.constantFrom('truncate' as const, 'floor' as const, 'odd' as const),
        zeroRule: fc.constantFrom('out' as const, 'mmasim1' as const),
        zeroGroups: fc.constantFrom('out' as const, 'scale' as const),
        // One in eight asks for what the twin refuses.
        zeroSign: fc.constantFrom(
          ...new Array<'positive'>(6).fill('positive'),
          'allNegative' as const,
          'rounded' as const,
        ),
        leastExponent: fc.constantFrom(null, -133, -20, 3),
        addend: fc.oneof(
          fc.constant('together' as const),
          fc.record({
            sumBits: fc.integer({ min: 3, max: 34 }),
            addendBits: fc.integer({ min: 3, max: 30 }),
            lost: fc.constantFrom('truncate' as const, 'floor' as const),
            far: fc.constantFrom('cut' as const, 'zero' as const),
            settle: fc.option(fc.integer({ min: 2, max: 31 })),
          }),
        ),
        lanes: fc.constantFrom(1 as const, 2 as const),
        group: fc.constantFrom(1, 1, 2, 8),
        productOverflow: fc.constantFrom('exact' as const, 'infinity' as const),
        output: fc.oneof(fc.constantFrom(roundTo(binary32), roundTo(binary16)), anyStep()),
      })
      .map((fields) => {
        const isLate = fields.addend !== 'together';
        const isOut = fields.zeroRule === 'out';
        const group = fields.lanes === 2 && isLate ? 1 : fields.group;
        return {
          kind: 'aligned' as const,
          ...fields,
          lanes: isLate ? fields.lanes : 1,
          group,
          leastExponent: isLate || !isOut ? null : fields.leastExponent,
          zeroGroups: isOut && group > 1 ? fields.zeroGroups : ('out' as const),
          productOverflow: group > 1 ? ('exact' as const) : fields.productOverflow,
        };
      });
    const formats = fc.constantFrom(binary16, bfloat16, tf32, e4m3fn, e5m2, e2m1fn, e2m3fn);
    const scales = fc.constantFrom(null, e8m0fnu, e4m3fn);
    let twins = 0;
    fc.assert(
      fc.property(
        accumulators,
        formats,
        scales,
        fc.integer({ min: 1, max: 20 }),
        fc.nat(40),
        fc.nat(),
        (accumulator, format, scaleFormat, size, k, seed) => {
          const [m, n] = seed % 4 === 1 ? [11, 1] : [2, 9];
          const block = 8;
          const within: Reduction = { kind: 'sequential', accumulator };
          const target = targetOf({
            a: [format],
            b: [format],
            zeroOperands: seed % 5 === 0 ? 'positive' : 'signed',
            scale: scaleFormat && { format: scaleFormat, block, ignoreSign: seed % 2 === 0 },
            reduction: { kind: 'tiled', size: accumulator.group > 1 ? block : size, within, across: 'chain' },
            addend: roundTo(binary32),
            output: roundTo(accumulator.output.format),
          });
          const plan = matmulKernel.plan({ m, n, k, target, unit: 'unit' });
          if (matmulKernel.compile?.(plan, engine) !== null) twins++;
          const blocks = Math.ceil(k / block);
          const factors = (count: number) => drawScales(scaleFormat!, count * blocks, seed % 6);
          const x = samples(format, m * k)[seed % 7]!;
          const y = samples(format, k * n)[(seed >> 4) % 7]!;
          const c = seed % 3 === 0 ? {} : { c: samples(binary32, m * n)[(seed >> 8) % 7]! };
          const own = scaleFormat === null ? {} : { scaleA: factors(m), scaleB: factors(n) };
          expectTwins((options) => matmul(x, y, { m, n, k, target, unit: 'unit', ...c, ...own, ...options }), engine);
        },
      ),
      seeded(1000),
    );
    expect(twins).toBeGreaterThan(runsOf(1000) / 2);
  }, 120_000);

  it('agrees for short products at the ends of the range that binary32 lanes hold', () => {
    const late = { sumBits: 30, addendBits: 24, lost: 'floor', far: 'zero', settle: null } as const;
    fc.assert(
      fc.property(
        fc.constantFrom(binary16, bfloat16, tf32, e5m2),
        fc.integer({ min: 0, max: 45 }),
        fc.constantFrom('truncate' as const, 'floor' as const),
        fc.constantFrom('together' as const, late),
        fc.constantFrom(null, -133, -20),
        fc.nat(),
        (format, fractionBits, lost, addend, least, seed) => {
          const [m, k, n] = [3, 21, 11];
          const random = generator(seed);
          const of = (values: readonly number[]): number => values[Math.floor(random() * values.length)]!;
          // Most exponents are in the range: one number beyond it takes all of its product out.
          const ends = [[-126, -35, -34, 28, 29, 120], [-34], [-34, -33, -14, 0, 27], [27]][seed % 4]!;
          const draw = (count: number, exponents: readonly number[]): Float64Array =>
            Float64Array.from({ length: count }, () => {
              const kind = random();
              if (kind < 0.1) return of([0, -0]);
              if (kind < 0.1 + (seed % 5 === 0 ? 0.02 : 0)) return of([Infinity, -Infinity, Number.NaN]);
              return of([-1, 1]) * (1 + of([0, 0, 0.5, 0.9990234375, random()])) * 2 ** of(exponents);
            });
          const accumulator: AlignedAccumulator = {
            kind: 'aligned',
            fractionBits: addend === late ? Math.min(30, fractionBits) : fractionBits,
            lost,
            addend,
            leastExponent: addend === late ? null : least,
            output: roundTo(binary32),
          };
          const within: Reduction = { kind: 'sequential', accumulator };
          const reduction: Reduction = { kind: 'tiled', size: 8, within, across: 'chain' };
          const target = targetOf({ a: [format], b: [format], reduction });
          const [x, y] = [draw(m * k, ends), draw(k * n, ends)];
          const c = draw(m * n, [-149, -126, -60, 0, 60, 61, 127]);
          expectTwins((options) => matmul(x, y, { m, n, k, target, unit: 'unit', c, ...options }), engine);
        },
      ),
      seeded(1000),
    );
  });

  it('agrees for exact sums, where terms lie far apart too', () => {
    const outputs = fc.oneof(fc.constantFrom(roundTo(binary32), roundTo(binary16)), anyStep());
    const formats = fc.constantFrom(binary16, bfloat16, tf32, e4m3fn, e5m2);
    fc.assert(
      fc.property(
        outputs,
        formats,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(30),
        fc.nat(),
        (output, format, size, k, seed) => {
          const [m, n] = seed % 4 === 1 ? [11, 1] : [2, 9];
          const accumulator = { kind: 'exact' as const, output, ...(seed % 4 ? {} : { productExponent: -3 }) };
          const target = targetOf({
            a: [format],
            b: [format],
            reduction: { kind: 'tiled', size, within: { kind: 'sequential', accumulator }, across: 'chain' },
            output: roundTo(output.format),
          });
          const x = samples(format, m * k)[seed % 7]!;
          const y = samples(format, k * n)[(seed >> 4) % 7]!;
          const c = seed % 3 === 0 ? {} : { c: samples(binary32, m * n)[(seed >> 8) % 7]! };
          expectTwins((options) => matmul(x, y, { m, n, k, target, unit: 'unit', ...c, ...options }), engine);
        },
      ),
      seeded(600),
    );
  }, 120_000);

  it('agrees for exact sums whose last bit lies beyond two numbers', () => {
    const accumulator = { kind: 'exact' as const, output: roundTo(binary32) };
    const target = targetOf({
      a: [bfloat16],
      b: [bfloat16],
      reduction: { kind: 'sequential', accumulator },
      output: roundTo(binary32),
    });
    // A tie that a bit decides which the sum of what was missed has lost.
    const x = [1, 2 ** -24, 2 ** -60, 2 ** -120, -(2 ** -60)];
    const shape = { m: 1, n: 1, k: 5, target, unit: 'unit' };
    expect(matmul(x, [1, 1, 1, 1, 1], { ...shape, engine }).output[0]).toBe(1 + 2 ** -23);
    expectTwins((options) => matmul(x, [1, 1, 1, 1, 1], { ...shape, ...options }), engine);
  });

  it('agrees for orders within orders, and addends', () => {
    const unit = fc.record({ a: anyStep(), product: anyStep(), addend: anyStep(), output: anyStep() });
    const order = fc.constantFrom('ascending' as const, 'descending' as const);
    /** Adds what the shared generator leaves out: runs of neighbours, elements as leaves, chains backwards. */
    const enrich = (
      reduction: Reduction,
      run: number,
      isRawLeaf: boolean,
      way: 'ascending' | 'descending',
    ): Reduction => {
      if ('accumulator' in reduction) {
        if (reduction.kind === 'sequential') return { ...reduction, order: way };
        return isRawLeaf ? { ...reduction, leaf: 'element' } : reduction;
      }
      const again = (part: Reduction): Reduction => enrich(part, run, isRawLeaf, way);
      const across = reduction.across === 'chain' ? 'chain' : again(reduction.across);
      if (reduction.kind === 'split') {
        return { ...reduction, head: again(reduction.head), tail: again(reduction.tail), across };
      }
      return {
        ...reduction,
        within: again(reduction.within),
        across,
        ...(reduction.kind === 'strided' ? { run } : {}),
      };
    };
    fc.assert(
      fc.property(
        unit,
        anyReduction(),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        order,
        fc.nat(30),
        fc.nat(),
        (steps, plain, run, isRounded, way, k, seed) => {
          const [m, n] = seed % 4 === 1 ? [11, 1] : [2, 9];
          const reduction = enrich(plain, run, isRounded, way);
          const target = targetOf({
            ...steps,
            a: [steps.a.format],
            b: [steps.a.format],
            product: isRounded ? steps.product : null,
            reduction: isRounded ? unfused(reduction) : fused(reduction),
          });
          const format = steps.a.format as FloatFormat;
          const x = samples(format, m * k)[seed % 7]!;
          const y = samples(format, k * n)[(seed >> 4) % 7]!;
          const c = seed % 3 === 0 ? {} : { c: samples(format, m * n)[(seed >> 8) % 7]! };
          expectTwins((options) => matmul(x, y, { m, n, k, target, unit: 'unit', ...c, ...options }), engine);
        },
      ),
      seeded(1000),
    );
  }, 120_000);

  it('agrees for fused sums in binary64, near and far', () => {
    const unit = targets.h100.matrixUnits.f64!;
    const shapes = { m: 3, n: 9, target: targets.h100, unit: unit.name };
    const random = generator(31);
    const sign = (): number => (random() < 0.5 ? -1 : 1);
    const power = (reach: number): number => 2 ** Math.round((random() * 2 - 1) * reach);
    const classes: (() => number)[] = [
      () => sign() * random(),
      () => Math.round(random() * 8 - 4),
      () => sign() * power(30) * (1 + random()),
      () => sign() * power(60),
      () => sign() * (1 + Math.floor(random() * 4) * 2 ** -52) * power(3),
      () => sign() * power(420) * random(),
      () => sign() * power(1070),
      () => [0, -0, Infinity, Number.NaN, 5e-324, 1][Math.floor(random() * 6)]!,
    ];
    for (let which = 0; which < 160; which++) {
      const k = which % 23;
      const pick = (i: number) => classes[i % classes.length]!;
      const of = (n: number, i: number) => Float64Array.from({ length: n }, pick(i));
      const [x, y] = [of(3 * k, which), of(k * 9, which % 3 ? which : which >> 3)];
      const c = which % 2 ? { c: of(27, which % 5 ? which : which >> 2) } : {};
      expectTwins((options) => matmul(x, y, { ...shapes, k, ...c, ...options }), engine);
    }
    // Products and addends that cancel, but for their last bits.
    for (let which = 0; which < 100; which++) {
      const x = Float64Array.from({ length: 3 }, () => 1 + Math.floor(random() * 2 ** 20) * 2 ** -52);
      const y = Float64Array.from({ length: 9 }, () => 1 + Math.floor(random() * 2 ** 30) * 2 ** -52);
      const c = Float64Array.from({ length: 27 }, (_, i) => {
        return -x[Math.floor(i / 9)]! * y[i % 9]! * (which % 2 ? 1 : power(2));
      });
      expectTwins((options) => matmul(x, y, { ...shapes, k: 1, c, ...options }), engine);
    }
  }, 120_000);

  it('agrees for integer registers of any width, registers within registers, and trees of them', () => {
    const register = fc.record({
      kind: fc.constant('integer' as const),
      bits: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constant(32)),
      overflow: fc.constantFrom('saturate' as const, 'wrap' as const),
      when: fc.constantFrom('everyStep' as const, 'atEnd' as const, { every: 3 }),
    });
    let twins = 0;
    fc.assert(
      fc.property(
        register,
        register,
        fc.integer({ min: 2, max: 16 }),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(30),
        fc.nat(),
        (first, second, bits, size, k, seed) => {
          const [m, n] = seed % 4 === 1 ? [11, 1] : [2, 11];
          const operand = defineInteger({ bits });
          const tree = (['pairwise', 'butterfly'] as const)[seed % 5];
          const inner: Reduction = { kind: tree ?? 'sequential', accumulator: first };
          const overflow = first.overflow;
          const outer: Reduction = { kind: 'sequential', accumulator: { ...second, overflow } };
          const across: Reduction = tree === undefined ? outer : { ...outer, kind: tree };
          const wide = defineInteger({ bits: Math.max(first.bits, seed % 2 ? second.bits : 2) });
          const target = targetOf({
            a: [operand],
            b: [operand],
            reduction:
              seed % 3 === 0
                ? inner
                : { kind: 'tiled', size, within: inner, across: seed % 2 || tree ? across : 'chain' },
            addend: roundTo(wide),
            output: roundTo(wide),
          });
          const plan = matmulKernel.plan({ m, n, k, target, unit: 'unit' });
          if (matmulKernel.compile?.(plan, engine) !== null) twins++;
          const random = generator(seed);
          const [x, y] = [draw(operand, m * k, seed % 40, random), draw(operand, k * n, seed % 30, random)];
          const c = seed % 3 === 0 ? {} : { c: draw(wide, m * n, seed % 25, random) };
          expectTwins((options) => matmul(x, y, { m, n, k, target, unit: 'unit', ...c, ...options }), engine);
        },
      ),
      seeded(600),
    );
    expect(twins).toBeGreaterThan((5 / 6) * runsOf(600));
  }, 120_000);
});

/** Outputs and counters of a twin that carries out its items in so many parts. */
function inParts<Raw>(kernel: Kernel<never, never, never, Raw>, plan: Plan, raw: Raw, parts: number) {
  const twin = kernel.compile!(plan as never, engine)!;
  const counters = createCounters(plan.stages.length, twin.flagSlots, (bytes) => new ArrayBuffer(bytes));
  const out = new Float64Array(plan.size);
  for (let part = 0; part < parts; part++) {
    const [first, end] = [part, part + 1].map((i) => Math.floor((twin.items * i) / parts)) as [number, number];
    expect(twin.computeRange(raw, out, counters, first, end)).toBe(true);
  }
  return { out, counters };
}

describe('parts of a run', () => {
  it('add up to the whole', () => {
    const random = generator(21);
    const both = <Raw>(kernel: unknown, plan: Plan, raw: Raw) => {
      const own = kernel as Kernel<never, never, never, Raw>;
      expect(inParts(own, plan, raw, 3)).toEqual(inParts(own, plan, raw, 1));
    };
    for (const { target, unit } of units) {
      const [a] = unit.a as [Format];
      const k = 2 * unit.k + 3;
      const [m, n] = [5, 11];
      const blocks = unit.scale === null ? 0 : Math.ceil(k / unit.scale.block);
      const scales = (rows: number) => ({
        a: new Float64Array(rows * blocks).fill(2),
        b: new Float64Array(11 * blocks).fill(4),
      });
      const own = unit.scale === null ? null : scales(m);
      const same = unit.mixes === 'same' ? [a] : unit.b;
      const b = same.find((each) => formatName(each) === formatName(a)) ?? same[0]!;
      const raw = { a: draw(a, m * k, 6, random), b: draw(b, k * n, 6, random), c: null, scales: own };
      both(matmulKernel, matmulKernel.plan({ m, n, k, target, unit: unit.name }), raw);
      const pairs = { ...raw, a: draw(a, n * k, 6, random), scales: own && scales(n) };
      both(dotKernel, dotKernel.plan({ rows: n, width: k, target, unit: unit.name }), pairs);
    }
    const reduction: Reduction = { kind: 'sequential', accumulator: { kind: 'kahan', rounding: roundTo(binary16) } };
    both(sumKernel, sumKernel.plan({ rows: 19, width: 20, target: fp16, reduction }), draw(binary16, 380, 6, random));
  });
});

/** A reduction whose first sums take products as they are. */
function fused(reduction: Reduction): Reduction {
  return withFused(reduction, true);
}

/** A reduction whose sums all take rounded terms. */
function unfused(reduction: Reduction): Reduction {
  return withFused(reduction, false);
}

function withFused(reduction: Reduction, isFused: boolean): Reduction {
  if (reduction.kind === 'tiled' || reduction.kind === 'strided') {
    return { ...reduction, within: withFused(reduction.within, isFused) };
  }
  if (reduction.kind === 'split') {
    return { ...reduction, head: withFused(reduction.head, isFused), tail: withFused(reduction.tail, isFused) };
  }
  const { rounding: own } = reduction.accumulator as { rounding: Rounding };
  return { ...reduction, accumulator: { kind: 'float', rounding: own, fused: isFused } };
}
