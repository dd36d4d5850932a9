/**
 * Does a norm overflow on these rows? A tensor without a model.
 *
 * @module
 */
import { checkName, checkObject } from '../../errors/index.ts';
import { type Report, SEMANTICS, VERSION } from '../../events/index.ts';
import { layerNorm, type Numbers, rmsNorm } from '../../kernels/index.ts';
import type { Target } from '../../targets/index.ts';
import { withNaNEvents } from './withNaNEvents.ts';

/** What {@link checkRows} may be told. */
export interface RowsCheckOptions {
  readonly rows: number;
  /** Numbers a row, d. */
  readonly width: number;
  readonly target: Target;
  /** Default `layerNorm`. */
  readonly kernel?: 'layerNorm' | 'rmsNorm';
  /** A scale to compare with: the input times it, ε times its square. Default none. */
  readonly scale?: number;
  /** Default 1e-5. */
  readonly epsilon?: number;
  /** Whether to count the results of every stage by their exponents; default false. */
  readonly magnitudes?: boolean;
  /** Whether NaN and infinities among x leave a run `ok`; default `deny`. */
  readonly nonFiniteInputs?: 'deny' | 'allow';
}

/** What a run gave: zeros and NaN that no event may tell of. */
export interface OutputCounts {
  readonly count: number;
  readonly zeros: number;
  readonly nan: number;
  readonly infinite: number;
  /** Rows whose outputs are all zero, or all NaN, and the first of them; null where there is none. */
  readonly zeroRows: number;
  readonly firstZeroRow: number | null;
  readonly nanRows: number;
  readonly firstNaNRow: number | null;
}

/** A norm over given rows, plain and scaled. */
export interface RowsCheck {
  readonly bittrue: string;
  readonly schema: 'check-rows/1';
  readonly semantics: number;
  /** Of the scaled run where there is one, else of the plain run. */
  readonly ok: boolean;
  /** With headroom and error. */
  readonly plain: Report;
  /** Null where no scale was given. */
  readonly scaled: Report | null;
  /** Of the scaled run where there is one, else of the plain run. */
  readonly outputs: OutputCounts;
}

/**
 * Runs a norm over rows, with headroom and error, and again with a scale where one is given. A NaN that reaches a
 * register without NaN is an event, `invalid`, and zero there.
 *
 * @param x - rows · width numbers, row-major
 * @throws {@link BittrueError} as the kernels
 * @example
 * import { checkRows } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795));
 * const { plain, scaled } = checkRows(x, { rows: 1, width: 768, target: fp16, scale: 1 / 128 });
 * plain.totals.overflow > 0; // true
 * scaled?.ok; // true
 */
export function checkRows(x: Numbers, options: RowsCheckOptions): RowsCheck {
  const keys = ['rows', 'width', 'target', 'kernel', 'scale', 'epsilon', 'magnitudes', 'nonFiniteInputs'];
  checkObject('options', options, keys);
  const {
    rows,
    width,
    target,
    kernel = 'layerNorm',
    scale,
    epsilon,
    magnitudes = false,
    nonFiniteInputs = 'deny',
  } = options;
  const run = checkName('options.kernel', kernel, ['layerNorm', 'rmsNorm']) === 'layerNorm' ? layerNorm : rmsNorm;
  const common = {
    rows,
    width,
    target: withNaNEvents(target),
    reference: true,
    magnitudes,
    nonFiniteInputs,
    ...(epsilon === undefined ? {} : { epsilon }),
  };
  const { report: plain, output } = run(x, common);
  const other = scale === undefined ? null : run(x, { ...common, scale });
  const scaled = other?.report ?? null;
  return {
    bittrue: VERSION,
    schema: 'check-rows/1',
    semantics: SEMANTICS,
    ok: (scaled ?? plain).ok,
    plain,
    scaled,
    outputs: countOutputs(other?.output ?? output, width),
  };
}

function countOutputs(values: ArrayLike<number>, width: number): OutputCounts {
  const found = { zeros: 0, nan: 0, infinite: 0, zeroRows: 0, nanRows: 0 };
  let [firstZeroRow, firstNaNRow]: (number | null)[] = [null, null];
  for (let row = 0; row * width < values.length; row++) {
    let [zeros, nan] = [0, 0];
    for (let i = row * width; i < (row + 1) * width; i++) {
      const x = values[i] as number;
      if (x === 0) zeros += 1;
      else if (x !== x) nan += 1;
      else if (Math.abs(x) === Infinity) found.infinite += 1;
    }
    found.zeros += zeros;
    found.nan += nan;
    if (zeros === width) {
      found.zeroRows += 1;
      firstZeroRow ??= row;
    }
    if (nan === width) {
      found.nanRows += 1;
      firstNaNRow ??= row;
    }
  }
  return { count: values.length, ...found, firstZeroRow, firstNaNRow };
}
