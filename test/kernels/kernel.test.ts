/** What every kernel does alike. */
import { describe, expect, it } from 'vitest';
import { createEngine, createTensor, type Engine } from '../../src/engine/index.ts';
import { binary16, e4m3fn } from '../../src/formats/index.ts';
import {
  add,
  attention,
  cast,
  castCodes,
  dot,
  epilogue,
  layerNorm,
  matmul,
  multiply,
  rmsNorm,
  softmax,
  sum,
  unary,
} from '../../src/kernels/index.ts';
import { b200, fp16 } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

type Floats = Float32Array | Float64Array;
/** Where a kernel writes and runs. */
type Into = { readonly out?: Float64Array; readonly engine?: Engine | null };

const [rows, width] = [8, 64];
const shape = { rows, width, target: fp16 };
const heads = { heads: 1, queries: 8, keys: 8, width: 64, target: fp16, causal: true };
/** A unit with block scales, and a shape of them. */
const blocks = { target: b200, unit: 'mxfp8', m: 8, n: 8, k: 64 };

const ended = { rows: 8, width: 64, epilogue: { alpha: 2, beta: 1, bias: 'columns' } } as const;

/** Runs with one array of the caller's, and as many numbers as it must have. */
const runs: Record<string, [length: number, run: (own: Floats, into: Into) => unknown]> = {
  'add x': [512, (x, into) => add(x, x.slice(), { format: e4m3fn, ...into })],
  'add y': [512, (x, into) => add(x.slice(), x, { format: e4m3fn, ...into })],
  'multiply y': [512, (x, into) => multiply(x.slice(), x, { ...shape, ...into })],
  'cast x': [512, (x, into) => cast(x, { format: binary16, ...into })],
  'layerNorm x': [512, (x, into) => layerNorm(x, { ...shape, ...into })],
  'layerNorm gamma': [64, (x, into) => layerNorm(numbers(512), { ...shape, gamma: x, ...into })],
  'layerNorm beta': [64, (x, into) => layerNorm(numbers(512), { ...shape, beta: x, ...into })],
  'layerNorm residual': [512, (x, into) => layerNorm(numbers(512), { ...shape, residual: x, ...into })],
  'rmsNorm gamma': [64, (x, into) => rmsNorm(numbers(512), { ...shape, gamma: x, ...into })],
  'rmsNorm residual': [512, (x, into) => rmsNorm(numbers(512), { ...shape, residual: x, ...into })],
  'unary x': [512, (x, into) => unary(x, { function: 'relu', target: fp16, ...into })],
  'epilogue sums': [512, (x, into) => epilogue(x, { ...ended, c: numbers(512), bias: ones(64), ...into })],
  'epilogue c': [512, (x, into) => epilogue(numbers(512), { ...ended, c: x, bias: ones(64), ...into })],
  'epilogue bias': [64, (x, into) => epilogue(numbers(512), { ...ended, c: numbers(512), bias: x, ...into })],
  'attention q': [512, (x, into) => attention(x, numbers(512), numbers(512), { ...heads, ...into })],
  'attention v': [512, (x, into) => attention(numbers(512), numbers(512), x, { ...heads, ...into })],
  'softmax x': [512, (x, into) => softmax(x, { ...shape, ...into })],
  'sum x': [512, (x, into) => sum(x, { ...shape, ...into })],
  'dot a': [512, (x, into) => dot(x, x.slice(), { ...shape, ...into })],
  'dot b': [512, (x, into) => dot(x.slice(), x, { ...shape, ...into })],
  'dot c': [8, (x, into) => dot(numbers(512), numbers(512), { ...shape, c: x, ...into })],
  'matmul a': [512, (x, into) => matmul(x, numbers(512), { target: fp16, m: 8, k: 64, n: 8, ...into })],
  'matmul b': [512, (x, into) => matmul(numbers(512), x, { target: fp16, m: 8, k: 64, n: 8, ...into })],
  'matmul c': [64, (x, into) => matmul(numbers(512), numbers(512), { target: fp16, m: 8, k: 64, n: 8, c: x, ...into })],
  'matmul scaleA': [16, (x, into) => matmul(ones(512), ones(512), { ...blocks, scaleA: x, scaleB: ones(16), ...into })],
  'matmul scaleB': [16, (x, into) => matmul(ones(512), ones(512), { ...blocks, scaleA: ones(16), scaleB: x, ...into })],
};
const sizes: Record<string, number> = { sum: 8, dot: 8, matmul: 64 };

function numbers(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => ((i * 37) % 64) / 16 - 2);
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}

describe('out', () => {
  it.each(Object.entries(runs))('may not share memory with %s', async (name, [length, run]) => {
    const size = sizes[name.split(' ')[0] as string] ?? 512;
    const engine = await createEngine();
    for (const Type of [Float32Array, Float64Array] as unknown as (typeof Float64Array)[]) {
      const bytes = Type.BYTES_PER_ELEMENT;
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 64, shared: true });
      const tensor = bytes === 4 ? createTensor(engine, 2048, 'binary32') : createTensor(engine, 2048, 'binary64');
      const places: [input: ArrayBufferLike, output: ArrayBufferLike, at: number][] = [];
      const ordinary = new ArrayBuffer(16_384);
      places.push([ordinary, ordinary, 0]);
      const small = memory.buffer;
      memory.grow(1);
      places.push([small, memory.buffer, 0]);
      createTensor(engine, engine.allocator.end, 'codes8');
      places.push([tensor.buffer, engine.core.memory.buffer, tensor.byteOffset]);
      expect(tensor.buffer).not.toBe(engine.core.memory.buffer);
      for (const [input, output, at] of places) {
        const scale = name.includes('scale') ? ones(length) : numbers(length);
        for (const on of [{}, { engine }, { engine: null }]) {
          const own: Floats = new Type(input as ArrayBuffer, at + 4096, length);
          own.set(scale);
          for (const shift of [1 - size, 0, length - 1]) {
            const out = new Type(output as ArrayBuffer, at + 4096 + shift * bytes, size);
            expect(failure(() => run(own, { out, ...on }))).toBe('value options.out');
            expect(Array.from(own)).toEqual(Array.from(scale));
          }
          const expected = run(own, on) as { output: Float64Array; report: object };
          for (const shift of [-size, length]) {
            const out = new Type(output as ArrayBuffer, at + 4096 + shift * bytes, size);
            const found = run(own, { out, ...on }) as typeof expected;
            expect(Array.from(out)).toEqual(Array.from(expected.output));
            expect(found.report).toEqual(expected.report);
            expect(Array.from(own)).toEqual(Array.from(scale));
          }
        }
      }
    }
  });

  it('of codes may not share memory with the numbers', () => {
    const buffer = new ArrayBuffer(1024);
    const x = new Float32Array(buffer, 0, 16);
    const run = (at: number) => castCodes(x, { format: e4m3fn, out: new Uint8Array(buffer, at, 16) });
    expect(failure(() => run(63))).toBe('value options.out');
    expect(run(64).codes).toHaveLength(16);
  });

  it('is refused by the name of the option that it shares memory with', () => {
    const residual = new Float64Array(512);
    const run = () => layerNorm(numbers(512), { ...shape, residual, out: residual });
    expect(run).toThrow('an array that shares no memory with options.residual');
  });
});
