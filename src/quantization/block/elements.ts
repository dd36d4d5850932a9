/**
 * Elements of blocks: a number times or over its scale, rounded once, as a code.
 *
 * The unit of the format says what that is. Of at most eight bits a table has its answers (`elementTable.ts`), and random bits decide by a
 * few operations of binary64 (`stochasticElements.ts`), where a quotient that binary64 rounds lies on the same side of all that decides as
 * the exact one, or on it; there the unit is asked.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { BittrueError } from '../../errors/index.ts';
import type { Codebook, ElementFormat, Format } from '../../formats/index.ts';
import { nearestCode } from '../../rounding/codebook.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { OVERFLOW, resolvePolicy, SATURATION, UNDERFLOW } from '../../rounding/index.ts';
import { isPowerOfTwo } from '../../rounding/rounder.ts';
import type { Stochastic } from '../../rounding/stochastic.ts';
import { placeByTable } from './elementTable.ts';
import type { BlockRecipe } from './recipe.ts';
import { CLIPPED, enter, type Place, type Placed, TINY, ZERO } from './run.ts';
import { placeAtRandom } from './stochasticElements.ts';

/** What fills `into`, which has room, with the elements for x[from], … below `to`, and counts what became of these. */
export interface Elements {
  /** x / scale, exact, rounded once; a scale of 0 gives a zero. */
  over(x: Float64Array, from: number, to: number, scale: number, into: Placed): void;
  /** The numbers that lie in `into` for them, as they are. */
  ofNumbers(x: Float64Array, from: number, to: number, into: Placed): void;
}

/** How elements are rounded: a mode, or at random by what a policy says of it. */
export type ElementRounding = BlockRecipe['rounding'] | Partial<Stochastic>;

/** The elements of a format by a mode, clipped at its ends; those of a codebook are the nearest ones. */
export function elementsOf(format: ElementFormat, rounding: ElementRounding): Elements {
  if (format.kind === 'codebook') {
    if (typeof rounding === 'string') return elementsBy(codebookAnswers(format), byTable(format, 'nearest'));
    throw new BittrueError(
      'unsupported',
      'options.stochastic',
      rounding,
      `none: ${format.name} takes the nearest value`,
    );
  }
  const answers = unitAnswers(format, rounding);
  if (typeof rounding === 'string') return elementsBy(answers, byTable(format, rounding));
  return elementsBy(answers, placeAtRandom(format, rounding));
}

/**
 * What decides by itself, a number at a time: 8 · code + what became of the number.
 *
 * @internal
 */
export interface Answers {
  /** For x / scale; `index` is the place of x in its tensor. */
  readonly quotient: (x: number, scale: number, index: number) => number;
  readonly number: (y: number, index: number) => number;
}

/** By the unit of the format. */
function unitAnswers(format: Format, rounding: ElementRounding): Answers {
  const mode =
    typeof rounding === 'string' ? { rounding } : ({ rounding: 'stochastic', stochastic: rounding } as const);
  const unit = new ValueUnit(format, resolvePolicy(format, { ...mode, overflow: 'saturate' }));
  const answer = (value: number): number => {
    const { flags } = unit;
    const clipped = (flags & (OVERFLOW | SATURATION)) !== 0 ? CLIPPED : 0;
    const tiny = (flags & UNDERFLOW) !== 0 ? TINY : 0;
    return 8 * encodeValue(format, value, false) + (clipped | tiny | (value === 0 ? ZERO : 0));
  };
  const place = (index: number) => ({ index, step: 0, stage: 0 });
  return {
    quotient: (x, scale, index) =>
      answer(scale === 0 ? unit.round(x * 0, place(index)) : unit.divide(x, scale, place(index))),
    number: (y, index) => answer(unit.round(y, place(index))),
  };
}

/** By the thresholds of a codebook; a threshold times a scale is a binary64 number. */
function codebookAnswers(codebook: Codebook): Answers {
  const { lowest, highest, thresholds, values, ends } = codebook;
  const answer = (book: Codebook, x: number, scale: number): number => {
    const code = nearestCode(book, Math.min(highest * scale, Math.max(lowest * scale, x)));
    const clipped = x < ends[0] * scale || x > ends[1] * scale ? CLIPPED : 0;
    return 8 * code + (clipped | (values[code] === 0 ? ZERO : 0));
  };
  const number = (y: number): number => answer(codebook, y, 1);
  return {
    quotient: (x, scale) =>
      scale === 0
        ? number(x * 0)
        : answer({ ...codebook, thresholds: thresholds.map((threshold) => threshold * scale) }, x, scale),
    number,
  };
}

const tables = /* @__PURE__ */ new WeakMap<ElementFormat, Partial<Record<string, Place | null>>>();

/** By the table of a format and a mode, made once; null where there is none. */
function byTable(format: ElementFormat, rounding: BlockRecipe['rounding'] | 'nearest'): Place | null {
  const known = tables.get(format) ?? {};
  tables.set(format, known);
  if (known[rounding] === undefined) {
    const answers =
      format.kind === 'codebook' ? codebookAnswers(format) : unitAnswers(format, rounding as 'tiesToEven');
    known[rounding] = placeByTable(format, (x) => answers.number(x, 0));
  }
  return known[rounding];
}

/** Elements placed by a short way where there is one; what it leaves, and those over 0, are asked. */
function elementsBy({ quotient, number }: Answers, place: Place | null): Elements {
  return {
    over(x, from, to, scale, into) {
      const ask = (i: number): number => quotient(x[i]!, scale, into.origin + i);
      if (place === null || scale === 0) askAll(x, from, to, into, ask);
      else place(x, from, to, putQuotients(x, from, to, scale, into), into, ask);
    },
    ofNumbers(x, from, to, into) {
      const ask = (i: number): number => number(into.numbers[i]!, into.origin + i);
      if (place === null) askAll(x, from, to, into, ask);
      else place(x, from, to, true, into, ask);
    },
  };
}

/** Puts quotients of binary64 in their places; whether whatever decides is so decided, as over a power of two. */
function putQuotients(x: Float64Array, from: number, to: number, scale: number, { numbers }: Placed): boolean {
  if (scale > 2 ** -1022 && isPowerOfTwo(scale)) {
    const inverse = 1 / scale;
    for (let i = from; i < to; i++) numbers[i] = x[i]! * inverse;
    return true;
  }
  for (let i = from; i < to; i++) numbers[i] = x[i]! / scale;
  return false;
}

function askAll(x: Float64Array, from: number, to: number, into: Placed, ask: (i: number) => number): void {
  for (let i = from; i < to; i++) {
    enter(into, i, x[i]!, ask(i));
  }
}
