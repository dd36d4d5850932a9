/**
 * What happened, one entry an operation, and what follows from the list: counts, row flags, first occurrences.
 *
 * @module
 */
import { BittrueError, checkInteger, checkNumber, checkText } from '../../errors/index.ts';
import type { EventKind } from '../../rounding/flags.ts';
import { checkNumberList, fields, integer, listOf, maybe } from './checks.ts';
import type { Exact } from './exact.ts';

/** One operation that raised a flag. */
export interface OracleEvent {
  /** −1 for constants, which belong to the call. */
  readonly row: number;
  readonly stage: string;
  /** Element (column) of the stage; null for joins and for operations on one number a row. */
  readonly index: number | null;
  /** Place in the stage: an element's index, joins from the width on; else the operation's number from 0. */
  readonly step: number;
  readonly flags: number;
  readonly operands: readonly number[];
  readonly result: number;
  /** Of a sum of many terms, where the operands do not tell it. */
  readonly exact?: Exact;
}

/** The kinds, by flag bit. */
export const oracleKinds: readonly EventKind[] = [
  'inexact',
  'underflow',
  'overflow',
  'divideByZero',
  'invalid',
  'saturation',
  'wrap',
  'absorption',
  'flush',
  'scaleUnderflow',
  'scaleOverflow',
  'negativeVariance',
];

const LARGEST = Number.MAX_SAFE_INTEGER;
const checkStages = listOf(checkText);
const checkEvents = listOf(
  fields('an event of the oracle', {
    row: integer(-1, LARGEST),
    stage: checkText,
    index: maybe(integer(0, LARGEST)),
    step: integer(0, LARGEST),
    flags: integer(0, 2 ** 31 - 1),
    operands: checkNumberList,
    result: checkNumber,
  }),
);

function checkStory(stages: readonly string[], events: readonly OracleEvent[]): void {
  checkStages('stages', stages);
  checkEvents('events', events);
  events.forEach(({ stage }, i) => {
    if (!stages.includes(stage)) throw new BittrueError('name', `events[${i}].stage`, stage, 'one of the stages');
  });
}

/** How often each kind occurred in each stage: `counts.squareSum.overflow`. */
export function oracleCounts(
  stages: readonly string[],
  events: readonly OracleEvent[],
): Record<string, Record<EventKind, number>> {
  checkStory(stages, events);
  const none = (): Record<EventKind, number> =>
    Object.fromEntries(oracleKinds.map((kind) => [kind, 0])) as Record<EventKind, number>;
  const counts = Object.fromEntries(stages.map((stage) => [stage, none()]));
  for (const { stage, flags } of events) {
    oracleKinds.forEach((kind, bit) => {
      if (flags & (1 << bit)) (counts[stage] as Record<EventKind, number>)[kind] += 1;
    });
  }
  return counts;
}

/** All flags that each row raised, constants apart. */
export function oracleRowFlags(rows: number, events: readonly OracleEvent[]): number[] {
  checkInteger('rows', rows, 0, 2 ** 26);
  checkEvents('events', events);
  const flags = new Array<number>(rows).fill(0);
  for (const event of events) {
    checkInteger('event.row', event.row, -1, rows - 1);
    if (event.row >= 0) flags[event.row] = (flags[event.row] as number) | event.flags;
  }
  return flags;
}

/** The first event of each kind: smallest row, then stage order, then index (null last) and step. */
export function oracleFirsts(
  stages: readonly string[],
  events: readonly OracleEvent[],
): Partial<Record<EventKind, OracleEvent>> {
  checkStory(stages, events);
  const firsts: Partial<Record<EventKind, OracleEvent>> = {};
  const place = (e: OracleEvent): number[] => [e.row, stages.indexOf(e.stage), e.index ?? Infinity, e.step];
  for (const event of events) {
    oracleKinds.forEach((kind, bit) => {
      if ((event.flags & (1 << bit)) === 0) return;
      const first = firsts[kind];
      if (first === undefined || precedes(place(event), place(first))) firsts[kind] = event;
    });
  }
  return firsts;
}

function precedes(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((x, i) => x !== b[i]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}
