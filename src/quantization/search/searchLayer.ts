/**
 * FPQ's joint search of format and clip for one linear layer (LLM-FP4, arXiv 2310.16836, Algorithm 1): by turns, each
 * quantizer takes what makes the layer's output least wrong (Eq. 12) while the other stays.
 *
 * @module
 */
import type { Tensor } from '../../tensors/index.ts';
import type { FloatQuantizer } from '../float.ts';
import type { ShiftedQuantizer } from '../preshift.ts';
import { scalarArithmetic } from './arithmetic.ts';
import { engineArithmetic } from './engineArithmetic.ts';
import { checkLayer } from './layer.ts';
import { checkSearchOptions, type SearchOptions, type SearchStep, type Settings } from './options.ts';
import { Search } from './search.ts';

/** The metric after a step. */
export interface TraceRow {
  /** 0: MinMax, before the first round. */
  readonly round: number;
  readonly step: SearchStep | 'minMax';
  /** Mean over rows and outputs of (Ô − O)², weighed if a gradient was given. */
  readonly error: number;
}

/** What a search finds. */
export interface SearchResult {
  /** One scale for every output; null where weights are left as they are. */
  readonly weight: FloatQuantizer | null;
  /** One scale; with pre-shift, an integer bias for every input as well. */
  readonly activation: FloatQuantizer | ShiftedQuantizer | null;
  /** The last of the trace. */
  readonly error: number;
  readonly trace: readonly TraceRow[];
}

/**
 * The quantizers of a linear layer, fitted to calibration data.
 *
 * @param x - calibration rows [n, in], of the full-precision model
 * @param w - [out, in]
 * @throws {@link BittrueError} `shape` for operands that do not fit, `value` for NaN and infinities, and for options
 * @example
 * import { searchLayer } from 'bittrue/quantization';
 * const x = { data: new Float64Array([1, -0.6, 0.4, 0.1, -0.9, 0.35]), shape: [3, 2] };
 * const w = { data: new Float64Array([0.7, -0.2, 0.05, 0.4]), shape: [2, 2] };
 * const { weight, activation, error, trace } = searchLayer(x, w, { weightBits: 4, activationBits: 4 });
 * weight?.scales.length; // 2
 * activation?.kind; // 'float'
 * error <= trace[0].error; // true
 */
export function searchLayer(x: Tensor, w: Tensor, options: SearchOptions): SearchResult {
  const settings = checkSearchOptions(options);
  const arithmetic = settings.engine === null ? scalarArithmetic : engineArithmetic(settings.engine);
  return arithmetic.within((room) => {
    const search = new Search(checkLayer(x, w, settings, arithmetic, room), settings);
    return run(search, settings);
  });
}

function run(search: Search, settings: Settings): SearchResult {
  const steps = settings.steps.filter((step) => search.has(step));
  const total = settings.rounds * steps.length;
  const trace: TraceRow[] = [{ round: 0, step: 'minMax', error: search.error() }];
  for (let round = 1; round <= settings.rounds; round++) {
    let changed = false;
    for (const step of steps) {
      const done = trace.length - 1;
      const tell = (share: number): void =>
        settings.onProgress?.({ phase: `round ${round}: ${step}`, done: done + share, total });
      if (search.run(step, tell)) changed = true;
      trace.push({ round, step, error: search.error() });
      tell(1);
    }
    if (!changed) break;
  }
  return { ...search.found(), error: trace[trace.length - 1].error, trace };
}
