import { describe, expect, it } from 'vitest';
import { eventKinds } from '../../../src/rounding/index.ts';
import {
  type OracleEvent,
  oracleCounts,
  oracleFirsts,
  oracleKinds,
  oracleRowFlags,
} from '../../../src/testing/oracle/events.ts';

const event = (row: number, stage: string, index: number | null, step: number, flags: number): OracleEvent => ({
  row,
  stage,
  index,
  step,
  flags,
  operands: [],
  result: 0,
});

const stages = ['constants', 'sum', 'center'];
const events = [
  event(1, 'sum', 0, 0, 5),
  event(0, 'center', 2, 2, 1),
  event(0, 'sum', null, 4, 5),
  event(0, 'sum', 3, 3, 4),
  event(-1, 'constants', null, 0, 2),
];

describe('events', () => {
  it('name the kinds in the order of their bits', () => {
    expect(oracleKinds).toEqual(eventKinds);
  });

  it('are counted by stage and kind', () => {
    const counts = oracleCounts(stages, events);
    expect(counts.sum).toMatchObject({ inexact: 2, overflow: 3, underflow: 0 });
    expect(counts.center?.inexact).toBe(1);
    expect(counts.constants?.underflow).toBe(1);
  });

  it('flag rows; constants belong to none', () => {
    expect(oracleRowFlags(3, events)).toEqual([5, 5, 0]);
  });

  it('come first by row, stage, index, step; joins after elements', () => {
    const firsts = oracleFirsts(stages, events);
    expect(firsts.overflow).toBe(events[3]);
    expect(firsts.inexact).toBe(events[2]);
    expect(firsts.underflow).toBe(events[4]);
    expect(firsts.wrap).toBeUndefined();
  });
});
