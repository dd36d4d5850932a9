/**
 * The narrowest accumulator of a layer as one HTML page: nothing is fetched.
 *
 * @module
 */
import type { MinimalAccumulator } from '../../bounds/index.ts';
import { checkMade, checkSchema } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import { decibels, percent } from '../numbers.ts';
import { accumulatorPlots } from '../plots/accumulator.ts';
import { formatAccumulator } from '../text/bounds.ts';
import { page } from './page.ts';
import { BEYOND, figure, paragraph, table } from './plots.ts';

/**
 * A page with the answer in words, its plots, and a row a float format.
 *
 * @throws {@link BittrueError} for what is no answer of `minimalAccumulator`
 * @example
 * import { minimalAccumulator } from 'bittrue/bounds';
 * import { accumulatorHtml } from 'bittrue/reports';
 * const inputs = { kind: 'format', format: 'uint8' } as const;
 * const answer = minimalAccumulator({ weights: Array(128).fill(1), n: 1, inputs, target: 'avx512Vnni:vpdpbusd' });
 * accumulatorHtml(answer).includes('16 bits proved'); // true
 */
export function accumulatorHtml(answer: MinimalAccumulator): string {
  checkSchema('answer', answer, ['minimal-accumulator/1']);
  checkMade('answer', answer, ['integer', 'float'], 'an answer of minimalAccumulator');
  const { candidates } = answer.float;
  return page('bittrue accumulator', [
    '<h1>How narrow may the accumulator be?</h1>',
    ...formatAccumulator(answer)
      .split('\n')
      .filter((line) => line !== '')
      .map(paragraph),
    ...accumulatorPlots(answer).map(figure),
    ...(candidates.length === 0 ? [] : [paragraph(BEYOND)]),
    ...(candidates.length === 0
      ? []
      : [
          '<h2>Float formats</h2>',
          table(
            ['format', 'bits', 'verdict', 'overflows', 'SQNR (dB)', 'addends lost'],
            candidates.map(({ format, bits, verdict, overflows, sqnr, absorbed }) => [
              format,
              String(bits),
              verdict,
              overflows === null ? '–' : String(overflows),
              decibels(sqnr),
              absorbed === null ? '–' : percent(absorbed),
            ]),
          ),
        ]),
    paragraph(`bittrue ${VERSION}`),
  ]);
}
