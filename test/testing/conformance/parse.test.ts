import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../../src/errors/index.ts';
import { defineVectorTask, parseVectors } from '../../../src/testing/conformance/index.ts';

const cast = defineVectorTask({ format: 'e4m3fn', operation: 'cast' });
const add = defineVectorTask({ format: 'binary16', operation: 'add' });
const one = (task: typeof cast, text: string) => parseVectors(task, text)[0];

describe('parseVectors', () => {
  it('reads TestFloat lines, with flags or without', () => {
    const rows = parseVectors(add, '# a comment\n3C00 3C00 4000 00\r\n\n  7bff 7BFF 7C00 5\n3C00 BC00 0\n');
    expect(rows.map(({ line, value, code, flags }) => [line, value, code, flags])).toEqual([
      [2, 2, 0x4000, 0],
      [4, Infinity, 0x7c00, 5],
      [5, 0, 0, null],
    ]);
    expect(rows[1]?.operands.map(({ x }) => x)).toEqual([65504, 65504]);
  });

  it('reads CSV of codes, of numbers, and of both', () => {
    const rows = parseVectors(
      cast,
      'input,output,flags\n0x43e90000,0x7f,0x05\n 466 , 448 ,1\n-inf,nan\n-0,-0\n1e-9,0.0\n',
    );
    expect(rows.map(({ operands, value, flags }) => [operands[0]?.x, value, flags])).toEqual([
      [466, Number.NaN, 5],
      [466, 448, 1],
      [-Infinity, Number.NaN, null],
      [-0, -0, null],
      [1e-9, 0, null],
    ]);
    expect(rows.map(({ hasCode }) => hasCode)).toEqual([true, false, false, false, false]);
    expect(one(add, '1.5,0x3c00,2.5')?.operands.map(({ bits }) => bits)).toEqual([0x3e00, 0x3c00]);
  });

  it('takes decimal operands of a cast as binary64, unless the source is named', () => {
    expect(one(cast, '65519.99999999999,448')?.operands[0]?.x).toBe(65519.99999999999);
    const named = defineVectorTask({ format: 'e4m3fn', operation: 'cast', from: 'binary32' });
    expect(one(named, '0.1,0.1015625')?.operands[0]?.x).toBe(Math.fround(0.1));
    expect(() => parseVectors(named, '65519.99999999999,448')).toThrow(/text:1: expected a value of binary32/);
  });

  it('keeps numbers that the format does not have: they are what is wrong', () => {
    expect(one(cast, '449,450')).toMatchObject({ value: 450, code: null });
    expect(one(cast, '449,-1e300')).toMatchObject({ value: -1e300, code: null });
    expect(one(defineVectorTask({ format: 'e8m0fnu', operation: 'cast' }), '1,-1')).toMatchObject({
      value: -1,
      code: null,
    });
  });

  it('takes digits that abbreviate a value', () => {
    expect(one(defineVectorTask({ format: 'binary16', operation: 'cast' }), '0.1,0.1')).toMatchObject({
      value: 0.0999755859375,
      code: 0x2e66,
    });
  });

  it('takes codes that no padding makes longer where a column has others', () => {
    expect(parseVectors(add, '0x1 0x2 0x3\n0x3c00 0x3c00 0x4000\n').map(({ value }) => value)).toEqual([
      3 * 2 ** -24,
      2,
    ]);
    expect(parseVectors(add, '0x1,0x2,0x3').map(({ value }) => value)).toEqual([3 * 2 ** -24]);
  });

  it('reads NaN signs, infinities, integers and 64-bit codes', () => {
    expect(one(cast, '-NaN,nan')?.operands[0]?.nan.negative).toBe(true);
    expect(
      one(defineVectorTask({ format: 'binary32', operation: 'cast' }), '7FF0000000000000 7F800000 00'),
    ).toMatchObject({
      value: Infinity,
    });
    const toI32 = defineVectorTask({ format: 'binary16', operation: 'toI32' });
    expect(one(toI32, 'BC00 FFFFFFFF 00')).toMatchObject({ value: -1 });
    expect(one(toI32, '0xbc00,-1')).toMatchObject({ value: -1, code: 0xffffffff });
    const fromI32 = defineVectorTask({ format: 'binary16', operation: 'fromI32' });
    expect(one(fromI32, '-3,-3')?.operands[0]).toMatchObject({ x: -3, bits: 0xfffffffd });
  });

  it.each([
    ['blanks', '0x43E90000 0x7F 05\n0x43E88000 0x7e 1\n'],
    ['tabs', '0x43E90000\t0x7F\t05\r\n0x43E88000\t0x7e\t1\r\n'],
    ['tabs and blanks', '43E90000 \t7F 05\n43E88000 \t7E 01\n'],
    ['commas', '0x43E90000, 0x7F, 5\n0x43E88000, 0x7e, 1\n'],
    ['semicolons', 'fp32;fp8;flags\n466;nan;5\n465;448;1\n'],
    ['codes without 0x between commas', 'fp32,fp8\n43E90000,7F,05\n43E88000,7E,01\n'],
    ['codes without 0x between tabs', '43E90000\t7F\t05\n43E88000\t7E\t01\n'],
    ['numbers between blanks', '466.0 nan 5\n465.0 448 1\n'],
    ['numbers between tabs', '466\tnan\t5\n465\t448\t1\n'],
  ])('reads a table by its own lines: %s', (_, text) => {
    const rows = parseVectors(cast, text);
    expect(rows.map(({ operands, value, flags }) => [operands[0]?.x, value, flags])).toEqual([
      [466, Number.NaN, 5],
      [465, 448, 1],
    ]);
  });

  it('tells the notation of all lines by the first one that leaves no doubt', () => {
    const digits = '43700000,70\n';
    expect(one(cast, digits)).toMatchObject({ value: 70, isCoded: false });
    const [first, second] = parseVectors(cast, `${digits}43E90000,7F\n`);
    expect(first).toMatchObject({ value: 128, line: 1, isCoded: true, operands: [{ x: 240 }] });
    expect(second).toMatchObject({ value: Number.NaN, line: 2, operands: [{ x: 466 }] });
    // Lines with blanks have a notation of their own, and the order stays.
    const mixed = parseVectors(cast, `${digits}3F800000 38\n1.5,1.5\n`);
    expect(mixed.map(({ line, value }) => [line, value])).toEqual([
      [1, 70],
      [2, 1],
      [3, 1.5],
    ]);
    expect(mixed[0]?.operands[0]?.x).toBe(43700000);
  });

  it('waits for a line without doubt, but not for ever', () => {
    const many = '43700000,70\n'.repeat(10_001);
    const rows = parseVectors(cast, `${many}1.5,1.5\n`);
    expect(rows).toHaveLength(10_002);
    expect(rows.map(({ line }) => line)).toEqual(rows.map((_, i) => i + 1));
    expect(() => parseVectors(cast, `${many}43E90000,7F\n`)).toThrow(/:10002: expected/);
  });

  const from64 = defineVectorTask({ format: 'e4m3fn', operation: 'cast', from: 'binary64' });
  it.each([
    [from64, '43E90000 7F 05\n43E88000 7E 05', /all 16 hexadecimal digits of binary64, or another format named/],
    [from64, '0x43E90000,0x7F\n0x43E88000,0x7E', /binary64.*received codes of 8 digits alone/],
    [cast, '0x3C00,0x38\n0x4000,0x40', /all 8 hexadecimal digits of binary32, or their own format named/],
    [add, '0x3C 0x38 0x40', /all 4 hexadecimal digits of binary16, received codes of 2 digits alone/],
    [cast, '16 16\n100 64', /received shorter codes alone/],
    [cast, '1.0 38', /0x38 if it is a code, 38\.0 if it is a number/],
    [cast, '0x3F800000 0x38 10', /flags, 0x0 to 0x1F/],
    [cast, '1.5,1.5\n2,4F', /0x4F for a code/],
    [cast, '43E90000 7F\n1.5 1.5', /as in the other rows/],
    [cast, '1e400,448', /a number that binary64 holds/],
    [cast, '43E90000,448', /a number that binary64 holds/],
    [cast, '1,1e400', /a number that binary64 holds/],
    [cast, '449,5;448', /449\.5, with a decimal point/],
    [cast, '7F1,7F', /received shorter codes alone/],
    [cast, '', /no rows/],
    [cast, 'input,output\n', /no rows/],
    [cast, '43E90000 7F 05 00', /1 operand and a result/],
    [add, '3C00 4000', /2 operands and a result/],
    [cast, '43E90000 17F 05', /text:1: expected a code of e4m3fn, 8 bits, received 17F/],
    [cast, '143E90000 7F', /a code of binary32, 32 bits/],
    [cast, '43E90000 7F 20', /flags/],
    [cast, '43E90000 7F 05\n43E90000 xyz 05', /text:2: expected a code in hexadecimal, received xyz/],
    [cast, '1,2\n1,two', /text:2.*a decimal number/],
    [cast, '1,2,-1', /flags/],
    [cast, '1,2,x', /flags/],
    [add, '1,0.3000001,1', /a value of binary16/],
    [add, '1e99,1,1', /a value of binary16/],
    [cast, '1,,2', /received/],
    [cast, '1 2 3 \u0000', /1 operand and a result/],
  ])('refuses %#', (task, text, message) => {
    expect(() => parseVectors(task, text)).toThrow(message);
    try {
      parseVectors(task, text, 'theirs.txt');
    } catch (error) {
      expect(error).toBeInstanceOf(BittrueError);
      expect((error as BittrueError).code).toBe('file');
      expect((error as BittrueError).argument).toContain('theirs.txt');
    }
  });
});
