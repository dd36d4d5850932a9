/**
 * Numbers and the values of a codebook.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkNumber, checkObject } from '../errors/index.ts';
import { checkCodebook } from '../formats/check.ts';
import type { Codebook } from '../formats/codebook.ts';
import { decimalPair } from './decimalPair.ts';
import { exactDecimal } from './dyadic.ts';
import type { Neighbour } from './explain.ts';
import { parseNumeral } from './numeral.ts';

/** How numbers beyond the values are coded. */
export interface CodebookOptions {
  /** `infinity`, the default: as the thresholds have it; `saturate`: the outermost finite value. */
  readonly overflow?: 'infinity' | 'saturate';
}

/**
 * The code of the value nearest to x.
 *
 * @throws {@link BittrueError} `value` for a NaN that the codebook has not
 * @example
 * import { hifloat8, nf4 } from 'bittrue/formats';
 * import { encodeCodebook } from 'bittrue/rounding';
 * encodeCodebook(nf4, 0.3); // 11: 0.33791524171829224
 * encodeCodebook(hifloat8, 1.25 * 2 ** 15); // 0x6f, infinity
 * encodeCodebook(hifloat8, 1e9, { overflow: 'saturate' }); // 0x6e, 2^15
 */
export function encodeCodebook(codebook: Codebook, x: number, options: CodebookOptions = {}): number {
  checkCodebook('codebook', codebook);
  checkNumber('x', x);
  checkObject('options', options, ['overflow']);
  const saturates =
    checkName('options.overflow', options.overflow ?? 'infinity', ['infinity', 'saturate']) === 'saturate';
  if (x !== x) return codeOfNaN(codebook);
  return nearestCode(codebook, saturates ? Math.min(codebook.highest, Math.max(codebook.lowest, x)) : x);
}

/**
 * The value of a code.
 *
 * @throws {@link BittrueError} for a code that there is not
 * @example
 * import { iq4nl } from 'bittrue/formats';
 * import { decodeCodebook } from 'bittrue/rounding';
 * decodeCodebook(iq4nl, 15); // 113
 */
export function decodeCodebook(codebook: Codebook, code: number): number {
  checkCodebook('codebook', codebook);
  return codebook.values[checkInteger('code', code, 0, codebook.codes - 1)]!;
}

/** One number in a codebook, told in full. */
export interface CodebookExplanation {
  readonly codebook: string;
  /** The number, all digits. */
  readonly input: string;
  readonly code: number;
  readonly value: number;
  /** The code's bits. */
  readonly bits: string;
  /** The next values down and up; null where there is none, and of NaN. */
  readonly below: Neighbour | null;
  readonly above: Neighbour | null;
  /** What divides the numbers that become this value from those that become its neighbours. */
  readonly from: number | null;
  readonly to: number | null;
  /** Whether the number lies on a threshold, so that `ties` decides. */
  readonly isTie: boolean;
}

/**
 * Explains what a number becomes in a codebook: code, value, neighbours, and the thresholds between them.
 *
 * @param x - a number, or a decimal string, which is not rounded on the way in
 * @throws {@link BittrueError} `value` for a NaN that the codebook has not
 * @example
 * import { iq4nl } from 'bittrue/formats';
 * import { explainCodebook } from 'bittrue/rounding';
 * const told = explainCodebook(iq4nl, 7);
 * told.isTie; // true: 7 lies midway of 1 and 13
 * told.value; // 13
 */
export function explainCodebook(codebook: Codebook, x: number | string): CodebookExplanation {
  checkCodebook('codebook', codebook);
  const { name, bits, values, ascending, thresholds } = codebook;
  const { x: near, residual } = decimalPair(typeof x === 'string' ? parseNumeral('x', x) : checkNumber('x', x));
  const hasNoValue = near !== near;
  const passed = hasNoValue ? 0 : placeOf(thresholds, near, residual);
  const isTie = !hasNoValue && residual === 0 && near === thresholds[passed];
  const code = hasNoValue ? codeOfNaN(codebook) : codeAt(codebook, passed, isTie, near);
  const place = ascending.indexOf(code);
  const neighbour = (at: number): Neighbour | null => {
    const next = place < 0 ? undefined : ascending[at];
    return next === undefined ? null : { value: values[next]!, code: next };
  };
  return {
    codebook: name,
    input: typeof x === 'string' ? x : exactDecimal(x),
    code,
    value: values[code]!,
    bits: code.toString(2).padStart(bits, '0'),
    below: neighbour(place - 1),
    above: neighbour(place + 1),
    from: place < 0 ? null : (thresholds[place - 1] ?? null),
    to: place < 0 ? null : (thresholds[place] ?? null),
    isTie,
  };
}

/** The code of a number other than NaN; nothing is checked. */
export function nearestCode(codebook: Codebook, x: number): number {
  const place = placeOf(codebook.thresholds, x, 0);
  return codeAt(codebook, place, x === codebook.thresholds[place], x);
}

/** How many thresholds lie below x + residual. */
function placeOf(thresholds: readonly number[], x: number, residual: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const threshold = thresholds[middle]!;
    if (threshold < x || (threshold === x && residual > 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The code behind so many thresholds, or the next one up where x lies on it. */
function codeAt({ ascending, values, ties }: Codebook, place: number, isTie: boolean, x: number): number {
  const lower = ascending[place]!;
  if (!isTie) return lower;
  const upper = ascending[place + 1]!;
  return isUp(ties, values, lower, upper, x) ? upper : lower;
}

function isUp(ties: Codebook['ties'], values: readonly number[], lower: number, upper: number, x: number): boolean {
  // Between two zeros the sign decides.
  if (values[lower] === values[upper]) return !Object.is(x, -0);
  if (ties === 'up' || ties === 'down') return ties === 'up';
  if (ties === 'even') return upper % 2 === 0 && lower % 2 !== 0;
  return Math.abs(values[upper]!) > Math.abs(values[lower]!);
}

function codeOfNaN({ name, values }: Codebook): number {
  const code = values.findIndex((value) => Number.isNaN(value));
  if (code < 0) throw new BittrueError('value', 'x', Number.NaN, `a number: ${name} has no NaN`);
  return code;
}
