import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors, readTensorBytes } from '../../src/files/index.ts';
import { byteTokens, loadLlama } from '../../src/models/index.ts';
import { embeddedModel, openFile, openModel } from '../../src/node/index.ts';
import { applyQuantization, dequantizedWeights, quantizeModel } from '../../src/studies/index.ts';
import { bittrue, folder } from './helpers.ts';

const model = embeddedModel();
const text = 'And God said, Let there be light: and there was light. And God saw the light, that it was good.';

/** Short texts, so that a run takes a second. */
function texts(): string[] {
  const path = join(folder(), 'text.txt');
  writeFileSync(path, text);
  return ['--calibration-text', path, '--text', path];
}

describe('bittrue quantize', () => {
  it('writes codes that give back the quantized weights bit for bit, and prints what it costs', () => {
    const output = join(folder(), 'new', 'place');
    const args = ['--method', 'fpq', '--weights', 'e2m1', '--activations', 'e2m1', '--intervals', '4', '--rounds', '1'];
    const { status, out, err } = bittrue('quantize', model, ...args, '--rows', '8', ...texts(), '--output', output);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^fpq, bits E\/W\/A 4\/4\/4: perplexity \d+\.\d{4} -> \d+\.\d{4} on 94 tokens; mean layer error /,
    );
    expect(out).toMatch(/\nmodel\.layers\.3\.mlp\.down_proj\.weight +e2m1 +e2m1 +\d+ +\d/);
    expect(readdirSync(output).sort()).toEqual(['quantized.safetensors', 'report.json']);

    const { config, checkpoint } = openModel(model);
    const llama = loadLlama(config, checkpoint);
    const quantization = quantizeModel(llama, [byteTokens(text)], {
      method: 'fpq',
      weightBits: 4,
      activationBits: 4,
      calibrationRows: 8,
      search: { intervals: 4, rounds: 1, weightGrids: ['e2m1'], activationGrids: ['e2m1'] },
    });
    const expected = applyQuantization(llama, quantization).model.weights;
    const file = readSafetensors(openFile(join(output, 'quantized.safetensors')));
    const found = dequantizedWeights(file);
    expect(Object.keys(found)).toHaveLength(30);
    for (const [name, { data }] of Object.entries(found)) {
      const same = data.every((value, i) => Object.is(value, expected[name].data[i]));
      expect(same, name).toBe(true);
    }
    expect(readTensorBytes(file, 'lm_head.weight.codes')).toHaveLength(128 * 64);
    const report = JSON.parse(readFileSync(join(output, 'report.json'), 'utf8'));
    expect(report).toMatchObject({ schema: 'quantization-report/1', method: 'fpq', calibrationRows: 8 });
    expect(report.layers.map((layer: { meanSquaredError: number }) => layer.meanSquaredError)).toEqual(
      quantization.layers.map(({ meanSquaredError }) => meanSquaredError),
    );
  });

  it('takes the embedded model, bits for all grids of a width, integers, and none', () => {
    const args = ['--method', 'fpqBaseline', '--weights', '4', '--activations', 'none', '--embedding', '6'];
    const search = bittrue(
      'quantize',
      ...args,
      '--intervals',
      '3',
      '--rounds',
      '1',
      '--rows',
      '4',
      ...texts(),
      '--json',
    );
    expect(search.status).toBe(0);
    const report = JSON.parse(search.out);
    expect(report.bits).toEqual({ embedding: 6, weight: 4, activation: null });
    expect(report.embedding).toMatch(/^e[1-5]m[0-4]$/);
    const grids = new Set(report.layers.map(({ weight }: { weight: string }) => weight));
    expect([...grids].every((grid) => ['e3m0', 'e2m1', 'e1m2'].includes(String(grid)))).toBe(true);
    const integers = bittrue(
      'quantize',
      '--method',
      'minMaxInteger',
      '--weights',
      'int8',
      '--activations',
      '8',
      ...texts(),
    );
    expect(integers.out).toMatch(/^minMaxInteger, bits E\/W\/A 8\/8\/8/);
    const float = bittrue(
      'quantize',
      '--method',
      'minMaxFloat',
      '--weights',
      'e3m0',
      '--activations',
      'e4m3',
      ...texts(),
    );
    expect(float.out).toMatch(/lm_head\.weight +e3m0 +e4m3/);
  });

  it.each([
    ['an unknown method', ['--method', 'gptq'], '--method'],
    ['a grid for integers', ['--method', 'minMaxInteger'], '--weights'],
    ['integers for a search', ['--weights', 'int4'], '--weights'],
    ['a grid with other letters', ['--activations', 'fp4'], '--activations'],
    ['bits out of range', ['--weights', '2'], 'options.weightBits'],
    ['rows that are no number', ['--rows', 'many'], '--rows'],
    ['no rows', ['--rows', '0'], 'options.calibrationRows'],
    ['a missing calibration text', ['--calibration-text', '/nowhere'], 'path'],
    ['a missing text', ['--text', '/nowhere'], 'path'],
  ])('refuses %s, and writes nothing', (_, args, words) => {
    const output = join(folder(), 'out');
    const { status, out, err } = bittrue('quantize', model, ...args, '--output', output);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(/^bittrue: [^\n]*expected [^\n]*received [^\n]*\n$/);
    expect(err).toContain(words);
    expect(existsSync(output)).toBe(false);
  });

  it('refuses an output that is a file, before any work, and leaves nothing half written', () => {
    const path = folder();
    writeFileSync(join(path, 'file'), '');
    const quick = ['--method', 'minMaxFloat', ...texts()];
    expect(bittrue('quantize', ...quick, '--output', join(path, 'file'))).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringContaining('a folder that can be written'),
    });
    // A folder stands where the second file should go: neither is written.
    mkdirSync(join(path, 'out', 'quantized.safetensors', 'full'), { recursive: true });
    const { status } = bittrue('quantize', ...quick, '--output', join(path, 'out'));
    expect(status).toBe(2);
    expect(readdirSync(join(path, 'out'))).toEqual(['quantized.safetensors']);
  });

  it('asks for texts where there are none', () => {
    const path = folder();
    for (const name of ['config.json', 'model.safetensors']) copyFileSync(join(model, name), join(path, name));
    expect(bittrue('quantize', path)).toMatchObject({ status: 2, err: expect.stringContaining('--calibration-text') });
    writeFileSync(join(path, 'calibration.txt'), text);
    expect(bittrue('quantize', path).err).toMatch(/--text/);
  });
});
