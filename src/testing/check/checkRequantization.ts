/**
 * An integer requantisation of somebody else's against the pipeline that it should be.
 *
 * @module
 */
import { defineRequantization, type Requantization, requantize } from '../../arithmetic/requantize/index.ts';
import { reduceMultiplier } from '../../arithmetic/requantize/singleRounding.ts';
import { BittrueError, checkFunction, checkObject } from '../../errors/index.ts';
import type { IntegerFormat } from '../../formats/format.ts';
import { defineInteger } from '../../formats/integer.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { hexBits, type Operand } from '../conformance/operand.ts';
import { draws, type Next } from '../conformance/sample.ts';
import { type RequantizationSetup, requantizationBehaviours, requantizeWith } from '../diagnosis/requantizations.ts';
import { asking, type CallOptions, type Row } from './call.ts';
import { type Checked, comparison, type EffortOptions, effort } from './checkRounding.ts';
import { complexity, operandAt, spell } from './conversionWords.ts';
import { examine, type Subject } from './examine.ts';

/** What a requantisation should do, and how it is called. */
export interface RequantizationCheckOptions extends EffortOptions, Pick<CallOptions, 'batch'> {
  /** The pipeline as data, of `bittrue/arithmetic`: scale, zero points, limits. */
  readonly requantization: Requantization;
}

type Case = readonly [Operand];

/** Output steps whose edges are tried one by one. */
const MOST_STEPS = 600;

/**
 * Checks a function from an accumulator's content to an output code against a pipeline of `bittrue/arithmetic`: two roundings
 * as gemmlowp and TFLite, one, CMSIS-NN's reduced multiplier, TOSA's. Accumulators for which the pipeline defines nothing
 * (a left shift beyond 32 bits) are not asked.
 *
 * @param implementation - from an int32 (48 bits for `reduced16` and `tosa16`) to an integer; with `batch` from Float64Array to array
 * @throws {@link BittrueError} for options that do not exist, and what `defineRequantization` refuses
 * @example
 * import { quantizeMultiplier } from 'bittrue/arithmetic';
 * import { checkRequantization } from 'bittrue/testing';
 * const scale = { kind: 'doubleRounding', ...quantizeMultiplier(0.01) } as const;
 * // Times the scale as a number, where the network was quantized for integer multiplications.
 * const mine = (x: number) => Math.max(-128, Math.min(127, Math.round(x * 0.01) - 10));
 * const check = checkRequantization(mine, { requantization: { scale, outputZeroPoint: -10, low: -128, high: 127 } });
 * check.counterexample?.inputs; // [-50]
 * check.diagnosis?.behaviours[0]?.name; // 'binary64 up'
 */
export function checkRequantization<Input = number, Result = unknown>(
  implementation: (x: Input) => Result,
  options: RequantizationCheckOptions,
): Checked<Result> {
  checkFunction('implementation', implementation, 'a function of an integer');
  checkObject('options', options, ['requantization', 'batch', 'runs', 'seed']);
  if (options.requantization === undefined) {
    throw new BittrueError('type', 'options.requantization', undefined, 'a requantization: { scale, low, high, … }');
  }
  const requantization = defineRequantization(options.requantization);
  const source = accumulatorFormat(requantization);
  // Codes come as integers, so they are read as numbers of a format wide enough for any.
  const wide = defineInteger({ bits: 53 });
  const subject = requantizationSubject(requantization, source, options);
  return examine(subject, asking(implementation as never, source, wide, options)) as Checked<Result>;
}

/** The register that a requantisation reads. */
export function accumulatorFormat({ scale: { kind } }: Requantization): IntegerFormat {
  return defineInteger({ bits: kind === 'reduced16' || kind === 'tosa16' ? 48 : 32 });
}

/** The right answer and the deviations of a requantisation. */
export function requantizationSubject(
  requantization: Requantization,
  source: IntegerFormat,
  options: EffortOptions,
): Subject<RequantizationSetup> {
  const { seed = 1 } = options;
  const { runs } = effort(options, Infinity);
  const base = requantizationSetup(requantization);
  const { low, high, scale } = requantization;
  const exact = (operands: readonly Operand[]): CodeOutcome | null => {
    try {
      return outcome(requantize(requantization, (operands[0] as Operand).x).value);
    } catch (error) {
      // What the pipeline leaves undefined.
      if (error instanceof BittrueError) return null;
      throw error;
    }
  };
  return {
    what: `requantization ${scale.kind}, multiplier ${scale.multiplier}, shift ${scale.shift}, to ${low} … ${high}`,
    seed,
    cases: defined(casesOf(source, base, draws(seed)), exact),
    runs,
    exhaustive: false,
    exact,
    agrees: comparison(false, false),
    classOf: ([operand]) => classOf(base, (operand as Operand).x),
    wrongness,
    words: (expected, row) => words(base, expected, row),
    hexOperand: ({ bits }) => `0x${hexBits(source, bits).toLowerCase()}`,
    hexResult: String,
    complexity,
    simpler: ([operand]) => simpler(source, base, operand as Operand),
    behaviours: () => requantizationBehaviours(base),
    base,
    compute: (setup) => (operands) => {
      const value = requantizeWith(setup, (operands[0] as Operand).x);
      return value === null ? null : outcome(value);
    },
    unseen: () => [],
  };
}

/** Accumulators that the pipeline would not define, in a row, after which no more are looked for. */
const MOST_UNDEFINED = 100_000;

/** The cases for which the pipeline defines a result. */
function* defined(cases: Iterable<Case>, exact: (operands: Case) => CodeOutcome | null): Generator<Case> {
  let skipped = 0;
  for (const one of cases) {
    if (exact(one) !== null) {
      skipped = 0;
      yield one;
    } else if (++skipped === MOST_UNDEFINED) return;
  }
}

function outcome(value: number): CodeOutcome {
  return { value: value + 0, code: Number.NaN, flags: 0 };
}

/** The setup that computes what a requantisation means. */
export function requantizationSetup(requantization: Requantization): RequantizationSetup {
  const { scale, inputZeroPoint = 0, outputZeroPoint = 0, low, high } = requantization;
  const { kind, shift } = scale;
  const isReduced = kind === 'reduced16';
  return {
    scaling: kind === 'doubleRounding' ? 'double' : 'single',
    multiplier: isReduced ? reduceMultiplier(scale.multiplier) : scale.multiplier,
    right: kind === 'tosa32' || kind === 'tosa16' ? shift : (isReduced ? 15 : 31) - shift,
    once: 'up',
    high: 'up',
    last: 'away',
    nudge: kind === 'tosa32' && (scale.doubleRound ?? false),
    leftLast: false,
    product: 'exact',
    accumulator: 'whole',
    byMagnitude: false,
    narrow: null,
    inputZeroPoint,
    outputZeroPoint,
    zero: 'beforeClamp',
    low,
    top: high,
    wraps: null,
  };
}

/** Zero and its neighbours; where the output steps, and halfway; the ends; any integer. */
function* casesOf(source: IntegerFormat, base: RequantizationSetup, next: Next): Generator<Case> {
  const { inputZeroPoint, multiplier, right, low, top, outputZeroPoint } = base;
  const step = multiplier === 0 ? 1 : 2 ** right / Math.abs(multiplier);
  const at = function* (x: number, aways: readonly number[]): Generator<Case> {
    for (const away of aways) {
      const n = Math.round(x) + away;
      if (n >= source.min && n <= source.max) yield operandAt(source, n) as never;
    }
  };
  const beside = [0, 1, -1, 2, -2];
  yield* at(inputZeroPoint, beside);
  yield* at(0, [0, 1, -1, 2, -2, 3, -3, 5, -5, 11, -11]);
  for (const end of [low, top, low - 1, top + 1]) yield* at(inputZeroPoint + (end - outputZeroPoint) * step, beside);
  for (const x of [source.min, source.max, 2 ** 15, -(2 ** 15), 2 ** 16, 2 ** 30, -(2 ** 30)]) yield* at(x, [0, 1, -1]);
  const steps = Math.min(MOST_STEPS, top - low + 4);
  const from = Math.max(low - 2, Math.min(outputZeroPoint - Math.floor(steps / 2), top + 2 - steps));
  for (let y = from; y < from + steps; y++) {
    yield* at(inputZeroPoint + (y - outputZeroPoint + 0.5) * step, [0, 1, -1]);
    yield* at(inputZeroPoint + (y - outputZeroPoint) * step, [0]);
  }
  for (;;) {
    const sign = next(2) === 0 ? 1 : -1;
    if (next(2) === 0) yield* at(sign * (1 + next(2 ** 32) / 2 ** 32) * 2 ** next(source.bits - 1), [0]);
    else yield* at(inputZeroPoint + (next(2 * (top - low)) / 2 + low - outputZeroPoint + next(64) / 64) * step, [0]);
  }
}

/** The exact scaled number: its whole part, and what is left in units of 2^−32 of a step. */
function positionOf({ inputZeroPoint, multiplier, right }: RequantizationSetup, x: number): readonly [bigint, number] {
  const n = BigInt(x - inputZeroPoint) * BigInt(multiplier);
  if (right <= 0) return [n << BigInt(-right), 0];
  const whole = n >> BigInt(right);
  return [whole, Number(n - (whole << BigInt(right))) / 2 ** right];
}

function classOf(base: RequantizationSetup, x: number): string {
  const [whole, rest] = positionOf(base, x);
  const y = Number(whole) + base.outputZeroPoint;
  if (y < base.low - 1 || y > base.top) return 'beyond the range';
  const sign = whole < 0n ? 'negative ' : '';
  if (rest === 0) return `${sign}exact`;
  if (rest === 0.5) return `${sign}tie`;
  return Math.abs(rest - 0.5) < 2 ** -8 ? `${sign}beside a tie` : `${sign}inexact`;
}

function wrongness({ value: want }: CodeOutcome, { failure, value: got }: Row): string {
  if (failure !== null) return failure.startsWith('throws') ? 'throws' : 'gives no result';
  if (!Number.isInteger(got)) return 'no integer';
  if (Math.abs(got - want) === 1) return got > want ? 'one too large' : 'one too small';
  return got > want ? 'too large' : 'too small';
}

function words(base: RequantizationSetup, { value }: CodeOutcome, { operands, failure, value: got }: Row): string {
  const { x } = operands[0] as Operand;
  const [whole, rest] = positionOf(base, x);
  const zero = base.outputZeroPoint === 0 ? '' : `, zero point ${base.outputZeroPoint}`;
  const scaled = `${x} scaled is ${Number(whole) + rest}${zero}`;
  return `${scaled}: right is ${value}, the implementation ${failure ?? `gives ${spell(got)}`}`;
}

/** Smaller numbers, and those at the first steps of the output. */
function simpler(source: IntegerFormat, base: RequantizationSetup, { x }: Operand): Case[] {
  const step = base.multiplier === 0 ? 1 : 2 ** base.right / Math.abs(base.multiplier);
  const tries = [0, 1, -1, 2, 3, 5, -3, -5, -x, Math.trunc(x / 2), Math.trunc(x / 10), Math.round(x / 1000) * 1000];
  for (const half of [0.5, 1.5, 2.5, -0.5, -1.5]) tries.push(Math.round(half * step) + base.inputZeroPoint);
  return tries.filter((y) => Number.isSafeInteger(y)).flatMap((y) => operandAt(source, y).map((one) => [one] as const));
}
