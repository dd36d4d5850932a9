/** onnxruntime-web's own sums, asked through the client of `examples/probe`: what is found gives the same bits on fresh rows. */
import { describe, expect, it } from 'vitest';
import { matMul, reduceSum } from '../../examples/probe/onnxruntime.mjs';
import { binary32 } from '../../src/formats/index.ts';
import { type CodeRows, identify, identifySum } from '../../src/identification/index.ts';
import { dot, sum } from '../../src/kernels/index.ts';
import { encode } from '../../src/rounding/index.ts';
import { onnxFile, type Stored } from '../models/onnxFile.ts';
import { generator } from '../random.ts';

const next = generator('onnxruntime');
const ROWS = 3000;
/** Numbers of about 1, of both signs. */
const singles = (length: number) =>
  Uint32Array.from({ length }, () => 0x3f000000 + Math.floor(next() * 2 ** 25) + (next() < 0.5 ? 2 ** 31 : 0));

const one: Stored = { type: 7, dims: [1], bytes: new Uint8Array(BigInt64Array.of(1n).buffer) };

describe('onnxruntime-web', () => {
  const options = { agree: 1000 } as const;

  it.each([16, 19])('ReduceSum of %i numbers', async (n) => {
    const model = onnxFile({
      nodes: [{ op: 'ReduceSum', inputs: ['x', 'axes'], outputs: ['y'] }],
      inputs: [['x', 1, ['rows', n]]],
      outputs: ['y'],
      constants: { axes: one },
    });
    const ask = await reduceSum(model);
    const found = await identifySum(ask, { n, format: binary32, ...options });
    if (found.verdict !== 'identified' || found.target === null) throw new Error('not identified');
    console.log(`| ReduceSum | ${n} | ${found.rows} | ${found.arithmetic} |`);
    const x = singles(ROWS * n);
    const { output } = sum(new Float32Array(x.buffer), { rows: ROWS, width: n, target: found.target, record: 'off' });
    expect(Array.from(output, (value) => encode(binary32, value))).toEqual(
      Array.from(await ask({ rows: ROWS, n, x }), Number),
    );
  });

  const products = async (k: number) =>
    matMul(
      onnxFile({
        nodes: [{ op: 'MatMul', inputs: ['a', 'b'], outputs: ['y'] }],
        inputs: [
          ['a', 1, ['rows', 1, k]],
          ['b', 1, ['rows', k, 1]],
        ],
        outputs: ['y'],
      }),
    );
  const question = (k: number) => ({ k, a: binary32, output: binary32, addend: null, ...options });

  // The first product, then sums of four, each added to what came before.
  it.each([4, 9, 13])('MatMul of %i products', async (k) => {
    const ask = await products(k);
    const found = await identify(ask, question(k));
    if (found.verdict !== 'identified') throw new Error(found.reason);
    console.log(`| MatMul | ${k} | ${found.rows} | ${found.arithmetic} |`);
    const [a, b] = [singles(ROWS * k), singles(ROWS * k)];
    const fresh: CodeRows = { rows: ROWS, k, a, b, c: null, scaleA: null, scaleB: null };
    const { output } = dot(new Float32Array(a.buffer), new Float32Array(b.buffer), {
      ...{ rows: ROWS, width: k, target: found.target, record: 'off' },
    });
    expect(Array.from(output, (value) => encode(binary32, value))).toEqual(Array.from(await ask(fresh), Number));
  });

  it('MatMul of 8 products: three that are left over join one by one, which no order of the algebra says', async () => {
    const found = await identify(await products(8), question(8));
    expect(found.verdict).toBe('unknown');
    if (found.verdict !== 'unknown') return;
    console.log(`| MatMul | 8 | ${found.rows} | ${found.reason} |`);
    expect(found.reason).toMatch(/no order of the algebra/);
    expect(found.open.length).toBeGreaterThan(0);
  });
});
