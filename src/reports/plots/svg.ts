/**
 * A plot as SVG text: light and dark by the reader's scheme; no script, no font, nothing fetched.
 *
 * @module
 */
import { line } from 'd3-shape';
import { checkInteger, checkObject } from '../../errors/index.ts';
import { checkPlot, type Plot, type PlotPoint, type PlotSeries } from './plot.ts';
import { type Scale, scaleOf, type Tick } from './scales.ts';
import { escaped, shortened, widthOf, wrapped } from './words.ts';

/** How large a picture is. */
export interface PlotSize {
  /** Pixels; default 720. The height follows. */
  readonly width?: number;
}

const FONT = 12;
const TITLE = 14;
const GAP = 8;
/** Colours of series, told apart by the colour-blind too (after Okabe and Ito), of 3:1 contrast or more on their ground. */
export const seriesColors = {
  light: ['#0072b2', '#c24e00', '#00805d', '#a8457e', '#8a6500', '#5b5fc7', '#444444', '#b3261e'],
  dark: ['#56b4e9', '#ff9a52', '#3ddbaa', '#e9a3cb', '#f0c94d', '#a9adff', '#cccccc', '#ff8a80'],
} as const;
/** Ground and ink. */
export const grounds = { light: ['#ffffff', '#1c1c1c'], dark: ['#14161a', '#e6e6e6'] } as const;
const COLORS = seriesColors.light.length;

function rules(look: 'light' | 'dark'): string {
  const [ground, ink] = grounds[look];
  const own = seriesColors[look].map((color, i) => `.s${i}{color:${color}}`).join('');
  return `.bg{fill:${ground}}.plot text{fill:${ink}}.ink{stroke:${ink}}.hollow{fill:${ground}}.over text{stroke:${ground};stroke-width:4;paint-order:stroke}${own}`;
}

const style = /* @__PURE__ */ (() =>
  `<style>${rules('light')}@media(prefers-color-scheme:dark){${rules('dark')}}</style>`)();

/** The frame that the points of a plot lie in. */
interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
}

const place = (x: number): string => String(Number(x.toFixed(1)));

function text(x: number, y: number, content: string, anchor = 'start', size = FONT, role = ''): string {
  const sized = size === FONT ? '' : ` font-size="${size}" font-weight="600"`;
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  const named = role === '' ? '' : ` class="${role}"`;
  return `<text x="${place(x)}" y="${place(y)}"${anchored}${sized}${named}>${escaped(content)}</text>`;
}

/**
 * A plot as one SVG element: axes with their titles, a legend, a tooltip a point. It is whole by itself, and stands in a page
 * as it is.
 *
 * @throws {@link BittrueError} for what is no plot
 * @example
 * import { plotSvg } from 'bittrue/reports';
 * const svg = plotSvg({
 *   title: 'Error by width',
 *   x: { title: 'register (bits)', scale: 'linear' },
 *   y: { title: 'SQNR (dB)', scale: 'linear' },
 *   series: [{ name: 'int8', mark: 'line', points: [{ x: 16, y: 12 }, { x: 20, y: 40 }] }],
 * });
 * svg.startsWith('<svg '); // true
 */
export function plotSvg(plot: Plot, size: PlotSize = {}): string {
  const { title, x, y, series, limits = [] } = checkPlot(plot);
  const width = checkInteger('size.width', checkObject('size', size, ['width']).width ?? 720, 200, 4096);
  const titles = wrapped(title, TITLE, width - 2 * GAP);
  const top = GAP + titles.length * 19 + 26;
  const height = Math.round(Math.min(360, Math.max(190, width * 0.46)));
  const bottom = top + height;
  const rough = scaleOf(plot, 'y', bottom, top).ticks(Math.floor(height / 26));
  const left = Math.ceil(GAP + 6 + rough.reduce((most, { label }) => Math.max(most, widthOf(label, FONT)), 16));
  const right = width - 14;
  const frame = { left, right, top, bottom, x: scaleOf(plot, 'x', left, right), y: scaleOf(plot, 'y', bottom, top) };
  const xTicks = fitting(frame.x, right - left);
  const legend = legendOf(series, left, right, bottom + 62);
  const full = Math.ceil((legend.length === 0 ? bottom + 44 : (legend[legend.length - 1]?.y ?? 0)) + GAP + 4);
  const middle = (left + right) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 ${width} ${full}" width="${width}" height="${full}" role="img" ` +
      `aria-label="${escaped(title)}" font-family="sans-serif" font-size="${FONT}">`,
    style,
    `<rect class="bg" width="${width}" height="${full}"/>`,
    ...titles.map((words, i) => text(GAP, GAP + 14 + i * 19, words, 'start', TITLE)),
    text(GAP, top - 10, shortened(y.title, Math.floor(width / (FONT * 0.6))), 'start', FONT, 'axis'),
    ...rough.map(
      ({ at, label }) =>
        `<path class="ink" d="M${left} ${place(at)}H${right}" stroke-opacity="0.15"/>${text(left - 6, at + 4, label, 'end')}`,
    ),
    `<path class="ink" d="M${left} ${top}V${bottom}H${right}" fill="none"/>`,
    ...xTicks.map(
      ({ at, label }) =>
        `<path class="ink" d="M${place(at)} ${bottom}v4"/>${text(clamped(at, label, left, right), bottom + 18, label, 'middle')}`,
    ),
    text(middle, bottom + 38, shortened(x.title, Math.floor((right - left) / (FONT * 0.6))), 'middle', FONT, 'axis'),
    ...series.map((one, s) => draw(one, s, series, frame)),
    '<g class="over">',
    ...limits.map((limit, i) => limitLine(limit, frame, i)),
    '</g>',
    ...legend.map(({ x: at, y: row, name, s }) => key(series[s] as PlotSeries, s, at, row, name)),
    '</svg>',
  ].join('\n');
}

/** A label's middle, so that it stays within the picture. */
function clamped(at: number, label: string, left: number, right: number): number {
  const half = widthOf(label, FONT) / 2;
  return Math.max(Math.min(at, right + 12 - half), Math.min(left, half + 2));
}

/** As many ticks as have room side by side. */
function fitting(scale: Scale, room: number): Tick[] {
  for (let most = 12; most > 1; most--) {
    const ticks = scale.ticks(most).map((tick) => ({ ...tick, label: shortened(tick.label, 18) }));
    const apart = ticks.every(({ at, label }, i) => {
      const next = ticks[i + 1];
      return next === undefined || next.at - at >= (widthOf(label, FONT) + widthOf(next.label, FONT)) / 2 + GAP;
    });
    if (apart) return ticks;
  }
  return scale
    .ticks(1)
    .map((tick) => ({ ...tick, label: shortened(tick.label, Math.floor(room / FONT)) }))
    .slice(0, 1);
}

/** Where the names of series stand: row by row, below the axis; a single unnamed series has none. */
function legendOf(series: readonly PlotSeries[], left: number, right: number, first: number) {
  const found: { x: number; y: number; name: string; s: number }[] = [];
  let [x, y] = [left, first];
  series.forEach(({ name }, s) => {
    if (name === '') return;
    const shown = shortened(name, Math.floor((right - left - 26) / (FONT * 0.6)));
    const room = 26 + widthOf(shown, FONT) + 2 * GAP;
    if (x > left && x + room > right + 2 * GAP) [x, y] = [left, y + 20];
    found.push({ x, y, name: shown, s });
    x += room;
  });
  return found;
}

function dashes(s: number): string {
  const round = Math.floor(s / COLORS) % 3;
  return round === 0 ? '' : ` stroke-dasharray="${round === 1 ? '6 3' : '2 3'}"`;
}

function key({ mark }: PlotSeries, s: number, x: number, y: number, name: string): string {
  const sample =
    mark === 'bars'
      ? `<rect x="${place(x)}" y="${place(y - 9)}" width="18" height="10" fill="currentColor"/>`
      : mark === 'line'
        ? `<path d="M${place(x)} ${place(y - 4)}h18" stroke="currentColor" stroke-width="2"${dashes(s)}/>`
        : `<circle cx="${place(x + 9)}" cy="${place(y - 4)}" r="4" fill="currentColor"/>`;
  return `<g class="s${s % COLORS}">${sample}</g>${text(x + 24, y, name)}`;
}

/** A point's height: in the frame, or at the border that it lies beyond. */
function heightOf({ y }: PlotPoint, { y: scale, top, bottom }: Frame): { at: number; isBeyond: boolean } | null {
  if (Number.isNaN(y)) return null;
  const at = scale.at(y);
  return at === null ? { at: y > 0 && y === Infinity ? top : bottom, isBeyond: true } : { at, isBeyond: false };
}

function draw(series: PlotSeries, s: number, all: readonly PlotSeries[], frame: Frame): string {
  const { points, mark, name } = series;
  const inside = `<g class="s${s % COLORS}">`;
  if (mark === 'bars') return `${inside}${points.map((point) => bar(point, series, all, frame)).join('')}</g>`;
  const places = points.map((point) => {
    const [x, height] = [frame.x.at(point.x), heightOf(point, frame)];
    return x === null || height === null ? null : { x, ...height, point };
  });
  const path = line<(typeof places)[number]>()
    .defined((one) => one !== null && !one.isBeyond)
    .x((one) => one?.x ?? 0)
    .y((one) => one?.at ?? 0)
    .digits(1)(places);
  const stroke =
    mark === 'line' && path !== null
      ? `<path d="${path}" fill="none" stroke="currentColor" stroke-width="2"${dashes(s)}/>`
      : '';
  const circles = places.flatMap((one) => (one === null ? [] : [circle(one.x, one.at, one.isBeyond, one.point, name)]));
  return `${inside}${stroke}${circles.join('')}</g>`;
}

function circle(x: number, y: number, isBeyond: boolean, point: PlotPoint, name: string): string {
  const look = isBeyond ? 'class="hollow" stroke="currentColor" stroke-width="1.5"' : 'fill="currentColor"';
  const told = [point.name ?? name, `${point.x}, ${point.y}`].filter((words) => words !== '').join(': ');
  return `<circle cx="${place(x)}" cy="${place(y)}" r="3.5" ${look}><title>${escaped(told)}</title></circle>`;
}

/** Bars of several series stand side by side. */
function bar(point: PlotPoint, series: PlotSeries, all: readonly PlotSeries[], frame: Frame): string {
  const bars = all.filter(({ mark }) => mark === 'bars');
  const [x, height, foot] = [frame.x.at(point.x), heightOf(point, frame), frame.y.at(0) ?? frame.bottom];
  if (x === null || height === null) return '';
  const room = Math.min(frame.x.step * 0.8, 60);
  const own = room / bars.length;
  const left = x - room / 2 + own * bars.indexOf(series);
  const [top, tall] = [Math.min(height.at, foot), Math.max(Math.abs(height.at - foot), 1)];
  const look = height.isBeyond ? 'class="hollow" stroke="currentColor"' : 'fill="currentColor"';
  const told = [point.name ?? series.name, String(point.y)].filter((words) => words !== '').join(': ');
  return (
    `<rect x="${place(left)}" y="${place(top)}" width="${place(Math.max(own - 1, 1))}" height="${place(tall)}" ${look}>` +
    `<title>${escaped(told)}</title></rect>`
  );
}

/** A limit's line, and its name in a row of its own. */
function limitLine({ axis, at, name }: NonNullable<Plot['limits']>[number], frame: Frame, row: number): string {
  const { left, right, top, bottom } = frame;
  const where = frame[axis].at(at);
  if (where === null) return '';
  const d = axis === 'x' ? `M${place(where)} ${top}V${bottom}` : `M${left} ${place(where)}H${right}`;
  const stroke = `<path class="ink" d="${d}" stroke-dasharray="4 4" stroke-opacity="0.7"/>`;
  const room = widthOf(name, FONT);
  if (axis === 'y') return `${stroke}${text(right - 2, where - 5, name, 'end')}`;
  const isRight = where + 6 + room > right;
  return `${stroke}${text(isRight ? where - 5 : where + 5, top + 14 + 16 * row, name, isRight ? 'end' : 'start')}`;
}
