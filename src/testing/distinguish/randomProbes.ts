/**
 * Rows drawn at random, from named generators: what a verdict of `indistinguishable` is about.
 *
 * @module
 */

import type { Format } from '../../formats/index.ts';
import { exponentsOf } from '../../identification/numbers.ts';
import { decode, decodeBinary64, isValue, round } from '../../rounding/index.ts';
import type { Next } from '../conformance/sample.ts';
import type { Element, Probe } from './probe.ts';
import type { Ground } from './probes.ts';

/** The generators, and what each draws. */
export const generators = ['sparse', 'dense', 'narrow', 'cancelling'] as const;

/** What draws rows: lengths, and whether blocks have scales. */
export interface Random {
  readonly ground: Ground;
  readonly widths: readonly number[];
  readonly scale: { readonly format: Format; readonly block: number } | null;
}

/** So many rows, all of one generator and one length. */
export function randomProbes({ ground, widths, scale }: Random, count: number, round: number, next: Next): Probe[] {
  const name = generators[round % generators.length] as (typeof generators)[number];
  const width = widths[Math.floor(round / generators.length) % widths.length] as number;
  return Array.from({ length: count }, () => {
    const elements = rowOf(name, ground, width, next);
    const c = ground.addends.length === 0 || next(3) === 0 ? 0 : addendOf(ground, elements, next);
    const blocks = scale === null ? 0 : Math.ceil(width / scale.block);
    const scales = Array.from({ length: blocks }, (_, at) => ({
      at,
      a: powerOf(scale?.format as Format, next),
      b: powerOf(scale?.format as Format, next),
    }));
    return { width, elements, c, scales };
  });
}

function rowOf(name: (typeof generators)[number], { a, b }: Ground, width: number, next: Next): Element[] {
  const own = (format: Format | null, draw: (format: Format) => number): number => (format === null ? 1 : draw(format));
  const sparse = name === 'sparse';
  const positions = sparse
    ? [...new Set(Array.from({ length: 2 + next(6) }, () => next(width)))].sort((p, q) => p - q)
    : Array.from({ length: width }, (_, at) => at);
  const narrow = (format: Format): number => near(format, 4, next);
  const draw = sparse || name === 'dense' ? (format: Format) => anyOf(format, next) : narrow;
  const elements = positions.map((at) => ({ at, a: own(a, draw), b: own(b, draw) }));
  if (name !== 'cancelling') return elements;
  // A large pair that cancels, somewhere in the row.
  const [p, q] = [next(width), next(width)];
  const [x, y] = [own(a, (format) => near(format, 40, next)), own(b, (format) => near(format, 40, next))];
  if (p !== q && isValue(a, -x)) {
    elements[p] = { at: p, a: x, b: y };
    elements[q] = { at: q, a: -x, b: y };
  }
  return elements;
}

/** Any finite code. */
function anyOf(format: Format, next: Next): number {
  for (;;) {
    const x =
      format.bits > 53
        ? decodeBinary64((BigInt(next(2 ** 32)) << 32n) | BigInt(next(2 ** 32)))
        : decode(format, next(2 ** format.bits));
    if (x - x === 0) return x;
  }
}

/** A number whose exponent lies within so many binades around 0, or the nearest that the format has. */
function near(format: Format, binades: number, next: Next): number {
  const { low, high } = exponentsOf(format);
  const exponent = Math.max(low, Math.min(high, next(2 * binades + 1) - binades));
  const sign = next(2) === 0 || !isValue(format, -1) ? 1 : -1;
  return round(format, sign * (1 + next(2 ** 30) / 2 ** 30) * 2 ** exponent, {
    overflow: 'saturate',
    rounding: 'towardZero',
  });
}

function powerOf(format: Format, next: Next): number {
  const { low, high } = exponentsOf(format);
  return 2 ** Math.max(low, Math.min(high, next(33) - 16));
}

/** An addend of about the size of the sum, or any. */
function addendOf({ addends }: Ground, elements: readonly Element[], next: Next): number {
  const [first, ...others] = addends as [Format, ...Format[]];
  let x = anyOf(first, next);
  if (next(2) === 0) {
    const sum = elements.reduce((total, { a, b }) => total + a * b, 0);
    x = (next(2) === 0 ? -sum : sum) * (1 + (next(2 ** 20) - 2 ** 19) / 2 ** 22);
  }
  for (const format of [first, ...others]) {
    x = round(format, x, {
      overflow: 'saturate',
      rounding: 'towardZero',
      ...(format.kind === 'integer' ? { nanInput: 'zero' as const } : {}),
    });
  }
  return addends.every((format) => isValue(format, x)) ? x : 0;
}
