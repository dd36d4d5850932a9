import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors, readTensorBytes } from '../../src/files/index.ts';
import { byteTokens, loadModel, splitTokens } from '../../src/models/index.ts';
import { embeddedModel, openFile, openModel } from '../../src/node/index.ts';
import { searchPresets } from '../../src/quantization/index.ts';
import {
  applyQuantization,
  dequantizedWeights,
  type LayerSearchOptions,
  loadQuantizedLlama,
  perplexity,
  quantizeModel,
} from '../../src/studies/index.ts';
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
  it('evaluates on the first sequences alone', () => {
    const tokens = join(folder(), 'tokens.json');
    writeFileSync(tokens, JSON.stringify({ sequences: [[...byteTokens('In the')], [...byteTokens('beginning')]] }));
    const fast = ['--weights', 'int8', '--activations', 'int8', '--method', 'minMaxInteger', '--rows', '4'];
    const on = (...more: string[]) =>
      bittrue('quantize', model, ...fast, '--calibration-tokens', tokens, '--tokens', tokens, ...more).out;
    expect(on()).toContain(' on 13 tokens;');
    expect(on('--sequences', '1')).toContain(' on 5 tokens;');
  });

  it('writes codes that give back the quantized weights bit for bit, and prints what it costs', () => {
    const output = join(folder(), 'new', 'place');
    const args = ['--method', 'fpq', '--weights', 'e2m1', '--activations', 'e2m1', '--intervals', '4', '--rounds', '1'];
    const { status, out, err } = bittrue('quantize', model, ...args, '--rows', '8', ...texts(), '--output', output);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^fpq, bits E\/W\/A 4\/4\/4: perplexity \d+\.\d{4} -> \d+\.\d{4} on 94 tokens; mean layer error /,
    );
    expect(out).toMatch(/\nlayers\.3\.down_proj +e2m1 +e2m1 +\d+ +\d/);
    expect(readdirSync(output).sort()).toEqual(['config.json', 'quantized.safetensors', 'report.json']);

    const { config, checkpoint } = openModel(model);
    const llama = loadModel(config, checkpoint);
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

  it('writes a checkpoint that the commands read back', () => {
    const output = join(folder(), 'quantized');
    const quick = ['--method', 'minMaxFloat', ...texts()];
    const { out } = bittrue('quantize', ...quick, '--output', output, '--json');
    const { config, checkpoint } = openModel(output);
    expect(config).toEqual({
      ...openModel(model).config,
      _name_or_path: 'bittrue quantize',
      tie_word_embeddings: false,
    });
    const { model: llama, on } = loadQuantizedLlama(config, checkpoint);
    const report = JSON.parse(out);
    expect(perplexity(llama, [byteTokens(text)], { on }).perplexity).toBe(report.perplexity.quantized);
    const note = /^bittrue: .*quantized\.safetensors: weights are decoded; the quantizers of 29 inputs are not applied/;
    const check = bittrue('check', output, '--text', texts()[1], '--json');
    expect(check).toMatchObject({ status: 0, err: expect.stringMatching(note) });
    expect(JSON.parse(check.out).checks[0].float64.perplexity).toBe(perplexity(llama, [byteTokens(text)]).perplexity);
    const slanc = bittrue('slanc', output);
    expect(slanc.err).toMatch(note);
    expect(JSON.parse(slanc.out).norms).toHaveLength(9);
    expect(bittrue('communicate', output, '--devices', '2', '--codec', 'bf16', ...texts()).status).toBe(0);
    // Quantized once more by the same method, the weights stay as they are.
    const again = join(folder(), 'again');
    expect(bittrue('quantize', output, ...quick, '--output', again).status).toBe(0);
    expect(dequantizedWeights(openModel(again).checkpoint)['lm_head.weight']).toEqual(
      dequantizedWeights(checkpoint)['lm_head.weight'],
    );
  });

  it('takes presets and readings, and searches the format by default', () => {
    const quick = ['--intervals', '6', '--rounds', '1', '--rows', '4', ...texts(), '--json'];
    const run = (...args: string[]) => JSON.parse(bittrue('quantize', ...args, ...quick).out).layers;
    const usual = run();
    const grids = new Set(usual.map(({ weight }: { weight: string }) => weight));
    expect(grids.size).toBeGreaterThan(1);
    expect([...grids].every((grid) => ['e3m0', 'e2m1', 'e1m2'].includes(String(grid)))).toBe(true);
    expect(run('--reading', 'rounded')).toEqual(usual);
    const { config, checkpoint } = openModel(model);
    const llama = loadModel(config, checkpoint);
    const errors = (search: LayerSearchOptions) => {
      const options = { method: 'fpq', weightBits: 4, activationBits: 4, calibrationRows: 4 } as const;
      const told = { ...options, search: { ...search, intervals: 6, rounds: 1 } };
      return quantizeModel(llama, [byteTokens(text)], told).layers.map(({ meanSquaredError }) => meanSquaredError);
    };
    const found = (...args: string[]) =>
      run(...args).map((layer: { meanSquaredError: number }) => layer.meanSquaredError);
    expect(found('--preset', 'code')).toEqual(errors(searchPresets.code));
    expect(found('--preset', 'paper', '--reading', 'rounded')).toEqual(
      errors({ ...searchPresets.paper, preShift: 'rounded' }),
    );
  });

  it('calibrates as docs/quantization.md: on the first 2,048 tokens', () => {
    const evaluate = texts().slice(2);
    const { layers } = JSON.parse(bittrue('quantize', '--method', 'minMaxFloat', ...evaluate, '--json').out);
    const { config, checkpoint } = openModel(model);
    const llama = loadModel(config, checkpoint);
    const source = openFile(join(model, 'calibration.txt'));
    const sequences = splitTokens(byteTokens(source.read(0, 2048)), 256);
    const options = { method: 'minMaxFloat', weightBits: 4, activationBits: 4, calibrationRows: 32 } as const;
    const wanted = quantizeModel(llama, sequences, options).layers;
    expect(layers.map(({ meanSquaredError }: { meanSquaredError: number }) => meanSquaredError)).toEqual(
      wanted.map(({ meanSquaredError }) => meanSquaredError),
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
    expect(float.out).toMatch(/lm_head +e3m0 +e4m3/);
  });

  it.each([
    ['an unknown method', ['--method', 'gptq'], '--method'],
    ['a grid for integers', ['--method', 'minMaxInteger', '--weights', 'e2m1'], '--weights'],
    ['integers for a search', ['--weights', 'int4'], '--weights'],
    ['a grid with other letters', ['--activations', 'fp4'], '--activations'],
    ['a preset that is none', ['--preset', 'best'], '--preset'],
    ['a reading that is none', ['--reading', 'floor'], '--reading'],
    ['a reading without pre-shift', ['--method', 'fpqBaseline', '--reading', 'rounded'], '--reading'],
    ['a preset without a search', ['--method', 'minMaxFloat', '--preset', 'code'], '--preset'],
    ['rounds without a search', ['--method', 'minMaxInteger', '--rounds', '2'], '--rounds'],
    ['no sequences', ['--calibration-sequences', '0'], '--calibration-sequences'],
    ['nothing to evaluate on', ['--sequences', '0'], '--sequences'],
    ['bits out of range', ['--weights', '2'], '--weights: '],
    ['rows that are no number', ['--rows', 'many'], '--rows'],
    ['no rows', ['--rows', '0'], '--rows'],
    ['a missing calibration text', ['--calibration-text', '/nowhere'], 'text: '],
    ['a missing text', ['--text', '/nowhere'], 'text: '],
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
