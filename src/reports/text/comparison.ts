/**
 * A comparison of two targets as text.
 *
 * @module
 */
import { checkMade, printableData } from '../../errors/index.ts';
import type { ComparedTarget, TargetComparison } from '../../studies/index.ts';
import { count, size, value } from '../numbers.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

/**
 * How many results differ, and the first of them with their codes.
 *
 * @example
 * import { formatTargetComparison } from 'bittrue/reports';
 * import { compareTargets } from 'bittrue/studies';
 * import { a100, v100 } from 'bittrue/targets';
 * const contenders = [{ target: a100, unit: 'f16' }, { target: v100, unit: 'f16' }] as const;
 * const same = compareTargets([1], [1], { rows: 1, width: 1, contenders });
 * formatTargetComparison(same).split('\n')[0]; // 'a100 f16 and v100 f16: the same bits in all 1 dot products of 1'
 */
export function formatTargetComparison(found: TargetComparison, options: RenderOptions = {}): string {
  checkLook(options);
  checkMade('found', found, ['rows', 'width', 'targets', 'different', 'first'], 'what compareTargets gives');
  const { rows, width, targets, different, maxRelative, first } = printableData(found);
  const [left, right] = targets;
  const names = [left, right].map(({ target, unit }) => `${target} ${unit}`);
  const extent = different === 0 ? `the same bits in all ${rows}` : `different bits in ${different} of ${rows}`;
  const head = wrap(`${names.join(' and ')}: ${extent} dot products of ${width}`, '  ', options);
  const sides = targets.flatMap((side) => wrap(sideText(side), '  ', options));
  if (first.length === 0) return [...head, ...sides].join('\n');
  const columns = ['row', `${names[0]}`, 'code', `${names[1]}`, 'code', 'in binary64'];
  const cells = first.map(({ row, values, codes, real }) => [
    String(row),
    value(values[0]),
    codes[0],
    value(values[1]),
    codes[1],
    value(real),
  ]);
  return [
    ...head,
    ...sides,
    `largest difference ${size(maxRelative)} of the sum`,
    '',
    ...table(
      columns.map((title) => ({ title })),
      cells,
      options,
    ),
    ...(different > first.length ? [`… and ${different - first.length} more`] : []),
  ].join('\n');
}

function sideText({ target, unit, a, b, output, rounded }: ComparedTarget): string {
  const changed = rounded === 0 ? '' : `; ${count(rounded, 'operand')} rounded on loading`;
  return `${target} ${unit}: ${a === b ? a : `${a} × ${b}`} → ${output}${changed}`;
}
