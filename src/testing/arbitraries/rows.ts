/**
 * Arbitrary rows of activations, of the kinds that break kernels.
 *
 * @module
 */
import fc from 'fast-check';
import { checkInteger } from '../../errors/index.ts';
import { checkFormat } from '../../formats/check.ts';
import type { Format } from '../../formats/index.ts';
import { checkConstraints } from './constraints.ts';
import { type RealsConstraints, reals } from './reals.ts';

/** How many rows of which shape. */
export interface RowsConstraints extends RealsConstraints {
  /** @defaultValue 1 */
  readonly minRows?: number;
  /** @defaultValue 3 */
  readonly maxRows?: number;
  /** @defaultValue 1 */
  readonly minWidth?: number;
  /** @defaultValue 17 */
  readonly maxWidth?: number;
}

/** A batch of rows. */
export interface Rows {
  readonly rows: number;
  readonly width: number;
  /** rows · width numbers, row-major. */
  readonly x: Float64Array;
}

/**
 * Batches of rows near a format's edges. Each row is one of: numbers of moderate size; numbers whose squares or sums
 * come near overflow; subnormal numbers; a constant; any numbers near the edges, NaN and infinities among them.
 * Shrinks toward one narrow row of zeros.
 *
 * @example
 * import fc from 'fast-check';
 * import { binary16 } from 'bittrue/formats';
 * import { rmsNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * import { rows } from 'bittrue/testing/arbitraries';
 * fc.assert(
 *   fc.property(rows(binary16), ({ x, ...shape }) => rmsNorm(x, { ...shape, target: fp16 }).output.length === x.length),
 * );
 */
export function rows(format: Format, constraints: RowsConstraints = {}): fc.Arbitrary<Rows> {
  checkFormat('format', format);
  checkConstraints(constraints);
  const { minRows = 1, maxRows = 3, minWidth = 1, maxWidth = 17 } = constraints;
  checkInteger('constraints.maxRows', maxRows, checkInteger('constraints.minRows', minRows, 0, 2 ** 20), 2 ** 20);
  checkInteger('constraints.maxWidth', maxWidth, checkInteger('constraints.minWidth', minWidth, 1, 2 ** 20), 2 ** 20);
  return fc.integer({ min: minWidth, max: maxWidth }).chain((width) =>
    fc.array(row(format, width, constraints), { minLength: minRows, maxLength: maxRows }).map((batch) => ({
      rows: batch.length,
      width,
      x: Float64Array.from(batch.flat()),
    })),
  );
}

/** One row of a given width. */
function row(format: Format, width: number, constraints: RealsConstraints): fc.Arbitrary<number[]> {
  const { max } = format;
  const smallest = format.kind === 'integer' ? 2 ** -format.fractionBits : format.minNormal;
  const scaled = (scale: number): fc.Arbitrary<number> =>
    fc.integer({ min: -4096, max: 4096 }).map((n) => (n / 1024) * scale);
  const of = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(element, { minLength: width, maxLength: width });
  return fc.oneof(
    { withCrossShrink: true },
    of(scaled(1)),
    of(scaled(Math.sqrt(max))),
    of(scaled(Math.sqrt(max / width))),
    of(scaled(max / width)),
    of(scaled(smallest)),
    of(scaled(Math.sqrt(smallest))),
    reals(format, constraints).map((x) => new Array<number>(width).fill(x)),
    of(reals(format, constraints)),
  );
}
