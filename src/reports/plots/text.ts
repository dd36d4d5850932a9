/**
 * A plot in a terminal's characters.
 *
 * @module
 */
import { checkInteger, checkObject } from '../../errors/index.ts';
import { checkPlot, type Plot } from './plot.ts';
import { scaleOf, type Tick } from './scales.ts';
import { shortened } from './words.ts';

/** How large a plot in characters is. */
export interface PlotTextSize {
  /** Characters a line, at least 30; default 72. */
  readonly columns?: number;
  /** Lines between the axes; default 12. */
  readonly rows?: number;
}

/** What stands for the series, in their order. */
const MARKS = 'ox+*#@%&abcdefghijklmnpqrstuvwyz';

/**
 * A plot as lines of text: a letter a series, `^` and `v` for what lies beyond the ends, bars of `█`.
 *
 * @throws {@link BittrueError} for what is no plot
 * @example
 * import { plotText } from 'bittrue/reports';
 * const text = plotText({
 *   title: 'Error by width',
 *   x: { title: 'register (bits)', scale: 'linear' },
 *   y: { title: 'SQNR (dB)', scale: 'linear' },
 *   series: [{ name: 'int8', mark: 'points', points: [{ x: 16, y: 12 }, { x: 20, y: 40 }] }],
 * });
 * text.split('\n')[0]; // 'Error by width'
 */
export function plotText(plot: Plot, size: PlotTextSize = {}): string {
  const { title, x, y, series } = checkPlot(plot);
  const given = checkObject('size', size, ['columns', 'rows']);
  const columns = checkInteger('size.columns', given.columns ?? 72, 30, 1000);
  const rows = checkInteger('size.rows', given.rows ?? 12, 3, 1000);
  const heights = scaleOf(plot, 'y', rows - 1, 0);
  const yTicks = heights.ticks(Math.ceil(rows / 2)).map(({ at, label }) => ({ at: Math.round(at), label }));
  const margin = yTicks.reduce((most, { label }) => Math.max(most, label.length), 1) + 1;
  const width = columns - margin - 1;
  const across = scaleOf(plot, 'x', 0, width - 1);
  const grid = Array.from({ length: rows }, () => new Array<string>(width).fill(' '));
  const put = (at: number, row: number, mark: string): void => {
    const line = grid[Math.max(0, Math.min(rows - 1, row))];
    const column = Math.max(0, Math.min(width - 1, Math.round(at)));
    if (line !== undefined) line[column] = mark;
  };
  const bars = series.filter(({ mark }) => mark === 'bars');
  series.forEach((one, s) => {
    for (const point of one.points) {
      const at = across.at(point.x);
      if (at === null || Number.isNaN(point.y)) continue;
      const height = heights.at(point.y);
      if (one.mark !== 'bars') {
        const beyond = point.y === Infinity ? '^' : 'v';
        put(
          at,
          height === null ? (beyond === '^' ? 0 : rows - 1) : Math.round(height),
          height === null ? beyond : markOf(s),
        );
        continue;
      }
      const foot = Math.round(heights.at(0) ?? rows - 1);
      const top = Math.round(height ?? (point.y > 0 ? 0 : rows - 1));
      const side = at + bars.indexOf(one) - (bars.length - 1) / 2;
      const mark = bars.length === 1 ? '█' : markOf(s);
      if (point.y !== 0) for (let row = Math.min(top, foot); row <= Math.max(top, foot); row++) put(side, row, mark);
    }
  });
  const lines = grid.map((line, row) => {
    const label = yTicks.find(({ at }) => at === row)?.label ?? '';
    return `${label.padStart(margin - 1)} ┤${line.join('')}`.trimEnd();
  });
  const named = series.flatMap(({ name, mark }, s) =>
    name === '' ? [] : [`${mark === 'bars' && bars.length === 1 ? '█' : markOf(s)} ${name}`],
  );
  return [
    title,
    shortened(y.title, columns),
    ...lines,
    `${' '.repeat(margin)}└${'─'.repeat(width)}`,
    labels(across.ticks(Math.max(2, Math.floor(width / 10))), width, margin + 1),
    `${' '.repeat(margin + 1)}${shortened(x.title, width)}`,
    ...rowsOf(named, columns),
  ].join('\n');
}

function markOf(s: number): string {
  return MARKS[s % MARKS.length] as string;
}

/** Labels under their ticks, those without room left out. */
function labels(ticks: readonly Tick[], width: number, margin: number): string {
  let text = '';
  for (const { at, label } of ticks) {
    const shown = shortened(label, 16);
    const from = Math.max(0, Math.min(width - shown.length, Math.round(at - shown.length / 2)));
    if (text === '' || from > text.length) text = text.padEnd(from) + shown;
  }
  return `${' '.repeat(margin)}${text}`;
}

/** Names side by side while there is room. */
function rowsOf(names: readonly string[], columns: number): string[] {
  const rows: string[] = [];
  for (const name of names) {
    const shown = shortened(name, columns);
    const last = rows[rows.length - 1];
    if (last !== undefined && last.length + shown.length + 2 <= columns) rows[rows.length - 1] = `${last}  ${shown}`;
    else rows.push(shown);
  }
  return rows;
}
