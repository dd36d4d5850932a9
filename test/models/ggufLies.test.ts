import { memorySource, readGguf } from 'bittrue/files';
import { ggufModel, loadModel } from 'bittrue/models';
import { checkModel, logits, slancGraph } from 'bittrue/studies';
import { fp16 } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';
import { modelGraph } from '../../src/models/index.ts';
import { ggufFile, text, u32, u64 } from '../files/ggufFile.ts';
import { isTaken } from '../fuzz/watch.ts';
import { type Entry, ggufCases, ggufModelFile, ggufOf, ggufWeights } from './ggufModels.ts';

const open = (bytes: Uint8Array) => {
  const { config, checkpoint } = ggufModel(readGguf(memorySource(bytes, 'm.gguf')));
  return loadModel(config, checkpoint);
};
const run = (bytes: Uint8Array) => void logits(open(bytes), [[1, 2]]);
/** Taken, or refused by an error of ours: in time, and in memory that grows with the file alone. */
const isOpened = (bytes: Uint8Array) => isTaken(() => run(bytes), bytes.length);

describe.each(Object.entries(ggufCases))('a GGUF file of %s that lies', (_, one) => {
  const { architecture, of, metadata, how, without } = one;
  const weights = ggufWeights(of, without);
  const whole = ggufOf(one);

  it('is refused wherever it is cut', () => {
    expect(isOpened(whole)).toBe(true);
    const taken: number[] = [];
    // Padding behind the last tensor may be left out.
    for (let length = 0; length <= whole.length - 32; length += 61)
      if (isOpened(whole.subarray(0, length))) taken.push(length);
    expect(taken).toEqual([]);
  });

  it('is refused for every count of its metadata that is another, or what it says makes no difference', () => {
    const values = [0, 1, 7, 2 ** 16, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
    const taken: string[] = [];
    for (const [i, [key, type]] of metadata.entries()) {
      if (type !== 4) continue;
      for (const value of values) {
        const lying = metadata.map((entry, j): Entry => (i === j ? [key, type, u32(value)] : entry));
        if (isOpened(ggufModelFile(architecture, weights, lying, how))) taken.push(key);
      }
    }
    // These say how far a model was trained, how far a query sees, and a length that no tensor has.
    const free =
      /^(context_length|attention\.sliding_window(_pattern)?|vocab_size|rope\.scaling\.original_context_length|rope\.dimension_count|block_count|attention\.head_count(_kv)?)$/;
    expect(taken.filter((key) => !free.test(key))).toEqual([]);
  });
});

describe('a GGUF file with a header that lies', () => {
  const w = { name: 'w', dims: [4], type: 0, data: new Uint8Array(16) };
  const good = ggufFile({ metadata: [['general.architecture', 8, text('llama')]], tensors: [w] });
  const patched = (at: number, bytes: readonly number[]) => {
    const out = good.slice();
    out.set(bytes, at);
    return out;
  };

  it.each([
    ['tensors', patched(8, u64(2 ** 40))],
    ['entries of metadata', patched(16, u64(2 ** 40))],
    ['bytes of a name', patched(24, u64(2 ** 52))],
    ['bytes of a text', patched(24 + 8 + 20 + 4, u64(2 ** 33))],
    ['elements of an array', ggufFile({ metadata: [['k', 9, [...u32(8), ...u64(2 ** 40)]]], tensors: [w] })],
    ['axes', ggufFile({ tensors: [{ ...w, dims: [2 ** 40, 2 ** 40] }] })],
    ['a place outside', ggufFile({ tensors: [w], offsets: [2 ** 40] })],
  ])('is refused for %s beyond the file, and no memory is taken for them', (__, bytes) => {
    expect(isOpened(bytes)).toBe(false);
  });
});

describe('a GGUF file with a weight that is no number', () => {
  const { architecture, of, metadata, how } = ggufCases.qwen2;
  const weights = ggufWeights(of);
  const name = 'model.layers.1.mlp.up_proj.weight';
  const data = Float32Array.from(weights[name].data);
  data[5] = Number.NaN;
  const model = open(ggufModelFile(architecture, { ...weights, [name]: { ...weights[name], data } }, metadata, how));

  it('is no success of a check, and an error of slanc that names the tensor', async () => {
    expect(checkModel(model, [[1, 2, 3]], { target: fp16 }).ok).toBe(false);
    await expect(slancGraph(modelGraph(model))).rejects.toMatchObject({
      code: 'value',
      argument: expect.stringContaining('layers.1.mlp.up_proj'),
    });
  });
});
