/** Sums of JavaScript and WebAssembly, asked through the clients of `examples/probe`: what is found gives the same bits on fresh rows. */
import { describe, expect, it } from 'vitest';
import { chip as reduce } from '../../examples/probe/reduce.mjs';
import { chip as simd } from '../../examples/probe/simd.mjs';
import { binary32 } from '../../src/formats/index.ts';
import { type Ask, type CodeRows, identify, identifySum } from '../../src/identification/index.ts';
import { sum } from '../../src/kernels/index.ts';
import { encode } from '../../src/rounding/index.ts';
import type { MatrixUnit } from '../../src/targets/index.ts';
import { hidden } from './helpers.ts';
import { plain, ROWS, singles } from './liveCodes.ts';

describe('sums of JavaScript and WebAssembly', () => {
  it('Array.prototype.reduce in binary32: one by one', () => {
    const found = identifySum(reduce, { n: 8, format: binary32, agree: 1000 });
    if (found.verdict !== 'identified' || found.target === null) throw new Error('not identified');
    expect(found.arithmetic).toMatch(/^(additions|multiply-adds) in binary32$/);
    const x = singles(ROWS * 8);
    const numbers = new Float32Array(x.buffer);
    const { output } = sum(numbers, { rows: ROWS, width: 8, target: found.target, record: 'off' });
    const codes = Array.from(output, (one) => encode(binary32, one));
    expect(codes.map(plain)).toEqual([...reduce({ rows: ROWS, n: 8, x })].map(plain));
  });

  it('four lanes of SIMD: four interleaved sums, then one by one', () => {
    const k = 16;
    const found = identify(simd as Ask, { k, a: binary32, output: binary32, addend: null, agree: 500 });
    if (found.verdict !== 'identified') throw new Error(found.reason);
    expect(found.arithmetic).toContain('4 interleaved sums');
    const rows: CodeRows = {
      ...{ rows: ROWS, k, a: singles(ROWS * k), b: singles(ROWS * k), c: null, scaleA: null, scaleB: null },
    };
    const codes = hidden(found.target, found.target.matrixUnits.unit as MatrixUnit)(rows);
    expect(codes.map((code) => plain(Number(code)))).toEqual([...simd(rows)].map(plain));
  });
});
