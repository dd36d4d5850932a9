/**
 * What is done against a norm that overflows, as data: a name, what it does, what it costs, and the norm under it.
 *
 * @module
 */
import { mapAccumulators } from '../../accumulators/walk.ts';
import type { Report } from '../../events/index.ts';
import { binary32 } from '../../formats/index.ts';
import { layerNorm } from '../../kernels/index.ts';
import { roundTo } from '../../rounding/index.ts';
import type { Variant } from '../../slanc/index.ts';
import { defineTarget, type Target, type VectorUnit } from '../../targets/index.ts';
import { type NormCall, runNorm } from '../check/normCall.ts';

/** A norm's outputs under a cure, and the reports of the runs that they took. */
export interface CuredNorm {
  readonly output: Float64Array;
  readonly reports: readonly Report[];
}

/** What a cure is given beside a norm's inputs. */
export interface CureSetting {
  readonly target: Target;
  /** Whether NaN and infinities in the inputs leave a report `ok`. */
  readonly nonFiniteInputs: 'deny' | 'allow';
  /** SLaNC's scale of each norm, by the cure's variant; null: none. */
  readonly scales: readonly number[] | null;
}

/** A cure. */
export interface Cure {
  readonly name: string;
  /** What it does, as a clause. */
  readonly text: string;
  /** What it costs a token and norm of width d. */
  readonly cost: string;
  /** SLaNC's factors that it needs. */
  readonly slanc: { readonly variant: Variant; readonly powerOfTwo: boolean } | null;
  readonly norm: (call: NormCall, setting: CureSetting) => CuredNorm;
  /** Whether it is a cure of RMSNorms alone. */
  readonly isForRms?: boolean;
}

function plain(call: NormCall, { target, nonFiniteInputs, scales }: CureSetting): CuredNorm {
  const { rows, width, gamma, epsilon, index } = call;
  const scale = scales === null ? 1 : scales[index];
  const options = { rows, width, gamma, epsilon, target, nonFiniteInputs, scale, record: 'counts' } as const;
  const { output, report } = runNorm(call, options);
  return { output, reports: [report] };
}

/** Every row divided by its largest magnitude, ε by the square of it. */
function byLargest(call: NormCall, { target, nonFiniteInputs }: CureSetting): CuredNorm {
  const { x, rows, width, gamma, epsilon } = call;
  const output = new Float64Array(x.length);
  const reports: Report[] = [];
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * width, (r + 1) * width);
    const most = row.reduce((largest, one) => Math.max(largest, Math.abs(one)), 0);
    const scale = most > 0 && most < Infinity ? 1 / most : 1;
    const options = { rows: 1, width, gamma, epsilon, target, nonFiniteInputs, scale, record: 'counts' } as const;
    const found = runNorm({ ...call, x: row, rows: 1 }, options);
    output.set(found.output, r * width);
    reports.push(found.report);
  }
  return { output, reports };
}

/**
 * Inputs cut to what no sum of d squares overflows with: an addition to nearest adds at most twice its addend, and the last factor
 * covers the roundings of inputs and squares.
 */
function clipped(call: NormCall, setting: CureSetting): CuredNorm {
  const { vectorUnits } = setting.target;
  const most = (vectorUnits.vector as VectorUnit).compute.format.max;
  const bound = Math.sqrt(most / (2 * call.width)) * (1 - 2 ** -8);
  return plain({ ...call, x: call.x.map((one) => Math.max(-bound, Math.min(bound, one))) }, setting);
}

/** RMSNorm as the LayerNorm of [x, −x], whose mean is zero. */
function mirrored(call: NormCall, { target, nonFiniteInputs }: CureSetting): CuredNorm {
  const { x, rows, width, gamma, epsilon } = call;
  const both = new Float64Array(2 * x.length);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) {
      both[2 * r * width + i] = x[r * width + i];
      both[(2 * r + 1) * width + i] = -x[r * width + i];
    }
  }
  const twice = Float64Array.from([...gamma, ...gamma]);
  const options = { rows, width: 2 * width, gamma: twice, epsilon, target, nonFiniteInputs, record: 'counts' } as const;
  const { output, report } = layerNorm(both, options);
  const half = new Float64Array(x.length);
  for (let r = 0; r < rows; r++) half.set(output.subarray(2 * r * width, (2 * r + 1) * width), r * width);
  return { output: half, reports: [report] };
}

/** A target whose vector unit computes in binary32 between load and store. */
function widened(target: Target): Target {
  const wide = roundTo(binary32);
  const unit = target.vectorUnits.vector as VectorUnit;
  const reduction = mapAccumulators(unit.reduction, () => ({ kind: 'float', rounding: wide }));
  const vector = { ...unit, compute: wide, accumulate: wide, statistics: wide, reduction };
  return defineTarget({ ...target, vectorUnits: { ...target.vectorUnits, vector } });
}

const known = new WeakMap<Target, Target>();
function wide(target: Target): Target {
  const found = known.get(target) ?? widened(target);
  known.set(target, found);
  return found;
}

const scaled = (variant: Variant, powerOfTwo: boolean): Cure => ({
  name: `SLaNC ${variant}${powerOfTwo ? ', powers of two' : ''}`,
  text: `multiplies by a constant from the weights before${powerOfTwo ? ', rounded down to a power of two' : ''}`,
  cost: powerOfTwo ? 'd exact multiplications' : 'd multiplications',
  slanc: { variant, powerOfTwo },
  norm: plain,
});

/** All of them, none first. */
export const cures: readonly Cure[] = [
  { name: 'none', text: 'leaves the norm as it is', cost: 'nothing', slanc: null, norm: plain },
  scaled('frobenius', false),
  scaled('frobenius', true),
  scaled('frobeniusGate', false),
  scaled('dmx', false),
  scaled('residual', false),
  scaled('residual', true),
  {
    name: 'dynamic max',
    text: 'divides every row by its largest magnitude',
    cost: 'one more pass: d comparisons, a division, d multiplications',
    slanc: null,
    norm: byLargest,
  },
  {
    name: 'clip',
    text: 'cuts inputs just below ±√(max / 2d), with which no sum of rounded squares overflows',
    cost: '2 d comparisons',
    slanc: null,
    norm: clipped,
  },
  {
    name: 'FP32 statistics',
    text: 'computes in binary32 between load and store',
    cost: '2 d conversions, and twice the bits in every step',
    slanc: null,
    norm: (call, setting) => plain(call, { ...setting, target: wide(setting.target) }),
  },
  {
    name: '[x, −x]',
    text: 'is the LayerNorm of [x, −x], whose mean is zero',
    cost: '2 d numbers for d in every step',
    slanc: null,
    norm: mirrored,
    isForRms: true,
  },
];
