/**
 * Epilogues at random, and as the naive model has them.
 *
 * @module
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { type Epilogue, epilogue, geluByTanh, siluByDivision, tanhByExponentials } from '../../src/kernels/index.ts';
import { type Rounding, roundTo } from '../../src/rounding/index.ts';
import { reals, roundings } from '../../src/testing/arbitraries/index.ts';
import { type OracleEpilogueOptions, oracleEpilogue } from '../../src/testing/oracle/epilogue.ts';
import { outcome } from '../testing/helpers.ts';
import { expectReport } from './helpers.ts';

export interface Case {
  readonly rows: number;
  readonly width: number;
  readonly sums: number[];
  readonly c?: number[];
  readonly bias?: number[];
  readonly epilogue: Epilogue;
}

/** Fields that are there. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined, freq: 2 });

const narrow = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4096, max: 4096 }).map((n) => n / 64) },
  { weight: 3, arbitrary: reals(binary16) },
  { weight: 2, arbitrary: reals(binary32) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN) },
);
const any = fc.oneof({ weight: 10, arbitrary: narrow }, { weight: 1, arbitrary: fc.double() });
const factor = fc.oneof(fc.constantFrom(1, 0.5, -1, 0, 0.1, 2 ** -20, 3000), fc.integer({ min: -99, max: 99 }));
const rounding = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(roundTo(binary16), roundTo(binary32)) },
  { weight: 2, arbitrary: roundings({ maxBits: 24 }) },
);
const activation = fc.constantFrom<NonNullable<Epilogue['activation']>>(
  { function: 'relu' },
  { function: 'gelu' },
  { function: 'silu' },
  { function: 'softcap', cap: 20 },
  { function: 'gelu', method: geluByTanh },
  { function: 'silu', method: siluByDivision },
  { function: 'tanh', method: tanhByExponentials },
);

/** Random epilogues over random sums, of any numbers or of binary32's. */
export const cases = (widths: { min: number; max: number }, number = any): fc.Arbitrary<Case> =>
  fc
    .record({
      rows: fc.integer({ min: 0, max: 3 }),
      width: fc.integer(widths),
      alpha: maybe(factor),
      beta: maybe(factor),
      fused: fc.boolean(),
      bias: maybe(fc.constantFrom('columns' as const, 'rows' as const)),
      activation: maybe(activation),
      rounding: maybe(rounding),
      load: maybe(rounding),
      output: maybe(rounding),
      own: fc.record({
        scale: maybe(rounding),
        add: maybe(rounding),
        bias: maybe(rounding),
        activation: maybe(rounding),
      }),
    })
    .chain(({ rows, width, fused, own, ...given }) => {
      const { alpha, beta, bias } = given;
      const isFused = fused && alpha !== undefined && beta !== undefined;
      const has = { scale: alpha !== undefined && !isFused, add: beta !== undefined, bias: bias !== undefined };
      const roundings = present({
        scale: has.scale ? own.scale : undefined,
        add: has.add ? own.add : undefined,
        bias: has.bias ? own.bias : undefined,
        activation: given.activation === undefined ? undefined : own.activation,
      });
      const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });
      return fc
        .record({
          sums: numbers(rows * width),
          c: beta === undefined ? fc.constant(undefined) : numbers(rows * width),
          bias: bias === undefined ? fc.constant(undefined) : numbers(bias === 'rows' ? rows : width),
        })
        .map((arrays) => ({
          ...{ rows, width, ...(present(arrays) as { sums: number[] }) },
          epilogue: present({ ...given, ...(isFused ? { fused } : {}), roundings }),
        }));
    });

/** Wide rows, mostly of binary32's numbers. */
export const wideCases: fc.Arbitrary<Case> = fc.oneof(
  { weight: 4, arbitrary: cases({ min: 60, max: 75 }, narrow) },
  { weight: 1, arbitrary: cases({ min: 60, max: 75 }) },
);

/** The same case, spelt out for the naive model. */
function spelt({ rows, width, sums, c, bias, epilogue: given }: Case): OracleEpilogueOptions {
  const usual = given.rounding ?? roundTo(binary32);
  const of = (name: keyof NonNullable<Epilogue['roundings']>): Rounding => given.roundings?.[name] ?? usual;
  const { alpha, beta, fused = false, activation: way, load, output } = given;
  return present({
    ...{ rows, width, sums, load, output },
    alpha: alpha === undefined ? undefined : { factor: alpha, rounding: of('scale') },
    beta:
      beta === undefined || c === undefined
        ? undefined
        : { factor: beta, c, rounding: of('source'), add: of('add'), fused },
    bias: bias === undefined ? undefined : { values: bias, isOfRows: given.bias === 'rows', rounding: of('bias') },
    activation: way === undefined ? undefined : { ...way, rounding: of('activation') },
  });
}

/** A case, by the kernel and by the naive model. */
export function agree(one: Case): void {
  const { epilogue: given, rows, width, sums, c, bias } = one;
  const run = { rows, width, epilogue: given, record: 'all', limit: 2 ** 32, ...present({ c, bias }) } as const;
  const found = outcome(() => epilogue(sums, run));
  const hasStages = Object.keys(given).some((key) => key !== 'rounding' && key !== 'load' && key !== 'roundings');
  if (!hasStages) {
    expect(found).toBe('refused');
    return;
  }
  const wanted = outcome(() => oracleEpilogue(spelt(one)));
  if (found === 'refused' || wanted === 'refused') {
    // What integers cannot hold is refused as soon as it is asked for; the model meets it with the first number. A register that
    // wraps refuses numbers of which it would need bits beyond two binary64 numbers; the model has them all.
    if (wanted === 'refused') expect(found).toBe('refused');
    else if (given.activation === undefined) expect(() => epilogue(sums, run)).toThrow(/wrapping needs all of them/);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  expectReport(found.report, wanted, rows);
}
