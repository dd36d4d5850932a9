/**
 * Matrix units in a table, their accumulators in words.
 *
 * @module
 */
import { reductionText, stepText } from '../../accumulators/describe.ts';
import { checkMade, printableData } from '../../errors/index.ts';
import { formatName } from '../../formats/index.ts';
import { checkTargets } from '../../targets/check.ts';
import type { MatrixUnit, Target } from '../../targets/index.ts';
import { checkLook, type RenderOptions, wrap } from './layout.ts';

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
export function formatMatrixUnits(targets: readonly Target[], options: RenderOptions = {}): string {
  checkLook(options);
  checkTargets(targets);
  const shown = printableData(targets);
  const isTold = ({ sameAs }: Target): boolean => shown.some(({ name }) => name === sameAs);
  return shown
    .filter((target) => Object.keys(target.matrixUnits).length > 0 && !isTold(target))
    .map((target) =>
      targetLines(
        target,
        shown.filter(({ sameAs }) => sameAs === target.name),
        options,
      ).join('\n'),
    )
    .join('\n\n');
}

function targetLines(
  { name, vendor, summary, matrixUnits }: Target,
  siblings: readonly Target[],
  options: RenderOptions,
): string[] {
  const matrix = Object.values(matrixUnits);
  const title = matrix.reduce((most, unit) => Math.max(most, unit.name.length), 6);
  const line = (left: string, text: string): string[] =>
    wrap(`  ${left.padEnd(title)}  ${text}`, ' '.repeat(title + 6), options);
  const sources = [...new Set(matrix.map((unit) => unit.source))].join('; ');
  return [
    ...wrap(`${name}${vendor === '' ? '' : ` (${vendor})`}: ${summary}`, '  ', options),
    ...matrix.flatMap((unit) =>
      line(
        unit.name,
        `${operandText(unit)} → ${formatName(unit.output.format)}: ${accumulatorText(unit)}; ${unit.verified}${isDisputed(unit) ? ', disputed' : ''}`,
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
  const [left, right] = [a.map(formatName).join(', '), b.map(formatName).join(', ')];
  const operands = mixes === 'same' || left === right ? left : `${left} × ${right}`;
  return scale === null ? operands : `${operands}; ${formatName(scale.format)} to ${scale.block}`;
}

/**
 * What a unit's accumulator does, in a few words.
 *
 * @example
 * import { accumulatorText } from 'bittrue/reports';
 * import { findMatrixUnit, h100 } from 'bittrue/targets';
 * accumulatorText(findMatrixUnit(h100, 'f16')); // 'fused blocks of 16, 25 bits cut, to binary32 towardZero'
 */
export function accumulatorText(unit: Pick<MatrixUnit, 'product' | 'reduction'>): string {
  const { product, reduction } = checkMade('unit', unit, ['product', 'reduction'], 'a matrix unit of a target');
  checkMade('unit.reduction', reduction, ['kind'], 'a reduction, as defineReduction gives it');
  const words = reductionText(reduction);
  return product === null ? words : `products to ${stepText(product)}; ${words}`;
}
