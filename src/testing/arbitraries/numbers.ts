/**
 * Arrays of numbers that shrink to what a person would write: fewest elements other than zero, then round decimals.
 *
 * @module
 */
import fc from 'fast-check';
import { shrunkBy } from './shrunkBy.ts';

/** Nonzero elements up to which each is made simpler by itself. */
const FEW = 12;

/** What an array's elements may become, and what may stand for it as a whole. */
export interface Simplification {
  /** Numbers that an element may become. */
  readonly holds: (x: number) => boolean;
  /** Arrays of fewer elements other than zero that stand for a whole one. */
  readonly instead?: (value: Float64Array) => readonly Float64Array[];
}

/**
 * Numbers drawn by one arbitrary; they shrink to what may stand instead, then by zeroing halves, quarters, … of the elements,
 * then to rounder numbers. The length stays.
 */
export function numbersOf(
  drawn: fc.Arbitrary<ArrayLike<number>>,
  simplification: Simplification,
): fc.Arbitrary<Float64Array> {
  return shrunkBy(drawn, (numbers) => Float64Array.from(numbers), {
    isValue: (value) => value instanceof Float64Array,
    shrink: (value) => fc.stream(simpler(value, simplification)).map((one) => new fc.Value(one, undefined)),
  });
}

/** Simpler arrays, the boldest simplification first. */
function* simpler(value: Float64Array, { holds, instead = () => [] }: Simplification): Generator<Float64Array> {
  const places = Array.from(value.keys()).filter((i) => !Object.is(value[i], 0));
  if (places.length === 0) return;
  yield new Float64Array(value.length);
  const isFewer = (other: Float64Array): boolean => other.filter((x) => x !== 0).length < places.length;
  yield* instead(value).filter((other) => isFewer(other) && other.every((x) => x === 0 || holds(x)));
  for (let size = Math.ceil(places.length / 2); places.length > 1; size = Math.ceil(size / 2)) {
    for (let from = 0; from < places.length; from += size) {
      const zeroed = Float64Array.from(value);
      for (const i of places.slice(from, from + size)) zeroed[i] = 0;
      yield zeroed;
    }
    if (size === 1) break;
  }
  // All elements by the same rule, so that equal ones stay equal.
  for (const rule of rules) {
    const changed = value.map((x) => (Object.is(x, 0) ? x : better(rule(x), x, holds)));
    if (changed.some((x, i) => !Object.is(x, value[i]))) yield changed;
  }
  if (places.length > FEW) return;
  for (const i of places) {
    for (const rule of rules) {
      const x = better(rule(value[i] as number), value[i] as number, holds);
      if (Object.is(x, value[i])) continue;
      const changed = Float64Array.from(value);
      changed[i] = x;
      yield changed;
    }
  }
}

/** A number drawn by an arbitrary; it shrinks to round ones. */
export function numberOf(drawn: fc.Arbitrary<number>, holds: (x: number) => boolean): fc.Arbitrary<number> {
  return shrunkBy(drawn, (x) => x, {
    isValue: (value) => typeof value === 'number',
    shrink: (value) => {
      const others = rules.map((rule) => better(rule(value), value, holds)).filter((x) => !Object.is(x, value));
      const zero = value !== 0 && holds(0) ? [0] : [];
      return fc.stream([...zero, ...new Set(others)].values()).map((x) => new fc.Value(x, undefined));
    },
  });
}

/** A number where it is simpler and may stand here; else the old one. */
function better(x: number, old: number, holds: (x: number) => boolean): number {
  return x !== 0 && holds(x) && costOf(x) < costOf(old) ? x : old;
}

/** Ways to make a number simpler. */
const rules: readonly ((x: number) => number)[] = [
  () => 1,
  Math.abs,
  ...[1, 2, 3].flatMap((digits) => [
    (x: number) => rounded(x, digits),
    (x: number) => stepped(x, digits, 1),
    (x: number) => stepped(x, digits, -1),
  ]),
  (x) => Math.trunc(x),
  (x) => x / 2,
  (x) => rounded(x * 0.75, 2),
];

/** A number to so many significant decimal digits. */
export function rounded(x: number, digits: number): number {
  return x - x === 0 ? Number(x.toPrecision(digits)) : x;
}

/** The neighbour among numbers of so many digits, away from zero or toward it. */
export function stepped(x: number, digits: number, way: 1 | -1): number {
  if (x - x !== 0 || x === 0) return x;
  const [mantissa = '', exponent = ''] = x.toExponential(digits - 1).split('e');
  const step = way * 10 ** (1 - digits) * Math.sign(x);
  return Number(`${(Number(mantissa) + step).toFixed(digits - 1)}e${exponent}`);
}

/** What a number asks of its reader: decimal digits, a sign, its size. */
function costOf(x: number): number {
  if (x - x !== 0) return 100;
  const [mantissa = '', exponent = ''] = Math.abs(x).toExponential().split('e');
  const digits = mantissa.replace('.', '').length;
  return 10 * digits + (x < 0 ? 2 : 0) + Math.abs(Number(exponent)) + Number(mantissa[0]) / 20;
}
