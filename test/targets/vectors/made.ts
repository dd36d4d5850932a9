/**
 * Rows made by the oracle, and units made wrong on purpose.
 *
 * @module
 */
import type { AlignedAccumulator, Reduction } from '../../../src/accumulators/index.ts';
import type { Format } from '../../../src/formats/index.ts';
import { resolvePolicy, round, roundTo } from '../../../src/rounding/index.ts';
import type { MatrixUnit, Target } from '../../../src/targets/index.ts';
import { type OracleUnit, oracleDot } from '../../../src/testing/oracle/dot.ts';
import { generator } from '../../random.ts';
import type { Rows } from './rows.ts';

/** What the oracle needs of a unit, with formats chosen. */
export function oracleUnit(unit: MatrixUnit, a: Format, b: Format): OracleUnit {
  const { k, zeroOperands, scale, product, reduction, addend, output } = unit;
  return {
    k,
    zeroOperands,
    scale,
    product,
    reduction,
    addend,
    output,
    loadA: { format: a, policy: resolvePolicy(a, unit.load) },
    loadB: { format: b, policy: resolvePolicy(b, unit.load) },
    ...(scale === null ? {} : { loadScale: roundTo(scale.format) }),
  };
}

/** Operands of moderate size, of a spread of 2^12 and of both signs, with a zero here and there. */
export function oracleRows(target: Target, unit: MatrixUnit, rows: number, width = unit.k): Rows {
  const a = unit.a[unit.a.length - 1] as Format;
  const b = unit.mixes === 'same' ? a : (unit.b[0] as Format);
  const random = generator(target.name.length * 131 + unit.name.length * 17 + unit.k);
  const numbers = (length: number, format: Format, spread: number, zeros = 0.03): Float64Array =>
    Float64Array.from({ length }, () => {
      if (random() < zeros) return 0;
      if (format.kind === 'integer') {
        return Math.floor(format.min + random() * Math.min(format.max - format.min + 1, 2 ** 32));
      }
      const x = (1 + random()) * 2 ** Math.floor(-random() * spread) * (random() < 0.5 ? 1 : -1);
      return round(format, format.signed ? x : Math.abs(x), { overflow: 'saturateFinite' });
    });
  const x = numbers(rows * width, a, 12);
  const y = numbers(rows * width, b, 3);
  const small = unit.output.format.kind === 'float';
  const c = small
    ? numbers(rows, unit.addend.format, 12)
    : Float64Array.from({ length: rows }, () => Math.floor(1e6 * random()));
  const { scale } = unit;
  const factors = () => numbers(rows * Math.ceil(width / (scale?.block ?? 1)), scale?.format as Format, 4, 0);
  const scales = scale === null ? null : ([factors(), factors()] as const);
  const { output } = oracleDot({
    unit: oracleUnit(unit, a, b),
    width,
    a: x,
    b: y,
    c,
    scaleA: scales?.[0] ?? null,
    scaleB: scales?.[1] ?? null,
    pairs: Array.from({ length: rows }, (_, i) => [i, i] as const),
  });
  return {
    name: `${target.name} ${unit.name}`,
    unit: [target.name, unit.name],
    a,
    b,
    output: unit.output.format,
    width,
    rows,
    x,
    y,
    c,
    scales,
    d: Float64Array.from(output),
    disputed: [],
  };
}

function withReductions(target: Target, changed: (reduction: Reduction) => Reduction): Target {
  const units = Object.entries(target.matrixUnits).map(([name, unit]) => [
    name,
    { ...unit, reduction: changed(unit.reduction) },
  ]);
  return { ...target, matrixUnits: Object.fromEntries(units) };
}

/** A target whose lanes take single elements where they took runs. */
export function withoutRuns(target: Target): Target {
  const changed = (reduction: Reduction): Reduction => {
    if (reduction.kind === 'strided') return { ...reduction, run: 1 };
    return reduction.kind === 'tiled' ? { ...reduction, within: changed(reduction.within) } : reduction;
  };
  return withReductions(target, changed);
}

/** A target whose aligned sums, and tiles of them, are changed. */
export function altered(
  target: Target,
  change: (accumulator: AlignedAccumulator) => AlignedAccumulator,
  resize: (size: number) => number = (size) => size,
): Target {
  const changed = (reduction: Reduction): Reduction => {
    if (reduction.kind === 'split') return reduction;
    if (!('within' in reduction)) {
      const { accumulator } = reduction;
      return accumulator.kind === 'aligned' ? { ...reduction, accumulator: change(accumulator) } : reduction;
    }
    const within = changed(reduction.within);
    if (reduction.kind === 'tiled' && reduction.across === 'chain')
      return { ...reduction, size: resize(reduction.size), within };
    return { ...reduction, within };
  };
  return withReductions(target, changed);
}
