/** Encoders' norms by their graphs: how they are wired, and SLaNC's factors of BERT (post-norm) and ViT (pre-norm) by hand. */
import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, writeSafetensors } from '../../../src/files/index.ts';
import { encoderGraph, loadEncoder } from '../../../src/models/index.ts';
import { slancGraph } from '../../../src/studies/index.ts';
import type { Tensor } from '../../../src/tensors/index.ts';
import { encoders } from '../../models/families/encoders.ts';
import { seeded } from '../../models/families/plain.ts';

const scalesOf = async (name: string) => {
  const { config, shapes } = encoders[name];
  const weights = seeded(name, shapes);
  const encoder = loadEncoder(config, readSafetensors(memorySource(writeSafetensors(weights), 'weights')));
  return { weights, ...(await slancGraph(encoderGraph(encoder))) };
};

/** ‖(B A + I) Γ‖_F, with or without the I: B A is a block, Γ the norm before it. */
function factor(weights: Readonly<Record<string, Tensor>>, [b, a]: readonly [string, string], gamma: string, i: 0 | 1) {
  const [B, A, g] = [weights[b], weights[a], weights[gamma].data];
  const [rows, inner] = B.shape;
  const width = g.length;
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) {
      let product = r === c ? i : 0;
      for (let k = 0; k < inner; k++) product += B.data[r * inner + k] * A.data[k * width + c];
      sum += (product * g[c]) ** 2;
    }
  }
  return Math.sqrt(sum);
}

describe('encoders', () => {
  it('BERT: norms behind the sums, whose own input a block has beside it', async () => {
    const { norms, unscaled, weights } = await scalesOf('bert as first published');
    expect(unscaled).toEqual([]);
    expect(norms.map(({ position }) => position)).toEqual(['first', 'attention', 'mlp', 'attention', 'mlp']);
    const at = Object.keys(weights).find((name) => name.endsWith('layer.0.attention.self.value.weight')) as string;
    const layer = at.replace(/attention\.self\.value\.weight$/, '');
    const prefix = layer.replace(/encoder\.layer\.0\.$/, '');
    const gamma = (name: string) => (name in weights ? name : name.replace(/weight$/, 'gamma'));
    const first = gamma(`${prefix}embeddings.LayerNorm.weight`);
    const second = gamma(`${layer}attention.output.LayerNorm.weight`);
    const attention = [`${layer}attention.output.dense.weight`, `${layer}attention.self.value.weight`] as const;
    const mlp = [`${layer}output.dense.weight`, `${layer}intermediate.dense.weight`] as const;
    expect(norms[1].alpha).toBeCloseTo(factor(weights, attention, first, 1), 12);
    expect(norms[2].alpha).toBeCloseTo(factor(weights, mlp, second, 1), 12);
    expect(norms[1].fedBy).toBe('embeddings.LayerNorm');
    expect(norms[2].fedBy).toBe('encoder.layer.0.attention.output.LayerNorm');
  });

  it('ViT: norms in front of the blocks; the first one behind squares of an image has none, and a reason', async () => {
    const { norms, unscaled, weights } = await scalesOf('vit');
    expect(unscaled.map(({ site }) => site)).toEqual(['encoder.layer.0.layernorm_before']);
    expect(unscaled[0].reason).toMatch(/Concat/);
    expect(norms.map(({ site, fedBy }) => [site, fedBy])).toEqual([
      ['encoder.layer.0.layernorm_after', 'encoder.layer.0.layernorm_before'],
      ['encoder.layer.1.layernorm_before', 'encoder.layer.0.layernorm_after'],
      ['encoder.layer.1.layernorm_after', 'encoder.layer.1.layernorm_before'],
      ['layernorm', 'encoder.layer.1.layernorm_after'],
    ]);
    const at = Object.keys(weights).find((name) => name.endsWith('layer.1.intermediate.dense.weight')) as string;
    const layer = at.replace(/intermediate\.dense\.weight$/, '');
    const value = `${layer}attention.attention.value.weight`;
    const attention = [`${layer}attention.output.dense.weight`, value] as const;
    const mlp = [`${layer}output.dense.weight`, `${layer}intermediate.dense.weight`] as const;
    expect(norms[2].alpha).toBeCloseTo(factor(weights, attention, `${layer}layernorm_before.weight`, 1), 12);
    expect(norms[3].alpha).toBeCloseTo(factor(weights, mlp, `${layer}layernorm_after.weight`, 0), 12);
  });

  it.each([
    ['roberta', 0],
    ['clip', 2],
    ['whisper', 1],
  ])('%s: every norm behind a known block has a scale', async (name, without) => {
    const { norms, unscaled } = await scalesOf(name);
    expect(unscaled).toHaveLength(without);
    for (const { alpha, scale } of norms) expect(alpha > 0 && scale > 0 && alpha < Infinity).toBe(true);
  });
});
