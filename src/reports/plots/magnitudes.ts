/**
 * How large the results of a run's stages are, as histograms of exponents.
 *
 * @module
 */
import { BittrueError, checkSchema } from '../../errors/index.ts';
import type { Magnitudes, Report } from '../../events/index.ts';
import { count } from '../numbers.ts';
import type { Plot } from './plot.ts';

/**
 * A histogram a stage that has normal results: how many have which exponent, between the ends of the stage's format. Zeros,
 * subnormal results and those that are not finite stand in the title.
 *
 * @throws {@link BittrueError} for a report of a run without `magnitudes: true`
 * @example
 * import { cast } from 'bittrue/kernels';
 * import { magnitudePlots } from 'bittrue/reports';
 * const { report } = cast([0, 1, 1.5, 3], { format: 'binary16', magnitudes: true });
 * const [plot] = magnitudePlots(report);
 * plot?.title; // 'cast: exponents of 3 results; 1 zero'
 * plot?.series[0]?.points; // [{ x: 0, y: 2 }, { x: 1, y: 1 }]
 */
export function magnitudePlots(report: Pick<Report, 'schema' | 'magnitudes'>): Plot[] {
  checkSchema('report', report, ['report/2']);
  const { magnitudes } = report;
  if (magnitudes === undefined) {
    throw new BittrueError('unsupported', 'report', 'a run without magnitudes', 'one with magnitudes: true');
  }
  return Object.entries(magnitudes).flatMap(([stage, found]) => histogram(stage, found as Magnitudes));
}

/** The histogram of a stage's results; none without a normal one. */
export function histogram(title: string, found: Magnitudes): Plot[] {
  const { least, counts, range } = found;
  if (least === null || range === null) return [];
  return [
    {
      title: `${title}: exponents of ${titleOf(found)}`,
      x: { title: 'exponent, ⌊log2 |x|⌋', scale: 'linear' },
      y: { title: 'results', scale: 'linear' },
      series: [{ name: '', mark: 'bars', points: counts.flatMap((y, i) => (y === 0 ? [] : [{ x: least + i, y }])) }],
      limits: [
        { axis: 'x', at: range.least, name: 'smallest normal' },
        { axis: 'x', at: range.most, name: 'largest' },
      ],
    },
  ];
}

function titleOf({ counts, zero, subnormal, nonFinite }: Magnitudes): string {
  const normal = counts.reduce((sum, n) => sum + n, 0);
  const others = [
    ...(zero === 0 ? [] : [`${zero} zero`]),
    ...(subnormal === 0 ? [] : [`${subnormal} subnormal`]),
    ...(nonFinite === 0 ? [] : [`${nonFinite} not finite`]),
  ];
  return [count(normal, 'result'), ...(others.length === 0 ? [] : [others.join(', ')])].join('; ');
}
