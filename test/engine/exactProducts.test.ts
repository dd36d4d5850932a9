import { existsSync } from 'node:fs';
import { createEngine } from 'bittrue/engine';
import { evaluate } from 'bittrue/evaluation';
import { constantOf, defineGraph, type Node, type TypedTensor } from 'bittrue/graphs';
import { describe, expect, it } from 'vitest';
import { defaultEngine } from '../../src/engine/engine.ts';
import { addProducts, columnsOf } from '../../src/engine/exactProducts.ts';
import { generator } from '../random.ts';

/** Threads run what was built: `npm test` builds first. */
const built = new URL('../../dist/', import.meta.url);
const isBuilt = existsSync(new URL('kernels/threads/worker.js', built));
if (!isBuilt) console.warn('exact products on threads: skipped, dist/ is absent (npm run build)');

const random = generator('exact products');
const strange = [0, -0, Infinity, -Infinity, Number.NaN, 5e-324, -1e-310, 1.7e308, -1.7e308];
const numbers = (length: number, oddity = 0) =>
  Float64Array.from({ length }, () =>
    random() < oddity
      ? strange[Math.floor(random() * strange.length)]
      : (random() - 0.5) * 2 ** Math.floor(random() * 8),
  );
const same = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  x.length === y.length && Array.from({ length: x.length }, (_, i) => Object.is(x[i], y[i])).every((one) => one);

/** What plain loops compute: each output a chain of additions in ascending order. */
function plain(a: Float64Array, b: Float64Array, out: Float64Array, m: number, k: number, n: number): Float64Array {
  const sums = out.slice();
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) sums[i * n + j] += a[i * k + p] * b[p * n + j];
  return sums;
}

describe('addProducts', () => {
  it('has the bits of plain loops, for every shape, on zeros of both signs, subnormals, infinities and NaN too', async () => {
    const engine = await createEngine();
    for (let round = 0; round < 60; round++) {
      const [m, n] = [4 + Math.floor(random() * 20), 1 + Math.floor(random() * 40)];
      const k = Math.ceil(2 ** 14 / (m * n)) + Math.floor(random() * 50);
      const oddity = round % 3 === 0 ? 0.02 : 0;
      const [a, b, out] = [numbers(m * k, oddity), numbers(k * n, oddity), numbers(m * n, oddity)];
      const expected = plain(a, b, out, m, k, n);
      expect(addProducts({ a, fromA: 0, out, to: 0, m, k, n, columns: columnsOf(b, 0, k, n) }, engine)).toBe(true);
      expect(same(out, expected), `${m} × ${k} × ${n}`).toBe(true);
    }
  });

  it('forms more than lies in the memory at once, part by part, from and to places within arrays', async () => {
    const [m, k, n] = [37, 40_000, 11];
    const [a, b] = [numbers(5 + m * k), numbers(3 + k * n)];
    const out = new Float64Array(2 + m * n);
    const engine = await createEngine();
    expect(addProducts({ a, fromA: 5, out, to: 2, m, k, n, columns: columnsOf(b, 3, k, n) }, engine)).toBe(true);
    expect(same(out.subarray(2), plain(a.subarray(5), b.subarray(3), new Float64Array(m * n), m, k, n))).toBe(true);
    const [wide, flat] = [numbers(4 * 3), numbers(3 * 300_000)];
    const many = new Float64Array(4 * 300_000);
    addProducts(
      { a: wide, fromA: 0, out: many, to: 0, m: 4, k: 3, n: 300_000, columns: columnsOf(flat, 0, 3, 300_000) },
      engine,
    );
    expect(same(many, plain(wide, flat, new Float64Array(4 * 300_000), 4, 3, 300_000))).toBe(true);
  });

  it('leaves few products, and those without an engine, to loops', () => {
    const rest = {
      a: numbers(12),
      fromA: 0,
      out: numbers(12),
      to: 0,
      m: 4,
      k: 3,
      n: 3,
      columns: columnsOf(numbers(9), 0, 3, 3),
    };
    expect(addProducts(rest, defaultEngine())).toBe(false);
    expect(addProducts({ ...rest, k: 1e6 }, null)).toBe(false);
  });
});

describe.skipIf(!isBuilt)('on threads', () => {
  const load = async () => {
    const engine: typeof import('../../src/engine/index.ts') = await import(`${built}engine/index.js`);
    const inside: typeof import('../../src/engine/engine.ts') = await import(`${built}engine/engine.js`);
    const exact: typeof import('../../src/engine/exactProducts.ts') = await import(`${built}engine/exactProducts.js`);
    return { ...engine, ...inside, ...exact };
  };

  it('addProducts has the bits of one thread, where they share columns and where there are too few', async () => {
    const { createEngine, closeEngine, addProducts } = await load();
    const [one, three] = [await createEngine(), await createEngine({ workers: 3 })];
    for (const [m, k, n] of [
      [64, 300, 700],
      [5, 90_000, 33],
      [4, 300_000, 2],
      [700, 31, 512],
    ] as const) {
      const [a, b] = [numbers(m * k, 0.001), numbers(k * n, 0.001)];
      const [here, there] = [one, three].map((engine) => {
        const out = new Float64Array(m * n).fill(-0);
        expect(addProducts({ a, fromA: 0, out, to: 0, m, k, n, columns: columnsOf(b, 0, k, n) }, engine)).toBe(true);
        return out;
      });
      expect(same(here!, there!), `${m} × ${k} × ${n}`).toBe(true);
    }
    expect(three.allocator.used.size).toBe(0);
    await closeEngine(three);
  });

  it('are those of the engine of all, once prepare has started them, and end with it', async () => {
    const { prepare, defaultEngine } = await load();
    expect(defaultEngine()?.pool).toBe(null);
    await prepare({ workers: 2 });
    const pool = defaultEngine()?.pool;
    expect(pool?.threads).toHaveLength(1);
    await prepare({ workers: 2 });
    expect(defaultEngine()?.pool).toBe(pool);
    await prepare();
    expect(defaultEngine()?.pool).toBe(null);
    expect(pool?.threads).toHaveLength(0);
    await expect(prepare({ workers: 0 })).rejects.toThrow('options.workers');
    await expect(prepare({ workers: 2, worker: new URL('nowhere.js', built) })).rejects.toThrow('options.worker');
    expect(defaultEngine()?.pool).toBe(null);
  });
});

describe('operators by exact products', () => {
  const run = async (op: string, inputs: Record<string, TypedTensor>, attributes: Node['attributes'] = {}) => {
    const names = Object.keys(inputs);
    const graph = defineGraph({
      name: 'g',
      inputs: [],
      nodes: [{ name: 'y', op, inputs: names, outputs: ['y'], attributes }],
      outputs: ['y'],
      constants: Object.fromEntries(names.map((name) => [name, constantOf(inputs[name])])),
    });
    return (await evaluate(graph, {})).outputs.y;
  };
  const tensor = (...shape: number[]): TypedTensor => ({
    type: 'double',
    shape,
    data: numbers(shape.reduce((product, axis) => product * axis, 1)),
  });

  it('convolve with padding, strides, dilations and groups as plain loops do, weights that are not finite among them', async () => {
    for (const oddity of [false, true]) {
      const [x, w, b] = [tensor(2, 6, 19, 17), tensor(12, 3, 3, 2), tensor(12)];
      if (oddity) (w.data as Float64Array)[7] = Infinity;
      const attributes = { group: 2, pads: [1, 0, 2, 1], strides: [2, 1], dilations: [1, 2] };
      const y = await run('Conv', { x, w, b }, attributes);
      const [height, width] = y.shape.slice(2);
      const expected: number[] = [];
      for (let n = 0; n < 2; n++)
        for (let o = 0; o < 12; o++)
          for (let i = 0; i < height; i++)
            for (let j = 0; j < width; j++) {
              let sum = 0;
              for (let c = 0; c < 3; c++)
                for (let p = 0; p < 3; p++)
                  for (let q = 0; q < 2; q++) {
                    const [row, column] = [2 * i - 1 + p, j + 2 * q];
                    if (row < 0 || row >= 19 || column < 0 || column >= 17) continue;
                    const channel = Math.floor(o / 6) * 3 + c;
                    sum +=
                      Number(w.data[((o * 3 + c) * 3 + p) * 2 + q]) *
                      Number(x.data[((n * 6 + channel) * 19 + row) * 17 + column]);
                  }
              expected.push(sum + Number(b.data[o]));
            }
      expect(same(y.data as Float64Array, expected)).toBe(true);
    }
  });

  it('multiply batches of matrices, and transposed ones, as plain loops do', async () => {
    const [a, b] = [tensor(3, 21, 50), tensor(3, 50, 33)];
    const y = await run('MatMul', { a, b });
    const each = [0, 1, 2].flatMap((i) => [
      ...plain(
        (a.data as Float64Array).subarray(i * 1050, (i + 1) * 1050),
        (b.data as Float64Array).subarray(i * 1650, (i + 1) * 1650),
        new Float64Array(21 * 33),
        21,
        50,
        33,
      ),
    ]);
    expect(same(y.data as Float64Array, each)).toBe(true);
    const [p, q] = [tensor(40, 64), tensor(20, 64)];
    const turned = new Float64Array(64 * 20);
    for (let i = 0; i < 20; i++) for (let j = 0; j < 64; j++) turned[j * 20 + i] = Number(q.data[i * 64 + j]);
    const z = await run('Gemm', { p, q }, { transB: 1 });
    expect(same(z.data as Float64Array, plain(p.data as Float64Array, turned, new Float64Array(800), 40, 64, 20))).toBe(
      true,
    );
  });
});
