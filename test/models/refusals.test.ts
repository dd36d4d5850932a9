import { describe, expect, it } from 'vitest';
import { loadModel, parseConfig } from '../../src/models/index.ts';
import { embeddedModel, openModel } from '../../src/node/index.ts';

const { config, checkpoint } = openModel(embeddedModel());
const failure = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    const { code, argument, received } = error as { code: string; argument: string; received: string };
    return `${code} ${argument}: ${received}`;
  }
  return 'none';
};

describe('a checkpoint that is not what its config says', () => {
  it.each([
    ['sliding_window', 4096],
    ['attn_logit_softcapping', 50],
    ['final_logit_softcapping', 30],
    ['partial_rotary_factor', 0.5],
    ['embedding_multiplier', 12],
    ['unheard_of', 'x'],
  ])('refuses %s by name', (name, value) => {
    expect(failure(() => parseConfig({ ...config, [name]: value }))).toBe(`unsupported config.${name}: ${value}`);
    expect(failure(() => parseConfig({ ...config, [name]: null }))).toBe('none');
  });

  it('refuses a class that is no Llama', () => {
    const asked = (architectures: unknown) => failure(() => parseConfig({ ...config, architectures }));
    expect(asked(['GemmaForCausalLM'])).toBe('unsupported config.architectures: GemmaForCausalLM');
    expect(asked('LlamaForCausalLM')).toMatch(/^type config.architectures/);
    expect(asked(['LlamaForCausalLM'])).toBe('none');
  });

  it('refuses rope_parameters beyond the base', () => {
    const rope = { rope_type: 'default', rope_theta: 10000, partial_rotary_factor: 0.5 };
    expect(failure(() => parseConfig({ ...config, rope_parameters: rope }))).toBe(
      'unsupported config.rope_parameters.partial_rotary_factor: 0.5',
    );
  });

  it('refuses fewer layers than the file has, and tensors of another architecture', () => {
    expect(failure(() => loadModel({ ...config, num_hidden_layers: 3 }, checkpoint))).toMatch(
      /^unsupported .*layers\.3\./,
    );
    const entry = checkpoint.entries.get('model.norm.weight');
    if (entry === undefined) throw new Error('no norm');
    const withTensor = (name: string) => ({ ...checkpoint, entries: new Map([...checkpoint.entries, [name, entry]]) });
    const bias = 'model.layers.0.self_attn.q_proj.bias';
    expect(failure(() => loadModel(config, withTensor(bias)))).toMatch(`: ${bias}`);
    expect(failure(() => loadModel(config, withTensor('model.layers.0.self_attn.rotary_emb.inv_freq')))).toBe('none');
  });

  it('fails at once for a thousand million layers', () => {
    expect(failure(() => loadModel({ ...config, num_hidden_layers: 1e9 }, checkpoint))).toMatch(
      /^file .*no such tensor/,
    );
  });
});
