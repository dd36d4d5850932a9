/**
 * Elements of at most eight bits by a table of the leading bits of a number.
 *
 * What decides between two elements of a format, and between two outcomes (their numbers, the midpoints of these, the ends of the range,
 * where numbers become tiny), has at most m + 1 fraction bits, m those of the elements. So of all numbers between two neighbours of that many
 * bits one tells what becomes of all, and the neighbours are asked by themselves; the unit of the format fills the table once. Of a codebook
 * thresholds may lie between neighbours: where these are told apart, each number is asked.
 *
 * @module
 */
import type { ElementFormat } from '../../formats/index.ts';
import { exponentIn } from '../../rounding/exponentIn.ts';
import { HIGH } from '../../rounding/rounder.ts';
import { CLIPPED, type Place, TINY, ZERO } from './run.ts';

/** Entries, 8 · code + what became of the number: of positive numbers, then of negative ones. */
interface ElementTable {
  /** Between neighbours; the first of all below them, the last of all above. */
  readonly between: Uint16Array;
  /** On a neighbour, where it is exact; the first of all below them that are not zero. */
  readonly on: Uint16Array;
  /** Where it may lie on either side. */
  readonly near: Uint16Array;
  /** Of zero and −0. */
  readonly zeros: readonly [number, number];
  /** Bits of the high word that are no leading ones. */
  readonly shift: number;
  /** Leading bits of the least neighbour, and how many neighbours there are. */
  readonly first: number;
  readonly count: number;
}

/** Where a number is asked by itself. */
const ASKED = 0xffff;

/** Formats of more bits have larger tables than are worth it. */
const MOST_BITS = 8;

/** Leading fraction bits that tell most numbers of a codebook apart. */
const CODEBOOK_DIGITS = 6;

/** The table of a format; null where there is none. `entry` decides for a number. */
function elementTable(format: ElementFormat, entry: (x: number) => number): ElementTable | null {
  if (format.bits > MOST_BITS) return null;
  if (format.kind === 'float' && !(format.signed && format.lowest === 'subnormal')) return null;
  const { fraction, least, most } = spanOf(format);
  const shift = 20 - fraction;
  const first = (least + 1023) << fraction;
  const count = (most - least + 1) << fraction;
  const neighbour = (i: number): number => 2 ** (least + (i >> fraction)) * (1 + (i % 2 ** fraction) / 2 ** fraction);
  const both = (of: (i: number, sign: number) => number): Uint16Array =>
    Uint16Array.from({ length: 2 * (count + 1) }, (_, i) => of(i % (count + 1), i > count ? -1 : 1));
  const between = both((i, sign) => {
    const found = entry((sign * (i === 0 ? neighbour(0) : neighbour(i - 1) + neighbour(i))) / 2);
    if (format.kind !== 'codebook') return found;
    const ends = [i === 0 ? 2 ** -1022 : neighbour(i - 1), i === count ? Number.MAX_VALUE : neighbour(i)];
    return ends.every((x) => entry(sign * x) === found) ? found : ASKED;
  });
  const on = both((i, sign) => (i === 0 ? between[sign > 0 ? 0 : count + 1]! : entry(sign * neighbour(i - 1))));
  const near = on.map((own, i) =>
    i % (count + 1) === 0 || (between[i - 1] === own && between[i] === own) ? own : ASKED,
  );
  return { between, on, near, zeros: [entry(0), entry(-0)], shift, first, count };
}

/** How many fraction bits decide, and in which binades. */
function spanOf(format: ElementFormat): { readonly fraction: number; readonly least: number; readonly most: number } {
  if (format.kind === 'float') {
    const { emin, emax, mantissaBits } = format;
    return { fraction: mantissaBits + 1, least: emin - mantissaBits - 1, most: emax + 1 };
  }
  if (format.kind === 'codebook') {
    const decisive = [...format.thresholds, ...format.values].map(Math.abs).filter((x) => x > 0 && x < Infinity);
    const exponents = decisive.map(exponentIn).toSorted((a, b) => a - b);
    return { fraction: CODEBOOK_DIGITS, least: exponents[0]!, most: exponents.at(-1)! + 1 };
  }
  const { bits, fractionBits } = format;
  return { fraction: bits, least: -fractionBits - 1, most: bits - 1 - fractionBits };
}

/**
 * Places by the table of a format; null where there is none. Infinities, NaN, what is almost zero and what the table does not tell is
 * asked.
 */
export function placeByTable(format: ElementFormat, entry: (x: number) => number): Place | null {
  const table = elementTable(format, entry);
  if (table === null) return null;
  const { between, on, near, zeros, shift, first, count: last } = table;
  const rest = (1 << shift) - 1;
  const infinite = 0x7ff00000 >>> shift;
  return (x, from, to, isExact, into, ask) => {
    const { words, codes } = into;
    const edges = isExact ? on : near;
    let [clips, underflows, zeroed] = [0, 0, 0];
    for (let i = from; i < to; i++) {
      const high = words[2 * i + HIGH]!;
      const leading = (high & 0x7fffffff) >>> shift;
      let entry = ASKED;
      if (leading > 0 && leading < infinite) {
        const place = Math.min(last, Math.max(0, leading - first + 1)) + (high >>> 31) * (last + 1);
        entry = (((high & rest) | words[2 * i + 1 - HIGH]!) === 0 ? edges : between)[place]!;
      } else if (x[i] === 0 && leading === 0) entry = zeros[high >>> 31]!;
      if (entry === ASKED) entry = ask(i);
      codes[i] = entry >>> 3;
      if ((entry & 7) === 0) continue;
      if ((entry & ZERO) !== 0) {
        if (x[i] !== 0) zeroed++;
        continue;
      }
      if ((entry & TINY) !== 0) underflows++;
      if ((entry & CLIPPED) !== 0) clips++;
    }
    into.clips += clips;
    into.underflows += underflows + zeroed;
    into.zeroed += zeroed;
  };
}
