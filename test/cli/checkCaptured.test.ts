import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy, writeNpz, writeSafetensors } from 'bittrue/files';
import { embeddedModel } from 'bittrue/node';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { folder } from './helpers.ts';

/** The command, waited for. */
async function bittrue(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const told = { out: '', err: '' };
  const status = await runCommand(args, {
    out: (text) => {
      told.out += text;
      return true;
    },
    err: (text) => {
      told.err += text;
    },
    color: false,
    progress: false,
  });
  return { status, ...told };
}

const large = { data: Float32Array.from({ length: 256 }, (_, i) => (i % 2 ? 795 : -795)), shape: [2, 128] };
const small = { data: Float32Array.from({ length: 256 }, (_, i) => Math.sin(i)), shape: [2, 128] };
const norm = 'model.layers.0.input_layernorm';

function put(name: string, bytes: Uint8Array): string {
  const path = join(folder(), name);
  writeFileSync(path, bytes);
  return path;
}

describe('bittrue check acts.safetensors', () => {
  const file = () => put('acts.safetensors', writeSafetensors({ [`${norm}.input`]: small, 'last.input': large }));

  it('takes γ and ε from a model by name, and says so', async () => {
    const { status, out, err } = await bittrue('check', file(), '--kernel', 'rmsNorm', '--model', embeddedModel());
    expect([status, err]).toEqual([1, '']);
    expect(out.replace(/\s+/g, ' ')).toContain(`${norm}.input: rmsNorm, ε 0.00001 (config.json), γ ${norm}.weight`);
    expect(out).toContain('last.input: rmsNorm, ε 0.00001 (config.json), no γ');
    expect(out).toContain('(1 of 39 tensors of');
    expect(out).toContain('fails in 1 of 2 nodes, first in last.input');
  });

  it('gives data, CSV and a page, and keeps to a baseline', async () => {
    const path = file();
    const asked = ['check', path, '--kernel', 'rmsNorm', '--target', 'fp16', '--target', 'fp32'];
    const { out: json } = await bittrue(...asked, '--json');
    const { schema, runs, captured } = JSON.parse(json);
    expect([schema, runs.length, captured.inputs.length]).toEqual(['graph-check/1', 4, 2]);
    const { out: csv } = await bittrue(...asked, '--csv');
    expect(csv.split('\n')[2]).toMatch(/^last\.input,RMSNormalization,,fp16,false,/);
    const page = join(folder(), 'page.html');
    await bittrue(...asked, '--html', page);
    expect(readFileSync(page, 'utf8')).toContain('last.input');
    const baseline = put('baseline.json', new TextEncoder().encode(json));
    expect((await bittrue(...asked, '--baseline', baseline)).status).toBe(0);
    expect(
      (await bittrue('check', path, '--kernel', '*.input=layerNorm', '--tensors', 'model*', '--fail-on', 'overflow'))
        .status,
    ).toBe(0);
  });

  it('says the ways on where weights have no config.json and captures no kernel', async () => {
    const { status, err } = await bittrue('check', file());
    expect(status).toBe(2);
    expect(err).toMatch(/config\.json beside the weights of a model, or --kernel for captured activations/);
    expect((await bittrue('check', file(), '--kernel', 'norm')).err).toMatch(/^bittrue: --kernel: .*layerNorm/);
    expect((await bittrue('check', file(), '--kernel', 'x*=softmax')).err).toMatch(/^bittrue: --kernel: /);
    expect((await bittrue('check', file(), '--kernel', 'softmax', '--slanc', 'frobenius')).err).toMatch(
      /^bittrue: --slanc: /,
    );
    expect((await bittrue('check', file(), '--kernel', 'softmax', '--format', 'e4m3fn')).err).toMatch(
      /^bittrue: --format: /,
    );
    expect((await bittrue('check', embeddedModel(), '--tensors', 'x')).err).toMatch(/^bittrue: --tensors: /);
  });
});

describe('bittrue check acts.npz and x.npy', () => {
  it('reads a capture whose kernels stand in __metadata__', async () => {
    const said = JSON.stringify({
      bittrue: JSON.stringify({ schema: 'captured/1', kernels: { 'n.input': { kernel: 'layerNorm' } } }),
    });
    const metadata = { data: new TextEncoder().encode(said), shape: [said.length] };
    const path = put('acts.npz', writeNpz({ 'n.input': small, ids: large, __metadata__: metadata }));
    const { status, out } = await bittrue('check', path);
    expect(status).toBe(0);
    expect(out).toContain('1 captured input; norms on fp16');
    expect(out).toContain('tensors that nothing read (1): ids');
  });

  it('makes a table of a .npy file where one is asked for, and of codes by their format', async () => {
    const path = put('x.npy', writeNpy(large));
    expect((await bittrue('check', path)).out).not.toContain('captured');
    expect((await bittrue('check', path, '--csv')).out).toMatch(/\nx,LayerNormalization,,fp16,false,/);
    const codes = writeNpy({ data: Uint8Array.from({ length: 16 }, (_, i) => i), shape: [2, 8] });
    const nameless = put(
      'c.npy',
      codes.map((byte, i) => (i > 20 && i < 25 ? "|V1'".charCodeAt(i - 21) : byte)),
    );
    expect((await bittrue('check', nameless)).err).toMatch(/Say which format/);
    expect((await bittrue('check', nameless, '--format', 'e4m3fn')).status).toBe(0);
    expect((await bittrue('check', nameless, '--format', 'e4m3fn', '--kernel', 'softmax')).out).toContain('Softmax');
  });
});
