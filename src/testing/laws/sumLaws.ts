/**
 * What sums of values of a format obey, whatever their order of addition, and what those of a given order do.
 *
 * @module
 */

import { createUnit } from '../../arithmetic/unit.ts';
import { checkBoolean, checkName, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { isValue } from '../../rounding/codes.ts';
import { round } from '../../rounding/round.ts';
import { formatArgument } from '../check/checkRounding.ts';
import { spell } from '../check/conversionWords.ts';
import type { Next } from '../conformance/sample.ts';
import type { Law } from './law.ts';

/** A sum under test. */
export type Sum = (terms: readonly number[]) => number;

/** What the sum promises. */
export interface SumLawOptions {
  /** Whether the order of the terms does not matter: exact and integer accumulators. Default false. */
  readonly permutable?: boolean;
  /** `sequential`: from the first term to the last, each sum rounded to the format; `any` (default). */
  readonly order?: 'sequential' | 'any';
}

type SumLaw = Law<Sum, readonly number[]>;

/**
 * The laws of a sum rounded to a float format: one term is itself; zeros change nothing; the sign; doubling; a value of the
 * format; where promised, any permutation, or the interval of all roundings down and all roundings up.
 *
 * @throws {@link BittrueError} for a format or option that does not exist
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { checkLaws, sumLaws } from 'bittrue/testing';
 * const sum = (terms: readonly number[]) => terms.reduce((sum, x) => round(binary16, sum + x), 0);
 * checkLaws(sum, sumLaws(binary16, { order: 'sequential' })).ok; // true
 * checkLaws(sum, sumLaws(binary16, { permutable: true })).broken; // ['permutation']
 */
export function sumLaws(format: Format | string, options: SumLawOptions = {}): Law<Sum, readonly number[]>[] {
  const of = formatArgument('format', format);
  checkObject('options', options, ['permutable', 'order']);
  const permutable = checkBoolean('options.permutable', options.permutable ?? false);
  const order = checkName('options.order', options.order ?? 'any', ['sequential', 'any']);
  const terms = termsOf(of);
  const law = (name: string, text: string, broken: SumLaw['broken'], cases: SumLaw['cases'] = terms): SumLaw => ({
    name,
    text,
    cases,
    broken,
    complexity: (xs) => xs.reduce((sum, x) => sum + 4 + String(x).length, 0),
  });
  const same = (a: number, b: number): boolean => a === b || (a !== a && b !== b);
  return [
    law('single', 'one term is its own sum', (sum, [x = 0]) =>
      same(sum([x]), x) ? null : `${spell(x)} gives ${spell(sum([x]))}`,
    ),
    law('representable', `the sum is a value of ${formatName(of)}`, (sum, xs) => {
      const found = sum(xs);
      return found === 0 || !Number.isFinite(found) || isValue(of, found) ? null : `${told(xs)} gives ${spell(found)}`;
    }),
    law('zeros', 'zeros behind the terms change nothing', (sum, xs) => {
      const [plain, longer] = [sum(xs), sum([...xs, 0, 0, 0])];
      return order === 'any' && xs.length > 1
        ? null
        : same(plain, longer)
          ? null
          : `${told(xs)} gives ${spell(plain)}, with zeros ${spell(longer)}`;
    }),
    ...(of.signed && of.kind === 'float'
      ? [
          law('sign', 'minus the terms gives minus the sum', (sum, xs) => {
            const [plain, minus] = [sum(xs), sum(xs.map((x) => -x))];
            return same(plain, -minus) ? null : `${told(xs)} gives ${spell(plain)}, minus it ${spell(minus)}`;
          }),
        ]
      : []),
    ...(of.kind === 'float'
      ? [
          law('doubling', 'twice the terms gives twice the sum, far from the ends of the range', (sum, xs) => {
            const [plain, twice] = [sum(xs), sum(xs.map((x) => 2 * x))];
            return same(2 * plain, twice) ? null : `${told(xs)} gives ${spell(plain)}, twice it ${spell(twice)}`;
          }),
        ]
      : []),
    ...(permutable
      ? [
          law('permutation', 'the order of the terms does not matter', (sum, xs) => {
            const [plain, turned] = [sum(xs), sum([...xs].reverse())];
            return same(plain, turned) ? null : `${told(xs)} gives ${spell(plain)}, backward ${spell(turned)}`;
          }),
        ]
      : []),
    ...(order === 'sequential' && of.kind === 'float'
      ? [
          law('interval', 'the sum lies between those that round down, and up, at every step', (sum, xs) => {
            const [low, high] = [chain(of, 'towardNegative', xs), chain(of, 'towardPositive', xs)];
            const found = sum(xs);
            return found >= low && found <= high
              ? null
              : `${told(xs)} gives ${spell(found)}, not in ${spell(low)} … ${spell(high)}`;
          }),
        ]
      : []),
  ];
}

function told(xs: readonly number[]): string {
  return `[${xs.map(spell).join(', ')}]`;
}

/** The sequential sum with every step rounded in one direction. */
function chain(format: Format, rounding: 'towardNegative' | 'towardPositive', xs: readonly number[]): number {
  const unit = createUnit({ format, policy: { rounding } });
  return xs.reduce((sum, x) => unit.add(sum, x), 0);
}

/** One to sixteen values of moderate size, some of which are much smaller than the rest. */
function termsOf(format: Format): (next: Next) => Generator<number[]> {
  const scale = format.kind === 'float' ? 2 ** Math.floor((format.emax + format.emin) / 2) : 1;
  return function* (next) {
    for (;;) {
      const width = 1 + next(16);
      yield Array.from({ length: width }, () => {
        const magnitude =
          (1 + next(64)) * 2 ** -next(format.kind === 'float' ? Math.min(8, format.mantissaBits + 1) : 1);
        const x = round(format, magnitude * scale, { overflow: 'saturate' });
        return format.signed && next(2) === 0 ? -x : x;
      });
    }
  };
}
