/**
 * Elements of blocks: a number times or over its scale, rounded once, as a code.
 *
 * The unit of the format says what that is. Where the format has gradual underflow and the mode is to nearest, or where it
 * is an integer's, the same is had in a few operations of binary64: what decides (midpoints, the ends of a range) is a
 * binary64 number, so that a rounded quotient lies on the right side of it, or on it; there the unit is asked.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { roundingBlock } from '../../engine/roundingBlock.ts';
import { BittrueError } from '../../errors/index.ts';
import type { Codebook, ElementFormat, Format } from '../../formats/index.ts';
import { nearestCode } from '../../rounding/codebook.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { OVERFLOW, resolvePolicy, roundTo, SATURATION, UNDERFLOW } from '../../rounding/index.ts';
import { exponentOf, isPowerOfTwo } from '../../rounding/rounder.ts';
import type { Stochastic } from '../../rounding/stochastic.ts';
import { MAGIC } from '../divide.ts';
import { type ElementTable, elementTable, placeByTable } from './elementTable.ts';
import type { BlockRecipe } from './recipe.ts';
import { emptyRun, type Placed, roomFor } from './run.ts';

/** What became of a number, as bits. */
export const CLIPPED = 1;
export const TINY = 2;
export const ZERO = 4;

/** What fills `into`, which has room, with the elements for x[from], … below `to`; by its index in x a number's random bits are drawn. */
export interface Elements {
  /** x / scale, exact, rounded once; a scale of 0 gives a zero. */
  over(x: ArrayLike<number>, from: number, to: number, scale: number, into: Placed): void;
  /** The numbers that lie in `into` for x[from], … below `to`, as they are. */
  ofNumbers(from: number, to: number, into: Placed): void;
}

/** How elements are rounded: a mode, or at random by what a policy says of it. */
export type ElementRounding = BlockRecipe['rounding'] | Partial<Stochastic>;

/** The elements of a format by a mode, clipped at its ends; those of a codebook are the nearest ones. */
export function elementsOf(format: ElementFormat, rounding: ElementRounding): Elements {
  if (format.kind === 'codebook') {
    if (typeof rounding === 'string') return new CodebookElements(format);
    throw new BittrueError(
      'unsupported',
      'options.stochastic',
      rounding,
      `none: ${format.name} takes the nearest value`,
    );
  }
  const exact = new UnitElements(format, rounding);
  if (typeof rounding !== 'string') return exact;
  const isNearest = rounding === 'tiesToEven' || rounding === 'tiesToAway';
  if (!isNearest) return exact;
  if (format.kind === 'integer')
    return new QuickElements(format, exact, integerGrid(format), rounding === 'tiesToAway');
  const grid = floatGrid(format, rounding);
  return grid === null ? exact : new QuickElements(format, exact, grid, rounding === 'tiesToAway');
}

/** By the unit of the format. */
class UnitElements implements Elements {
  private readonly format: Format;
  private readonly unit: ValueUnit;

  constructor(format: Format, rounding: ElementRounding) {
    this.format = format;
    const mode =
      typeof rounding === 'string' ? { rounding } : ({ rounding: 'stochastic', stochastic: rounding } as const);
    this.unit = new ValueUnit(format, resolvePolicy(format, { ...mode, overflow: 'saturate' }));
  }

  over(x: ArrayLike<number>, from: number, to: number, scale: number, into: Placed): void {
    for (let i = from; i < to; i++) this.putQuotient(x[i]!, scale, into, i - from, i);
  }

  ofNumbers(from: number, to: number, into: Placed): void {
    for (let i = from; i < to; i++) this.putRounded(into.numbers[i - from]!, into, i - from, i);
  }

  /** The element for x / scale at place `at`. */
  putQuotient(x: number, scale: number, into: Placed, at: number, index: number): void {
    const place = { index, step: 0, stage: 0 };
    this.put(scale === 0 ? this.unit.round(x * 0, place) : this.unit.divide(x, scale, place), into, at);
  }

  /** The element for y. */
  putRounded(y: number, into: Placed, at: number, index: number): void {
    this.put(this.unit.round(y, { index, step: 0, stage: 0 }), into, at);
  }

  private put(value: number, into: Placed, at: number): void {
    const { flags } = this.unit;
    into.codes[at] = encodeValue(this.format, value, false);
    into.found[at] =
      ((flags & (OVERFLOW | SATURATION)) !== 0 ? CLIPPED : 0) |
      ((flags & UNDERFLOW) !== 0 ? TINY : 0) |
      (value === 0 ? ZERO : 0);
  }
}

/** Where a number is asked by itself. */
const ASKED = 8;

/** So many numbers are worth a table. */
const MANY = 2 ** 14;

/** The table of a format, as soon as it is worth it. */
function tableWhenMany(
  format: ElementFormat,
  one: (x: number) => { readonly code: number; readonly found: number },
): (count: number) => ElementTable | null {
  let seen = 0;
  let table: ElementTable | null = null;
  return (count) => {
    if (seen <= MANY) {
      seen += count;
      if (seen > MANY) table = elementTable(format, ASKED, one);
    }
    return table;
  };
}

/** By the thresholds of a codebook; a threshold times a scale is a binary64 number. */
class CodebookElements implements Elements {
  private readonly codebook: Codebook;
  private readonly scaled: Codebook;
  private readonly table: (count: number) => ElementTable | null;

  constructor(codebook: Codebook) {
    this.codebook = codebook;
    this.scaled = { ...codebook, thresholds: [...codebook.thresholds] };
    const into = roomFor(emptyRun(), 1);
    this.table = tableWhenMany(codebook, (x) => {
      this.put(codebook, [x], 0, 1, 1, into);
      return { code: into.codes[0]!, found: into.found[0]! };
    });
  }

  over(x: ArrayLike<number>, from: number, to: number, scale: number, into: Placed): void {
    if (scale === 0) {
      for (let i = from; i < to; i++) into.numbers[i - from] = x[i]! * 0;
      this.put(this.codebook, into.numbers, 0, to - from, 1, into);
      return;
    }
    const thresholds = this.scaled.thresholds as number[];
    this.codebook.thresholds.forEach((threshold, i) => {
      thresholds[i] = threshold * scale;
    });
    this.put(this.scaled, x, from, to, scale, into);
  }

  ofNumbers(from: number, to: number, into: Placed): void {
    const count = to - from;
    const table = this.table(count);
    if (table === null) {
      this.put(this.codebook, into.numbers, 0, count, 1, into);
      return;
    }
    placeByTable(table, count, true, ASKED, into);
    for (let i = 0; i < count; i++) {
      if (into.found[i] === ASKED) this.put(this.codebook, into.numbers, i, i + 1, 1, into, i);
    }
  }

  private put(
    codebook: Codebook,
    x: ArrayLike<number>,
    from: number,
    to: number,
    scale: number,
    { codes, found }: Placed,
    at = 0,
  ): void {
    const { lowest, highest, values, ends } = codebook;
    const [least, most] = [lowest * scale, highest * scale];
    const [below, above] = [ends[0] * scale, ends[1] * scale];
    for (let i = from; i < to; i++) {
      const number = x[i]!;
      const code = nearestCode(codebook, Math.min(most, Math.max(least, number)));
      codes[at + i - from] = code;
      found[at + i - from] = (number < below || number > above ? CLIPPED : 0) | (values[code] === 0 ? ZERO : 0);
    }
  }
}

/** The numbers of a format, as what decides between them. */
interface Grid {
  /** The steps of the binades, the lowest one first; an integer has one binade. */
  readonly steps: Float64Array;
  /** The exponent of the lowest binade, and how many codes a binade has. */
  readonly lowest: number;
  readonly perBinade: number;
  /** From here on a magnitude is clipped; for negative numbers. */
  readonly over: number;
  readonly overNegative: number;
  /** An inexact magnitude below underflows. */
  readonly tiny: number;
  /** Codes of the ends, of −0, and what a negative number's has more, or less, than its magnitude's. */
  readonly largest: number;
  readonly lowestCode: number;
  readonly minusZero: number;
  readonly sign: number;
  readonly isInteger: boolean;
}

function floatGrid(format: Extract<Format, { kind: 'float' }>, rounding: 'tiesToEven' | 'tiesToAway'): Grid | null {
  const block = roundingBlock(roundTo(format, { rounding, overflow: 'saturate' }), 8);
  if (block === null || block.constants.top !== format.max) return null;
  const { over, overNegative, tiny } = block.constants as Readonly<Record<string, number>>;
  const { emin, emax, mantissaBits, bits, max, negativeZero } = format;
  const sign = 2 ** (bits - 1);
  const largest = encodeValue(format, max, false);
  return {
    steps: Float64Array.from({ length: emax - emin + 1 }, (_, i) => 2 ** (emin + i - mantissaBits)),
    lowest: emin,
    perBinade: 2 ** mantissaBits,
    over: over!,
    overNegative: overNegative!,
    tiny: tiny!,
    largest,
    lowestCode: largest + sign,
    minusZero: negativeZero ? sign : 0,
    sign,
    isInteger: false,
  };
}

function integerGrid(format: Extract<Format, { kind: 'integer' }>): Grid {
  const { fractionBits, min, max, codes } = format;
  const step = 2 ** -fractionBits;
  return {
    steps: Float64Array.of(step),
    lowest: 0,
    perBinade: 0,
    // What is nearest to a number beyond the ends is clipped; half a step beyond is asked of the unit.
    over: max + step / 2,
    overNegative: -min + step / 2,
    tiny: 0,
    largest: max / step,
    lowestCode: codes + min / step,
    minusZero: 0,
    sign: codes,
    isInteger: true,
  };
}

/** By a few operations of binary64, or by a table. */
class QuickElements implements Elements {
  private readonly exact: UnitElements;
  private readonly grid: Grid;
  private readonly isAway: boolean;
  private readonly table: (count: number) => ElementTable | null;

  constructor(format: Format, exact: UnitElements, grid: Grid, isAway: boolean) {
    const into = roomFor(emptyRun(), 1);
    this.table = tableWhenMany(format, (x) => {
      exact.putRounded(x, into, 0, 0);
      return { code: into.codes[0]!, found: into.found[0]! };
    });
    this.exact = exact;
    this.grid = grid;
    this.isAway = isAway;
  }

  over(x: ArrayLike<number>, from: number, to: number, scale: number, into: Placed): void {
    const { numbers, found } = into;
    for (let i = from; i < to; i++) numbers[i - from] = x[i]! / scale;
    // Over a power of two, a quotient that binary64 rounds is smaller than anything that decides.
    this.place(to - from, scale > 2 ** -1022 && isPowerOfTwo(scale), into);
    for (let i = from; i < to; i++) {
      const at = i - from;
      if (found[at] === ASKED || (numbers[at] === 0 && x[i] !== 0)) this.exact.putQuotient(x[i]!, scale, into, at, i);
    }
  }

  ofNumbers(from: number, to: number, into: Placed): void {
    this.place(to - from, true, into);
    for (let i = 0; i < to - from; i++) {
      if (into.found[i] === ASKED) this.exact.putRounded(into.numbers[i]!, into, i, from + i);
    }
  }

  /** Places `into.numbers`, quotients that are rounded unless they are exact; what it cannot tell is `ASKED`. */
  private place(count: number, isExact: boolean, into: Placed): void {
    const table = this.table(count);
    if (table === null) this.placeOnGrid(count, isExact, into);
    else placeByTable(table, count, isExact, ASKED, into);
  }

  private placeOnGrid(count: number, isExact: boolean, { numbers, codes, found }: Placed): void {
    const { steps, lowest, perBinade, over, overNegative, tiny, largest, lowestCode, minusZero, sign, isInteger } =
      this.grid;
    for (let i = 0; i < count; i++) {
      const y = numbers[i]!;
      const a = Math.abs(y);
      const limit = y < 0 ? overNegative : over;
      if (!(a < limit)) {
        codes[i] = y < 0 ? lowestCode : largest;
        found[i] = a > limit && a < Infinity ? CLIPPED : ASKED;
        continue;
      }
      const binade = isInteger || a === 0 ? 0 : Math.max(0, exponentOf(a) - lowest);
      const step = steps[binade]!;
      const magic = MAGIC * step;
      let r = a + magic - magic;
      const off = a - r;
      const isTie = off + off === step || off + off === -step;
      if (isTie && isExact && this.isAway) r = a + step / 2;
      if (r === 0) {
        codes[i] = y < 0 || Object.is(y, -0) ? minusZero : 0;
        found[i] = isInteger || a === 0 ? ZERO : ZERO | TINY;
      } else {
        const code = binade * perBinade + r / step;
        codes[i] = y >= 0 ? code : isInteger ? sign - code : sign + code;
        found[i] = a < tiny && r !== a ? TINY : 0;
      }
      if (!isExact && (isTie || a === tiny || (a < tiny && r === a && a !== 0))) found[i] = ASKED;
    }
  }
}
