/**
 * A comparison of two targets as text.
 *
 * @module
 */
import { checkMade, printableData } from '../../errors/index.ts';
import { type Format, parseFormat } from '../../formats/index.ts';
import { round } from '../../rounding/index.ts';
import type { ComparedTarget, TargetComparison } from '../../studies/index.ts';
import { count, size, value } from '../numbers.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

/**
 * How many results differ, how either side forms its sums, and the first differences with their codes.
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
  checkMade('found', found, ['rows', 'width', 'targets', 'different', 'nearer', 'first'], 'what compareTargets gives');
  const { rows, width, targets, different, maxRelative, nearer, first } = printableData(found);
  const [left, right] = targets;
  const names = [left, right].map(({ target, unit }) => `${target} ${unit}`);
  const extent = different === 0 ? `the same bits in all ${rows}` : `different bits in ${different} of ${rows}`;
  const head = wrap(`${names.join(' and ')}: ${extent} dot products of ${width}`, '  ', options);
  const sides = targets.flatMap((side) => wrap(sideText(side), '  ', options));
  const notes = targets.some(({ sums }) => sums.includes('fused')) ? ['', ...wrap(FUSED, ' ', options)] : [];
  if (different === 0) return [...head, ...sides, ...notes].join('\n');
  const formats = targets.map(({ output }) => parseFormat(output));
  const columns = ['row', `${names[0]}`, 'code', `${names[1]}`, 'code', 'in binary64'];
  const cells = first.map(({ row, values, codes, real }) => [
    String(row),
    shortest(formats[0], values[0]),
    codes[0],
    shortest(formats[1], values[1]),
    codes[1],
    value(real),
  ]);
  return [
    ...head,
    ...sides,
    ...wrap(
      `nearer to the sum in binary64: ${names[0]} in ${count(nearer[0], 'row')}, ${names[1]} in ${nearer[1]}`,
      '  ',
      options,
    ),
    `largest difference ${size(maxRelative)} of the sum`,
    ...(first.length === 0 ? [] : ['']),
    ...(first.length === 0
      ? []
      : table(
          columns.map((title) => ({ title })),
          cells,
          options,
        )),
    ...(different > first.length ? [`… and ${different - first.length} more`] : []),
    ...notes,
  ].join('\n');
}

const FUSED =
  '(fused blocks of n, b bits cut: n products and the sum so far are aligned to the largest of them, what lies more than b ' +
  'bits below it is cut off, and what is left is added exactly and rounded once)';

/** The fewest digits that only this number of the format rounds from. */
function shortest(format: Format, x: number): string {
  for (let digits = 1; digits < 17 && Number.isFinite(x); digits++) {
    const text = Number(x.toPrecision(digits));
    if (Object.is(round(format, text), x)) return value(text);
  }
  return value(x);
}

function sideText({ target, unit, a, b, output, sums, rounded }: ComparedTarget): string {
  const changed = rounded === 0 ? '' : `; ${count(rounded, 'operand')} rounded on loading`;
  return `${target} ${unit}: ${a === b ? a : `${a} × ${b}`} → ${output}, ${sums}${changed}`;
}
