/**
 * Results that become another: one number throughout a range, or the code without its last bits.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { Conversion, Setup } from '../conformance/compute.ts';
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import type { Answer } from './families.ts';
import { valueAt } from './grid.ts';
import { rangesOf, spellShort } from './ranges.ts';
import { writing } from './writing.ts';

/** The magnitude that wrong answers have most often, in place of whatever lies in a range. */
export function constantsInRanges({ format }: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  const groups = new Map<number, number[]>();
  for (const { operands, value } of wrong) {
    const a = Math.abs((operands[0] as Operand).x);
    if (!(a > 0 && a < Infinity)) continue;
    const group = groups.get(Math.abs(value)) ?? [];
    group.push(a);
    groups.set(Math.abs(value), group);
  }
  const [frequent] = [...groups].sort(([, a], [, b]) => b.length - a.length);
  if (frequent === undefined || frequent[1].length < 3) return [];
  const [constant, magnitudes] = frequent;
  const spelled =
    constant > 0 && constant < Infinity
      ? spellShort(constant)
      : ({ 0: 'zero', Infinity: 'infinity' }[constant] ?? 'NaN');
  return rangesOf(magnitudes).flatMap(({ words, holds }) => {
    const become = (suffix: string, more: string, sign: (x: number) => number): Behaviour<Setup> => ({
      base: spelled,
      ...writing(
        format,
        'constant',
        `${spelled}${suffix} ${words}`,
        `makes ${spelled}${more} of numbers ${words}`,
        (_, x) => (x !== 0 && Number.isFinite(x) && holds(Math.abs(x)) ? sign(x) * constant : null),
      ),
    });
    // NaN has no sign that counts.
    if (constant !== constant) return [become('', '', () => 1)];
    return [become('', ', with their sign,', Math.sign), become(' unsigned', ', without their sign,', () => 1)];
  });
}

/** Codes whose last bits are lost once the number is rounded. */
export function bitsCleared(format: Format): Behaviour<Setup>[] {
  if (format.bits > 53) return [];
  return [1, 2, 3, 4]
    .filter((n) => n < format.bits - 1)
    .map((n) =>
      writing(
        format,
        'cleared',
        `bitsCleared${n}`,
        `clears the last ${n === 1 ? 'bit' : `${n} bits`} of the code once it has rounded`,
        ({ value, code }) =>
          Number.isFinite(value) && Number.isInteger(code) ? valueAt(format, code - (code % 2 ** n)) : null,
      ),
    );
}
