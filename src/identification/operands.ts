/**
 * The numbers in drawn rows: operands whose products lie at an exponent, block scales, places.
 *
 * @module
 */
import type { Format } from '../formats/index.ts';
import { decode, decodeBinary64 } from '../rounding/index.ts';
import type { Next } from './draws.ts';
import { exponentsOf } from './numbers.ts';
import { type Question, scalesOf } from './question.ts';
import type { Place, Row } from './row.ts';
import { fitted, isValue } from './values.ts';

/** A number of about 2^exponent with random significand and sign; the nearest that the format has. */
export function numberAt(format: Format, exponent: number, next: Next): number {
  const sign = next(2) === 0 || !isValue(format, -1) ? 1 : -1;
  const plain = next(4) === 0 ? 1 : 1 + next(2 ** 30) / 2 ** 30 + next(2 ** 22) / 2 ** 52;
  return fitted(format, sign * plain * 2 ** exponent);
}

/** Any code that is finite. */
export function finiteOf(format: Format, next: Next): number {
  for (;;) {
    const x =
      format.bits > 53
        ? decodeBinary64((BigInt(next(2 ** 32)) << 32n) | BigInt(next(2 ** 32)))
        : decode(format, next(2 ** format.bits));
    if (x - x === 0) return x;
  }
}

/** The exponent of the smallest normal number; of the last place, where none is. */
export function leastNormal(format: Format): number {
  return format.kind === 'float' ? format.emin : -format.fractionBits;
}

/** Exponents of products of two normal operands, and with subnormal ones. */
export function productRange({ a, b }: Question): { low: number; deep: number; high: number } {
  const [p, q] = [exponentsOf(a), exponentsOf(b)];
  return { low: leastNormal(a) + leastNormal(b), deep: p.low + q.low, high: p.high + q.high };
}

/** Two operands whose product is about 2^exponent. */
export function pairAt({ a, b }: Question, exponent: number, next: Next, deep: boolean): { a: number; b: number } {
  const [p, q] = [exponentsOf(a), exponentsOf(b)];
  const [lowA, lowB] = deep ? [p.low, q.low] : [Math.min(leastNormal(a), p.high), Math.min(leastNormal(b), q.high)];
  const [least, most] = [Math.max(lowA, exponent - q.high), Math.min(p.high, exponent - lowB)];
  // Exponents of both about half of the product's, unless the range is used up.
  const middle = Math.round(exponent / 2) + next(7) - 3;
  const i = next(4) === 0 ? least + next(Math.max(1, most - least + 1)) : Math.max(least, Math.min(most, middle));
  const own = Math.max(lowA, Math.min(p.high, i));
  return { a: numberAt(a, own, next), b: numberAt(b, Math.max(lowB, Math.min(q.high, exponent - own)), next) };
}

/** The sum of some products, in binary64: of about that size. */
export function sumOf(places: readonly Place[]): number {
  return places.reduce((total, { a, b }) => total + a * b, 0);
}

/** Some places, in order: so many or fewer. */
export function elements({ k }: Question, count: number, next: Next): number[] {
  const at = new Set<number>();
  for (let i = 0; i < count; i++) at.add(next(k));
  return [...at].sort((p, q) => p - q);
}

/** Block scales around 1; wide: of any size. */
export function scaledRow(question: Question, row: Row, next: Next, wide = false): Row {
  const { scale } = question;
  if (scale === null) return row;
  const { low, high } = exponentsOf(scale.format);
  const draw = (): number => {
    const reach = wide ? 12 : 3;
    return Math.abs(numberAt(scale.format, Math.max(low, Math.min(high, next(2 * reach + 1) - reach)), next));
  };
  const count = scalesOf(question);
  const [scaleA, scaleB] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) [scaleA[i], scaleB[i]] = [draw(), draw()];
  return { ...row, scaleA, scaleB };
}
