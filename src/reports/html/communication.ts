/**
 * What low-bit communication costs a model, as one HTML page with its charts: nothing is fetched.
 *
 * @module
 */
import { checkList, checkSchema } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import type { Communication } from '../../studies/index.ts';
import { perplexityText } from '../numbers.ts';
import {
  communicationCells,
  communicationColumns,
  communicationFailures,
  communicationSiteCells,
  communicationSiteColumns,
  communicationTitle,
  shortSite,
} from '../text/communication.ts';
import { escaped, lineChart, pointChart } from './chart.ts';
import { page } from './page.ts';

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
  const points = runs.map(({ codec, trafficBits, meanRelativeError }) => ({
    name: codec,
    x: trafficBits,
    y: meanRelativeError,
  }));
  const layers = runs.map(({ codec, siteErrors }) => ({
    name: codec,
    values: siteErrors.map(({ relative }) => relative),
  }));
  const labels = sites.map(({ name }) =>
    shortSite(name)
      .replace(/^layers\./, '')
      .replace(/_proj$/, ''),
  );
  return [
    `<h2>${escaped(communicationTitle(study))}</h2>`,
    table(communicationColumns, [
      ['binary64', '–', '–', perplexityText(perplexity), '–', '–', '–', '–', '–', '–'],
      ...runs.map((run) => communicationCells(run, perplexity)),
    ]),
    ...runs.flatMap((run) => communicationFailures(run).map((failure) => `<p>${escaped(failure)}</p>`)),
    pointChart('Error of the sums against traffic', 'bits sent by a device for a value', 'relative error', points),
    lineChart('Error of every row-parallel layer', 'layer', 'relative error', labels, layers),
    '<h3>Outliers</h3>',
    table(
      communicationSiteColumns,
      sites.map((_, i) => communicationSiteCells(study, i)),
    ),
  ];
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return ['<table>', row('th', titles), ...rows.map((cells) => row('td', cells)), '</table>'].join('\n');
}
