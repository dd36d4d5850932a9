import { describe, expect, it } from 'vitest';
import { blockCatalogue, e2m1fn, mxfp4, mxfp8e4m3, nvfp4 } from '../../../src/formats/index.ts';
import { type BlockOptions, quantizeBlocks } from '../../../src/quantization/index.ts';
import { decode, encode, round } from '../../../src/rounding/index.ts';
import { type BlockQuantizer, type Check, checkBlockQuantizer } from '../../../src/testing/check/index.ts';

const said = (check: Check): string => check.diagnosis?.behaviours.map(({ name }) => name).join('+') ?? 'nothing';
const right =
  (format: typeof mxfp4, options: BlockOptions = {}): BlockQuantizer =>
  (x) => {
    const { scaleCodes, codes } = quantizeBlocks({ data: x, shape: [x.length] }, format, options);
    return { scales: scaleCodes, elements: codes };
  };
const runs = 800;

describe('checkBlockQuantizer', () => {
  const alone = Object.values(blockCatalogue).filter(({ beside }) => beside === undefined);

  it.each(alone.map((format) => [format.name, format] as const))('%s: the right one passes', (_, format) => {
    const check = checkBlockQuantizer(right(format), { format, runs });
    expect(check.ok).toBe(true);
    expect(check.scales.counted).toBe('blocks');
  });

  it('judges scales and elements apart, and names the wrong one', () => {
    const signless: BlockQuantizer = (x) => {
      const scale = 2 ** (Math.floor(Math.log2(Math.max(2 ** -125, ...x))) - 2);
      return { scales: [scale], elements: x.map((one) => round(e2m1fn, one / scale, { overflow: 'saturate' })) };
    };
    const check = checkBlockQuantizer(signless, { format: 'mxfp4', gives: 'numbers', runs });
    expect(check.ok).toBe(false);
    expect(said(check.scales)).toBe('positiveLargest');
    expect(check.scales.counterexample?.words).toMatch(/^the block \[0\] = -1: the right scale is 0.25/);
    expect(check.elements.ok).toBe(true);
    const away = checkBlockQuantizer(right(mxfp4, { recipe: 'microxcaling' }), { format: mxfp4, runs });
    expect(away.scales.ok).toBe(true);
    expect(said(away.elements)).toBe('tiesToAway');
    expect(away.elements.counterexample?.inputs).toHaveLength(2);
  });

  it.each([mxfp4, nvfp4, mxfp8e4m3])('$name: the sign lost where an element saturates', (format) => {
    const unsigned: BlockQuantizer = (x) => {
      const { scaleCodes, codes } = quantizeBlocks({ data: x, shape: [x.length] }, format);
      const scales = [...scaleCodes].map((code) => decode(format.scale, code));
      const elements = x.map((one, i) => {
        const scale = scales[Math.floor(i / format.size)] as number;
        const found = decode(format.element, codes[i] as number);
        return Math.abs(one / scale) > format.element.max ? Math.abs(found) : found;
      });
      return { scales, elements };
    };
    const check = checkBlockQuantizer(unsigned, { format, gives: 'numbers', runs });
    expect([check.scales.ok, check.elements.ok]).toEqual([true, false]);
    // Under E4M3 scales few elements saturate: too few to name it.
    if (format !== nvfp4) expect(said(check.elements)).toMatch(/^(overflow|max|clamped)Unsigned/);
  });

  it('judges elements by the scale that was chosen, both wrong at once', () => {
    const both: BlockQuantizer = (x) => {
      const { scaleCodes } = quantizeBlocks({ data: x, shape: [x.length] }, mxfp4);
      const scale = 2 * decode(mxfp4.scale, scaleCodes[0] as number);
      const cut = { rounding: 'towardZero', overflow: 'saturate' } as const;
      return { scales: [scale], elements: x.map((one) => round(e2m1fn, one / scale, cut)) };
    };
    const check = checkBlockQuantizer(both, { format: mxfp4, gives: 'numbers', runs });
    expect([said(check.scales), said(check.elements)]).toEqual(['scaleDoubled', 'towardZero']);
  });

  it('names another rule, elements in other places, and scales used before they are rounded', () => {
    const rceil = checkBlockQuantizer(right(mxfp8e4m3, { recipe: 'transformerEngine' }), { format: mxfp8e4m3, runs });
    expect([said(rceil.scales), rceil.elements.ok]).toEqual(['rule rceil', true]);
    expect(
      checkBlockQuantizer(right(mxfp8e4m3, { recipe: 'transformerEngine' }), {
        format: mxfp8e4m3,
        recipe: 'transformerEngine',
        runs,
      }).ok,
    ).toBe(true);
    const swapped: BlockQuantizer = (x) => {
      const { scales, elements } = right(mxfp4)(x);
      return { scales, elements: Array.from(elements, (_, i) => elements[i ^ 1] as number) };
    };
    expect(said(checkBlockQuantizer(swapped, { format: mxfp4, runs }).elements)).toBe('swappedNeighbours');
    const early: BlockQuantizer = (x) => {
      const { scales } = right(nvfp4)(x);
      const elements = Array.from(x, (one, i) => {
        const amax = x.subarray(i - (i % 16), i - (i % 16) + 16).reduce((most, y) => Math.max(most, Math.abs(y)), 0);
        return amax === 0 ? 0 : encode(e2m1fn, one / (amax / 6), { overflow: 'saturate' });
      });
      return { scales, elements };
    };
    const check = checkBlockQuantizer(early, { format: nvfp4, runs: 2000 });
    expect([check.scales.ok, said(check.elements)]).toEqual([true, 'unroundedScale']);
  });

  it('refuses results of another length, and junk', () => {
    const short: BlockQuantizer = () => ({ scales: [], elements: [] });
    expect(() => checkBlockQuantizer(short, { format: mxfp4 })).toThrow('scales: 1 numbers for 1 block of 32');
    expect(() => checkBlockQuantizer((() => null) as never, { format: mxfp4 })).toThrow(/implementation/);
    expect(() => checkBlockQuantizer(short, { format: 'e4m3fn' })).toThrow();
    expect(() => checkBlockQuantizer(short, { format: mxfp4, recipe: 'mine' })).toThrow(/options.recipe/);
    expect(() => checkBlockQuantizer(short, { format: nvfp4, recipe: 'ocp' })).toThrow();
  });
});
