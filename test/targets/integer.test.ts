import { describe, expect, it } from 'vitest';
import { Reducer } from '../../src/accumulators/reducer.ts';
import { Recorder } from '../../src/events/recorder.ts';
import {
  a100,
  amx,
  armInt8,
  avx512Vnni,
  blackfin,
  defineTarget,
  dsp56800,
  h100,
  hexagonHvx,
  integerMac,
  type MatrixUnit,
  riscv,
  type Target,
  t4,
  targets,
} from '../../src/targets/index.ts';
import { oracleReduce } from '../../src/testing/oracle/reduce.ts';
import { biased } from '../arithmetic/requantize/random.ts';
import { generator } from '../random.ts';
import { share } from '../testing/helpers.ts';

function unit(target: Target, name: string): MatrixUnit {
  const found = target.matrixUnits[name];
  if (found === undefined) throw new Error(`${target.name} has no ${name}`);
  return found;
}

const big = BigInt;
const saturate = (x: bigint, bits: number): bigint => {
  const top = 2n ** big(bits - 1);
  return x < -top ? -top : x >= top ? top - 1n : x;
};
const wrap = (x: bigint, bits: number): bigint => big.asIntN(bits, x);

type Model = (a: readonly bigint[], b: readonly bigint[], c: bigint) => bigint;

/** A register that takes `size` products at a time. */
const grouped =
  (size: number, bits: number, into: (x: bigint, bits: number) => bigint): Model =>
  (a, b, c) => {
    let d = c;
    for (let i = 0; i < a.length; i += size) {
      for (let j = i; j < Math.min(a.length, i + size); j++) d += (a[j] as bigint) * (b[j] as bigint);
      d = into(d, bits);
    }
    return d;
  };

/** VPMADDUBSW, VPMADDWD with ones, VPADDD, as Intel's pages have them. */
const pmaddubsw: Model = (a, b, c) => {
  let d = c;
  for (let i = 0; i < a.length; i += 2) {
    const word = saturate((a[i] as bigint) * (b[i] as bigint) + (a[i + 1] as bigint) * (b[i + 1] as bigint), 16);
    d = wrap(d + word, 32);
  }
  return d;
};

interface Run {
  readonly reducer: Reducer;
  readonly recorder: Recorder;
}
const runner = ({ reduction }: Pick<MatrixUnit, 'reduction'>): Run => {
  const recorder = new Recorder(['sum'], 1, 'counts', 0);
  recorder.row = 0;
  return { reducer: new Reducer(reduction), recorder };
};

/** Unsigned or signed operands of a width, biased to the edges. */
const operand = (next: () => number, bits: number, signed: boolean): number => {
  const x = biased(next, bits);
  return signed ? x : x + 2 ** (bits - 1);
};

describe('every sum of two int4 products', () => {
  it.each(['saturate', 'wrap'] as const)('%s: every step and at the end, from five starts, in 6 bits', (overflow) => {
    const into = overflow === 'saturate' ? saturate : wrap;
    const data = (when: 'everyStep' | 'atEnd') => ({
      kind: 'sequential' as const,
      accumulator: { kind: 'integer' as const, bits: 6, overflow, when },
    });
    const each = runner({ reduction: data('everyStep') });
    const end = runner({ reduction: data('atEnd') });
    const a = new Float64Array(2);
    const b = new Float64Array(2);
    let wrong = 0;
    let differ = 0;
    let cases = 0;
    // One word of four nibbles is one case.
    const nibble = (word: number, i: number): number => (((word >> (4 * i)) & 15) ^ 8) - 8;
    for (let word = 0; word < 65536; word++) {
      for (let i = 0; i < 2; i++) {
        a[i] = nibble(word, i);
        b[i] = nibble(word, i + 2);
      }
      const p = (a[0] as number) * (b[0] as number);
      const q = (a[1] as number) * (b[1] as number);
      for (const start of [-32, -1, 0, 17, 31]) {
        const stepwise = each.reducer.sum(a, b, 2, each.recorder, start);
        const once = end.reducer.sum(a, b, 2, end.recorder, start);
        const wantedStepwise = Number(into(into(big(start + p), 6) + big(q), 6));
        const wantedOnce = Number(into(big(start + p + q), 6));
        if (stepwise !== wantedStepwise || once !== wantedOnce) wrong += 1;
        if (stepwise !== once) differ += 1;
        cases += 1;
      }
    }
    expect({ wrong, cases }).toEqual({ wrong: 0, cases: 5 * 65536 });
    // The order of saturation shows; that of wrapping does not.
    if (overflow === 'saturate') expect(differ).toBeGreaterThan(10_000);
    else expect(differ).toBe(0);
  });

  it('on the tensor cores: every pair, 64 times over', () => {
    const { reducer, recorder } = runner(unit(a100, 'int4Satfinite'));
    for (let x = -8; x < 8; x++) {
      for (let y = 0; y < 16; y++) {
        const sum = reducer.sum(new Float64Array(64).fill(x), new Float64Array(64).fill(y), 64, recorder, 2 ** 31 - 1);
        expect(sum).toBe(Math.min(2 ** 31 - 1, 2 ** 31 - 1 + 64 * x * y));
      }
    }
  });
});

interface Row {
  readonly name: string;
  readonly unit: MatrixUnit;
  readonly a: readonly [bits: number, signed: boolean];
  readonly b: readonly [bits: number, signed: boolean];
  readonly model: Model;
  readonly length: number;
  /** Width of the register, for addends near its ends. */
  readonly bits: number;
}

const s8 = [8, true] as const;
const u8 = [8, false] as const;
const s16 = [16, true] as const;
const row = (name: string, of: Target, a: Row['a'], b: Row['b'], length: number, model: Model, bits = 32): Row => ({
  name: `${of.name} ${name}`,
  unit: unit(of, name),
  a,
  b,
  model,
  length,
  bits,
});

const table: Row[] = [
  row('vpdpbusd', avx512Vnni, u8, s8, 8, grouped(4, 32, wrap)),
  row('vpdpbusds', avx512Vnni, u8, s8, 8, grouped(4, 32, saturate)),
  row('vpdpwssd', avx512Vnni, s16, s16, 6, grouped(2, 32, wrap)),
  row('vpdpwssds', avx512Vnni, s16, s16, 6, grouped(2, 32, saturate)),
  row('vpmaddubsw', avx512Vnni, u8, s8, 8, pmaddubsw),
  row('int8', amx, s8, u8, 8, grouped(4, 32, wrap)),
  row('sdot', armInt8, s8, s8, 8, grouped(4, 32, wrap)),
  row('smmla', armInt8, s8, s8, 16, grouped(8, 32, wrap)),
  row('usmmla', armInt8, u8, s8, 16, grouped(8, 32, wrap)),
  row('vqdot', riscv, u8, u8, 8, grouped(4, 32, wrap)),
  row('vrmpy', hexagonHvx, u8, s8, 8, grouped(4, 32, wrap)),
  row('vdmpySat', hexagonHvx, s16, s16, 6, grouped(2, 32, saturate)),
  row('int8', t4, s8, s8, 20, grouped(16, 32, wrap)),
  row('int8Satfinite', h100, s8, u8, 40, grouped(32, 32, saturate)),
  row('acc40', blackfin, s16, s16, 6, grouped(1, 40, saturate), 40),
  row('acc32', dsp56800, s16, s16, 6, grouped(1, 32, saturate), 32),
  ...[16, 20, 24, 32, 36, 40, 48].flatMap((bits) => [
    row(`acc${bits}Saturate`, integerMac, s8, s8, 8, grouped(1, bits, saturate), bits),
    row(`acc${bits}SaturateAtEnd`, integerMac, s8, s8, 8, grouped(8, bits, saturate), bits),
    row(`acc${bits}Wrap`, integerMac, s8, s8, 8, grouped(1, bits, wrap), bits),
  ]),
];

/** 36 units of 28,000 rows are a million. */
const each = share < 1 ? 7000 : 28_000;

describe('dot products with addends near the register’s ends', () => {
  it.each(table)('$name', ({ unit: { reduction }, a, b, model, length, bits }) => {
    const { reducer, recorder } = runner({ reduction });
    const x = new Float64Array(length);
    const y = new Float64Array(length);
    const wrong: unknown[] = [];
    let fitted = 0;
    const next = generator(200);
    for (let n = 0; n < each; n++) {
      for (let i = 0; i < length; i++) {
        x[i] = operand(next, ...a);
        y[i] = operand(next, ...b);
      }
      const near = biased(next, Math.min(bits, 18));
      const top = 2 ** (bits - 1);
      const c =
        n % 3 === 0 ? near : n % 3 === 1 ? Math.min(top - 1, top - 1 - Math.abs(near)) : -top + Math.abs(near) / 4;
      const addend = Math.max(-top, Math.min(top - 1, Math.floor(c)));
      const got = reducer.sum(x, y, length, recorder, addend);
      const [p, q] = [Array.from(x, big), Array.from(y, big)];
      const wanted = model(p, q, big(addend));
      if (wanted !== p.reduce((sum, v, i) => sum + v * (q[i] as bigint), big(addend))) fitted += 1;
      if (big(got) !== wanted && wrong.length < 3)
        wrong.push({ x: [...x], y: [...y], addend, got, wanted: String(wanted) });
    }
    expect(wrong).toEqual([]);
    // The register's width was felt.
    expect(fitted).toBeGreaterThan(each / 28);
  });

  it('are a million in the exhaustive suite', () => {
    expect(table.length * 28_000).toBeGreaterThanOrEqual(1_000_000);
  });
});

describe('what the units say of themselves', () => {
  it('VPMADDUBSW’s int16 trap: 255·127 twice', () => {
    const a = Float64Array.of(255, 255, 1, 0);
    const b = Float64Array.of(127, 127, 1, 0);
    const run = (name: string) => {
      const recorder = new Recorder(['sum'], 1, 'all', 10);
      recorder.row = 0;
      const value = new Reducer(unit(avx512Vnni, name).reduction).sum(a, b, 4, recorder);
      recorder.endRow(true);
      return { value, events: recorder.allEvents().events };
    };
    expect(run('vpdpbusd')).toEqual({ value: 64771, events: [] });
    const { value, events } = run('vpmaddubsw');
    expect(value).toBe(32768);
    expect(
      events.map(({ kind, step, operation, operands, result }) => [kind, step, operation, operands, result]),
    ).toEqual([
      ['overflow', 1, 'integerMultiplyAdd', [255, 127, 32385], 32767],
      ['saturation', 1, 'integerMultiplyAdd', [255, 127, 32385], 32767],
    ]);
  });

  it('clamps differ by their order: every step, every three, at the end', () => {
    const a = Float64Array.of(127, 127, -128, -128, 127, 127, -128, -128);
    const b = Float64Array.of(127, 127, 127, 127, 127, 127, 127, 127);
    const run = (when: 'everyStep' | 'atEnd' | { readonly every: number }) => {
      const { reducer, recorder } = runner({
        reduction: { kind: 'sequential', accumulator: { kind: 'integer', bits: 16, overflow: 'saturate', when } },
      });
      return reducer.sum(a, b, 8, recorder, 32000);
    };
    // 32000 → 32767, twice; then −2·16256, +2·16129, −2·16256.
    expect(run('everyStep')).toBe(1);
    expect(run({ every: 3 })).toBe(255);
    expect(run('atEnd')).toBe(31492);
  });

  it('events are those of the oracle', () => {
    const next = generator(40);
    for (const { unit: one, a, b, length } of table) {
      for (let n = 0; n < 40; n++) {
        const x = Float64Array.from({ length }, () => operand(next, ...a));
        const y = Float64Array.from({ length }, () => operand(next, ...b));
        const recorder = new Recorder(['sum'], 1, 'counts', 0);
        recorder.row = 0;
        const value = new Reducer(one.reduction).sum(x, y, length, recorder, 2 ** 15 - 5);
        const wanted = oracleReduce(one.reduction, x, y, { addend: 2 ** 15 - 5 });
        expect(value).toBe(wanted.value);
        const counted = [...recorder.counts].reduce((sum, count) => sum + count, 0);
        const bits = wanted.events.reduce((sum, { flags }) => sum + flags.toString(2).replaceAll('0', '').length, 0);
        expect(counted).toBe(bits);
      }
    }
  });

  it('are plain data with a source, and come back from JSON', () => {
    for (const target of Object.values(targets)) {
      expect(defineTarget(JSON.parse(JSON.stringify(target)))).toEqual(target);
      for (const one of Object.values(target.matrixUnits)) {
        if (one.a.some(({ kind }) => kind === 'integer')) expect(one.source, `${target.name} ${one.name}`).not.toBe('');
      }
    }
  });
});
