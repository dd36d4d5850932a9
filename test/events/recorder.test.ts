import { describe, expect, it } from 'vitest';
import { Recorder } from '../../src/events/recorder.ts';
import { eventKinds } from '../../src/rounding/flags.ts';

const INEXACT = 1;
const UNDERFLOW = 2;
const OVERFLOW = 4;
const INVALID = 16;

/** A recorder for stages `a` and `b`. */
function recorder(rows: number, mode: 'counts' | 'first' | 'all' = 'all', limit = 100): Recorder {
  return new Recorder(['a', 'b'], rows, mode, limit);
}

describe('Recorder', () => {
  it('counts each kind by stage, in every mode', () => {
    for (const mode of ['counts', 'first', 'all'] as const) {
      const record = recorder(1, mode);
      record.row = 0;
      record.stage = 1;
      record.note(INEXACT | UNDERFLOW, 'multiply', 0, 0, 1, 2, 0, 3);
      record.note(INEXACT, 'multiply', 1, 1, 1, 2, 0, 3);
      record.endRow(true);
      record.end();
      const second = eventKinds.map((kind) => (kind === 'inexact' ? 2 : kind === 'underflow' ? 1 : 0));
      expect([...record.counts]).toEqual([...eventKinds.map(() => 0), ...second]);
      expect([...record.rowFlags]).toEqual([3]);
      expect(record.allEvents().events).toHaveLength(mode === 'all' ? 3 : 0);
      expect(Object.keys(record.firstEvents())).toEqual(mode === 'counts' ? [] : ['inexact', 'underflow']);
    }
  });

  it('orders by row, stage, index and step, joins last, whatever came first in time', () => {
    const record = recorder(2);
    record.row = 0;
    record.stage = 1;
    record.note(OVERFLOW, 'add', null, 9, 1, 1, 0, 2);
    record.note(OVERFLOW, 'add', null, 8, 1, 1, 0, 2);
    record.note(OVERFLOW, 'add', 3, 3, 1, 1, 0, 2);
    record.stage = 0;
    record.note(OVERFLOW, 'add', 7, 7, 1, 1, 0, 2);
    record.endRow(true);
    record.row = 1;
    record.note(OVERFLOW, 'add', 0, 0, 1, 1, 0, 2);
    record.endRow(true);
    record.end();
    const { events } = record.allEvents();
    expect(events.map(({ row, stage, index, step }) => [row, stage, index, step])).toEqual([
      [0, 'a', 7, 7],
      [0, 'b', 3, 3],
      [0, 'b', null, 8],
      [0, 'b', null, 9],
      [1, 'a', 0, 0],
    ]);
    expect(record.firstEvents().overflow).toMatchObject({ row: 0, stage: 'a', index: 7 });
  });

  it('marks as masked what no output of the row shows', () => {
    const record = recorder(3);
    for (const [row, finite] of [true, false, true].entries()) {
      record.row = row;
      record.note(OVERFLOW | INEXACT, 'add', 0, 0, 1, 1, 0, 2);
      if (row === 2) record.note(INVALID, 'add', 1, 1, 1, 1, 0, 2);
      record.endRow(finite);
    }
    record.end();
    const masks = record.allEvents().events.map(({ kind, masked }) => [kind, masked]);
    expect(masks).toEqual([
      ['inexact', undefined],
      ['overflow', true],
      ['inexact', undefined],
      ['overflow', false],
      ['inexact', undefined],
      ['overflow', true],
      ['invalid', true],
    ]);
    expect(record.maskedRows).toEqual({ overflow: 2, invalid: 1, divideByZero: 0 });
  });

  it('puts the constants of a call before every row; they are masked when every output is finite', () => {
    for (const finite of [true, false]) {
      const record = new Recorder(['constants', 'sum'], 1, 'all', 100);
      record.note(OVERFLOW, 'round', null, 0, 1e9, 0, 0, Infinity);
      record.endConstants();
      record.row = 0;
      record.stage = 1;
      record.note(OVERFLOW, 'add', 0, 0, 1, 1, 0, 2);
      record.endRow(finite);
      record.end();
      expect(record.firstConstantEvents().overflow).toMatchObject({ row: -1, masked: finite });
      expect(record.firstEvents().overflow).toMatchObject({ row: 0, masked: finite });
      expect(record.allEvents().events.map(({ row, masked }) => [row, masked])).toEqual([
        [-1, finite],
        [0, finite],
      ]);
      expect([...record.rowFlags]).toEqual([OVERFLOW]);
    }
  });

  it('keeps up to the limit, and counts what it drops', () => {
    const record = recorder(1, 'all', 2);
    record.row = 0;
    for (let i = 4; i >= 0; i--) record.note(INEXACT, 'round', i, i, 1, 0, 0, 1);
    record.endRow(true);
    record.end();
    const { events, dropped } = record.allEvents();
    expect(events.map(({ index }) => index)).toEqual([0, 1]);
    expect(dropped).toBe(3);
    expect(record.counts[0]).toBe(5);
  });

  it('gives operands and the exact result', () => {
    const record = recorder(1);
    record.row = 0;
    record.note(OVERFLOW, 'fusedMultiplyAdd', 0, 0, 0.1, 3, 1, Infinity);
    record.note(OVERFLOW, 'divide', 1, 1, 1, 3, 0, 0.33);
    record.note(OVERFLOW, 'squareRoot', 2, 2, 4, 0, 0, 2);
    record.note(OVERFLOW, 'add', 3, 3, Infinity, 1, 0, Infinity);
    record.note(OVERFLOW, 'integerMultiplyAdd', 4, 4, 2 ** 30, 2 ** 30, 2 ** 60, 5);
    record.note(OVERFLOW, 'reciprocalSquareRoot', 5, 5, 0, 0, 0, Infinity);
    record.endRow(true);
    record.end();
    expect(record.allEvents().events.map(({ operands, exact }) => [operands, exact])).toEqual([
      [[0.1, 3, 1], '1.3000000000000000166533453693773481063544750213623046875'],
      [[1, 3], '0.3333333333333333333333333333333333333333…'],
      [[4], '2'],
      [[Infinity, 1], null],
      [[2 ** 30, 2 ** 30, 2 ** 60], '2305843009213693952'],
      [[0], null],
    ]);
  });
});
