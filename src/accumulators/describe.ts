/**
 * Reductions, accumulators and steps in words.
 *
 * In a few words for a row of a table; in full with every field that is not its default.
 *
 * @module
 */
import { formatName } from '../formats/formatName.ts';
import { resolvePolicy } from '../rounding/policy.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { Accumulator, LateAddend, OrderedReduction, Reduction } from './reduction.ts';
import { innerOf } from './walk.ts';

/** Fields that a few words leave out, with their defaults. */
const details: Readonly<Record<string, unknown>> = {
  nonFinite: 'error',
  productExponent: 0,
  leastExponent: null,
  zeroRule: 'out',
  zeroGroups: 'out',
  zeroSign: 'positive',
  productOverflow: 'exact',
};

/** The order of additions with its accumulators: 'fused blocks of 16, 25 bits cut, to binary32 towardZero'. */
export function reductionText(reduction: Reduction, isFull = false): string {
  if (!('across' in reduction)) return orderedText(reduction, isFull);
  if (reduction.kind === 'split') {
    const { head, tail } = reduction;
    const parts = `${partsText(reduction)}: ${reductionText(head, isFull)}; the rest: ${reductionText(tail, isFull)}`;
    return `${parts}${acrossText(reduction, isFull)}`;
  }
  const inner = reductionText(reduction.within, isFull);
  if (reduction.kind === 'strided') return `${partsText(reduction)}, each ${inner}${acrossText(reduction, isFull)}`;
  const { size, short, within, across } = reduction;
  // Tiles that chain are blocks where each is one rounded sum, and nothing to tell where each is a chain itself.
  const isBlock =
    across === 'chain' && short !== 'first' && within.kind === 'sequential' && 'output' in within.accumulator;
  if (!isBlock) return `${partsText(reduction)}: ${inner}${acrossText(reduction, isFull)}`;
  return inner.startsWith('fused') ? inner.replace('fused', `fused blocks of ${size},`) : `blocks of ${size}, ${inner}`;
}

/** The order of additions alone: '64 at a time; then butterfly'. */
export function orderText(reduction: Reduction): string {
  if (!('across' in reduction)) return reduction.kind;
  const { across } = reduction;
  const [within] = innerOf<Reduction>(reduction);
  const inner = within.kind === 'sequential' ? '' : `: ${orderText(within)}`;
  return `${partsText(reduction)}${inner}${across === 'chain' ? '' : `; then ${orderText(across)}`}`;
}

/** A format, and what of its policy is not the format's default; in a few words only how it rounds and flushes. */
export function stepText({ format, policy }: Rounding, isFull = false): string {
  if (isFull) {
    const usual = resolvePolicy(format) as unknown as Record<string, unknown>;
    const unusual = Object.entries(policy).filter(([key, chosen]) => usual[key] !== chosen);
    return [formatName(format), ...unusual.map(([key, chosen]) => `${key} ${chosen}`)].join(', ');
  }
  const unusual = [
    ...(policy.rounding === 'tiesToEven' ? [] : [policy.rounding]),
    ...(policy.subnormals === 'gradual' ? [] : ['flushed']),
  ];
  return [formatName(format), ...unusual].join(' ');
}

type Nested = Exclude<Reduction, OrderedReduction>;

function partsText(reduction: Nested): string {
  if (reduction.kind === 'tiled') {
    return `${reduction.size} at a time${reduction.short === 'first' ? ', the remainder first' : ''}`;
  }
  if (reduction.kind === 'split') return `multiples of ${reduction.multipleOf}`;
  const { lanes, run = 1 } = reduction;
  return run === 1 ? `${lanes} interleaved sums` : `${lanes} sums of interleaved runs of ${run}`;
}

function acrossText({ kind, across }: Nested, isFull: boolean): string {
  if (across !== 'chain') return `; then ${reductionText(across, isFull)}`;
  if (kind === 'split') return ', on top of the first';
  return kind === 'tiled' && !isFull ? '' : ', one on top of the other';
}

function orderedText({ kind, accumulator, order, leaf, start, lanes }: OrderedReduction, isFull: boolean): string {
  return [
    `${kind === 'sequential' ? '' : `${kind} `}${accumulatorText(accumulator, isFull)}`,
    ...(order === 'descending' ? ['last first'] : []),
    ...(lanes === undefined ? [] : [`of ${lanes} lanes`]),
    ...(isFull && leaf === 'element' ? ['from the elements themselves'] : []),
    ...(isFull && start === 'first' ? ['from the first element'] : []),
  ].join(', ');
}

function accumulatorText(accumulator: Accumulator, isFull: boolean): string {
  const fields = Object.entries(accumulator).filter(
    ([key, value]) => key in details && value !== undefined && value !== details[key],
  );
  const rest = isFull ? fields.map(([key, value]) => `, ${key} ${value}`).join('') : '';
  switch (accumulator.kind) {
    case 'float':
    case 'fixed': {
      const what = accumulator.fused ? 'multiply-adds' : 'additions';
      return `${accumulator.kind === 'fixed' ? 'fixed-point ' : ''}${what} in ${stepText(accumulator.rounding, isFull)}`;
    }
    case 'integer': {
      const { bits, overflow, when = 'everyStep' } = accumulator;
      const often = when === 'everyStep' ? 'every step' : when === 'atEnd' ? 'at the end' : `every ${when.every}`;
      return `${bits}-bit integer, ${overflow} ${often}${rest}`;
    }
    case 'exact':
      return `exact${rest}, rounded once to ${stepText(accumulator.output, isFull)}`;
    case 'aligned': {
      const { fractionBits, lost, addend = 'together', lanes, group = 1, output } = accumulator;
      const parts = [
        `fused ${fractionBits} bits ${lossWords[lost]}`,
        ...(group > 1 ? [`groups of ${group} exact`] : []),
        ...(lanes === 2 ? ['odd and even apart'] : []),
        ...(addend === 'together' ? [] : [lateText(addend, isFull)]),
      ];
      return `${parts.join(', ')}${rest}, to ${stepText(output, isFull)}`;
    }
    default:
      return `${accumulator.kind} sums in ${stepText(accumulator.rounding, isFull)}`;
  }
}

const lossWords = { truncate: 'cut', floor: 'floored', odd: 'jammed' } as const;

function lateText(addend: LateAddend, isFull: boolean): string {
  const words = (addend.settle ?? null) === null ? 'addend late' : 'addend late, cut again';
  if (!isFull) return words;
  const fields = Object.entries(addend).filter(([, value]) => value !== null && value !== undefined);
  return `${words} (${fields.map(([key, value]) => `${key} ${value}`).join(', ')})`;
}
