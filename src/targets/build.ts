/**
 * Parts that several vendors' tables are written with: steps, and orders of sums.
 *
 * @module
 */

import type { AlignedAccumulator, Reduction } from '../accumulators/reduction.ts';
import { BittrueError } from '../errors/index.ts';
import { binary16, binary32, binary64, type e8m13 } from '../formats/catalogue.ts';
import type { PartialPolicy } from '../rounding/policy.ts';
import { type Rounding, roundTo } from '../rounding/roundTo.ts';
import { defineTarget } from './define.ts';
import type { MatrixUnit, ReciprocalSqrt, Target, VectorUnit } from './target.ts';

/** What a row of a table must say of a unit; `defineMatrixUnit` fills in the rest. */
export type UnitData = Pick<MatrixUnit, 'name' | 'instructions' | 'a' | 'k' | 'reduction' | 'output' | 'confidence'> &
  Partial<MatrixUnit>;

/** What a row of a table must say of a vector unit. */
export type VectorUnitData = Pick<VectorUnit, 'name' | 'instructions' | 'confidence'> &
  Partial<Pick<VectorUnit, 'source' | 'verified'>> & {
    /** Numbers in memory. */
    readonly storage: Rounding;
    /** Everything else; default as in memory. */
    readonly compute?: Rounding;
    readonly reciprocalSqrt: Exclude<ReciprocalSqrt['kind'], 'newton'>;
  };

/** What a table must say of a chip; its first vector unit is the default one. */
export interface ChipData extends Pick<Target, 'name' | 'vendor' | 'summary' | 'source' | 'verified'> {
  readonly vector?: readonly VectorUnitData[];
  readonly matrix?: readonly UnitData[];
}

/** A chip from a table: a unit is known as its chip is, and from the same source, where it does not say. */
export function chip(data: () => ChipData): Target {
  const { vector = [], matrix = [], ...rest } = data();
  const [first] = vector;
  return defineTarget({
    ...rest,
    vectorUnits: byName(vector.map(vectorUnit)),
    matrixUnits: byName(matrix),
    ...(first === undefined ? {} : { defaults: { vector: first.name } }),
  });
}

/** The order of a sum is the kernel's choice, not the chip's: a sequential one here. */
function vectorUnit({ storage, compute = storage, reciprocalSqrt, ...known }: VectorUnitData): { name: string } {
  return {
    ...known,
    ...{ load: storage, compute, accumulate: compute, statistics: compute, store: storage },
    ...{ reduction: floatChain(compute), mean: 'reciprocal', reciprocalSqrt: { kind: reciprocalSqrt } },
  } as { name: string };
}

function byName<Unit extends { readonly name: string }>(units: readonly Unit[]): Record<string, Unit> {
  const named = Object.fromEntries(units.map((unit) => [unit.name, unit]));
  const twice = units.find((unit) => named[unit.name] !== unit);
  if (twice !== undefined) throw new BittrueError('name', 'units', twice.name, 'a name for each unit of its own');
  return named;
}

/** binary32, ties to even. */
export function single(policy: PartialPolicy = {}): Rounding {
  return roundTo(binary32, policy);
}

/** binary16, ties to even. */
export function half(policy: PartialPolicy = {}): Rounding {
  return roundTo(binary16, policy);
}

/** A unit of binary64: fused multiply-adds in ascending order, ties to even, subnormals kept. */
export function doubles(unit: Pick<UnitData, 'instructions' | 'k' | 'confidence'>): UnitData {
  const double = roundTo(binary64);
  return {
    name: 'f64',
    a: [binary64],
    reduction: floatChain(double, true),
    output: double,
    verified: 'model',
    ...unit,
  };
}

/** binary32 or e8m13 cut toward zero; beyond the range is infinite, not the largest number. */
export function cutSingle(format: typeof binary32 | typeof e8m13 = binary32): Rounding {
  return roundTo(format, { rounding: 'towardZero', overflow: 'infinity' });
}

/** A chain of additions, or of fused multiply-adds. */
export function floatChain(at: Rounding, fused = false): Reduction {
  return { kind: 'sequential', accumulator: { kind: 'float', rounding: at, fused } };
}

/** Blocks of `size` along K, each one fused sum whose addend is the last block's result. */
export function blocks(size: number, accumulator: Omit<AlignedAccumulator, 'kind'>): Reduction {
  return {
    kind: 'tiled',
    size,
    within: { kind: 'sequential', accumulator: { kind: 'aligned', ...accumulator } },
    across: 'chain',
  };
}

/**
 * Exact sums of `size` products, each rounded once: together with the addend, or before it is added.
 *
 * @param productExponent - products count 2^productExponent-fold
 */
export function exactBlocks(
  size: number,
  output: Rounding,
  addend: 'together' | 'after',
  productExponent = 0,
): Reduction {
  return {
    kind: 'tiled',
    size,
    within: { kind: 'sequential', accumulator: { kind: 'exact', output, productExponent } },
    across: addend === 'together' ? 'chain' : floatChain(output),
  };
}

/** A tree of additions over rounded products. */
export function tree(at: Rounding): Reduction {
  return { kind: 'pairwise', leaf: 'element', accumulator: { kind: 'float', rounding: at, fused: false } };
}
