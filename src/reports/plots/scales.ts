/**
 * Scales of a plot: from numbers to places, and ticks that have room for their labels.
 *
 * @module
 */
import { scaleLinear, scaleLog, scalePoint } from 'd3-scale';
import type { Plot, PlotAxis } from './plot.ts';

/** A tick and its label. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** From numbers to places of a picture. */
export interface Scale {
  /** Where a number lies; null where it has no place between the ends. */
  readonly at: (value: number) => number | null;
  /** Marks for at most so many labels. */
  readonly ticks: (most: number) => Tick[];
  /** From one number to the next, of axes that count. */
  readonly step: number;
}

/** The numbers that an axis has to show: those that are finite, and positive where it is logarithmic. */
function shown({ series, limits = [] }: Plot, axis: 'x' | 'y', { scale }: PlotAxis): number[] {
  const values = [
    ...series.flatMap(({ points }) => points.map((point) => point[axis])),
    ...limits.filter((limit) => limit.axis === axis).map(({ at }) => at),
  ];
  return values.filter((value) => Number.isFinite(value) && (scale !== 'logarithmic' || value > 0));
}

/** The scale of an axis between two places. */
export function scaleOf(plot: Plot, axis: 'x' | 'y', from: number, to: number): Scale {
  const own = plot[axis];
  if (own.scale === 'names') return namesScale(own.names ?? [], from, to);
  const values = shown(plot, axis, own);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return own.scale === 'linear' ? linearScale(plot, axis, low, high, from, to) : logarithmicScale(low, high, from, to);
}

function namesScale(names: readonly string[], from: number, to: number): Scale {
  const scale = scalePoint(
    names.map((_, i) => i),
    [from, to],
  ).padding(0.5);
  return {
    at: (value) => scale(value) ?? null,
    step: scale.step(),
    ticks: (most) => {
      const every = Math.max(1, Math.ceil(names.length / Math.max(1, most)));
      return names.flatMap((label, i) => (i % every === 0 ? [{ at: scale(i) as number, label }] : []));
    },
  };
}

function linearScale({ series }: Plot, axis: 'x' | 'y', low: number, high: number, from: number, to: number): Scale {
  const hasBars = series.some(({ mark }) => mark === 'bars');
  // Counts and widths have no halves.
  const isWhole =
    (axis === 'x' || hasBars) && series.every(({ points }) => points.every((point) => Number.isInteger(point[axis])));
  // Bars stand on zero; a single number has room on both sides, a share of nothing above alone.
  let [least, most] = low > high ? [0, 1] : [low, high];
  if (axis === 'y' && hasBars) [least, most] = [Math.min(0, least), Math.max(0, most)];
  if (axis === 'x' && hasBars) [least, most] = [least - 0.6, most + 0.6];
  if (least === most) [least, most] = [axis === 'y' && least === 0 ? 0 : least - 1, most + 1];
  const margin = axis === 'y' || hasBars ? 0 : (most - least) * 0.03;
  const scale = scaleLinear([least - margin, most + margin], [from, to]);
  if (axis === 'y') scale.nice(5);
  const [first = 0, last = 0] = scale.domain();
  return {
    at: (value) => (value >= first && value <= last ? scale(value) : null),
    step: Math.abs(scale(1) - scale(0)),
    ticks: (count) => {
      // A count is only a wish to d3; what it gives is thinned until it fits.
      for (let wish = Math.max(1, count); wish >= 1; wish--) {
        const ticks = scale.ticks(wish).filter((tick) => !isWhole || Number.isInteger(tick));
        if (ticks.length <= Math.max(1, count)) return ticks.map((tick) => ({ at: scale(tick), label: plain(tick) }));
      }
      return [];
    },
  };
}

function logarithmicScale(low: number, high: number, from: number, to: number): Scale {
  const [least, most] = low > high ? [0.1, 10] : [low / 1.3, high * 1.3];
  const scale = scaleLog([least, most], [from, to]);
  return {
    at: (value) => (value >= least && value <= most ? scale(value) : null),
    step: 0,
    ticks: (count) => {
      const all = scale.ticks();
      const powers = all.filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9));
      for (const digits of [[1, 2, 5], [1]]) {
        const some = all.filter((tick) => digits.includes(Number(tick.toExponential(0)[0])) && hasOneDigit(tick));
        if (some.length <= count && some.length > 1)
          return some.map((tick) => ({ at: scale(tick), label: plain(tick) }));
      }
      const every = Math.max(1, Math.ceil(powers.length / Math.max(1, count)));
      const few = powers.length > 0 ? powers : all.slice(0, 1);
      return few.filter((_, i) => i % every === 0).map((tick) => ({ at: scale(tick), label: plain(tick) }));
    },
  };
}

/** Whether a number has one digit. */
function hasOneDigit(x: number): boolean {
  return Number(x.toPrecision(1)) === Number(x.toPrecision(12));
}

/** A number as a label. */
function plain(x: number): string {
  return String(Number(x.toPrecision(6)))
    .replace('-', '−')
    .replace('e+', 'e');
}
