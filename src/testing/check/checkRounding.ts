/**
 * A rounding, cast or codec of somebody else's against the exact answer.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkFunction, checkInteger, checkObject } from '../../errors/index.ts';
import { isBinary64 } from '../../formats/binary64.ts';
import { binary32 } from '../../formats/catalogue.ts';
import { checkFormat } from '../../formats/check.ts';
import type { Format } from '../../formats/format.ts';
import { formatName, parseFormat } from '../../formats/formatName.ts';
import { type PartialPolicy, type Policy, resolvePolicy } from '../../rounding/policy.ts';
import type { Profile } from '../../rounding/profile.ts';
import { plainRules, resolveProfile } from '../../rounding/profiles.ts';
import { nanBehaviours } from '../conformance/behaviours.ts';
import { type Conversion, convertWith, setupOf } from '../conformance/compute.ts';
import { agreement } from '../conformance/diagnose.ts';
import { formatOf, hexBits, type Operand } from '../conformance/operand.ts';
import { draws } from '../conformance/sample.ts';
import type { VectorSource } from '../conformance/task.ts';
import { conversionBehaviours } from '../diagnosis/conversions.ts';
import { asking, type CallOptions, callKeys, type Row } from './call.ts';
import type { Check } from './check.ts';
import { conversionCases, EXHAUSTIVE_BITS, everyOperand } from './conversionCases.ts';
import {
  classOf,
  complexity,
  conversionWords,
  exactConversion,
  hex,
  simplerOperands,
  wrongness,
} from './conversionWords.ts';
import { examine, type Subject } from './examine.ts';
import { unseenBehaviours } from './unseen.ts';

/** How answers are compared. */
export interface CompareOptions {
  /** Whether NaN codes must be the very ones; needs `gives: 'codes'`. Default: any NaN equals any other. */
  readonly strictNaN?: boolean;
  /** Whether −0 and +0 differ. Default true, but for integers, which have one zero. */
  readonly signedZeros?: boolean;
}

/** How many cases are tried. */
export interface EffortOptions {
  /** At most this many cases. Default: all of a source of up to 16 bits, else 20,000. */
  readonly runs?: number;
  /** The seed of the drawn cases, 0 … 2^53 − 1; default 1. */
  readonly seed?: number;
}

/** What a rounding should do, and how it is called. */
export interface RoundingCheckOptions extends CallOptions, CompareOptions, EffortOptions {
  /** The format of the operands, or its name; default binary32, or binary64 for a binary32 result. */
  readonly from?: Format | string;
  /** The format of the results, or its name. */
  readonly to: Format | string;
  /** What differs from the format's default policy, or the profile's. */
  readonly policy?: PartialPolicy;
  /** A profile, or the name of one: how a standard, a library or a chip converts. */
  readonly profile?: Profile | string;
}

/** At once, or later where the implementation answers later. */
export type Checked<Result> = Result extends PromiseLike<unknown> ? Promise<Check> : Check;

const compareKeys = ['strictNaN', 'signedZeros'] as const;
const effortKeys = ['runs', 'seed'] as const;
const DEFAULT_RUNS = 20_000;

/**
 * Checks a function that rounds, casts, encodes or decodes: every number of a source of up to 16 bits, else those on which
 * conversions go wrong and 20,000 in all, is compared with the exact answer. What comes back says how many of which class
 * are wrong, the simplest wrong one in words, and what the implementation seems to do instead.
 *
 * Where all is right, `unseen` lists deviations that this source could not have shown, and a source that could.
 *
 * @param implementation - takes a number or a code, or an array of them with `batch`; may return a promise
 * @throws {@link BittrueError} for formats, policies and options that do not exist
 * @example
 * import { checkRounding } from 'bittrue/testing';
 * // A cast to bfloat16 as it is often written: the upper half of the bits.
 * const word = new DataView(new ArrayBuffer(4));
 * const toBfloat16 = (x: number) => {
 *   word.setFloat32(0, x);
 *   word.setInt16(2, 0);
 *   return word.getFloat32(0);
 * };
 * const check = checkRounding(toBfloat16, { from: 'binary32', to: 'bfloat16' });
 * check.ok; // false
 * check.diagnosis?.behaviours[0]?.text; // 'truncates: rounds toward zero'
 */
export function checkRounding<Input = number, Result = unknown>(
  implementation: (input: Input) => Result,
  options: RoundingCheckOptions,
): Checked<Result> {
  checkFunction('implementation', implementation, 'a function of a number or a code');
  checkObject('options', options, ['from', 'to', 'policy', 'profile', ...callKeys, ...compareKeys, ...effortKeys]);
  const task = conversionOf(options);
  const subject = conversionSubject(task, options);
  return examine(subject, asking(implementation as never, task.source, task.format, options)) as Checked<Result>;
}

/** A format, or the one that a name stands for. */
export function formatArgument(argument: string, format: Format | string): Format {
  return checkFormat(argument, typeof format === 'string' ? parseFormat(format) : format);
}

/** The conversion that options describe. */
export function conversionOf({
  from,
  to,
  policy = {},
  profile,
}: Pick<RoundingCheckOptions, 'from' | 'to' | 'policy' | 'profile'>): Conversion {
  const format = formatArgument('options.to', to);
  const given = from === undefined ? null : formatArgument('options.from', from);
  const source: VectorSource =
    given === null
      ? formatName(format) === 'binary32' || isBinary64(format as never)
        ? 'binary64'
        : binary32
      : isBinary64(given as never)
        ? 'binary64'
        : given;
  const resolved =
    profile === undefined
      ? { policy: resolvePolicy(format, policy), rules: plainRules }
      : resolveProfile(profile, format, policy);
  if (resolved.policy.rounding === 'stochastic') {
    const expected = 'a deterministic mode: stochastic rounding has many right answers';
    throw new BittrueError('unsupported', 'options.policy.rounding', 'stochastic', expected);
  }
  return { source, format, policy: resolved.policy, rules: resolved.rules };
}

/** The right answer and the deviations of a conversion. */
export function conversionSubject(
  task: Conversion,
  options: CompareOptions & EffortOptions,
): Subject<ReturnType<typeof setupOf>> {
  const { source, format } = task;
  const { strictNaN = false, signedZeros = format.kind !== 'integer', seed = 1 } = options;
  checkBoolean('options.strictNaN', strictNaN);
  checkBoolean('options.signedZeros', signedZeros);
  const bits = formatOf(source).bits;
  const { runs, exhaustive } = effort(options, bits <= EXHAUSTIVE_BITS ? 2 ** bits : Infinity);
  return {
    what: whatOf(task),
    seed,
    cases: exhaustive ? everyOperand(source) : conversionCases(format, source, draws(seed)),
    runs,
    exhaustive,
    exact: exactConversion(task),
    agrees: comparison(strictNaN, signedZeros),
    classOf: ([operand]) => classOf(format, (operand as Operand).x),
    wrongness: (expected, row) => wrongness(format, expected, row),
    words: (expected, row) => conversionWords(task, expected, row),
    hexOperand: (operand) => (source === 'binary64' ? null : `0x${hexBits(source, operand.bits).toLowerCase()}`),
    hexResult: (code) => hex(format, code),
    complexity,
    simpler: ([operand]) => simplerOperands(task, operand as Operand).map((one) => [one]),
    behaviours: (wrong) => [
      ...conversionBehaviours(task, wrong),
      ...(strictNaN ? nanBehaviours({ format, result: format }, nanCodes(wrong)) : []),
    ],
    base: setupOf(task),
    compute: (setup) => convertWith(task, setup),
    unseen: (tried) => unseenBehaviours(task, tried),
  };
}

/** The codes that stand most often for NaN in wrong answers. */
function nanCodes(wrong: readonly Row[]): number[] {
  const counts = new Map<number, number>();
  for (const { value, code } of wrong) {
    if (value !== value && code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([code]) => code);
}

/** How many cases, and whether they are all that there are. */
export function effort({ runs, seed = 1 }: EffortOptions, all: number): { runs: number; exhaustive: boolean } {
  checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER);
  if (runs !== undefined) checkInteger('options.runs', runs, 1, 2 ** 32 - 1);
  const exhaustive = all <= (runs ?? 2 ** EXHAUSTIVE_BITS);
  return { runs: exhaustive ? all : (runs ?? DEFAULT_RUNS), exhaustive };
}

/** Whether an answer is the right one. */
export function comparison(strictNaN: boolean, signedZeros: boolean): Subject<never>['agrees'] {
  const strictness = { strictNaN, ignoreFlags: true };
  return (row: Row, expected) => {
    if (expected === null || row.failure !== null) return false;
    if (!signedZeros && row.value === 0 && expected.value === 0) return true;
    return agreement(row, expected, strictness) === 2;
  };
}

/** `binary32 to e4m3fn, tiesToEven, overflow nan` */
function whatOf({ source, format, policy }: Conversion): string {
  return `${formatName(formatOf(source))} to ${formatName(format)}, ${policyWords(format, policy)}`;
}

/** What a policy says, as far as it is not what every format has. */
export function policyWords(format: Format, { rounding, overflow, subnormals }: Policy): string {
  const words: string[] = [rounding, `overflow ${overflow}`];
  if (format.kind === 'float' && subnormals !== 'gradual') words.push(`subnormals ${subnormals}`);
  return words.join(', ');
}
