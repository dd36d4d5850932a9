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
  /** Whether NaN and infinities among x leave a run `ok`; default `deny`. */
  readonly nonFiniteInputs?: 'deny' | 'allow';
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
  checkObject('options', options, ['rows', 'width', 'target', 'kernel', 'scale', 'epsilon', 'nonFiniteInputs']);
  const { rows, width, target, kernel = 'layerNorm', scale, epsilon, nonFiniteInputs = 'deny' } = options;
  const run = checkName('options.kernel', kernel, ['layerNorm', 'rmsNorm']) === 'layerNorm' ? layerNorm : rmsNorm;
  const common = {
    rows,
    width,
    target: withNaNEvents(target),
    reference: true,
    nonFiniteInputs,
    ...(epsilon === undefined ? {} : { epsilon }),
  };
  const plain = run(x, common).report;
  const scaled = scale === undefined ? null : run(x, { ...common, scale }).report;
  return {
    bittrue: VERSION,
    schema: 'check-rows/1',
    semantics: SEMANTICS,
    ok: (scaled ?? plain).ok,
    plain,
    scaled,
  };
}
