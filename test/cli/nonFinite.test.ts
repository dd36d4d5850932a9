import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bittrue, folder, modelWith, npy } from './helpers.ts';

const tokens = 'test/cli/tokens.json';
const NAN = [0xc0, 0x7f];
const INFINITY = [0x80, 0x7f];

describe('NaN and infinities are no success', () => {
  it('in a tensor: no verdict, unless they are allowed', () => {
    const path = join(folder(), 'x.npy');
    writeFileSync(path, npy(Float64Array.of(1, NaN, 2, 3), [2, 2]));
    const shown = bittrue('check', path);
    expect(shown).toMatchObject({ status: 1, err: '' });
    expect(shown.out).toContain('layerNorm on fp16: 2 rows of 2: no verdict');
    expect(shown.out).toContain('NaN or infinite among the inputs: 1');
    expect(bittrue('check', path, '--allow-non-finite')).toMatchObject({
      status: 0,
      out: expect.stringContaining('2 rows of 2: ok'),
    });
    expect(JSON.parse(bittrue('check', path, '--json').out)).toMatchObject({
      ok: false,
      plain: { ok: false, inputs: { nonFinite: 1, allowed: false } },
    });
  });

  it.each([
    ['model.layers.1.mlp.down_proj.weight', NAN],
    ['model.layers.1.mlp.down_proj.weight', INFINITY],
    ['model.layers.2.input_layernorm.weight', NAN],
    // Behind the last norm: the norms know nothing of it.
    ['lm_head.weight', NAN],
  ])('in a model: %s', (tensor, bytes) => {
    const model = modelWith(tensor, bytes);
    const shown = bittrue('check', model, '--tokens', tokens, '--target', 'fp32');
    expect(shown.status).not.toBe(0);
    if (shown.status === 1) expect(shown.out).toMatch(/verdict: plain fp32 (has no verdict: .*NaN|fails in)/s);
    else expect(shown.err).toContain(tensor);
    const sent = bittrue('communicate', model, '--tokens', tokens, '--calibration-tokens', tokens, '--codec', 'bf16');
    expect(sent.status).not.toBe(0);
    if (sent.status === 1) expect(sent.out).toMatch(/bf16: (no verdict: .*NaN|first invalid)/s);
    else expect(sent.err).toMatch(/NaN|finite/);
    const quantized = bittrue(
      'quantize',
      model,
      '--tokens',
      tokens,
      '--calibration-tokens',
      tokens,
      '--weights',
      'none',
      '--activations',
      'none',
    );
    expect(quantized.status).not.toBe(0);
    expect(quantized.out + quantized.err).toMatch(/no verdict|finite|NaN/);
  });

  it.each([
    ['slanc'],
    ['quantize', '--tokens', tokens, '--calibration-tokens', tokens],
    ['communicate', '--tokens', tokens, '--calibration-tokens', tokens, '--codec', 'bf16', '--devices', '2'],
  ])('the error names the weight and its place: %s', (command, ...flags) => {
    const weight = 'model.layers.1.self_attn.o_proj.weight';
    const { status, err } = bittrue(command, modelWith(weight, NAN), ...flags);
    expect([status, err]).toEqual([2, `bittrue: ${weight}[0]: expected a finite number, received NaN\n`]);
  });
});
