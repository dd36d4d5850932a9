import { describe, expect, it } from 'vitest';
import { dot, layerNorm, softmax } from '../../../src/kernels/index.ts';
import { draws } from '../../../src/testing/conformance/sample.ts';
import { isVacuous, type TestData, type Tolerance } from '../../../src/testing/index.ts';

const dotOf = (x: Float64Array, y: Float64Array): number[] => [
  x.reduce((sum, one, i) => sum + one * (y[i] as number), 0),
];
const scaled = (x: Float64Array, gamma: Float64Array, beta: Float64Array): Float64Array =>
  x.map((one, i) => one * (gamma[i] as number) + (beta[i] as number));
const norm = (x: Float64Array): Float64Array => layerNorm(x, { rows: 1, width: x.length, target: 'fp32' }).output;
const soft = (x: Float64Array): Float64Array => softmax(x, { rows: 1, width: x.length, target: 'fp32' }).output;

/** numpy's default. */
const usual: Tolerance = { absolute: 1e-8, relative: 1e-5 };
const half: Tolerance = { absolute: 1e-2, relative: 1e-2 };
const wide: Tolerance = { absolute: 0.5, relative: 0.1 };
const length = 16;
const next = draws(5);
const random = Array.from({ length }, () => next(2001) / 1000 - 1);
const tiny = random.map((x) => x * 1e-3);
const ones = new Array<number>(length).fill(1);
const zeros = new Array<number>(length).fill(0);

/** Ten tests: kernel, data, tolerance. */
const tests: readonly (readonly [string, TestData, Tolerance])[] = [
  ['dot, random', { operands: [random, [...random].reverse().map((x) => x + 0.3)], reference: dotOf }, usual],
  ['dot, tiny data', { operands: [tiny, tiny], reference: dotOf }, half],
  ['dot with ones', { operands: [random, ones], reference: dotOf }, usual],
  ['affine, random', { operands: [random, random.map((x) => x + 2), tiny], reference: scaled }, usual],
  ['affine, γ = 1, β = 0', { operands: [random, ones, zeros], reference: scaled }, usual],
  ['affine, tiny β under a wide tolerance', { operands: [random, ones, tiny], reference: scaled }, half],
  ['LayerNorm, random', { operands: [random], reference: norm }, usual],
  ['LayerNorm of a constant row', { operands: [ones], reference: norm }, half],
  ['softmax, random', { operands: [random], reference: soft }, usual],
  ['softmax of wide rows under a wide tolerance', { operands: [random], reference: soft }, wide],
];

/** Four wrong kernels, written here; null where one is not wrong: whether they pass is found by running them. */
const mutants: readonly (readonly [
  string,
  (test: TestData) => ((...operands: Float64Array[]) => ArrayLike<number>) | null,
])[] = [
  [
    'zeros',
    ({ reference }) =>
      (...given) =>
        new Array<number>(reference(...given).length).fill(0),
  ],
  [
    'last operand ignored',
    ({ reference }) =>
      (...given) =>
        reference(...given.slice(0, -1), new Float64Array((given.at(-1) as Float64Array).length)),
  ],
  [
    'wrong scale',
    ({ reference }) =>
      (...given) =>
        Array.from(reference(...given), (x) => 2 * x),
  ],
  [
    'wrong order',
    ({ reference, operands }) =>
      operands.length === 1
        ? null
        : (first, ...rest) => reference(Float64Array.from(first as Float64Array).reverse(), ...rest),
  ],
];

const nameOf = (mutant: string, { operands }: TestData): string =>
  ({
    zeros: 'zeros',
    'last operand ignored': `ignoresOperand${operands.length - 1}`,
    'wrong scale': 'doubled',
    'wrong order': 'reverses0',
  })[mutant] as string;

function passes(
  test: TestData,
  kernel: (...operands: Float64Array[]) => ArrayLike<number>,
  { absolute = 0, relative = 0 }: Tolerance,
): boolean {
  const operands = test.operands.map((one) => Float64Array.from(one));
  const [got, want] = [kernel(...operands), test.reference(...operands)];
  return Array.from(want).every((x, i) => Math.abs((got[i] as number) - x) <= absolute + relative * Math.abs(x));
}

describe('isVacuous', () => {
  it('finds what passes by running, and nothing else, in forty cases made by rule', () => {
    let [cases, misses, alarms, passing] = [0, 0, 0, 0];
    for (const [name, test, tolerance] of tests) {
      const found = isVacuous(test, tolerance);
      for (const [mutant, make] of mutants) {
        cases += 1;
        // A row read backwards gives a norm read backwards: wrong too.
        const kernel =
          make(test) ?? ((...given: Float64Array[]) => test.reference((given[0] as Float64Array).slice().reverse()));
        const truth = passes(test, kernel, tolerance);
        const said = found.passing.some((one) => one.name === nameOf(mutant, test));
        if (truth) passing += 1;
        if (truth && !said) misses += 1;
        if (!truth && said) alarms += 1;
        expect(said, `${name}: ${mutant}`).toBe(truth);
      }
    }
    console.log(`${cases} cases, ${passing} wrong kernels that pass, ${misses} missed, ${alarms} false alarms`);
    expect([cases, misses, alarms]).toEqual([40, 0, 0]);
    expect(passing).toBeGreaterThan(8);
  });

  it('tells what is not wrong: swapped factors, a shifted softmax', () => {
    const { equivalent } = isVacuous(tests[0]?.[1] as TestData, usual);
    expect(equivalent.map(({ name }) => name)).toContain('swapped');
    const sum = { operands: [random], reference: (x: Float64Array) => [x.reduce((total, one) => total + one, 0)] };
    const names = isVacuous(sum, usual).equivalent.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['reverses0', 'shifts0']));
  });

  it('plants another order of summation: bits show it, a tolerance does not', () => {
    const [p, q] = [random, random.map((x) => 1.3 * x + 0.2)];
    const half = (x: Float64Array, y: Float64Array): Float64Array =>
      dot(x, y, { rows: 1, width: x.length, target: 'fp16' }).output;
    const names = (tolerance: Tolerance): string[] =>
      isVacuous({ operands: [p, q], reference: half }, tolerance).passing.map(({ name }) => name);
    expect(names({})).not.toContain('otherOrder');
    expect(names({ relative: 0.05 })).toContain('otherOrder');
    // In real arithmetic a sum has no order, and an elementwise kernel has none at all.
    expect(isVacuous({ operands: [p, q], reference: dotOf }, usual).equivalent.map(({ name }) => name)).toContain(
      'otherOrder',
    );
  });

  it('names a reference that throws; a planted kernel that throws is caught', () => {
    const strict = (x: Float64Array): Float64Array => {
      if (x.every((one) => one === 0)) throw new TypeError('all zeros');
      return x.map((one) => 2 * one);
    };
    const { caught } = isVacuous({ operands: [random], reference: strict }, usual);
    expect(caught.map(({ name }) => name)).toContain('ignoresOperand0');
    const throwing = (): never => {
      throw new TypeError('no such shape');
    };
    expect(() => isVacuous({ operands: [random], reference: throwing })).toThrow(/data\.reference.*no such shape/);
  });

  it('a good test lets nothing pass', () => {
    const operands = [random, random.map((x) => 1.3 * x + 0.2), random.map((x) => 0.7 - x)];
    const { vacuous, caught } = isVacuous({ operands, reference: scaled }, usual);
    expect(vacuous).toBe(false);
    expect(caught.length).toBeGreaterThan(15);
  });

  it('refuses junk', () => {
    expect(() => isVacuous({ operands: [], reference: dotOf })).toThrow(/data.operands/);
    expect(() => isVacuous({ operands: ['x' as never], reference: dotOf })).toThrow(/data.operands/);
    expect(() => isVacuous({ operands: [[1]], reference: soft }, { absolute: -1 })).toThrow(/tolerance.absolute/);
    expect(() => isVacuous({ operands: [[1]], reference: (() => 3) as never })).toThrow(/data.reference/);
  });
});
