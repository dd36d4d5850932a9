import { memorySource, readSafetensors, writeSafetensors } from 'bittrue/files';
import { layerNorm, matmul, rmsNorm, softmax } from 'bittrue/kernels';
import { checkCaptured, newEvents } from 'bittrue/studies';
import { fp16 } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';

const rows = Float64Array.from({ length: 32 }, (_, i) => (i < 16 ? (i % 2 ? 795 : -795) : Math.sin(i)));
const gamma = Float64Array.from({ length: 16 }, (_, i) => 1 + i / 16);
const beta = Float64Array.from({ length: 16 }, (_, i) => i - 8);
const weight = Float64Array.from({ length: 48 }, (_, i) => Math.cos(i) * (i < 16 ? 40 : 1));
const open = (tensors: Parameters<typeof writeSafetensors>[0], kernels?: object, name = 'acts') => {
  const metadata = kernels === undefined ? {} : { bittrue: JSON.stringify({ schema: 'captured/1', kernels }) };
  return readSafetensors(memorySource(writeSafetensors(tensors, { metadata }), name));
};
const x = { data: rows, shape: [1, 2, 16] };
const acts = open(
  {
    'ln.input': x,
    'ln.weight': { data: gamma, shape: [16] },
    'ln.bias': { data: beta, shape: [16] },
    'rms.input': x,
    'sm.input': x,
    'fc.input': x,
  },
  {
    'ln.input': { kernel: 'layerNorm', epsilon: 1e-3 },
    'rms.input': { kernel: 'rmsNorm' },
    'sm.input': { kernel: 'softmax' },
    'fc.input': { kernel: 'linear' },
  },
);
const model = open(
  {
    'rms.weight': { data: gamma, shape: [16] },
    'fc.weight': { data: weight, shape: [3, 16] },
    other: { data: beta, shape: [16] },
  },
  undefined,
  'model',
);

describe('checkCaptured', () => {
  it('counts what the kernels themselves count', async () => {
    const check = await checkCaptured(acts, {
      targets: ['fp16', 'fp32'],
      model,
      config: { model_type: 'gemma', rms_norm_eps: 1e-2 },
    });
    const sized = { rows: 2, width: 16, target: fp16 };
    // [K, N] of the kernel; Gemma's 1 + γ.
    const turned = Float64Array.from({ length: 48 }, (_, i) => weight[(i % 3) * 16 + Math.floor(i / 3)]);
    const alone = [
      layerNorm(rows, { ...sized, gamma, beta, epsilon: 1e-3 }).report,
      rmsNorm(rows, { ...sized, gamma: gamma.map((one) => 1 + one), epsilon: 1e-2 }).report,
      softmax(rows, sized).report,
      matmul(rows, turned, { m: 2, k: 16, n: 3, target: fp16 }).report,
    ];
    expect(check.targetNames).toEqual(['fp16', 'fp32']);
    expect(check.runs.map(({ node, target }) => `${node} ${target}`)).toEqual(
      ['fp16', 'fp32'].flatMap((target) => ['ln', 'rms', 'sm', 'fc'].map((name) => `${name}.input ${target}`)),
    );
    expect(check.runs.slice(0, 4).map(({ report }) => report?.counts)).toEqual(alone.map(({ counts }) => counts));
    expect(check.runs[0].first).toMatchObject({ stage: 'square', row: 0, exact: '632025' });
    expect(check.ok).toBe(false);
    expect(check.runs.slice(4).every(({ report }) => report?.ok)).toBe(true);
    expect(check.captured).toMatchObject({
      unread: [],
      withoutWeights: [],
      model: { name: 'model', tensors: 3, read: 2 },
    });
    expect(newEvents(check, check)).toEqual([]);
  });

  it('runs the parts of attention, causal or masked', async () => {
    const part = (seed: number) => ({
      data: Float64Array.from({ length: 12 }, (_, i) => Math.sin(seed + i)),
      shape: [2, 3, 2],
    });
    const tensors = { 'a.query': part(1), 'a.key': part(20), 'a.value': part(40) };
    const said = { a: { kernel: 'attention', scale: 0.5, causal: false } };
    const check = await checkCaptured(open(tensors, said), { targets: ['fp16'] });
    expect(check.runs.map(({ node, part: name }) => `${node} ${name}`)).toEqual(['a scores', 'a softmax', 'a values']);
    expect(check.ok).toBe(true);
    expect(check.inputs).toEqual({ 'a.query': [1, 2, 3, 2], 'a.key': [1, 2, 3, 2], 'a.value': [1, 2, 3, 2] });
  });

  it.each([
    [
      'γ of another width',
      'shape ln.weight',
      { 'ln.weight': { data: gamma, shape: [16] }, 'ln.input': { data: gamma, shape: [2, 8] } },
      'rmsNorm',
    ],
    [
      'weights of another width',
      'shape fc.weight',
      { 'fc.weight': { data: weight, shape: [3, 16] }, fc: { data: gamma, shape: [2, 8] } },
      'linear',
    ],
    ['no rows', 'shape acts: n', { n: { data: new Float64Array(0), shape: [0, 8] } }, 'softmax'],
    [
      'queries without heads',
      'shape acts: a.query',
      { 'a.query': x.data.length ? { data: gamma, shape: [16] } : x },
      'attention',
    ],
  ] as const)('refuses %s', async (_, wanted, tensors, kernel) => {
    const error = await checkCaptured(open(tensors as never), { targets: ['fp16'], kernel }).catch((one) => one);
    expect(`${error.code} ${error.argument}`).toBe(wanted);
  });
});
