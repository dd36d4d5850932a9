/**
 * The magnitudes of a run's results as a table: a row a stage.
 *
 * @module
 */
import { binadesUsed, type Report } from '../../events/index.ts';
import { type Column, type RenderOptions, table, wrap } from './layout.ts';

const columns: readonly Column[] = [
  { title: 'stage', align: 'left' },
  { title: 'all', group: 'results' },
  { title: 'zero', group: 'results' },
  { title: 'subnormal', group: 'results' },
  { title: 'NaN, ∞', group: 'results' },
  { title: 'exponents' },
  { title: 'format' },
  { title: 'used', group: 'binades' },
  { title: 'above', group: 'binades' },
  { title: 'below', group: 'binades' },
];

const NOTE =
  'exponents: ⌊log2|x|⌋ of results that are normal numbers, and those that the format has; binades: used, and free at either end';

/** The lines of the table; none for a run that did not count magnitudes. */
export function magnitudeLines(
  report: Pick<Report, 'magnitudes' | 'counts' | 'schema'>,
  options: RenderOptions,
): string[] {
  const { magnitudes } = report;
  if (magnitudes === undefined) return [];
  const rows = Object.entries(magnitudes).map(([stage, found]) => {
    const { zero, subnormal, nonFinite, least, counts, range } = found as NonNullable<typeof found>;
    const used = binadesUsed(report, stage);
    const all = counts.reduce((sum, count) => sum + count, zero + subnormal + nonFinite);
    return [
      stage,
      ...[all, zero, subnormal, nonFinite].map(String),
      least === null ? '–' : ends(least, least + counts.length - 1),
      range === null ? '–' : ends(range.least, range.most),
      ...(used === null ? ['–', '–', '–'] : [used.used, used.freeAbove, used.freeBelow].map(String)),
    ];
  });
  return ['', ...table(columns, rows, options), ...wrap(`(${NOTE})`, ' ', options)];
}

function ends(least: number, most: number): string {
  return least === most ? String(least) : `${least} … ${most}`;
}
