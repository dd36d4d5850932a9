/**
 * A sweep as one HTML page with its plots: nothing is fetched.
 *
 * @module
 */
import { checkList, checkMade } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import type { SweepCell } from '../../sweeps/index.ts';
import { leastHeadroom } from '../data/sweepCsv.ts';
import { bits, count, decibels, percent, size } from '../numbers.ts';
import { sweepPlots } from '../plots/sweep.ts';
import { describeEvent } from '../text/event.ts';
import { page } from './page.ts';
import { BEYOND, figure, paragraph, table } from './plots.ts';

const titles = [
  'cell',
  'data',
  'K',
  'unit',
  'accumulator',
  'verdict',
  'fail',
  'SQNR (dB)',
  'mean ulp',
  'room (bits)',
  'addends lost',
  'first failure',
];

/**
 * A page with the plots of `sweepPlots`, and a row a cell with its first failure in words.
 *
 * @throws {@link BittrueError} for what are no cells
 * @example
 * import { sweepHtml } from 'bittrue/reports';
 * import { defineSweep, runCell } from 'bittrue/sweeps';
 * const data = [{ name: 'normal', rows: 2, width: 8, inputs: { kind: 'normal' } as const }];
 * const sweep = defineSweep({ kernels: ['sum'], data, targets: ['fp16', 'bf16'] });
 * sweepHtml([runCell(sweep, 0), runCell(sweep, 1)]).startsWith('<!doctype html>'); // true
 */
export function sweepHtml(cells: readonly SweepCell[]): string {
  checkList('cells', cells).forEach((cell, i) => {
    checkMade(`cells[${i}]`, cell as SweepCell, ['cell', 'kernel', 'data'], 'a cell, as runCell gives it');
  });
  const ran = cells.filter(({ refused }) => refused === undefined);
  const refused = cells.filter((cell) => cell.refused !== undefined);
  const proved = ran.filter(({ verdict }) => verdict === 'proved').length;
  const clean = ran.filter(({ overflowRate }) => overflowRate === 0).length;
  const kernels = [...new Set(cells.map(({ kernel }) => kernel))].join(', ');
  return page('bittrue sweep', [
    `<h1>How narrow may the accumulator be?</h1>`,
    paragraph(
      `${count(cells.length, 'cell')} of ${kernels}: ${proved} proved for all such data, ${clean} without a failure on the data, ` +
        `${refused.length} without a meaning.`,
    ),
    paragraph(BEYOND),
    ...sweepPlots(cells).map(figure),
    '<h2>Cells</h2>',
    table(titles, ran.map(cellRow), 'words'),
    ...(refused.length === 0
      ? []
      : [
          '<h2>Choices without a meaning</h2>',
          table(
            ['cell', 'unit', 'accumulator', 'why'],
            refused.map((cell) => [String(cell.cell), unitOf(cell), cell.accumulator ?? '–', cell.refused ?? '']),
            'words',
          ),
        ]),
    paragraph(`bittrue ${VERSION}`),
  ]);
}

/** Target, format and order in a few words. */
function unitOf({ kernel, target, format, order, tile, promotion, scale }: SweepCell): string {
  const words = [
    kernel,
    target,
    format,
    order,
    tile === null ? null : `tiles of ${tile}`,
    promotion === null ? null : `promoted every ${promotion}`,
    scale === 1 ? null : `times ${scale}`,
  ];
  return words.filter((word) => word !== null && word !== undefined).join(', ');
}

function cellRow(cell: SweepCell): string[] {
  const { error, first, verdict, claim, overflowRate = 0, absorbed = 0 } = cell;
  const isWhole = error !== undefined && error.nonFinite === 0;
  return [
    String(cell.cell),
    String(cell.data),
    String(cell.width ?? '–'),
    unitOf(cell),
    cell.accumulator ?? '–',
    verdict === 'proved' && claim === 'sameResult' ? 'proved (same result)' : (verdict ?? '–'),
    percent(overflowRate),
    isWhole && error.sqnr !== null ? decibels(error.sqnr) : '–',
    isWhole ? size(error.meanUlp) : '–',
    bits(leastHeadroom(cell)),
    percent(absorbed),
    first ? `${first.kind}: ${describeEvent(first, { brief: true })}` : '',
  ];
}
