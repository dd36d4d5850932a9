import { describe, expect, it } from 'vitest';
import { normSites, scaleResidualStream } from '../../src/models/index.ts';
import { type Block, slancFactor, slancFactors } from '../../src/slanc/index.ts';
import { tinyLlama } from './helpers.ts';

const model = tinyLlama();
const sites = normSites(model);

describe('normSites', () => {
  it('names every norm and what fed the block before it', () => {
    expect(sites.map(({ index, name, position, fedBy, weight }) => [index, name, position, fedBy, weight])).toEqual([
      [0, 'layers.0.input_layernorm', 'first', null, 'model.layers.0.input_layernorm.weight'],
      ...[0, 1, 2, 3].flatMap((l) => [
        [
          2 * l + 1,
          `layers.${l}.post_attention_layernorm`,
          'attention',
          `layers.${l}.input_layernorm`,
          `model.layers.${l}.post_attention_layernorm.weight`,
        ],
        [
          2 * l + 2,
          l === 3 ? 'norm' : `layers.${l + 1}.input_layernorm`,
          'gatedMlp',
          `layers.${l}.post_attention_layernorm`,
          l === 3 ? 'model.norm.weight' : `model.layers.${l + 1}.input_layernorm.weight`,
        ],
      ]),
    ]);
  });

  it('hands over the very weights of the model', () => {
    const at = 'model.layers.2';
    expect(sites[5].block).toEqual({
      position: 'attention',
      gamma: model.weights[`${at}.input_layernorm.weight`],
      value: model.weights[`${at}.self_attn.v_proj.weight`],
      output: model.weights[`${at}.self_attn.o_proj.weight`],
      heads: 4,
      keyValueHeads: 2,
    });
    expect(sites[8].block).toMatchObject({ up: model.weights['model.layers.3.mlp.up_proj.weight'] });
    expect(sites[0].block).toMatchObject({ embedding: model.weights['model.embed_tokens.weight'] });
  });
});

describe('SLaNC on the embedded model', () => {
  const blocks: Block[] = sites.map(({ block }) => block as Block);

  it('frobenius equals interleaved dmx on every norm of a Llama, and differs from the tiled one', () => {
    const frobenius = slancFactors(blocks).map(({ alpha }) => alpha);
    const interleaved = slancFactors(blocks, { variant: 'dmx', gqa: 'interleave' }).map(({ alpha }) => alpha);
    const tiled = slancFactors(blocks, { variant: 'dmx', gqa: 'tile' }).map(({ alpha }) => alpha);
    expect(interleaved).toEqual(frobenius);
    expect(tiled.map((alpha, i) => alpha !== frobenius[i])).toEqual(
      sites.map(({ position }) => position === 'attention'),
    );
  });

  it('factors grow with the residual stream, but for the first norm of the block-wise variants', () => {
    const scaled: Block[] = normSites(scaleResidualStream(model, 64)).map(({ block }) => block as Block);
    const ratio = (variant: 'frobenius' | 'residual') => {
      const plain = slancFactors(blocks, { variant });
      return slancFactors(scaled, { variant }).map(({ alpha }, i) => alpha / plain[i].alpha);
    };
    for (const value of ratio('residual')) expect(value).toBeCloseTo(64, 9);
    // The skip's identity does not grow, so attention factors grow less than 64 times.
    const [first, ...rest] = ratio('frobenius');
    expect(first).toBe(1);
    for (const value of rest) {
      expect(value).toBeGreaterThan(1);
      expect(value).toBeLessThan(64 * (1 + 1e-9));
    }
  });

  it('one factor alone is the factor among all', () => {
    expect(slancFactor(blocks[3], { powerOfTwo: true })).toEqual(slancFactors(blocks, { powerOfTwo: true })[3]);
  });
});
