import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from 'bittrue/files';
import { afterAll, describe, expect, it } from 'vitest';
import { decoders } from '../models/families/decoders.ts';
import { encoders } from '../models/families/encoders.ts';
import { seeded } from '../models/families/plain.ts';
import { finished } from './helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-families-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written({ config, shapes }: { config: object; shapes: Record<string, readonly number[]> }): string {
  const own = mkdtempSync(join(folder, 'model-'));
  writeFileSync(join(own, 'model.safetensors'), writeSafetensors(seeded('cli', shapes)));
  writeFileSync(join(own, 'config.json'), JSON.stringify(config));
  return own;
}

describe('bittrue check of a folder', () => {
  it('runs the norms of an encoder on inputs that it says it made up', async () => {
    const whisper = written(encoders.whisper as never);
    const { status, out, err } = await finished('check', whisper, '--target', 'h100');
    expect(out).toContain('layers.0.self_attn_layer_norm');
    expect(err).toMatch(/1 tensors are left out, such as model.decoder/);
    expect(err).toMatch(/made up from seed 0: input_features/);
    expect(status).toBe(0);
    expect((await finished('check', whisper, '--slanc', 'dmx')).err).toMatch(/--slanc.*says no next token/s);
  });

  it('gives every norm of an encoder that stands behind a known block its scale', async () => {
    const vit = written(encoders.vit as never);
    const { status, out, err } = await finished('slanc', vit);
    expect(status).toBe(1);
    expect(err).toContain('1 of 5 norms have no scale');
    const { norms, unscaled } = JSON.parse(out);
    expect(norms[0]).toMatchObject({ site: 'encoder.layer.0.layernorm_after', position: 'attention' });
    expect(unscaled).toMatchObject([{ site: 'encoder.layer.0.layernorm_before' }]);
  });

  it('runs the norms of GPT-2, which have means, and says how well it predicts', async () => {
    const gpt2 = written(decoders.gpt2 as never);
    const tokens = join(folder, 'tokens.json');
    writeFileSync(tokens, JSON.stringify({ sequences: [[1, 2, 3, 4, 5, 6]] }));
    const { status, out } = await finished('check', gpt2, '--tokens', tokens);
    expect(out).toMatch(/h\.0\.ln_1[\s\S]*ln_f/);
    expect(out).toMatch(/perplexity +float64/);
    expect(status).toBe(0);
  });
});
