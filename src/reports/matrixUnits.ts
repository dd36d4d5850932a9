/**
 * Matrix units in a table, their accumulators in words.
 *
 * @module
 */

import { checkMade } from '../errors/index.ts';
import { notation } from '../formats/index.ts';
import type { Step } from '../rounding/index.ts';
import type { MatrixUnit, Target } from '../targets/index.ts';
import { checkTargets } from '../targets/target.ts';
import { wrap } from './layout.ts';

type Reduction = MatrixUnit['reduction'];
type Accumulator = Extract<Reduction, { accumulator: unknown }>['accumulator'];
type LateAddend = NonNullable<Extract<Accumulator, { kind: 'aligned' }>['addend']>;

/**
 * The matrix units of every target that has some: operands and result, the accumulator in words, how it is known; and
 * the sources.
 *
 * @example
 * import { formatMatrixUnits } from 'bittrue/reports';
 * import { fp16, v100 } from 'bittrue/targets';
 * formatMatrixUnits([fp16, v100]).split('\n')[0]; // 'v100 (NVIDIA): Volta tensor cores'
 * formatMatrixUnits([fp16]); // ''
 */
export function formatMatrixUnits(targets: readonly Target[]): string {
  checkTargets(targets);
  const isTold = ({ sameAs }: Target): boolean => targets.some(({ name }) => name === sameAs);
  return targets
    .filter((target) => target.matrix.length > 0 && !isTold(target))
    .map((target) =>
      targetLines(
        target,
        targets.filter(({ sameAs }) => sameAs === target.name),
      ).join('\n'),
    )
    .join('\n\n');
}

function targetLines({ name, vendor, summary, matrix }: Target, siblings: readonly Target[]): string[] {
  const title = matrix.reduce((most, unit) => Math.max(most, unit.name.length), 6);
  const line = (left: string, text: string): string[] =>
    wrap(`  ${left.padEnd(title)}  ${text}`, ' '.repeat(title + 6));
  const sources = [...new Set(matrix.map((unit) => unit.source))].join('; ');
  return [
    ...wrap(`${name}${vendor === '' ? '' : ` (${vendor})`}: ${summary}`, '  '),
    ...matrix.flatMap((unit) =>
      line(
        unit.name,
        `${operandText(unit)} → ${notation(unit.output.format)}: ${accumulatorText(unit)}; ${unit.verified}${isDisputed(unit) ? ', disputed' : ''}`,
      ),
    ),
    ...(siblings.length === 0 ? [] : line('alike', siblings.map((sibling) => sibling.name).join(', '))),
    ...line('source', sources || 'not stated'),
  ];
}

/** Whether models differ in more than the sign of a zero result, which is disputed everywhere. */
function isDisputed({ disputed }: MatrixUnit): boolean {
  return disputed.some(({ sums }) => Object.keys(sums).some((field) => field !== 'zeroSign'));
}

function operandText({ a, b, mixes, scale }: MatrixUnit): string {
  const [left, right] = [a.map(notation).join(', '), b.map(notation).join(', ')];
  const operands = mixes === 'same' || left === right ? left : `${left} × ${right}`;
  return scale === null ? operands : `${operands}; ${notation(scale.format)} to ${scale.block}`;
}

/**
 * What a unit's accumulator does, in a few words.
 *
 * @example
 * import { accumulatorText } from 'bittrue/reports';
 * import { h100 } from 'bittrue/targets';
 * accumulatorText(h100.matrix[0]); // 'fused blocks of 16, 25 bits cut, to binary32 towardZero'
 */
export function accumulatorText(unit: Pick<MatrixUnit, 'product' | 'reduction'>): string {
  const { product, reduction } = checkMade('unit', unit, ['product', 'reduction'], 'a matrix unit of a target');
  checkMade('unit.reduction', reduction, ['kind'], 'a reduction, as defineReduction gives it');
  const words = reductionText(reduction);
  return product === null ? words : `products to ${stepText(product)}; ${words}`;
}

function reductionText(reduction: Reduction): string {
  switch (reduction.kind) {
    case 'tiled': {
      const { size, within, across } = reduction;
      if (across === 'chain') return blockText(size, within);
      return `${size} at a time: ${reductionText(within)}; then ${reductionText(across)}`;
    }
    case 'strided': {
      const { lanes, run, within, across } = reduction;
      const what =
        run === undefined || run === 1 ? `${lanes} interleaved sums` : `${lanes} sums of interleaved runs of ${run}`;
      return `${what}, each ${reductionText(within)}${across === 'chain' ? ', one on top of the other' : `; then ${reductionText(across)}`}`;
    }
    case 'sequential':
      return chainText(reduction.accumulator, reduction.order === 'descending' ? ', last first' : '');
    default:
      return `${reduction.kind} ${chainText(reduction.accumulator, '')}`;
  }
}

/** Tiles that chain are blocks where each is one fused sum, and nothing to tell where each is a chain itself. */
function blockText(size: number, within: Reduction): string {
  const inner = reductionText(within);
  const fused = within.kind === 'sequential' && 'output' in within.accumulator;
  if (fused)
    return inner.startsWith('fused')
      ? inner.replace('fused', `fused blocks of ${size},`)
      : `blocks of ${size}, ${inner}`;
  return `${size} at a time: ${inner}`;
}

function chainText(accumulator: Accumulator, order: string): string {
  switch (accumulator.kind) {
    case 'float':
      return `${accumulator.fused ? 'multiply-adds' : 'additions'} in ${stepText(accumulator.step)}${order}`;
    case 'fixed':
      return `fixed-point ${accumulator.fused ? 'multiply-adds' : 'additions'} in ${stepText(accumulator.step)}${order}`;
    case 'integer': {
      const { bits, overflow, when = 'everyStep' } = accumulator;
      const often = when === 'everyStep' ? 'every step' : when === 'atEnd' ? 'at the end' : `every ${when.every}`;
      return `${bits}-bit integer, ${overflow} ${often}`;
    }
    case 'exact':
      return `exact, rounded once to ${stepText(accumulator.output)}`;
    case 'aligned': {
      const { fractionBits, lost, addend, lanes, group = 1, output } = accumulator;
      const how = lost === 'truncate' ? 'cut' : lost === 'floor' ? 'floored' : 'jammed';
      const parts = [
        `fused ${fractionBits} bits ${how}`,
        ...(group > 1 ? [`groups of ${group} exact`] : []),
        ...(lanes === 2 ? ['odd and even apart'] : []),
        ...(addend === undefined || addend === 'together' ? [] : [lateText(addend)]),
      ];
      return `${parts.join(', ')}, to ${stepText(output)}`;
    }
    default:
      return `${accumulator.kind} sums in ${stepText(accumulator.step)}`;
  }
}

function lateText({ settle = null }: Exclude<LateAddend, 'together'>): string {
  return settle === null ? 'addend late' : 'addend late, cut again';
}

/** A format and what matters most of its policy. */
function stepText({ format, policy }: Step): string {
  const unusual = [
    ...(policy.rounding === 'tiesToEven' ? [] : [policy.rounding]),
    ...(policy.subnormals === 'gradual' ? [] : ['flushed']),
  ];
  return [notation(format), ...unusual].join(' ');
}
