import { describe, expect, it } from 'vitest';
import {
  binary16,
  binary32,
  binary64,
  blockCatalogue,
  defineBfp,
  defineBlock,
  defineInteger,
  e2m1fn,
  e4m3fn,
  int8,
  mxfp4,
  mxfp8e4m3,
  nvfp4,
  uint8,
} from '../../src/formats/index.ts';
import { decode } from '../../src/rounding/index.ts';
import { failure } from '../quantization/helpers.ts';

describe('defineBlock', () => {
  it('is frozen data with the defaults of OCP MX', () => {
    const format = defineBlock({ name: 'mxfp4', element: e2m1fn, size: 32 });
    expect(format).toEqual(mxfp4);
    expect(Object.isFrozen(format)).toBe(true);
    expect(format).toMatchObject({ scaleRule: 'floor', tensorScale: null, bitsPerNumber: 4.25 });
    expect(JSON.parse(JSON.stringify(format))).toEqual(format);
  });

  it('refuses contradictions', () => {
    const define = (different: object) =>
      failure(() => defineBlock({ name: 'x', element: e2m1fn, size: 2, ...different }));
    expect(define({ element: uint8 })).toBe('unsupported element');
    expect(define({ element: 'e2m1' })).toBe('type element');
    expect(define({ scale: int8 })).toBe('unsupported scale');
    expect(define({ tensorScale: int8 })).toBe('unsupported tensorScale');
    expect(define({ scaleRule: 'nvfp4' })).toBe('unsupported scaleRule');
    expect(define({ scale: e4m3fn, scaleRule: 'floor' })).toBe('unsupported scaleRule');
    expect(define({ scaleRule: 'round' })).toBe('name scaleRule');
    expect(define({ size: 0 })).toBe('range size');
    expect(define({ tensorScale: binary32 })).toBe('unsupported tensorScale');
    expect(define({ scale: e4m3fn, tensorScale: binary16 })).toBe('unsupported tensorScale');
    expect(define({ scale: e4m3fn, tensorScale: binary32, scaleRule: 'amax' })).toBe('unsupported tensorScale');
  });

  it('chooses the rule that fits the scale', () => {
    const rule = (different: object) => defineBlock({ name: 'x', element: e2m1fn, size: 2, ...different }).scaleRule;
    expect(rule({})).toBe('floor');
    expect(rule({ scale: e4m3fn })).toBe('amax');
    expect(rule({ scale: e4m3fn, tensorScale: binary32 })).toBe('nvfp4');
    expect(rule({ scale: e4m3fn, scaleRule: 'nvfp4' })).toBe('nvfp4');
    expect(rule({ scaleRule: 'amax' })).toBe('amax');
  });

  it('refuses codes beyond 32 bits and products that binary64 does not hold', () => {
    const define = (different: object) =>
      failure(() => defineBlock({ name: 'x', element: e2m1fn, size: 2, scale: binary32, ...different }));
    expect(define({})).toBe('no error');
    expect(define({ element: defineInteger({ bits: 40 }) })).toBe('unsupported element');
    expect(define({ scale: binary64 })).toBe('unsupported scale');
    // 31 + 24 significant bits.
    expect(define({ element: defineInteger({ bits: 32 }) })).toBe('unsupported element');
    expect(define({ element: defineInteger({ bits: 30 }) })).toBe('no error');
    expect(define({ element: int8, tensorScale: binary32 })).toBe('unsupported element');
  });
});

describe('the named block formats', () => {
  it('have the storage that their documents give', () => {
    const bits = Object.fromEntries(
      Object.entries(blockCatalogue).map(([name, format]) => [name, format.bitsPerNumber]),
    );
    expect(bits).toEqual({
      hif4: 4.5,
      if4: 4.5,
      if6e2m3: 6.5,
      if6e3m2: 6.5,
      mxfp8e4m3: 8.25,
      mxfp8e5m2: 8.25,
      mxfp6e3m2: 6.25,
      mxfp6e2m3: 6.25,
      mxfp4: 4.25,
      mxint8: 8.25,
      nvfp4: 4.5,
      msfp12: 4.5,
      msfp16: 8.5,
    });
    expect([mxfp8e4m3.scale.max, nvfp4.scale.max, nvfp4.tensorScale?.bits]).toEqual([2 ** 127, 448, 32]);
    for (const [name, format] of Object.entries(blockCatalogue)) expect(format.name).toBe(name);
  });

  it('of BFP have uniform elements: sign and magnitude', () => {
    for (const magnitudeBits of [2, 3, 7, 15]) {
      const { element } = defineBfp('bfp', magnitudeBits, 16);
      const top = 2 ** magnitudeBits;
      const unit = 2 ** (1 - magnitudeBits);
      expect(element.codes).toBe(2 * top);
      for (let code = 0; code < Math.min(top, 200); code++) expect(decode(element, code)).toBe(code * unit);
      expect(element.max).toBe(2 - unit);
    }
    expect(failure(() => defineBfp('bfp', 1, 16))).toBe('range magnitudeBits');
  });
});
