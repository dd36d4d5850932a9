/**
 * Tables of vectors: what they cover, that a seed gives the same, and that unit and oracle agree on them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../../src/arithmetic/index.ts';
import { binary16, e4m3fn, e5m2 } from '../../../src/formats/index.ts';
import { decode } from '../../../src/rounding/index.ts';
import {
  defineVectorTask,
  oracleCompute,
  type VectorOperation,
  vectorLines,
  vectorOperations,
} from '../../../src/testing/conformance/index.ts';
import { operandOf } from '../../../src/testing/conformance/operand.ts';

const operations = Object.keys(vectorOperations) as VectorOperation[];
const lines = (options: Parameters<typeof vectorLines>[0]): string[] => [...vectorLines(options)];

describe('vectorLines', () => {
  it('writes TestFloat lines: codes of full width in upper case, two digits of flags', () => {
    const table = lines({ format: 'binary16', operation: 'mulAdd', count: 50 });
    expect(table).toHaveLength(50);
    for (const line of table) expect(line).toMatch(/^([0-9A-F]{4} ){4}[01][0-9A-F]$/);
    expect(lines({ format: 'bfloat16', operation: 'cast', from: 'binary64', count: 9 })[0]).toMatch(
      /^[0-9A-F]{16} [0-9A-F]{4} [01][0-9A-F]$/,
    );
    expect(lines({ format: 'e2m1fn', operation: 'add', count: 9 })[0]).toMatch(
      /^[0-9A-F] [0-9A-F] [0-9A-F] [01][0-9A-F]$/,
    );
    expect(lines({ format: 'binary16', operation: 'toI32', count: 9 })[0]).toMatch(
      /^[0-9A-F]{4} [0-9A-F]{8} [01][0-9A-F]$/,
    );
  });

  it('takes every case where there are few', () => {
    const pairs = lines({ format: 'e5m2', operation: 'div' });
    expect(pairs).toHaveLength(65536);
    expect(pairs[0]).toBe('00 00 7E 10');
    expect(pairs[0x3c00 + 0x42]).toBe('3C 42 35 01');
    expect(lines({ format: 'e5m2', operation: 'sqrt' })).toHaveLength(256);
    expect(lines({ format: 'float:e5m4', operation: 'roundToInt' })).toHaveLength(1024);
    expect(lines({ format: 'float:e2m1', operation: 'mulAdd' })).toHaveLength(4096);
    expect(lines({ format: 'float:e2m2', operation: 'mulAdd', level: 2 })).toHaveLength(32768);
  });

  it('samples where there are many', () => {
    expect(lines({ format: 'binary16', operation: 'add' })).toHaveLength(10_000);
    expect(lines({ format: 'e5m2', operation: 'mulAdd', count: 77 })).toHaveLength(77);
    const table = lines({ format: 'binary16', operation: 'add', count: 2000 });
    const flags = new Set(table.map((line) => line.slice(-2)));
    // Exact, inexact, overflow with inexact, invalid: all turn up.
    expect([...flags].sort()).toEqual(expect.arrayContaining(['00', '01', '05', '10']));
    const tiny = lines({ format: 'binary16', operation: 'mul', count: 2000 }).filter((line) => line.endsWith(' 03'));
    expect(tiny.length).toBeGreaterThan(50);
    const ties = lines({ format: 'binary16', operation: 'roundToInt', count: 500 }).filter((line) => {
      const x = decode(binary16, Number.parseInt(line.slice(0, 4), 16));
      return Math.abs(x % 1) === 0.5;
    });
    expect(ties.length).toBeGreaterThan(10);
  });

  it('covers every value and midpoint of a small format in a cast, and the special operands', () => {
    const inputs = new Set(lines({ format: 'e4m3fn', operation: 'cast' }).map((line) => line.slice(0, 8)));
    const view = new DataView(new ArrayBuffer(4));
    const bits = (x: number): string => {
      view.setFloat32(0, x);
      return view.getUint32(0).toString(16).toUpperCase().padStart(8, '0');
    };
    for (let code = 0; code < 0x7e; code++) {
      const low = decode(e4m3fn, code);
      const middle = (low + decode(e4m3fn, code + 1)) / 2;
      for (const x of [low, -low, middle, -middle]) expect(inputs.has(bits(x)), String(x)).toBe(true);
    }
    for (const x of [464, -464, Infinity, -Infinity, Number.NaN]) expect(inputs.has(bits(x))).toBe(true);
    for (const special of ['43E80001', '43E7FFFF', '7F800001', 'FFC00000']) expect(inputs.has(special)).toBe(true);
  });

  it('gives the same table for the same seed, and another for another', () => {
    const table = (seed: number) => lines({ format: 'binary16', operation: 'mul', count: 100, seed });
    expect(table(5)).toEqual(table(5));
    expect(table(5)).not.toEqual(table(6));
    expect(table(5).slice(0, 40)).toEqual(lines({ format: 'binary16', operation: 'mul', count: 40, seed: 5 }));
  });

  it('follows mode and profile', () => {
    const find = (options: object, start: string) =>
      lines({ format: 'e4m3fn', operation: 'cast', ...options }).find((line) => line.startsWith(start));
    expect(find({}, '43E80001')).toBe('43E80001 7F 05');
    expect(find({ profile: 'torch' }, '43E80001')).toBe('43E80001 7E 05');
    expect(find({ profile: 'cudaSatfinite' }, 'FFC00000')).toBe('FFC00000 7F 00');
    expect(find({ profile: 'mlDtypes' }, 'FFC00000')).toBe('FFC00000 FF 00');
    expect(find({ rounding: 'towardZero' }, '43E80001')).toBe('43E80001 7E 01');
    expect(find({ profile: 'mlDtypes', rounding: 'towardZero' }, '3F8FFFFF')).toBe('3F8FFFFF 38 01');
  });

  it('leaves out what the policy does not define', () => {
    const table = lines({ format: 'e2m1fn', operation: 'cast' });
    expect(table.some((line) => line.startsWith('7FC00000'))).toBe(false);
    const withZero = lines({ format: 'e2m1fn', operation: 'cast', profile: 'mlDtypes' });
    expect(withZero).toContain('7FC00000 8 00');
  });

  it('gives what the code-level entry points of the unit give', () => {
    const unit = createUnit({ format: e5m2 });
    for (const line of lines({ format: 'e5m2', operation: 'sub', count: 300 })) {
      const [a, b, r] = line.split(' ').map((text) => Number.parseInt(text, 16)) as [number, number, number];
      expect(unit.codes.subtract(a, b)).toBe(r);
    }
  });

  it('refuses what has no meaning', () => {
    const refused: [object, RegExp][] = [
      [{ format: 'int8', operation: 'add' }, /a float format/],
      [{ format: 'e4m3', operation: 'rem' }, /one of add, sub/],
      [{ format: 'e4m3', operation: 'add', from: 'binary32' }, /cast with it/],
      [{ format: 'e4m3', operation: 'add', rounding: 'stochastic' }, /deterministic/],
      [{ format: 'e4m3', operation: 'add', rounding: 'up' }, /rounding/],
      [{ format: 'e4m3', operation: 'add', level: 3 }, /level/],
      [{ format: 'e4m3', operation: 'add', count: 0 }, /count/],
      [{ format: 'e4m3', operation: 'add', seed: -1 }, /seed/],
      [{ format: 'e4m3', operation: 'add', profile: 'tpu' }, /one of ocp/],
      [{ format: 'e9m9', operation: 'add' }, /format/],
    ];
    for (const [options, message] of refused) expect(() => lines(options as never), String(message)).toThrow(message);
  });
});

describe('operands', () => {
  it('carry sign and fraction of a NaN', () => {
    expect(operandOf('binary64', 0xfff4000000000000n)).toMatchObject({ nan: { negative: true, fraction: 0.25 } });
    expect(operandOf(binary16, 0x7e00)).toMatchObject({ nan: { negative: false, fraction: 0.5 } });
    expect(operandOf(binary16, 0xfc01)).toMatchObject({ nan: { negative: true, fraction: 2 ** -10 } });
    expect(operandOf(e4m3fn, 0xff)).toMatchObject({ nan: { negative: true, fraction: 0.5 } });
    expect(operandOf('binary64', 0x3ff8000000000000n).x).toBe(1.5);
  });
});

describe('unit and oracle', () => {
  const modes = ['tiesToEven', 'tiesToAway', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd'] as const;
  const formats = ['binary16', 'bfloat16', 'tf32', 'binary32', 'e4m3fn', 'e5m2', 'e2m1fn', 'binary8p3se'];
  it.each(formats)('%s: the same tables', (format) => {
    for (const operation of operations) {
      for (const [seed, rounding] of modes.entries()) {
        const options = { format, operation, rounding, count: 80, seed } as const;
        const task = defineVectorTask({ format, operation });
        const blind = (line: string): string => {
          const parts = line.split(' ');
          const code = Number.parseInt(parts.at(-2) as string, 16);
          // Which NaN is written is no part of the model.
          return Number.isNaN(decode(task.result, code))
            ? [...parts.slice(0, -2), 'NaN', parts.at(-1)].join(' ')
            : line;
        };
        const ours = lines(options).map(blind);
        expect(ours).toEqual(lines({ ...options, compute: oracleCompute }).map(blind));
      }
    }
  });
});

describe('the folder', () => {
  it('needs no package but the dependency, so that the command runs without fast-check', () => {
    const files = ['conformance', 'diagnosis'].flatMap((folder) =>
      readdirSync(`src/testing/${folder}`).map((file) => `src/testing/${folder}/${file}`),
    );
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const targets = [...text.matchAll(/ from '([^']+)'/g)].map(([, target]) => target as string);
      expect(targets.filter((target) => !/^(\.|bittrue|seedrandom$)/.test(target))).toEqual([]);
      expect(
        targets.filter((target) => /^\.\.\/(?!oracle|ordinals|binary64|conformance|diagnosis|\.\.)/.test(target)),
      ).toEqual([]);
    }
  });
});
