/**
 * How many numbers share a scale: all, a row (an output channel of a weight [out, in], a token of an activation), or
 * some consecutive numbers of a row.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName } from '../errors/index.ts';
import type { Rows } from './matrix.ts';

/** Which numbers share a scale. */
export const granularities = ['tensor', 'channel', 'token', 'group'] as const;
/** `channel` and `token` are both one scale a row, of a weight or of an activation. */
export type Granularity = (typeof granularities)[number];

/** Which numbers belong to which scale. */
export interface Layout {
  readonly granularity: Granularity;
  /** Numbers of a group; null for other granularities. */
  readonly groupSize: number | null;
}

/** A checked layout. */
export function checkLayout(granularity: unknown, groupSize: unknown): Layout {
  const name = checkName('options.granularity', granularity, granularities);
  if (name !== 'group') {
    if (groupSize !== undefined) {
      throw new BittrueError('unsupported', 'options.groupSize', groupSize, 'a group size with granularity group only');
    }
    return { granularity: name, groupSize: null };
  }
  return { granularity: name, groupSize: checkInteger('options.groupSize', groupSize, 1, 2 ** 31) };
}

/** Scales a row has; 0 where the tensor has one. */
export function scalesPerRow({ granularity, groupSize }: Layout, width: number): number {
  if (granularity === 'tensor') return 0;
  return groupSize === null ? 1 : Math.ceil(width / groupSize);
}

/** The scales of these rows under a layout. */
export function scaleCount(layout: Layout, { rows, width }: Rows): number {
  return layout.granularity === 'tensor' ? 1 : rows * scalesPerRow(layout, width);
}

/** Start and end of the numbers that scale `index` covers. */
export function extentOf(layout: Layout, { rows, width }: Rows, index: number): readonly [number, number] {
  if (layout.granularity === 'tensor') return [0, rows * width];
  const perRow = scalesPerRow(layout, width);
  const row = Math.floor(index / perRow);
  const from = row * width + (index % perRow) * (layout.groupSize ?? width);
  return [from, Math.min(from + (layout.groupSize ?? width), (row + 1) * width)];
}

/** Refuses rows that a quantizer's scales do not fit. */
export function checkScales(layout: Layout, scales: readonly number[], rows: Rows): void {
  const wanted = scaleCount(layout, rows);
  if (scales.length !== wanted) {
    throw new BittrueError(
      'shape',
      'quantizer.scales',
      `${scales.length} scales`,
      `${wanted} for ${rows.rows} rows of ${rows.width}`,
    );
  }
}
