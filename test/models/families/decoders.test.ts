import { evaluate } from 'bittrue/evaluation';
import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
import { loadModel, type Model, modelGraph, normSites } from 'bittrue/models';
import { logits } from 'bittrue/studies';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/tensors/index.ts';
import { graphFile } from '../graphFile.ts';
import { cousins } from './cousins.ts';
import { decoders } from './decoders.ts';
import { distance, seeded, type Weights } from './plain.ts';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
});

const load = (config: unknown, weights: Weights): Model =>
  loadModel(config, readSafetensors(memorySource(writeSafetensors(weights), 'weights')));

const tokens = [3, 1, 4, 1, 5, 9, 2, 6, 12, 0];

function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument, received, expected } = error as Record<string, string>;
    return `${code} ${argument}: ${received}, not ${expected}`;
  }
  return 'none';
}

describe.each(Object.entries({ ...decoders, ...cousins }))('%s', (name, { config, shapes, run }) => {
  const weights = seeded(name, shapes);
  const model = load(config, weights);

  it('gives what its definition gives in plain loops, and what onnxruntime gives of its graph', async () => {
    const graph = modelGraph(model, { positions: tokens.length });
    const data = BigInt64Array.from(tokens, BigInt);
    const { outputs } = await evaluate(graph, { input_ids: { type: 'int64', shape: [tokens.length], data } });
    const ours = outputs.logits.data as Float64Array;
    expect(distance(ours, run(weights, tokens).flat())).toBeLessThan(1e-12);
    const session = await ort.InferenceSession.create(await graphFile(graph), { executionProviders: ['wasm'] });
    const given = await session.run({ input_ids: new ort.Tensor('int64', data, [tokens.length]) });
    expect(distance(ours, given.logits.data as Float32Array)).toBeLessThan(1e-5);
    await session.release();
  });

  it('gives it of several sequences at once', () => {
    const both = logits(model, [tokens.slice(0, 4), tokens.slice(4, 8)]).data;
    const wanted = [...run(weights, tokens.slice(0, 4)), ...run(weights, tokens.slice(4, 8))].flat();
    expect(distance(both, wanted)).toBeLessThan(1e-12);
  });

  it('has every norm of its graph among its sites', () => {
    const norms = modelGraph(model).nodes.filter(({ op }) => op.endsWith('Normalization'));
    expect(norms.map(({ name: one }) => one).sort()).toEqual(
      normSites(model)
        .map(({ name: one }) => one)
        .sort(),
    );
  });

  it('names a tensor that is missing, of another shape, or too much', () => {
    // Buffers may be left out.
    for (const one of Object.keys(shapes).filter((other) => !/attn\.bias/.test(other))) {
      const { [one]: dropped, ...short } = weights;
      expect(failure(() => load(config, short))).toBe(`file weights: no such tensor, not the tensor ${one}`);
      const [rows, ...rest] = dropped.shape;
      const size = dropped.data.length + dropped.data.length / rows;
      const long: Tensor = { data: new Float32Array(size), shape: [rows + 1, ...rest] };
      expect(failure(() => load(config, { ...weights, [one]: long }))).toMatch(/^(shape|unsupported) /);
      expect(failure(() => load(config, { ...weights, [one]: long }))).toContain(one);
    }
    const bent: Tensor = { data: new Float32Array(7), shape: [7] };
    const more = 'model.layers.1.self_attn.qk_norm.weight';
    expect(failure(() => load(config, { ...weights, [more]: bent }))).toContain(`unsupported weights: ${more}`);
    expect(failure(() => load({ ...config, swiglu_limit: 7 }, weights))).toContain(
      'unsupported config.swiglu_limit: 7',
    );
  });
});
