import { describe, expect, it } from 'vitest';
import { scaleResidualStream } from '../../../src/models/index.ts';
import { slancScales } from '../../../src/studies/index.ts';
import { tinyLlama } from '../helpers.ts';

const model = tinyLlama();

describe('slancScales', () => {
  it('names every norm, what stands before it and what fed that', () => {
    const { norms, variant, width, schema } = slancScales(model);
    expect({ variant, width, schema }).toEqual({ variant: 'frobenius', width: 128, schema: 'slanc/1' });
    expect(norms).toHaveLength(9);
    expect(norms[0]).toMatchObject({ site: 'layers.0.input_layernorm', position: 'first', fedBy: null, alpha: 1 });
    expect(norms[8]).toMatchObject({ site: 'norm', position: 'gatedMlp', fedBy: 'layers.3.post_attention_layernorm' });
    for (const { alpha, scale, claim } of norms) {
      expect(scale).toBe(1 / alpha);
      expect(claim).toBe('typical');
    }
  });

  it('gives on a Llama the same with `frobenius` and with interleaved `dmx`, another with tiled heads', () => {
    const alphas = (options: Parameters<typeof slancScales>[1]) =>
      slancScales(model, options).norms.map(({ alpha }) => alpha);
    expect(alphas({ variant: 'dmx' })).toEqual(alphas({ variant: 'frobenius' }));
    expect(alphas({ variant: 'dmx', gqa: 'tile' })).not.toEqual(alphas({ variant: 'frobenius' }));
  });

  it('grows `residual` with the residual stream', () => {
    const before = slancScales(model, { variant: 'residual' }).norms;
    const after = slancScales(scaleResidualStream(model, 4), { variant: 'residual' }).norms;
    for (const [i, { alpha }] of after.entries()) expect(alpha / before[i].alpha).toBeCloseTo(4, 10);
  });

  it('rounds down to powers of two', () => {
    const exact = slancScales(model, { variant: 'residual' }).norms;
    for (const [i, { scale }] of slancScales(model, { variant: 'residual', powerOfTwo: true }).norms.entries()) {
      expect(scale).toBeLessThanOrEqual(exact[i].scale);
      expect(scale * 2).toBeGreaterThan(exact[i].scale);
    }
  });

  it('has the same bits of weights that are read when they are due, each matrix once', () => {
    const read: string[] = [];
    const later = Object.entries(model.weights).map(([name, { data, shape }]) => {
      const tensor = {
        shape,
        get data() {
          read.push(name);
          return Float32Array.from(data);
        },
      };
      return [name, tensor] as const;
    });
    const lazy = { ...model, weights: Object.fromEntries(later) };
    for (const variant of ['frobenius', 'residual'] as const) {
      read.length = 0;
      expect(slancScales(lazy, { variant }).norms).toEqual(slancScales(model, { variant }).norms);
      const matrices = read.filter((name) => /proj/.test(name));
      expect(matrices).toHaveLength(new Set(matrices).size);
      expect(read.includes('model.embed_tokens.weight')).toBe(variant === 'residual');
    }
  });

  it('refuses an unknown variant', () => {
    expect(() => slancScales(model, { variant: 'magic' as never })).toThrow(
      /options\.variant: expected one of frobenius/,
    );
  });
});
