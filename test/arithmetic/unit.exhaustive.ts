/**
 * All pairs of all values of the 8-bit floats, in every mode: sums, products and quotients; all roots.
 *
 * @module
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Unit } from '../../src/arithmetic/unit.ts';
import { parseFormat } from '../../src/formats/index.ts';
import { decode } from '../../src/rounding/index.ts';
import { oracleOperation } from '../../src/testing/oracle/operations.ts';
import { modePolicies } from '../rounding/helpers.ts';
import { range } from '../testing/helpers.ts';

const names = [
  'e4m3fn',
  'e5m2',
  'e4m3',
  'e3m4',
  'e4m3fnuz',
  'e5m2fnuz',
  'e4m3b11fnuz',
  'binary8p1ue',
  'binary8p3se',
  'int8',
];

let results = 0;

afterAll(() => console.log(`units: ${results} results`));

describe.each(names)('%s', (name) => {
  const format = parseFormat(name);
  const values = range(0, format.codes - 1).map((code) => decode(format, code));
  it.each(modePolicies(format))('$rounding $parity', (policy) => {
    const unit = new Unit(format, policy);
    const check = (
      operation: 'add' | 'multiply' | 'divide' | 'squareRoot' | 'reciprocalSquareRoot',
      a: number,
      b: number,
    ) => {
      const isRoot = operation === 'squareRoot' || operation === 'reciprocalSquareRoot';
      const value = isRoot ? unit[operation](a) : unit[operation](a, b);
      const { flags } = unit;
      results += 1;
      const wanted = oracleOperation(operation, { format, policy }, isRoot ? [a] : [a, b]);
      if (Object.is(value, wanted.value) && flags === wanted.flags) return;
      expect([operation, a, b, { value, flags }]).toEqual([operation, a, b, wanted]);
    };
    for (const a of values) {
      check('squareRoot', a, 0);
      check('reciprocalSquareRoot', a, 0);
      for (const b of values) for (const operation of ['add', 'multiply', 'divide'] as const) check(operation, a, b);
    }
  });
});
