/**
 * Exact evaluation: GFLOP/s of a MatMul in binary64 on one thread, and of plain loops with the same bits.
 *
 * @module
 */
import { evaluate } from 'bittrue/evaluation';
import { constantOf, defineGraph } from 'bittrue/graphs';

const matrix = (rows: number, columns: number) =>
  ({
    type: 'double',
    shape: [rows, columns],
    data: Float64Array.from({ length: rows * columns }, Math.random),
  }) as const;

function loops(a: Float64Array, b: Float64Array, out: Float64Array, m: number, k: number, n: number): void {
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p];
      for (let j = 0; j < n; j++) out[i * n + j] += factor * b[p * n + j];
    }
  }
}

console.log('m × k × n, GFLOP/s: evaluate, loops');
for (const [m, k, n] of [
  [512, 512, 512],
  [64, 2048, 512],
  [128, 128, 4096],
]) {
  const [a, b] = [matrix(m, k), matrix(k, n)];
  const graph = defineGraph({
    name: 'product',
    inputs: [{ name: 'a', type: 'double', shape: [m, k] }],
    nodes: [{ name: 'y', op: 'MatMul', inputs: ['a', 'b'], outputs: ['y'], attributes: {} }],
    outputs: ['y'],
    constants: { b: constantOf(b) },
  });
  const best = async (run: () => unknown): Promise<string> => {
    let least = Infinity;
    for (let i = 0; i < 8; i++) {
      const began = performance.now();
      await run();
      least = Math.min(least, performance.now() - began);
    }
    return ((2 * m * k * n) / least / 1e6).toFixed(2);
  };
  const fast = await best(() => evaluate(graph, { a }));
  const slow = await best(() => loops(a.data, b.data, new Float64Array(m * n), m, k, n));
  console.log(`${m} × ${k} × ${n}: ${fast}, ${slow}`);
}
