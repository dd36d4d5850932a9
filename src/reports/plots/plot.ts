/**
 * A plot as data: axes with their units, series, and limits to hold them against.
 *
 * @module
 */
import { BittrueError, checkFinite, checkList, checkName, checkObject, checkText } from '../../errors/index.ts';

/** An axis. */
export interface PlotAxis {
  /** What it measures, its unit in brackets: `SQNR (dB)`. */
  readonly title: string;
  /** `names`: places in a row, to which points give their number from 0 on. */
  readonly scale: 'linear' | 'logarithmic' | 'names';
  /** Of `names`. */
  readonly names?: readonly string[];
}

/** A point. An infinite height is drawn at the border, hollow, and so is none above 0 on a logarithmic axis. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** What it is, where the series does not say. */
  readonly name?: string;
}

/** Points of one name. */
export interface PlotSeries {
  readonly name: string;
  readonly mark: 'line' | 'points' | 'bars';
  readonly points: readonly PlotPoint[];
}

/** A line across: a limit of a format, a width that a unit has. */
export interface PlotLimit {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly name: string;
}

/** A plot. */
export interface Plot {
  readonly title: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly series: readonly PlotSeries[];
  readonly limits?: readonly PlotLimit[];
}

/** Refuses what is no plot; every fault names its place. */
export function checkPlot(plot: Plot): Plot {
  const { title, x, y, series, limits = [] } = checkObject('plot', plot, ['title', 'x', 'y', 'series', 'limits']);
  checkText('plot.title', title);
  checkAxis('plot.x', x);
  if (checkAxis('plot.y', y).scale === 'names') {
    throw new BittrueError('unsupported', 'plot.y.scale', 'names', 'linear or logarithmic');
  }
  checkList('plot.series', series).forEach((one, s) => {
    const place = `plot.series[${s}]`;
    const { name, mark, points } = checkObject(place, one, ['name', 'mark', 'points']);
    checkText(`${place}.name`, name);
    checkName(`${place}.mark`, mark, ['line', 'points', 'bars'] as const);
    checkList(`${place}.points`, points).forEach((point, i) => {
      const own = checkObject(`${place}.points[${i}]`, point, ['x', 'y', 'name']);
      checkFinite(`${place}.points[${i}].x`, own.x);
      if (typeof own.y !== 'number') throw new BittrueError('type', `${place}.points[${i}].y`, own.y, 'a number');
    });
  });
  checkList('plot.limits', limits).forEach((one, i) => {
    const { axis, at, name } = checkObject(`plot.limits[${i}]`, one, ['axis', 'at', 'name']);
    checkName(`plot.limits[${i}].axis`, axis, ['x', 'y'] as const);
    checkFinite(`plot.limits[${i}].at`, at);
    checkText(`plot.limits[${i}].name`, name);
  });
  return plot;
}

function checkAxis(argument: string, value: unknown): PlotAxis {
  const { title, scale, names = [] } = checkObject(argument, value, ['title', 'scale', 'names']);
  checkText(`${argument}.title`, title);
  checkName(`${argument}.scale`, scale, ['linear', 'logarithmic', 'names'] as const);
  checkList(`${argument}.names`, names).forEach((name, i) => {
    checkText(`${argument}.names[${i}]`, name);
  });
  return value as PlotAxis;
}
