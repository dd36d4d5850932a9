/**
 * A sum of somebody else's against one order and register.
 *
 * @module
 */
import { defineReduction } from '../../accumulators/define.ts';
import { reductionText } from '../../accumulators/describe.ts';
import type { Reduction } from '../../accumulators/index.ts';
import { Reducer } from '../../accumulators/reducer.ts';
import { accumulatorRounding, lastLeaf, leaves } from '../../accumulators/walk.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { BittrueError, checkFunction, checkInteger, checkObject } from '../../errors/index.ts';
import { Recorder } from '../../events/recorder.ts';
import { defineInteger, type Format, formatName } from '../../formats/index.ts';
import { decode, resolvePolicy } from '../../rounding/index.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { outcomeOf } from '../conformance/compute.ts';
import { hexBits, type Operand } from '../conformance/operand.ts';
import { drawCode, draws, type Next } from '../conformance/sample.ts';
import type { SumLoop } from '../diagnosis/compensations.ts';
import type { SumSetup } from '../diagnosis/sumSetup.ts';
import { sumBehaviours } from '../diagnosis/sums.ts';
import { asking, type CallOptions } from './call.ts';
import type { Unseen } from './check.ts';
import { type Checked, comparison, type EffortOptions, effort, formatArgument } from './checkRounding.ts';
import { answer, answerWords, hex, operandAt, spell, wrongness } from './conversionWords.ts';
import { examine, type Subject } from './examine.ts';

/** What a sum should do. */
export interface SumCheckOptions extends EffortOptions, Pick<CallOptions, 'takes'> {
  /** The format of the terms, or its name: at most 32 bits. */
  readonly format: Format | string;
  /** Order and accumulator; the sum starts at +0. */
  readonly reduction: Reduction;
  /** Longest row that is tried; default 32. */
  readonly maxWidth?: number;
}

type Case = readonly Operand[];

/** Rows that are tried where `runs` does not say. */
const RUNS = 4000;

/**
 * Checks a function that sums: 4,000 rows of one to `maxWidth` terms that cancel, stagnate, overflow, or are of any size are compared
 * with the order and accumulator given, bit for bit. The diagnosis names other orders and registers: terms from the last to the
 * first, neighbours, interleaved sums, a wider register, a compensated one.
 *
 * @param implementation - takes an array of terms, gives their sum; may return a promise
 * @throws {@link BittrueError} for formats, reductions and options that do not exist or fit
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { round, roundTo } from 'bittrue/rounding';
 * import { checkSum } from 'bittrue/testing';
 * const accumulator = { kind: 'float', rounding: roundTo(binary16) } as const;
 * const backwards = (terms: readonly number[]) => terms.reduceRight((sum, x) => round(binary16, sum + x), 0);
 * const check = checkSum(backwards, { format: 'binary16', reduction: { kind: 'sequential', accumulator } });
 * check.diagnosis?.sentence; // 'adds the terms from the last to the first: explains all 922 wrong answers'
 */
export function checkSum<Result = unknown>(
  implementation: (terms: readonly number[]) => Result,
  options: SumCheckOptions,
): Checked<Result> {
  checkFunction('implementation', implementation, 'a function of an array of numbers');
  checkObject('options', options, ['format', 'reduction', 'maxWidth', 'takes', 'runs', 'seed']);
  const format = formatArgument('options.format', options.format);
  if (format.bits > 32) throw new BittrueError('unsupported', 'options.format', formatName(format), 'at most 32 bits');
  const reduction = defineReduction(options.reduction, 'options.reduction');
  checkIntegers(format, reduction);
  const maxWidth = checkInteger('options.maxWidth', options.maxWidth ?? 32, 1, 4096);
  const to = resultFormat(reduction);
  const { takes = 'numbers' } = options;
  const call = (...terms: number[]): Result => implementation(terms);
  const subject = subjectOf(format, to, reduction, maxWidth, options);
  return examine(subject, asking(call as never, format, to, { takes })) as Checked<Result>;
}

/** The format that the last addition writes. */
function resultFormat(reduction: Reduction): Format {
  const { accumulator } = lastLeaf(reduction);
  if (accumulator.kind === 'integer') return defineInteger({ bits: Math.min(53, accumulator.bits) });
  return accumulatorRounding(accumulator).format;
}

/** Refuses an integer register that fractions would enter. */
function checkIntegers(format: Format, reduction: Reduction): void {
  let areIntegers = format.kind === 'integer';
  for (const { accumulator } of leaves(reduction)) {
    const rounding = accumulatorRounding(accumulator);
    if (rounding === null && !areIntegers) {
      const expected = `registers that hold sums of ${formatName(format)}: an integer register adds integers alone`;
      throw new BittrueError('value', 'options.reduction', 'an integer register', expected);
    }
    if (rounding?.format.kind === 'integer') areIntegers = true;
  }
}

function subjectOf(
  format: Format,
  to: Format,
  reduction: Reduction,
  maxWidth: number,
  options: EffortOptions,
): Subject<SumSetup> {
  const { seed = 1 } = options;
  const { runs } = effort({ ...options, runs: options.runs ?? RUNS }, Infinity);
  const base: SumSetup = { reduction, output: null, taken: (terms) => terms, loop: null };
  const exact = compute(base, format, to);
  return {
    what: `sums of ${formatName(format)}, ${reductionText(reduction)}`,
    seed,
    cases: casesOf(format, maxWidth, draws(seed)),
    runs,
    exhaustive: false,
    exact,
    agrees: comparison(false, true),
    classOf: (operands, { value }) => classOf(operands, value),
    wrongness: (expected, row) => wrongness(to, expected, row),
    words: (expected, row) => {
      const terms = row.operands.map(({ x }) => spell(x)).join(' + ');
      return `${terms}: right is ${answer(to, expected.value, expected.code)}, the implementation ${answerWords(to, row)}`;
    },
    hexOperand: ({ bits }) => `0x${hexBits(format, bits).toLowerCase()}`,
    hexResult: (code) => hex(to, code),
    complexity: (operands) => operands.reduce((sum, { x }) => sum + (x === 0 ? 3 : 5 + spell(x).length), 0),
    simpler: (operands) => simpler(format, operands),
    behaviours: (wrong) =>
      sumBehaviours({
        max: format.max,
        wrong,
        valueUnder: ({ change }) => {
          const under = compute(change(base), format, to);
          return (operands) => under(operands)?.value;
        },
      }),
    base,
    compute: (setup) => compute(setup, format, to),
    unseen: () => unfilled(format, reduction, maxWidth),
  };
}

/** A register that no row of this length fills shows nothing of how it saturates or wraps. */
function unfilled(format: Format, reduction: Reduction, maxWidth: number): Unseen[] {
  const bits = leaves(reduction).flatMap(({ accumulator }) =>
    accumulator.kind === 'integer' ? [accumulator.bits] : [],
  );
  const widest = bits.reduce((most, one) => Math.max(most, one), 0);
  if (widest === 0 || format.kind !== 'integer') return [];
  const terms = Math.ceil(2 ** (widest - 1) / (-format.min || format.max));
  // Out of the range and back.
  if (maxWidth >= 2 * terms + 2) return [];
  return [{ name: 'overflow', text: 'how the register overflows', from: `rows of ${2 * terms + 2} terms (maxWidth)` }];
}

/** The sum of a row under a setup. */
function compute(
  { reduction, output, taken, loop }: SumSetup,
  format: Format,
  to: Format,
): (operands: Case) => CodeOutcome | null {
  const reducer = new Reducer(reduction, { a: format });
  const store = output === null ? null : new ValueUnit(output.format, output.policy);
  const recorder = new Recorder(['sum'], 1, 'off', 0);
  const rounding = accumulatorRounding(lastLeaf(reduction).accumulator);
  const unit = rounding === null ? null : new ValueUnit(rounding.format, rounding.policy);
  const units = new Map<string, ValueUnit>();
  const roundTo: Parameters<SumLoop>[2] = (x, mode) => {
    let other = units.get(mode);
    if (other === undefined && rounding !== null) {
      other = new ValueUnit(rounding.format, resolvePolicy(rounding.format, { ...rounding.policy, rounding: mode }));
      units.set(mode, other);
    }
    return other === undefined ? x : other.round(x, recorder);
  };
  return (operands) => {
    const given = new Float64Array(operands.length);
    for (let i = 0; i < given.length; i++) given[i] = (operands[i] as Operand).x;
    const terms = taken(given);
    const sum =
      loop !== null && unit !== null
        ? loop(terms, (p, q) => unit.add(p, q, recorder), roundTo)
        : reducer.sum(terms, null, terms.length, recorder);
    return outcomeOf(to, store === null ? sum : store.round(sum, recorder));
  };
}

function classOf(operands: Case, value: number): string {
  if (operands.some(({ x }) => x - x !== 0)) return 'infinite or NaN term';
  if (operands.length === 1) return 'one term';
  if (value - value !== 0) return 'overflow';
  if (value === 0) return 'zero';
  return operands.length === 2 ? 'two terms' : 'more terms';
}

/** Rows of every kind by turns; short ones first. */
function* casesOf(format: Format, maxWidth: number, next: Next): Generator<Case> {
  const any = (): number => {
    const x = format.kind === 'float' ? decode(format, drawCode(format, next)) : decode(format, next(2 ** format.bits));
    // Infinities and NaN now and then: they decide a row.
    return x - x === 0 || next(16) === 0 ? x : 1;
  };
  const ends = [format.max, format.kind === 'integer' ? format.min : -format.max];
  const small = (): number => next(17) - 8;
  const kinds: readonly (() => number)[] = [any, small, () => small() / 4, () => ends[next(2)] as number];
  const rows: readonly ((width: number) => number[])[] = [
    ...kinds.map((draw) => (width: number) => Array.from({ length: width }, draw)),
    // A large term, small ones that it swallows, and its opposite.
    (width) => {
      const row = Array.from({ length: width }, small);
      const large = any();
      row[next(width)] = large;
      row[next(width)] = -large;
      return row;
    },
    // To the end of an integer register, and back: where it saturates on the way, the way back starts from there.
    ...(format.kind === 'integer'
      ? [(width: number) => Array.from({ length: width }, (_, i) => ends[2 * i < width ? 0 : 1] as number)]
      : []),
    // Equal terms, which stall.
    (width) => new Array<number>(width).fill(any()),
    // One large term among equal small ones.
    (width) => Array.from({ length: width }, (_, i) => (i === 0 ? (ends[0] as number) / 2 : 1)),
  ];
  for (let n = 0; ; n++) {
    const longest = n < 200 ? 1 + (n % 4) : maxWidth;
    const width = 1 + next(Math.min(maxWidth, longest));
    const row = (rows[n % rows.length] as (width: number) => number[])(width).flatMap((x) => operandAt(format, x));
    if (row.length > 0) yield row;
  }
}

/** Fewer terms; one term simpler. */
function simpler(format: Format, operands: Case): Case[] {
  const half = operands.length >> 1;
  const fewer = operands.length < 2 ? [] : [operands.slice(half), operands.slice(0, half)];
  const without = operands.map((_, i) => operands.filter((_one, j) => j !== i)).filter(({ length }) => length > 0);
  const changed = operands.slice(0, 16).flatMap(({ x }, i) =>
    [0, 1, -1, 2, 0.5, Math.abs(x), Math.trunc(x)]
      .filter((y) => Number.isFinite(y) && !Object.is(y, x))
      .flatMap((y) => operandAt(format, y))
      .map((one) => operands.map((other, j) => (i === j ? one : other))),
  );
  return [...fewer, ...without, ...changed];
}
