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
import type { Position } from '../../rounding/philox.ts';
import { exponentOf } from '../../rounding/rounder.ts';
import type { Stochastic } from '../../rounding/stochastic.ts';
import { MAGIC } from '../divide.ts';
import type { BlockRecipe } from './recipe.ts';

/** What became of a number, as bits. */
export const CLIPPED = 1;
export const TINY = 2;
export const ZERO = 4;

/** A number's code, and what became of it. */
export interface Element {
  code: number;
  found: number;
}

/** What fills `into` with the element that stands for x; `index`: its place in the tensor, by which random bits are drawn. */
export interface Elements {
  /** x / scale, exact, rounded once; a scale of 0 gives a zero. */
  over(x: number, scale: number, into: Element, index?: number): void;
  /** x / divisor, both of binary32, rounded to it, then to the element's format. */
  overSingle(x: number, divisor: number, into: Element, index?: number): void;
  /** x · factor, both of binary32, rounded to it, then to the element's format. */
  times(x: number, factor: number, into: Element, index?: number): void;
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
  if (format.kind === 'integer') return new QuickElements(exact, integerGrid(format), rounding === 'tiesToAway');
  const grid = floatGrid(format, rounding);
  return grid === null ? exact : new QuickElements(exact, grid, rounding === 'tiesToAway');
}

/** Where an element's random bits are drawn. */
function placeOf(index = 0): Position {
  return { index, step: 0, stage: 0 };
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

  over(x: number, scale: number, into: Element, index?: number): void {
    const at = placeOf(index);
    this.put(scale === 0 ? this.unit.round(x * 0, at) : this.unit.divide(x, scale, at), into);
  }

  overSingle(x: number, divisor: number, into: Element, index?: number): void {
    const single = Math.fround(x);
    this.put(this.unit.round(single === 0 ? single : Math.fround(single / divisor), placeOf(index)), into);
  }

  times(x: number, factor: number, into: Element, index?: number): void {
    const single = Math.fround(x);
    // Zeros stay what they are, whatever the factor.
    this.put(this.unit.round(single === 0 ? single : Math.fround(single * factor), placeOf(index)), into);
  }

  private put(value: number, into: Element): void {
    const { flags } = this.unit;
    into.code = encodeValue(this.format, value, false);
    into.found =
      ((flags & (OVERFLOW | SATURATION)) !== 0 ? CLIPPED : 0) |
      ((flags & UNDERFLOW) !== 0 ? TINY : 0) |
      (value === 0 ? ZERO : 0);
  }
}

/** By the thresholds of a codebook; a threshold times a scale is a binary64 number. */
class CodebookElements implements Elements {
  private readonly codebook: Codebook;
  private readonly scaled: Codebook;
  private scale = 1;

  constructor(codebook: Codebook) {
    this.codebook = codebook;
    this.scaled = { ...codebook, thresholds: [...codebook.thresholds] };
  }

  over(x: number, scale: number, into: Element): void {
    if (scale === 0) {
      this.put(this.codebook, x * 0, 1, into);
      return;
    }
    if (scale !== this.scale) {
      this.scale = scale;
      const thresholds = this.scaled.thresholds as number[];
      this.codebook.thresholds.forEach((threshold, i) => {
        thresholds[i] = threshold * scale;
      });
    }
    this.put(this.scaled, x, scale, into);
  }

  overSingle(x: number, divisor: number, into: Element): void {
    const single = Math.fround(x);
    this.put(this.codebook, single === 0 ? single : Math.fround(single / divisor), 1, into);
  }

  times(x: number, factor: number, into: Element): void {
    const single = Math.fround(x);
    this.put(this.codebook, single === 0 ? single : Math.fround(single * factor), 1, into);
  }

  private put(codebook: Codebook, x: number, scale: number, into: Element): void {
    const { lowest, highest, values, ends } = codebook;
    into.code = nearestCode(codebook, Math.min(highest * scale, Math.max(lowest * scale, x)));
    const isClipped = x < ends[0] * scale || x > ends[1] * scale;
    into.found = (isClipped ? CLIPPED : 0) | (values[into.code] === 0 ? ZERO : 0);
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

/** By a few operations of binary64. */
class QuickElements implements Elements {
  private readonly exact: UnitElements;
  private readonly grid: Grid;
  private readonly isAway: boolean;

  constructor(exact: UnitElements, grid: Grid, isAway: boolean) {
    this.exact = exact;
    this.grid = grid;
    this.isAway = isAway;
  }

  over(x: number, scale: number, into: Element, index?: number): void {
    const quotient = x / scale;
    if (!this.place(quotient, false, into)) this.exact.over(x, scale, into, index);
  }

  overSingle(x: number, divisor: number, into: Element, index?: number): void {
    const single = Math.fround(x);
    if (single === 0 || !this.place(Math.fround(single / divisor), true, into))
      this.exact.overSingle(x, divisor, into, index);
  }

  times(x: number, factor: number, into: Element, index?: number): void {
    const single = Math.fround(x);
    if (single === 0 || !this.place(Math.fround(single * factor), true, into)) this.exact.times(x, factor, into, index);
  }

  /** False where it cannot tell: on what decides, and beyond finite numbers. */
  private place(y: number, isExact: boolean, into: Element): boolean {
    const { steps, lowest, perBinade, over, overNegative, tiny, largest, lowestCode, minusZero, sign, isInteger } =
      this.grid;
    const a = Math.abs(y);
    const limit = y < 0 ? overNegative : over;
    if (a > limit && a < Infinity) {
      into.code = y < 0 ? lowestCode : largest;
      into.found = CLIPPED;
      return true;
    }
    if (!(a > 0 && a < limit)) return false;
    const binade = isInteger ? 0 : Math.max(0, exponentOf(a) - lowest);
    const step = steps[binade]!;
    const magic = MAGIC * step;
    let r = a + magic - magic;
    const off = a - r;
    if (off + off === step || off + off === -step) {
      if (!isExact) return false;
      if (this.isAway) r = a + step / 2;
    }
    if (!isExact && (a === tiny || (a < tiny && r === a))) return false;
    const code = binade * perBinade + r / step;
    if (r === 0) {
      into.code = y < 0 ? minusZero : 0;
      into.found = isInteger ? ZERO : ZERO | TINY;
      return true;
    }
    into.code = y >= 0 ? code : isInteger ? sign - code : sign + code;
    into.found = a < tiny && r !== a ? TINY : 0;
    return true;
  }
}
