import { describe, expect, it } from 'vitest';
import {
  binary16,
  blockCatalogue,
  defineBfp,
  defineBlock,
  e2m1fn,
  e4m3fn,
  int8,
  msfp12,
  mxfp4,
  mxfp6e2m3,
  mxfp6e3m2,
  mxfp8e4m3,
  mxfp8e5m2,
  mxint8Block,
  nvfp4,
  parseBlock,
  uint8,
} from '../../../src/formats/index.ts';
import {
  blockRecipes,
  compareScaleRules,
  dequantizeBlocks,
  quantizeBlocks,
  type TwoLevelRecipe,
  twoLevelRecipes,
} from '../../../src/quantization/index.ts';
import { decode, round } from '../../../src/rounding/index.ts';
import { generator, normal } from '../../random.ts';
import { failure, filled, matrix, vector } from '../helpers.ts';

/** The value of a block of one tensor of one row, its scale and clips, by a rule. */
function byRule(rule: string, format: typeof mxfp4, ...x: number[]) {
  const blocks = quantizeBlocks(vector(...x), format, {
    recipe: { ...blockRecipes.ocp, name: rule, scaleRule: rule as never },
  });
  return {
    scale: decode(format.scale, blocks.scaleCodes[0]),
    values: [...dequantizeBlocks(blocks)],
    clips: blocks.clips[0],
    underflows: blocks.underflows[0],
    zeroed: blocks.zeroed[0],
  };
}

describe('quantizeBlocks, by hand', () => {
  // A block of 7.25, 3, 1.25, 0.6, −0.2, 0.
  const x = [7.25, 3, 1.25, 0.6, -0.2, 0];

  it('mxfp4 by floor: scale 1, 7.25 is clipped', () => {
    expect(byRule('floor', mxfp4, ...x)).toEqual({
      scale: 1,
      values: [6, 3, 1, 0.5, -0, 0],
      clips: 1,
      underflows: 2,
      zeroed: 1,
    });
  });

  it.each(['ceil', 'rceil', 'even', 'tosa'])('mxfp4 by %s: scale 2', (rule) => {
    // 3.625 → 4, 1.5, 0.625 → 0.5, 0.3 → 0.5, −0.1 → −0
    expect(byRule(rule, mxfp4, ...x)).toEqual({
      scale: 2,
      values: [8, 3, 1, 1, -0, 0],
      clips: 0,
      underflows: 3,
      zeroed: 1,
    });
  });

  it('mxfp4: each rule apart', () => {
    const scales = (amax: number) =>
      ['floor', 'ceil', 'rceil', 'even', 'tosa'].map((rule) => byRule(rule, mxfp4, amax).scale);
    expect(scales(4)).toEqual([1, 1, 1, 1, 1]);
    expect(scales(5)).toEqual([1, 2, 1, 1, 1]);
    expect(scales(6.5)).toEqual([1, 2, 2, 1, 1]);
    expect(scales(7)).toEqual([1, 2, 2, 2, 2]);
    expect(byRule('even', mxfp4, 6.5)).toMatchObject({ values: [6], clips: 0 });
  });

  it('mxfp8 (e4m3): 464 stays, by tosa; even clips up to 496', () => {
    const scales = (amax: number) =>
      ['floor', 'ceil', 'rceil', 'even', 'tosa'].map((rule) => byRule(rule, mxfp8e4m3, amax).scale);
    expect(scales(448)).toEqual([1, 2, 1, 1, 1]);
    expect(scales(464)).toEqual([1, 2, 2, 1, 1]);
    expect(scales(480)).toEqual([1, 2, 2, 1, 2]);
    expect(scales(496)).toEqual([1, 2, 2, 2, 2]);
    expect(byRule('even', mxfp8e4m3, 480)).toMatchObject({ values: [448], clips: 1 });
    expect(byRule('tosa', mxfp8e4m3, 464)).toMatchObject({ values: [448], clips: 0 });
  });

  it('mxfp8 (e5m2), mxfp6 and mxint8', () => {
    expect(byRule('floor', mxfp8e5m2, 65000, 2 ** -17)).toMatchObject({
      scale: 1,
      values: [57344, 0],
      clips: 1,
      zeroed: 1,
    });
    expect(byRule('floor', mxfp6e3m2, 31, 1.1)).toMatchObject({ scale: 1, values: [28, 1], clips: 1 });
    expect(byRule('floor', mxfp6e2m3, 7.7, 0.3)).toMatchObject({ scale: 1, values: [7.5, 0.25], clips: 0 });
    expect(byRule('floor', mxint8Block, 1.999, -1.999, 0.5, 1 / 128)).toMatchObject({
      scale: 1,
      values: [127 / 64, -2, 0.5, 0],
      clips: 1,
      zeroed: 1,
    });
  });

  it('msfp12: a shared exponent, sign and three bits', () => {
    expect(byRule('floor', msfp12, 1.9, 1, -0.3, 0.1)).toMatchObject({
      scale: 1,
      values: [1.75, 1, -0.25, 0],
      clips: 1,
    });
    expect(byRule('rceil', msfp12, 1.9, 1, -0.3, 0.1)).toMatchObject({ scale: 2, values: [2, 1, -0.5, 0], clips: 0 });
    expect(defineBfp('bfp4', 3, 8).element).toEqual(msfp12.element);
    expect(failure(() => defineBfp('bfp1', 1, 8))).toBe('range magnitudeBits');
  });

  it('cuts rows into blocks, the last of which may be short', () => {
    const format = defineBlock({ name: 'small', element: e2m1fn, size: 2 });
    const blocks = quantizeBlocks(
      matrix([
        [6, 1, 24],
        [0.75, 0, 3],
      ]),
      format,
    );
    expect(blocks.blocksPerRow).toBe(2);
    expect([...blocks.scaleCodes].map((code) => code - 127)).toEqual([0, 2, -3, -1]);
    expect([...dequantizeBlocks(blocks)]).toEqual([6, 1, 24, 0.75, 0, 3]);
  });

  it('represents every element × scale exactly, in every format', () => {
    for (const format of Object.values(blockCatalogue)) {
      if (format.scaleRule === 'nvfp4' || format.beside !== undefined) continue;
      const values = Array.from({ length: Math.min(format.element.codes, 256) }, (_, code) =>
        decode(format.element, code),
      ).filter(Number.isFinite);
      for (const shift of [-50, 0, 50]) {
        for (let i = 0; i < values.length; i++) {
          // The largest number fixes the scale.
          const x = vector(format.element.max * 2 ** shift, values[i] * 2 ** shift);
          if (values[i] === -2 && format.name === 'mxint8') continue;
          expect([...dequantizeBlocks(quantizeBlocks(x, format))].map((v) => v + 0)).toEqual(
            [...x.data].map((v) => v + 0),
          );
        }
      }
    }
  });
});

describe('scales with fraction bits, by the rule amax', () => {
  /** One block: its scale, its values, and its counts. */
  const one = (text: string, x: readonly number[], recipe?: string) => {
    const format = parseBlock(text);
    const blocks = quantizeBlocks(vector(...x), format, recipe === undefined ? {} : { recipe });
    const { clips, underflows, zeroed, scaleUnderflows, scaleOverflows } = blocks;
    return {
      scale: decode(format.scale, blocks.scaleCodes[0]),
      values: [...dequantizeBlocks(blocks)],
      counts: [clips[0], underflows[0], zeroed[0], scaleUnderflows[0], scaleOverflows[0]],
    };
  };
  const none = [0, 0, 0, 0, 0];

  it.each([
    ['block:e2m1fn;size=16;scale=e4m3fn', [6, 3, 1.5, 1]],
    ['block:int8;size=32;scale=binary16', [127, 64, -127, 1]],
    ['block:e4m3fn;size=128;scale=binary32', [448, 224, 1, 0.5]],
    ['block:e2m1fn;size=16;scale=e4m3fn;rule=nvfp4', [6, 3, 1.5, 1]],
  ])('%s: a block that reaches the largest element has scale 1', (text, x) => {
    expect(one(text, x)).toEqual({ scale: 1, values: x, counts: none });
  });

  it('the scale is the exact quotient rounded once, elements are divided by the scale that is stored', () => {
    // 1 / 6 lies between 10 and 11 quanta of 2^−6, nearer to 11.
    expect(one('block:e2m1fn;size=16;scale=e4m3fn', [1, 0.5])).toMatchObject({
      scale: 11 / 64,
      values: [66 / 64, 33 / 64],
    });
    // 127.5 / 127 = 1.003937, between 1 + 4 · 2^−10 and 1 + 5 · 2^−10, nearer to the lower.
    const scale = 1 + 4 / 1024;
    expect(one('block:int8;size=32;scale=binary16', [127.5, 64, -1])).toMatchObject({
      scale,
      values: [127 * scale, 64 * scale, -scale],
    });
  });

  it('a scale that saturates clips and is counted, one that becomes 0 zeroes and is counted', () => {
    const ten = new Array<number>(15).fill(10);
    expect(one('block:e2m1fn;size=16;scale=e4m3fn', [3000, ...ten])).toEqual({
      scale: 448,
      values: [2688, ...ten.map(() => 0)],
      // 3000 / 448 = 6.7 rounds to 6: the element itself is not clipped.
      counts: [0, 15, 15, 0, 1],
    });
    // 0.004 / 6 is below half of 2^−9.
    expect(one('block:e2m1fn;size=16;scale=e4m3fn', [0.004, -0.004, 0])).toEqual({
      scale: 0,
      values: [0, -0, 0],
      counts: [0, 2, 2, 1, 0],
    });
    expect(one('block:e2m1fn;size=16;scale=e4m3fn', [0, -0])).toEqual({ scale: 0, values: [0, -0], counts: none });
    expect(one('block:e2m1fn;size=16;rule=amax', [0, -0])).toEqual({ scale: 2 ** -127, values: [0, -0], counts: none });
  });

  it('counts scales out of range of powers of two, too', () => {
    expect(one('mxfp4', [1e300, 1]).counts).toEqual([1, 1, 1, 0, 1]);
    expect(one('mxfp4', [1e300, 1], 'microxcaling')).toMatchObject({ scale: Number.NaN, counts: [0, 0, 0, 0, 1] });
    expect(one('mxfp4', [2 ** -126, 2 ** -130]).counts).toEqual([0, 1, 1, 1, 0]);
    expect(one('mxfp4', [0, 0]).counts).toEqual(none);
    expect(one('mxfp4', [Infinity, 1], 'transformerEngine').counts).toEqual([1, 1, 1, 0, 0]);
  });

  it('a quotient that binary64 rounds to zero is zeroed', () => {
    expect(one('mxfp4', [6 * 2 ** 127, 5e-324])).toMatchObject({ scale: 2 ** 127, counts: [0, 1, 1, 0, 0] });
    expect(one('block:int8;size=2;scale=binary32', [5e-324, 0])).toMatchObject({ scale: 0, counts: [0, 1, 1, 1, 0] });
  });

  it('ggml multiplies by the reciprocal of the scale before it is stored', () => {
    // Math.fround writes out quantize_row_q8_0_ref.
    const f = Math.fround;
    const next = generator(4);
    for (let n = 0; n < 200; n++) {
      const x = Array.from({ length: 32 }, () => f(normal(next) * 10 ** (n % 7)));
      const d = f(Math.max(...x.map(Math.abs)) / 127);
      const id = f(1 / d);
      const half = (v: number) => Math.sign(v) * Math.floor(Math.abs(v) + 0.5);
      const found = quantizeBlocks(vector(...x), parseBlock('block:int8;size=32;scale=binary16'), { recipe: 'ggml' });
      expect(decode(binary16, found.scaleCodes[0])).toBe(round(binary16, d));
      expect(Array.from(found.codes, (code) => decode(int8, code))).toEqual(x.map((v) => half(f(v * id)) + 0));
    }
    // 65520 · 127: the stored scale is an infinity, as ggml's.
    expect(one('block:int8;size=32;scale=binary16', [65520 * 127, 1], 'ggml')).toEqual({
      scale: Infinity,
      values: [Infinity, Number.NaN],
      counts: [0, 1, 1, 0, 1],
    });
  });

  it('takes recipes that fit, and no NaN where scales have none', () => {
    const x = vector(1, Number.NaN);
    const groups = parseBlock('block:int8;size=32;scale=binary16');
    expect(failure(() => quantizeBlocks(x, groups, { recipe: 'tosa' }))).toBe('unsupported options.recipe');
    expect(failure(() => quantizeBlocks(x, mxfp4, { recipe: { ...blockRecipes.ggml, scaleRule: 'floor' } }))).toBe(
      'unsupported options.recipe',
    );
    expect(failure(() => quantizeBlocks(x, parseBlock('block:int8;size=32;scale=float:e4m3:inf=none')))).toBe(
      'value x[1]',
    );
    expect(failure(() => quantizeBlocks(x, mxfp4, { recipe: { ...blockRecipes.ocp, zero: -1 } }))).toBe(
      'range options.recipe.zero',
    );
    expect(decode(binary16, quantizeBlocks(x, groups).scaleCodes[0])).toBeNaN();
  });

  it('reads a scale without its sign', () => {
    const blocks = quantizeBlocks(vector(6, 3), parseBlock('block:e2m1fn;size=16;scale=e4m3fn'));
    blocks.scaleCodes[0] |= 0x80;
    expect([...dequantizeBlocks(blocks)]).toEqual([6, 3]);
  });
});

describe('every threshold of the elements', () => {
  it.each([
    ['e2m1fn', mxfp4],
    ['e4m3fn', mxfp8e4m3],
  ])('%s rounds at its midpoints to even', (_, format) => {
    const { element } = format;
    for (let code = 0; ; code++) {
      const low = decode(element, code);
      const high = decode(element, code + 1);
      if (!Number.isFinite(high)) break;
      const middle = (low + high) / 2;
      const even = code % 2 === 0 ? low : high;
      for (const [x, y] of [
        [middle * (1 - 2 ** -53), low],
        [middle, even],
        [middle * (1 + 2 ** -52), high],
      ]) {
        for (const sign of [1, -1]) {
          const blocks = quantizeBlocks(vector(element.max, sign * x), format);
          expect(dequantizeBlocks(blocks)[1]).toBe(sign * y);
        }
      }
      if (high === element.max) break;
    }
  });

  it('ties away where the producer does so', () => {
    const values = [
      ...dequantizeBlocks(
        quantizeBlocks(vector(6, 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5), mxfp4, { recipe: 'microxcaling' }),
      ),
    ];
    expect(values).toEqual([6, 0.5, 1, 1.5, 2, 3, 4, 6]);
  });
});

describe('zeros, infinities, NaN and scales out of range, by producer', () => {
  const codes = (recipe: string, x: number, format = mxfp4) =>
    quantizeBlocks(vector(x, 1), format, { recipe }).scaleCodes[0];
  const zeros = (recipe: string, format = mxfp4) => quantizeBlocks(vector(0, 0), format, { recipe });

  it('of zeros', () => {
    for (const recipe of Object.keys(blockRecipes)) {
      expect([...dequantizeBlocks(zeros(recipe))]).toEqual([0, 0]);
      expect(zeros(recipe).scaleCodes[0]).toBe(0);
    }
    // 2^−126 / 2^E is below e8m0 for every element but MXINT8's, whose E is 0.
    expect(zeros('microxcaling', mxint8Block).scaleCodes[0]).toBe(1);
  });

  it('of infinities and NaN', () => {
    expect(['ocp', 'microxcaling', 'tosa', 'transformerEngine'].map((recipe) => codes(recipe, Infinity))).toEqual([
      255, 255, 255, 254,
    ]);
    expect(['ocp', 'microxcaling', 'tosa', 'transformerEngine'].map((recipe) => codes(recipe, Number.NaN))).toEqual([
      255, 255, 255, 255,
    ]);
    const saturated = quantizeBlocks(vector(-Infinity, 1), mxfp4, { recipe: 'transformerEngine' });
    expect([...dequantizeBlocks(saturated)]).toEqual([-6 * 2 ** 127, 0]);
    expect([saturated.clips[0], saturated.zeroed[0]]).toEqual([1, 1]);
    expect([...dequantizeBlocks(quantizeBlocks(vector(1, Number.NaN), mxfp8e4m3))]).toEqual([Number.NaN, Number.NaN]);
  });

  it('of scales out of range', () => {
    expect(['ocp', 'microxcaling', 'tosa', 'transformerEngine'].map((recipe) => codes(recipe, 2 ** 140))).toEqual([
      254, 255, 254, 254,
    ]);
    const tiny = quantizeBlocks(vector(2 ** -140, 0), mxfp4);
    expect([tiny.scaleCodes[0], tiny.underflows[0]]).toEqual([0, 1]);
  });

  it('takes a recipe as data and refuses others', () => {
    expect(failure(() => codes('qualcomm', 1))).toBe('name options.recipe');
    expect(
      failure(() => quantizeBlocks(vector(1), mxfp4, { recipe: { ...blockRecipes.ocp, zero: 'big' as never } })),
    ).toBe('type options.recipe.zero');
    expect(failure(() => quantizeBlocks(vector(1), nvfp4, { recipe: 'ocp' }))).toBe('name options.recipe');
    expect(failure(() => quantizeBlocks(vector(1), nvfp4, { recipe: blockRecipes.ocp! }))).toBe(
      'name options.recipe.scaleRule',
    );
    for (const [different, wanted] of [
      [{ top: 449 }, 'range options.recipe.top'],
      [{ candidates: [] }, 'type options.recipe.candidates'],
      [{ candidates: [7] }, 'range options.recipe.candidates[0]'],
      [{ levels: 1 }, 'range options.recipe.levels'],
      [{ order: 'any' }, 'name options.recipe.order'],
    ] as const) {
      const recipe = { ...twoLevelRecipes.fourOverSix, ...different } as unknown as TwoLevelRecipe;
      expect(failure(() => quantizeBlocks(vector(1), nvfp4, { recipe }))).toBe(wanted);
    }
    expect(failure(() => quantizeBlocks(vector(1), e2m1fn as never))).toBe('type format');
    expect(failure(() => dequantizeBlocks({} as never))).toBe('type blocks');
    expect(failure(() => defineBlock({ name: 'x', element: uint8, size: 2 }))).toBe('unsupported element');
    expect(failure(() => defineBlock({ name: 'x', element: e2m1fn, size: 2, scaleRule: 'nvfp4' }))).toBe(
      'unsupported scaleRule',
    );
    expect(failure(() => defineBlock({ name: 'x', element: e2m1fn, scale: e4m3fn, size: 2, scaleRule: 'floor' }))).toBe(
      'unsupported scaleRule',
    );
  });
});

describe('nvfp4', () => {
  /** The recipe written out with Math.fround, for one block. */
  function byHand(x: readonly number[], amax: number): number[] {
    const f = Math.fround;
    const sEnc = amax === 0 ? 1 : Math.min(f(2688 / amax), 3.4028234663852886e38);
    const sDec = f(1 / sEnc);
    const block = Math.max(...x.map(Math.abs));
    const scale = round(e4m3fn, f(block * f(sEnc * f(1 / 6))), { overflow: 'saturate' });
    const enc = Math.min(f(1 / f(scale * sDec)), 3.4028234663852886e38);
    return x.map((v) => round(e2m1fn, v === 0 ? 0 : f(v * enc)) * scale * sDec);
  }

  it('follows the two-level recipe', () => {
    const next = generator(8);
    for (const spread of [1, 1e-3, 1e4]) {
      const x = filled(4, 40, (_, j) => Math.fround(normal(next) * spread * 4 ** -(j >> 4)));
      const amax = Math.max(...x.data.map(Math.abs));
      const found = dequantizeBlocks(quantizeBlocks(x, nvfp4));
      for (let r = 0; r < 4; r++) {
        for (let from = 0; from < 40; from += 16) {
          const part = [...x.data.subarray(r * 40 + from, r * 40 + Math.min(from + 16, 40))];
          const at = found.subarray(r * 40 + from, r * 40 + from + part.length);
          expect([...at].map((v) => v + 0)).toEqual(byHand(part, amax).map((v) => v + 0));
        }
      }
    }
  });

  it('by hand: amax 6 · 448 has factor 1, a block of 6s scale 1', () => {
    const x = vector(2688, ...Array(15).fill(0), 6, 5, 3.5, 2.5, 1.75, 1.25, 0.75, 0.25, -5.01, ...Array(7).fill(0));
    const blocks = quantizeBlocks(x, nvfp4);
    expect(blocks.tensorScale).toBe(1);
    expect([...blocks.scaleCodes].map((code) => decode(e4m3fn, code))).toEqual([448, 1]);
    expect([...dequantizeBlocks(blocks).subarray(16, 25)]).toEqual([6, 4, 4, 2, 2, 1, 1, 0, -6]);
    expect([...blocks.clips]).toEqual([0, 0]);
  });

  it('counts a block whose scale becomes 0 as zeroed', () => {
    const x = vector(2688, ...Array(15).fill(0), ...Array(16).fill(0.0001));
    const { clips, underflows, zeroed, scaleUnderflows, scaleOverflows } = quantizeBlocks(x, nvfp4);
    expect([...clips, ...underflows, ...zeroed]).toEqual([0, 0, 0, 16, 0, 16]);
    expect([...scaleUnderflows, ...scaleOverflows]).toEqual([0, 1, 0, 0]);
  });

  it('counts what binary32 does not hold', () => {
    const small = quantizeBlocks(vector(1e-50, 0), nvfp4);
    expect([small.zeroed[0], small.underflows[0], small.scaleUnderflows[0]]).toEqual([1, 1, 1]);
    const large = quantizeBlocks(vector(1e300, 0), nvfp4);
    expect([large.clips[0], large.scaleOverflows[0]]).toEqual([1, 1]);
  });

  it('of zeros, infinities and NaN', () => {
    const zeros = quantizeBlocks(vector(0, -0), nvfp4);
    expect([zeros.tensorScale, zeros.scaleCodes[0], ...dequantizeBlocks(zeros)]).toEqual([1, 0, 0, -0]);
    // S_enc is 0, hence 1; the block's scale saturates at 448.
    const infinite = quantizeBlocks(vector(Infinity, 1), nvfp4);
    expect([infinite.tensorScale, decode(e4m3fn, infinite.scaleCodes[0]), ...dequantizeBlocks(infinite)]).toEqual([
      1, 448, 2688, 0,
    ]);
    const withNaN = quantizeBlocks(vector(Number.NaN, 1, ...Array(14).fill(0), 3), nvfp4);
    expect(withNaN.scaleCodes[0]).toBe(0x7f);
    expect(dequantizeBlocks(withNaN)[16]).toBeCloseTo(3, 6);
  });
});

describe('compareScaleRules', () => {
  it('compares the rules on one tensor', () => {
    const next = generator(12);
    const x = filled(16, 64, () => normal(next));
    for (const format of [mxfp4, mxfp6e2m3, mxfp8e4m3, mxint8Block]) {
      const rows = Object.fromEntries(compareScaleRules(x, format).map((row) => [row.rule, row]));
      expect(rows.rceil.clips).toBe(0);
      expect(rows.tosa.clips).toBe(0);
      expect(rows.floor.raised).toBe(0);
      expect(rows.ceil.raised).toBe(32);
      expect(rows.tosa.raised).toBeLessThanOrEqual(rows.rceil.raised);
      for (const row of Object.values(rows)) expect(row.relativeError).toBeLessThan(0.1);
    }
    expect(compareScaleRules(vector(0), mxfp4)[0].relativeError).toBe(null);
    expect(failure(() => compareScaleRules(x, nvfp4))).toBe('unsupported format');
    expect(failure(() => compareScaleRules(vector(Number.NaN), mxfp4))).toBe('value x[0]');
  });
});
