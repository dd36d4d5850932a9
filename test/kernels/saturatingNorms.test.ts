/**
 * Norms whose sums saturate: integer registers of 16, 24 and 32 bits, and binary16 sums that stay at 65504, against the
 * oracle, bit for bit and event for event.
 */
import { describe, expect, it } from 'vitest';
import { layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import { defineTarget, type VectorTarget } from '../../src/targets/index.ts';
import { generator, normal } from '../random.ts';
import { agree } from './helpers.ts';

const half = { format: 'binary16' };
const saturatingHalf = { format: 'binary16', policy: { overflow: 'saturate' } };

/** A unit of int8 data with integer registers, whose statistics are binary32. */
function registerTarget(bits: number): VectorTarget {
  const int16 = { format: 'int16' };
  const single = { format: 'binary32' };
  return defineTarget({
    name: `int${bits}`,
    source: 'test',
    vectorUnits: {
      vector: {
        load: { format: 'int8' },
        compute: int16,
        center: int16,
        normalize: single,
        accumulate: { format: `int${bits}` },
        statistics: single,
        store: half,
        reduction: { kind: 'sequential', accumulator: { kind: 'integer', bits, overflow: 'saturate' } },
      },
    },
  }) as VectorTarget;
}

const saturatingFp16 = defineTarget({
  name: 'saturatingFp16',
  source: 'test',
  vectorUnits: {
    vector: {
      load: half,
      compute: saturatingHalf,
      accumulate: saturatingHalf,
      statistics: half,
      store: half,
      reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: saturatingHalf, fused: false } },
    },
  },
}) as VectorTarget;

const ROWS = 500;
const WIDTH = 8;
const PART = 50;

/** Rows of normal numbers of very different sizes, some of which saturate every register. */
function rowsOf(seed: string, largest: number, whole: boolean): Float64Array {
  const next = generator(seed);
  const x = new Float64Array(ROWS * WIDTH);
  for (let r = 0; r < ROWS; r++) {
    const size = largest * 2 ** (-8 * next());
    for (let i = 0; i < WIDTH; i++) {
      const value = normal(next) * size;
      x[r * WIDTH + i] = whole ? Math.max(-128, Math.min(127, Math.round(value))) : value;
    }
  }
  return x;
}

describe('norms with saturating sums equal the oracle', () => {
  const cases: [string, VectorTarget, Float64Array][] = [
    ['int16 registers', registerTarget(16), rowsOf('int16', 128, true)],
    ['int24 registers', registerTarget(24), rowsOf('int24', 128, true)],
    ['int32 registers', registerTarget(32), rowsOf('int32', 128, true)],
    ['binary16 sums that saturate', saturatingFp16, rowsOf('fp16', 1000, false)],
  ];
  for (const kernel of ['layerNorm', 'rmsNorm'] as const) {
    it.each(cases)(`${kernel}, %s`, (_, target, x) => {
      // By parts: every event of a part is compared, and a report keeps 10,000.
      for (let r = 0; r < ROWS; r += PART) {
        agree({ kernel, x: x.subarray(r * WIDTH, (r + PART) * WIDTH), options: { rows: PART, width: WIDTH, target } });
      }
    });
  }

  it('registers of 16 bits saturate, and say where; of 24 bits they do not', () => {
    const x = rowsOf('int16', 128, true);
    const run = (bits: number) => rmsNorm(x, { rows: ROWS, width: WIDTH, target: registerTarget(bits) }).report;
    expect(run(16).counts.squareSum?.saturation).toBeGreaterThan(20);
    expect(run(16).first.saturation).toMatchObject({ stage: 'squareSum', result: 32767 });
    expect(run(24).counts.squareSum?.saturation).toBe(0);
    const wide = layerNorm(rowsOf('fp16', 1000, false), { rows: ROWS, width: WIDTH, target: saturatingFp16 });
    expect(wide.report.first.saturation).toMatchObject({ result: 65504 });
  });
});
