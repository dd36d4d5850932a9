/**
 * One cell of a sweep: the kernel on its data, what happened, and what can be proved.
 *
 * @module
 */

import type { Claim, Verdict } from '../bounds/verdict.ts';
import type { Engine } from '../engine/engine.ts';
import { BittrueError, checkObject, isOutOfMemory } from '../errors/index.ts';
import { firstFailure } from '../events/compare.ts';
import type { NumericEvent } from '../events/event.ts';
import { outputError } from '../events/outputError.ts';
import { type Counts, type OutputError, type Report, total } from '../events/report.ts';
import { shareOf } from '../events/shareOf.ts';
import { layerNorm } from '../kernels/layerNorm.ts';
import { matmul } from '../kernels/matmul.ts';
import { rmsNorm } from '../kernels/rmsNorm.ts';
import { softmax } from '../kernels/softmax.ts';
import { sum } from '../kernels/sum.ts';
import { FAILURES } from '../rounding/flags.ts';
import type { Result } from '../specification/contract.ts';
import { matmulSpecification } from '../specification/products/matmul.ts';
import { productExtent, productLimits, realSums } from '../specification/products/reference.ts';
import { endedRun, magnitudesOf, type Run, sumOf } from './ended.ts';
import { type Machine, machineOf, orderKey } from './machine.ts';
import { type Held, multiplied, operandsOf, sharedOf } from './operands.ts';
import { proofOf } from './proof.ts';
import { placeOf, type Sweep, type SweepPlace } from './sweep.ts';

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
  /** Absorptions over the additions of two numbers other than zero, all stages together. */
  readonly absorbed: number;
  /** What `bounds` says of all data like this; null where it is not asked, or cannot answer. */
  readonly verdict: Verdict | null;
  readonly claim: Claim | null;
  /** The first event that makes the run fail. */
  readonly first: NumericEvent | null;
  /** With the grid's `magnitudes`: the results of every stage but `constants`, by their exponents. */
  readonly magnitudes?: Report['magnitudes'];
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
 * runCell(sweep, 0).absorbed; // 0.5001221001221001: 2048 of 4095
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
  try {
    return Object.freeze({ ...head, ...figuresOf(sweep, place, engine) });
  } catch (error) {
    // Choices that do not go together are told in their cell. A lost thread is another matter, and so is too little memory,
    // of which another machine may have more.
    if (!(error instanceof BittrueError) || error.code === 'thread' || isOutOfMemory(error)) throw error;
    return Object.freeze({ ...head, refused: error.message });
  }
}

function figuresOf(sweep: Sweep, place: SweepPlace, engine: Engine | null | undefined): SweepFigures {
  const machine = machineOf(place);
  const held = operandsOf(sweep, place, machine);
  const { reports, output, headroom, error, additions } = runOf(sweep, place, machine, held, engine);
  const [report] = reports as [Report];
  const isFailed = (_: number, row: number): boolean =>
    reports.some(({ rowFlags }) => ((rowFlags[row] as number) & FAILURES) !== 0);
  const failed = report.rowFlags.reduce((count, flags, row) => count + Number(isFailed(flags, row)), 0);
  const counts = reports.length === 1 ? report.totals : total(reports.map(({ totals }) => totals));
  return {
    outputs: output.length,
    width: held.width,
    counts,
    overflowRate: failed / report.rows,
    headroom,
    error,
    absorbed: shareOf(counts.absorption, additions),
    ...proofOf(sweep, place, machine, held),
    first: earliest(reports),
    ...(report.magnitudes === undefined ? {} : { magnitudes: magnitudesOf(reports) }),
  };
}

function runOf(sweep: Sweep, place: SweepPlace, machine: Machine, held: Held, engine: Engine | null | undefined): Run {
  const { rows, width, channels, inputs, weights } = held;
  const { kernel, scale } = place;
  const on = { ...(engine === undefined ? {} : { engine }), magnitudes: sweep.checked.magnitudes };
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
      return {
        extent: productExtent(plan, loaded),
        real: realSums(plan, loaded),
      };
    });
    const sums = {
      ...{ reports: [report], output, headroom: extent.headroom(productLimits(plan)) },
      error: outputError(plan.output.format, output, real),
      additions: sumOf(extent.room().additions),
    };
    const { epilogue } = place.target;
    return epilogue === undefined ? sums : endedRun(epilogue, sums, real, held, on);
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
  return {
    reports: [report],
    output,
    headroom: report.headroom ?? {},
    error: report.error as OutputError,
    additions: sumOf(report.additions ?? {}),
  };
}

/** The earliest failure; of a row that fails twice, that of its sum. */
function earliest(reports: readonly Report[]): NumericEvent | null {
  const found = reports.map(firstFailure).filter((event) => event !== null);
  return found.sort((p, q) => p.row - q.row)[0] ?? null;
}
