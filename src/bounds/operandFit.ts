/**
 * What a unit reads of the operands that it is given: numbers that its formats have not are rounded or clipped.
 *
 * @module
 */
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { formatName } from '../formats/formatName.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { Numbers } from '../specification/operands.ts';
import type { ProductPlan } from '../specification/products/plan.ts';
import type { Target } from '../targets/target.ts';
import type { Region } from './inputSet.ts';
import { limitOf } from './ranges.ts';

/** How numbers fit the format that a unit reads them in. */
export interface Fit {
  readonly format: string;
  readonly count: number;
  /** Numbers that the format has not: rounded, or clipped to its range. */
  readonly changed: number;
  /** Of those, the ones beyond its range. */
  readonly clipped: number;
  /** The one that changes most; null where none does. */
  readonly most: { readonly from: number; readonly to: number } | null;
}

/** The unit that reads the operands of a product, and how they fit. */
export interface OperandFit {
  /** `TARGET:UNIT`. */
  readonly unit: string;
  readonly weights: Fit;
  /** The ends of the set of inputs, and what the unit reads of them. */
  readonly inputs: {
    readonly format: string;
    readonly low: number;
    readonly high: number;
    readonly loadedLow: number;
    readonly loadedHigh: number;
  };
  /** Rows in hand; null without. `outside`: numbers that lie outside the set of inputs, `farthest` the one farthest from it. */
  readonly data: (Fit & { readonly outside: number; readonly farthest: number | null }) | null;
}

/** How operands fit a product's plan. */
export function operandFit(
  { a, b, configuration }: ProductPlan,
  weights: Numbers,
  region: Region,
  data: Numbers | undefined,
): OperandFit {
  const low = region.low.reduce((least, x) => Math.min(least, x), Infinity);
  const high = region.high.reduce((most, x) => Math.max(most, x), -Infinity);
  const read = reader(a);
  return {
    unit: `${(configuration.target as Target).name}:${configuration.unit}`,
    weights: fitOf(b, weights),
    inputs: { format: formatName(a.format), low, high, loadedLow: read(low), loadedHigh: read(high) },
    data: data === undefined ? null : { ...fitOf(a, data), ...outside(data, region) },
  };
}

/** Numbers as a unit reads them. */
export function loaded(rounding: Rounding, values: Numbers): Float64Array {
  return Float64Array.from(values, reader(rounding));
}

function reader({ format, policy }: Rounding): (x: number) => number {
  const unit = new ValueUnit(format, policy);
  // Whether a NaN may enter is the kernel's to say.
  return (x) => (x !== x ? x : unit.round(x));
}

function fitOf(rounding: Rounding, values: Numbers): Fit {
  const { format } = rounding;
  const { min, max } = limitOf(format);
  const read = reader(rounding);
  let [changed, clipped, farthest] = [0, 0, -1];
  let most: Fit['most'] = null;
  for (let i = 0; i < values.length; i++) {
    const from = values[i] as number;
    const to = read(from);
    if (to === from || to !== to) continue;
    changed += 1;
    if (from < min || from > max) clipped += 1;
    if (Math.abs(from - to) > farthest) {
      farthest = Math.abs(from - to);
      most = { from, to };
    }
  }
  return { format: formatName(format), count: values.length, changed, clipped, most };
}

function outside(data: Numbers, { low, high, width }: Region): { outside: number; farthest: number | null } {
  let [count, distance] = [0, 0];
  let farthest: number | null = null;
  for (let i = 0; i < data.length; i++) {
    const [x, least, most] = [data[i], low[i % width], high[i % width]] as [number, number, number];
    const beyond = Math.max(least - x, x - most);
    if (!(beyond > 0)) continue;
    count += 1;
    if (beyond > distance) [distance, farthest] = [beyond, x];
  }
  return { outside: count, farthest };
}
