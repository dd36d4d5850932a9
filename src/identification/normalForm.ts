/**
 * How a unit computes, in a form in which what gives the same bits on all operands is the same text: names, flags and
 * defaults left out, and what no operand can reach. Two equal forms prove two units equivalent; unequal forms prove nothing.
 *
 * @module
 */
import { eminOf as leastExponentOf } from '../accumulators/alignedOperands.ts';
import type { Accumulator, AlignedAccumulator, IntegerAccumulator, Reduction } from '../accumulators/reduction.ts';
import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import { type Format, formatName } from '../formats/index.ts';
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
  const form = {
    a: readForm(a),
    b: b && readForm(b),
    addend: addend && readForm(addend),
    positiveZeros,
    scale: scale && [formatName(scale.format), scale.block, scale.ignoreSign],
    product: product && roundingForm(product),
    reduction,
    output: roundingForm(output),
  };
  return { text: JSON.stringify(form), dropped };
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
  return [
    formatName(format),
    ...[rounding, overflow, subnormals, flushes ? tininess : null, hasNaN ? null : nanInput, isNarrow ? parity : null],
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
      return ['float', roundingForm(accumulator.rounding), accumulator.fused ?? false];
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
      return ['exact', roundingForm(accumulator.output), accumulator.productExponent ?? 0];
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
    ...[infinite, late, roundingForm(accumulator.output)],
  ];
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
  const others = [...sums, ...(addend === null ? [] : [addend.format])];
  return {
    smallest: smallestOf([total(eminOf), ...others.map(eminOf)]),
    unit: smallestOf([total(unitOf), ...others.map(unitOf)]),
    grows: b !== null && [a, b].every(({ format }) => format.kind === 'integer' && !format.signed),
    addendBits: addend?.format.kind === 'integer' ? addend.format.bits : Infinity,
    group: scale === null ? 0 : 2 * eminOf(scale.format),
    largest: total((format) => emaxOf(format) + 1),
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
