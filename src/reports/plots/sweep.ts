/**
 * What a sweep found, as plots: error and overflow rate against width, room stage by stage, error against K.
 *
 * @module
 */
import { checkList, checkMade } from '../../errors/index.ts';
import { type Magnitudes, mergeMagnitudes } from '../../events/magnitudes.ts';
import { parseFormat } from '../../formats/index.ts';
import type { SweepCell } from '../../sweeps/index.ts';
import { histogram } from './magnitudes.ts';
import type { Plot, PlotPoint, PlotSeries } from './plot.ts';

/** What tells cells apart besides their accumulators, from the coarsest on. */
const places = ['data', 'kernel', 'target', 'scale', 'format', 'order', 'tile', 'promotion'] as const;
type Place = (typeof places)[number];
/** Lines that a plot can hold before it becomes several. */
const MOST = 8;

/** An accumulator's family and width. */
interface Width {
  readonly family: string;
  readonly bits: number | null;
}

/**
 * Plots of a sweep's cells, a group of three for each choice of data, kernel, target and scale; refused cells are left out. Where
 * there are more than eight lines, a plot becomes several, by format, then by order, tile and promotion. Cells with magnitudes
 * add a histogram of exponents for each stage and format that it has there.
 *
 * @throws {@link BittrueError} for what are no cells
 * @example
 * import { sweepPlots } from 'bittrue/reports';
 * import { defineSweep, runCell } from 'bittrue/sweeps';
 * const data = [{ name: 'normal', rows: 2, width: 64, inputs: { kind: 'normal' } as const }];
 * const sweep = defineSweep({ kernels: ['sum'], data, formats: ['int8'], accumulators: ['int8..int12:wrap'], fit: 'max' });
 * const cells = Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i));
 * sweepPlots(cells).map(({ y }) => y.title); // ['SQNR (dB)', 'outputs that fail (%)', 'least room (bits)']
 */
export function sweepPlots(cells: readonly SweepCell[]): Plot[] {
  const run = checkList('cells', cells).flatMap((cell, i) => {
    const made = checkMade(`cells[${i}]`, cell as SweepCell, ['cell', 'kernel', 'data'], 'a cell, as runCell gives it');
    return made.refused === undefined && made.error !== undefined ? [made] : [];
  });
  const varied = places.filter((key) => new Set(run.map((cell) => cell[key])).size > 1);
  const first: Place[] = ['data', 'kernel', 'target', 'scale'];
  return [
    ...facets(run, first).flatMap((facet) => ofFacet(facet, titleOf(facet, first, varied))),
    ...againstWidth(run, varied),
    ...facets(run, [...first, 'format']).flatMap((facet) =>
      exponents(facet, titleOf(facet, [...first, 'format'], varied)),
    ),
  ];
}

/** The results of every stage by their exponents: a plot for each reach that accumulators have there. */
function exponents(cells: readonly SweepCell[], title: string): Plot[] {
  const found = cells.flatMap(({ magnitudes = {} }) => Object.entries(magnitudes) as [string, Magnitudes][]);
  return [...new Set(found.map(([stage]) => stage))].flatMap((stage) => {
    const own = found.flatMap(([name, one]) => (name === stage && one.range !== null ? [one] : []));
    const ranges = [...new Set(own.map(({ range }) => JSON.stringify(range)))];
    return ranges.flatMap((range) => {
      const alike = mergeMagnitudes(own.filter((one) => JSON.stringify(one.range) === range));
      const reach = ranges.length > 1 ? ` (2^${alike.range?.least} … 2^${alike.range?.most})` : '';
      return histogram(`${title}, ${stage}${reach}`, alike);
    });
  });
}

/** Cells that share some choices, in their order. */
function groups(cells: readonly SweepCell[], keyOf: (cell: SweepCell) => string): SweepCell[][] {
  const found = new Map<string, SweepCell[]>();
  for (const cell of cells) {
    const key = keyOf(cell);
    const group = found.get(key);
    if (group === undefined) found.set(key, [cell]);
    else group.push(cell);
  }
  return [...found.values()];
}

function facets(cells: readonly SweepCell[], keys: readonly Place[]): SweepCell[][] {
  return groups(cells, (cell) => JSON.stringify(keys.map((key) => cell[key])));
}

/** What cells of a group share, as words: what varies in the sweep, and always the kernel. */
function titleOf([cell]: readonly SweepCell[], keys: readonly Place[], varied: readonly Place[]): string {
  if (cell === undefined) return '';
  const words = keys.filter((key) => key !== 'kernel' && varied.includes(key)).map((key) => nameOf(key, cell[key]));
  return [cell.kernel, ...words].join(', ');
}

function nameOf(key: Place, value: string | number | null): string {
  if (value === null) return key === 'target' ? 'no target' : `no ${key}`;
  return key === 'tile' || key === 'promotion' || key === 'scale' ? `${key} ${value}` : String(value);
}

/** Three plots of cells that share data, kernel, target and scale; or three for each format, order, … */
function ofFacet(
  cells: readonly SweepCell[],
  title: string,
  split: readonly Place[] = ['format', 'order', 'tile', 'promotion'],
): Plot[] {
  const varied = split.filter((key) => new Set(cells.map((cell) => cell[key])).size > 1);
  const widths = new Map(cells.map((cell) => [cell, widthOf(cell.accumulator)]));
  const isByWidth = new Set([...widths.values()].flatMap(({ bits }) => bits ?? [])).size > 1;
  const shown = isByWidth ? cells.filter((cell) => widths.get(cell)?.bits !== null) : cells;
  const names = [...new Set(cells.map(({ accumulator, target }) => accumulator ?? target ?? ''))];
  const lineOf = (cell: SweepCell): string => {
    const own = varied.map((key) => nameOf(key, cell[key]));
    return [...own, ...(isByWidth ? [widths.get(cell)?.family ?? ''] : [])].join(', ');
  };
  const lines = groups(shown, lineOf);
  const [key] = varied;
  if (lines.length > MOST && key !== undefined) {
    const rest = split.filter((one) => one !== key);
    return facets(cells, [key]).flatMap((part) =>
      ofFacet(part, `${title}, ${nameOf(key, part[0]?.[key] ?? null)}`, rest),
    );
  }
  const x = isByWidth
    ? ({ title: 'width of the accumulator (bits)', scale: 'linear' } as const)
    : ({ title: 'accumulator', scale: 'names', names } as const);
  const at = (cell: SweepCell): number =>
    isByWidth ? (widths.get(cell)?.bits ?? 0) : names.indexOf(cell.accumulator ?? cell.target ?? '');
  const series = (y: (cell: SweepCell) => number): PlotSeries[] =>
    lines.map((line) => {
      const [cell] = line as [SweepCell];
      const points: PlotPoint[] = line.map((one) => ({ x: at(one), y: y(one), name: labelOf(one) }));
      points.sort((p, q) => p.x - q.x);
      // Registers of rising width are one line; formats of as many bits are no steps of one another.
      const isLine = isByWidth && points.length > 1 && new Set(points.map((point) => point.x)).size === points.length;
      return { name: lineOf(cell), mark: isLine ? 'line' : 'points', points };
    });
  return [
    { title: `Error: ${title}`, x, y: { title: 'SQNR (dB)', scale: 'linear' }, series: series(sqnrOf) },
    {
      title: `Overflow: ${title}`,
      x,
      y: { title: 'outputs that fail (%)', scale: 'linear' },
      series: series(({ overflowRate = 0 }) => 100 * overflowRate),
    },
    roomPlot(shown, title),
  ];
}

/** SQNR of a cell's outputs; below every number where some are not finite, for those the figure leaves out. */
function sqnrOf({ error }: SweepCell): number {
  if (error === undefined || error.nonFinite > 0) return -Infinity;
  return error.sqnr ?? Number.NaN;
}

function labelOf({ accumulator, target, format }: SweepCell): string {
  return [format, accumulator ?? target].filter((one) => one !== null).join(' in ');
}

/** The least room of every stage, over all accumulators: where a bar hangs below zero, some width is too little. */
function roomPlot(cells: readonly SweepCell[], title: string): Plot {
  const stages = [...new Set(cells.flatMap(({ headroom }) => Object.keys(headroom ?? {})))];
  const points = stages.map((stage, x) => {
    const found = cells.flatMap(({ headroom }) => headroom?.[stage] ?? []);
    return { x, y: found.length === 0 ? Number.NaN : found.reduce((p, q) => Math.min(p, q)), name: stage };
  });
  return {
    title: `Headroom: ${title}`,
    x: { title: 'stage', scale: 'names', names: stages },
    y: { title: 'least room (bits)', scale: 'linear' },
    series: [{ name: '', mark: 'bars', points }],
  };
}

/** Error against K, where data of several lengths ran alike: a line for all that varies besides, in one plot or in several. */
function againstWidth(cells: readonly SweepCell[], varied: readonly Place[]): Plot[] {
  if (new Set(cells.map(({ width }) => width)).size < 2) return [];
  const keys = places.filter((key) => key !== 'data' && varied.includes(key));
  const accumulators = new Set(cells.map(({ accumulator }) => accumulator));
  const lineOf = (cell: SweepCell, own: readonly Place[]): string => {
    const words = own.map((key) => nameOf(key, cell[key]));
    return [...words, ...(accumulators.size > 1 ? [cell.accumulator ?? cell.target ?? ''] : [])].join(', ');
  };
  const isOne = groups(cells, (cell) => lineOf(cell, keys)).length <= MOST;
  return facets(cells, isOne ? [] : keys).flatMap((facet): Plot[] => {
    const lines = groups(facet, (cell) => lineOf(cell, isOne ? keys : []));
    const parts = Array.from({ length: Math.ceil(lines.length / MOST) }, (_, i) =>
      lines.slice(i * MOST, (i + 1) * MOST),
    );
    return parts.map((part) => ({
      title: `Error by length: ${titleOf(facet, isOne ? [] : keys, varied)}`,
      x: { title: 'K (terms of a sum)', scale: 'logarithmic' },
      y: { title: 'SQNR (dB)', scale: 'linear' },
      series: part.map((line) => {
        const [first] = line as [SweepCell];
        const points = line.map((cell) => ({
          x: cell.width ?? 0,
          y: sqnrOf(cell),
          name: `${labelOf(cell)}, ${cell.data}`,
        }));
        points.sort((p, q) => p.x - q.x);
        const isLine = new Set(points.map((point) => point.x)).size === points.length;
        return { name: lineOf(first, isOne ? keys : []), mark: isLine ? 'line' : 'points', points };
      }),
    }));
  });
}

/** The family and width of an accumulator by its name in a file. */
function widthOf(name: string | null | undefined): Width {
  if (typeof name !== 'string') return { family: '', bits: null };
  if (name.startsWith('{')) return ofData(name);
  const [, bits, overflow] = /^int(\d+):(\w+)$/.exec(name) ?? [];
  if (bits !== undefined)
    return { family: overflow === 'wrap' ? 'wrapping register' : 'saturating register', bits: Number(bits) };
  const [, kind = 'float', format = name] = /^(fixed|kahan|neumaier|exact):(.+)$/.exec(name) ?? [];
  return { family: kind, bits: bitsOf(format) };
}

function ofData(text: string): Width {
  const { kind, bits } = JSON.parse(text) as { kind?: string; bits?: number };
  return { family: String(kind), bits: bits ?? null };
}

function bitsOf(format: string): number | null {
  try {
    return parseFormat(format).bits;
  } catch {
    return null;
  }
}
