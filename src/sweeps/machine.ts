/**
 * The unit that a cell runs on: a target's own with what the cell changes, or one made of a format and an accumulator.
 *
 * @module
 */
import { takesProducts } from '../accumulators/define.ts';
import { defineAccumulator } from '../accumulators/defineAccumulator.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { accumulatorRounding, firstLeaf, lastLeaf, mapAccumulators } from '../accumulators/walk.ts';
import { BittrueError } from '../errors/index.ts';
import { type Format, parseFormat } from '../formats/index.ts';
import { defineTarget } from '../targets/define.ts';
import type { MatrixUnit, Target, VectorUnit } from '../targets/target.ts';
import { productUnitOf, vectorUnitOf } from '../targets/units.ts';
import { formatsOf } from './grid.ts';
import type { SweepPlace } from './sweep.ts';

/** A target for one cell. */
export interface Machine {
  readonly target: Target;
  /** Of the operands of products. */
  readonly a?: Format;
  readonly b?: Format;
}

const NAME = 'cell';

/** The machine of a cell. @throws {@link BittrueError} for choices that have no meaning together */
export function machineOf(place: SweepPlace): Machine {
  return place.kernel === 'dot' || place.kernel === 'matmul' ? productMachine(place) : rowMachine(place);
}

/** Whether the target stays as it is. */
function isOwn({ order, tile, promotion, accumulator }: SweepPlace): boolean {
  return order === null && tile === null && promotion === null && accumulator.accumulator === null;
}

function productMachine(place: SweepPlace): Machine {
  const { target } = place.target;
  const [a, b] = place.format === null ? [] : formatsOf(place.format).map((name) => parseFormat(name));
  const operands = { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
  const given = target === null ? null : productUnitOf('target', target);
  if (given?.kind === 'matrix' && given.unit.scale !== null) {
    throw new BittrueError('unsupported', 'target', given.unit.name, 'a unit without block scales');
  }
  if (target !== null && isOwn(place)) return { target, ...operands };
  if (given?.kind === 'vector') {
    return { target: vectorTarget(changed(given.unit, place)), ...operands };
  }
  const base = given?.unit ?? null;
  const reduction = reductionOf(base?.reduction ?? null, place, base === null || base.product === null);
  const output = { format: storedIn(reduction) };
  const product = takesProducts(reduction)
    ? null
    : (base?.product ?? { format: formatOfAccumulator(firstLeaf(reduction).accumulator) });
  const unit =
    base === null
      ? { a: [a], b: [b], k: 1, product, reduction, output }
      : { ...(base as MatrixUnit), name: NAME, disputed: [], product, reduction, addend: output, output };
  return { target: defineTarget({ name: NAME, matrixUnits: { [NAME]: unit } }), ...operands };
}

/** Sums, norms and softmax: a vector unit. */
function rowMachine(place: SweepPlace): Machine {
  const { target } = place.target;
  if (target !== null) {
    if (place.format !== null) {
      throw new BittrueError('unsupported', 'format', place.format, 'null, the format that the target loads');
    }
    if (isOwn(place)) return { target };
    return { target: vectorTarget(changed(vectorUnitOf('target', target), place)) };
  }
  const [name, other] = formatsOf(place.format as string);
  if (name !== other)
    throw new BittrueError('unsupported', 'format', place.format, 'one format, for there are no weights');
  const format = parseFormat(name);
  const reduction = reductionOf(null, place, false);
  // Squares of integers are twice as wide, and what is normalised is no integer.
  const isInteger = format.kind === 'integer';
  const wide = isInteger ? parseFormat(`int${Math.min(53, 2 * format.bits)}`) : format;
  const real = isInteger ? parseFormat('binary32') : format;
  const accumulate = storedIn(reduction);
  const statistics = accumulate.kind === 'integer' ? parseFormat('binary32') : accumulate;
  const store = place.kernel === 'sum' ? accumulate : real;
  const steps = { load: format, compute: wide, accumulate, statistics, normalize: real, store };
  const roundings = Object.fromEntries(Object.entries(steps).map(([stage, own]) => [stage, { format: own }]));
  return { target: defineTarget({ name: NAME, vectorUnits: { [NAME]: { ...roundings, reduction } } }) };
}

/** A target's vector unit with the sums of a cell; products and sums leave in the accumulator's format. */
function changed(unit: VectorUnit, place: SweepPlace): VectorUnit {
  const reduction = reductionOf(unit.reduction, place, takesProducts(unit.reduction));
  const isSum = place.kernel === 'sum' || place.kernel === 'dot' || place.kernel === 'matmul';
  const format = storedIn(reduction);
  const rounding = { format } as VectorUnit['store'];
  return { ...unit, name: NAME, reduction, accumulate: rounding, store: isSum ? rounding : unit.store };
}

function vectorTarget(unit: VectorUnit): Target {
  return defineTarget({ name: NAME, vectorUnits: { [NAME]: unit }, defaults: { vector: NAME, matrix: NAME } });
}

/** The order of additions: the unit's own, with what the cell changes; tiles inside, promotion around them. */
function reductionOf(base: Reduction | null, place: SweepPlace, isFused: boolean): Reduction {
  const { order, tile, promotion } = place;
  const given = place.accumulator.accumulator;
  const own = given === null ? firstLeaf(base as Reduction).accumulator : given;
  const accumulator = 'fused' in own && given !== null ? { ...own, fused: isFused } : own;
  let reduction: Reduction;
  if (order === null && base !== null) {
    reduction = given === null ? base : mapAccumulators(base, () => accumulator);
  } else if (order === 'descending') {
    reduction = { kind: 'sequential', order, accumulator };
  } else {
    reduction = { kind: order ?? 'sequential', accumulator };
  }
  if (tile !== null) {
    const across = 'fused' in accumulator ? { ...accumulator, fused: false } : accumulator;
    reduction = { kind: 'tiled', size: tile, within: reduction, across: { kind: 'sequential', accumulator: across } };
  }
  if (promotion === null) return reduction;
  const wide = defineAccumulator({ kind: 'float', rounding: { format: 'binary32' } });
  return { kind: 'tiled', size: promotion, within: reduction, across: { kind: 'sequential', accumulator: wide } };
}

/** The format that holds whatever the sum's last register may hold. */
function storedIn(reduction: Reduction): Format {
  return formatOfAccumulator(lastLeaf(reduction).accumulator);
}

function formatOfAccumulator(accumulator: Accumulator): Format {
  if (accumulator.kind !== 'integer') return accumulatorRounding(accumulator).format;
  return parseFormat(accumulator.bits <= 53 ? `int${accumulator.bits}` : 'binary64');
}

/** What of a cell decides its order of additions and the numbers that meet in it. */
export function orderKey({
  data,
  kernel,
  target,
  scale,
  format,
  order,
  tile,
  promotion,
  accumulator,
}: SweepPlace): string {
  // A unit's own accumulators may enter products otherwise than the cell's.
  const isOwnAccumulator = accumulator.accumulator === null;
  return JSON.stringify([data.name, kernel, target.name, scale, format, order, tile, promotion, isOwnAccumulator]);
}
