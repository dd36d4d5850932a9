import { evaluate } from 'bittrue/evaluation';
import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
import type { TypedTensor } from 'bittrue/graphs';
import { type Encoder, encoderGraph, loadEncoder, loadModel } from 'bittrue/models';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/tensors/index.ts';
import { generator, normal } from '../../random.ts';
import { graphFile } from '../graphFile.ts';
import { encoders } from './encoders.ts';
import { distance, seeded, type Weights } from './plain.ts';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
});

const load = (config: unknown, weights: Weights): Encoder =>
  loadEncoder(config, readSafetensors(memorySource(writeSafetensors(weights), 'weights')));

const tokens = [3, 1, 4, 12, 5, 9];

function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument, received, expected } = error as Record<string, string>;
    return `${code} ${argument}: ${received}, not ${expected}`;
  }
  return 'none';
}

describe.each(Object.entries(encoders))('%s', (name, { config, shapes, input, run }) => {
  const weights = seeded(name, shapes);
  const encoder = load(config, weights);

  it('gives what its definition gives in plain loops, and what onnxruntime gives of its graph', async () => {
    const graph = encoderGraph(encoder);
    const next = generator('input');
    const size = input?.[1].reduce((product, axis) => product * axis, 1) ?? 0;
    const x = Float64Array.from({ length: size }, () => Math.fround(normal(next)));
    const ids = BigInt64Array.from(tokens, BigInt);
    const feeds: Record<string, TypedTensor> = {};
    for (const { name: one } of graph.inputs) {
      feeds[one] =
        one === 'input_ids'
          ? { type: 'int64', shape: [1, tokens.length], data: ids }
          : { type: 'double', shape: input?.[1] ?? [], data: x };
    }
    const { outputs } = await evaluate(graph, feeds);
    const wanted = run(weights, tokens, x);
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(wanted).sort());
    const session = await ort.InferenceSession.create(await graphFile(graph), { executionProviders: ['wasm'] });
    const given = await session.run(
      Object.fromEntries(
        Object.entries(feeds).map(([one, { type, shape, data }]) => [
          one,
          type === 'int64'
            ? new ort.Tensor('int64', data as BigInt64Array, shape)
            : new ort.Tensor('float32', Float32Array.from(data as Float64Array), shape),
        ]),
      ),
    );
    for (const [one, { data }] of Object.entries(outputs)) {
      expect(distance(data as Float64Array, wanted[one])).toBeLessThan(1e-12);
      expect(distance(data as Float64Array, given[one].data as Float32Array)).toBeLessThan(1e-5);
    }
    await session.release();
  });

  it('names a tensor that is missing, of another shape, or too much', () => {
    const names = Object.keys(shapes).filter((one) => !one.includes('decoder.embed') && !/classifier|cls\./.test(one));
    const last = names[names.length - 1];
    const { [last]: dropped, ...short } = weights;
    expect(dropped).toBeDefined();
    const bent: Tensor = { data: new Float32Array(7), shape: [7] };
    expect(failure(() => load(config, { ...weights, [last]: bent }))).toMatch(/^shape .*\[7\]/);
    expect(failure(() => load(config, { ...weights, 'encoder.extra.weight': bent }))).toContain(
      'unsupported weights: encoder.extra.weight',
    );
    expect(failure(() => load({ ...config, swiglu_limit: 7 }, weights))).toContain(
      'unsupported config.swiglu_limit: 7',
    );
    // Heads are those that the file has; all else has to be there, whole.
    for (const one of names.filter((other) => !/pooler|cls|classifier|prediction|lm_head/.test(other))) {
      const { [one]: own, ...rest } = weights;
      expect(failure(() => load(config, rest))).toContain(one.replace(/(gamma|beta)$/, ''));
      const long: Tensor = { data: new Float32Array(own.data.length + 1), shape: [own.data.length + 1] };
      expect(failure(() => load(config, { ...weights, [one]: long }))).toMatch(/^(shape|unsupported) /);
      expect(failure(() => load(config, { ...weights, [one]: long }))).toContain(one);
    }
    if (!last.includes('pooler'))
      expect(failure(() => load(config, short))).toContain(`no such tensor, not the tensor ${last}`);
    expect(
      failure(() => loadModel(config, readSafetensors(memorySource(writeSafetensors(weights), 'weights')))),
    ).toMatch(/loadEncoder/);
  });
});

it("tells of Whisper's decoder, which is left out", () => {
  const { config, shapes } = encoders.whisper;
  expect(load(config, seeded('whisper', shapes)).leftOut).toEqual(['model.decoder.embed_tokens.weight']);
});
