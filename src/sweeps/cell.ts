/**
 * One cell of a sweep: the kernel on its data, what happened, and what can be proved.
 *
 * @module
 */

import { bounds } from '../bounds/bounds.ts';
import type { InputSet } from '../bounds/inputSet.ts';
import type { BoundsOptions } from '../bounds/options.ts';
import type { Claim, Verdict } from '../bounds/verdict.ts';
import type { Engine } from '../engine/engine.ts';
import { BittrueError, checkObject } from '../errors/index.ts';
import { firstFailure } from '../events/compare.ts';
import { outputError } from '../events/outputError.ts';
import type { NumericEvent } from '../events/recorder.ts';
import type { Counts, OutputError, Report } from '../events/report.ts';
import type { Format } from '../formats/index.ts';
import { layerNorm } from '../kernels/layerNorm.ts';
import { matmul } from '../kernels/matmul.ts';
import { rmsNorm } from '../kernels/rmsNorm.ts';
import { softmax } from '../kernels/softmax.ts';
import { sum } from '../kernels/sum.ts';
import { FAILURES } from '../rounding/flags.ts';
import { resolvePolicy } from '../rounding/policy.ts';
import { Rounder } from '../rounding/rounder.ts';
import type { Result } from '../specification/contract.ts';
import { matmulSpecification } from '../specification/products/matmul.ts';
import { productExtent, productLimits, realSums } from '../specification/products/reference.ts';
import { vectorUnitOf } from '../targets/units.ts';
import type { CheckedData, SweepKernel } from './grid.ts';
import { type Machine, machineOf, orderKey } from './machine.ts';
import { placeOf, type Sweep, type SweepPlace } from './sweep.ts';
import { syntheticNumbers } from './synthetic.ts';

/** What a cell found. */
export interface SweepFigures {
  /** How many numbers came out, and how many terms each is made of. */
  readonly outputs: number;
  readonly width: number;
  /** Events of all stages together. */
  readonly counts: Counts;
  /** Share of the report's rows (of products: outputs) that raised a failure, 0–1. */
  readonly overflowRate: number;
  /** Bits of room, stage by stage, as a report has them. */
  readonly headroom: Readonly<Record<string, number | null>>;
  /** Against the real function of the data as it was scaled and fitted; ulps of the format that is stored. */
  readonly error: OutputError;
  /** Absorptions over `outputs · width`, the additions of sums and products; of norms over the numbers of the rows. */
  readonly absorbed: number;
  /** What `bounds` says of all data like this; null where it is not asked, or cannot answer. */
  readonly verdict: Verdict | null;
  readonly claim: Claim | null;
  /** The first event that makes the run fail. */
  readonly first: NumericEvent | null;
}

/** One cell: its choices, and what it found, or why its choices have no meaning together. */
export interface SweepCell extends Partial<SweepFigures> {
  readonly cell: number;
  readonly data: string;
  readonly kernel: string;
  readonly target: string | null;
  readonly scale: number;
  readonly format: string | null;
  readonly order: string | null;
  readonly tile: number | null;
  readonly promotion: number | null;
  readonly accumulator: string | null;
  /** The kernel's own words, where it refuses. */
  readonly refused?: string;
}

/** How a cell runs. */
export interface RunCellOptions {
  /** Rows of a cell run on its threads; the result is the same for any engine. */
  readonly engine?: Engine | null;
}

/**
 * Runs one cell.
 *
 * @throws {@link BittrueError} for a cell that there is not, and for data that memory has no room for
 * @example
 * import { defineSweep, runCell } from 'bittrue/sweeps';
 * const sweep = defineSweep({
 *   kernels: ['sum'],
 *   data: [{ name: 'ones', rows: 1, width: 4096, inputs: new Float64Array(4096).fill(1) }],
 *   formats: ['binary16'],
 *   accumulators: ['binary16', 'binary32'],
 * });
 * runCell(sweep, 0).absorbed; // 0.5
 * runCell(sweep, 1).absorbed; // 0
 */
export function runCell(sweep: Sweep, cell: number, options: RunCellOptions = {}): SweepCell {
  const place = placeOf(sweep, cell);
  const { engine } = checkObject('options', options, ['engine']) as RunCellOptions;
  const { data, kernel, target, accumulator, scale, format, order, tile, promotion } = place;
  const head = {
    cell,
    data: data.name,
    kernel,
    target: target.name,
    scale,
    format,
    order,
    tile,
    promotion,
    accumulator: accumulator.name,
  };
  // Data that memory has no room for are no choice without a meaning, and another machine may have the room.
  numbersOf(sweep, data);
  try {
    return Object.freeze({ ...head, ...figuresOf(sweep, place, engine) });
  } catch (error) {
    // Choices that do not go together are told in their cell; a lost thread is another matter.
    if (!(error instanceof BittrueError) || error.code === 'thread') throw error;
    return Object.freeze({ ...head, refused: error.message });
  }
}

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

function sharedOf(sweep: Sweep): Shared {
  const found = shared.get(sweep) ?? new Shared();
  shared.set(sweep, found);
  return found;
}

type Held = Omit<CheckedData, 'inputs' | 'weights'> & {
  readonly inputs: Float64Array;
  readonly weights: Float64Array | null;
};

/** A data set's own numbers. */
function numbersOf(sweep: Sweep, { name, rows, width, channels, inputs, weights }: CheckedData): Held {
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
    };
  });
}

/** The numbers that enter the kernel: fitted to their formats, the inputs of sums and products scaled. */
function operandsOf(sweep: Sweep, place: SweepPlace, machine: Machine): Held {
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
function loadedFormats(kernel: SweepKernel, machine: Machine): [Format, Format] {
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

function multiplied(x: Float64Array, factor: number): Float64Array {
  return factor === 1 ? x : x.map((value) => value * factor);
}

function figuresOf(sweep: Sweep, place: SweepPlace, engine: Engine | null | undefined): SweepFigures {
  const machine = machineOf(place);
  const held = operandsOf(sweep, place, machine);
  const { report, output, headroom, error } = runOf(sweep, place, machine, held, engine);
  const failed = report.rowFlags.reduce((count, flags) => count + Number((flags & FAILURES) !== 0), 0);
  const terms = place.kernel === 'dot' || place.kernel === 'matmul' ? output.length * held.width : held.inputs.length;
  return {
    outputs: output.length,
    width: held.width,
    counts: report.totals,
    overflowRate: failed / report.rows,
    headroom,
    error,
    absorbed: report.totals.absorption / terms,
    ...proofOf(sweep, place, machine, held),
    first: firstFailure(report),
  };
}

interface Run {
  readonly report: Report;
  readonly output: ArrayLike<number>;
  readonly headroom: SweepFigures['headroom'];
  readonly error: OutputError;
}

function runOf(sweep: Sweep, place: SweepPlace, machine: Machine, held: Held, engine: Engine | null | undefined): Run {
  const { rows, width, channels, inputs, weights } = held;
  const { kernel, scale } = place;
  const on = engine === undefined ? {} : { engine };
  if (kernel === 'dot' || kernel === 'matmul') {
    if (weights === null) throw new BittrueError('type', `data ${held.name}`, 'no weights', `weights, for ${kernel}`);
    if (kernel === 'dot' && channels !== 1) {
      throw new BittrueError('shape', `data ${held.name}`, `${channels} channels`, 'one channel, for dot');
    }
    const options = { ...machine, m: rows, n: channels, k: width };
    const { output, report } = matmul(inputs, weights, { ...options, ...on });
    const plan = matmulSpecification.plan(options);
    const { extent, real } = sharedOf(sweep).get('products', `${orderKey(place)} ${plan.stages.join()}`, () => {
      const loaded = matmulSpecification.widen(matmulSpecification.inputs(plan, [inputs, weights], options), plan);
      return { extent: productExtent(plan, loaded), real: realSums(plan, loaded) };
    });
    const error = outputError(plan.output.format, output, real);
    return { report, output, headroom: extent.headroom(productLimits(plan)), error };
  }
  const options = { rows, width, target: machine.target, reference: true, ...on };
  const { output, report }: Result = (() => {
    switch (kernel) {
      case 'sum':
        return sum(inputs, options);
      case 'rmsNorm':
        return rmsNorm(inputs, { ...options, scale });
      case 'layerNorm':
        return layerNorm(inputs, { ...options, scale });
      default:
        return softmax(multiplied(inputs, scale), options);
    }
  })();
  return { report, output, headroom: report.headroom ?? {}, error: report.error as OutputError };
}

/** What `bounds` says; null where nothing is asked of it, or it has no bound for such a unit. */
function proofOf(
  { checked: { proof } }: Sweep,
  place: SweepPlace,
  machine: Machine,
  { width, channels, inputs, weights }: Held,
): Pick<SweepFigures, 'verdict' | 'claim'> {
  if (proof === 'none') return { verdict: null, claim: null };
  const { kernel, scale } = place;
  let set: InputSet;
  if (proof === 'format') {
    const [format] = loadedFormats(kernel, machine);
    const factor = kernel === 'rmsNorm' || kernel === 'layerNorm' ? 1 : scale;
    if (factor === 1) set = { kind: 'format', format };
    else {
      // What is scaled is no longer a number of the format.
      const least = format.kind === 'integer' ? format.min : format.signed ? -format.max : 0;
      const [one, other] = [least * factor, format.max * factor];
      set = { kind: 'intervals', low: Math.min(one, other), high: Math.max(one, other) };
    }
  } else {
    let [low, high] = [Infinity, -Infinity];
    const factor = kernel === 'softmax' ? scale : 1;
    for (const x of inputs) {
      low = Math.min(low, x * factor);
      high = Math.max(high, x * factor);
    }
    set = { kind: 'intervals', low, high };
  }
  try {
    const { verdict, claim } = bounds(questionOf(place, machine, set, width, channels, weights));
    return { verdict, claim };
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    return { verdict: null, claim: null };
  }
}

function questionOf(
  { kernel, scale }: SweepPlace,
  machine: Machine,
  inputs: InputSet,
  width: number,
  channels: number,
  weights: Float64Array | null,
): BoundsOptions {
  const { target } = machine;
  switch (kernel) {
    case 'dot':
    case 'matmul':
      return { kernel: 'matmul', ...machine, inputs, weights: weights as Float64Array, n: channels };
    case 'sum':
    case 'softmax':
      return { kernel, target, inputs, width };
    default:
      return { kernel, target, inputs, width, scale };
  }
}
