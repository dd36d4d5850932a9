import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bittrue, folder, npy } from './helpers.ts';

describe('bittrue compare-targets', () => {
  it('tells where two chips differ, and that two do not', () => {
    const different = bittrue('compare-targets', 'h100:f16', 'a100:f16', '--random', '--rows', '50');
    expect(different.status).toBe(1);
    expect(different.out).toMatch(/^h100 f16 and a100 f16: different bits in \d+ of 50 dot products of 32\n/);
    const same = bittrue('compare-targets', 'h100:f16', 'b200:f16', '--random', '--rows', '50');
    expect(same).toMatchObject({ status: 0, err: '' });
    expect(same.out).toContain('the same bits in all 50');
  });

  it('is the same in every run, and another for another seed', () => {
    const run = (seed: string) =>
      bittrue('compare-targets', 'ada:fp8', 'mi300:fp8', '--random', '--rows', '40', '--seed', seed, '--json').out;
    expect(run('1')).toBe(run('1'));
    expect(run('1')).not.toBe(run('2'));
    expect(JSON.parse(run('1'))).toMatchObject({ schema: 'target-comparison/1', rows: 40, width: 32 });
  });

  it('reads tensors: each row meets the next, or the row of another tensor', () => {
    const own = folder();
    const [x, y] = [join(own, 'x.npy'), join(own, 'y.npy')];
    writeFileSync(x, npy(Float64Array.of(1, 2, 3, 4), [2, 2]));
    writeFileSync(y, npy(Float64Array.of(3, 4, 1, 2), [2, 2]));
    const alone = bittrue('compare-targets', 'fp16', 'tpu', '--input', x, '--json');
    expect(JSON.parse(alone.out)).toMatchObject({ rows: 2, width: 2, different: 0 });
    const paired = bittrue('compare-targets', 'fp16', 'tpu', '--input', x, '--with', y, '--json');
    const [one, other] = [alone, paired].map(({ out }) => JSON.parse(out));
    expect({ ...other, operands: null }).toEqual({ ...one, operands: null });
    expect([one.operands, other.operands]).toEqual([
      { kind: 'file', input: x, with: null },
      { kind: 'file', input: x, with: y },
    ]);
    // As many numbers in rows of another width are other rows.
    writeFileSync(y, npy(Float64Array.of(3, 4, 1, 2), [1, 4]));
    const regrouped = bittrue('compare', 'fp16', 'tpu', '--input', x, '--with', y);
    expect(regrouped).toMatchObject({ status: 2, out: '' });
    expect(regrouped.err).toContain('--with: expected 2 rows of 2, as --input has, received 1 rows of 4');
  });

  it('says what the operands are, and how the units are known', () => {
    const { out } = bittrue('compare', 'h100:f16', 'a100:f16', '--rows', '5', '--seed', '7');
    expect(out).toContain('operands: drawn with seed 7, both signs, magnitudes below 1 spread over eight binades');
    expect(out).toMatch(/known by: h100 f16 silicon, a100 f16 silicon/);
    const { operands } = JSON.parse(bittrue('compare', 'tpu', 'tpu', '--rows', '2', '--json').out);
    expect(operands).toMatchObject({ kind: 'random', seed: 1 });
  });

  it('tells two files apart that call their targets alike', () => {
    const own = folder();
    const [one, other] = [join(own, 'one.json'), join(own, 'other.json')] as const;
    const { bittrue: _, schema: __, ...tpu } = JSON.parse(bittrue('targets', 'tpu', '--json').out);
    for (const path of [one, other]) writeFileSync(path, JSON.stringify({ ...tpu, name: 'mine' }));
    const { out } = bittrue('compare', one, other, '--rows', '2');
    expect(out.replace(/\n +/g, ' ')).toContain(`${one} bf16 and ${other} bf16`);
    expect(bittrue('compare', one, 'tpu', '--rows', '2').out).toContain('mine bf16 and tpu bf16');
  });

  it.each([
    [['h100', 'tpu', '--random'], 'A'],
    [['tpu', 'h100:zzz', '--random'], 'B'],
    [['h101:f16', 'tpu', '--random'], 'A'],
    [['tpu', 'tpu', '--input', 'x.npy', '--random'], '--random'],
    [['tpu', 'tpu', '--random', '--rows', 'many'], '--rows'],
    [['tpu', 'tpu', '--random', '--rows', '1e5', '--width', '1e5'], '--rows'],
    [['tpu', 'tpu', '--random', '--seed', '1.5'], '--seed'],
    [['tpu', 'tpu', '--random', '--with', 'y.npy'], '--with'],
    [['tpu', 'tpu', '--with', 'y.npy'], '--with'],
    [['tpu', 'tpu', '--input', 'x.npy', '--seed', '2'], '--seed'],
    [['h100:f16', 'a100:f16', '--random', '--a', 'int8'], '--a'],
    [['h100:f16:zzz', 'a100:f16', '--random'], 'A'],
    [['h100:', 'a100:f16', '--random'], 'A'],
  ])('refuses %j', (args, argument) => {
    const { status, err } = bittrue('compare-targets', ...args);
    expect(status).toBe(2);
    expect(err).toContain(`bittrue: ${argument}: expected`);
  });

  it('draws operands from a seed where none are given', () => {
    expect(bittrue('compare', 'tpu', 'tpu', '--json')).toEqual(
      bittrue('compare-targets', 'tpu', 'tpu', '--random', '--json'),
    );
  });

  it('says what to type where a unit is missing', () => {
    const { err } = bittrue('compare-targets', 'a100', 'h100', '--random');
    expect(err).toContain('bittrue: A: expected TARGET:UNIT, one of its ');
    expect(err).toMatch(/received 'a100': did you mean a100:f16, a100:\w+ or a100:\w+\?/);
    const guess = (...args: string[]) => /did you mean (.*)\?/.exec(bittrue('compare', ...args).err)?.[1];
    expect(guess('tpu', 'h100')).toMatch(/^h100:bf16\b/);
    expect(guess('h100:int8', 'a100')).toMatch(/^a100:int8\b/);
    expect(guess('h100:fp16', 'tpu')).toBe('h100:f16');
    expect(guess('h100:F16', 'tpu')).toBe('h100:f16');
    expect(bittrue('compare', 'x.npy', 'h100:f16').err).toContain('bittrue compare A B --input x.npy');
  });
});
