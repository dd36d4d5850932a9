/**
 * A model on chips as one HTML page: nothing is fetched.
 *
 * @module
 */
import { checkSchema } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import type { SimulatedNode, Simulation } from '../../studies/index.ts';
import { bits, decibels, perplexityText } from '../numbers.ts';
import { simulationPlots } from '../plots/simulation.ts';
import { escaped } from '../plots/words.ts';
import { notes, simulationHead } from '../text/simulation.ts';
import { page } from './page.ts';
import { BEYOND, figure, paragraph, table } from './plots.ts';

/**
 * A page with a row a chip, how errors grow along the depth as a plot, and a row a node of every chip: SQNR, room, events.
 *
 * @throws {@link BittrueError} for what is no result of `simulate`
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { simulationHtml } from 'bittrue/reports';
 * import { simulate } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const found = simulate(loadModel(config, checkpoint), [byteTokens('In the')], { targets: ['h100:f16'] });
 * simulationHtml(found).includes('Errors along the depth'); // true
 */
export function simulationHtml(simulation: Simulation): string {
  checkSchema('simulation', simulation, ['simulation/1']);
  const { targets, float64, exact } = simulation;
  return page('bittrue simulate', [
    '<h1>A model on chips</h1>',
    paragraph(simulationHead(simulation)),
    table(
      [
        'chip',
        'perplexity',
        'SQNR of the logits (dB)',
        'overflows',
        'saturated',
        'invalid',
        'underflows',
        'lost addends',
      ],
      targets.map(({ name, perplexity, logits, totals }) => [
        name,
        perplexityText(perplexity),
        decibels(logits?.sqnr ?? null),
        ...[totals.overflow, totals.saturation + totals.wrap, totals.invalid, totals.underflow, totals.absorption].map(
          String,
        ),
      ]),
    ),
    paragraph(
      `Perplexity in binary64: ${perplexityText(float64.perplexity)}. Exact on every chip: ${exact.join(', ')}.`,
    ),
    ...targets.flatMap((target) => notes(target).map(paragraph)),
    ...simulationPlots(simulation).map(figure),
    paragraph(BEYOND),
    ...targets.flatMap(({ name, nodes }) => [`<h2>${escaped(name)}</h2>`, nodeTable(nodes)]),
    paragraph(`bittrue ${VERSION}`),
  ]);
}

function nodeTable(nodes: readonly SimulatedNode[]): string {
  return table(
    ['node', 'operator', 'runs as', 'SQNR (dB)', 'headroom (bits)', 'overflows', 'invalid', 'underflows', 'not finite'],
    nodes.map(({ node, op, kernels, because, sqnr, headroom, totals, nonFinite }) => [
      node,
      op,
      because === null ? kernels.join(', ') : `exact: ${because}`,
      decibels(sqnr),
      headroom === null ? '–' : `${bits(headroom.bits)} ${headroom.stage}`,
      ...[totals.overflow, totals.invalid, totals.underflow, nonFinite].map(String),
    ]),
  );
}
