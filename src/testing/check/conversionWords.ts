/**
 * A conversion's case in words: where the exact number lies, what is right, what came instead.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { encodeBinary64 } from '../../rounding/binary64.ts';
import { encodeValue, isValue } from '../../rounding/codes.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { type Conversion, convertWith, setupOf } from '../conformance/compute.ts';
import { hexBits, type Operand, operandOf } from '../conformance/operand.ts';
import { cut, leastNormal, quantumAt } from '../diagnosis/grid.ts';
import type { Row } from './call.ts';

/** A number as a person reads it. */
export function spell(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** A code, hexadecimal. */
export function hex(format: Format, code: number): string {
  return `0x${code.toString(16).padStart(Math.ceil(format.bits / 4), '0')}`;
}

/** Where a number lies among a format's values, the upper end of the range left out of account. */
export type Position = 'exact' | 'tie' | 'near' | 'between';

/** How far from a midpoint, in units of the last place, still counts as beside it. */
const BESIDE = 2 ** -8;

/** The position of a finite number. */
export function positionOf(format: Format, x: number): Position {
  const quantum = quantumAt(format, Math.abs(x));
  const rest = Math.abs(x - cut(x, quantum)) / quantum;
  if (rest === 0) return 'exact';
  if (rest === 0.5) return 'tie';
  return Math.abs(rest - 0.5) < BESIDE ? 'near' : 'between';
}

const positions: Readonly<Record<Position, string>> = {
  exact: 'exact',
  tie: 'tie',
  near: 'beside a tie',
  between: 'inexact',
};

/** The class of a number on its way to a format: `tie`, `subnormal tie`, `overflow`, `NaN`, … */
export function classOf(format: Format, x: number): string {
  if (x !== x) return 'NaN';
  const a = Math.abs(x);
  if (a === Infinity) return 'infinity';
  if (x === 0) return 'zero';
  if (x < 0 && !format.signed) return 'negative';
  const half = quantumAt(format, format.max) / 2;
  if (a > format.max) {
    const over = a - format.max;
    return over < half ? 'beyond max, less than half a step' : over === half ? 'overflow tie' : 'overflow';
  }
  if (format.kind === 'float' && a < leastNormal(format)) {
    const least = format.minSubnormal ?? format.minNormal;
    if (a < least) return 'below the smallest number';
    return `subnormal ${positions[positionOf(format, x)]}`;
  }
  return positions[positionOf(format, x)];
}

/** What is wrong about an answer. */
export function wrongness(format: Format, expected: CodeOutcome, row: Row): string {
  const [want, got] = [expected.value, row.value];
  if (row.failure !== null) return row.failure.startsWith('throws') ? 'throws' : 'gives no result';
  if (want !== want && got !== got) return 'NaN with another code';
  if (got !== got) return 'NaN';
  if (want !== want) return Number.isFinite(got) ? 'a number instead of NaN' : 'infinity instead of NaN';
  if (want === 0 && got === 0) return 'zero of the other sign';
  if (Math.abs(got) === Infinity) return 'infinite';
  if (Math.abs(want) === Infinity) return 'finite';
  if (want === -got) return 'of the other sign';
  if (got === 0) return 'zero';
  const ratio = got / want;
  if (format.bits <= 53 && !isValue(format, got)) return 'no value of the format';
  const steps = (got - want) / quantumAt(format, Math.min(Math.abs(want), Math.abs(got)));
  const direction = Math.abs(got) > Math.abs(want) ? 'too large' : 'too small';
  if (Math.abs(steps) === 1) return `one step ${direction}`;
  if (ratio > 0 && Number.isFinite(ratio) && Number.isInteger(Math.log2(ratio))) return `off by 2^${Math.log2(ratio)}`;
  return direction;
}

/** An answer: `1.125 (0x39)`. */
export function answer(format: Format, value: number, code: number | null): string {
  return code === null || code !== code ? spell(value) : `${spell(value)} (${hex(format, code)})`;
}

/** A row's answer, or what there is instead. */
export function answerWords(format: Format, row: Row): string {
  return row.failure ?? `gives ${answer(format, row.value, row.code)}`;
}

/** A case in a sentence. */
export function conversionWords(task: Conversion, expected: CodeOutcome, row: Row): string {
  const { format } = task;
  const { x } = row.operands[0] as Operand;
  const right = answer(format, expected.value, expected.code);
  return `${where(task, x, codeWords(task, row.operands[0] as Operand))}: right is ${right}, the implementation ${answerWords(format, row)}`;
}

/** The code of an operand where it is short, or where the number does not say it. */
function codeWords({ source }: Conversion, { bits, x }: Operand): string {
  if (source === 'binary64' ? x === x : source.bits > 16 && x === x) return '';
  return ` (0x${hexBits(source, bits).toLowerCase()})`;
}

/** Where a number lies, in words. */
function where(task: Conversion, x: number, code: string): string {
  const { format, policy } = task;
  const name = formatName(format);
  const number = `${spell(x)}${code}`;
  if (x !== x || x === 0) return `${number} into ${name}`;
  if (Math.abs(x) === Infinity) return `${number} into ${name}, overflow ${policy.overflow}`;
  if (Math.abs(x) > format.max) {
    const threshold = format.max + quantumAt(format, format.max) / 2;
    const reach =
      Math.abs(x) === threshold ? 'lies halfway between' : Math.abs(x) < threshold ? 'is nearer to' : 'lies beyond';
    if (reach === 'is nearer to')
      return `${number} is nearer to ${name}'s largest number ${format.max} than to the next step`;
    if (reach === 'lies halfway between') {
      return `${number} lies halfway between ${name}'s largest number ${format.max} and the next step, ${policy.rounding}`;
    }
    return `${number} lies beyond ${name}'s largest number ${format.max}, overflow ${policy.overflow}`;
  }
  const quantum = quantumAt(format, Math.abs(x));
  const lower = cut(x, quantum);
  if (lower === x && isValue(format, x)) return `${number} is a number of ${name}`;
  const upper = lower + Math.sign(x) * quantum;
  const rest = Math.abs(x - lower) / quantum;
  const [from, to] = [spell(lower), spell(upper)];
  if (rest === 0.5) return `${number} lies halfway between ${from} and ${to} of ${name}, ${policy.rounding}`;
  const near = Math.abs(rest - 0.5) < BESIDE ? ', just beside the middle' : '';
  return `${number} lies between ${from} and ${to} of ${name}${near}, nearer to ${rest < 0.5 ? from : to}`;
}

/** How hard a case is to read: few digits, magnitudes near one and positive numbers first. */
export function complexity(operands: readonly Operand[]): number {
  let sum = 0;
  for (const { x } of operands) {
    if (x !== x || Math.abs(x) === Infinity) sum += 12;
    else if (x !== 0) sum += 4 * String(Math.abs(x)).length + Math.abs(Math.log2(Math.abs(x)));
    if (x < 0 || Object.is(x, -0)) sum += 1;
  }
  return sum;
}

/** Simpler numbers of a source beside one: fewer digits, nearer to one, positive. */
export function simplerOperands(task: Conversion, operand: Operand): Operand[] {
  const { source } = task;
  const { x } = operand;
  if (!Number.isFinite(x) || x === 0) return [];
  const found: number[] = [];
  const exponent = Math.floor(Math.log2(Math.abs(x)));
  for (const bits of [0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24]) {
    const unit = 2 ** (exponent - bits);
    found.push(Math.round(x / unit) * unit, Math.ceil(x / unit) * unit, Math.floor(x / unit) * unit);
  }
  found.push(-x, x / 2 ** exponent, x / 2, x * 2, x / 2 ** Math.trunc(exponent / 2));
  return found.filter((one) => Number.isFinite(one) && one !== x).flatMap((one) => operandAt(source, one));
}

/** The operand of a number, if a source has it. */
export function operandAt(source: Conversion['source'], x: number): Operand[] {
  if (source === 'binary64') return [operandOf(source, encodeBinary64(x))];
  if (!isValue(source, x)) return [];
  return [operandOf(source, encodeValue(source, x, false))];
}

/** The right results of a conversion. */
export function exactConversion(task: Conversion): (operands: readonly Operand[]) => CodeOutcome | null {
  return convertWith(task, setupOf(task));
}
