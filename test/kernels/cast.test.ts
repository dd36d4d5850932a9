import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { e2m1fn, e4m3fn } from '../../src/formats/index.ts';
import { cast } from '../../src/kernels/index.ts';
import { resolvePolicy } from '../../src/rounding/index.ts';
import { reals, roundings } from '../../src/testing/arbitraries/index.ts';
import type { OracleEvent } from '../../src/testing/oracle/events.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';
import { expectReport } from './helpers.ts';

describe('cast', () => {
  it('rounds every number as the oracle does, with every event', () => {
    const cases = roundings({ maxBits: 40 }).chain((rounding) =>
      fc.record({
        rounding: fc.constant(rounding),
        rows: fc.integer({ min: 1, max: 3 }),
        width: fc.integer({ min: 1, max: 5 }),
        numbers: fc.array(reals(rounding.format), { minLength: 15, maxLength: 15 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ rounding: { format, policy }, rows, width, numbers }) => {
        const x = numbers.slice(0, rows * width);
        const wanted = outcome(() => x.map((number) => oracleRound(format, policy, number)));
        const found = outcome(() => cast(x, { format, policy, rows, width, record: 'all' }));
        if (wanted === 'refused' || found === 'refused') {
          expect(found).toEqual(wanted);
          return;
        }
        const output = wanted.map(({ value }) => value);
        expect([...found.output]).toEqual(output);
        const events = wanted.map(({ value, flags }, i): OracleEvent => {
          const index = i % width;
          return {
            row: Math.floor(i / width),
            stage: 'cast',
            index,
            step: index,
            flags,
            operands: [x[i] as number],
            result: value,
          };
        });
        const raised = events.filter(({ flags }) => flags !== 0);
        expectReport(found.report, { output, events: raised, stages: ['cast'] }, rows);
      }),
      seeded(1000),
    );
  });

  it('takes one row unless told otherwise, from any kind of array', () => {
    for (const x of [[1.1, 464, 465], Float64Array.of(1.1, 464, 465), Float32Array.of(1.125, 464, 465)]) {
      const { output, report } = cast(x, { format: e4m3fn });
      expect([...output]).toEqual([1.125, 448, Number.NaN]);
      expect(report).toMatchObject({ rows: 1, width: 3, ok: false });
      expect(report.first.overflow).toMatchObject({ row: 0, index: 2, masked: false, exact: '465' });
    }
    expect(cast([1, 2, 3, 4], { format: e4m3fn, rows: 2 }).report.width).toBe(2);
    expect(cast([], { format: e4m3fn }).output).toHaveLength(0);
    expect(cast(new Int8Array([1, -3]), { format: e4m3fn }).output[1]).toBe(-3);
  });

  it('says what it ran with', () => {
    const { report } = cast([1], { format: e4m3fn, policy: { overflow: 'saturate' } });
    expect(report.configuration).toEqual({
      rounding: { format: e4m3fn, policy: resolvePolicy(e4m3fn, { overflow: 'saturate' }) },
    });
  });

  const bad: [x: unknown, change: object, expected: string][] = [
    [undefined, {}, 'type x'],
    [7, { width: 1 }, 'type x'],
    ['12', {}, 'type x'],
    [[1, '2'], {}, 'type x[1]'],
    [new BigInt64Array(2), {}, 'type x'],
    [new DataView(new ArrayBuffer(8)), { width: 1 }, 'type x'],
    [[1, 2, 3], { rows: 2 }, 'shape x'],
    [[1, 2, 3], { rows: 1, width: 2 }, 'shape x'],
    [[1], { rows: -1 }, 'range options.rows'],
    [[1], { rows: 0.5 }, 'range options.rows'],
    [[1], { width: Number.NaN }, 'range options.width'],
    [[1], { format: 'e4m3' }, 'no error'],
    [[1], { format: 'e4m3fm' }, 'name options.format'],
    [[1], { format: undefined }, 'type options.format'],
    [[1], { policy: { overflow: 'wrap' } }, 'name options.policy.overflow'],
    [[1], { record: 'some' }, 'name options.record'],
    [[1], { limit: -1 }, 'range options.limit'],
    [[1], { reference: 1 }, 'type options.reference'],
    [[1], { saturate: true }, 'name options.saturate'],
    [[Number.NaN], { format: e2m1fn }, 'value x'],
  ];
  it.each(bad)('of %o with %o: %s', (x, change, expected) => {
    expect(failure(() => cast(x as never, { format: e4m3fn, ...change } as never))).toBe(expected);
  });

  it('refuses to run without options', () => {
    expect(failure(() => cast([1], undefined as never))).toBe('type options.format');
  });
});
