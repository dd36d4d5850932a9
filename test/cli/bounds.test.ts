import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpz, writeSafetensors } from 'bittrue/files';
import { describe, expect, it } from 'vitest';
import { ggufFile } from '../files/ggufFile.ts';
import { bittrue, folder, npy } from './helpers.ts';

/** A command line as a shell takes it apart. */
function argumentsOf(line: string): string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ''));
}

describe('docs/accumulators.md', () => {
  const text = readFileSync(new URL('../../docs/accumulators.md', import.meta.url), 'utf8');
  const shown = [...text.matchAll(/```sh\nnpx bittrue (.*)\n```\n\n<!-- output -->\n\n```text\n([\s\S]*?)```/g)];

  it.each(shown.map(([, line, output]) => [line as string, output as string]))('bittrue %s', (line, output) => {
    expect(bittrue(...argumentsOf(line)).out).toBe(output);
  });

  it('shows commands', () => {
    expect(shown.length).toBe(6);
  });
});

describe('bittrue bounds', () => {
  it('exits 0 where it is proved and 1 where not', () => {
    expect(bittrue('bounds', 'sum', '--width', '8', '--inputs=-1..1').status).toBe(0);
    expect(bittrue('bounds', 'sum', '--width', '8', '--inputs=0..60000').status).toBe(1);
  });

  it('prints data', () => {
    const { out } = bittrue('bounds', 'dot', '--weights', '300*2', '--inputs', '-300..300', '--json');
    expect(JSON.parse(out)).toMatchObject({
      schema: 'bounds/1',
      verdict: 'overflows',
      witness: { x: [300, 300], event: { stage: 'product' } },
    });
  });

  it('reads a tensor of a checkpoint by its name, [N, K], and of .npz, [K, N]', () => {
    const path = folder();
    const data = Float32Array.of(300, 200, 1, 2);
    writeFileSync(join(path, 'w.npz'), writeNpz({ w: { data, shape: [2, 2] } }));
    writeFileSync(join(path, 'w.safetensors'), writeSafetensors({ w: { data, shape: [2, 2] } }));
    const block = [0, 0x38, ...Array(32).fill(2)];
    const q8 = { name: 'w', dims: [32, 2], type: 8, data: Uint8Array.from([...block, ...block]) };
    writeFileSync(
      join(path, 'w.gguf'),
      ggufFile({ tensors: [q8, { name: 'iq2', dims: [256], type: 16, data: new Uint8Array(66) }] }),
    );
    // Columns of [K, N] are channels: 300 and 1, or 300 and 200.
    const asked = (file: string): number =>
      JSON.parse(
        bittrue('bounds', 'matmul', '--weights', join(path, file), '--inputs=-100..100', '--target', 'fp32', '--json')
          .out,
      ).bound;
    expect(asked('w.npz#w')).toBe(300 * 100 + 100);
    expect(asked('w.safetensors#w')).toBe(300 * 100 + 200 * 100);
    expect(asked('w.gguf#w')).toBe(32 * 100);
    const refused = (file: string) => bittrue('accumulator', join(path, file), '--inputs', 'int8');
    expect(refused('w.gguf#iq2')).toMatchObject({ status: 2, err: expect.stringContaining('elements of IQ2_XXS') });
    expect(refused('w.gguf#v')).toMatchObject({ status: 2, err: expect.stringContaining('expected one of w') });
  });

  it('reads weights and intervals from files', () => {
    const path = folder();
    writeFileSync(join(path, 'weights.npy'), npy(Float64Array.of(1, 2, 3, 200, 2, -200), [3, 2]));
    writeFileSync(join(path, 'inputs.npy'), npy(Float64Array.of(-1, -2, -3, 1, 2, 3), [2, 3]));
    const files = ['--weights', join(path, 'weights.npy'), '--inputs', join(path, 'inputs.npy')];
    const { channels } = JSON.parse(bittrue('bounds', 'matmul', ...files, '--json').out);
    expect(channels.map(({ bound }: { bound: number }) => bound)).toEqual([1 + 6 + 6, 2 + 400 + 600]);
    expect(
      bittrue('accumulator', join(path, 'weights.npy'), '--inputs', '0..3', '--target', 'avx512Vnni:vpdpwssd').out,
    ).toContain('bits proved for 2 channels of 3 products');
  });

  it.each([
    [['bounds', 'gelu', '--inputs', 'int8'], 'KERNEL'],
    [['bounds', 'sum', '--inputs', 'int8'], '--width'],
    [['bounds', 'dot', '--inputs', 'int8'], '--weights'],
    [['bounds', 'sum', '--width', '4', '--inputs', '2..1'], '--inputs'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'ball:x'], '--inputs'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'int8', '--weights', '1*2'], '--weights'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'int8', '--register', 'int16'], '--register'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'int8', '--target', 'fp17'], '--target'],
    [['accumulator', '1*4', '--inputs', 'int8', '--min-sqnr', '40'], '--floats'],
    [['accumulator', 'none.npy', '--inputs', 'int8'], 'none.npy'],
  ])('refuses %j', (args, told) => {
    const { status, err, out } = bittrue(...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(told);
  });
});

describe('bittrue accumulator', () => {
  it('answers in a line: by proof and on the data', () => {
    const path = join(folder(), 'data.npy');
    writeFileSync(path, npy(new Float64Array(256).fill(10), [2, 128]));
    const { status, out } = bittrue('accumulator', '1*128', '--inputs', 'uint8', '--data', path);
    // Two rows of 64 are no row of 128.
    const halves = bittrue('accumulator', '1*64', '--inputs', 'uint8', '--data', path);
    expect(halves).toMatchObject({ status: 2, out: '' });
    expect(halves.err).toContain('--data: expected rows of K = 64 numbers, received rows of 128');
    expect(status).toBe(0);
    expect(out).toBe(
      '16 bits proved for 1 channel of 128 products; 12 measured on the data; 32 in the unit: 16 saved\n' +
        '  on avx512Vnni:vpdpbusd: inputs in uint8, weights in int8\n' +
        '  (the first unit that holds these operands; --target names another)\n',
    );
  });

  it('says how it read weights, and reads those of torch, [N, K]', () => {
    const path = folder();
    const [k, n] = [3, 2];
    const torch = Float64Array.of(1, 2, 3, 100, 100, 100);
    writeFileSync(join(path, 'torch.npy'), npy(torch, [n, k]));
    writeFileSync(join(path, 'kn.npy'), npy(Float64Array.of(1, 100, 2, 100, 3, 100), [k, n]));
    writeFileSync(join(path, 'rows.npy'), npy(Float64Array.of(1, 2, 3), [1, k]));
    const ask = (file: string, ...more: string[]) =>
      bittrue('accumulator', join(path, file), '--inputs', 'uint8', ...more);
    const [nk, kn, other] = [ask('torch.npy', '--layout', 'nk'), ask('kn.npy'), ask('torch.npy')];
    expect(nk.out.split('\n')[0]).toBe(
      'weights 2 × 3 read as [N, K]: K = 3 inputs, N = 2 outputs; --layout kn reads [K, N]',
    );
    expect(other.out).toMatch(
      /^weights 2 × 3 read as \[K, N\]: K = 2 inputs, N = 3 outputs; --layout nk reads \[N, K\]/,
    );
    const answer = (out: string) => out.slice(out.search(/^\d+ bits/m));
    expect(answer(nk.out)).toBe(answer(kn.out));
    expect(nk.out).toContain('18 bits proved for 2 channels of 3 products');
    expect(other.out).toContain('proved for 3 channels of 2 products');
    const json = JSON.parse(ask('torch.npy', '--layout', 'nk', '--json').out);
    expect(json).toMatchObject({ width: 3, weights: { shape: [2, 3], k: 3, n: 2, layout: 'nk' } });
    // Rows that fit the other way say so, either way.
    const data = ['--data', join(path, 'rows.npy')];
    expect(ask('torch.npy', ...data).err).toMatch(/K = 2 numbers; they fit with --layout nk/);
    expect(ask('kn.npy', '--layout', 'nk', ...data).err).toMatch(/K = 2 numbers; they fit with --layout kn/);
    expect(ask('torch.npy', '--layout', 'nk', ...data).status).toBe(0);
    const bounded = ['bounds', 'dot', '--weights', join(path, 'torch.npy'), '--inputs', '0..1'];
    expect(bittrue(...bounded, '--layout', 'nk').out).toMatch(
      /^weights 2 × 3 read as \[., .\]: K = 3[\s\S]*at most 300 /,
    );
    expect(bittrue(...bounded).out).toMatch(/^weights 2 × 3 read as \[., .\]: K = 2[\s\S]*at most 103 /);
    writeFileSync(join(path, 'ends.npy'), npy(Float64Array.of(0, 0, 0, 1, 1, 1), [2, 3]));
    const ends = bittrue('bounds', 'dot', '--weights', join(path, 'torch.npy'), '--inputs', join(path, 'ends.npy'));
    expect(ends.err).toMatch(/--inputs: expected rows of K = 2 numbers; they fit with --layout nk/);
  });

  it('reads one axis as one channel, and refuses more than two', () => {
    const path = folder();
    writeFileSync(join(path, 'one.npy'), npy(new Float64Array(64).fill(1), [64]));
    writeFileSync(join(path, 'conv.npy'), npy(new Float64Array(64).fill(1), [4, 4, 2, 2]));
    const one = bittrue('accumulator', join(path, 'one.npy'), '--inputs', 'uint8').out;
    expect(one).toMatch(/^weights 64: K = 64 inputs, N = 1 output\n15 bits proved for 1 channel of 64 products/);
    const conv = bittrue('accumulator', join(path, 'conv.npy'), '--inputs', 'uint8');
    expect(conv).toMatchObject({ status: 2, out: '' });
    expect(conv.err).toContain('received [4, 4, 2, 2]');
  });

  it('chooses a unit that holds the operands, and names it', () => {
    const path = join(folder(), 'data.npy');
    writeFileSync(path, npy(Float64Array.of(-128, 1, 2, 3), [1, 4]));
    const unit = (...args: string[]) => /on (\S+): (inputs.*)/.exec(bittrue('accumulator', ...args).out)?.slice(1);
    expect(unit('5*4', '--inputs', 'uint8')).toEqual(['avx512Vnni:vpdpbusd', 'inputs in uint8, weights in int8']);
    const signed = ['integerMac:acc32Saturate', 'inputs in int16, weights in int16'];
    expect(unit('5*4', '--inputs', 'int8')).toEqual(signed);
    expect(unit('5*4', '--inputs', 'uint8', '--data', path)).toEqual(signed);
    expect(unit('500*4', '--inputs', 'uint8')).toEqual(signed);
    const odd = bittrue('accumulator', '0.5*4', '--inputs', 'int8');
    expect(odd.err).toMatch(/--target: expected a unit that holds all weights.*received 0\.5/);
    expect(bittrue('accumulator', '5*4', '--inputs=-0.5..1').err).toMatch(/all inputs.*received -0\.5/);
    expect(bittrue('accumulator', '5*4', '--inputs', 'int8', '--unit', 'vpdpbusd').err).toContain('--target with it');
  });

  it('tells what the unit does not read as it is given, in text and in data', () => {
    const path = join(folder(), 'data.npy');
    writeFileSync(path, npy(Float64Array.of(-100, 1, 2.5, 300), [1, 4]));
    const ask = (...more: string[]) =>
      bittrue(
        'accumulator',
        '-165.5*4',
        '--inputs',
        'int8',
        '--target',
        'avx512Vnni:vpdpbusd',
        '--data',
        path,
        ...more,
      );
    const { out, status } = ask();
    expect(status).toBe(0);
    expect(out).toContain('4 of 4 weights are clipped to int8, most of all -165.5 to -128\n');
    expect(out).toContain('inputs from -128 to 127 are clipped to 0 to 127 in uint8\n');
    expect(out.replace(/\n +/g, ' ')).toContain(
      '3 of 4 numbers of the data are rounded, 2 of them clipped, to uint8, most of all -100 to 0 ' +
        '1 of 4 numbers of the data lie outside the set of inputs, the farthest is 300',
    );
    expect(JSON.parse(ask('--json').out).operands).toEqual({
      unit: 'avx512Vnni:vpdpbusd',
      weights: { format: 'int8', count: 4, changed: 4, clipped: 4, most: { from: -165.5, to: -128 } },
      inputs: { format: 'uint8', low: -128, high: 127, loadedLow: 0, loadedHigh: 127 },
      data: {
        ...{ format: 'uint8', count: 4, changed: 3, clipped: 2, most: { from: -100, to: 0 } },
        ...{ outside: 1, farthest: 300 },
      },
    });
    // What is proved and measured is about the operands as they are read: −128 · (127 or 0) four times.
    const { integer } = JSON.parse(ask('--json').out);
    expect(integer).toMatchObject({ proved: { layer: 17 }, measured: { layer: 17 } });
    const bounded = bittrue(
      'bounds',
      'dot',
      '--weights',
      '165.5*4',
      '--inputs',
      '0..9',
      '--target',
      'avx512Vnni:vpdpbusd',
    );
    expect(bounded.out).toContain('4 of 4 weights are clipped to int8, most of all 165.5 to 127');
    expect(bounded.status).toBe(1);
  });

  it('takes negative constants, wherever they stand', () => {
    const layer = (...args: string[]) => bittrue('accumulator', ...args).out.split('\n')[0];
    const proved = '13 bits proved for 1 channel of 4 products; not measured; 32 in the unit: 19 saved';
    expect(layer('-5*4', '--inputs', 'int8')).toBe(proved);
    expect(layer('--inputs', 'int8', '-5*4')).toBe(proved);
    expect(layer('--inputs', 'int8', '--', '-5*4')).toBe(proved);
    for (const weights of [['--weights', '-.5*4'], ['--weights=-.5*4']]) {
      expect(bittrue('bounds', 'dot', ...weights, '--inputs', '0..9').out).toContain('at most 18 in');
    }
  });

  it('tries floats, and exits 1 where none will do', () => {
    const path = join(folder(), 'data.npy');
    writeFileSync(path, npy(new Float64Array(512).fill(1), [2, 256]));
    const asked = ['--inputs', '0..1', '--target', 'fp16', '--data', path, '--max-absorbed', '0'];
    const good = bittrue('accumulator', '1*256', ...asked, '--floats', 'e4m3fn,binary16');
    expect(good.out.split('\n')[0]).toBe('float: binary16 proved, binary16 measured');
    expect(good.status).toBe(0);
    expect(bittrue('accumulator', '1*256', ...asked, '--floats', 'e4m3fn').status).toBe(1);
  });
});
