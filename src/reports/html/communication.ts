/**
 * What low-bit communication costs a model, as one HTML page with its charts: nothing is fetched.
 *
 * @module
 */
import { checkList, checkSchema } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import type { Communication } from '../../studies/index.ts';
import { perplexityText } from '../numbers.ts';
import type { Plot } from '../plots/plot.ts';
import { escaped } from '../plots/words.ts';
import {
  communicationCells,
  communicationColumns,
  communicationFailures,
  communicationSiteCells,
  communicationSiteColumns,
  communicationTitle,
  hopCells,
  shortSite,
} from '../text/communication.ts';
import { page } from './page.ts';
import { figure, table } from './plots.ts';

/**
 * A page for one or several studies, such as those of several sizes of group.
 *
 * @example
 * import { communicationHtml } from 'bittrue/reports';
 * communicationHtml([]).startsWith('<!doctype html>'); // true
 */
export function communicationHtml(studies: readonly Communication[]): string {
  checkList('studies', studies).forEach((study, i) => {
    checkSchema(`studies[${i}]`, study, ['communication-study/1']);
  });
  return page('bittrue communicate', [
    '<h1>Low-bit communication</h1>',
    ...studies.flatMap(section),
    `<p>bittrue ${escaped(VERSION)}</p>`,
  ]);
}

function section(study: Communication): string[] {
  const { runs, perplexity, sites } = study;
  const labels = sites.map(({ name }) =>
    shortSite(name)
      .replace(/^layers\./, '')
      .replace(/_proj$/, ''),
  );
  const y = { title: 'relative error', scale: 'logarithmic' } as const;
  const traffic: Plot = {
    title: 'Error of the sums against traffic',
    x: { title: 'traffic of a device (bits a value)', scale: 'linear' },
    y,
    series: runs.map(({ codec, trafficBits, meanRelativeError }) => ({
      name: codec,
      mark: 'points',
      points: [{ x: trafficBits, y: meanRelativeError }],
    })),
  };
  const layers: Plot = {
    title: 'Error of every row-parallel layer',
    x: { title: 'layer', scale: 'names', names: labels },
    y,
    series: runs.map(({ codec, siteErrors }) => ({
      name: codec,
      mark: 'line',
      points: siteErrors.map(({ relative }, i) => ({
        x: i,
        y: relative ?? Number.NaN,
        name: `${codec}, ${labels[i]}`,
      })),
    })),
  };
  const hops = hopCells(study);
  const byHop: Plot = {
    title: 'Error of running sums by hop',
    x: { title: 'hop', scale: 'names', names: hops.map(([hop = '']) => hop) },
    y,
    series: runs.map(({ codec, hops: seen }) => ({
      name: codec,
      mark: 'line',
      points: seen.map(({ phase, hop, rmse, rms }, i) => ({
        x: i,
        y: rmse / (rms || 1),
        name: `${codec}, ${phase} ${hop}`,
      })),
    })),
  };
  return [
    `<h2>${escaped(communicationTitle(study))}</h2>`,
    table(communicationColumns, [
      ['binary64', '–', '–', perplexityText(perplexity), '–', '–', '–', '–', '–', '–'],
      ...runs.map((run) => communicationCells(run, perplexity)),
    ]),
    ...runs.flatMap((run) => communicationFailures(run).map((failure) => `<p>${escaped(failure)}</p>`)),
    figure(traffic),
    figure(layers),
    ...(hops.length === 0 ? [] : [figure(byHop)]),
    '<h3>Outliers</h3>',
    table(
      communicationSiteColumns,
      sites.map((_, i) => communicationSiteCells(study, i)),
    ),
  ];
}
