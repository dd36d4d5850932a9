/**
 * Attention, written down one operation a line, with no thought for speed: the running maximum, sum and output of online softmax
 * as plain variables.
 *
 * @module
 */
import { checkBoolean, checkFinite, checkPositive } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { VectorUnit } from '../../targets/target.ts';
import {
  checkLength,
  checkNumberList,
  checkReduction,
  checkRounding,
  checkSize,
  checkVectorUnit,
  fields,
  integer,
  maybe,
  name,
  options as shape,
} from './checks.ts';
import type { OracleUnit } from './dot.ts';
import type { OracleEvent } from './events.ts';
import { approximately } from './exact.ts';
import { type OracleFunction, oracleEvaluate } from './functions.ts';
import { type OracleOperation, oracleOperation } from './operations.ts';
import { oracleReduce } from './reduce.ts';
import { oracleRound, type Rounded } from './round.ts';
import { larger } from './softmax.ts';

/** An attention, as the kernel takes it; units and roundings are chosen already, and functions are correctly rounded. */
export interface OracleAttentionOptions {
  readonly heads: number;
  readonly sharedHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly q: ArrayLike<number>;
  readonly k: ArrayLike<number>;
  readonly v: ArrayLike<number>;
  readonly scoring: OracleUnit;
  readonly valuing: OracleUnit;
  readonly unit: VectorUnit;
  readonly roundings: {
    readonly scores: Rounding;
    readonly probabilities: Rounding;
    readonly sum: Rounding;
    readonly maximum: Rounding;
  };
  readonly scale: number;
  readonly softcap?: number | null;
  readonly mask?: ArrayLike<number> | null;
  readonly causal?: boolean;
  readonly window?: number | null;
  readonly sinks?: ArrayLike<number> | null;
  /** Keys a tile; null: unfused. */
  readonly tile: number | null;
  readonly threshold?: number;
  readonly divide: 'before' | 'after';
  readonly exponential: 'exp' | 'exp2';
  readonly maximumOffset: number;
  readonly sumOf: 'computed' | 'rounded';
  readonly normalize: 'divide' | 'reciprocal';
  readonly emptyRow: 'nan' | 'zero';
  readonly wantsLogSumExp: boolean;
}

/** What attention gives. */
export interface OracleAttention {
  readonly output: number[];
  readonly logSumExp: number[];
  readonly events: OracleEvent[];
}

const checkUnit = fields('what of a unit sums go by', {
  zeroOperands: name('signed', 'positive'),
  product: maybe(checkRounding),
  reduction: checkReduction,
  addend: checkRounding,
  output: checkRounding,
  loadA: checkRounding,
  loadB: checkRounding,
});
const checkOptions = shape('an attention', {
  heads: integer(1, 2 ** 20),
  sharedHeads: integer(1, 2 ** 20),
  queries: checkSize,
  keys: integer(1, 2 ** 26),
  width: integer(1, 2 ** 26),
  valueWidth: checkSize,
  q: checkNumberList,
  k: checkNumberList,
  v: checkNumberList,
  scoring: checkUnit,
  valuing: checkUnit,
  unit: checkVectorUnit,
  roundings: fields('roundings', {
    scores: checkRounding,
    probabilities: checkRounding,
    sum: checkRounding,
    maximum: checkRounding,
  }),
  scale: (argument, value) => checkPositive(argument, value),
  softcap: maybe((argument, value) => checkPositive(argument, value)),
  mask: maybe(checkNumberList),
  causal: maybe(checkBoolean),
  window: maybe(integer(1, 2 ** 31)),
  sinks: maybe(checkNumberList),
  tile: maybe(integer(1, 2 ** 31)),
  threshold: maybe(checkFinite),
  divide: name('before', 'after'),
  exponential: name('exp', 'exp2'),
  maximumOffset: checkFinite,
  sumOf: name('computed', 'rounded'),
  normalize: name('divide', 'reciprocal'),
  emptyRow: name('nan', 'zero'),
  wantsLogSumExp: checkBoolean,
});

/** Attention of every query of every head. */
export function oracleAttention(options: OracleAttentionOptions): OracleAttention {
  checkOptions('options', options);
  const { heads, sharedHeads, queries, keys, width, valueWidth, q, k, v } = options;
  checkLength('options.q', q, heads * queries * width);
  checkLength('options.k', k, sharedHeads * keys * width);
  checkLength('options.v', v, sharedHeads * keys * valueWidth);
  return new Attention(options).run();
}

/** One call: its constants and loaded operands, and the place of the operation at hand. */
class Attention {
  readonly #given: OracleAttentionOptions;
  readonly #events: OracleEvent[] = [];
  #row = -1;
  #stage = 'constants';

  constructor(options: OracleAttentionOptions) {
    this.#given = options;
  }

  #note(index: number | null, step: number, operands: readonly number[], { value, flags }: Rounded): number {
    if (flags !== 0) {
      const own = { row: this.#row, stage: this.#stage, index, step };
      this.#events.push({ ...own, flags, operands: [...operands], result: value });
    }
    return value;
  }

  #do(
    stage: string,
    operation: OracleOperation,
    rounding: Rounding,
    operands: readonly number[],
    index: number | null,
    step: number,
  ): number {
    this.#stage = stage;
    return this.#note(index, step, operands, oracleOperation(operation, rounding, operands));
  }

  #evaluate(
    stage: string,
    f: OracleFunction,
    at: Rounding,
    x: number,
    index: number | null,
    step: number,
    cap = 1,
  ): number {
    this.#stage = stage;
    return this.#note(index, step, [x], oracleEvaluate(f, at, x, cap));
  }

  /** Σ x·y, from an addend on: elements are steps from `first`, joins from `joins`. */
  #product(
    prefix: 'score' | 'value',
    unit: OracleUnit,
    x: readonly number[],
    y: readonly number[],
    addend: number | null,
    column: number,
    first: number,
    joins: number,
  ): number {
    let terms: [number[], number[] | null] = [[...x], [...y]];
    const { product } = unit;
    if (product !== null) {
      const each = x.map((a, i) =>
        this.#do(`${prefix}Product`, 'multiply', product, [a, y[i] as number], column, first + i),
      );
      terms = [each, null];
    }
    const sum = oracleReduce(unit.reduction, ...terms, {
      operands: {
        a: (product ?? unit.loadA).format,
        b: (product ?? unit.loadB).format,
      },
      addend,
      scales: null,
    });
    for (const event of sum.events) {
      const step = event.step < x.length ? first + event.step : joins + event.step - x.length;
      this.#events.push({ row: this.#row, stage: prefix, ...event, index: column, step });
    }
    const stored = oracleRound(unit.output.format, unit.output.policy, sum.exact);
    this.#stage = `${prefix}Store`;
    return this.#note(column, first, [approximately(sum.exact)], stored);
  }

  run(): OracleAttention {
    const g = this.#given;
    const { scoring, valuing, unit, roundings } = g;
    const { compute } = unit;
    const scale = g.scale === 1 ? 1 : this.#do('constants', 'convert', compute, [g.scale], null, 0);
    const offset =
      g.maximumOffset === 0 ? 0 : this.#do('constants', 'convert', roundings.maximum, [g.maximumOffset], null, 1);
    const isBase2 = g.exponential === 'exp2';
    const ln2 = isBase2 && g.wantsLogSumExp ? this.#do('constants', 'convert', roundings.sum, [Math.LN2], null, 2) : 1;
    let number = 0;
    const load = (to: Rounding, values: ArrayLike<number>, positive: boolean): number[] =>
      Array.from(values, (x) => {
        const r = this.#do('load', 'convert', to, [x], number, number);
        number += 1;
        return positive ? r + 0 : r;
      });
    const q = load(scoring.loadA, g.q, scoring.zeroOperands === 'positive');
    const k = load(scoring.loadB, g.k, scoring.zeroOperands === 'positive');
    const v = load(valuing.loadB, g.v, valuing.zeroOperands === 'positive');
    const sinks = g.sinks ? load(unit.load, g.sinks, false) : null;
    const output: number[] = [];
    const logSumExp: number[] = [];
    const size = g.tile ?? g.keys;

    for (let head = 0; head < g.heads; head++) {
      for (let query = 0; query < g.queries; query++) {
        this.#row = head * g.queries + query;
        const shared = Math.floor((head * g.sharedHeads) / g.heads);
        const own = q.slice(this.#row * g.width, (this.#row + 1) * g.width);
        const place = query - g.queries + g.keys;
        const sees = (j: number): boolean => {
          if (g.causal && j > place) return false;
          return g.window === undefined || g.window === null || (j <= place && j > place - g.window);
        };
        const maskAt = (j: number): number => {
          if (!g.mask) return 0;
          const perHead = g.mask.length === g.queries * g.keys ? 0 : head * g.queries * g.keys;
          return g.mask[perHead + query * g.keys + j] as number;
        };
        const isOut = (j: number): boolean => !sees(j) || maskAt(j) === -Infinity;
        const all = Array.from({ length: g.keys }, (_, j) => j);
        let top = sinks === null ? -Infinity : (sinks[head] as number);
        let m = top;
        let l = sinks === null ? 0 : 1;
        let o: number[] | null = null;
        let started = sinks !== null;
        const isZero = g.emptyRow === 'zero' && sinks === null && all.every(isOut);
        for (let first = 0; first < g.keys && !isZero; first += size) {
          const tile = all.slice(first, first + size);
          const t = Math.floor(first / size);
          if (g.tile !== null && tile.every(isOut)) continue;
          const s = tile.map((j) => {
            if (!sees(j)) return -Infinity;
            const key = k.slice((shared * g.keys + j) * g.width, (shared * g.keys + j + 1) * g.width);
            let score = this.#product('score', scoring, own, key, null, j, 0, g.width);
            score = this.#do('scores', 'convert', roundings.scores, [score], j, j);
            if (scale !== 1) score = this.#do('scale', 'multiply', compute, [score, scale], j, j);
            if (g.softcap) score = this.#evaluate('softcap', 'softcap', compute, score, j, j, g.softcap);
            return g.mask ? this.#do('mask', 'add', compute, [score, maskAt(j)], j, j) : score;
          });
          top = this.#do('max', 'convert', roundings.maximum, [s.reduce(larger, top)], null, 2 * t);
          let reference = top;
          if (offset !== 0) reference = this.#do('max', 'add', roundings.maximum, [top, offset], null, 2 * t + 1);
          const threshold = g.threshold ?? 0;
          const keeps = started && threshold > 0 && reference - m <= threshold;
          let alpha: number | null = null;
          if (keeps) reference = m;
          else if (started) {
            const less = this.#do('rescale', 'subtract', compute, [m, reference], null, 2 * t);
            alpha = this.#evaluate('rescale', g.exponential, compute, less, null, 2 * t + 1);
          }
          const d = s.map((x, i) => this.#do('subtract', 'subtract', compute, [x, reference], first + i, first + i));
          const p = d.map((x, i) => this.#evaluate('exp', g.exponential, compute, x, first + i, first + i));
          const stored = (shares: readonly number[]): number[] =>
            shares.map((x, i) =>
              this.#do('probabilities', 'convert', roundings.probabilities, [x], first + i, first + i),
            );
          let kept = g.divide === 'after' ? stored(p) : [];
          const sum = oracleReduce(unit.reduction, g.sumOf === 'rounded' ? kept : p, null);
          const joins = g.keys + t * 4 * size;
          for (const event of sum.events) {
            const step = event.step < tile.length ? first + event.step : joins + event.step - tile.length;
            const index = event.index === null ? null : event.index + first;
            this.#events.push({ row: this.#row, stage: 'sum', ...event, index, step });
          }
          if (started) {
            const before =
              alpha === null ? l : this.#do('rescaleSum', 'multiply', roundings.sum, [alpha, l], null, 2 * t);
            l = this.#do('rescaleSum', 'add', roundings.sum, [before, sum.value], null, 2 * t + 1);
          } else l = sum.value;
          if (g.divide === 'before') {
            const total = l;
            let shares: number[];
            if (g.normalize === 'reciprocal') {
              const r = this.#do('reciprocal', 'divide', roundings.sum, [1, total], null, 0);
              shares = p.map((x, i) => this.#do('share', 'multiply', compute, [x, r], first + i, first + i));
            } else shares = p.map((x, i) => this.#do('share', 'divide', compute, [x, total], first + i, first + i));
            kept = stored(shares);
          }
          const read = kept.map((x, i) => {
            const r = this.#do('loadProbabilities', 'convert', valuing.loadA, [x], first + i, first + i);
            return valuing.zeroOperands === 'positive' ? r + 0 : r;
          });
          const next: number[] = [];
          for (let column = 0; column < g.valueWidth; column++) {
            let addend: number | null = null;
            if (o !== null) {
              const a = o[column] as number;
              addend =
                alpha === null
                  ? this.#do('rescaleOutput', 'convert', valuing.addend, [a], column, t)
                  : this.#do('rescaleOutput', 'multiply', valuing.addend, [alpha, a], column, t);
              if (valuing.zeroOperands === 'positive') addend += 0;
            }
            const values = tile.map((j) => v[(shared * g.keys + j) * g.valueWidth + column] as number);
            next.push(this.#product('value', valuing, read, values, addend, column, first, joins));
          }
          o = next;
          m = reference;
          started = true;
        }
        let y = o ?? new Array<number>(g.valueWidth).fill(0);
        if (g.divide === 'after' && !isZero) {
          const total = l;
          if (g.normalize === 'reciprocal') {
            const r = this.#do('reciprocal', 'divide', roundings.sum, [1, total], null, 0);
            y = y.map((x, c) => this.#do('normalize', 'multiply', compute, [x, r], c, c));
          } else y = y.map((x, c) => this.#do('normalize', 'divide', compute, [x, total], c, c));
        }
        if (g.wantsLogSumExp) {
          let lse = -Infinity;
          if (!isZero) {
            const log = this.#evaluate('logSumExp', isBase2 ? 'log2' : 'log', roundings.sum, l, null, 0);
            lse = this.#do('logSumExp', 'add', roundings.sum, [m, log], null, 1);
            if (isBase2) lse = this.#do('logSumExp', 'multiply', roundings.sum, [lse, ln2], null, 2);
          }
          logSumExp.push(lse);
        }
        for (const [c, x] of y.entries()) output.push(this.#do('store', 'convert', unit.store, [x], c, c));
      }
    }
    return { output, logSumExp, events: this.#events };
  }
}
