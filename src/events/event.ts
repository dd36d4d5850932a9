/**
 * Events: as reports tell them, and under way, before their digits are formed.
 *
 * @module
 */
import { type Algebraic, algebraicResult, type Operation } from '../arithmetic/exact.ts';
import { type Dyadic, decimalOf } from '../rounding/dyadic.ts';
import { type EventKind, maskableKinds } from '../rounding/flags.ts';

/** One event, with its place. */
export interface NumericEvent<Stage extends string = string> {
  readonly kind: EventKind;
  readonly stage: Stage;
  /** Row of the input; −1 for the constants that a call rounds once. */
  readonly row: number;
  /**
   * Column of the element; null for the numbers that a row has one of, and for joins of partial sums. A fused sum that is
   * rounded as a whole bears that of its last element.
   */
  readonly index: number | null;
  /** Position within the stage: an element's index; joins continue from the width, in post-order. */
  readonly step: number;
  readonly operation: Operation;
  readonly operands: readonly number[];
  /** The exact result in decimal digits; null where it is no finite number. */
  readonly exact: string | null;
  readonly result: number;
  /** For overflow, invalid and divideByZero: whether the outputs that depend on it are all finite. */
  readonly masked?: boolean;
}

/** The first event of each kind that happened. */
export type FirstEvents<Stage extends string = string> = Readonly<Partial<Record<EventKind, NumericEvent<Stage>>>>;

/**
 * An event under way. `exact`: undefined until its digits are formed. `sum`: the exact result of a sum whose operands do not
 * tell it; null: no finite number. `digits`: what forms them for an operation that is not algebraic.
 */
export type Draft = { -readonly [K in keyof Omit<NumericEvent, 'exact'>]: NumericEvent[K] } & {
  exact: string | null | undefined;
  stageOrder: number;
  sum?: Dyadic | null;
  digits?: Digits;
};

/** Writes down the exact result of an operation; null where it is no finite number. */
export type Digits = (operands: readonly number[]) => string | null;

/** Order of events: row, stage, index (joins and row numbers after elements), step; never time. */
export function before(row: number, stage: number, index: number | null, step: number, b: Draft): boolean {
  if (row !== b.row) return row < b.row;
  if (stage !== b.stageOrder) return stage < b.stageOrder;
  const i = index ?? Infinity;
  const bi = b.index ?? Infinity;
  return i !== bi ? i < bi : step < b.step;
}

export function isBefore(a: Draft, b: Draft): boolean {
  return before(a.row, a.stageOrder, a.index, a.step, b);
}

/** Whether outputs may hide it. */
export function isMaskable({ kind }: { readonly kind: EventKind }): boolean {
  return (maskableKinds as readonly EventKind[]).includes(kind);
}

/** The events that there are, by kind. */
export function finishAll(drafts: readonly (Draft | undefined)[]): FirstEvents {
  const found: Partial<Record<EventKind, NumericEvent>> = {};
  for (const draft of drafts) if (draft !== undefined) found[draft.kind] = finish(draft);
  return found;
}

/** An event as reports tell it. */
export function finish(draft: Draft): NumericEvent {
  const { kind, stage, row, index, step, operation, operands, result, masked } = draft;
  const exact = digitsOf(draft);
  return masked === undefined
    ? { kind, stage, row, index, step, operation, operands, exact, result }
    : { kind, stage, row, index, step, operation, operands, exact, result, masked };
}

/** An event of constants for one run of several, which share its digits. */
export function copyOf(draft: Draft): Draft {
  draft.exact = digitsOf(draft);
  return { ...draft };
}

function digitsOf({ exact, sum, digits, operation, operands }: Draft): string | null {
  if (exact !== undefined) return exact;
  if (digits !== undefined) return digits(operands);
  return sum === undefined ? algebraicResult(operation as Algebraic, operands) : sum && decimalOf(sum);
}

/** How many operands an operation has. */
export function operandCount(operation: Algebraic): number {
  switch (operation) {
    case 'round':
    case 'clamp':
    case 'squareRoot':
    case 'reciprocalSquareRoot':
    case 'exactSum':
      return 1;
    case 'fusedMultiplyAdd':
    case 'integerMultiplyAdd':
    case 'quantize':
      return 3;
    default:
      return 2;
  }
}
