import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16, e2m1fn, e4m3fn, int8 } from '../../src/formats/index.ts';
import { addKernel } from '../../src/kernels/add.ts';
import { add, multiply } from '../../src/kernels/index.ts';
import { multiplyKernel } from '../../src/kernels/multiply.ts';
import { type Rounding, resolvePolicy } from '../../src/rounding/index.ts';
import { fp16, h100, type VectorUnit } from '../../src/targets/index.ts';
import { reals, roundings, targets } from '../../src/testing/arbitraries/index.ts';
import type { OracleEvent } from '../../src/testing/oracle/events.ts';
import { oracleOperation } from '../../src/testing/oracle/operations.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';
import { expectReport } from './helpers.ts';

type Name = 'add' | 'multiply';
type Case = { rows: number; width: number; x: number[]; y: number[] };

const kernels = { add, multiply };

/** Operands of up to three rows of up to five numbers, some of them near opposites. */
function operands(of: Rounding): fc.Arbitrary<Case> {
  const number = fc.oneof({ weight: 5, arbitrary: reals(of.format) }, fc.constantFrom(0, -0, 1, -1, 0.1));
  return fc
    .record({
      rows: fc.integer({ min: 1, max: 3 }),
      width: fc.integer({ min: 1, max: 5 }),
      x: fc.array(number, { minLength: 15, maxLength: 15 }),
      y: fc.array(fc.oneof(number, fc.constant(null)), { minLength: 15, maxLength: 15 }),
    })
    .map(({ rows, width, x, y }) => {
      const size = rows * width;
      return { rows, width, x: x.slice(0, size), y: x.slice(0, size).map((value, i) => y[i] ?? -value) };
    });
}

/** Stage by stage, each number by the oracle's one operation. */
function byOracle(name: Name, { x, y, width }: Case, unit: Pick<VectorUnit, 'load' | 'compute' | 'store'> | Rounding) {
  const events: OracleEvent[] = [];
  const each = (stage: string, rounding: Rounding, operation: 'convert' | Name, ...from: number[][]): number[] =>
    from[0]!.map((_, i) => {
      const own = from.map((values) => values[i] as number);
      const { value, flags } = oracleOperation(operation, rounding, own);
      const [row, index] = [Math.floor(i / width), i % width];
      if (flags !== 0) events.push({ row, stage, index, step: index, flags, operands: own, result: value });
      return value;
    });
  if ('format' in unit) return { output: each(name, unit, name, x, y), events, stages: [name] };
  const a = each('loadX', unit.load, 'convert', x);
  const b = each('loadY', unit.load, 'convert', y);
  const output = each('store', unit.store, 'convert', each(name, unit.compute, name, a, b));
  return { output, events, stages: ['loadX', 'loadY', name, 'store'] };
}

describe.each(['add', 'multiply'] as const)('%s', (name) => {
  const kernel = kernels[name];

  it('does to a format what the oracle does, with every event', () => {
    const cases = roundings({ maxBits: 40 }).chain((rounding) => fc.tuple(fc.constant(rounding), operands(rounding)));
    fc.assert(
      fc.property(cases, ([rounding, given]) => {
        const { format, policy } = rounding;
        const { x, y, rows, width } = given;
        const wanted = outcome(() => byOracle(name, given, rounding));
        const run = () => kernel(x, y, { format, policy, rows, width, record: 'all' });
        const found = outcome(run);
        if (wanted === 'refused' || found === 'refused') {
          // The oracle wraps integers of any size; units refuse where a product needs more bits than they keep.
          if (failure(run) !== 'range x') expect(found).toEqual(wanted);
          return;
        }
        expect([...found.output]).toEqual(wanted.output);
        expectReport(found.report, wanted, rows);
      }),
      seeded(1000),
    );
  });

  it('does on a target what the oracle does stage by stage, with every event', () => {
    const cases = targets({ maxBits: 24 }).chain((target) =>
      fc.tuple(fc.constant(target), operands(target.vectorUnits.vector.load)),
    );
    fc.assert(
      fc.property(cases, ([target, given]) => {
        const { x, y, rows, width } = given;
        const wanted = outcome(() => byOracle(name, given, target.vectorUnits.vector));
        const found = outcome(() => kernel(x, y, { target, rows, width, record: 'all' }));
        if (wanted === 'refused' || found === 'refused') {
          expect(found).toEqual(wanted);
          return;
        }
        expect([...found.output]).toEqual(wanted.output);
        expectReport(found.report, wanted, rows);
      }),
      seeded(1000),
    );
  });

  it('says what it ran with', () => {
    const rounding = { format: e4m3fn, policy: resolvePolicy(e4m3fn, { overflow: 'saturate' }) };
    const own = kernel([1], [2], { format: e4m3fn, policy: { overflow: 'saturate' } }).report;
    expect(own).toMatchObject({ kernel: name, rows: 1, width: 1, configuration: { rounding }, stages: [name] });
    const { configuration } = kernel([1, 2], [2, 1], { target: fp16, rows: 2 }).report;
    expect(configuration).toEqual({ target: fp16 });
  });

  it('takes any arrays, and none at all', () => {
    expect(kernel([], [], { format: e4m3fn }).output).toHaveLength(0);
    expect(kernel(new Int8Array([2]), Float32Array.of(2), { target: fp16 }).output[0]).toBe(4);
    expect(kernel([100], [3], { format: int8, policy: { overflow: 'saturate' } }).output[0]).toBe(
      name === 'add' ? 103 : 127,
    );
  });

  const bad: [x: unknown, y: unknown, change: object, expected: string][] = [
    [undefined, [1], {}, 'type x'],
    [[1], undefined, {}, 'type y'],
    [[1], [1, 2], {}, 'shape y'],
    [[1, 2], [1, 2], { width: 1 }, 'shape x'],
    [[1], ['1'], {}, 'type y[0]'],
    [[1], [1], { target: fp16 }, 'type options'],
    [[1], [1], { format: undefined }, 'type options'],
    [[1], [1], { format: undefined, target: 'fp17' }, 'name options.target'],
    [[1], [1], { format: undefined, target: { ...h100, vectorUnits: {}, defaults: {} } }, 'unsupported options.target'],
    [[1], [1], { format: undefined, target: fp16, policy: {} }, 'unsupported options.policy'],
    [[1], [1], { format: 'e4m3fm' }, 'name options.format'],
    [[1], [1], { policy: { overflow: 'wrap' } }, 'name options.policy.overflow'],
    [[1], [1], { rows: -1 }, 'range options.rows'],
    [[1], [1], { width: 0.5 }, 'range options.width'],
    [[1], [1], { reduction: 'sum' }, 'name options.reduction'],
    [[1], [1], { out: new Float64Array(2) }, 'shape options.out'],
    [[1], [Number.NaN], { format: e2m1fn }, 'value x'],
  ];
  it.each(bad)('of %o and %o with %o: %s', (x, y, change, expected) => {
    expect(failure(() => kernel(x as never, y as never, { format: e4m3fn, ...change } as never))).toBe(expected);
  });
});

describe('the reference pass', () => {
  it('knows the room of sums, and their error against the real ones', () => {
    const { report } = add([1024, 0.1], [1024, 0.2], { format: binary16, reference: true });
    expect(report.headroom?.add).toBe(Math.log2(65504 / 2048));
    expect(report.footroom?.add).toBe(Math.log2((0.1 + 0.2) / 2 ** -14));
    expect(report.error?.maxUlp).toBe(Math.abs(0.300048828125 - (0.1 + 0.2)) / 2 ** -12);
  });

  it('has loads as they are, and counts products that the rounding would flush', () => {
    const options = { target: fp16, reference: true } as const;
    const { report } = multiply([0.1, 2 ** -14], [1, 2 ** -12], options);
    expect(Object.keys(report.headroom ?? {})).toEqual(['multiply', 'store']);
    expect(report.headroom?.multiply).toBe(Math.log2(65504 / 0.0999755859375));
    expect(report.flushed).toEqual({ multiply: 0.5, store: 0.5 });
    expect(report.error?.maxUlp).toBeCloseTo((0.1 - 0.0999755859375) / 2 ** -14, 12);
  });
});

it('kernels name the stages that they can have', () => {
  expect(addKernel.stages).toEqual(add([1], [1], { target: fp16 }).report.stages);
  expect(multiplyKernel.stages).toEqual(multiply([1], [1], { target: fp16 }).report.stages);
});
