import { memorySource, readGguf, readSafetensors, writeSafetensors } from 'bittrue/files';
import { ggufModel, loadModel } from 'bittrue/models';
import { logits } from 'bittrue/studies';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/tensors/index.ts';
import { ggufFile, type StoredGguf, text, u32 } from '../files/ggufFile.ts';
import { decoders } from './families/decoders.ts';
import { seeded } from './families/plain.ts';
import { failure } from './helpers.ts';

/** A tensor's name as llama.cpp has it. */
function ggufName(name: string): string {
  const names: Record<string, string> = {
    'model.embed_tokens': 'token_embd',
    'model.norm': 'output_norm',
    lm_head: 'output',
    input_layernorm: 'attn_norm',
    post_attention_layernorm: 'ffn_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
    'self_attn.qkv_proj': 'attn_qkv',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
    'mlp.gate_up_proj': 'ffn_up',
  };
  const [, layer, part, kind] = /^(?:model\.layers\.(\d+)\.)?(.*)\.(weight|bias)$/.exec(name) as RegExpExecArray;
  return `${layer === undefined ? '' : `blk.${layer}.`}${names[part]}.${kind}`;
}

/** Rows as llama.cpp's converter lays them out for Llama: (head, half, place) becomes (head, place, half). */
function paired({ data, shape }: Tensor, width: number): Float32Array {
  const [rows, columns = 1] = shape;
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    const [head, half, place] = [Math.floor(r / width), Math.floor((r % width) / (width / 2)), r % (width / 2)];
    const to = head * width + 2 * place + half;
    for (let c = 0; c < columns; c++) out[to * columns + c] = data[r * columns + c];
  }
  return out;
}

const float = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

interface Told {
  readonly weights: Record<string, Tensor>;
  readonly metadata: readonly (readonly [key: string, type: number, bytes: readonly number[]])[];
}

function fileOf(architecture: string, { weights, metadata }: Told, width: number): Uint8Array {
  const tensors: StoredGguf['tensors'] = Object.entries(weights).map(([name, one]) => {
    const isPaired = architecture === 'llama' && /[qk]_proj/.test(name);
    const data = isPaired ? paired(one, width) : Float32Array.from(one.data);
    return { name: ggufName(name), dims: [...one.shape].reverse(), type: 0, data: new Uint8Array(data.buffer) };
  });
  return ggufFile({ metadata: [['general.architecture', 8, text(architecture)], ...metadata], tensors });
}

const sizes = (
  architecture: string,
  more: readonly (readonly [string, number, readonly number[]])[] = [],
): Told['metadata'] => [
  [`${architecture}.block_count`, 4, u32(3)],
  [`${architecture}.embedding_length`, 4, u32(12)],
  [`${architecture}.feed_forward_length`, 4, u32(10)],
  [`${architecture}.context_length`, 4, u32(32)],
  [`${architecture}.attention.head_count`, 4, u32(3)],
  [`${architecture}.attention.head_count_kv`, 4, u32(1)],
  [`${architecture}.attention.layer_norm_rms_epsilon`, 6, float(1e-6)],
  ...more.map(([key, type, bytes]) => [`${architecture}.${key}`, type, bytes] as const),
];

const open = (file: Uint8Array) => {
  const { config, checkpoint } = ggufModel(readGguf(memorySource(file, 'model.gguf')));
  return loadModel(config, checkpoint);
};

const tokens = [[3, 1, 4, 1, 5, 9, 2, 6]];

describe('a GGUF file as a model', () => {
  const own = { 'llama with biases, positions divided': 'llama', qwen2: 'qwen2', qwen3: 'qwen3', phi3: 'phi3' };
  it.each(Object.entries(own))('gives the logits of the same weights in safetensors: %s', (name, architecture) => {
    const { config, shapes } = decoders[name];
    // Biases of an MLP have no name that llama.cpp gives Llamas.
    const kept = Object.fromEntries(Object.entries(shapes).filter(([one]) => !/mlp.*bias/.test(one)));
    const weights = seeded(name, kept);
    const plain = { ...config, mlp_bias: false, rope_scaling: null, rms_norm_eps: Math.fround(1e-6) };
    const width = name === 'qwen3' ? 6 : 4;
    const more = [
      ['rope.freq_base', 6, float(name === 'qwen2' ? 1e6 : 1e4)],
      ...(name === 'qwen3'
        ? [
            ['attention.key_length', 4, u32(6)],
            ['attention.value_length', 4, u32(6)],
          ]
        : []),
      ...(name === 'phi3' ? [['attention.sliding_window', 4, u32(4)]] : []),
    ] as [string, number, number[]][];
    const model = open(fileOf(architecture, { weights, metadata: sizes(architecture, more) }, width));
    const same = loadModel(plain, readSafetensors(memorySource(writeSafetensors(weights))));
    expect(logits(model, tokens).data).toEqual(logits(same, tokens).data);
    if (name !== 'phi3') {
      const mixed = fileOf('qwen2', { weights, metadata: sizes('qwen2', more) }, width);
      if (architecture === 'llama') expect(failure(() => open(mixed))).not.toBe('no error');
    }
  });

  it('refuses what it does not compute, by name', () => {
    const weights = seeded('qwen2', decoders.qwen2.shapes);
    const with_ = (architecture: string, ...more: (readonly [string, number, readonly number[]])[]) =>
      failure(() => open(fileOf(architecture, { weights, metadata: sizes(architecture, more) }, 4)));
    expect(with_('mamba')).toBe('unsupported model.gguf: general.architecture');
    expect(with_('qwen2', ['expert_count', 4, u32(8)])).toBe('unsupported model.gguf: qwen2.expert_count');
    expect(with_('qwen2', ['rope.dimension_count', 4, u32(2)])).toBe(
      'unsupported model.gguf: qwen2.rope.dimension_count',
    );
    const { 'model.norm.weight': _, ...short } = weights;
    expect(failure(() => open(fileOf('qwen2', { weights: short, metadata: sizes('qwen2') }, 4)))).toBe(
      'file model.gguf',
    );
    expect(failure(() => open(ggufFile({ metadata: [], tensors: [] })))).toBe(
      'unsupported model.gguf: general.architecture',
    );
  });
});
