/**
 * How errors grow along a model's depth, as a plot.
 *
 * @module
 */
import { checkSchema } from '../../errors/index.ts';
import type { Simulation } from '../../studies/index.ts';
import { STREAM } from '../text/simulation.ts';
import type { Plot } from './plot.ts';

/**
 * SQNR of the residual stream behind every layer, and of the logits: a line a chip. No plot where the model in binary64 ran beside none.
 *
 * @throws {@link BittrueError} for what is no result of `simulate`
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { simulationPlots } from 'bittrue/reports';
 * import { simulate } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const found = simulate(loadModel(config, checkpoint), [byteTokens('In the')], { targets: ['h100:f16'] });
 * simulationPlots(found)[0]?.series[0]?.points.length; // 5
 */
export function simulationPlots(simulation: Simulation): Plot[] {
  checkSchema('simulation', simulation, ['simulation/1']);
  const { targets } = simulation;
  const ends = (targets[0]?.nodes ?? []).filter(({ node }) => node.endsWith(STREAM)).map(({ node }) => node);
  const series = targets.map(({ name, nodes, logits }) => {
    const behind = ends.map((end) => nodes.find(({ node }) => node === end)?.sqnr ?? null);
    const points = [...behind, logits?.sqnr ?? null].flatMap((y, x) => (y === null ? [] : [{ x, y }]));
    return { name, mark: 'line' as const, points };
  });
  if (series.every(({ points }) => points.length === 0)) return [];
  return [
    {
      title: 'Errors along the depth',
      x: { title: 'behind', scale: 'names', names: [...ends.map((end) => end.slice(0, -STREAM.length)), 'logits'] },
      y: { title: 'SQNR (dB)', scale: 'linear' },
      series: series.filter(({ points }) => points.length > 0),
    },
  ];
}
