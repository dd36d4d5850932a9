import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTensor } from 'bittrue/files';
import { openTensors } from 'bittrue/node';
import { checkCaptured } from 'bittrue/studies';
import { describe, expect, it } from 'vitest';
import { bittrue, folder } from './helpers.ts';

const python = (...args: string[]) => spawnSync('python3', args, { encoding: 'utf8' });
const { stdout: has } = python(
  '-c',
  'import importlib.util as u; print("python", *[name for name in ("numpy", "torch") if u.find_spec(name)])',
);
const [hasPython, hasNumpy, hasTorch] = ['python', 'numpy', 'torch'].map((name) => has?.includes(name) ?? false);

function script(runtime: string): string {
  const { status, out } = bittrue('capture', '--for', runtime);
  expect(status).toBe(0);
  const path = join(folder(), 'bittrue_capture.py');
  writeFileSync(path, out);
  return path;
}

describe('bittrue capture', () => {
  it('refuses another runtime', () => {
    expect(bittrue('capture', '--for', 'tensorflow')).toMatchObject({ status: 2, out: '' });
    expect(bittrue('capture').status).toBe(2);
  });

  it.skipIf(!hasPython)('prints Python that compiles', () => {
    const scripts = ['pytorch', 'onnxruntime'].map(script);
    expect(python('-m', 'py_compile', ...scripts)).toMatchObject({ status: 0, stderr: '' });
  });

  // Of the script for ONNX Runtime the part that needs no more than Python.
  it.skipIf(!hasNumpy)('finds what goes into the nodes of an ONNX graph', () => {
    const found = python(
      '-c',
      `
import json, sys
from types import SimpleNamespace as of
sys.path.insert(0, sys.argv[1])
import bittrue_capture
number = lambda name, value: of(name=name, type=1 if isinstance(value, float) else 2, f=value, i=value)
node = lambda op, name, inputs, **attributes: of(op_type=op, name=name, input=inputs, domain="", attribute=[number(*one) for one in attributes.items()])
graph = of(initializer=[of(name="g"), of(name="b"), of(name="w")], node=[
    node("LayerNormalization", "norm", ["x", "g", "b"], epsilon=0.5),
    node("MatMul", "", ["n", "w"]),
    node("Gemm", "gemm", ["n", "w"], transB=1),
    node("MatMul", "scores", ["q", "k"]),
    node("Softmax", "softmax", ["s"], axis=1),
    node("Attention", "attention", ["q", "k", "v"], is_causal=1),
])
print(json.dumps(bittrue_capture.plan(graph)))
`,
      join(script('onnxruntime'), '..'),
    );
    expect(found.stderr).toBe('');
    expect(JSON.parse(found.stdout)).toEqual([
      [
        ['norm.weight', 'g', 'vector'],
        ['norm.bias', 'b', 'vector'],
        ['norm.input', 'x', 'rows -1'],
        ['MatMul_1.input', 'n', 'rows -1'],
        ['gemm.input', 'n', 'rows -1'],
        ['softmax.input', 's', 'rows 1'],
        ['attention.query', 'q', 'heads'],
        ['attention.key', 'k', 'heads'],
        ['attention.value', 'v', 'heads'],
      ],
      {
        'norm.input': { kernel: 'layerNorm', epsilon: 0.5, gamma: 'norm.weight', beta: 'norm.bias' },
        'MatMul_1.input': { kernel: 'linear', inOut: true, weight: 'w' },
        'gemm.input': { kernel: 'linear', inOut: false, weight: 'w' },
        'softmax.input': { kernel: 'softmax' },
        attention: { kernel: 'attention', causal: true, scale: null },
      },
    ]);
  });

  it.skipIf(!hasTorch)('captures a model of PyTorch that bittrue reads', async () => {
    const path = join(folder(), 'acts.safetensors');
    const run = python(
      '-c',
      `
import sys
sys.path.insert(0, sys.argv[1])
import torch
from bittrue_capture import capture

class GemmaRMSNorm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.eps = torch.nn.Parameter(torch.full((8,), 0.5)), 1e-6

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * (1 + self.weight)

class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.rms = torch.nn.LayerNorm(8, eps=1e-3), GemmaRMSNorm()
        self.fc = torch.nn.Linear(8, 4)

    def forward(self, x):
        h = self.rms(self.norm(x))
        return self.fc(torch.softmax(h @ h.transpose(-1, -2), dim=0) @ h)

model = Model().to(torch.bfloat16)
with capture(model, sys.argv[2]) as found:
    model(torch.arange(24.0).reshape(3, 8).to(torch.bfloat16))
    model(torch.arange(24.0).reshape(3, 8).to(torch.bfloat16) * 1000)
    x = torch.ones(2, 1, 3, 4)
    found.save_attention("attention", (x, 2 * x), {"value": 3 * x, "is_causal": True})
`,
      join(script('pytorch'), '..'),
      path,
    );
    expect(run.stderr).toBe('');
    const capture = openTensors(path);
    expect([...readTensor(capture, 'norm.input').data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect([...readTensor(capture, 'rms.weight').data]).toEqual(Array(8).fill(1.5));
    expect(capture.entries.get('attention.key')?.shape).toEqual([1, 1, 3, 4]);
    const { captured, runs } = await checkCaptured(capture, {
      targets: ['fp16'],
      tensors: ['*norm*', '*rms*', '*softmax*', '*fc*'],
    });
    expect(captured?.inputs.map(({ name, kernel, epsilon }) => `${name} ${kernel} ${epsilon}`)).toEqual([
      'norm.input layerNorm 0.001',
      'rms.input rmsNorm 0.000001',
      'model.softmax.input softmax null',
      'norm.input#2 layerNorm 0.001',
      'rms.input#2 rmsNorm 0.000001',
      'model.softmax.input#2 softmax null',
    ]);
    expect(captured?.withoutWeights).toEqual(['fc.input', 'fc.input#2']);
    expect(runs.find(({ node }) => node === 'norm.input#2')?.report?.totals.overflow).toBeGreaterThan(0);
  });
});
