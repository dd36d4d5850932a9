/** What every kernel does alike. */
import { describe, expect, it } from 'vitest';
import { createEngine, createTensor } from '../../src/engine/index.ts';
import { binary16, e4m3fn } from '../../src/formats/index.ts';
import {
  add,
  cast,
  castCodes,
  dot,
  layerNorm,
  matmul,
  multiply,
  rmsNorm,
  softmax,
  sum,
} from '../../src/kernels/index.ts';
import { b200, fp16 } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

type Floats = Float32Array | Float64Array;

const [rows, width] = [8, 64];
const shape = { rows, width, target: fp16 };
/** A unit with block scales, and a shape of them. */
const blocks = { target: b200, unit: 'mxfp8', m: 8, n: 8, k: 64 };

/** Runs with one array of the caller's, and as many numbers as it must have. */
const runs: Record<string, [length: number, run: (own: Floats, out: Floats | undefined, engine: object) => unknown]> = {
  'add x': [512, (x, out, on) => add(x, x.slice(), { format: e4m3fn, out, ...on })],
  'add y': [512, (x, out, on) => add(x.slice(), x, { format: e4m3fn, out, ...on })],
  'multiply y': [512, (x, out, on) => multiply(x.slice(), x, { ...shape, out, ...on })],
  'cast x': [512, (x, out, on) => cast(x, { format: binary16, out, ...on })],
  'layerNorm x': [512, (x, out, on) => layerNorm(x, { ...shape, out, ...on })],
  'layerNorm gamma': [64, (x, out, on) => layerNorm(numbers(512), { ...shape, gamma: x, out, ...on })],
  'layerNorm beta': [64, (x, out, on) => layerNorm(numbers(512), { ...shape, beta: x, out, ...on })],
  'layerNorm residual': [512, (x, out, on) => layerNorm(numbers(512), { ...shape, residual: x, out, ...on })],
  'rmsNorm gamma': [64, (x, out, on) => rmsNorm(numbers(512), { ...shape, gamma: x, out, ...on })],
  'rmsNorm residual': [512, (x, out, on) => rmsNorm(numbers(512), { ...shape, residual: x, out, ...on })],
  'softmax x': [512, (x, out, on) => softmax(x, { ...shape, out, ...on })],
  'sum x': [512, (x, out, on) => sum(x, { ...shape, out, ...on })],
  'dot a': [512, (x, out, on) => dot(x, x.slice(), { ...shape, out, ...on })],
  'dot b': [512, (x, out, on) => dot(x.slice(), x, { ...shape, out, ...on })],
  'dot c': [8, (x, out, on) => dot(numbers(512), numbers(512), { ...shape, c: x, out, ...on })],
  'matmul a': [512, (x, out, on) => matmul(x, numbers(512), { target: fp16, m: 8, k: 64, n: 8, out, ...on })],
  'matmul b': [512, (x, out, on) => matmul(numbers(512), x, { target: fp16, m: 8, k: 64, n: 8, out, ...on })],
  'matmul c': [
    64,
    (x, out, on) => matmul(numbers(512), numbers(512), { target: fp16, m: 8, k: 64, n: 8, c: x, out, ...on }),
  ],
  'matmul scaleA': [
    16,
    (x, out, on) => matmul(ones(512), ones(512), { ...blocks, scaleA: x, scaleB: ones(16), out, ...on }),
  ],
  'matmul scaleB': [
    16,
    (x, out, on) => matmul(ones(512), ones(512), { ...blocks, scaleA: ones(16), scaleB: x, out, ...on }),
  ],
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
    for (const Type of [Float32Array, Float64Array] as const) {
      const bytes = Type.BYTES_PER_ELEMENT;
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 64, shared: true });
      const tensor = createTensor(engine, 2048, bytes === 4 ? 'binary32' : 'binary64');
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
          const own = new Type(input, at + 4096, length);
          own.set(scale);
          for (const shift of [1 - size, 0, length - 1]) {
            const out = new Type(output, at + 4096 + shift * bytes, size);
            expect(failure(() => run(own, out, on))).toBe('value options.out');
            expect(Array.from(own)).toEqual(Array.from(scale));
          }
          const expected = run(own, undefined, on) as { output: Float64Array; report: object };
          for (const shift of [-size, length]) {
            const out = new Type(output, at + 4096 + shift * bytes, size);
            const found = run(own, out, on) as typeof expected;
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
