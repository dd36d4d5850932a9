/**
 * Whether a test would notice a wrong kernel: kernels that are wrong on purpose, held to its data and its tolerance.
 *
 * @module
 */
import {
  BittrueError,
  checkFunction,
  checkInteger,
  checkList,
  checkNumber,
  checkNumbers,
  checkObject,
} from '../../errors/index.ts';
import { draws } from '../conformance/sample.ts';
import { type PlantedKernel, plantedKernels, type Reference } from './planted.ts';

/** What a test is made of. */
export interface TestData {
  /** The operands that the test uses. */
  readonly operands: readonly ArrayLike<number>[];
  /** Gives the results that the test expects. */
  readonly reference: Reference;
}

/** When a result passes: |got − expected| ≤ absolute + relative · |expected|, as `allclose` of numpy and torch has it. */
export interface Tolerance {
  /** Default 0. */
  readonly absolute?: number;
  /** Default 0. */
  readonly relative?: number;
}

/** What a test would let pass. */
export interface Vacuity {
  /** Whether any wrong kernel would pass. */
  readonly vacuous: boolean;
  /** The wrong kernels that would pass. */
  readonly passing: readonly PlantedKernel[];
  /** Those that the test tells from the right one. */
  readonly caught: readonly PlantedKernel[];
  /** Those that are not wrong for this kernel: on random operands they give the same, such as swapped factors. */
  readonly equivalent: readonly PlantedKernel[];
}

/**
 * Kernels that are wrong on purpose and would pass a test: all zeros, an operand ignored, a wrong scale, elements out of order.
 * A test that lets one pass proves little. Kernels that are not wrong after all, since random operands show no
 * difference, are told apart.
 *
 * @param data - the test's operands, and what gives the results that it expects; it is run with other operands too
 * @param tolerance - of the test
 * @throws {@link BittrueError} for operands that are no arrays of numbers, and tolerances below 0
 * @example
 * import { isVacuous } from 'bittrue/testing';
 * const reference = (x: Float64Array, gamma: Float64Array) => x.map((one, i) => one * (gamma[i] as number));
 * const small = { operands: [[1e-4, -2e-4, 3e-4], [1, 1, 1]], reference };
 * isVacuous(small, { absolute: 1e-3 }).passing[0]?.name; // 'zeros'
 * const good = { operands: [[1, -2, 3], [1, -0.5, 2]], reference };
 * isVacuous(good, { absolute: 1e-3 }).vacuous; // false
 */
export function isVacuous(data: TestData, tolerance: Tolerance = {}): Vacuity {
  checkObject('data', data, ['operands', 'reference']);
  const reference = checkFunction('data.reference', data.reference, 'a function of the operands') as Reference;
  const operands = checkList('data.operands', data.operands).map((one, i) => {
    checkNumbers(`data.operands[${i}]`, one as ArrayLike<number>, 'an array of numbers');
    return Float64Array.from(one as ArrayLike<number>);
  });
  checkInteger('data.operands.length', operands.length, 1, 64);
  checkObject('tolerance', tolerance, ['absolute', 'relative']);
  const { absolute = 0, relative = 0 } = tolerance;
  for (const [name, x] of Object.entries({ absolute, relative })) {
    if (!(checkNumber(`tolerance.${name}`, x) >= 0)) {
      throw new BittrueError('range', `tolerance.${name}`, x, 'a number from 0 on');
    }
  }
  const expected = run(reference, operands);
  const others = [1, 2, 3, 4].map((seed) => fresh(operands, seed));
  const right = others.map((one) => run(reference, one));
  const lists = { passing: [] as PlantedKernel[], caught: [] as PlantedKernel[], equivalent: [] as PlantedKernel[] };
  for (const { name, text, make } of plantedKernels(operands)) {
    const kernel = make(reference);
    // On random operands a wrong kernel shows: what agrees there to the rounding of binary64 is not wrong.
    const isEquivalent = others.every((one, i) => {
      const want = right[i] as Float64Array;
      const got = attempt(kernel, one);
      return got !== null && agree(got, want, 1e-12 * magnitudeOf(want), 1e-9);
    });
    const got = attempt(kernel, operands);
    // A test notices what throws.
    const passes = got !== null && agree(got, expected, absolute, relative);
    lists[isEquivalent ? 'equivalent' : passes ? 'passing' : 'caught'].push({ name, text });
  }
  return { vacuous: lists.passing.length > 0, ...lists };
}

function run(kernel: Reference, operands: readonly Float64Array[]): Float64Array {
  let found: ArrayLike<number>;
  try {
    found = kernel(...operands.map((one) => one.slice()));
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    const expected = 'a function of the operands of the test, and of others of their lengths, that does not throw';
    throw new BittrueError('value', 'data.reference', told, expected);
  }
  checkNumbers('data.reference', found, 'a function that gives an array of numbers');
  return Float64Array.from(found);
}

/** A planted kernel's results; null where it throws: the right kernel refuses what it is given. */
function attempt(kernel: Reference, operands: readonly Float64Array[]): Float64Array | null {
  try {
    return Float64Array.from(kernel(...operands.map((one) => one.slice())));
  } catch {
    return null;
  }
}

/** Operands of the same lengths, of both signs, none near zero, no two alike. */
function fresh(operands: readonly Float64Array[], seed: number): Float64Array[] {
  const next = draws(seed);
  return operands.map((one) => one.map(() => (next(2) === 0 ? 1 : -1) * (0.5 + next(2 ** 30) / 2 ** 30)));
}

function agree(got: Float64Array, expected: Float64Array, absolute: number, relative: number): boolean {
  if (got.length !== expected.length) return false;
  return expected.every((want, i) => {
    const x = got[i] as number;
    if (want - want !== 0 || x - x !== 0) return Object.is(x, want);
    return Math.abs(x - want) <= absolute + relative * Math.abs(want);
  });
}

function magnitudeOf(numbers: Float64Array): number {
  return numbers.reduce((most, x) => (x - x === 0 ? Math.max(most, Math.abs(x)) : most), 0);
}
