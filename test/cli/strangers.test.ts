import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from 'bittrue/files';
import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/tensors/index.ts';
import { decoders, llamaShapes } from '../models/families/decoders.ts';
import { seeded } from '../models/families/plain.ts';
import { finished } from './helpers.ts';

const root = mkdtempSync(join(tmpdir(), 'bittrue-strangers-'));
afterAll(() => rmSync(root, { recursive: true }));

const { sliding_window: _, ...fields } = decoders.mistral.config;
const llama = { ...fields, model_type: 'llama', architectures: ['LlamaForCausalLM'] };
const weights = seeded('a stranger', llamaShapes());
type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder with a config.json, tokens, and what else is given. */
function folderOf(config: object, files: Files = { 'model.safetensors': writeSafetensors(weights) }): string {
  const own = mkdtempSync(join(root, 'model-'));
  writeFileSync(join(own, 'config.json'), JSON.stringify(config));
  writeFileSync(join(own, 'tokens.json'), '{ "sequences": [[1, 2, 3, 4, 5]] }');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(own, name), content);
  return own;
}

const checked = (folder: string) => finished('check', folder, '--tokens', join(folder, 'tokens.json'), '--json');
const named = (change: (name: string) => string): Files => ({
  'model.safetensors': writeSafetensors(
    Object.fromEntries(Object.entries(weights).map(([name, one]) => [change(name), one])),
  ),
});

describe('a checkpoint with odd but legal properties', () => {
  it('gives what the plain one gives', async () => {
    const plain = (await checked(folderOf(llama))).out;
    expect(JSON.parse(plain).checks[0].predictions).toBe(4);
    const names = Object.keys(weights);
    const part = (from: number, to: number) =>
      Object.fromEntries(names.slice(from, to).map((name) => [name, weights[name]])) as Record<string, Tensor>;
    const weight_map = Object.fromEntries(
      names.map((name, i) => [name, `model-0000${i < 9 ? 1 : 2}-of-00002.safetensors`]),
    );
    const shards = {
      'model-00001-of-00002.safetensors': writeSafetensors(part(0, 9)),
      'model-00002-of-00002.safetensors': writeSafetensors(part(9, names.length)),
      'model.safetensors.index.json': JSON.stringify({ metadata: { total_size: 1 }, weight_map }),
    };
    expect((await checked(folderOf(llama, shards))).out).toBe(plain);
    const inert = {
      torch_dtype: 'float8_e4m3fn',
      quantization_config: null,
      rope_scaling: null,
      head_dim: 4,
      use_cache: true,
    };
    expect((await checked(folderOf({ ...llama, ...inert }))).out).toBe(plain);
    const rope = { rope_parameters: { rope_type: 'default', rope_theta: 10000 }, rope_theta: undefined };
    expect((await checked(folderOf({ ...llama, ...rope }))).out).toBe(plain);
    const { 'model-00002-of-00002.safetensors': __, ...short } = shards;
    expect((await checked(folderOf(llama, short))).err).toMatch(/model-00002-of-00002/);
  });

  it('runs without the head and the word before all names, where the head is the embedding', async () => {
    const tied = { ...llama, tie_word_embeddings: true };
    const { 'lm_head.weight': __, ...body } = weights;
    const file = (change: (name: string) => string): Files => ({
      'model.safetensors': writeSafetensors(
        Object.fromEntries(Object.entries(body).map(([name, one]) => [change(name), one])),
      ),
    });
    const plain = await checked(
      folderOf(
        tied,
        file((name) => name),
      ),
    );
    expect(plain.status).toBe(0);
    const bare = await checked(
      folderOf(
        tied,
        file((name) => name.replace('model.', '')),
      ),
    );
    expect(JSON.parse(bare.out).checks[0].float64).toEqual(JSON.parse(plain.out).checks[0].float64);
    expect(
      (
        await checked(
          folderOf(
            llama,
            file((name) => name.replace('model.', '')),
          ),
        )
      ).err,
    ).toMatch(/lm_head\.weight/);
  });
});

/** Every refusal: what it names, and a way on. */
const refusals: Readonly<Record<string, readonly [() => string, RegExp]>> = {
  ...Object.fromEntries(
    [
      'olmo',
      'deepseek_v3',
      'gpt_oss',
      'falcon',
      'bloom',
      'glm4',
      'cohere2',
      'qwen3_moe',
      'llama4',
      'mamba',
      't5',
      'llava',
    ].map((type) => [
      type,
      [
        () => folderOf({ ...llama, model_type: type }),
        new RegExp(`model_type: expected one of llama,.*ONNX.*bittrue capture.*received ${type}`, 's'),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['gptq', 'awq', 'fp8', 'mxfp4', 'bitsandbytes'].map((method) => [
      method,
      [
        () => folderOf({ ...llama, quantization_config: { quant_method: method } }),
        new RegExp(`quantization_config: expected.*before it was quantized.*ONNX.*received ${method}`, 's'),
      ],
    ]),
  ),
  'an activation': [
    () => folderOf({ ...llama, hidden_act: 'xielu' }),
    /hidden_act: expected silu.*ONNX.*received xielu/s,
  ],
  'a rope': [
    () => folderOf({ ...llama, rope_scaling: { rope_type: 'ntk', factor: 2 } }),
    /rope_type: expected default.*longrope.*ONNX.*received ntk/s,
  ],
  'a field': [() => folderOf({ ...llama, my_field: 3 }), /my_field: expected.*may change the function.*ONNX/s],
  'attention biases of no config': [
    () =>
      folderOf(llama, {
        'model.safetensors': writeSafetensors({
          ...weights,
          'model.layers.0.self_attn.q_proj.bias': { data: new Float32Array(12), shape: [12] },
        }),
      }),
    /as config\.json describes it.*received\s+model\.layers\.0\.self_attn\.q_proj\.bias/s,
  ],
  'the names of peft': [
    () =>
      folderOf(
        llama,
        named((name) => `base_model.model.${name}`),
      ),
    /the tensor embed_tokens\.weight.*but\s+base_model\.model\.model\.embed_tokens\.weight/s,
  ],
  'pickled weights': [
    () => folderOf(llama, { 'pytorch_model.bin': 'x' }),
    /safe_serialization=True.*pytorch_model\.bin/s,
  ],
  'an adapter': [() => folderOf(llama, { 'adapter_model.safetensors': 'x' }), /merge_and_unload.*adapter_model/s],
  'a GGUF file in a folder': [() => folderOf(llama, { 'tiny.gguf': 'x' }), /by its own name.*tiny\.gguf/s],
  "Mistral's own layout": [
    () => folderOf(llama, { 'consolidated.safetensors': 'x' }),
    /names of tensors.*consolidated/s,
  ],
  'no weights': [() => folderOf(llama, {}), /a folder with model\.safetensors/s],
};

describe('a checkpoint that is refused', () => {
  it.each(Object.entries(refusals))('names the cause and the way on: %s', async (__, [make, wanted]) => {
    const folder = make();
    for (const { status, err } of [await checked(folder), await finished('slanc', folder)]) {
      expect(err.replace(/\s+/g, ' ')).toMatch(wanted);
      expect(status).toBe(2);
    }
  });
});
