/**
 * What becomes of operands before a call: as values, and as the TypeScript that does the same.
 *
 * @module
 */
import { findVectorUnit, type Target } from 'bittrue/targets';
import { type Asked, isNorm, kernels } from './asked';
import { blocked, type ScaledUnit } from './blocked';

/** Operands as they enter the call, and options that they bring. */
export interface Prepared {
  readonly operands: readonly ArrayLike<number>[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Scales of blocks, in words. */
  readonly scales?: string;
}

export interface Preparation {
  readonly apply: (x: Float32Array, second: Float32Array | null) => Prepared;
  readonly lines: readonly string[];
  /** What the lines read of the library. */
  readonly names: readonly string[];
  /** The operands, and the options that they bring, as TypeScript. */
  readonly operands: readonly string[];
  readonly options: readonly string[];
}

/** The preparation that a cure or a unit needs; null: none. */
export function preparationOf(asked: Asked, target: Target, rows: number, width: number): Preparation | null {
  if (isNorm(asked.kernel)) {
    if (asked.cure === 'clip') return clipped(clipBound(target, width));
    return asked.cure === 'mirror' ? mirrored(rows, width) : null;
  }
  const own = kernels[asked.kernel];
  const unit = target.matrixUnits[target.defaults.matrix ?? ''];
  if (own?.on !== 'products' || own.takes === 'attention' || unit === undefined || unit.scale === null) return null;
  return blocked(unit as ScaledUnit, rows, width, own.takes === 'matrix' ? asked.second.length : null);
}

/** To what clipping cuts inputs: no sum of d squares overflows then, since an addition adds at most twice its addend. */
function clipBound(target: Target, width: number): number {
  return Math.sqrt(findVectorUnit(target).compute.format.max / (2 * width)) * (1 - 2 ** -8);
}

function clipped(bound: number): Preparation {
  return {
    apply: (x) => ({ operands: [x.map((one) => Math.max(-bound, Math.min(bound, one)))], options: {} }),
    lines: [`const clipped = x.map((one) => Math.max(${-bound}, Math.min(${bound}, one)));`],
    ...{ names: [], operands: ['clipped'], options: [] },
  };
}

/** Rows of [x, −x]: their mean is zero, and their variance the mean square of x. */
function mirrored(rows: number, width: number): Preparation {
  const both = (x: Float32Array): Float32Array => {
    const made = new Float32Array(2 * x.length);
    for (let i = 0; i < x.length; i++) {
      const at = i + width * Math.floor(i / width);
      made[at] = x[i] as number;
      made[at + width] = -(x[i] as number);
    }
    return made;
  };
  return {
    apply: (x) => ({ operands: [both(x)], options: {} }),
    lines: [
      `const both = new Float32Array(${2 * rows * width});`,
      `x.forEach((one, i) => {
  const at = i + ${width} * Math.floor(i / ${width});
  both.set([one], at);
  both.set([-one], at + ${width});
});`,
    ],
    ...{ names: [], operands: ['both'], options: [] },
  };
}
