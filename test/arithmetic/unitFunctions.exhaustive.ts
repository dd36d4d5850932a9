/**
 * Reciprocal, square root and its reciprocal of every number of 8 and 16 bits, in every mode, and of the binary32 numbers whose
 * values lie nearest to midpoints, against the oracle's exact operations.
 */
import { describe, expect, it } from 'vitest';
import { ValueUnit } from '../../src/arithmetic/valueUnit.ts';
import { bfloat16, binary16, binary32, catalogue, type Format } from '../../src/formats/index.ts';
import { decode, roundTo } from '../../src/rounding/index.ts';
import { oracleOperation } from '../../src/testing/oracle/operations.ts';
import { generator } from '../random.ts';

const modes = ['tiesToEven', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd', 'tiesToAway'] as const;
const functions = {
  reciprocal: {
    of: (unit: ValueUnit, x: number) => unit.divide(1, x),
    operation: 'divide',
    operands: (x: number) => [1, x],
    near: (x: number) => 1 / x,
  },
  sqrt: {
    of: (unit: ValueUnit, x: number) => unit.squareRoot(x),
    operation: 'squareRoot',
    operands: (x: number) => [x],
    near: Math.sqrt,
  },
  rsqrt: {
    of: (unit: ValueUnit, x: number) => unit.reciprocalSquareRoot(x),
    operation: 'reciprocalSquareRoot',
    operands: (x: number) => [x],
    near: (x: number) => 1 / Math.sqrt(x),
  },
} as const;
const names = Object.keys(functions) as (keyof typeof functions)[];

/** Differences between unit and oracle. */
function differences(name: keyof typeof functions, format: Format, numbers: Iterable<number>, mode: number): string[] {
  const { of, operation, operands } = functions[name];
  const at = roundTo(format, { rounding: modes[mode] as 'toOdd', nanInput: 'zero' });
  const unit = new ValueUnit(at.format, at.policy);
  const found: string[] = [];
  for (const x of numbers) {
    const wanted = oracleOperation(operation, at, operands(x));
    const value = of(unit, x);
    if (!Object.is(value, wanted.value) || unit.flags !== wanted.flags) {
      found.push(`${modes[mode]} ${name}(${x}): ${value} (${unit.flags}), wanted ${wanted.value} (${wanted.flags})`);
    }
  }
  return found;
}

function* codesOf(format: Format): Iterable<number> {
  for (let code = 0; code < format.codes; code++) yield decode(format, code);
}

const small = Object.entries(catalogue).flatMap(([name, format]) =>
  format.kind === 'float' && format.bits <= 8 ? [[name, format] as const] : [],
);

describe.each(names)('%s', (name) => {
  it.each([...small, ['binary16', binary16] as const, ['bfloat16', bfloat16] as const])(
    'of every code of %s, in every mode',
    (_, format) => {
      for (let mode = 0; mode < modes.length; mode++) {
        expect(differences(name, format, codesOf(format), mode)).toEqual([]);
      }
    },
  );

  it('of the binary32 numbers, of eight million, whose values lie nearest to midpoints', () => {
    const { numbers, least } = hardest(functions[name].near, 8_000_000, 84_000);
    console.log(`${name}: nearest to a midpoint ${least.toExponential(2)} ulp, ${numbers.length} numbers`);
    expect(numbers.length).toBeGreaterThan(50_000);
    expect(differences(name, binary32, numbers, 0)).toEqual([]);
  });
});

/** Among so many random arguments from 1 to 4, which stand for all, those whose values lie nearest to midpoints. */
function hardest(near: (x: number) => number, tries: number, count: number): { numbers: number[]; least: number } {
  const random = generator(24);
  const limit = (0.5 * count * 1.05) / tries;
  const numbers: number[] = [];
  let least = 1;
  for (let i = 0; i < tries; i++) {
    const x = Math.fround((random() < 0.5 ? 1 : 2) * (1 + random()));
    const y = near(x);
    const ulp = 2 ** (Math.floor(Math.log2(y)) - 23);
    const distance = Math.abs(Math.abs(y - Math.fround(y)) / ulp - 0.5);
    if (distance >= limit) continue;
    least = Math.min(least, distance);
    numbers.push(x);
  }
  return { numbers: numbers.slice(0, count), least };
}
