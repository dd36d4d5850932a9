/**
 * The fast twin of LayerNorm and RMSNorm: elementwise stages and sums on tiles of rows; what a row has one of is formed
 * by the specification itself.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { hasFused, type LaneBytes, roundingBlock } from '../../engine/roundingBlock.ts';
import { MagnitudeCounter } from '../../events/magnitudes.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { NormPlan, RawNormInputs } from '../../specification/norm/plan.ts';
import { elementRounding, elementRoundings } from '../../specification/norm/roundings.ts';
import {
  beginRows,
  inverseRoot,
  makeParts,
  minusSquare,
  normRow,
  overWidth,
  type Parts,
  type Row,
} from '../../specification/norm/scalar.ts';
import { isPlainWelford } from '../../specification/norm/welford.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import {
  addCounts,
  addTotals,
  type Counters,
  finishRecorder,
  hasNoNaN,
  replayRows,
  TALLY_BYTES,
  TOTALS,
} from '../counters.ts';
import { floats } from '../floats.ts';
import { closeRows, openRows, type Rows } from '../lanes/rows.ts';
import {
  addUp,
  clear,
  countingRounding,
  isUniform,
  placeSum,
  refusesNaN,
  roundingsOf,
  type Sum,
  scratchBytes,
} from '../lanes/sums.ts';
import {
  chooseLane,
  commitFlags,
  createTile,
  operate,
  PANELS,
  type PlacedRounding,
  placeRounding,
  seePanels,
  type Tile,
  WIDEST,
} from '../lanes/tile.ts';
import type { Twin } from '../twin.ts';
import { openResidual, type Residual } from './residual.ts';
import { openWelford, type Welford } from './welford.ts';

/** The fast twin of a plan, or null where a step, an order or an option has none. */
export function compileNorm(plan: NormPlan, engine: Engine): Twin<RawNormInputs> | null {
  const { unit, variance, width, hasResidual } = plan;
  const { load, compute, accumulate, statistics, store, reduction } = unit;
  const isWelford = plan.kernel === 'layerNorm' && variance === 'welford';
  // Forms of single kernels run by the specification.
  if (plan.rowScale !== null || plan.meanSquare !== null || plan.groups !== null) return null;
  if (plan.welford !== null && !isPlainWelford(plan.welford, reduction)) return null;
  const sums = roundingsOf(reduction);
  if (sums === null || width > WIDEST) return null;
  // The update's six results an element stay in lanes.
  const seesMagnitudes = !isWelford;
  const divides = unit.reciprocalSqrt.kind === 'sqrtThenDivide';
  const { center, square, normalize } = elementRoundings(plan);
  const centered = plan.kernel === 'layerNorm' ? center : compute;
  const products: [Rounding, Rounding][] = [
    [compute, compute],
    [square, square],
    [centered, statistics],
    [normalize, load],
  ];
  if (isWelford) products.push([statistics, statistics]);
  // Quotients are proved for binary64 lanes alone.
  const steps = [
    load,
    compute,
    center,
    square,
    normalize,
    statistics,
    store,
    ...(isWelford ? [accumulate] : []),
    ...sums,
  ];
  const lane = chooseLane(steps, products, divides || isWelford ? [8] : [4, 8]);
  if (lane === null) return null;
  if (plan.affine === 'fused' && !hasFused(normalize)) return null;
  if (divides && roundingBlock(normalize, 8)?.isGeneral !== false) return null;
  if (hasResidual && chooseLane([load], [], [8]) === null) return null;
  let made: Parts | undefined;
  const own = (): Parts => {
    made ??= makeParts(plan);
    return made;
  };
  return {
    items: plan.rows,
    flagSlots: plan.rows,
    seesMagnitudes,
    computeRange: (raw, out, counters, first, end) =>
      lease(engine, (parts) => normFast(plan, own(), lane, parts, raw, out, counters, first, end)),
    finish: (raw, _, counters, recorder) => finishNorm(own(), raw, counters, recorder),
  };
}

/** A run's placed steps, and where its columns lie. */
interface Work {
  readonly tile: Tile;
  readonly rows: Rows;
  readonly residual: Residual | null;
  readonly welford: Welford | null;
  readonly compute: PlacedRounding;
  readonly center: PlacedRounding;
  readonly square: PlacedRounding;
  readonly normalize: PlacedRounding;
  readonly sum: Sum;
  /** Panels of values, and of squares; bytes from panel to panel. */
  readonly z: Pointer;
  readonly q: Pointer;
  readonly panel: number;
  readonly acc: Pointer;
  readonly scratch: Pointer;
  /** Four vectors of numbers that a row has one of. */
  readonly perRow: Pointer;
  readonly gamma: Pointer;
  readonly beta: Pointer;
}

function normFast(
  plan: NormPlan,
  own: Parts,
  lane: LaneBytes,
  parts: Lease,
  { x, residual: added }: RawNormInputs,
  out: FloatArray,
  counters: Counters,
  firstRow: number,
  lastRow: number,
): boolean {
  const { rows, width, unit, stages } = plan;
  const { core } = parts.engine;
  const counting = new Recorder(stages, rows, 'counts', 0, counters.counts, counters.rowFlags);
  if (counters.magnitudes !== null) counting.magnitudes = new MagnitudeCounter(stages.length, counters.magnitudes);
  // What the constants raise is told once, at the end.
  const row: Row = { ...own, recorder: counting };
  const tile = createTile(parts, lane, stages.length, counters.magnitudes);
  const sum = placeSum(parts, unit.reduction, lane);
  if (!isUniform(sum)) return false;
  const padded = Math.ceil(width / 4) * 4;
  const panel = padded * 16;
  const residual = added === null ? null : openResidual(parts, tile, plan, x, added);
  const isWelford = plan.kernel === 'layerNorm' && plan.variance === 'welford';
  const roundings = elementRoundings(plan);
  const work: Work = {
    tile,
    rows: openRows(parts, tile, unit.load, unit.store, width, padded, residual?.sums ?? x, out),
    residual,
    welford: isWelford ? openWelford(parts, plan, placeColumns(parts, tile, row.constants.reciprocals)) : null,
    compute: placeRounding(parts, unit.compute, lane),
    center: placeRounding(parts, roundings.center, lane),
    square: placeRounding(parts, roundings.square, lane),
    normalize: placeRounding(parts, roundings.normalize, lane),
    sum,
    z: parts.take(panel * PANELS),
    q: parts.take(panel * PANELS),
    panel,
    acc: parts.take(16 * PANELS),
    scratch: parts.take(scratchBytes(sum, width)),
    perRow: parts.take(16 * PANELS),
    gamma: placeColumns(parts, tile, row.constants.gamma),
    beta: placeColumns(parts, tile, row.constants.beta),
  };
  for (let first = firstRow; first < lastRow; first += tile.height) {
    tile.rows = Math.min(tile.height, lastRow - first);
    if (residual?.add(first, row.at.residualAdd as number) === false) return false;
    normTile(work, row, first);
    closeRows(tile, first, counters);
  }
  tile.histograms?.close();
  const refuses = (stage: string): boolean => {
    if (stage === 'welford') return hasNoNaN(unit.statistics) || hasNoNaN(unit.accumulate);
    return stage === 'sum' || stage === 'squareSum' ? refusesNaN(sum) : hasNoNaN(stepOf(plan, stage));
  };
  let isRefused = false;
  stages.forEach((stage, ordinal) => {
    const nan = addTotals(core, tile.totals + ordinal * TOTALS * 8, counters.counts, ordinal);
    if (nan > 0 && refuses(stage)) isRefused = true;
  });
  return !isRefused;
}

function finishNorm(parts: Parts, { x, residual }: RawNormInputs, counters: Counters, recorder: Recorder): void {
  const { width } = parts.plan;
  const row = beginRows(parts, recorder);
  addCounts(counters.counts, recorder.counts);
  finishRecorder(recorder, counters, () => {
    const y = new Float64Array(width);
    replayRows(recorder, counters, (r) => {
      const range = [r * width, (r + 1) * width] as const;
      normRow(
        row,
        Float64Array.from(x.subarray(...range)),
        residual && Float64Array.from(residual.subarray(...range)),
        y,
      );
    });
  });
}

/** The rounding of an elementwise stage. */
function stepOf(plan: NormPlan, stage: string): Rounding {
  const { unit } = plan;
  if (stage === 'load' || stage === 'residualAdd') return unit.load;
  return stage === 'store' ? unit.store : elementRounding(plan, stage);
}

/** One number a column, splatted over all rows; 0 for none. */
function placeColumns({ engine: { core }, take }: Lease, { lane }: Tile, values: Float64Array | null): Pointer {
  if (values === null) return 0;
  const n = values.length;
  const dense = take(n * lane);
  const at = take(n * 16);
  if (lane === 4) {
    new Float32Array(core.memory.buffer, dense, n).set(values);
    core.call.splat32(dense, n, at);
  } else {
    new Float64Array(core.memory.buffer, dense, n).set(values);
    core.call.splat64(dense, n, at);
  }
  return at;
}

function normTile(work: Work, row: Row, first: number): void {
  const { rows, z, panel } = work;
  const { plan, at } = row;
  // Sums with residuals are the tile's own rows.
  rows.load(work.residual === null ? first : 0, at.load as number, z, panel);
  work.residual?.settle();
  if (plan.scale !== 1) {
    setPerRow(work, () => row.constants.scale);
    each(work, work.compute, 'multiply', work.perRow, 0, at.scale as number);
  }
  const roots = work.welford === null ? rootsOf(work, row, first) : rootsByWelford(work, work.welford, row, first);
  setPerRow(work, (r) => roots[r] as number);
  const divides = plan.unit.reciprocalSqrt.kind === 'sqrtThenDivide';
  const { normalize } = work;
  each(work, normalize, divides ? 'divide' : 'multiply', work.perRow, 0, at.normalize as number);
  if (plan.affine === 'fused') scaleAndShift(work, normalize, at.affine as number);
  else {
    if (work.gamma !== 0) each(work, normalize, 'multiply', work.gamma, 16, at.gamma as number);
    if (work.beta !== 0) each(work, normalize, 'add', work.beta, 16, at.beta as number);
  }
  rows.store(first, at.store as number, z, panel);
}

/** 1/√(variance + ε) of every row, and its values centred. */
function rootsOf(work: Work, row: Row, first: number): number[] {
  const { tile, z, q } = work;
  const { plan, at } = row;
  const layer = plan.kernel === 'layerNorm';
  let means: number[] = [];
  if (layer) {
    const totals = sumOf(work, row, z, null, at.sum as number);
    means = perRow(row, first, tile.rows, (r) => overWidth(row, 'mean', totals[r] as number));
  }
  const isOnePass = layer && plan.variance === 'onePass';
  if (layer && !isOnePass) subtractMeans(work, means, at.center as number);
  let squares: number[];
  if (plan.fusedSquare) squares = sumOf(work, row, z, z, at.squareSum as number);
  else {
    square(work, q, at.square as number);
    squares = sumOf(work, row, q, null, at.squareSum as number);
  }
  const roots = perRow(row, first, tile.rows, (r) => {
    const mean = overWidth(row, 'variance', squares[r] as number);
    return inverseRoot(row, isOnePass ? minusSquare(row, mean, means[r] as number) : mean);
  });
  if (isOnePass) subtractMeans(work, means, at.center as number);
  return roots;
}

/** 1/√(variance + ε) of every row by Welford's update, and its values centred. */
function rootsByWelford(work: Work, welford: Welford, row: Row, first: number): number[] {
  const { tile, z, panel } = work;
  const { means, squares } = welford.run(tile, z, panel, row.at.welford as number);
  const roots = perRow(row, first, tile.rows, (r) =>
    inverseRoot(row, overWidth(row, 'variance', squares[r] as number)),
  );
  subtractMeans(work, means, row.at.center as number);
  return roots;
}

/** What a row has one of, by the specification, for the rows of a tile. */
function perRow(row: Row, first: number, n: number, form: (r: number) => number): number[] {
  return Array.from({ length: n }, (_, r) => {
    row.recorder.row = first + r;
    return form(r);
  });
}

/** Writes one number a row; rows that the tile does not have get zeros. */
function setPerRow({ tile, perRow: at }: Work, value: (r: number) => number): void {
  const { core, lane, height, rows } = tile;
  const view = floats(core, lane, at, height);
  for (let r = 0; r < height; r++) view[r] = r < rows ? value(r) : 0;
}

/** z_i − mean of the row. */
function subtractMeans(work: Work, means: readonly number[], stage: number): void {
  setPerRow(work, (r) => -(means[r] as number));
  each(work, work.center, 'add', work.perRow, 0, stage);
}

/** One operation on every element of z, in place. A second operand of stride 0 is one number a row. */
function each(
  { tile, z, panel, rows: { width } }: Work,
  rounding: PlacedRounding,
  operation: 'add' | 'multiply' | 'divide',
  y: Pointer,
  stride: number,
  stage: number,
): void {
  operate(tile, rounding, operation, z, panel, { at: y, stride, panel: stride === 0 ? 16 : 0 }, width, stage);
}

/** γ·z + β, rounded once. */
function scaleAndShift(
  { tile, gamma, beta, z, panel, rows: { width } }: Work,
  rounding: PlacedRounding,
  stage: number,
): void {
  const { core, lane, tally } = tile;
  const { block, at } = rounding;
  for (let g = 0; g < PANELS; g++) {
    const a = z + g * panel;
    const own = tally + g * TALLY_BYTES;
    if (lane === 4) core.call.fused32(a, gamma, beta, a, width, at, own);
    else core.call.fused64(block.isGeneral, a, gamma, beta, a, width, at, own);
  }
  commitFlags(tile, rounding, stage);
  seePanels(tile, rounding.binades, stage, z, panel, width);
}

/** q = z·z, rounded. */
function square({ tile, square: rounding, z, panel, rows: { width } }: Work, q: Pointer, stage: number): void {
  const { core, lane, tally } = tile;
  const { block, at } = rounding;
  for (let g = 0; g < PANELS; g++) {
    const a = z + g * panel;
    const own = tally + g * TALLY_BYTES;
    if (lane === 4) core.call.multiply32(a, a, 16, q + g * panel, width, at, own);
    else core.call.multiply64(block.isGeneral, a, a, 16, q + g * panel, width, at, own);
  }
  commitFlags(tile, rounding, stage);
  seePanels(tile, rounding.binades, stage, q, panel, width);
}

/** The rows' sums of x, or of x·y. */
function sumOf(work: Work, row: Row, x: Pointer, y: Pointer | null, stage: number): number[] {
  const { tile, sum, acc, panel, scratch } = work;
  clear(tile, acc);
  addUp(tile, sum, { x, y, panel }, 0, 1, row.plan.width, acc, scratch, stage);
  commitFlags(tile, countingRounding(sum), stage);
  const { core, lane, rows } = tile;
  return Array.from(floats(core, lane, acc, rows));
}
