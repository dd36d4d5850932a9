/**
 * Numbers as engineers write them, rounded once: fractions and hexadecimal floats against exact integers.
 */
import { describe, expect, it } from 'vitest';
import { readNumber } from '../../src/cli/numerals.ts';
import { binary16, binary32, e4m3fn, int8 } from '../../src/formats/index.ts';
import { roundDecimal } from '../../src/rounding/index.ts';
import { bittrue } from './helpers.ts';

const rounded = (text: string, format = binary32): number => {
  const number = readNumber('NUMBER', text, format);
  return typeof number === 'number' ? number : roundDecimal(format, number);
};

describe('numbers', () => {
  it.each([
    ['1/3', Math.fround(1 / 3)],
    ['-2/3', Math.fround(-2 / 3)],
    ['+10/4', 2.5],
    ['0/7', 0],
    ['0x1p-14', 2 ** -14],
    ['0x1.8p3', 12],
    ['-0x.8p1', -1],
    ['0X1.FFFFFEP127', 3.4028234663852886e38],
    ['0x1p-149', 2 ** -149],
    ['0x1p-151', 0],
    ['0x1p99999', Infinity],
    ['0x10p-99999', 0],
    ['465', 465],
    ['infinity', undefined],
  ])('%s', (text, value) => {
    if (value === undefined) expect(() => rounded(text)).toThrow(expect.objectContaining({ code: 'type' }));
    else expect(rounded(text)).toBe(value);
  });

  it('a fraction on a midpoint is a tie, beside it is none', () => {
    // 2049/2048 lies between 1 and 1025/1024.
    expect(rounded('2049/2048', binary16)).toBe(1);
    expect(rounded(`${2049n * 10n ** 90n + 1n}/${2048n * 10n ** 90n}`, binary16)).toBe(1 + 2 ** -10);
    expect(rounded(`${2049n * 3n}/${2048n * 3n}`, binary16)).toBe(1);
    // A third of this midpoint's triple, less than 10^-200 above it.
    expect(rounded(`${2049n * 3n * 10n ** 200n + 1n}/${2048n * 3n * 10n ** 200n}`, binary16)).toBe(1 + 2 ** -10);
  });

  it.each([
    ['0x7e', 448],
    ['0xFE', -448],
    ['0b01111110', 448],
    ['0x0', 0],
  ])('%s is a code', (text, value) => {
    expect(readNumber('NUMBER', text, e4m3fn)).toBe(value);
  });

  it('codes of integers are two’s complement', () => {
    expect(readNumber('NUMBER', '0xff', int8)).toBe(-1);
  });

  it.each([
    ['0x100', 'range'],
    ['1/0', 'range'],
    ['0x', 'type'],
    ['0xp1', 'type'],
    ['1/2/3', 'type'],
    ['abc', 'type'],
    ['', 'type'],
    ['0x1.8', 'type'],
  ])('refuses %s', (text, code) => {
    expect(() => readNumber('NUMBER', text, e4m3fn)).toThrow(expect.objectContaining({ code }));
  });
});

describe('bittrue explain', () => {
  it('keeps the number as it was typed', () => {
    expect(bittrue('explain', 'binary16', '1/3').out).toContain('1/3 in binary16 is 0.333251953125');
    expect(bittrue('explain', 'e4m3fn', '0x7e').out).toContain('0x7e in e4m3fn is 448');
    expect(JSON.parse(bittrue('explain', 'binary16', '0x1p-14', '--json').out)).toMatchObject({
      input: '0x1p-14',
      distance: 0,
    });
  });

  it('takes numbers for a block', () => {
    const { out } = bittrue('explain', 'mxfp4', '7', '1', '0.3', '0.1', '--json');
    const [block] = JSON.parse(out).blocks;
    expect(block).toMatchObject({ scale: 1, scaleCode: 0x7f, clips: 1, zeroed: 1 });
    expect(block.numbers.map(({ value }: { value: number }) => value)).toEqual([6, 1, 0.5, 0]);
    expect(bittrue('explain', 'nvfp4', '-1.5').out).toContain('in nvfp4');
  });

  it.each([
    [['explain', 'binary16', '1', '2'], 'one number, or a block format'],
    [['explain', 'mxfp4', '1', '--overflow', 'saturate'], 'blocks and codebooks have their own rules'],
    [['explain', 'mxfp', '1'], 'did you mean mxfp8e4m3'],
    [['table', 'nvpf4'], 'did you mean nvfp4'],
  ])('refuses %j', (args, words) => {
    expect(bittrue(...args)).toMatchObject({ status: 2, err: expect.stringContaining(words) });
  });
});
