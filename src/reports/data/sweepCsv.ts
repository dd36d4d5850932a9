/**
 * The cells of a sweep as comma-separated values.
 *
 * @module
 */
import { checkList, checkMade } from '../../errors/index.ts';
import type { Magnitudes } from '../../events/index.ts';
import { eventKinds } from '../../rounding/index.ts';
import type { SweepCell } from '../../sweeps/index.ts';
import { describeEvent } from '../text/event.ts';
import { quote } from './csv.ts';

const places = ['data', 'kernel', 'target', 'scale', 'format', 'order', 'tile', 'promotion', 'accumulator'] as const;

/**
 * The cells of a sweep as comma-separated values (RFC 4180), a line each: choices, counts, rates, `headroom` of the stage with
 * the least, error, verdict. A field that a cell has no answer for is empty. Cells with magnitudes have six fields more a stage:
 * the least and the largest exponent, how many binades are used, and how many results are zero, subnormal and not finite.
 *
 * @throws {@link BittrueError} for what are no cells
 * @example
 * import { formatSweepCsv } from 'bittrue/reports';
 * import { defineSweep, runCell } from 'bittrue/sweeps';
 * const data = [{ name: 'normal', rows: 2, width: 8, inputs: { kind: 'normal' } as const }];
 * const sweep = defineSweep({ kernels: ['sum'], data, targets: ['fp16', 'bf16'] });
 * formatSweepCsv([runCell(sweep, 0), runCell(sweep, 1)]).split('\n')[2]?.slice(0, 17); // '1,normal,sum,bf16'
 */
export function formatSweepCsv(cells: readonly SweepCell[]): string {
  checkList('cells', cells).forEach((cell, i) => {
    checkMade(`cells[${i}]`, cell as SweepCell, ['cell', 'kernel', 'data'], 'a cell, as runCell gives it');
  });
  const stages = [...new Set(cells.flatMap(({ magnitudes = {} }) => Object.keys(magnitudes)))];
  const head = [
    'cell',
    ...places,
    'outputs',
    'width',
    ...eventKinds,
    'overflowRate',
    'headroom',
    'sqnr',
    'maxUlp',
    'meanUlp',
    'nonFinite',
    'absorbed',
    'verdict',
    'claim',
    'first',
    'refused',
    ...stages.flatMap((stage) => magnitudeFields.map((field) => `${stage}.${field}`)),
  ];
  const lines = cells.map((cell) => {
    const { counts, error, first, refused } = cell;
    const fields = [
      cell.cell,
      ...places.map((place) => cell[place]),
      cell.outputs,
      cell.width,
      ...eventKinds.map((kind) => counts?.[kind]),
      cell.overflowRate,
      leastHeadroom(cell),
      error?.sqnr,
      error?.maxUlp,
      error?.meanUlp,
      error?.nonFinite,
      cell.absorbed,
      cell.verdict,
      cell.claim,
      first ? describeEvent(first, { brief: true }) : null,
      refused,
      ...stages.flatMap((stage) => magnitudesOf(cell.magnitudes?.[stage])),
    ];
    return fields.map((field) => quote(String(field ?? ''))).join(',');
  });
  return `${[head.join(','), ...lines].join('\n')}\n`;
}

const magnitudeFields = ['least', 'most', 'binades', 'zero', 'subnormal', 'nonFinite'] as const;

/** A stage's magnitudes as the fields above; all empty for a cell without that stage. */
function magnitudesOf(found: Magnitudes | undefined): (number | null)[] {
  if (found === undefined) return magnitudeFields.map(() => null);
  const { least, counts, zero, subnormal, nonFinite } = found;
  const most = least === null ? null : least + counts.length - 1;
  return [least, most, counts.filter((count) => count > 0).length, zero, subnormal, nonFinite];
}

/** Bits of room in the stage that has the least; null where no stage has a figure. */
export function leastHeadroom({ headroom }: SweepCell): number | null {
  const bits = Object.values(headroom ?? {}).filter((one) => one !== null);
  return bits.length === 0 ? null : bits.reduce((least, one) => Math.min(least, one));
}
