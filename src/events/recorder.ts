/**
 * Counts every event of a run and keeps the first of each kind, or all of them.
 *
 * @module
 */
import type { Algebraic, Operation } from '../arithmetic/exact.ts';
import type { Binades } from '../formats/binades.ts';
import type { Dyadic } from '../rounding/dyadic.ts';
import { type EventKind, eventKinds, INEXACT, MASKABLE, maskableKinds } from '../rounding/flags.ts';
import type { Position } from '../rounding/philox.ts';
import {
  before,
  copyOf,
  type Digits,
  type Draft,
  type FirstEvents,
  finish,
  finishAll,
  isBefore,
  isMaskable,
  type NumericEvent,
  operandCount,
} from './event.ts';
import type { MagnitudeCounter } from './magnitudes.ts';
import { noMaskable } from './maskable.ts';

/**
 * How much a run records: the counts; the first event of each kind too (the default); or all events up to a limit. `off`
 * leaves every count NaN, for no one has counted, and the run is not known to be ok.
 */
export type RecordMode = 'off' | 'counts' | 'first' | 'all';

const KINDS = eventKinds.length;
/** The column of every maskable kind. */
const maskable = /* @__PURE__ */ maskableKinds.map((kind) => ({ kind, column: eventKinds.indexOf(kind) }));

/** The stage of what a call rounds once, such as ε: its first events stand apart from those of rows. */
export const CONSTANTS = 'constants';

/**
 * Counts of operations, of which a large matmul has more than 2^32. Of a run that comes once an array, which is made ten
 * times sooner; of one that comes often a Float64Array, which is read sooner.
 */
export type Counting = Float64Array | number[];

/**
 * The mutable record of one run. Kernels say where they are (`row`, `stage`, and, for stochastic rounding, `index` and
 * `step`), and call `note` for every operation with flags. For inner loops: nothing is checked, junk promises nothing.
 */
export class Recorder implements Position {
  /** `counts[stage * kinds + kind]` */
  readonly counts: Counting;
  /** Flags raised in each row, all stages together. */
  rowFlags: Uint16Array;
  /** Rows with a masked event, by kind. */
  readonly maskedRows = noMaskable();
  /** Where results are counted by their magnitudes; null: nowhere. */
  magnitudes: MagnitudeCounter | null = null;
  /** How many inputs are NaN or infinite, where the run counted them on its way; null: they are still to be counted. */
  nonFiniteInputs: number | null = null;
  /** Ordinal of the current stage. */
  stage = 0;
  /** Current row; −1 while constants are rounded. */
  row = -1;
  /** Place of the current operation: an element's number in the output, or the row for what a row has one of. */
  index = 0;
  /** Step of the current operation, 0 for elements. */
  step = 0;

  private readonly stages: readonly string[];
  private readonly constantsAt: number;
  private readonly mode: RecordMode;
  private readonly limit: number;
  private readonly first: (Draft | undefined)[] = new Array(KINDS).fill(undefined);
  /** Flag bits of kinds whose first event may still come in this row or a later one. */
  private open: number;
  private readonly firstConstant: (Draft | undefined)[] = new Array(KINDS).fill(undefined);
  private rowEvents: Draft[] = [];
  private constants: Draft[] = [];
  private readonly kept: Draft[] = [];
  private dropped = 0;
  /** Whether every output so far is finite. */
  allFinite = true;

  /** `counts` and `rowFlags`: where they are entered; default new ones. */
  constructor(
    stages: readonly string[],
    rows: number,
    mode: RecordMode,
    limit: number,
    counts: Counting = new Array<number>(stages.length * KINDS).fill(0),
    rowFlags: Uint16Array = new Uint16Array(rows),
  ) {
    this.stages = stages;
    this.constantsAt = stages.indexOf(CONSTANTS);
    this.mode = mode;
    this.limit = limit;
    this.counts = counts;
    this.rowFlags = rowFlags;
    this.open = mode === 'counts' || mode === 'off' ? 0 : (1 << KINDS) - 1;
  }

  /** Whether it keeps events besides counting. */
  get wantsEvents(): boolean {
    return this.mode === 'first' || this.mode === 'all';
  }

  /** Counts a result of the current stage by its magnitude, where that is asked for. */
  see(result: number, binades: Binades): void {
    if (this.magnitudes !== null) this.magnitudes.enter(this.stage, result, binades);
  }

  /** The same for all results of a stage's row, once for a whole loop. */
  seeAll(results: Float64Array, binades: Binades): void {
    if (this.magnitudes !== null) this.magnitudes.enterAll(this.stage, results, binades);
  }

  /** Enters one operation whose flags are not 0. */
  note(
    flags: number,
    operation: Algebraic,
    index: number | null,
    step: number,
    a: number,
    b: number,
    c: number,
    result: number,
  ): void {
    this.count(flags, 1);
    const wanted = this.wanted(flags, index, step);
    if (wanted === 0) return;
    this.describe(wanted, operation, index, step, [a, b, c].slice(0, operandCount(operation)), result);
  }

  /** Counts operations with these flags, other than 0, which no event is to tell of. */
  count(flags: number, times: number): void {
    const base = this.stage * KINDS;
    if (this.row >= 0) this.rowFlags[this.row] |= flags;
    if (flags === INEXACT) this.counts[base] += times;
    else for (let kind = 0; kind < KINDS; kind++) if (flags & (1 << kind)) this.counts[base + kind] += times;
  }

  /** Whether an operation with these flags may be the event that a kind still waits for. */
  wants(flags: number): boolean {
    return (flags & this.open) !== 0;
  }

  /** Those of some flags that an event at a place of the current stage is to tell of: all, or those it would be first in. */
  private wanted(flags: number, index: number | null, step: number): number {
    const open = flags & this.open;
    if (open === 0 || this.mode === 'all') return open;
    const first = this.stage === this.constantsAt ? this.firstConstant : this.first;
    let found = 0;
    for (let kind = 0; kind < KINDS; kind++) {
      if ((open & (1 << kind)) === 0) continue;
      const known = first[kind];
      if (known === undefined || before(this.row, this.stage, index, step, known)) found |= 1 << kind;
      // Most operations are inexact and nothing else.
      if (open === INEXACT) break;
    }
    return found;
  }

  /**
   * The same as `note` for a sum of many terms, of which the event names some, with the exact sum of all.
   *
   * @internal
   */
  noteSum(
    flags: number,
    operation: Operation,
    index: number | null,
    step: number,
    operands: readonly number[],
    sum: Dyadic | null,
    result: number,
  ): void {
    this.count(flags, 1);
    const wanted = this.wanted(flags, index, step);
    if (wanted !== 0) this.describe(wanted, operation, index, step, operands, result, sum);
  }

  /**
   * The same as `note` for an operation that is not algebraic, with what forms the digits of its result.
   *
   * @internal
   */
  noteWith(
    digits: Digits,
    flags: number,
    operation: Operation,
    index: number | null,
    step: number,
    operand: number,
    result: number,
  ): void {
    this.count(flags, 1);
    const wanted = this.wanted(flags, index, step);
    if (wanted !== 0) this.describe(wanted, operation, index, step, [operand], result, undefined, digits);
  }

  private describe(
    flags: number,
    operation: Operation,
    index: number | null,
    step: number,
    operands: readonly number[],
    result: number,
    sum?: Dyadic | null,
    digits?: Digits,
  ): void {
    const stage = this.stages[this.stage] as string;
    const first = this.stage === this.constantsAt ? this.firstConstant : this.first;
    for (let kind = 0; kind < KINDS; kind++) {
      if ((flags & (1 << kind)) === 0) continue;
      const draft: Draft = {
        kind: eventKinds[kind] as EventKind,
        stage,
        stageOrder: this.stage,
        row: this.row,
        index,
        step,
        operation,
        operands,
        exact: undefined,
        result,
      };
      if (sum !== undefined) draft.sum = sum;
      if (digits !== undefined) draft.digits = digits;
      const known = first[kind];
      if (known === undefined || isBefore(draft, known)) first[kind] = draft;
      if (this.mode === 'all') this.rowEvents.push(draft);
    }
  }

  /** Starts from what another recorder was told of constants, the first stage: several runs share them. */
  startFrom({ counts, constants, firstConstant }: Recorder): void {
    for (let kind = 0; kind < KINDS; kind++) {
      this.counts[kind] = counts[kind] as number;
      const event = firstConstant[kind];
      if (event !== undefined) this.firstConstant[kind] = copyOf(event);
    }
    this.rowEvents = constants.map(copyOf);
    this.endConstants();
  }

  /** Closes the constants: what they raised comes before every row. */
  endConstants(): void {
    this.constants = this.rowEvents;
    this.rowEvents = [];
    this.keep(this.constants);
    this.closeFound();
  }

  /** Closes the current row. `finite`: whether every output of the row is finite. */
  endRow(finite: boolean): void {
    const flags = this.rowFlags[this.row] as number;
    this.allFinite &&= finite;
    if (flags & MASKABLE) this.mask(flags, finite);
    this.keep(this.rowEvents);
    this.rowEvents = [];
    this.closeFound();
  }

  /** Tells the current row's events whether the row hides them. */
  private mask(flags: number, finite: boolean): void {
    for (const { kind, column } of maskable) {
      const event = this.first[column];
      if (event !== undefined && event.row === this.row) event.masked = finite;
      if (finite && flags & (1 << column)) this.maskedRows[kind] += 1;
    }
    for (const event of this.rowEvents) if (isMaskable(event)) event.masked = finite;
  }

  /** Closes the run: constants reach every row, so theirs are masked when every output is finite. */
  end(): void {
    for (const event of [...this.constants, ...this.firstConstant, ...this.first]) {
      if (event !== undefined && event.row === -1 && isMaskable(event)) event.masked = this.allFinite;
    }
  }

  /** A later row cannot come first, so in `first` mode a kind that has its event needs no more drafts. */
  private closeFound(): void {
    if (this.mode !== 'first') return;
    for (let kind = 0; kind < KINDS; kind++) if (this.first[kind] !== undefined) this.open &= ~(1 << kind);
  }

  private keep(events: Draft[]): void {
    if (events.length === 0) return;
    events.sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0));
    const room = Math.max(0, this.limit - this.kept.length);
    for (const event of events.slice(0, room)) this.kept.push(event);
    this.dropped += Math.max(0, events.length - room);
  }

  /** Forgets every count. */
  forget(): void {
    this.counts.fill(Number.NaN);
    this.rowFlags.fill(0);
    for (const kind of maskableKinds) this.maskedRows[kind] = Number.NaN;
  }

  /** The first event of each kind, constants apart. */
  firstEvents(): FirstEvents {
    return finishAll(this.first);
  }

  /** The first event of each kind among the constants. */
  firstConstantEvents(): FirstEvents {
    return finishAll(this.firstConstant);
  }

  /** All events kept, in order, and how many the limit dropped. */
  allEvents(): { events: NumericEvent[]; dropped: number } {
    return { events: this.kept.map(finish), dropped: this.dropped };
  }
}
