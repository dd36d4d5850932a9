/**
 * Operands of one sum of products, as they are typed, as the library takes them, and as code.
 *
 * @module
 */
import type { Format } from 'bittrue/formats';
import { type PartialPolicy, round } from 'bittrue/rounding';
import type { Target } from 'bittrue/targets';
import { type SumOperands, type SumTrace, traceSum } from 'bittrue/testing';
import { codeList, codeNumber, numbersIn, spell } from './numbers';
import { blockScale, operandText, productUnit } from './units';

/** What is typed: numbers, where the sum starts, and scales of blocks. */
export interface Data {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: number;
  readonly scaleA: readonly number[];
  readonly scaleB: readonly number[];
}

/** The texts of a page's state: a, b, the start, and the scales of a and b. */
export interface Texts {
  readonly a: string;
  readonly b: string;
  readonly c: string;
  readonly p: string;
  readonly q: string;
}

export function dataOf({ a, b, c, p, q }: Texts): Data {
  const [left, right, start] = [numbersIn(a), numbersIn(b), numbersIn(c)];
  if (left.length === 0) throw new Error('a: type numbers, between commas');
  if (left.length !== right.length) throw new Error(`a has ${count(left.length)}, b has ${right.length}`);
  if (left.length > MOST) throw new Error(`a has ${count(left.length)}; this page shows sums of at most ${MOST}`);
  if (start.length > 1) throw new Error(`start: one number, not ${start.length}`);
  return { a: left, b: right, c: start[0] ?? 0, scaleA: numbersIn(p), scaleB: numbersIn(q) };
}

const MOST = 1024;
const count = (n: number): string => (n === 1 ? '1 number' : `${n} numbers`);

/** The operands that a unit takes: its blocks' scales, 1 where none is typed; none on a unit without. */
export function operandsFor(target: Target | string, { a, b, c, scaleA, scaleB }: Data): SumOperands {
  const scale = blockScale(target);
  if (scale === null) return { a, b, c };
  const blocks = Math.ceil(a.length / scale.block);
  const filled = (scales: readonly number[]): number[] => {
    if (scales.length > blocks)
      throw new Error(
        `${count(a.length)} fill ${blocks} of the blocks of ${scale.block}; there are ${scales.length} scales`,
      );
    return Array.from({ length: blocks }, (_, i) => scales[i] ?? 1);
  };
  return { a, b, c, scaleA: filled(scaleA), scaleB: filled(scaleB) };
}

/** A sum as a chip forms it. */
export interface Told extends SumTrace {
  /** What its operands are, in words, and those that it does not read as they are typed. */
  readonly reads: string;
  readonly changed: string;
}

export function tellSum(target: Target | string, data: Data): Told {
  const operands = operandsFor(target, data);
  return { ...traceSum(target, operands), reads: operandText(target), changed: changedText(target, operands) };
}

/** Changes that are told one by one. */
const TOLD = 6;

function changedText(target: Target | string, { a, b = [], c = 0, scaleA = [], scaleB = [] }: SumOperands): string {
  const unit = productUnit(target);
  const changed: string[] = [];
  const read = (
    name: string,
    values: ArrayLike<number>,
    format: Format,
    policy?: PartialPolicy,
    isPositive = false,
  ): void => {
    Array.from(values).forEach((x, i) => {
      const value = round(format, x, policy);
      const as = isPositive ? Math.abs(value) : value;
      if (!Object.is(as, x))
        changed.push(`${values.length === 1 ? name : `${name}[${i}]`} = ${spell(x)} as ${spell(as)}`);
    });
  };
  if ('scale' in unit) {
    read('a', a, unit.a[0] as Format, unit.load);
    read('b', b, unit.b[0] as Format, unit.load);
    read('start', [c], unit.addend.format, unit.addend.policy);
    if (unit.scale !== null) {
      read('scale of a', scaleA, unit.scale.format, undefined, unit.scale.ignoreSign);
      read('scale of b', scaleB, unit.scale.format, undefined, unit.scale.ignoreSign);
    }
  } else
    for (const [name, values] of [
      ['a', a],
      ['b', b],
      ['start', [c]],
    ] as const)
      read(name, values, unit.load.format, unit.load.policy);
  const more = changed.length - TOLD;
  return `${changed.slice(0, TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Operands as TypeScript. */
export function operandsCode({ a, b = [], c = 0, scaleA, scaleB }: SumOperands): string {
  const list = (values: ArrayLike<number>): string => codeList(Array.from(values));
  const scales = scaleA === undefined ? '' : `, scaleA: ${list(scaleA)}, scaleB: ${list(scaleB ?? [])}`;
  return `{ a: ${list(a)}, b: ${list(b)}, c: ${codeNumber(c)}${scales} }`;
}
