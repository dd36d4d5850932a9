/**
 * Elementary functions of every number of 8 and 16 bits, and of the binary32 numbers whose values lie nearest to midpoints, against
 * the oracle's intervals.
 */
import { describe, expect, it } from 'vitest';
import { elementary, type Transcendental, transcendentals } from '../../src/arithmetic/functions.ts';
import { FunctionUnit } from '../../src/arithmetic/functionUnit.ts';
import { bfloat16, binary16, binary32, catalogue, type Format } from '../../src/formats/index.ts';
import { decode, roundTo } from '../../src/rounding/index.ts';
import { oracleEvaluate } from '../../src/testing/oracle/functions.ts';
import { generator } from '../random.ts';

const CAP = 50;
const modes = ['tiesToEven', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd', 'tiesToAway'] as const;

/** Differences between unit and oracle; `toEqual` of every result would take longer than both. */
function differences(name: Transcendental, format: Format, numbers: Iterable<number>, mode: number | null): string[] {
  const found: string[] = [];
  const both = modes.map((rounding) => roundTo(format, { rounding, nanInput: 'zero' }));
  const units = both.map((at) => new FunctionUnit(at.format, at.policy));
  let i = 0;
  for (const x of numbers) {
    const k = mode ?? 1 + (i++ % 5);
    const wanted = oracleEvaluate(name, both[k] as (typeof both)[0], x, CAP);
    const unit = units[k] as FunctionUnit;
    const value = unit.evaluate(name, x, CAP);
    if (!Object.is(value, wanted.value) || unit.flags !== wanted.flags) {
      found.push(`${modes[k]} ${name}(${x}): ${value} (${unit.flags}), wanted ${wanted.value} (${wanted.flags})`);
    }
  }
  return found;
}

function* codesOf(format: Format): Iterable<number> {
  for (let code = 0; code < format.codes; code++) yield decode(format, code);
}

const small = Object.entries(catalogue).filter(([, format]) => format.kind === 'float' && format.bits <= 8);

describe.each(transcendentals)('%s', (name) => {
  it('of every code of every format of 8 bits and fewer, in every mode', () => {
    expect(small.length).toBeGreaterThan(10);
    for (const [of, format] of small) {
      for (let mode = 0; mode < modes.length; mode++) {
        expect([of, differences(name, format, codesOf(format), mode)]).toEqual([of, []]);
      }
    }
  });

  it.each([
    ['binary16', binary16],
    ['bfloat16', bfloat16],
  ] as const)('of every code of %s, to nearest and in one more mode', (_, format) => {
    expect(differences(name, format, codesOf(format), 0)).toEqual([]);
    expect(differences(name, format, codesOf(format), null)).toEqual([]);
  });

  it('of the binary32 numbers, of eight million, whose values lie nearest to midpoints', () => {
    const { numbers, least } = hardest(name, 8_000_000, 84_000);
    console.log(`${name}: nearest to a midpoint ${least.toExponential(2)} ulp, ${numbers.length} numbers`);
    // Of tanh and the soft cap fewer: near 0 their values are the arguments, which are no midpoints.
    expect(numbers.length).toBeGreaterThan(45_000);
    expect(differences(name, binary32, numbers, 0)).toEqual([]);
  });
});

/** Among so many random arguments those whose values lie nearest to midpoints of binary32, and how near the nearest lies. */
function hardest(name: Transcendental, tries: number, count: number): { numbers: Float32Array; least: number } {
  const f = elementary[name];
  const random = generator(22);
  const bits = new Uint32Array(1);
  const one = new Float32Array(bits.buffer);
  // A distance is uniform on [0, 1/2]: this keeps as many as are wanted, or a few more.
  const limit = (0.5 * count * 1.05) / tries / usable(name);
  const numbers: number[] = [];
  let least = 1;
  for (let i = 0; i < tries; i++) {
    // Exponents from 2^-20 to 2^7, where functions are neither lines nor constants.
    const exponent = 107 + Math.floor(random() * 27);
    bits[0] =
      (random() < 0.5 && !name.startsWith('log') ? 0x80000000 : 0) +
      exponent * 2 ** 23 +
      Math.floor(random() * 2 ** 23);
    const x = one[0] as number;
    if (f.edge(x, CAP, 'sign') !== null) continue;
    const y = Math.abs(f.approximate(x, CAP));
    if (!(y > 2 ** -126 && y < 2 ** 127)) continue;
    const rounded = Math.fround(y);
    const ulp = 2 ** (Math.floor(Math.log2(y)) - 23);
    const distance = Math.abs(Math.abs(y - rounded) / ulp - 0.5);
    if (distance >= limit) continue;
    least = Math.min(least, distance);
    numbers.push(x);
  }
  return { numbers: Float32Array.from(numbers.slice(0, count)), least };
}

/** The share of arguments that are tried at all, from a few thousand. */
function usable(name: Transcendental): number {
  const f = elementary[name];
  const random = generator(23);
  let found = 0;
  for (let i = 0; i < 4000; i++) {
    const x =
      (random() < 0.5 && !name.startsWith('log') ? -1 : 1) * 2 ** (Math.floor(random() * 27) - 20) * (1 + random());
    const y = f.edge(x, CAP, 'sign') === null ? Math.abs(f.approximate(x, CAP)) : 0;
    if (y > 2 ** -126 && y < 2 ** 127) found += 1;
  }
  return found / 4000;
}
