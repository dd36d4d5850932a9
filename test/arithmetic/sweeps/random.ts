/**
 * Random operands through every operation of a unit in every mode, judged by the oracle.
 *
 * The exact result of a case is the same in all modes, so the oracle's rationals find it once. Where it lies inside the
 * normal range or well below it, its place between two neighbours is found once too (`neighbours.ts`), and each mode
 * chooses; else the oracle rounds it once a policy. Cases with an operand that is zero, not finite or flushed, and every sixty-third case
 * besides, take the oracle's operation whole.
 *
 * @module
 */
import { Unit } from '../../../src/arithmetic/unit.ts';
import { type FloatFormat, formatName } from '../../../src/formats/index.ts';
import { type PartialPolicy, type Policy, type Rounding, resolvePolicy } from '../../../src/rounding/index.ts';
import { deterministicModes } from '../../../src/testing/arbitraries/index.ts';
import { exact } from '../../../src/testing/oracle/index.ts';
import { oracleCompare, oracleRoundToIntegral, oracleToInteger } from '../../../src/testing/oracle/integral.ts';
import { oracleOperation } from '../../../src/testing/oracle/operations.ts';
import type { Rational } from '../../../src/testing/oracle/rational.ts';
import { reciprocalSquareRoot, squareRoot } from '../../../src/testing/oracle/roots.ts';
import type { Rounded } from '../../../src/testing/oracle/round.ts';
import { Operands } from './biased.ts';
import { between, Ends } from './neighbours.ts';
import { ABSORPTION, difference, flushLimit, NOT_ABSORBED, type Tally } from './pairs.ts';

export const roundedOperations = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'squareRoot',
  'reciprocalSquareRoot',
  'fusedMultiplyAdd',
  'round',
] as const;
export type RoundedOperation = (typeof roundedOperations)[number];

/** What differs from the defaults, in turn from case to case; half of the cases have the defaults. */
const variants: PartialPolicy[] = [
  {},
  { tininess: 'beforeRounding', fusedInvalid: 'unlessNaN' },
  {},
  { subnormals: 'flushOutputs', overflow: 'infinity' },
  {},
  { subnormals: 'flushInputs', tininess: 'beforeRounding', overflow: 'saturateFinite' },
  {},
  { subnormals: 'flushBoth', overflow: 'saturate' },
  {},
  { overflow: 'nan', tininess: 'beforeRounding', subnormals: 'flushOutputs', flushFlags: 'underflow' },
];

/** No divisor in common with the number of variants, so that each of them meets the oracle's operation whole. */
const WHOLE_EVERY = 63;

interface Judge {
  readonly unit: Unit;
  readonly at: Rounding;
  readonly limit: number;
  readonly ends: Ends;
}

function judgesOf(format: FloatFormat): Judge[][] {
  return variants.map((variant) =>
    deterministicModes.map((rounding) => {
      const policy: Policy = resolvePolicy(format, { nanInput: 'zero', ...variant, rounding });
      const at = { format, policy };
      return { unit: new Unit(format, policy), at, limit: flushLimit(format, policy), ends: new Ends(at) };
    }),
  );
}

function draw(operands: Operands, operation: RoundedOperation): number[] {
  switch (operation) {
    case 'add':
    case 'subtract':
      return operands.two('sum');
    case 'multiply':
      return operands.two('product');
    case 'divide':
      return operands.two('quotient');
    case 'fusedMultiplyAdd':
      return operands.three();
    default:
      return [operands.one()];
  }
}

/** The exact result of operands that are finite and not zero; null where that has no plain one. */
function exactResult(operation: RoundedOperation, operands: readonly number[]): Rational | null {
  const [a, b, c] = operands.map((x) => exact.fromNumber(x)) as [Rational, Rational, Rational];
  const plain = (): Rational | null => {
    switch (operation) {
      case 'add':
        return exact.add(a, b);
      case 'subtract':
        return exact.add(a, exact.negate(b));
      case 'multiply':
        return exact.multiply(a, b);
      case 'divide':
        return exact.divide(a, b);
      case 'squareRoot':
        return a.negative ? null : squareRoot(a);
      case 'reciprocalSquareRoot':
        return a.negative ? null : reciprocalSquareRoot(a);
      case 'fusedMultiplyAdd':
        return exact.add(exact.multiply(a, b), c);
      case 'round':
        return a;
    }
  };
  const result = plain();
  return result === null || exact.isZero(result) ? null : result;
}

/** Whether the rounded sum is one of its addends. */
function isAddend(operation: RoundedOperation, operands: readonly number[], value: number): boolean {
  const [a, b, c] = operands as [number, number, number];
  if (operation === 'add') return value === a || value === b;
  if (operation === 'subtract') return value === a || value === -b;
  if (operation !== 'fusedMultiplyAdd' || !Number.isFinite(value)) return false;
  if (value === c) return true;
  // Only a product that binary64 holds can be one of the format's values.
  return (
    value === a * b &&
    exact.compare(exact.fromNumber(value), exact.multiply(exact.fromNumber(a), exact.fromNumber(b))) === 0
  );
}

function perform(unit: Unit, operation: RoundedOperation, [a, b, c]: readonly number[]): number {
  if (operation === 'fusedMultiplyAdd') return unit.fusedMultiplyAdd(a!, b!, c!);
  if (operation === 'round' || operation === 'squareRoot' || operation === 'reciprocalSquareRoot') {
    return unit[operation](a!);
  }
  return unit[operation](a!, b!);
}

/** `count` cases in each of the six modes. */
export function sweepRandom(format: FloatFormat, operation: RoundedOperation, count: number, tally: Tally): void {
  const judges = judgesOf(format);
  const operands = new Operands(format, roundedOperations.indexOf(operation) + 100 * format.bits + format.bias);
  for (let i = 0; i < count; i++) {
    const drawn = draw(operands, operation);
    const isOrdinary = drawn.every((x) => x !== 0 && Number.isFinite(x));
    const result = isOrdinary && i % WHOLE_EVERY !== 0 ? exactResult(operation, drawn) : null;
    const place = result === null ? null : between(format, result);
    const least = Math.min(...drawn.map(Math.abs));
    for (const { unit, at, limit, ends } of judges[i % judges.length]!) {
      const found = perform(unit, operation, drawn);
      let wanted: Rounded;
      if (result === null || least < limit)
        wanted = oracleOperation(operation === 'round' ? 'convert' : operation, at, drawn);
      else {
        wanted = ends.project(result, place);
        if ((wanted.flags & NOT_ABSORBED) === 0 && isAddend(operation, drawn, wanted.value)) {
          wanted = { value: wanted.value, flags: wanted.flags | ABSORPTION };
        }
      }
      if (found === wanted.value && unit.flags === wanted.flags && found !== 0) continue;
      const text = difference('', found, unit.flags, wanted.value, wanted.flags);
      if (text !== null) report(tally, format, at.policy, operation, drawn, text);
    }
  }
  tally.cases += count * deterministicModes.length;
}

function report(
  tally: Tally,
  format: FloatFormat,
  policy: Policy,
  operation: string,
  operands: readonly unknown[],
  text: string,
): void {
  if (tally.wrong.length < 5) {
    tally.wrong.push(`${formatName(format)} ${JSON.stringify(policy)} ${operation} ${operands.join(' ')}${text}`);
  }
}

/** Conversions to and from integers, rounding to integral values, and comparison; `count` cases in each mode. */
export function sweepIntegers(format: FloatFormat, count: number, tally: Tally): void {
  const judges = judgesOf(format);
  const operands = new Operands(format, 7 * format.bits + format.bias);
  const registers = [
    { bits: 32, signed: true },
    { bits: 8, signed: false },
    { bits: 16, signed: true },
    { bits: 53, signed: true },
  ] as const;
  for (let i = 0; i < count; i++) {
    const [a, b] = operands.two('sum');
    // Slower wheels than the variants', so that every combination comes up.
    const turn = Math.floor(i / judges.length);
    const exactly = turn % 2 === 0;
    const register = registers[(turn >> 1) % registers.length]!;
    // No mode changes an order, nor an integer before it is rounded to the format.
    const sameInAll = judges[i % judges.length]!;
    const compared = oracleCompare(sameInAll[0]!.at, a, b);
    const n = Number.isFinite(a * 2 ** 40) ? Math.trunc(a * 2 ** (i % 40)) : i;
    const integer = exact.fromNumber(n);
    const place = n === 0 ? null : between(format, integer);
    for (const { unit, at, limit, ends } of sameInAll) {
      const check = (operation: string, found: number | null, value: number | null, flags: number): void => {
        if (Object.is(found, value) && unit.flags === flags) return;
        const text = ` gives ${found} with flags ${unit.flags}, not ${value} with flags ${flags}`;
        report(tally, format, at.policy, operation, [a, b, exactly, JSON.stringify(register)], text);
      };
      const integral = unit.roundToIntegral(a, exactly);
      const wanted = oracleRoundToIntegral(at, a, exactly);
      check('roundToIntegral', integral, wanted.value, wanted.flags);
      const order = unit.compare(a, b);
      check('compare', order, compared.order, compared.flags);
      if (!(Math.abs(a) < limit) || a === 0) {
        const profile = turn % 3 === 0 ? ('x86' as const) : ('arm' as const);
        const found = unit.toInteger(a, { ...register, profile }, exactly);
        const outside = profile === 'x86' ? 'x86' : 'clamp';
        const converted = oracleToInteger(register, at.policy.rounding, a, outside, exactly);
        check(`toInteger ${profile}`, found, Number(converted.value), converted.flags);
      }
      if (Number.isSafeInteger(n) && (n === 0 || !(Math.abs(n) < limit))) {
        const found = unit.fromInteger(n);
        const isWhole = n === 0 || i % WHOLE_EVERY === 0;
        const converted = isWhole ? oracleOperation('convert', at, [n]) : ends.project(integer, place);
        check('fromInteger', found, converted.value, converted.flags);
      }
    }
  }
  tally.cases += count * deterministicModes.length;
}
