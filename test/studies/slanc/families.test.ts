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

/** Families with norms that the plan's walk has no block for; `byHand.test.ts` has the factors of all. */
const beyondThePlan = [
  ...['mixtral', 'qwen3', 'gemma2', 'gemma3', 'gpt-neox', 'gpt-neox in sequence', 'opt with norms behind', 'olmo2'],
  ...['granite', 'stablelm in parallel', 'phi', 'cohere'],
];

describe.each(Object.entries({ ...decoders, ...cousins }))('%s', (name, { config, shapes }) => {
  it('has scales for every norm behind known blocks', async () => {
    const model = loadModel(config, readSafetensors(memorySource(writeSafetensors(seeded(name, shapes)), 'weights')));
    const { norms, unscaled } = await slancGraph(modelGraph(model, { positions: 1 }));
    expect(unscaled).toEqual([]);
    expect(slancScales(model)).toEqual(await slancGraph(modelGraph(model, { positions: 1 })));
    const sites = normSites(model);
    const isBeyond = beyondThePlan.includes(name);
    expect(isBeyond).toBe(sites.some(({ block }) => block === null));
    if (isBeyond) return;
    const factors = slancFactors(sites.map(({ block }) => block as FeedingBlock));
    expect(norms.map(({ site, position, fedBy, alpha }) => [site, position, fedBy, alpha])).toEqual(
      factors.map(({ alpha }, i) => [sites[i].name, sites[i].position, sites[i].fedBy, alpha]),
    );
  });

  it('is checked with these scales, norms of heads and behind blocks among them', () => {
    const model = loadModel(config, readSafetensors(memorySource(writeSafetensors(seeded(name, shapes)), 'weights')));
    const check = () => checkModel(model, [[1, 2, 3]], { target: fp16, variant: 'frobenius', reference: false });
    const { norms, scaled } = check();
    const scales = new Map(slancScales(model).norms.map(({ site, scale }) => [site, scale]));
    expect(norms.map(({ site, scale }) => [site, scale])).toEqual(
      normSites(model).map(({ name: site }) => [site, scales.get(site)]),
    );
    expect(Number.isFinite(scaled?.perplexity)).toBe(true);
  });
});
