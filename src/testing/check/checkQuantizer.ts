/**
 * A quantizer of somebody else's against the exact answer: q = clamp(round(x / scale) + zeroPoint), as ONNX's QuantizeLinear.
 *
 * @module
 */
import {
  BittrueError,
  checkFunction,
  checkInteger,
  checkName,
  checkObject,
  checkPositive,
} from '../../errors/index.ts';
import { binary32 } from '../../formats/catalogue.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { defineInteger } from '../../formats/integer.ts';
import type { RoundingMode } from '../../rounding/policy.ts';
import { roundingModes } from '../../rounding/policy.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { sourceSpecials } from '../conformance/castOperands.ts';
import { formatOf, hexBits, type Operand, operandOf } from '../conformance/operand.ts';
import { draws, type Next } from '../conformance/sample.ts';
import type { VectorSource } from '../conformance/task.ts';
import {
  doubleQuotient,
  exactQuotient,
  type Limits,
  type QuantizerSetup,
  quantizeOperand,
  quantizerBehaviours,
  singleQuotient,
} from '../diagnosis/quantizers.ts';
import { suggestedQuantizers } from '../diagnosis/suggestedQuantizers.ts';
import { asking, type CallOptions, type Row } from './call.ts';
import { type Checked, comparison, type EffortOptions, effort, formatArgument } from './checkRounding.ts';
import { bitsBeside, conversionCases, EXHAUSTIVE_BITS, everyOperand } from './conversionCases.ts';
import { complexity, operandAt, spell } from './conversionWords.ts';
import { examine, type Subject } from './examine.ts';

/** What a quantizer should do, and how it is called. */
export interface QuantizerCheckOptions extends EffortOptions, Pick<CallOptions, 'takes' | 'batch'> {
  /** The integer format of the codes, or its name: `int8`, `uint8`, `int4`. */
  readonly to: Format | string;
  /** The format of the numbers, or its name; default binary32. */
  readonly from?: Format | string;
  readonly scale: number;
  /** Default 0. */
  readonly zeroPoint?: number;
  /** Default `tiesToEven`. */
  readonly rounding?: Exclude<RoundingMode, 'stochastic'>;
  /** The lowest code; default that of the format. Symmetric quantizers stop at −max. */
  readonly low?: number;
  /** The highest code. */
  readonly high?: number;
  /**
   * `exact` (default): the quotient is rounded once, to an integer; `binary32`: to binary32 first, as ONNX Runtime computes
   * it, with the scale in binary32, too; `binary64`: to binary64 first, as `x / scale` in JavaScript is.
   */
  readonly quotient?: 'exact' | 'binary32' | 'binary64';
  /** The code that NaN gives; left out: none is defined, and `undefinedAnswers` tells what NaN becomes. */
  readonly nan?: number;
}

const keys = [
  'to',
  'from',
  'scale',
  'zeroPoint',
  'rounding',
  'low',
  'high',
  'quotient',
  'nan',
  'takes',
  'batch',
  'runs',
  'seed',
];

/**
 * Checks a quantizer with one scale and zero point. It gives integers: the codes as numbers, negative ones where the format is
 * signed. NaN has no code: what becomes of it is told, and compared where `nan` says what should.
 *
 * @throws {@link BittrueError} for formats and options that do not exist or fit
 * @example
 * import { checkQuantizer } from 'bittrue/testing';
 * const quantize = (x: number) => Math.max(-128, Math.min(127, Math.round(x / 0.5) + 3));
 * const check = checkQuantizer(quantize, { to: 'int8', scale: 0.5, zeroPoint: 3 });
 * check.diagnosis?.behaviours[0]?.text; // 'rounds ties upward, as floor(x + 0.5) and Math.round do'
 */
export function checkQuantizer<Input = number, Result = unknown>(
  implementation: (input: Input) => Result,
  options: QuantizerCheckOptions,
): Checked<Result> {
  checkFunction('implementation', implementation, 'a function of a number');
  checkObject('options', options, keys);
  const subject = quantizerSubject(options);
  // Codes come as integers, so they are read as numbers of a format wide enough for any.
  const wide = defineInteger({ bits: 53 });
  return examine(subject, asking(implementation as never, quantizerSource(options), wide, options)) as Checked<Result>;
}

const quotients = { exact: exactQuotient, binary32: singleQuotient, binary64: doubleQuotient };

/** Where a quantizer's numbers come from. */
export function quantizerSource({ from = binary32 }: QuantizerCheckOptions): VectorSource {
  const source = formatArgument('options.from', from);
  return source.bits > 53 ? 'binary64' : (source as VectorSource);
}

type Case = readonly [Operand];

/** Steps of a range that are tried one by one. */
const MOST_STEPS = 600;

/** The right answer and the deviations of a quantizer. */
export function quantizerSubject(options: QuantizerCheckOptions): Subject<QuantizerSetup> {
  const format = formatArgument('options.to', options.to);
  if (format.kind !== 'integer' || format.fractionBits !== 0) {
    throw new BittrueError('unsupported', 'options.to', formatName(format), 'an integer format, such as int8');
  }
  const source = quantizerSource(options);
  const scale = checkPositive('options.scale', options.scale);
  const low = checkInteger('options.low', options.low ?? format.min, format.min, format.max);
  const high = checkInteger('options.high', options.high ?? format.max, low, format.max);
  const zeroPoint = checkInteger('options.zeroPoint', options.zeroPoint ?? 0, low, high);
  const quotient = checkName('options.quotient', options.quotient ?? 'exact', ['exact', 'binary32', 'binary64']);
  const modes = roundingModes.filter((mode) => mode !== 'stochastic');
  const rounding = checkName('options.rounding', options.rounding ?? 'tiesToEven', modes);
  const nan = options.nan === undefined ? null : checkInteger('options.nan', options.nan, low, high);
  const { seed = 1 } = options;
  const bits = formatOf(source).bits;
  const { runs, exhaustive } = effort(options, bits <= EXHAUSTIVE_BITS ? 2 ** bits : Infinity);
  const limits = { scale, zeroPoint, low, high };
  const base: QuantizerSetup = {
    quotient: quotients[quotient](scale),
    rounding,
    zeroPoint,
    zeroFirst: false,
    low,
    high,
    clampFirst: null,
    wraps: false,
    jumps: [-Infinity, Infinity],
    after: (code) => code,
    nan,
  };
  const compute = (setup: QuantizerSetup): ((operands: readonly Operand[]) => CodeOutcome | null) => {
    const code = quantizeOperand(setup);
    return (operands) => {
      const value = code(operands);
      return value === null ? null : { value: value + 0, code: Number.NaN, flags: 0 };
    };
  };
  const exact = compute(base);
  return {
    what: `${formatName(formatOf(source))} to ${formatName(format)}, scale ${scale}, zero point ${zeroPoint}, ${rounding}`,
    seed,
    cases: exhaustive ? everyOperand(source) : casesOf(source, limits, draws(seed)),
    runs,
    exhaustive,
    exact,
    agrees: comparison(false, false),
    classOf: ([operand]) => classOf(base, (operand as Operand).x, low, high),
    wrongness: (expected, row) => wrongness(expected, row),
    words: (expected, row) => words(base, expected, row),
    hexOperand: (operand) => (source === 'binary64' ? null : `0x${hexBits(source, operand.bits).toLowerCase()}`),
    hexResult: String,
    complexity,
    simpler: ([operand]) => simpler(source, operand as Operand, scale),
    behaviours: (wrong) => [
      ...quantizerBehaviours(limits),
      ...suggestedQuantizers(
        base,
        limits,
        wrong.map(({ operands, value }) => ({ operands, value, right: exact(operands)?.value ?? Number.NaN })),
      ),
    ],
    base,
    compute,
    unseen: () => [],
  };
}

/**
 * Halves of a step beside zero and beside the ends of the range, infinities, large numbers and NaN; every half step of a short
 * range; any number; any number within the range.
 */
function* casesOf(source: VectorSource, { scale, zeroPoint, low, high }: Limits, next: Next): Generator<Case> {
  const beside = (x: number, away: number): Case => [operandOf(source, bitsBeside(source, x, away))];
  const steps = function* (from: number, to: number, aways: readonly number[]): Generator<Case> {
    for (let half = 2 * from; half <= 2 * to; half++) for (const away of aways) yield beside((half / 2) * scale, away);
  };
  const [bottom, top] = [low - zeroPoint, high - zeroPoint];
  yield* steps(-3, 3, [0]);
  for (const end of [bottom, top, low, high]) yield* steps(end - 1, end + 1, [0]);
  for (const x of [Infinity, -Infinity, 2 * top * scale, 2 * bottom * scale, 2 ** 31 * scale, -(2 ** 31) * scale]) {
    yield beside(x, 0);
  }
  if (source === 'binary64' || source.kind === 'float') {
    const nan = sourceSpecials(source)
      .map((bits) => operandOf(source, bits))
      .find(({ x }) => x !== x);
    if (nan !== undefined) yield [nan];
  }
  yield* steps(-3, 3, [1, -1]);
  const reach = Math.min(top - bottom, MOST_STEPS);
  const start = Math.max(bottom, -Math.floor(reach / 2));
  yield* steps(start - 2, start + reach + 2, [0, 1, -1]);
  const others = conversionCases(binary32, source, next);
  for (;;) {
    const kind = next(4);
    if (kind === 0) yield others.next().value as Case;
    else if (kind === 1) yield beside((bottom - 2 + ((top - bottom + 4) * next(2 ** 30)) / 2 ** 30) * scale, 0);
    else {
      const half = bottom - 4 + next(2 * (top - bottom) + 16) / 2;
      yield beside((half + (next(8) - 4) / 64) * scale, next(3) - 1);
    }
  }
}

function classOf({ quotient }: QuantizerSetup, given: number, low: number, high: number): string {
  if (given !== given) return 'NaN';
  const { x, residual } = quotient(given);
  if (x === 0) return 'zero';
  if (x < low - 1 || x > high + 1) return Math.abs(x) === Infinity ? 'infinity' : 'beyond the range';
  const rest = Math.abs(x) % 1;
  if (residual === 0 && rest === 0.5) return 'tie';
  if (residual === 0 && rest === 0) return 'exact';
  return Math.abs(rest - 0.5) < 2 ** -8 ? 'beside a tie' : 'inexact';
}

function wrongness({ value: want }: CodeOutcome, { failure, value: got }: Row): string {
  if (failure !== null) return failure.startsWith('throws') ? 'throws' : 'gives no result';
  if (!Number.isInteger(got)) return 'no integer';
  return Math.abs(got - want) === 1
    ? `one ${got > want ? 'too large' : 'too small'}`
    : got > want
      ? 'too large'
      : 'too small';
}

function words(
  { quotient, zeroPoint }: QuantizerSetup,
  { value }: CodeOutcome,
  { operands, failure, value: got }: Row,
): string {
  const { x } = operands[0] as Operand;
  const told = `${spell(x)} is ${spell(quotient(x).x)} scales${zeroPoint === 0 ? '' : `, zero point ${zeroPoint}`}`;
  return `${told}: right is ${value}, the implementation ${failure ?? `gives ${spell(got)}`}`;
}

/** Multiples of half a scale beside a number; the number with fewer digits. */
function simpler(source: VectorSource, { x }: Operand, scale: number): (readonly [Operand])[] {
  if (!Number.isFinite(x)) return [];
  const halves = Math.round((2 * x) / scale);
  const tries = [halves, halves % 4, -halves % 4, (halves % 4) + 4, 1, -1, 3, -3, 5, 7].map((n) => (n * scale) / 2);
  return [...tries, -x, Math.round(x)].flatMap((one) => operandAt(source, one)).map((one) => [one] as const);
}
