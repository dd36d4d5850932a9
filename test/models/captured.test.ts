import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, writeSafetensors } from '../../src/files/index.ts';
import { capturedInputs, matcher } from '../../src/models/captured.ts';
import { failure } from '../files/helpers.ts';

const file = (names: Readonly<Record<string, readonly number[]>>, kernels?: object, name = 'acts') => {
  const tensors = Object.entries(names).map(([one, shape]) => [
    one,
    { data: new Float32Array(shape.reduce((product, axis) => product * axis, 1)), shape },
  ]);
  const metadata = kernels === undefined ? {} : { bittrue: JSON.stringify({ schema: 'captured/1', kernels }) };
  return readSafetensors(memorySource(writeSafetensors(Object.fromEntries(tensors), { metadata }), name));
};

describe('capturedInputs', () => {
  const acts = file({ 'h.0.ln_1.input': [2, 4], 'h.0.ln_1.weight': [4], 'h.1.ln_1.input': [2, 4], ids: [5] });

  it('takes kernels by patterns, operands by names, and tells what is left', () => {
    const { inputs, unread } = capturedInputs(acts, { kernel: [{ pattern: 'h.*.ln_*', kernel: 'rmsNorm' }] });
    expect(inputs.map(({ name, gamma, epsilon, epsilonFrom }) => [name, gamma?.name, epsilon, epsilonFrom])).toEqual([
      ['h.0.ln_1.input', 'h.0.ln_1.weight', 1e-5, 'default'],
      ['h.1.ln_1.input', undefined, 1e-5, 'default'],
    ]);
    expect(unread).toEqual(['ids']);
    expect(capturedInputs(acts, { kernel: 'softmax', tensors: ['ids'] }).inputs.map(({ name }) => name)).toEqual([
      'ids',
    ]);
  });

  it('takes them from the file where that says them', () => {
    const said = file(
      {
        'n.input': [1, 2],
        'n.input#2': [1, 2],
        'a.query': [1, 1, 2, 2],
        'a.key': [1, 1, 2, 2],
        'a.value': [1, 1, 2, 2],
      },
      {
        'n.input': { kernel: 'layerNorm', epsilon: 1e-3 },
        'n.input#2': { kernel: 'layerNorm', epsilon: 1e-3 },
        a: { kernel: 'attention', causal: true, scale: 0.5 },
      },
    );
    const { inputs, unread } = capturedInputs(said);
    expect(inputs.map(({ name, kernel, epsilon, causal, scale }) => [name, kernel, epsilon, causal, scale])).toEqual([
      ['n.input', 'layerNorm', 1e-3, false, null],
      ['n.input#2', 'layerNorm', 1e-3, false, null],
      ['a', 'attention', null, true, 0.5],
    ]);
    expect(unread).toEqual([]);
    expect(capturedInputs(said, { epsilon: 0.25 }).inputs[0]).toMatchObject({ epsilon: 0.25, epsilonFrom: 'option' });
  });

  it('finds operands in a model by the whole name, or by the one that a wrapper put a word before', () => {
    const model = file(
      { 'transformer.h.0.ln_1.weight': [4], 'transformer.h.0.ln_1.bias': [4], 'h.1.ln_1.weight': [4] },
      undefined,
      'm',
    );
    const config = { model_type: 'gemma', rms_norm_eps: 1e-6 };
    const { inputs } = capturedInputs(acts, { kernel: 'rmsNorm', tensors: ['h.*.input'], model, config });
    expect(
      inputs.map(({ gamma, plusOne, epsilon, epsilonFrom }) => [gamma?.of, gamma?.name, plusOne, epsilon, epsilonFrom]),
    ).toEqual([
      ['model', 'transformer.h.0.ln_1.weight', true, 1e-6, 'config'],
      ['model', 'h.1.ln_1.weight', true, 1e-6, 'config'],
    ]);
    const several = file({ 'a.h.0.ln_1.weight': [4], 'b.h.0.ln_1.weight': [4] }, undefined, 'm');
    expect(failure(() => capturedInputs(acts, { kernel: 'rmsNorm', tensors: ['h.0*'], model: several }))).toBe(
      'name h.0.ln_1',
    );
  });

  it('tells linear layers without weights, and refuses them where they were asked for or another model was given', () => {
    const said = file(
      { 'n.input': [1, 2], 'fc.input': [1, 2] },
      { 'n.input': { kernel: 'rmsNorm' }, 'fc.input': { kernel: 'linear' } },
    );
    expect(capturedInputs(said)).toMatchObject({ withoutWeights: ['fc.input'], unread: [] });
    expect(failure(() => capturedInputs(said, { kernel: [{ pattern: 'fc*', kernel: 'linear' }] }))).toBe(
      'file acts: fc.input',
    );
    expect(failure(() => capturedInputs(said, { model: file({ 'n.weight': [2] }) }))).toBe('file acts: fc.input');
    const model = file({ 'fc.weight': [3, 2] });
    expect(capturedInputs(said, { model, config: { model_type: 'gpt2' } }).inputs[1]).toMatchObject({
      weight: { name: 'fc.weight' },
      inOut: true,
    });
  });

  it.each([
    ['no kernels', 'name options.kernel', {}],
    ['a pattern for nothing', 'name options.kernel', { kernel: [{ pattern: 'g.*', kernel: 'softmax' }] }],
    ['tensors that are not there', 'name options.tensors', { kernel: 'softmax', tensors: ['g.*'] }],
    ['a kernel that is none', 'name options.kernel', { kernel: 'norm' }],
    ['rules of another kind', 'name options.kernel[0].patern', { kernel: [{ patern: 'a', kernel: 'softmax' }] }],
    ['attention of one tensor', 'name acts: h.0.ln_1.input', { kernel: 'attention' }],
    ['ε of 0', 'range acts: h.0.ln_1.input: epsilon', { kernel: 'rmsNorm', epsilon: 0 }],
  ])('refuses %s', (_, wanted, options) => {
    expect(failure(() => capturedInputs(acts, options as never))).toBe(wanted);
  });

  it.each([
    ['of another schema', { schema: 'captured/2', kernels: {} }, 'file acts: __metadata__.bittrue.schema'],
    [
      'of another kernel',
      { schema: 'captured/1', kernels: { x: { kernel: 'norm' } } },
      'file acts: __metadata__.bittrue.kernels.x',
    ],
    [
      'of another tensor',
      { schema: 'captured/1', kernels: { y: { kernel: 'rmsNorm' } } },
      'file acts: __metadata__.bittrue.kernels',
    ],
    ['that are none', 7, 'file acts: __metadata__.bittrue'],
  ])('refuses metadata %s', (_, said, wanted) => {
    const tensors = { x: { data: new Float32Array(2), shape: [2] } };
    const bytes = writeSafetensors(tensors, { metadata: { bittrue: JSON.stringify(said) } });
    expect(failure(() => capturedInputs(readSafetensors(memorySource(bytes, 'acts'))))).toBe(wanted);
  });

  it('takes patterns as they stand but for *', () => {
    expect(matcher('h.*.ln')('h.0.ln')).toBe(true);
    expect(matcher('h.*.ln')('hx0.ln')).toBe(false);
    expect(matcher('a+(b)')('a+(b)')).toBe(true);
    expect(matcher('*')('')).toBe(true);
  });
});
