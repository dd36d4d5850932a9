import { describe, expect, it } from 'vitest';
import { layerNorm, rmsNorm } from '../../../src/kernels/index.ts';
import { byteTokens } from '../../../src/models/index.ts';
import { cures } from '../../../src/studies/cures/cures.ts';
import { checkModel, compareCures } from '../../../src/studies/index.ts';
import { fp16, fp16Fp32Compute, fp32 } from '../../../src/targets/index.ts';
import { tinyLlama } from '../helpers.ts';

const model = tinyLlama();
const text = [byteTokens('And God said, Let there be light')];

describe('compareCures', () => {
  it('has the runs of `checkModel` among its own, and none that the others could not have', () => {
    const found = compareCures(model, text, { target: fp16, residualScale: 8 });
    expect(found).toMatchObject({ schema: 'cure-comparison/1', residualScale: 8, predictions: 31 });
    const run = (name: string) => found.cures.find((one) => one.name === name);
    for (const variant of ['frobenius', 'residual', 'dmx'] as const) {
      const check = checkModel(model, text, { target: fp16, variant, residualScale: 8, reference: false });
      expect(run('none')?.perplexity).toBe(check.plain.perplexity);
      expect(run(`SLaNC ${variant}`)?.perplexity).toBe(check.scaled?.perplexity);
      expect(found.float64.perplexity).toBe(check.float64.perplexity);
      const overflows = check.norms.reduce((sum, { plain }) => sum + plain.report.totals.overflow, 0);
      expect(run('none')?.overflows).toBe(overflows);
    }
    expect(run('none')?.ok).toBe(false);
    for (const name of ['SLaNC residual', 'dynamic max', 'clip', 'FP32 statistics']) {
      expect(run(name), name).toMatchObject({ ok: true, overflows: 0 });
    }
    // Clipping cures the overflow, not the function.
    expect(run('clip')?.sqnr).toBeLessThan(run('dynamic max')?.sqnr as number);
    const far = compareCures(model, text, { target: fp16, residualScale: 256 });
    const left = far.cures.filter(({ ok }) => ok).map(({ name }) => name);
    expect(left).toEqual(['SLaNC residual', 'SLaNC residual, powers of two', 'dynamic max', 'clip', 'FP32 statistics']);
    // Twice the squares overflow sooner.
    expect(run('[x, −x]')?.overflows).toBeGreaterThan(run('none')?.overflows as number);
  });

  it('forms each norm as it says', () => {
    const x = Float64Array.from({ length: 32 }, (_, i) => 40 * Math.sin(i) + (i === 5 ? 300 : 0));
    const sizes = { index: 0, rows: 2, width: 16, beta: null, epsilon: 1e-5 };
    const call = { ...sizes, x, gamma: new Float64Array(16).fill(1.5), exact: () => x };
    const setting = { target: fp16, nonFiniteInputs: 'deny', scales: null } as const;
    const under = (name: string) =>
      (cures.find((one) => one.name === name) as (typeof cures)[number]).norm(call, setting);
    const { gamma, epsilon } = call;
    const options = { width: 16, gamma, epsilon, target: fp16 };
    const row = x.subarray(0, 16);
    const most = Math.max(...row.map(Math.abs));
    expect(under('dynamic max').output.subarray(0, 16)).toEqual(
      rmsNorm(row, { rows: 1, ...options, scale: 1 / most }).output,
    );
    expect(under('FP32 statistics').output).toEqual(
      rmsNorm(x, { rows: 2, ...options, target: fp16Fp32Compute }).output,
    );
    const bound = Math.sqrt(65504 / 32) * (1 - 2 ** -8);
    const cut = x.map((one) => Math.min(bound, Math.max(-bound, one)));
    expect(under('clip').output).toEqual(rmsNorm(cut, { rows: 2, ...options }).output);
    const both = Float64Array.from([...row, ...row.map((one) => -one)]);
    const twice = new Float64Array(32).fill(1.5);
    const mirrored = layerNorm(both, { rows: 1, width: 32, gamma: twice, epsilon, target: fp16 }).output;
    expect(under('[x, −x]').output.subarray(0, 16)).toEqual(mirrored.subarray(0, 16));
    const wide = rmsNorm(x, { rows: 2, ...options, target: fp32 }).output;
    for (const [i, y] of under('dynamic max').output.entries()) {
      expect(Math.abs(y - wide[i])).toBeLessThan(0.01 * Math.abs(wide[i]) + 0.01);
    }
  });

  it('refuses what it cannot run', () => {
    expect(() => compareCures(model, text, { target: fp16, residualScale: 0 })).toThrow(/options.residualScale/);
    expect(() => compareCures(model, text, { target: fp16, cure: 1 } as never)).toThrow(/options.cure/);
    expect(() => compareCures(model, null as never, { target: fp16 })).toThrow(/sequences/);
  });
});
