/**
 * Deterministic draws: random codes with weight where rounding is decided.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/format.ts';
import type { Next } from '../../identification/draws.ts';
import { decode, encode } from '../../rounding/codes.ts';
import type { VectorOperation } from './task.ts';

export { draws, type Next } from '../../identification/draws.ts';

/** The codes that every operation treats in a way of its own: zeros, ones, ends of the ranges, infinities, NaNs. */
export function specialCodes(format: FloatFormat): number[] {
  const { exponentBits, mantissaBits, signed, bias } = format;
  const magnitudes = 2 ** (exponentBits + mantissaBits);
  const steps = 2 ** mantissaBits;
  const top = magnitudes - 1;
  // Zero, smallest, smallest normal and its neighbours, one, and the top codes: largest, infinity, NaNs.
  const found = [0, 1, steps - 1, steps, steps + 1, bias * steps, bias * steps + 1, top, top - 1, top - 2];
  if (format.infinities === 'ieee') {
    const infinity = magnitudes - steps;
    found.push(infinity - 1, infinity, infinity + 1, infinity + steps / 2);
  }
  const inside = [...new Set(found.filter((code) => code >= 0 && code < magnitudes))].sort((a, b) => a - b);
  return signed ? [...inside, ...inside.map((code) => code + magnitudes)] : inside;
}

/** A random code: special, near an edge, of a sparse significand, or any. */
export function drawCode(format: FloatFormat, next: Next): number {
  const { mantissaBits, codes, signed } = format;
  const kind = next(8);
  if (kind === 0) {
    const specials = specialCodes(format);
    return specials[next(specials.length)] as number;
  }
  const magnitudes = signed ? codes / 2 : codes;
  const sign = signed && next(2) === 1 ? magnitudes : 0;
  if (kind <= 2) {
    const edges = specialCodes(format).filter((code) => code < magnitudes);
    const near = (edges[next(edges.length)] as number) + next(9) - 4;
    return sign + Math.max(0, Math.min(magnitudes - 1, near));
  }
  if (kind <= 4) {
    const field = next(magnitudes / 2 ** mantissaBits);
    return sign + field * 2 ** mantissaBits + sparse(mantissaBits, next);
  }
  return sign + next(magnitudes);
}

/** A fraction field with one bit set, a run of ones at either end, or nothing. */
function sparse(mantissaBits: number, next: Next): number {
  const at = 2 ** next(mantissaBits + 1);
  const all = 2 ** mantissaBits;
  switch (next(4)) {
    case 0:
      return 0;
    case 1:
      return Math.min(at, all - 1);
    case 2:
      return at - 1;
    default:
      return all - at;
  }
}

/** A code whose exponent field is drawn around one. */
function codeAround(format: FloatFormat, field: number, next: Next): number {
  const { mantissaBits, codes, signed } = format;
  const magnitudes = signed ? codes / 2 : codes;
  const steps = 2 ** mantissaBits;
  const inside = Math.max(0, Math.min(magnitudes / steps - 1, field));
  const fraction = next(3) === 0 ? sparse(mantissaBits, next) : next(steps);
  return (signed && next(2) === 1 ? magnitudes : 0) + inside * steps + fraction;
}

/** Operands that belong together: sums that align or cancel, products at the ends of the range. */
export function drawOperands(format: FloatFormat, operation: VectorOperation, arity: number, next: Next): number[] {
  const a = drawCode(format, next);
  if (operation === 'roundToInt' || operation === 'toI32') {
    if (next(3) === 0) return [a];
    const reach = operation === 'toI32' ? 34 : format.mantissaBits + 3;
    return [codeAround(format, format.bias - 2 + next(reach + 2), next)];
  }
  if (arity === 1 || next(3) === 0) return [a, ...Array.from({ length: arity - 1 }, () => drawCode(format, next))];
  const { precision, bias, emin, emax, mantissaBits } = format;
  const field = fieldOf(format, a);
  const spread = next(2 * precision + 5) - precision - 2;
  if (operation === 'add' || operation === 'sub') return [a, codeAround(format, field + spread, next)];
  // The exponent that the product or quotient is to have: below the range, above it, or ordinary.
  const target = [emin - mantissaBits - 1 + next(mantissaBits + 3), emax - 1 + next(3), spread][next(3)] as number;
  const exponent = field - bias;
  const b = codeAround(format, (operation === 'div' ? exponent - target : target - exponent) + bias, next);
  if (arity === 2) return [a, b];
  return [a, b, addend(format, a, b, spread, next)];
}

/** What a product is added to: near it, or its opposite rounded, or anything. */
function addend(format: FloatFormat, a: number, b: number, spread: number, next: Next): number {
  const product = decode(format, a) * decode(format, b);
  const kind = next(4);
  if (kind === 0 || !Number.isFinite(product)) return drawCode(format, next);
  if (kind === 1) return codeAround(format, fieldOf(format, a) + fieldOf(format, b) - format.bias + spread, next);
  return encode(format, format.signed ? -product : product, { overflow: 'saturate' });
}

function fieldOf({ mantissaBits, signed, codes }: FloatFormat, code: number): number {
  const magnitudes = signed ? codes / 2 : codes;
  return Math.floor((code % magnitudes) / 2 ** mantissaBits);
}
