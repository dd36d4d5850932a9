import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
    [['bounds', 'sum', '--width', '4', '--inputs', '2..1'], 'inputs.high'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'ball:x'], '--inputs'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'int8', '--weights', '1*2'], '--weights'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'int8', '--register', 'int16'], '--register'],
    [['bounds', 'sum', '--width', '4', '--inputs', 'int8', '--target', 'fp17'], 'target'],
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
    expect(halves.err).toContain('--data: expected rows of K = 64 numbers');
    expect(status).toBe(0);
    expect(out).toBe(
      '16 bits proved for 1 channel of 128 products; 12 measured on the data; 32 in the unit: 16 saved\n',
    );
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
