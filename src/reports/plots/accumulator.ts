/**
 * The widths that a layer's accumulator needs, as plots.
 *
 * @module
 */
import type { MinimalAccumulator } from '../../bounds/index.ts';
import { checkMade, checkSchema } from '../../errors/index.ts';
import { count } from '../numbers.ts';
import type { Plot, PlotSeries } from './plot.ts';

/**
 * How many channels need how many bits, by proof and on the data, against the unit's own; and the SQNR of each float format
 * on the data.
 *
 * @throws {@link BittrueError} for what is no answer of `minimalAccumulator`
 * @example
 * import { minimalAccumulator } from 'bittrue/bounds';
 * import { accumulatorPlots } from 'bittrue/reports';
 * const inputs = { kind: 'format', format: 'uint8' } as const;
 * const answer = minimalAccumulator({ weights: Array(128).fill(1), n: 1, inputs, target: 'avx512Vnni:vpdpbusd' });
 * accumulatorPlots(answer)[0]?.series[0]?.points; // [{ x: 16, y: 1 }]
 */
export function accumulatorPlots(answer: MinimalAccumulator): Plot[] {
  checkSchema('answer', answer, ['minimal-accumulator/1']);
  checkMade('answer', answer, ['integer', 'float'], 'an answer of minimalAccumulator');
  const { integer, float, width } = answer;
  const plots: Plot[] = [];
  if (integer !== null) {
    const { proved, measured, present } = integer;
    plots.push({
      title: `Registers of ${count(proved.channels.length, 'channel')} of ${width} products`,
      x: { title: 'width of the register (bits)', scale: 'linear' },
      y: { title: 'channels', scale: 'linear' },
      series: [
        counted('proved for every input', proved.channels),
        ...(measured === null ? [] : [counted('enough on the data', measured.channels)]),
      ],
      ...(present === null ? {} : { limits: [{ axis: 'x', at: present, name: `the unit has ${present}` }] }),
    });
  }
  const measured = float.candidates.filter(({ sqnr }) => sqnr !== null);
  if (measured.length > 0) {
    plots.push({
      title: `Float accumulators on the data, sums of ${width} products`,
      x: { title: 'format', scale: 'names', names: measured.map(({ format }) => format) },
      y: { title: 'SQNR (dB)', scale: 'linear' },
      series: (['proved', 'unknown', 'overflows'] as const).flatMap((verdict): PlotSeries[] => {
        const points = measured.flatMap((one, i) =>
          one.verdict === verdict ? [{ x: i, y: sqnrOf(one), name: one.format }] : [],
        );
        return points.length === 0 ? [] : [{ name: verdict, mark: 'points', points }];
      }),
    });
  }
  return plots;
}

/** Below every number where sums overflow, for the figure leaves those out. */
function sqnrOf({ overflows, sqnr }: MinimalAccumulator['float']['candidates'][number]): number {
  return (overflows ?? 0) > 0 ? -Infinity : (sqnr ?? Number.NaN);
}

function counted(name: string, widths: readonly number[]): PlotSeries {
  const counts = new Map<number, number>();
  for (const bits of widths) counts.set(bits, (counts.get(bits) ?? 0) + 1);
  const points = [...counts].sort(([p], [q]) => p - q).map(([x, y]) => ({ x, y }));
  return { name, mark: 'bars', points };
}
