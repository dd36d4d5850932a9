/**
 * The first hypotheses: for every order that swamping left, the widths and modes that its sums may have.
 *
 * @module
 */
import { firstLeaf } from '../accumulators/walk.ts';
import { exponentIn } from '../rounding/exponentIn.ts';
import { groupsOf, modes, sumFormats, wideFormats } from './axes.ts';
import { ACROSS, chainedTiles, hasAcross, type Order, WITHIN } from './orders.ts';
import { nameOfFormat, type Point, pointOf } from './point.ts';
import type { Question } from './question.ts';
import type { Manner, Ordering } from './swamping.ts';

/** What the answers tell of results. */
export interface Facts {
  /** Significant bits of the longest result. */
  readonly precision: number;
  /** The power of two by which products count; 0 where it is none. */
  readonly productExponent: number;
  /** Every result is a multiple of 2^−fraction. */
  readonly fraction: number;
}

/** Significant bits of a number. */
export function bitsOf(x: number): number {
  if (x === 0 || x - x !== 0) return 0;
  let rest = Math.abs(x) / 2 ** exponentIn(Math.abs(x));
  let bits = 0;
  while (rest !== 0) {
    rest = (rest - Math.floor(rest)) * 2;
    bits++;
  }
  return bits;
}

/** Modes of which one is near every other: what is found with them is rounded in all modes afterwards. */
const likelyModes = ['tiesToEven', 'towardZero'] as const;
const losses = ['truncate', 'floor', 'odd'] as const;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Every other width: a descent finds the ones between. */
const widths = /* @__PURE__ */ range(0, 24).map((half) => 2 * half);

/** Roundings that sums of partial results may have beside that of the elements' sums. */
function* outers(question: Question, point: Point): Generator<Point> {
  yield point;
  if (!hasAcross(point.order)) return;
  const own = question.output.kind === 'float' ? nameOfFormat(question.output) : 'binary32';
  for (const acrossFormat of new Set([own, 'binary32', 'binary16'])) {
    for (const acrossMode of ['tiesToEven', 'towardZero'] as const) {
      yield { ...point, across: 'own', acrossFormat, acrossMode };
    }
  }
}

/** Formats of one rounded sum: as long as the longest result, the result's own, and usual ones. */
function outputFormats(question: Question, { precision }: Facts): string[] {
  const usual = sumFormats(question).slice(0, 5);
  const fitting = wideFormats(question).filter((name, i) => i === 0 || name.endsWith(`m${precision - 1}`));
  return [...new Set([...fitting, ...usual])];
}

/** Some first hypotheses; what a late addend keeps is left open where there is one. */
export interface Group {
  readonly manner: Manner;
  readonly tier: 0 | 1;
  readonly isLate: boolean;
  readonly points: () => Iterable<Point>;
}

/**
 * Hypotheses in groups, the likelier first: a group is screened only where none before it explains the rows. Orders that sum partial
 * results by an accumulator of their own have many more, and wait until every manner was tried without.
 */
export function* startsOf(question: Question, orderings: readonly Ordering[], facts: Facts): Generator<Group> {
  const plain = orderings.filter(({ order }) => !hasAcross(order));
  const nested = orderings.filter(({ order }) => hasAcross(order));
  for (const tier of [0, 1] as const) {
    for (const { order, manner } of [...plain, ...nested]) {
      const isLate = manner === 'late' || manner === 'lanes';
      yield { manner, tier, isLate, points: () => pointsOf(question, order, manner, facts, tier) };
    }
  }
}

/** A hypothesis in every mode. */
export function inModes(point: Point): Point[] {
  return modes.map((sumMode) => ({ ...point, sumMode }));
}

function* pointsOf(question: Question, order: Order, manner: Manner, facts: Facts, tier: 0 | 1): Generator<Point> {
  switch (manner) {
    case 'rounded':
      return yield* floats(question, order, tier);
    case 'fused':
    case 'late':
    case 'lanes':
      return yield* aligned(question, order, facts, manner, tier);
    case 'exact':
      if (tier === 0) return yield* exact(question, order, facts);
      yield* aligned(question, order, facts, 'fused', tier);
      return yield* fixed(question, order, facts);
    default:
      if (tier === 0) yield* compensated(question, order, manner);
  }
}

function* floats(question: Question, order: Order, tier: 0 | 1): Generator<Point> {
  const { output } = question;
  const first = output.kind === 'float' && output.bits > 53 ? [nameOfFormat(output)] : wideFormats(question);
  for (const sumFormat of first) {
    for (const sumMode of modes) {
      for (const product of ['exact', 'sum'] as const) {
        const point = pointOf(question, { order, family: 'float', sumFormat, sumMode, product });
        if (tier === 0) yield* outers(question, point);
        else if (product === 'sum') yield* ownProducts(question, point);
        else if (treeLike(order)) yield { ...point, leaf: 'chain' };
      }
    }
  }
}

function treeLike(order: Order): boolean {
  const { kind, accumulator } = firstLeaf<Order>(order);
  return kind !== 'sequential' && accumulator === WITHIN;
}

/** Products rounded in a way of their own. */
function* ownProducts(question: Question, point: Point): Generator<Point> {
  for (const productFormat of sumFormats(question).slice(0, 5)) {
    for (const productMode of ['tiesToEven', 'towardZero', 'toOdd'] as const) {
      yield { ...point, product: 'own', productFormat, productMode };
    }
  }
}

function* aligned(
  question: Question,
  order: Order,
  facts: Facts,
  manner: 'fused' | 'late' | 'lanes',
  tier: 0 | 1,
): Generator<Point> {
  const all = outputFormats(question, facts);
  const fit = all.filter((name) => name === all[0] || name.endsWith(`m${facts.precision - 1}`));
  const formats = tier === 0 ? fit : all.filter((name) => !fit.includes(name));
  const late = manner === 'fused' ? {} : ({ addend: 'late', lanes: manner === 'lanes' ? 2 : 1 } as const);
  for (const group of question.scale === null ? [1] : groupsOf(question)) {
    for (const sumFormat of formats) {
      for (const fractionBits of widths) {
        for (const lost of losses) {
          for (const sumMode of likelyModes) {
            yield* outers(
              question,
              pointOf(question, { order, family: 'aligned', sumFormat, sumMode, fractionBits, lost, group, ...late }),
            );
          }
        }
      }
    }
  }
}

/** Late addends in full: what is kept of the sum and of the addend. */
export function* lateOf(point: Point): Generator<Point> {
  for (const sumBits of widths) {
    for (const addendBits of widths) {
      for (const lateLost of ['floor', 'truncate'] as const) yield { ...point, sumBits, addendBits, lateLost };
    }
  }
}

function* exact(question: Question, order: Order, { productExponent }: Facts): Generator<Point> {
  for (const sumFormat of wideFormats(question)) {
    for (const sumMode of modes) {
      const family = 'exact' as const;
      yield* outers(question, pointOf(question, { order, family, sumFormat, sumMode, productExponent }));
    }
  }
}

function* compensated(question: Question, order: Order, family: 'kahan' | 'neumaier'): Generator<Point> {
  for (const sumFormat of wideFormats(question)) {
    for (const sumMode of modes) yield pointOf(question, { order, family, sumFormat, sumMode, product: 'sum' });
  }
}

function* fixed(question: Question, order: Order, { fraction }: Facts): Generator<Point> {
  for (const registerFraction of [fraction, fraction + 1, fraction + 2]) {
    if (registerFraction < -8 || registerFraction > 48) continue;
    for (const bits of range(Math.max(2, registerFraction), 53)) {
      for (const overflow of ['saturate', 'wrap'] as const) {
        for (const sumMode of modes) {
          for (const product of ['exact', 'own'] as const) {
            yield pointOf(question, {
              ...{ order, family: 'fixed', bits, overflow, sumMode, registerFraction, product },
              productMode: sumMode,
            });
          }
        }
      }
    }
  }
}

const sequence = (accumulator: typeof WITHIN): Order => ({ kind: 'sequential', accumulator });

/** Orders of registers: a chain, and tiles that chain. */
export function registerOrders(k: number): Order[] {
  return [sequence(WITHIN), ...chainedTiles(k)];
}

/** Registers of integers: one for all, one that tiles fill, and narrow ones whose results are added up. */
export function* registersOf(question: Question): Generator<() => Generator<Point>> {
  const [chain, ...tiles] = registerOrders(question.k) as [Order, ...Order[]];
  yield () => registers(question, [chain], ['everyStep', 'atEnd']);
  yield () => registers(question, tiles, ['atEnd']);
  yield () => narrow(question);
}

function* registers(question: Question, orders: readonly Order[], whens: readonly Point['when'][]): Generator<Point> {
  for (const order of orders) {
    for (const when of whens) {
      for (const overflow of ['saturate', 'wrap'] as const) {
        for (const bits of range(2, 64)) yield pointOf(question, { order, family: 'integer', bits, overflow, when });
      }
    }
  }
}

function* narrow(question: Question): Generator<Point> {
  for (const size of range(1, question.k - 1)) {
    const order: Order = { kind: 'tiled', size, within: sequence(WITHIN), across: sequence(ACROSS) };
    for (const acrossRegister of ['wrap', 'saturate'] as const) {
      for (const point of registers(question, [order], ['atEnd', 'everyStep'])) yield { ...point, acrossRegister };
    }
  }
}

/** What answers to rows of integers tell of the formats behind them. */
export function factsOf(answers: readonly number[], product: number): Facts {
  return {
    precision: answers.reduce((most, x) => Math.max(most, bitsOf(x)), 1),
    productExponent: product > 0 && Number.isInteger(Math.log2(product)) ? Math.log2(product) : 0,
    fraction: answers.reduce((most, x) => Math.max(most, fractionOf(x)), 0),
  };
}

function fractionOf(x: number): number {
  if (x === 0 || x - x !== 0) return 0;
  for (let f = -8; f < 60; f++) if (Number.isInteger(x * 2 ** f)) return f;
  return 60;
}
