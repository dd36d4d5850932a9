/** Every family's norms by its graph, against the walk through its plan where that knows the block. */
import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, writeSafetensors } from '../../../src/files/index.ts';
import { type FeedingBlock, loadModel, modelGraph, normSites } from '../../../src/models/index.ts';
import { slancFactors } from '../../../src/slanc/index.ts';
import { checkModel, slancGraph, slancScales } from '../../../src/studies/index.ts';
import { fp16 } from '../../../src/targets/index.ts';
import { cousins } from '../../models/families/cousins.ts';
import { decoders } from '../../models/families/decoders.ts';
import { seeded } from '../../models/families/plain.ts';

/** Families with norms that the plan's walk has no block for: how many of them the graph's has none for either. */
const open: Readonly<Record<string, number>> = {
  mixtral: 3,
  qwen3: 0,
  gemma2: 0,
  gemma3: 0,
  'gpt-neox': 5,
  'gpt-neox in sequence': 3,
  'opt with norms behind': 1,
  // Nothing but norms stands behind the blocks of OLMo 2, and what feeds them is the stream.
  olmo2: 12,
  granite: 0,
  'stablelm in parallel': 0,
  phi: 0,
  cohere: 0,
};

describe.each(Object.entries({ ...decoders, ...cousins }))('%s', (name, { config, shapes }) => {
  it('has scales for every norm behind known blocks', async () => {
    const model = loadModel(config, readSafetensors(memorySource(writeSafetensors(seeded(name, shapes)), 'weights')));
    const { norms, unscaled } = await slancGraph(modelGraph(model, { positions: 1 }));
    expect(unscaled).toHaveLength(open[name] ?? 0);
    expect(slancScales(model)).toEqual(await slancGraph(modelGraph(model, { positions: 1 })));
    const sites = normSites(model);
    expect(name in open).toBe(sites.some(({ block }) => block === null));
    if (name in open) return;
    const factors = slancFactors(sites.map(({ block }) => block as FeedingBlock));
    expect(norms.map(({ site, position, fedBy, alpha }) => [site, position, fedBy, alpha])).toEqual(
      factors.map(({ alpha }, i) => [sites[i].name, sites[i].position, sites[i].fedBy, alpha]),
    );
  });

  it('is checked with these scales, norms of heads and behind blocks among them', () => {
    const model = loadModel(config, readSafetensors(memorySource(writeSafetensors(seeded(name, shapes)), 'weights')));
    const check = () => checkModel(model, [[1, 2, 3]], { target: fp16, variant: 'frobenius', reference: false });
    if ((open[name] ?? 0) > 0) {
      expect(check).toThrow(/SLaNC of .*a model whose norms all have scales/);
      return;
    }
    const { norms, scaled } = check();
    const scales = new Map(slancScales(model).norms.map(({ site, scale }) => [site, scale]));
    expect(norms.map(({ site, scale }) => [site, scale])).toEqual(
      normSites(model).map(({ name: site }) => [site, scales.get(site)]),
    );
    expect(Number.isFinite(scaled?.perplexity)).toBe(true);
  });
});
