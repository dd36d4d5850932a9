/**
 * A grid as a numbered list of cells.
 *
 * @module
 */
import { BittrueError, checkInteger, checkMade } from '../errors/index.ts';
import { SEMANTICS, VERSION } from '../events/version.ts';
import { digestOfNumbers, digestOfText } from './digest.ts';
import {
  type Axes,
  type CheckedData,
  type CheckedGrid,
  checkGrid,
  type NamedAccumulator,
  type NamedTarget,
  type SweepGrid,
  type SweepKernel,
  type SweepOrder,
} from './grid.ts';
import { lineOf } from './lineOf.ts';

/** A checked grid, made by {@link defineSweep}. */
export interface Sweep {
  /** How many cells it has. */
  readonly cells: number;
  /** Fingerprint of all that decides its cells: grid, data, version and meaning. */
  readonly hash: string;
  /** The grid as a file's first line tells it: data by their fingerprints. */
  readonly grid: Readonly<Record<string, unknown>>;
  /** @internal */
  readonly checked: CheckedGrid;
}

/** The choices of one cell. */
export interface SweepPlace {
  readonly data: CheckedData;
  readonly kernel: SweepKernel;
  readonly target: NamedTarget;
  readonly scale: number;
  readonly format: string | null;
  readonly order: SweepOrder | null;
  readonly tile: number | null;
  readonly promotion: number | null;
  readonly accumulator: NamedAccumulator;
}

/** More cells than anyone waits for: a second each, and it is twelve days. */
const MOST = 2 ** 20;

/** The axes from the slowest to the quickest: neighbours share their data, their real sums and their order of additions. */
const order = [
  'data',
  'kernels',
  'targets',
  'scales',
  'formats',
  'orders',
  'tiles',
  'promotions',
  'accumulators',
] as const satisfies readonly (keyof Axes)[];

/**
 * Checks a grid and numbers its cells.
 *
 * @throws {@link BittrueError} for unknown names, numbers that are not finite, empty lists, choices that stand twice, lengths
 * that do not fit, and more than 2^20 cells
 * @example
 * import { defineSweep } from 'bittrue/sweeps';
 * const sweep = defineSweep({
 *   kernels: ['dot'],
 *   data: [{ name: 'normal', rows: 16, width: 256, inputs: { kind: 'normal' }, weights: { kind: 'normal' } }],
 *   formats: ['int8'],
 *   accumulators: ['int12..int20:saturate', 'binary16'],
 *   fit: 'max',
 * });
 * sweep.cells; // 10
 */
export function defineSweep(grid: SweepGrid): Sweep {
  const checked = checkGrid(grid);
  const { axes, fit, proof, seed, magnitudes } = checked;
  const cells = order.reduce((count, axis) => count * axes[axis].length, 1);
  if (cells > MOST) {
    throw new BittrueError(
      'range',
      'grid',
      `${cells} cells`,
      `at most ${MOST} cells; several sweeps may share the work`,
    );
  }
  const named = ({ name, target, epilogue }: NamedTarget) =>
    target === null || name === null
      ? null
      : { name, digest: digestOfText(lineOf(epilogue === undefined ? target : { target, epilogue })) };
  const shown = Object.freeze({
    ...axes,
    data: axes.data.map(({ inputs, weights, bias, c, ...one }) => ({
      ...one,
      inputs: sourceOf(inputs),
      ...(weights === null ? {} : { weights: sourceOf(weights) }),
      ...(bias === undefined ? {} : { bias: sourceOf(bias) }),
      ...(c === undefined ? {} : { c: sourceOf(c) }),
    })),
    targets: axes.targets.map(named),
    accumulators: axes.accumulators.map(({ name }) => name),
    fit,
    proof,
    seed,
    ...(magnitudes ? { magnitudes } : {}),
  });
  const hash = digestOfText(lineOf({ version: VERSION, semantics: SEMANTICS, grid: shown }));
  return Object.freeze({ cells, hash, grid: shown, checked });
}

function sourceOf(source: CheckedData['inputs']): object {
  return source instanceof Float64Array ? { digest: digestOfNumbers(source) } : source;
}

/** Refuses what is no sweep. */
export function checkSweep(sweep: Sweep): Sweep {
  checkMade('sweep', sweep, ['cells', 'hash', 'grid', 'checked'], 'a sweep, as defineSweep gives it');
  return checkMade('sweep', sweep.checked, ['axes', 'fit', 'proof'], 'a sweep, as defineSweep gives it') && sweep;
}

/** The choices of a cell by its number. */
export function placeOf(sweep: Sweep, cell: number): SweepPlace {
  const { axes } = checkSweep(sweep).checked;
  let rest = checkInteger('cell', cell, 0, sweep.cells - 1);
  const at = {} as Record<(typeof order)[number], number>;
  for (const axis of order.toReversed()) {
    at[axis] = rest % axes[axis].length;
    rest = Math.floor(rest / axes[axis].length);
  }
  const one = <Axis extends keyof Axes>(axis: Axis): Axes[Axis][number] => axes[axis][at[axis]] as Axes[Axis][number];
  return {
    data: one('data'),
    kernel: one('kernels'),
    target: one('targets'),
    scale: one('scales'),
    format: one('formats'),
    order: one('orders'),
    tile: one('tiles'),
    promotion: one('promotions'),
    accumulator: one('accumulators'),
  };
}
