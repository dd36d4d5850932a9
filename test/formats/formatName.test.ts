import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue, defineFloat, defineInteger, formatName, parseFormat } from '../../src/formats/index.ts';
import { formats } from '../../src/testing/arbitraries/index.ts';
import { failure, seeded } from '../testing/helpers.ts';

describe('notation', () => {
  it('names every format so that it can be read back', () => {
    fc.assert(
      fc.property(formats({ maxBits: 53 }), (format) => {
        expect(parseFormat(formatName(format))).toEqual(format);
      }),
      seeded(1000),
    );
  });

  it.each(Object.entries(catalogue))('%s is known by its name', (name, format) => {
    expect(parseFormat(name)).toBe(format);
    expect(formatName(format)).toBe(name);
    expect(formatName({ ...format })).toBe(name);
  });

  it.each([
    ['fp64', 'binary64'],
    ['float:e11m52', 'binary64'],
    ['fp32', 'binary32'],
    ['fp16', 'binary16'],
    ['bf16', 'bfloat16'],
    ['e2m1', 'e2m1fn'],
    ['fp8e4m3', 'e4m3fn'],
    ['float:e5m10', 'binary16'],
    ['float:e4m3:bias=8:inf=none:nan=negativeZero', 'e4m3fnuz'],
    ['float:e8m0:inf=none:nan=topCode:unsigned:lowest=normal', 'e8m0fnu'],
    ['int8:fraction=6', 'mxint8'],
    ['uint12', 'uint12'],
    ['int53:fraction=400', 'int53:fraction=400'],
    ['float:e3m2:bias=-2', 'float:e3m2:bias=-2'],
  ])('%s is %s', (text, name) => {
    expect(formatName(parseFormat(text))).toBe(name);
  });

  it('writes parameters in a fixed order', () => {
    const format = defineFloat({
      exponentBits: 3,
      mantissaBits: 2,
      bias: 5,
      signed: false,
      infinities: 'topCode',
      nan: 'none',
      lowest: 'normalButZero',
    });
    expect(formatName(format)).toBe('float:e3m2:bias=5:inf=topCode:nan=none:unsigned:lowest=normalButZero');
    expect(formatName(defineInteger({ bits: 12, fractionBits: 3 }))).toBe('int12:fraction=3');
  });

  it.each([
    ['e4m3fm', 'name format'],
    ['', 'name format'],
    ['constructor', 'name format'],
    ['__proto__', 'name format'],
    ['toString', 'name format'],
    ['float:e5', 'name format'],
    ['float:e5m4:big', 'name format'],
    ['float:e5m4:bias', 'name format'],
    ['float:e5m4:bias=x', 'range bias'],
    ['float:e5m4:inf=some', 'name infinities'],
    ['float:e0m4', 'range exponentBits'],
    ['float:e11m4', 'range bias'],
    ['int1', 'range bits'],
    ['uint99', 'range bits'],
    ['int8:fraction=401', 'range fractionBits'],
    ['binary8p9se', 'range precision'],
    ['int8 ', 'name format'],
    [8, 'type format'],
    [null, 'type format'],
    ['float:e4m3:bias=1:bias=2', 'name format'],
  ])('refuses %j', (text, expected) => {
    expect(failure(() => parseFormat(text as string))).toBe(expected);
  });
});
