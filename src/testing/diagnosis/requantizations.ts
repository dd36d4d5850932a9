/**
 * Integer requantisations, and what hand-written ones do instead: y = clamp(scale(x − zero point) + zero point).
 *
 * Sources: gemmlowp `fixedpoint.h`, TFLite and CMSIS-NN, TOSA `apply_scale_32`, as `bittrue/arithmetic` states them.
 *
 * @module
 */
import { reduceMultiplier } from '../../arithmetic/requantize/singleRounding.ts';
import type { Behaviour } from './behaviour.ts';

const INT32_MAX = 2n ** 31n - 1n;

/** How an integer quotient by a power of two is rounded; `up`: half up. */
export type Shifting = 'up' | 'even' | 'away' | 'zero' | 'floor' | 'truncate' | 'ceil';

/** How a requantisation computes. */
export interface RequantizationSetup {
  /** `double`: the high half of 2·x·m, then the rest of the shift; `single`: one shift; floats: times the scale as a number. */
  readonly scaling: 'double' | 'single' | 'binary64' | 'binary32';
  /** The scale is multiplier · 2^−right. */
  readonly multiplier: number;
  readonly right: number;
  /** Rounding of the one shift, or of a float product. */
  readonly once: Shifting;
  /** Roundings of the two steps. */
  readonly high: Shifting;
  readonly last: Shifting;
  /** Whether 2^30 with the operand's sign is added to the product first (TOSA's double_round). */
  readonly nudge: boolean;
  /** Where the left shift of a large scale stands. */
  readonly leftLast: boolean;
  readonly product: 'exact' | 'binary64' | 'int32';
  readonly accumulator: 'whole' | 'low16' | 'saturated16';
  /** What becomes of the scaled number before the zero point is added: its low bits alone, or the ends of their range. */
  readonly narrow: { readonly bits: number; readonly keeps: 'low' | 'ends' } | null;
  /** Whether the magnitude is scaled and the sign put back. */
  readonly byMagnitude: boolean;
  readonly inputZeroPoint: number;
  readonly outputZeroPoint: number;
  /** When the output's zero point is added. */
  readonly zero: 'beforeRounding' | 'beforeClamp' | 'afterClamp';
  readonly low: number;
  readonly top: number;
  /** Bits that are kept of what is out of range; null: it is clamped. */
  readonly wraps: number | null;
}

/** ⌊n / 2^right⌉ by a mode. */
function shifted(n: bigint, right: number, mode: Shifting): bigint {
  if (right <= 0) return n << BigInt(-right);
  const whole = n >> BigInt(right);
  const rest = n - (whole << BigInt(right));
  if (rest === 0n || mode === 'floor') return whole;
  if (mode === 'ceil') return whole + 1n;
  if (mode === 'truncate') return n < 0n ? whole + 1n : whole;
  const half = 1n << BigInt(right - 1);
  if (rest !== half) return rest > half ? whole + 1n : whole;
  const goesUp = { up: true, even: (whole & 1n) === 1n, away: n > 0n, zero: n < 0n }[mode];
  return goesUp ? whole + 1n : whole;
}

/** An integer number by a mode. */
function roundNumber(x: number, mode: Shifting): number {
  const whole = Math.floor(x);
  const rest = x - whole;
  if (rest === 0 || mode === 'floor') return whole;
  if (mode === 'ceil') return whole + 1;
  if (mode === 'truncate') return Math.trunc(x);
  if (rest !== 0.5) return rest > 0.5 ? whole + 1 : whole;
  const goesUp = { up: true, even: whole % 2 !== 0, away: x > 0, zero: x < 0 }[mode];
  return goesUp ? whole + 1 : whole;
}

/** What a setup makes of an accumulator's content; null where the result is no safe integer. */
export function requantizeWith(setup: RequantizationSetup, given: number): number | null {
  let x = given;
  if (setup.accumulator === 'low16') x = Number(BigInt.asIntN(16, BigInt(x)));
  if (setup.accumulator === 'saturated16') x = Math.min(Math.max(x, -(2 ** 15)), 2 ** 15 - 1);
  x -= setup.inputZeroPoint;
  const sign = setup.byMagnitude && x < 0 ? -1 : 1;
  const { zero, outputZeroPoint, low, top, wraps } = setup;
  let y = sign * scaled(setup, sign * x, zero === 'beforeRounding' ? outputZeroPoint : 0);
  if (setup.narrow !== null && Number.isSafeInteger(y)) y = narrowed(y, setup.narrow);
  if (zero === 'beforeClamp') y += outputZeroPoint;
  if (!Number.isSafeInteger(y)) return null;
  if (wraps === null) y = Math.min(Math.max(y, low), top);
  else y = Number(low < 0 ? BigInt.asIntN(wraps, BigInt(y)) : BigInt.asUintN(wraps, BigInt(y)));
  return y + (zero === 'afterClamp' ? outputZeroPoint : 0) + 0;
}

function narrowed(y: number, { bits, keeps }: NonNullable<RequantizationSetup['narrow']>): number {
  if (keeps === 'low') return Number(BigInt.asIntN(bits, BigInt(y)));
  return Math.min(Math.max(y, -(2 ** (bits - 1))), 2 ** (bits - 1) - 1);
}

function scaled(setup: RequantizationSetup, x: number, zero: number): number {
  const { scaling, multiplier, right, once, high, last, leftLast, nudge } = setup;
  if (scaling === 'binary64') return roundNumber(x * writtenScale(multiplier, right) + zero, once) + 0;
  if (scaling === 'binary32') {
    const product = Math.fround(Math.fround(x) * Math.fround(writtenScale(multiplier, right)));
    return roundNumber(Math.fround(product + zero), once) + 0;
  }
  const left = Math.max(0, 31 - right);
  if (scaling === 'single') {
    const n = product(setup, BigInt(x)) + (nudge && right > 31 ? (x >= 0 ? 2n ** 30n : -(2n ** 30n)) : 0n);
    const y = shifted(n + (right > 0 ? BigInt(zero) << BigInt(right) : 0n), right, once);
    // The result is cast to 32 bits.
    return Number(BigInt.asIntN(32, y));
  }
  const start = leftLast ? BigInt(x) : BigInt(x) << BigInt(left);
  const doubled = shifted(product(setup, start), 31, high);
  const upper = doubled > INT32_MAX ? INT32_MAX : doubled;
  const rest = Math.max(0, right - 31);
  const n = leftLast ? upper << BigInt(left) : upper;
  return Number(shifted(n + (BigInt(zero) << BigInt(rest)), rest, last));
}

/** The scale as it was written before it became a multiplier: the shortest decimal that gives the same one. */
function writtenScale(multiplier: number, right: number): number {
  const scale = multiplier * 2 ** -right;
  for (let digits = 1; digits < 12; digits++) {
    const short = Number(scale.toPrecision(digits));
    if (Math.round(short * 2 ** right) === multiplier) return short;
  }
  return scale;
}

function product({ product: how, multiplier }: RequantizationSetup, x: bigint): bigint {
  if (how === 'binary64') return BigInt(Number(x) * multiplier);
  const exact = x * BigInt(multiplier);
  return how === 'int32' ? BigInt.asIntN(32, exact) : exact;
}

type Change = Partial<RequantizationSetup>;

function change(
  group: string,
  name: string,
  text: string,
  changes: Change | ((setup: RequantizationSetup) => Change),
): Behaviour<RequantizationSetup> {
  return {
    group,
    name,
    text,
    change: (setup) => ({ ...setup, ...(typeof changes === 'function' ? changes(setup) : changes) }),
  };
}

const modes: readonly (readonly [Shifting, string])[] = [
  ['up', 'rounds halves up'],
  ['even', 'rounds halves to even'],
  ['away', 'rounds halves away from zero'],
  ['zero', 'rounds halves toward zero'],
  ['floor', 'shifts without rounding: rounds down'],
  ['truncate', 'divides without rounding: rounds toward zero'],
  ['ceil', 'rounds up'],
];

/** The deviations of requantisations with these parameters. */
export function requantizationBehaviours(base: RequantizationSetup): Behaviour<RequantizationSetup>[] {
  const { scaling, low, top, outputZeroPoint, inputZeroPoint } = base;
  const isDouble = scaling === 'double';
  const roundings = isDouble
    ? [
        ...modes.flatMap(([mode, text]) =>
          mode === base.last ? [] : [change('last', `last ${mode}`, `${text} in the last shift`, { last: mode })],
        ),
        ...modes.flatMap(([mode, text]) =>
          mode === base.high ? [] : [change('high', `high ${mode}`, `${text} in the high half`, { high: mode })],
        ),
      ]
    : modes.flatMap(([mode, text]) => (mode === base.once ? [] : [change('once', mode, text, { once: mode })]));
  const scalings = [
    change('scaling', 'roundsOnce', 'rounds once, half up, where two roundings are asked for', {
      scaling: 'single',
      once: 'up',
    }),
    ...(isDouble
      ? modes
          .filter(([mode]) => mode !== 'up')
          .map(([mode, text]) =>
            change('scaling', `once ${mode}`, `shifts the product once, and ${text}`, {
              scaling: 'single',
              once: mode,
            }),
          )
      : []),
    change('scaling', 'roundsTwice', 'rounds twice, as gemmlowp: the high half, then the rest of the shift', {
      scaling: 'double',
      nudge: false,
    }),
    change('scaling', 'doubleRound', "adds 2^30 with the operand's sign first, as TOSA's double_round", {
      scaling: 'single',
      nudge: true,
    }),
    change('scaling', 'noDoubleRound', "leaves out the 2^30 of TOSA's double_round", { nudge: false }),
    ...modes.flatMap(([mode, text]) =>
      (['binary64', 'binary32'] as const).map((float) =>
        change('scaling', `${float} ${mode}`, `multiplies by the scale in ${float}, and ${text}`, {
          scaling: float,
          once: mode,
        }),
      ),
    ),
  ].filter(
    ({ name }) => name !== (isDouble ? 'roundsTwice' : 'roundsOnce') && (base.nudge || name !== 'noDoubleRound'),
  );
  const bits = top - low <= 255 ? 8 : top - low <= 65_535 ? 16 : 32;
  const [least, most] = low < 0 ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return [
    ...(isDouble ? [...scalings, ...roundings] : [...roundings, ...scalings]),
    change('product', 'productBinary64', 'multiplies numbers: beyond 2^53 the low bits of the product are lost', {
      product: 'binary64',
    }),
    change('product', 'productInt32', 'keeps the low 32 bits of the product', { product: 'int32' }),
    change('multiplier', 'multiplierReduced', 'rounds the multiplier to 16 bits', ({ multiplier }) => ({
      multiplier: reduceMultiplier(multiplier) * 2 ** 16,
    })),
    change('multiplier', 'multiplierCut', 'cuts the multiplier to 16 bits', ({ multiplier }) => ({
      multiplier: Math.floor(multiplier / 2 ** 16) * 2 ** 16,
    })),
    change('multiplier', 'multiplierLess', 'has a multiplier that is one too small', ({ multiplier }) => ({
      multiplier: multiplier - 1,
    })),
    change('multiplier', 'multiplierMore', 'has a multiplier that is one too large', ({ multiplier }) => ({
      multiplier: multiplier + 1,
    })),
    change('shift', 'shiftMore', 'shifts right by one too many', ({ right }) => ({ right: right + 1 })),
    change('shift', 'shiftLess', 'shifts right by one too few', ({ right }) => ({ right: right - 1 })),
    change('shift', 'shiftTurned', 'shifts the other way: left where right is meant', ({ right }) => ({
      right: 62 - right,
    })),
    ...(isDouble && base.right < 31
      ? [change('left', 'leftLast', 'shifts left after the product instead of before', { leftLast: true })]
      : []),
    change('accumulator', 'accumulatorLow16', 'keeps the low 16 bits of the accumulator', { accumulator: 'low16' }),
    change('accumulator', 'accumulatorSaturated16', 'saturates the accumulator to 16 bits', {
      accumulator: 'saturated16',
    }),
    ...[8, 16].flatMap((size) => [
      change('narrow', `narrowLow${size}`, `keeps the low ${size} bits before it adds the zero point and clamps`, {
        narrow: { bits: size, keeps: 'low' },
      }),
      change('narrow', `narrowEnds${size}`, `saturates to ${size} bits before it adds the zero point`, {
        narrow: { bits: size, keeps: 'ends' },
      }),
      change(
        'narrow',
        `narrowHalf${size}`,
        `keeps the low ${size} bits of what is shifted, before the last bit is rounded off`,
        {
          narrow: { bits: size - 1, keeps: 'low' },
        },
      ),
    ]),
    change('sign', 'byMagnitude', 'scales the magnitude and puts the sign back', { byMagnitude: true }),
    ...(inputZeroPoint === 0
      ? []
      : [
          change('inputZeroPoint', 'noInputZeroPoint', "leaves out the input's zero point", { inputZeroPoint: 0 }),
          change('inputZeroPoint', 'addsInputZeroPoint', "adds the input's zero point instead of subtracting it", {
            inputZeroPoint: -inputZeroPoint,
          }),
        ]),
    ...(outputZeroPoint === 0
      ? []
      : [
          change('zero', 'noOutputZeroPoint', "leaves out the output's zero point", { outputZeroPoint: 0 }),
          change('zero', 'subtractsOutputZeroPoint', "subtracts the output's zero point", {
            outputZeroPoint: -outputZeroPoint,
          }),
          change('zero', 'zeroPointFirst', 'adds the zero point before rounding', { zero: 'beforeRounding' }),
          change('zero', 'zeroPointLast', 'clamps before the zero point is added', { zero: 'afterClamp' }),
        ]),
    change('clamp', 'wraps', `keeps the low ${bits} bits instead of clamping`, { wraps: bits }),
    ...(low === least && top === most
      ? []
      : [change('clamp', 'clampsAtType', `clamps at ${least} and ${most}`, { low: least, top: most })]),
    ...(low === -top ? [] : [change('clamp', 'clampsSymmetric', `clamps at ${-top}`, { low: -top })]),
    change('clamp', 'clampsEarly', `clamps at ${top - 1}`, { top: top - 1 }),
    change('clamp', 'clampsLate', `clamps at ${top + 1}`, { top: top + 1 }),
    change('clamp', 'clampsLowLate', `clamps at ${low - 1}`, { low: low - 1 }),
    change('clamp', 'clampsLowEarly', `clamps at ${low + 1}`, { low: low + 1 }),
  ];
}
