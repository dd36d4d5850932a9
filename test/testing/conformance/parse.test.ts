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
