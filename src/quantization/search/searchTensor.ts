/**
 * The float quantizer of a tensor by its own error, without a layer around it: for embeddings, as LLM-FP4's code does.
 *
 * @module
 */
import { checkAs, checkObject } from '../../errors/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { divideToGrid } from '../divide.ts';
import { type FloatQuantizer, makeFloatQuantizer, scaleForMax } from '../float.ts';
import { gridFormat } from '../grid.ts';
import { finiteRows, largest } from '../matrix.ts';
import { candidateScales, factorsOf } from './candidates.ts';
import { checkSearchOptions, type SearchOptions } from './options.ts';

/** What of `SearchOptions` a search by the tensor's own error takes. */
export type TensorSearchOptions = Pick<
  SearchOptions,
  'gamma1' | 'gamma2' | 'intervals' | 'lastCandidate' | 'keep' | 'guard'
> & {
  /** 3–12 */
  readonly bits: number;
  /** Default all of the width. */
  readonly grids?: readonly string[];
};

/**
 * For every row the scale of least squared error (MinMax among the candidates where `keep` is on), and for the tensor
 * the grid whose rows sum to the least; the first of equals.
 *
 * @param x - [rows, width]
 * @throws {@link BittrueError} `value` for NaN and infinities, and for options
 * @example
 * import { searchTensor } from 'bittrue/quantization';
 * const x = { data: new Float64Array([1, 2, 3, 4, 6, 8, 12, 0]), shape: [1, 8] };
 * searchTensor(x, { bits: 4 }).grid; // 'e2m1'
 */
export function searchTensor(x: Tensor, options: TensorSearchOptions): FloatQuantizer {
  const keys = ['gamma1', 'gamma2', 'intervals', 'lastCandidate', 'keep', 'guard', 'bits', 'grids'] as const;
  checkObject('options', options, keys);
  const { bits, grids, ...rest } = options;
  const named = (argument: string) => argument.replace('weightBits', 'bits').replace('weightGrids', 'grids');
  const { weightGrids, list, keep } = checkAs(named, () =>
    checkSearchOptions({
      ...rest,
      weightBits: bits,
      activationBits: null,
      ...(grids === undefined ? {} : { weightGrids: grids }),
    }),
  );
  const { data, rows, width } = finiteRows('x', x);
  const factors = factorsOf(list);
  const out = new Float64Array(width);
  let best = makeFloatQuantizer(weightGrids[0], 'channel', []);
  let least = Number.POSITIVE_INFINITY;
  for (const grid of weightGrids) {
    const format = gridFormat(grid);
    const scales: number[] = [];
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      const from = r * width;
      const initial = scaleForMax(format, largest(data, from, from + width));
      let chosen = initial;
      let error = Number.POSITIVE_INFINITY;
      for (const scale of [...(keep ? [initial] : []), ...candidateScales(initial, list, factors)]) {
        divideToGrid(format, data, scale, out, from, from + width, 0);
        let off = 0;
        for (let i = 0; i < width; i++) off += (out[i] * scale - data[from + i]) * (out[i] * scale - data[from + i]);
        if (off < error) {
          error = off;
          chosen = scale;
        }
      }
      scales.push(chosen);
      sum += error;
    }
    if (sum < least) {
      least = sum;
      best = makeFloatQuantizer(grid, 'channel', scales);
    }
  }
  return best;
}
