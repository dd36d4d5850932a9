/** Every family's norms by its graph, against the walk through its plan where that knows the block. */
import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, writeSafetensors } from '../../../src/files/index.ts';
import { loadModel, modelGraph } from '../../../src/models/index.ts';
import { slancGraph, slancScales } from '../../../src/studies/index.ts';
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
};

describe.each(Object.entries(decoders))('%s', (name, { config, shapes }) => {
  it('has scales for every norm behind known blocks', async () => {
    const model = loadModel(config, readSafetensors(memorySource(writeSafetensors(seeded(name, shapes)), 'weights')));
    const { norms, unscaled } = await slancGraph(modelGraph(model, { positions: 1 }));
    expect(unscaled).toHaveLength(open[name] ?? 0);
    if (name in open) {
      expect(() => slancScales(model)).toThrow(/slancGraph/);
      return;
    }
    const wanted = slancScales(model).norms;
    expect(norms.map(({ site, position, fedBy }) => [site, position, fedBy])).toEqual(
      wanted.map(({ site, position, fedBy }) => [site, position, fedBy]),
    );
    for (const [i, { alpha }] of norms.entries()) expect(alpha).toBeCloseTo(wanted[i].alpha, 12);
  });
});
