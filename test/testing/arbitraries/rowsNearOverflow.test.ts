import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layerNorm } from '../../../src/kernels/index.ts';
import { rowsNearOverflow } from '../../../src/testing/arbitraries/index.ts';
import { draws } from '../../../src/testing/conformance/sample.ts';

const WIDTH = 768;

/** Whether the sum of squares overflows though no square does. */
function overflows(x: Float64Array): boolean {
  const { counts } = layerNorm(x, { rows: x.length / WIDTH, width: WIDTH, target: 'fp16' }).report;
  return (counts.squareSum?.overflow ?? 0) > 0 && counts.square?.overflow === 0;
}

describe('rowsNearOverflow', () => {
  it('finds an FP16 LayerNorm whose squareSum overflows within 100 runs, in each of 20 seeds, and shrinks it to two numbers', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const property = fc.property(rowsNearOverflow('fp16', 'layerNorm', WIDTH), (x) => !overflows(x));
      const { failed, counterexample } = fc.check(property, { seed, numRuns: 100 });
      expect(failed).toBe(true);
      const [row] = counterexample as [Float64Array];
      expect(overflows(row)).toBe(true);
      const left = row.filter((x) => x !== 0);
      expect(left.length).toBeLessThanOrEqual(2);
      for (const x of left) expect(String(Math.abs(x)).length).toBeLessThanOrEqual(3);
    }
  });

  it('normal rows do not, in 10,000', () => {
    const next = draws(1);
    const uniform = (): number => (next(2 ** 30) + 0.5) / 2 ** 30;
    const rows = 10_000;
    const x = new Float64Array(rows * WIDTH);
    for (let i = 0; i < x.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      x[i] = radius * Math.cos(angle);
      x[i + 1] = radius * Math.sin(angle);
    }
    expect(overflows(x)).toBe(false);
  });
});
