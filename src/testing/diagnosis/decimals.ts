/**
 * What printing does to numbers: decimal digits, and factors and terms that are no powers of two.
 *
 * @module
 */
import type { Conversion, Setup } from '../conformance/compute.ts';
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import type { Answer } from './families.ts';
import { isPowerOfTwo, quantumAt } from './grid.ts';
import { reading } from './reading.ts';
import { writing } from './writing.ts';

const digits = (n: number): string => (n === 1 ? 'one digit' : `${n} digits`);

/** Numbers that went through text of a few digits, before they were rounded or after. */
export function decimalBehaviours({ format }: Conversion): Behaviour<Setup>[] {
  const ways: [string, string, (x: number) => number][] = [];
  for (let n = 1; n <= 9; n++) {
    ways.push([
      `toPrecision ${n}`,
      `${digits(n)} of decimals, as toPrecision(${n}) does`,
      (x) => Number(x.toPrecision(n)),
    ]);
  }
  for (let n = 0; n <= 8; n++) {
    ways.push([
      `toFixed ${n}`,
      `${digits(n)} after the decimal point, as toFixed(${n}) does`,
      // A larger number is printed with all of its digits.
      (x) => (Math.abs(x) < 1e21 ? Number(x.toFixed(n)) : x),
    ]);
  }
  return ways.flatMap(([name, words, change]) => [
    reading('decimal', `${name} first`, `rounds to ${words}, before it rounds to the format`, (x) =>
      Number.isFinite(x) ? change(x) : x,
    ),
    writing(format, 'decimal', `${name} last`, `rounds results to ${words}`, ({ value }) =>
      Number.isFinite(value) ? change(value) : null,
    ),
  ]);
}

/** An open interval of parameters under which an answer is right. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A factor or a term that most wrong answers agree on, before rounding or after. */
export function constantBehaviours(
  task: Conversion,
  wrong: readonly (Answer & { readonly right: number })[],
): Behaviour<Setup>[] {
  const { format } = task;
  if (format.bits > 53) return [];
  const finite = wrong.filter(
    ({ operands, value }) => Number.isFinite(value) && value !== 0 && Number.isFinite((operands[0] as Operand).x),
  );
  if (finite.length < 3) return [];
  const inside = finite.filter(({ value }) => Math.abs(value) < format.max);
  const factors = factorsOf(
    inside.map(({ operands, value }) => ({
      from: (operands[0] as Operand).x,
      to: value,
      half: quantumAt(format, Math.abs(value)) / 2,
    })),
  );
  const terms = inside.map(({ operands, value }): Interval => {
    const half = quantumAt(format, Math.abs(value)) / 2;
    const { x } = operands[0] as Operand;
    return { low: value - half - x, high: value + half - x };
  });
  const beside = (ratio: number): Interval => ({
    low: ratio - Math.abs(ratio) * 2 ** -21,
    high: ratio + Math.abs(ratio) * 2 ** -21,
  });
  const later = finite.filter(({ right }) => right !== 0 && Number.isFinite(right));
  const found: Behaviour<Setup>[] = [];
  for (const factor of common(factors, finite.length)) {
    if (isPowerOfTwo(Math.abs(factor.value))) continue;
    found.push(
      reading(
        'scale',
        `numbers × ${factor.words}`,
        `multiplies by ${factor.words} before it rounds`,
        (x) => x * factor.value,
      ),
    );
  }
  for (const { value, words } of common(terms, finite.length)) {
    if (value !== 0)
      found.push(reading('offset', `numbers + ${words}`, `adds ${words} before it rounds`, (x) => x + value));
  }
  const after = common(
    later.map(({ value, right }) => beside(value / right)),
    finite.length,
  );
  for (const factor of after) {
    if (isPowerOfTwo(Math.abs(factor.value))) continue;
    for (const [name, change] of [
      ['', (x: number): number => x],
      [' in binary32', Math.fround],
    ] as const) {
      const words = `${factor.words}${name}`;
      found.push(
        writing(format, 'scale', `results × ${words}`, `multiplies results by ${words}`, ({ value }) =>
          Number.isFinite(value) ? change(value * factor.value) : null,
        ),
      );
    }
  }
  return found;
}

/** Numbers and what they became, give or take half a step: the factors between them. */
export function factorsOf(
  pairs: readonly { readonly from: number; readonly to: number; readonly half: number }[],
): Interval[] {
  return pairs.flatMap(({ from, to, half }) => {
    if (from === 0) return [];
    const [p, q] = [(to - half) / from, (to + half) / from];
    return [{ low: Math.min(p, q), high: Math.max(p, q) }];
  });
}

/** A number that may be meant, and how a person writes it. */
interface Constant {
  readonly value: number;
  readonly words: string;
}

/** Simple numbers that lie in the most of some intervals, where these are half of all. */
export function common(intervals: readonly Interval[], all: number): Constant[] {
  const ends = intervals
    .filter(({ low, high }) => low < high && high - low < Infinity)
    .flatMap(({ low, high }) => [
      { at: low, by: 1 },
      { at: high, by: -1 },
    ])
    .sort((p, q) => p.at - q.at || p.by - q.by);
  let [open, most] = [0, 0];
  let where: Interval | null = null;
  for (const [i, { at, by }] of ends.entries()) {
    open += by;
    const next = ends[i + 1];
    if (open <= most || next === undefined || next.at <= at) continue;
    most = open;
    where = { low: at, high: next.at };
  }
  return where === null || most < all / 2 ? [] : simpleIn(where);
}

/** Numbers of levels that are taken for each other. */
const levels = [127 / 128, 255 / 256, 254 / 255, 126 / 127, 15 / 16, 14 / 15, 6 / 7, 7 / 8, 448 / 480, 1 / 3, 2 / 3];
/** Decimals of one length that are looked at. */
const MOST_DECIMALS = 12;

/** The decimals of the fewest digits within an interval, and quotients of numbers of levels. */
function simpleIn({ low, high }: Interval): Constant[] {
  const within = (x: number): boolean => x > low && x < high;
  if (within(0) || within(1)) return [];
  const quotients = levels.flatMap((x) => [x, 1 / x]).filter(within);
  const found: Constant[] = quotients.map((value) => ({ value, words: String(Number(value.toPrecision(6))) }));
  const from = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high))));
  for (let n = -from; n <= 15 - from; n++) {
    const first = Math.ceil(low * 10 ** n);
    // A decimal is read from its digits: tenths have no exact powers.
    const decimals = Array.from({ length: MOST_DECIMALS }, (_, k) => Number(`${first + k}e${-n}`)).filter(within);
    if (decimals.length > 0) return [...found, ...decimals.map((value) => ({ value, words: String(value) }))];
  }
  return found;
}
