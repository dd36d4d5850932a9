/**
 * Softmax, written down one operation a line, with no thought for speed.
 *
 * @module
 */
import { checkBoolean, checkFinite, checkInteger } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { ExpMethod } from '../../specification/softmax/method.ts';
import type { VectorUnit } from '../../targets/target.ts';
import {
  checkLength,
  checkNumberList,
  checkRounding,
  checkSize,
  checkVectorUnit,
  kinds,
  listOf,
  maybe,
  name,
  options as shape,
} from './checks.ts';
import type { OracleEvent } from './events.ts';
import { type Exact, exactly } from './exact.ts';
import { oracleExponential } from './exponential.ts';
import { SATURATION } from './flags.ts';
import { type OracleOperation, oracleOperation } from './operations.ts';
import { isZero, scaleByPowerOfTwo, zero } from './rational.ts';
import { oracleReduce } from './reduce.ts';
import { oracleRound, project, type Rounded, readOperand } from './round.ts';

/** A softmax over the rows of a matrix, as the kernel takes it. */
export interface OracleSoftmaxOptions {
  readonly rows: number;
  readonly width: number;
  /** rows × width. */
  readonly x: ArrayLike<number>;
  readonly unit: VectorUnit;
  /** Default correctly rounded. */
  readonly exp?: ExpMethod;
  /** Default `divide`. */
  readonly normalize?: 'divide' | 'reciprocal';
  readonly clamp?: { readonly low?: number; readonly high?: number };
}

/** What a softmax gives. */
export interface OracleSoftmax {
  readonly output: number[];
  readonly events: OracleEvent[];
  /** The stages that this configuration has, in order. */
  readonly stages: string[];
}

const checkOptions = shape('a softmax', {
  rows: checkSize,
  width: checkSize,
  x: checkNumberList,
  unit: checkVectorUnit,
  exp: maybe(
    kinds('a way to e^x', {
      correctlyRounded: shape('a way to e^x', { kind: () => undefined }),
      base2Polynomial: shape('a way to e^x', {
        kind: () => undefined,
        coefficients: listOf(checkFinite),
        log2e: maybe(checkFinite),
        reduction: maybe(name('floor', 'nearest')),
        fused: maybe(checkBoolean),
        lowest: maybe(checkFinite),
        rounding: maybe(checkRounding),
      }),
    }),
  ),
  normalize: maybe(name('divide', 'reciprocal')),
  clamp: maybe(shape('the ends of a range', { low: maybe(checkFinite), high: maybe(checkFinite) })),
});

/** Softmax of every row. */
export function oracleSoftmax(options: OracleSoftmaxOptions): OracleSoftmax {
  checkOptions('options', options);
  const { rows, width, x, exp } = options;
  checkLength('options.x', x, rows * width);
  if (exp?.kind === 'base2Polynomial') checkInteger('options.exp.coefficients.length', exp.coefficients.length, 1, 64);
  return new Softmax(options).run();
}

/** One call: its constants, and the place of the operation at hand. */
class Softmax {
  readonly #options: OracleSoftmaxOptions;
  readonly #unit: VectorUnit;
  readonly #exp: ExpMethod;
  readonly #events: OracleEvent[] = [];
  #row = -1;
  #stage = 'constants';
  #low = -Infinity;
  #high = Infinity;
  #log2e = 0;
  #coefficients: number[] = [];

  constructor(options: OracleSoftmaxOptions) {
    this.#options = options;
    this.#unit = options.unit;
    this.#exp = options.exp ?? { kind: 'correctlyRounded' };
  }

  run(): OracleSoftmax {
    const { rows, width, x, clamp, normalize = 'divide' } = this.#options;
    this.#constants();
    const output: number[] = [];
    for (let row = 0; row < rows; row++) {
      this.#row = row;
      const own = Array.from({ length: width }, (_, i) => x[row * width + i] as number);
      if (width > 0) for (const y of this.#softmax(own)) output.push(y);
    }
    const all: [string, boolean][] = [
      ['constants', clamp !== undefined || this.#exp.kind !== 'correctlyRounded'],
      ['load', true],
      ['clamp', clamp !== undefined],
      ['max', true],
      ['subtract', true],
      ['exp', true],
      ['sum', true],
      ['reciprocal', normalize === 'reciprocal'],
      ['multiply', normalize === 'reciprocal'],
      ['divide', normalize === 'divide'],
      ['store', true],
    ];
    return { output, events: this.#events, stages: all.filter(([, is]) => is).map(([name]) => name) };
  }

  /** The exp method's own rounding, or compute. */
  get #rounding(): Rounding {
    return (this.#exp.kind === 'base2Polynomial' && this.#exp.rounding) || this.#unit.compute;
  }

  #constants(): void {
    const { clamp } = this.#options;
    const { load } = this.#unit;
    if (clamp?.low !== undefined) this.#low = this.#note(null, 0, [clamp.low], this.#given(load, clamp.low));
    if (clamp?.high !== undefined) this.#high = this.#note(null, 1, [clamp.high], this.#given(load, clamp.high));
    if (this.#exp.kind !== 'base2Polynomial') return;
    const log2e = this.#exp.log2e ?? Math.LOG2E;
    this.#log2e = this.#note(null, 2, [log2e], this.#given(this.#rounding, log2e));
    this.#coefficients = this.#exp.coefficients.map((c, i) => this.#note(i, i, [c], this.#given(this.#rounding, c)));
  }

  #given({ format, policy }: Rounding, x: number): Rounded {
    return oracleRound(format, policy, x);
  }

  #note(index: number | null, step: number, operands: readonly number[], { value, flags }: Rounded): number {
    if (flags !== 0) {
      this.#events.push({
        row: this.#row,
        stage: this.#stage,
        index,
        step,
        flags,
        operands: [...operands],
        result: value,
      });
    }
    return value;
  }

  #do(
    name: OracleOperation,
    rounding: Rounding,
    operands: readonly number[],
    index: number | null,
    number = index ?? 0,
  ): number {
    return this.#note(index, number, operands, oracleOperation(name, rounding, operands));
  }

  #softmax(x: readonly number[]): number[] {
    const { load, compute, statistics, store, reduction } = this.#unit;
    const { clamp, normalize = 'divide' } = this.#options;
    this.#stage = 'load';
    let z = x.map((v, i) => this.#do('convert', load, [v], i));
    if (clamp) {
      this.#stage = 'clamp';
      z = z.map((v, i) => this.#clamp(v, i));
    }
    const max = z.reduce(larger);
    this.#stage = 'subtract';
    const d = z.map((v, i) => this.#do('subtract', compute, [v, max], i));
    this.#stage = 'exp';
    const e = d.map((v, i) => this.#exponential(v, i));
    this.#stage = 'sum';
    const sum = oracleReduce(reduction, e, null);
    for (const event of sum.events) this.#events.push({ row: this.#row, stage: 'sum', ...event });
    let y: number[];
    if (normalize === 'divide') {
      this.#stage = 'divide';
      y = e.map((v, i) => this.#do('divide', compute, [v, sum.value], i));
    } else {
      this.#stage = 'reciprocal';
      const r = this.#do('divide', statistics, [1, sum.value], null);
      this.#stage = 'multiply';
      y = e.map((v, i) => this.#do('multiply', compute, [v, r], i));
    }
    this.#stage = 'store';
    return y.map((v, i) => this.#do('convert', store, [v], i));
  }

  #clamp(v: number, i: number): number {
    if (v < this.#low) return this.#note(i, i, [v], { value: this.#low, flags: SATURATION });
    if (v > this.#high) return this.#note(i, i, [v], { value: this.#high, flags: SATURATION });
    return v;
  }

  #exponential(d: number, i: number): number {
    const { compute } = this.#unit;
    if (this.#exp.kind !== 'base2Polynomial') return this.#note(i, i, [d], oracleExponential(compute, d));
    const { fused = true, reduction = 'floor', lowest = null } = this.#exp;
    const at = this.#rounding;
    const degree = this.#coefficients.length - 1;
    const count = 1 + 1 + degree * (fused ? 1 : 2) + 1;
    let number = i * count;
    const next = (name: OracleOperation, ...operands: number[]): number => this.#do(name, at, operands, i, number++);
    let t = next('multiply', d, this.#log2e);
    if (lowest !== null && t < lowest) t = lowest;
    let n = 0;
    let p = t === -Infinity ? 0 : t;
    if (Number.isFinite(t)) {
      // An integer: its zero has no sign.
      n = (reduction === 'floor' ? Math.floor(t) : roundToEven(t)) + 0;
      const f = next('subtract', t, n);
      p = this.#coefficients[degree] as number;
      for (const c of this.#coefficients.slice(0, degree).reverse()) {
        p = fused ? next('fusedMultiplyAdd', p, f, c) : next('add', next('multiply', p, f), c);
      }
    }
    return this.#note(i, i * count + count - 1, [p, n], timesPowerOfTwo(compute, p, n));
  }
}

/** IEEE 754-2019 maximum: a NaN wins, and +0 over −0. */
export function larger(p: number, q: number): number {
  if (Number.isNaN(p) || Number.isNaN(q)) return Number.NaN;
  if (p === 0 && q === 0) return Object.is(p, 0) ? p : q;
  return Math.max(p, q);
}

export function roundToEven(t: number): number {
  const halves = [Math.floor(t), Math.ceil(t)] as const;
  const [below, above] = [t - halves[0], halves[1] - t];
  if (below !== above) return below < above ? halves[0] : halves[1];
  return halves[0] % 2 === 0 ? halves[0] : halves[1];
}

/** p · 2^n, exact, then one rounding. A far power is brought to ±2000, where nothing changes any more. */
export function timesPowerOfTwo({ format, policy }: Rounding, p: number, n: number): Rounded {
  const { operand, flags } = readOperand(format, policy, exactly(p));
  let value: Exact = operand;
  if (operand.kind === 'finite') {
    value = isZero(operand) ? zero(operand.negative) : scaleByPowerOfTwo(operand, Math.max(-2000, Math.min(2000, n)));
  }
  const rounded = project(format, policy, value);
  return { value: rounded.value, flags: rounded.flags | flags };
}
