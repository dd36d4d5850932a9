import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { type AttentionOptions, attention, softcapByExponentials } from '../../src/kernels/index.ts';
import { planAttention } from '../../src/specification/attention/plan.ts';
import { bf16, defineTarget, fp16, fp16Fp32Compute, fp32, h100 } from '../../src/targets/index.ts';
import { compileAttention } from '../../src/twins/attention/attention.ts';
import { attentionCases } from '../kernels/attentionCases.ts';
import { generator } from '../random.ts';
import { seeded } from '../testing/helpers.ts';
import { anyStep, anyVectorTarget, distinctUnits, expectTwins, genericTargets } from './helpers.ts';

const engine = await createEngine();

/** How many runs had a twin, of how many. */
let fast = 0;
let all = 0;

function agree(q: Float64Array, k: Float64Array, v: Float64Array, options: AttentionOptions): void {
  try {
    if (compileAttention(planAttention(options), engine) !== null) fast += 1;
  } catch {
    // What is refused is refused alike.
  }
  all += 1;
  const { logSumExp } = options;
  const found: string[] = [];
  expectTwins((rest) => {
    logSumExp?.fill(7);
    const result = attention(q, k, v, { ...options, ...rest });
    if (logSumExp !== undefined) found.push([...logSumExp].map((x) => (Object.is(x, -0) ? '-0' : `${x}`)).join());
    return result;
  }, engine);
  expect(new Set(found).size).toBeLessThanOrEqual(1);
}

describe('attention on the engine', () => {
  it('agrees with the specification for random targets, options, shapes and data', () => {
    fast = 0;
    all = 0;
    const places = fc.oneof(
      anyVectorTarget().map((target) => ({ target: defineTarget(target) })),
      fc.constantFrom(...distinctUnits.map(({ target, unit }) => ({ target, unit: unit.name }))),
      fc.constantFrom(...genericTargets.map((target) => ({ target }))),
    );
    const cases = attentionCases({ queries: 12, keys: 40, width: 9, tile: 24 }, places, anyStep());
    fc.assert(
      fc.property(cases, ({ q, k, v, options }) => agree(q, k, v, options)),
      seeded(600),
    );
    expect(fast).toBeGreaterThan(all / 3);
  });

  it('agrees in larger runs, where every query sees other keys', () => {
    const random = generator(5);
    const draw = (n: number, scale: number) => Float64Array.from({ length: n }, () => (random() - 0.5) * scale);
    const shape = { heads: 4, sharedHeads: 2, queries: 30, keys: 50, width: 8, valueWidth: 5 } as const;
    const [q, k, v] = [draw(4 * 30 * 8, 9), draw(2 * 50 * 8, 9), draw(2 * 50 * 5, 300)];
    const ways: Partial<AttentionOptions>[] = [
      { method: { kind: 'unfused' }, causal: true },
      { method: { kind: 'flash', tile: 32 }, causal: true, window: 30 },
      { method: { kind: 'flash', tile: 64, threshold: 3 }, exponential: 'exp2', maximumOffset: Math.log(8) },
      { method: { kind: 'flash', tile: 16 }, softcap: 20, sinks: [1, -2, 3, 0], causal: true, normalize: 'reciprocal' },
      { softcap: 50, softcapMethod: softcapByExponentials(50), normalize: 'reciprocal', window: 9 },
    ];
    for (const target of [fp16, bf16, fp32, fp16Fp32Compute, h100]) {
      for (const way of ways) {
        const unit = target === h100 ? { unit: 'f16' } : {};
        agree(q, k, v, { ...shape, target, ...unit, ...way });
      }
    }
  });

  it('agrees where many queries see a half of the keys, its first ones, its last ones, or some in its midst', () => {
    const random = generator(6);
    const draw = (n: number): Float64Array => Float64Array.from({ length: n }, () => (random() - 0.5) * 9);
    const shape = { heads: 1, queries: 75, keys: 80, width: 3 } as const;
    const [q, k, v] = [draw(75 * 3), draw(80 * 3), draw(80 * 3)];
    for (const place of [{ target: fp16 }, { target: h100, unit: 'f16' }]) {
      for (const window of [Infinity, 50, 7]) agree(q, k, v, { ...shape, ...place, causal: true, window });
    }
  });

  it('keeps the sign of a sum that starts from −0 and adds nothing but zeros', () => {
    // The second tile's maximum makes the first output −0, and its values are zeros.
    const run = {
      heads: 1,
      queries: 1,
      keys: 2,
      width: 1,
      scale: 1,
      target: fp16,
      method: { kind: 'flash', tile: 1 },
    } as const;
    const [q, k, v] = [[1], [0, 40], [-1, -0]].map((x) => Float64Array.from(x));
    agree(q!, k!, v!, run);
    expect(Object.is(attention(q!, k!, v!, { ...run, engine }).output[0], -0)).toBe(true);
  });

  it('has no twin where a rounding is stochastic, or a product has none', () => {
    const run = { heads: 1, queries: 1, keys: 2, width: 1 } as const;
    expect(compileAttention(planAttention({ ...run, target: fp16 }), engine)).not.toBeNull();
    expect(compileAttention(planAttention({ ...run, target: h100, unit: 'int8' }), engine)).toBeNull();
  });
});
