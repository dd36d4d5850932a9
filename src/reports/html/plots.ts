/**
 * Plots and tables as a page has them.
 *
 * @module
 */
import type { Plot } from '../plots/plot.ts';
import { plotSvg } from '../plots/svg.ts';
import { escaped } from '../plots/words.ts';

/** What a mark at the border of a plot says. */
export const BEYOND =
  'A hollow mark at the border: beyond the axis. At the top the output is exact; at the bottom not all of it is finite.';

/** A plot twice: as wide as a page, and for a narrow one; the page shows the one that fits. */
export function figure(plot: Plot): string {
  return (
    `<figure><div class="broad">${plotSvg(plot)}</div>` +
    `<div class="narrow">${plotSvg(plot, { width: 360 })}</div></figure>`
  );
}

/** A table that scrolls by itself where the page is narrow; `words`: its last column is a sentence. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[], last?: 'words'): string {
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return [
    `<div class="wide"><table${last === undefined ? '' : ` class="${last}"`}>`,
    row('th', titles),
    ...rows.map((cells) => row('td', cells)),
    '</table></div>',
  ].join('\n');
}

/** A paragraph. */
export function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}
