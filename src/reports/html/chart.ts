/**
 * Charts as SVG text: points and lines over a logarithmic axis. No script, no font, nothing fetched.
 *
 * @module
 */
import { printable } from '../../errors/index.ts';

/** Values of one name at every label; null leaves a gap. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** One named point. */
export interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 70;
const RIGHT = 110;
const TOP = 36;
const BOTTOM = 56;
/** Okabe and Ito's colours, which the colour-blind can tell apart. */
const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#f0e442', '#999999'];

/** Text as it may stand in SVG and HTML. */
export function escaped(text: string): string {
  return printable(text).replace(
    /[&<>"]/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string,
  );
}

/** A logarithmic axis: its ends and its ticks, 1, 2 and 5 of every decade. */
interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

function logarithmic(values: readonly number[]): Axis {
  const shown = values.filter((value) => value > 0 && Number.isFinite(value));
  const ends = shown.length === 0 ? [0.1, 10] : shown;
  const low = ends.reduce((least, value) => Math.min(least, value), Infinity) / 1.3;
  const high = ends.reduce((most, value) => Math.max(most, value), 0) * 1.3;
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++) {
    for (const digit of [1, 2, 5]) {
      const tick = Number(`${digit}e${decade}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  // A wide axis has room for the powers of ten only.
  return {
    low,
    high,
    ticks: ticks.length > 10 ? ticks.filter((tick) => /^1e|^10*$|^0\.0*1$/.test(String(tick))) : ticks,
  };
}

function heightOf({ low, high }: Axis, value: number): number {
  const share = Math.log(value / low) / Math.log(high / low);
  return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

const place = (x: number): string => x.toFixed(1);

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${place(x)}" y="${place(y)}"${attributes}>${escaped(content)}</text>`;
}

function frame(title: string, xTitle: string, yTitle: string, axis: Axis, content: readonly string[]): string {
  const right = WIDTH - RIGHT;
  const middle = (LEFT + right) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}"`,
    ' font-family="sans-serif" font-size="12" fill="currentColor">',
    text(middle, 20, title, ' text-anchor="middle" font-size="14"'),
    ...axis.ticks.flatMap((tick) => {
      const y = heightOf(axis, tick);
      return [
        `<line x1="${LEFT}" x2="${right}" y1="${place(y)}" y2="${place(y)}" stroke="currentColor" stroke-opacity="0.15"/>`,
        text(LEFT - 6, y + 4, String(tick), ' text-anchor="end"'),
      ];
    }),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${right}" fill="none" stroke="currentColor"/>`,
    text(middle, HEIGHT - 8, xTitle, ' text-anchor="middle"'),
    text(14, TOP - 12, yTitle),
    ...content,
    '</svg>',
  ].join('\n');
}

/** Points over a linear axis from 0 and a logarithmic one; points without a positive height are left out. */
export function pointChart(title: string, xTitle: string, yTitle: string, points: readonly Point[]): string {
  const axis = logarithmic(points.map(({ y }) => y));
  const most = points.reduce((most, { x }) => Math.max(most, x), 1);
  const right = WIDTH - RIGHT;
  const at = (x: number): number => LEFT + (x / (most * 1.05)) * (right - LEFT);
  const step = [1, 2, 4, 8, 16, 32, 64].find((size) => most / size <= 8) ?? 128;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  return frame(title, xTitle, yTitle, axis, [
    ...ticks.map((tick) => text(at(tick), HEIGHT - BOTTOM + 16, String(tick), ' text-anchor="middle"')),
    ...points.flatMap(({ name, x, y }, i) => {
      if (!(y > 0 && Number.isFinite(y))) return [];
      const circle = (cx: number, cy: number, title: string): string =>
        `<circle cx="${place(cx)}" cy="${place(cy)}" r="5" fill="${colors[i % colors.length]}">${title}</circle>`;
      const key = TOP + 16 * i + 8;
      return [
        circle(at(x), heightOf(axis, y), `<title>${escaped(`${name}: ${x}, ${y}`)}</title>`),
        circle(right + 17, key, ''),
        text(right + 30, key + 4, name),
      ];
    }),
  ]);
}

/** Lines over labels and a logarithmic axis. */
export function lineChart(
  title: string,
  xTitle: string,
  yTitle: string,
  labels: readonly string[],
  series: readonly Series[],
): string {
  const axis = logarithmic(series.flatMap(({ values }) => values.filter((value) => value !== null)));
  const right = WIDTH - RIGHT;
  const at = (i: number): number => LEFT + ((i + 0.5) / labels.length) * (right - LEFT);
  const every = Math.ceil(labels.length / 10);
  return frame(title, xTitle, yTitle, axis, [
    ...labels.flatMap((label, i) =>
      i % every === 0 ? [text(at(i), HEIGHT - BOTTOM + 16, label, ' text-anchor="middle"')] : [],
    ),
    ...series.flatMap(({ name, values }, s) => {
      const color = colors[s % colors.length];
      let path = '';
      let isOpen = false;
      values.forEach((value, i) => {
        const isShown = value !== null && value > 0 && Number.isFinite(value);
        if (isShown) path += `${isOpen ? 'L' : 'M'}${place(at(i))} ${place(heightOf(axis, value))}`;
        isOpen = isShown;
      });
      const y = TOP + 16 * s + 8;
      return [
        `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
        `<line x1="${right + 8}" x2="${right + 26}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2"/>`,
        text(right + 30, y + 4, name),
      ];
    }),
  ]);
}
