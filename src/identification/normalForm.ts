/**
 * How a unit computes, in a form in which what gives the same bits on all operands is the same text: names, flags and
 * defaults left out, and what no operand can reach. Two equal forms prove two units equivalent; unequal forms prove nothing.
 *
 * @module
 */
import { eminOf as leastExponentOf } from '../accumulators/alignedOperands.ts';
import type {
  Accumulator,
  AlignedAccumulator,
  FloatAccumulator,
  IntegerAccumulator,
  Reduction,
} from '../accumulators/reduction.ts';
import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import { type FloatFormat, type Format, formatName } from '../formats/index.ts';
import type { Rounding } from '../rounding/index.ts';
import type { Arithmetic } from './arithmetic.ts';
import { exponentsOf, smallestOf } from './numbers.ts';

/** A form, and what was left out of it beside names and defaults, in words. */
export interface NormalForm {
  readonly text: string;
  readonly dropped: readonly string[];
}

/** The normal form of a unit. */
export function normalForm(side: Arithmetic): NormalForm {
  const dropped: string[] = [];
  const { a, b, addend, positiveZeros, scale, product, output } = side;
  const reach = reachOf(side);
  const reduction = reductionForm(side.reduction, reach, dropped);
  const hidesZeros =
    positiveZeros && leaves(side.reduction).every(({ accumulator }) => givesPositiveZeros(accumulator));
  if (hidesZeros) dropped.push('no sum shows the signs of zeros');
  const isWhole = product !== null && areWhole(side, product);
  if (isWhole) dropped.push('every product is a number of the sums');
  const form = {
    a: readForm(a),
    b: b && readForm(b),
    addend: addend && readForm(addend),
    positiveZeros: positiveZeros && !hidesZeros,
    scale: scale && [formatName(scale.format), scale.block, scale.ignoreSign],
    product: product && !isWhole ? roundingForm(product) : null,
    reduction,
    output: roundingForm(output),
  };
  return { text: JSON.stringify(form), dropped };
}

/** Whether a sum that is zero is +0, whatever its terms are. */
function givesPositiveZeros(accumulator: Accumulator): boolean {
  return accumulator.kind === 'aligned' && (accumulator.zeroSign ?? 'positive') === 'positive';
}

/**
 * Whether products of finite operands round to themselves, so that to multiply and then to add is to multiply and add at once: they have
 * few enough bits, and none, nor an operand, is beyond or below the normal numbers of what they enter.
 */
function areWhole({ a, b, scale, reduction }: Arithmetic, product: Rounding): boolean {
  const all = leaves(reduction).map(({ accumulator }) => accumulator);
  if (b === null || scale !== null || all.some(({ kind }) => kind !== 'float')) return false;
  const [x, y] = [a.format, b.format];
  if (x.kind !== 'float' || y.kind !== 'float') return false;
  const least = Math.min(unitOf(x), unitOf(y), unitOf(x) + unitOf(y));
  const most = Math.max(x.emax, y.emax, x.emax + y.emax + 1) + 1;
  return [product, ...all.map((one) => accumulatorRounding(one as FloatAccumulator))].every(({ format, policy }) => {
    if (!isStandard(format) || policy.overflow === 'saturate' || format.bits > 53) return false;
    return format.precision >= x.precision + y.precision && format.emin <= least && most <= format.emax;
  });
}

/** Whether a format has all numbers of its exponents, subnormal ones, both signs, infinities and NaN. */
function isStandard(format: Format): format is FloatFormat {
  return (
    format.kind === 'float' &&
    format.signed &&
    format.negativeZero &&
    format.infinities !== 'none' &&
    format.nan !== 'none' &&
    format.minSubnormal !== null &&
    format.max === 2 ** format.emax * (2 - 2 ** -format.mantissaBits)
  );
}

/** Operands are values of their format, so that reading them rounds nothing: only what it flushes counts. */
function readForm({ format, policy }: Rounding): unknown {
  return [formatName(format), policy.subnormals === 'flushInputs' || policy.subnormals === 'flushBoth'];
}

/** What of a rounding makes bits: not how flags are raised, nor when tiny results count as such unless they are flushed. */
export function roundingForm({ format, policy }: Rounding): unknown {
  const { rounding, overflow, subnormals, tininess, nanInput, parity, stochastic } = policy;
  const flushes = subnormals === 'flushOutputs' || subnormals === 'flushBoth';
  const hasNaN = format.kind === 'float' && format.nan !== 'none';
  const isNarrow = format.kind === 'float' && format.precision === 1;
  // To nearest, what IEEE 754 says of overflow is infinity.
  const isNear = rounding === 'tiesToEven' || rounding === 'tiesToAway';
  const beyond = overflow === 'ieee' && isNear ? 'infinity' : overflow;
  return [
    formatName(format),
    ...[rounding, beyond, subnormals, flushes ? tininess : null, hasNaN ? null : nanInput, isNarrow ? parity : null],
    stochastic ?? null,
  ];
}

function reductionForm(reduction: Reduction, reach: Reach, dropped: string[]): unknown {
  if (!('across' in reduction)) {
    const { kind, accumulator, order = 'ascending', leaf = 'chain', start = 'zero', lanes = 0 } = reduction;
    const begins = kind === 'sequential' ? start : leaf;
    return [kind, accumulatorForm(accumulator, reach, dropped), order, begins, lanes];
  }
  if (reduction.kind === 'split') {
    const { kind, multipleOf, head, tail, across } = reduction;
    const all = [head, tail, ...(across === 'chain' ? [] : [across])];
    return [kind, multipleOf, ...all.map((part) => reductionForm(part, reach, dropped))];
  }
  const { kind, within, across } = reduction;
  const inner = reductionForm(within, reach, dropped);
  const outer = across === 'chain' ? across : reductionForm(across, reach, dropped);
  if (kind === 'strided') {
    const { lanes, run = 1 } = reduction;
    return lanes === 1 && across === 'chain' ? inner : [kind, lanes, run, inner, outer];
  }
  const { size, short = 'last' } = reduction;
  if (across === 'chain') {
    if (goesOn(within, reach)) {
      dropped.push(`tiles of ${size} one on top of the other are one chain`);
      return inner;
    }
    const isAligned = short === 'last' && within.kind === 'tiled' && (within.short ?? 'last') === 'last';
    if (isAligned && within.across === 'chain' && size % within.size === 0) {
      dropped.push(`tiles of ${size} are whole tiles of ${within.size}`);
      return inner;
    }
  }
  return [kind, size, short, inner, outer];
}

/** Whether a chain that starts from another one's result continues it: its state is the running sum alone. */
function goesOn(reduction: Reduction, reach: Reach): boolean {
  if (reduction.kind !== 'sequential' || reduction.order === 'descending') return false;
  const { accumulator } = reduction;
  if (accumulator.kind === 'integer') {
    const { overflow, when = 'everyStep' } = accumulator;
    return overflow === 'wrap' || when === 'everyStep' || staysFull(accumulator, reach);
  }
  return accumulator.kind === 'float' || accumulator.kind === 'fixed';
}

function accumulatorForm(accumulator: Accumulator, reach: Reach, dropped: string[]): unknown {
  switch (accumulator.kind) {
    // A fixed-point register is a float accumulator of an integer format: the same bits.
    case 'float':
    case 'fixed':
      // Whether products are rounded says `product`.
      return ['float', roundingForm(accumulator.rounding)];
    case 'integer': {
      const { bits, overflow, when = 'everyStep', nonFinite = 'error' } = accumulator;
      // Wrapping commutes with addition: it makes no difference when.
      if (overflow === 'wrap') dropped.push('a register that wraps may wrap at any time');
      if (staysFull(accumulator, reach)) {
        dropped.push('products are never negative: a full register stays full');
        return ['integer', bits, overflow, 'any', nonFinite];
      }
      const often = overflow === 'wrap' ? 'any' : when === 'everyStep' ? 1 : when === 'atEnd' ? when : when.every;
      return ['integer', bits, overflow, often, nonFinite];
    }
    case 'exact':
      return ['exact', resultForm(accumulator.output), accumulator.productExponent ?? 0];
    case 'aligned':
      return alignedForm(accumulator, reach, dropped);
    default:
      return [accumulator.kind, roundingForm(accumulator.rounding)];
  }
}

/** Whether a register only grows: then it is full for good, and clamped at the end as well as on the way. */
function staysFull({ overflow, bits }: IntegerAccumulator, { grows, addendBits }: Reach): boolean {
  return overflow === 'saturate' && grows && bits >= addendBits;
}

function alignedForm(accumulator: AlignedAccumulator, reach: Reach, dropped: string[]): unknown {
  const { fractionBits, lost, zeroRule = 'out', zeroGroups = 'out' } = accumulator;
  const { zeroSign = 'positive', addend = 'together', lanes = 1, group = 1, productOverflow = 'exact' } = accumulator;
  const least = leastForm(accumulator, reach, dropped);
  const late = addend === 'together' ? addend : { ...addend, settle: addend.settle ?? null };
  const infinite = productOverflow === 'infinity' && reach.largest > emaxOf(accumulator.output.format) + 1;
  if (productOverflow === 'infinity' && !infinite) dropped.push('no product is beyond the range of the result');
  const sign = zeroSign === 'rounded' && !roundsToZero(accumulator, reach) ? 'allNegative' : zeroSign;
  if (sign !== zeroSign) dropped.push('no sum that is not zero rounds to zero');
  return [
    ...['aligned', fractionBits, lost, least, zeroRule, group > 1 ? zeroGroups : null, sign, lanes, group],
    ...[infinite, late, withinRange(accumulator, reach, dropped) ?? resultForm(accumulator.output)],
  ];
}

/** The rounding of a sum whose terms nobody flushes. */
function resultForm({ format, policy }: Rounding): unknown {
  const subnormals = flushedOutputs[policy.subnormals];
  return roundingForm({ format, policy: { ...policy, subnormals } });
}

const flushedOutputs = {
  gradual: 'gradual',
  flushInputs: 'gradual',
  flushOutputs: 'flushOutputs',
  flushBoth: 'flushOutputs',
} as const;

/**
 * The rounding of sums that never leave the normal numbers of their format, or lose nothing below them: of the format only the precision
 * counts, and no overflow; null where one may. What is cut toward zero adds no more than the products to an addend, and all products
 * of a sum, of which binary64 bounds the number, are less than half of the last place of the largest number, so that it is not left. All
 * terms are multiples of what products and addends are multiples of, and so are their sums.
 */
function withinRange(accumulator: AlignedAccumulator, reach: Reach, dropped: string[]): unknown {
  const { output, addend = 'together', fractionBits, lost, group = 1 } = accumulator;
  const { format, policy } = output;
  const { rounding, overflow, subnormals } = policy;
  if (
    !reach.isOneChain ||
    !isStandard(format) ||
    format.bits > 53 ||
    addend !== 'together' ||
    lost !== 'truncate' ||
    group > 1
  )
    return null;
  if (rounding === 'towardNegative' || rounding === 'towardPositive' || rounding === 'stochastic') return null;
  if (overflow === 'saturate' || flushedOutputs[subnormals] === 'flushOutputs') return null;
  const isBelow =
    reach.largestAddend <= format.max && 51 - fractionBits + reach.largest <= format.emax - format.precision;
  const isAbove = unitOf(format) <= reach.entering && format.emin - fractionBits <= reach.entering;
  if (!isBelow || !isAbove) return null;
  dropped.push('no sum overflows, nor loses a bit below the normal numbers');
  return ['within', format.precision, rounding];
}

/** Whether a sum that is not zero may: what is kept is a multiple of what terms are multiples of, and of the last bit of alignment. */
function roundsToZero(
  { output, addend = 'together', fractionBits, group = 1 }: AlignedAccumulator,
  reach: Reach,
): boolean {
  const { format, policy } = output;
  const flushes = policy.subnormals === 'flushOutputs' || policy.subnormals === 'flushBoth';
  const smallest = group > 1 ? smallestOf([reach.smallest, reach.group]) : reach.smallest;
  const unit = addend === 'together' ? Math.max(reach.unit, smallest - fractionBits) : reach.unit;
  return flushes || unit < exponentsOf(format).low;
}

/** The least exponent, or null where every sum has a larger one, or where cutting at it loses nothing. */
function leastForm(accumulator: AlignedAccumulator, reach: Reach, dropped: string[]): number | null {
  const { leastExponent = null, addend = 'together', fractionBits } = accumulator;
  if (leastExponent === null || addend !== 'together') return null;
  const smallest = (accumulator.group ?? 1) > 1 ? Math.min(reach.smallest, reach.group) : reach.smallest;
  const { unit } = reach;
  if (leastExponent > smallest && leastExponent - fractionBits > unit) return leastExponent;
  dropped.push(
    leastExponent <= smallest
      ? `the least exponent ${leastExponent} is never reached: terms have exponents from ${smallest} on`
      : `the least exponent ${leastExponent} cuts nothing: terms are multiples of 2^${unit}`,
  );
  return null;
}

/** What products and addends of a unit's formats can be, as powers of two. */
interface Reach {
  /** Smallest exponent of a term before normalisation. */
  readonly smallest: number;
  /** The same of a group of products, whose exponent is that of its scales. */
  readonly group: number;
  /** Whether no product is negative. */
  readonly grows: boolean;
  /** Bits of an integer addend; Infinity for others. */
  readonly addendBits: number;
  /** Every term is a multiple of 2^unit. */
  readonly unit: number;
  /** Every product is below 2^largest. */
  readonly largest: number;
  /** Products and addends are multiples of 2^entering. */
  readonly entering: number;
  /** The largest addend. */
  readonly largestAddend: number;
  /** Whether every sum continues the one before, or is added to it. */
  readonly isOneChain: boolean;
}

function reachOf({ a, b, addend, scale, product, reduction }: Arithmetic): Reach {
  const factors =
    product === null
      ? [a.format, ...(b === null ? [] : [b.format]), ...(scale === null ? [] : [scale.format, scale.format])]
      : [product.format];
  const total = (of: (format: Format) => number): number => factors.map(of).reduce((p, q) => p + q, 0);
  // What one sum gives may be a term, or the addend, of another one.
  const sums = leaves(reduction).flatMap(({ accumulator }) =>
    accumulator.kind === 'integer' ? [] : [accumulatorRounding(accumulator).format],
  );
  const [leaf, ...more] = leaves(reduction);
  const others = [...sums, ...(addend === null ? [] : [addend.format])];
  return {
    smallest: smallestOf([total(eminOf), ...others.map(eminOf)]),
    unit: smallestOf([total(unitOf), ...others.map(unitOf)]),
    grows: b !== null && [a, b].every(({ format }) => format.kind === 'integer' && !format.signed),
    addendBits: addend?.format.kind === 'integer' ? addend.format.bits : Infinity,
    group: scale === null ? 0 : 2 * eminOf(scale.format),
    largest: total((format) => emaxOf(format) + 1),
    entering: smallestOf([total(unitOf), ...(addend === null ? [] : [unitOf(addend.format)])]),
    largestAddend: addend?.format.max ?? 0,
    isOneChain: more.length === 0 && leaf?.kind === 'sequential',
  };
}

function eminOf(format: Format): number {
  return leastExponentOf(format, 0);
}

/** The exponent of what every value of a format is a multiple of. */
function unitOf(format: Format): number {
  return format.kind === 'float' ? format.emin - format.mantissaBits : -format.fractionBits;
}

function emaxOf(format: Format): number {
  return format.kind === 'float' ? format.emax : format.bits - format.fractionBits;
}
