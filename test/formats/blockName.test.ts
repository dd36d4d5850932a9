import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import {
  blockCatalogue,
  blockName,
  defineBfp,
  defineBlock,
  defineFloat,
  e2m1fn,
  e4m3fn,
  mxint8,
  parseBlock,
} from '../../src/formats/index.ts';

describe('parseBlock', () => {
  it('undoes blockName, for all names and for formats without one', () => {
    for (const [name, format] of Object.entries(blockCatalogue)) {
      expect(blockName(format)).toBe(name);
      expect(parseBlock(name)).toBe(format);
    }
    const others = [
      defineBlock({ name: 'a', element: mxint8, size: 16, scaleRule: 'ceil' }),
      defineBlock({ name: 'b', element: e2m1fn, size: 8, scale: e4m3fn }),
      defineBlock({ name: 'c', element: defineFloat({ exponentBits: 5, mantissaBits: 4 }), size: 1 }),
      defineBfp('d', 5, 8),
      defineBlock({ name: 'e', element: e2m1fn, size: 16, scaleRule: 'amax' }),
      defineBlock({ name: 'f', element: e2m1fn, size: 16, scale: e4m3fn, scaleRule: 'nvfp4' }),
    ];
    for (const format of others) {
      const text = blockName(format);
      expect(parseBlock(text)).toEqual({ ...format, name: text });
      expect(blockName(parseBlock(text))).toBe(text);
    }
    expect(blockName(others[0])).toBe('block:mxint8;size=16;rule=ceil');
    expect(blockName({ ...blockCatalogue.nvfp4, size: 32 })).toBe('block:e2m1fn;size=32;scale=e4m3fn;tensor=binary32');
  });

  it.each([
    'mxfp5',
    'block:e2m1fn',
    'block:e2m1fn;size=',
    'block:e2m1fn;size=0',
    'block:e2m1fn;size=16;size=8',
    'block:e2m1fn;size=16;rule=best',
    'block:e2m1fn;size=16;scale=int8',
    'block:e2m1fn;size=16;scale=e4m3fn;rule=floor',
    'block:e2m1fn;size=16;tensor=binary32',
    'block:e2m1fn;size=16;scale=e4m3fn;tensor=binary16',
    'block:e2m1fn;size=16;scale=e4m3fn;tensor=binary32;rule=amax',
    'block:e0m9;size=16',
    'e2m1fn;size=16',
    'block:uint4;size=16',
    '',
    'constructor',
  ])('refuses %s', (text) => {
    expect(() => parseBlock(text)).toThrow(BittrueError);
  });
});
