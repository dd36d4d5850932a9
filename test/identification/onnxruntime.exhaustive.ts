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

  it('MatMul of 8 products', async () => {
    const k = 8;
    const model = onnxFile({
      nodes: [{ op: 'MatMul', inputs: ['a', 'b'], outputs: ['y'] }],
      inputs: [
        ['a', 1, ['rows', 1, k]],
        ['b', 1, ['rows', k, 1]],
      ],
      outputs: ['y'],
    });
    const ask = await matMul(model);
    const found = await identify(ask, { k, a: binary32, output: binary32, addend: null, ...options });
    if (found.verdict !== 'identified') throw new Error(found.reason);
    console.log(`| MatMul | ${k} | ${found.rows} | ${found.arithmetic} |`);
    const [a, b] = [singles(ROWS * k), singles(ROWS * k)];
    const fresh: CodeRows = { rows: ROWS, k, a, b, c: null, scaleA: null, scaleB: null };
    const { output } = dot(new Float32Array(a.buffer), new Float32Array(b.buffer), {
      ...{ rows: ROWS, width: k, target: found.target, record: 'off' },
    });
    expect(Array.from(output, (value) => encode(binary32, value))).toEqual(Array.from(await ask(fresh), Number));
  });
});
