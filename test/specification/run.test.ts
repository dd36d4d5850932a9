import { describe, expect, it } from 'vitest';
import { defineReduction, type Reduction } from '../../src/accumulators/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import { binary16, e4m3fn } from '../../src/formats/index.ts';
import * as kernels from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import * as specification from '../../src/specification/index.ts';
import { fp16, h100 } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { failure } from '../testing/helpers.ts';

const random = generator(15);
const data = Float64Array.from({ length: 12 }, () => (2 * random() - 1) * 2 ** Math.floor(40 * random() - 20));
const rows = { rows: 3, width: 4, target: fp16 };
const heads = { heads: 2, queries: 3, keys: 3, width: 2 };
const unit = { target: h100, unit: 'f16' } as const;

type Room = Pick<typeof kernels, keyof typeof kernels & keyof typeof specification>;

/** Every kernel, from either room. */
const calls: Record<string, (room: Room, more: object) => { report: unknown; output?: unknown; codes?: unknown }> = {
  cast: (room, more) => room.cast(data, { format: e4m3fn, ...more }),
  castCodes: (room, more) => room.castCodes(data, { format: e4m3fn, ...more }),
  add: (room, more) => room.add(data, data, { format: binary16, ...more }),
  multiply: (room, more) => room.multiply(data, data, { target: fp16, ...more }),
  unary: (room, more) => room.unary(data, { function: 'gelu', target: fp16, ...more }),
  attention: (room, more) => room.attention(data, data, data, { ...heads, target: h100, unit: 'f16', ...more }),
  sum: (room, more) => room.sum(data, { ...rows, ...more }),
  dot: (room, more) => room.dot(data, data, { rows: 3, width: 4, c: [1, 2, 3], ...unit, ...more }),
  matmul: (room, more) => room.matmul(data, data, { m: 3, n: 3, k: 4, ...unit, ...more }),
  epilogue: (room, more) =>
    room.epilogue(data, {
      rows: 3,
      width: 4,
      epilogue: { bias: 'rows', output: roundTo(e4m3fn) },
      bias: [1, 2, 3],
      ...more,
    }),
  softmax: (room, more) => room.softmax(data, { ...rows, ...more }),
  rmsNorm: (room, more) => room.rmsNorm(data, { ...rows, ...more }),
  layerNorm: (room, more) => room.layerNorm(data, { ...rows, gamma: [1, 2, 3, 4], ...more }),
};

describe.each(Object.entries(calls))('the specification of %s', (name, call) => {
  it('gives what the kernel gives, in every mode', () => {
    for (const record of ['off', 'counts', 'first', 'all']) {
      for (const reference of [false, true]) {
        expect(call(specification as Room, { record, reference })).toEqual(call(kernels, { record, reference }));
      }
    }
  });

  it('fills the caller’s array', () => {
    const { output, codes } = call(specification as Room, {});
    const like = (output ?? codes) as Float64Array;
    const out = like.slice().fill(0);
    const written = call(specification as Room, { out });
    expect(written.output ?? written.codes).toBe(out);
    expect(out).toEqual(like);
  });

  it('refuses an engine and unknown options', async () => {
    const engine = await createEngine();
    expect(failure(() => call(specification as Room, { engine }))).toContain('options.engine');
    expect(failure(() => call(specification as Room, { [`${name}z`]: 1 }))).toContain(`${name}z`);
  });
});

it('every kernel has a specification under its name', () => {
  const functions = (room: object) =>
    Object.entries(room).flatMap(([name, f]) => (typeof f === 'function' && 'prepare' in f ? [name] : []));
  expect(functions(specification).sort()).toEqual(Object.keys(calls).sort());
  expect(functions(kernels).sort()).toEqual(Object.keys(calls).sort());
});

it('refuses outputs that memory has no room for in both rooms, with their size', () => {
  const shape = { m: 2 ** 20, n: 2 ** 20, k: 0, ...unit };
  for (const room of [kernels, specification]) {
    expect(() => room.matmul([], [], shape)).toThrow(/^the output of matmul: .* 1099511627776 numbers, 10240\.0 GiB$/);
  }
});

it('takes what the library made; copies and plain data are the kernels’', () => {
  const shape = { rows: 1, width: 2 };
  const half = { ...binary16 };
  const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: { format: 'binary16' } } };
  const polynomial = { kind: 'base2Polynomial', coefficients: [1, 0.7], rounding: { format: half } } as const;
  const given = (room: Room, copy: boolean): Record<string, () => { output: unknown }> => ({
    'options.format': () => room.cast([1.1], { format: copy ? half : binary16, width: 1 }),
    'options.target': () => room.layerNorm([1, 3], { ...shape, target: copy ? { ...fp16 } : fp16 }),
    'options.reduction': () =>
      room.sum([2048, 1], { ...shape, reduction: (copy ? reduction : defineReduction(reduction)) as Reduction }),
    'options.partial.format': () =>
      room.dot([2048, 1], [1, 1], { ...shape, ...unit, splitK: 1, partial: roundTo(copy ? half : binary16) }),
    'options.exp.rounding.format': () =>
      room.softmax([1, 3], {
        ...shape,
        target: fp16,
        exp: (copy ? polynomial : { ...polynomial, rounding: { format: binary16 } }) as never,
      }),
  });
  for (const [argument, call] of Object.entries(given(specification as Room, true))) {
    expect(failure(call), argument).toBe(`type ${argument}`);
  }
  const made = given(specification as Room, false);
  for (const copy of [false, true]) {
    for (const [argument, call] of Object.entries(given(kernels, copy))) {
      expect(call().output, argument).toEqual(made[argument]?.().output);
    }
  }
});
