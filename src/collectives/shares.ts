/**
 * How an extent is shared out: the inputs of a row-parallel layer, the rows or features of a collective.
 *
 * @module
 */
import { checkInteger } from '../errors/index.ts';

/** From the first, up to but not including the second. */
export type Share = readonly [from: number, to: number];

/**
 * Contiguous shares that differ by at most one; the first ones are the longer, and the last ones empty where there are
 * more parts than numbers.
 *
 * @throws {@link BittrueError} for counts out of range
 * @example
 * import { shares } from 'bittrue/collectives';
 * shares(10, 4); // [[0, 3], [3, 6], [6, 8], [8, 10]]
 */
export function shares(extent: number, parts: number): readonly Share[] {
  checkInteger('extent', extent, 0, 2 ** 31);
  checkInteger('parts', parts, 1, 2 ** 31);
  const least = Math.floor(extent / parts);
  const longer = extent % parts;
  return Array.from({ length: parts }, (_, i): Share => {
    const from = i * least + Math.min(i, longer);
    return [from, from + least + (i < longer ? 1 : 0)];
  });
}

/** A rectangle of a matrix [rows, width]: what one message holds. */
export interface Part {
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromFeature: number;
  readonly toFeature: number;
}

/** The matrix cut by rows or by features into one part a device. */
export function parts(rows: number, width: number, devices: number, split: 'rows' | 'features'): readonly Part[] {
  return shares(split === 'rows' ? rows : width, devices).map(([from, to]) =>
    split === 'rows'
      ? { fromRow: from, toRow: to, fromFeature: 0, toFeature: width }
      : { fromRow: 0, toRow: rows, fromFeature: from, toFeature: to },
  );
}

/** The whole of a matrix. */
export function wholePart(rows: number, width: number): Part {
  return { fromRow: 0, toRow: rows, fromFeature: 0, toFeature: width };
}

/** How many numbers a part has. */
export function sizeOf({ fromRow, toRow, fromFeature, toFeature }: Part): number {
  return (toRow - fromRow) * (toFeature - fromFeature);
}
