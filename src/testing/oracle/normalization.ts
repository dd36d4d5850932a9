/**
 * LayerNorm and RMSNorm, written down from design B4 one operation a line, with no thought for speed.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { VectorUnit } from '../../targets/target.ts';
import type { OracleEvent } from './events.ts';
import { approximately, type Exact } from './exact.ts';
import { NEGATIVE_VARIANCE } from './flags.ts';
import { oracleReciprocalSqrt } from './newton.ts';
import {
  checkLayerNorm,
  checkLengths,
  checkRmsNorm,
  type OracleLayerNormOptions,
  type OracleNorm,
  type OracleNormOptions,
} from './normOptions.ts';
import { type OracleOperation, oracleOperation } from './operations.ts';
import { fromNumber, multiply } from './rational.ts';
import { elementAccumulator, oracleReduce, takesExactProducts } from './reduce.ts';
import { oracleRound, type Rounded } from './round.ts';
import { chan, checkOracleWelford, oracleWelford } from './welford.ts';

/** LayerNorm. The mean is subtracted; variance in one of three ways. */
export function oracleLayerNorm(options: OracleLayerNormOptions): OracleNorm {
  checkLayerNorm('options', options);
  checkLengths(options);
  return new Norm(options, options.variance ?? 'twoPass').run();
}

/** RMSNorm: no mean, no β; the square-sum is that of z itself. */
export function oracleRmsNorm(options: OracleNormOptions): OracleNorm {
  checkRmsNorm('options', options);
  checkLengths(options);
  return new Norm(options, 'meanSquare').run();
}

type Variance = 'twoPass' | 'onePass' | 'welford' | 'meanSquare';

/** One call: its constants, and the place of the operation at hand. */
class Norm {
  readonly #options: OracleLayerNormOptions;
  readonly #variance: Variance;
  readonly #unit: VectorUnit;
  readonly #isFused: boolean;
  readonly #events: OracleEvent[] = [];
  #row = -1;
  #stage = 'constants';

  #scale = 1;
  /** ρ, or d̂ when the unit divides. */
  #divisor = 1;
  #epsilon = 0;
  #gamma: number[] | null = null;
  #beta: number[] | null = null;
  /** round(1/i) at i − 1. */
  #reciprocals: number[] = [];

  constructor(options: OracleLayerNormOptions, variance: Variance) {
    this.#options = options;
    this.#variance = variance;
    this.#unit = options.unit;
    const accumulator = elementAccumulator(options.unit.reduction);
    this.#isFused = takesExactProducts(accumulator);
    if (options.affine === 'fused' && !(options.gamma && options.beta)) {
      throw new BittrueError('unsupported', 'options.affine', 'fused', 'gamma and beta beside it');
    }
    if (variance === 'welford') checkOracleWelford(options.unit.reduction);
  }

  run(): OracleNorm {
    const { rows, width, x, residual } = this.#options;
    this.#constants();
    const output: number[] = [];
    for (let row = 0; row < rows; row++) {
      this.#row = row;
      const own = (all: ArrayLike<number>): number[] =>
        Array.from({ length: width }, (_, i) => all[row * width + i] as number);
      for (const y of this.#normalise(own(x), residual ? own(residual) : null)) output.push(y);
    }
    return { output, events: this.#events, stages: this.#stages() };
  }

  #stages(): string[] {
    const { residual, gamma, beta, scale = 1, rowScale, meanSquare } = this.#options;
    const is = (...variances: Variance[]): boolean => variances.includes(this.#variance);
    const isFusedAffine = this.#isFusedAffine();
    const all: [string, boolean][] = [
      ['constants', true],
      ['residualAdd', Boolean(residual)],
      ['load', true],
      ['rowScale', rowScale !== undefined],
      ['scale', scale !== 1 || rowScale !== undefined],
      ['welford', is('welford')],
      ['sum', is('twoPass', 'onePass')],
      ['mean', is('twoPass', 'onePass')],
      ['center', !is('meanSquare')],
      ['share', meanSquare !== undefined],
      ['square', !is('welford') && !this.#isFused],
      ['squareSum', !is('welford')],
      ['variance', true],
      ['epsilon', true],
      ['reciprocalSqrt', true],
      ['normalize', true],
      ['gamma', Boolean(gamma) && !isFusedAffine],
      ['beta', Boolean(beta) && !isFusedAffine],
      ['affine', isFusedAffine],
      ['store', true],
    ];
    return all.filter(([, isPresent]) => isPresent).map(([name]) => name);
  }

  #isFusedAffine(): boolean {
    return this.#options.affine === 'fused';
  }

  #constants(): void {
    const { width, gamma, beta, scale = 1 } = this.#options;
    const { compute, statistics, load, mean } = this.#unit;
    if (scale !== 1) this.#scale = this.#given(compute, scale);
    this.#divisor = mean === 'divide' ? this.#given(statistics, width) : this.#reciprocalOf(width, null);
    this.#epsilon = this.#given(statistics, this.#unroundedEpsilon());
    const loaded = (all: ArrayLike<number> | null | undefined): number[] | null =>
      all ? Array.from(all, (w, i) => this.#given(load, w, i)) : null;
    this.#gamma = loaded(gamma);
    this.#beta = loaded(beta);
    if (this.#variance === 'welford') {
      this.#reciprocals = Array.from({ length: width }, (_, i) => this.#reciprocalOf(i + 1, i));
    }
  }

  /** ε·ŝ², exact. No ε stays no ε, even where ŝ has overflowed. */
  #unroundedEpsilon(): number | Exact {
    const { epsilon, epsilonScaled = true } = this.#options;
    const scale = this.#scale;
    if (!epsilonScaled || epsilon === 0) return epsilon;
    if (!Number.isFinite(scale)) return epsilon * scale * scale;
    return multiply(fromNumber(epsilon), multiply(fromNumber(scale), fromNumber(scale)));
  }

  /** A given number, rounded: read as any operand is. */
  #given(rounding: Rounding, x: number | Exact, index: number | null = null): number {
    return this.#record(index, index ?? 0, [x], oracleRound(rounding.format, rounding.policy, x));
  }

  /** 1/n: a quotient, whose operands are 1 and n. */
  #reciprocalOf(n: number, index: number | null): number {
    return this.#do('divide', this.#unit.statistics, [1, n], index);
  }

  #record(
    index: number | null,
    step: number,
    operands: readonly (number | Exact)[],
    { value, flags }: Rounded,
  ): number {
    if (flags !== 0) {
      const shown = operands.map((x) => (typeof x === 'number' ? x : approximately(x)));
      this.#events.push({ row: this.#row, stage: this.#stage, index, step, flags, operands: shown, result: value });
    }
    return value;
  }

  /** One operation of the current stage. */
  #do(
    name: OracleOperation,
    rounding: Rounding,
    operands: readonly (number | Exact)[],
    index: number | null = null,
    number = index ?? 0,
  ): number {
    return this.#record(index, number, operands, oracleOperation(name, rounding, operands));
  }

  /** One operation an element. */
  #each(
    stage: string,
    name: OracleOperation,
    rounding: Rounding,
    ...operands: (readonly number[] | number)[]
  ): number[] {
    this.#stage = stage;
    return Array.from({ length: this.#options.width }, (_, i) =>
      this.#do(
        name,
        rounding,
        operands.map((x) => (typeof x === 'number' ? x : (x[i] as number))),
        i,
      ),
    );
  }

  #reduce(stage: string, from: Rounding, a: readonly number[], b: readonly number[] | null): Exact {
    this.#stage = stage;
    const { exact, events } = oracleReduce(this.#unit.reduction, a, b, { operands: { a: from.format } });
    for (const event of events) this.#events.push({ row: this.#row, stage, ...event });
    return exact;
  }

  /** `step`: that of the numbers squared, and of their squares. */
  #squareSum(v: readonly number[], rounding: Rounding): Exact {
    if (this.#isFused) return this.#reduce('squareSum', rounding, v, v);
    const squares = this.#each('square', 'multiply', rounding, v, v);
    return this.#reduce('squareSum', rounding, squares, null);
  }

  /** total / d, in the unit's way. */
  #average(total: number | Exact, index: number | null = null): number {
    const { mean, statistics } = this.#unit;
    return this.#do(mean === 'divide' ? 'divide' : 'multiply', statistics, [total, this.#divisor], index);
  }

  #normalise(x: readonly number[], residual: readonly number[] | null): number[] {
    const { load, compute, normalize = compute, statistics, store, reciprocalSqrt } = this.#unit;
    const { scale = 1 } = this.#options;
    const entered = residual ? this.#each('residualAdd', 'add', load, x, residual) : x;
    const loaded = this.#each('load', 'convert', load, entered);
    let z = scale === 1 ? loaded : this.#each('scale', 'multiply', compute, loaded, this.#scale);
    let epsilon = this.#epsilon;
    if (this.#options.rowScale !== undefined) [z, epsilon] = this.#scaled(loaded);

    const { centered, variance } = this.#moments(z);

    this.#stage = 'epsilon';
    const w = this.#do('add', statistics, [variance, epsilon]);
    this.#stage = 'reciprocalSqrt';
    const root = oracleReciprocalSqrt(reciprocalSqrt, statistics, w, (number, operands, rounded) =>
      this.#record(null, number, operands, rounded),
    );
    const isDivided = reciprocalSqrt.kind === 'sqrtThenDivide';
    let y = this.#each('normalize', isDivided ? 'divide' : 'multiply', normalize, centered, root);

    const gamma = this.#weights(this.#gamma);
    const beta = this.#weights(this.#beta);
    if (this.#isFusedAffine()) {
      y = this.#each('affine', 'fusedMultiplyAdd', normalize, y, gamma as number[], beta as number[]);
    } else {
      if (gamma) y = this.#each('gamma', 'multiply', normalize, y, gamma);
      if (beta) y = this.#each('beta', 'add', normalize, y, beta);
    }
    return this.#each('store', 'convert', store, y);
  }

  /** The row by its own scale, and its ε. */
  #scaled(loaded: readonly number[]): [number[], number] {
    const { rowScale, epsilon: given, epsilonScaled = true } = this.#options;
    const { compute, statistics } = this.#unit;
    this.#stage = 'rowScale';
    const isScaled = epsilonScaled && given !== 0;
    let most = loaded.reduce((found, x) => (Number.isNaN(x) ? x : Math.max(found, Math.abs(x))), 0);
    if (!(most > 0 && most < Infinity)) most = 1;
    if (rowScale === 'maximum') {
      const once = isScaled ? this.#do('divide', statistics, [given, most], null, 0) : 0;
      const epsilon = isScaled ? this.#do('divide', statistics, [once, most], null, 1) : this.#epsilon;
      return [this.#each('scale', 'divide', compute, loaded, most), epsilon];
    }
    let factor: number;
    if (rowScale === 'powerOfTwo') {
      factor = 1;
      while (most * factor >= 2) factor /= 2;
      while (most * factor < 1 && factor < 2 ** 1023) factor *= 2;
    } else factor = this.#given(compute, (rowScale as ArrayLike<number>)[this.#row] as number);
    let epsilon = this.#epsilon;
    if (isScaled) {
      const exact = Number.isFinite(factor)
        ? multiply(fromNumber(given), multiply(fromNumber(factor), fromNumber(factor)))
        : factor;
      const step = rowScale === 'powerOfTwo' ? 0 : 1;
      epsilon = this.#record(null, step, [exact], oracleRound(statistics.format, statistics.policy, exact));
    }
    return [this.#each('scale', 'multiply', compute, loaded, factor), epsilon];
  }

  /** Weights of the row at hand. */
  #weights(all: readonly number[] | null): number[] | null {
    const { width, groups } = this.#options;
    if (all === null || !groups) return all && [...all];
    const channels = width / groups.spatial;
    const first = (this.#row % groups.groups) * channels;
    return Array.from({ length: width }, (_, i) => all[first + Math.floor(i / groups.spatial)] as number);
  }

  /** What is normalised, and its variance (for RMSNorm its mean square). */
  #moments(z: readonly number[]): { centered: readonly number[]; variance: number } {
    const { compute, center = compute } = this.#unit;
    if (this.#variance === 'meanSquare') return { centered: z, variance: this.#meanSquare(z, compute) };
    if (this.#variance === 'welford') {
      const { mean, m2 } = this.#welford(z);
      const variance = this.#varianceOf(m2);
      return { centered: this.#center(z, mean), variance };
    }
    const total = this.#reduce('sum', compute, z, null);
    this.#stage = 'mean';
    const mean = this.#average(total);
    if (this.#variance === 'onePass') {
      const { statistics } = this.#unit;
      const meanSquare = this.#meanSquare(z, compute);
      const squaredMean = this.#do('multiply', statistics, [mean, mean], null, 1);
      const operands = [meanSquare, squaredMean];
      const { value: difference, flags } = oracleOperation('subtract', statistics, operands);
      const isNegative = difference < 0 ? NEGATIVE_VARIANCE : 0;
      this.#record(null, 2, operands, { value: difference, flags: flags | isNegative });
      // Less than +0 is −0 too; a NaN stays one.
      const variance = this.#options.negativeVariance === 'keep' ? difference : Math.max(difference, 0);
      return { centered: this.#center(z, mean), variance };
    }
    const centered = this.#center(z, mean);
    return { centered, variance: this.#meanSquare(centered, center) };
  }

  #meanSquare(v: readonly number[], rounding: Rounding): number {
    if (this.#options.meanSquare === undefined) return this.#varianceOf(this.#squareSum(v, rounding));
    const divides = this.#unit.mean === 'divide';
    const shares = this.#each('share', divides ? 'divide' : 'multiply', rounding, v, this.#divisor);
    const products = this.#isFused ? shares : this.#each('square', 'multiply', rounding, shares, v);
    const sum = this.#reduce('squareSum', rounding, products, this.#isFused ? v : null);
    this.#stage = 'variance';
    return this.#do('convert', this.#unit.statistics, [sum]);
  }

  #varianceOf(squareSum: number | Exact): number {
    this.#stage = 'variance';
    const { mean, statistics } = this.#unit;
    const operands = [squareSum, this.#divisor];
    const { value, flags } = oracleOperation(mean === 'divide' ? 'divide' : 'multiply', statistics, operands);
    return this.#record(null, 0, operands, { value, flags: value < 0 ? flags | NEGATIVE_VARIANCE : flags });
  }

  #center(z: readonly number[], mean: number): number[] {
    const { compute, center = compute } = this.#unit;
    return this.#each('center', 'subtract', center, z, mean);
  }

  #welford(z: readonly number[]): { mean: number; m2: number } {
    this.#stage = 'welford';
    const { statistics, accumulate, reduction } = this.#unit;
    return oracleWelford(
      reduction,
      this.#options.welford ?? chan,
      z,
      this.#reciprocals,
      (operation, isSquare, operands, index, step) =>
        this.#do(operation, isSquare ? accumulate : statistics, operands, index, step),
    );
  }
}
