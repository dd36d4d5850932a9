import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from 'bittrue/files';
import { afterAll, describe, expect, it } from 'vitest';
import { encoders } from '../models/families/encoders.ts';
import { seeded } from '../models/families/plain.ts';
import { finished } from './helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-captured-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A BERT, and what went into two of its layers, as the script of `bittrue capture` writes it. */
const { config, shapes } = encoders['bert with both of its heads'] as unknown as {
  config: { hidden_size: number };
  shapes: Record<string, readonly number[]>;
};
writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(seeded('cli', shapes)));
writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
const acts = join(folder, 'acts.safetensors');
const width = config.hidden_size;
const layer = 'bert.encoder.layer.0.attention.output';
const rows = { data: Float32Array.from({ length: 5 * width }, (_, i) => Math.sin(i) * 2), shape: [1, 5, width] };
const kernels = {
  [`${layer}.dense.input`]: { kernel: 'linear' },
  [`${layer}.LayerNorm.input`]: { kernel: 'layerNorm', epsilon: 1e-12 },
};
writeFileSync(
  acts,
  writeSafetensors(
    { [`${layer}.dense.input`]: rows, [`${layer}.LayerNorm.input`]: rows },
    { metadata: { bittrue: JSON.stringify({ schema: 'captured/1', kernels }) } },
  ),
);

describe('captured layers of a BERT, which no forward pass of ours runs', () => {
  it('are quantized', async () => {
    const flags = ['--method', 'minMaxInteger', '--weights', '4', '--activations', '8'];
    const { status, out, err } = await finished('quantize', acts, '--model', folder, ...flags);
    expect(err).toBe('');
    expect(out).toMatch(/minMaxInteger, bits W\/A 4\/8: 1 captured layer/);
    expect(out).toMatch(new RegExp(`${layer.replaceAll('.', '\\.')}\\.dense +5 +int4 +int8`));
    expect(status).toBe(0);
    const { out: json } = await finished('quantize', acts, '--model', folder, ...flags, '--json');
    expect(JSON.parse(json)).toMatchObject({ schema: 'captured-quantization/1', layers: [{ rows: 5 }] });
    expect((await finished('quantize', acts, '--model', folder, '--text', 'x.txt')).err).toMatch(/--text/);
    expect((await finished('quantize', '--model', folder)).err).toMatch(/--model.*captured tensors/s);
  });

  it('are sent in few bits', async () => {
    const flags = ['--devices', '2,3', '--codec', 'bf16,int4', '--k', '1'];
    const { status, out } = await finished('communicate', acts, '--model', folder, ...flags);
    expect(out).toMatch(/^2 devices, allGather.*1 captured layer/);
    expect(out).toMatch(/3 devices/);
    expect(status).toBe(0);
    const { out: json } = await finished('communicate', acts, '--model', folder, ...flags, '--json');
    expect(JSON.parse(json)).toMatchObject({
      schema: 'captured-communications/1',
      studies: [{ devices: 2 }, { devices: 3 }],
    });
    expect((await finished('communicate', acts, '--model', folder, '--rotate', '1')).err).toMatch(/--rotate/);
  });

  it('have their scales beside what was captured', async () => {
    const { status, out } = await finished('slanc', acts, '--model', folder, '--table');
    expect(out).toMatch(/SLaNC frobenius on fp16: 1 captured norm/);
    expect(out).toMatch(/encoder\.layer\.0\.attention\.output\.LayerNorm +attention +5/);
    expect(status).toBe(0);
    const { out: json } = await finished('slanc', acts, '--model', folder, '--target', 'fp32');
    expect(JSON.parse(json)).toMatchObject({
      schema: 'captured-slanc/1',
      target: 'fp32',
      norms: [{ rows: 5, ok: true }],
    });
    expect((await finished('slanc', folder, '--target', 'fp32')).err).toMatch(/--target.*captured norms/s);
    expect((await finished('slanc', acts, '--kernel', 'layerNorm')).err).toMatch(/--model/);
  });
});
