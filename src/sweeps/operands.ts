/**
 * The numbers that a cell runs on, made once for all cells that have them.
 *
 * @module
 */
import type { Format } from '../formats/index.ts';
import { resolvePolicy } from '../rounding/policy.ts';
import { Rounder } from '../rounding/rounder.ts';
import { matmulSpecification } from '../specification/products/matmul.ts';
import { vectorUnitOf } from '../targets/units.ts';
import type { CheckedData, SweepKernel } from './grid.ts';
import type { Machine } from './machine.ts';
import type { Sweep, SweepPlace } from './sweep.ts';
import { syntheticNumbers } from './synthetic.ts';

/** What neighbouring cells share, each under its key. */
class Shared {
  private readonly held = new Map<string, { key: string; value: unknown }>();

  /** The value of a key, made where the last one of this kind had another. */
  get<T>(kind: string, key: string, make: () => T): T {
    const found = this.held.get(kind);
    if (found?.key === key) return found.value as T;
    const value = make();
    this.held.set(kind, { key, value });
    return value;
  }
}

const shared: WeakMap<object, Shared> = /* @__PURE__ */ new WeakMap();

/** What a sweep's cells share. */
export function sharedOf(sweep: Sweep): Shared {
  const found = shared.get(sweep) ?? new Shared();
  shared.set(sweep, found);
  return found;
}

/** A data set's numbers. */
export type Held = Omit<CheckedData, 'inputs' | 'weights' | 'bias' | 'c'> & {
  readonly inputs: Float64Array;
  readonly weights: Float64Array | null;
  readonly bias?: Float64Array;
  readonly c?: Float64Array;
};

/** A data set's own numbers. */
export function numbersOf(sweep: Sweep, given: CheckedData): Held {
  const { name, rows, width, channels, inputs, weights, bias, c } = given;
  return sharedOf(sweep).get('data', name, () => {
    const made = (part: string, source: CheckedData['inputs'], r: number, w: number): Float64Array => {
      return source instanceof Float64Array
        ? source
        : syntheticNumbers(source, `${sweep.checked.seed}/${name}/${part}`, r, w);
    };
    return {
      name,
      rows,
      width,
      channels,
      inputs: made('inputs', inputs, rows, width),
      weights: weights === null ? null : made('weights', weights, width, channels),
      ...(bias === undefined ? {} : { bias: made('bias', bias, 1, channels) }),
      ...(c === undefined ? {} : { c: made('c', c, rows, channels) }),
    };
  });
}

/** The numbers that enter the kernel: fitted to their formats, the inputs of sums and products scaled. */
export function operandsOf(sweep: Sweep, place: SweepPlace, machine: Machine): Held {
  const { fit } = sweep.checked;
  const { kernel, data, scale, format } = place;
  const isScaled = kernel === 'sum' || kernel === 'dot' || kernel === 'matmul';
  const key = JSON.stringify([data.name, kernel, isScaled ? scale : 1, format, place.target.name]);
  return sharedOf(sweep).get('operands', key, () => {
    const held = numbersOf(sweep, data);
    const [ofInputs, ofWeights] = fit === 'max' ? loadedFormats(kernel, machine) : [null, null];
    return {
      ...held,
      inputs: multiplied(fitted(held.inputs, ofInputs), isScaled ? scale : 1),
      weights: held.weights && fitted(held.weights, ofWeights),
    };
  });
}

/** The formats that inputs and weights are loaded in. */
export function loadedFormats(kernel: SweepKernel, machine: Machine): [Format, Format] {
  if (kernel === 'dot' || kernel === 'matmul') {
    const { a, b } = matmulSpecification.plan({ ...machine, m: 1, n: 1, k: 1 });
    return [a.format, b.format];
  }
  const { format } = vectorUnitOf('target', machine.target).load;
  return [format, format];
}

/** Numbers of a format, the largest magnitude brought to its largest. */
function fitted(x: Float64Array, format: Format | null): Float64Array {
  if (format === null) return x;
  let most = 0;
  for (const value of x) most = Math.max(most, Math.abs(value));
  const factor = most === 0 ? 1 : format.max / most;
  const rounder = new Rounder(format, resolvePolicy(format, { overflow: 'saturate' }));
  // Of tiny data the factor itself may be no number.
  const scaled = (value: number) => (factor === Infinity ? (value / most) * format.max : value * factor);
  return x.map((value) => rounder.round(scaled(value), 0));
}

/** Numbers times a factor. */
export function multiplied(x: Float64Array, factor: number): Float64Array {
  return factor === 1 ? x : x.map((value) => value * factor);
}
