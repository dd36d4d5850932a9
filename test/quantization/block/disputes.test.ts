/**
 * Four public disputes about a block's scale, each with the numbers of its report.
 */
import { describe, expect, it } from 'vitest';
import { mxfp4, mxfp8e4m3, mxfp8e5m2, nvfp4, parseBlock } from '../../../src/formats/index.ts';
import {
  type BlockRecipe,
  blockRecipes,
  compareRecipes,
  dequantizeBlocks,
  quantizeBlocks,
} from '../../../src/quantization/index.ts';
import { decode } from '../../../src/rounding/index.ts';
import { oracle } from '../../../src/testing/index.ts';
import { generator } from '../../random.ts';
import { vector } from '../helpers.ts';

function byRule(scaleRule: BlockRecipe['scaleRule']): BlockRecipe {
  return { ...blockRecipes.ocp!, name: 'by rule', scaleRule };
}

/** One block by a rule, which the oracle fills alike unless the rule is a function. */
function blockBy(format: typeof mxfp4, scaleRule: BlockRecipe['scaleRule'], x: readonly number[]) {
  const { name: _, ...recipe } = byRule(scaleRule);
  const blocks = quantizeBlocks(vector(...x), format, { recipe: byRule(scaleRule) });
  const [scale, values] = [decode(format.scale, blocks.scaleCodes[0]), [...dequantizeBlocks(blocks)]];
  if (typeof scaleRule === 'string') {
    const wanted = oracle.block(format, recipe as never, x);
    expect(scale).toBe(wanted.scale);
    expect(values).toEqual(wanted.elements.map((element) => element * wanted.scale));
  }
  return { scaleCode: blocks.scaleCodes[0], scale, clips: blocks.clips[0], values };
}

describe('microsoft/microxcaling issue 4: 957 becomes 896', () => {
  const x = [
    ...[957, 957, 902.4, 960, 832, 291.7882, -124.8256, 783.546, 927.3255, -233.117, 583.4501, 57.7898],
    ...[136.0891, 851.1933, -857.9279, -825.7414, -959.5632, 665.2397, 556.3135, 740.0243, 957.2367],
    ...[598.3171, -77.0413, 561.0583, -763.4512, 279.842, -713.2934, 889.3378, 43.6966, -170.6761],
    ...[-470.8888, 548.4674],
  ];

  it('floor puts 2 under it: 478.5 is more than 448, and clipped, as microxcaling does', () => {
    const { scale, clips, values } = blockBy(mxfp8e4m3, 'floor', x);
    expect([scale, values[0]]).toEqual([2, 896]);
    // Above 928: 957 twice, 960, −959.5632, 957.2367. 927.3255 is nearer to 896 than to 960.
    expect(clips).toBe(5);
    const own = quantizeBlocks(vector(...x), mxfp8e4m3, { recipe: 'microxcaling' });
    expect(dequantizeBlocks(own)[0]).toBe(896);
  });

  it('ceil, rceil and tosa put 4 under it: 960; even does not, for 478.5 is below 496', () => {
    for (const rule of ['ceil', 'rceil', 'tosa'] as const) {
      const { scale, clips, values } = blockBy(mxfp8e4m3, rule, x);
      expect({ rule, scale, clips, first: values[0] }).toEqual({ rule, scale: 4, clips: 0, first: 960 });
    }
    expect(blockBy(mxfp8e4m3, 'even', x)).toMatchObject({ scale: 2, clips: 5 });
  });
});

describe('pytorch/ao issue 436: 127.99999 above 1 … 31 in E5M2', () => {
  const x = [...Array.from({ length: 31 }, (_, i) => i + 1), Math.fround(127.99999)];
  const rounded = [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 12, 12, 12, 14, 16, 16, 16, 16, 20, 20, 20, 24, 24, 24, 24, 24, 28, 28, 28],
    ...[32, 32],
  ];

  it('floor stores the scale code 118, and clips to 57344 · 2^−9 = 112', () => {
    const { scaleCode, clips, values } = blockBy(mxfp8e5m2, 'floor', x);
    expect([scaleCode, clips, values.at(-1)]).toEqual([118, 1, 112]);
    expect(values.slice(0, 31)).toEqual(rounded);
  });

  it('even rounds before it takes the exponent, as the issue asks, and later torchao: 119, and 128', () => {
    for (const rule of ['even', 'tosa', 'ceil', 'rceil'] as const) {
      const { scaleCode, clips, values } = blockBy(mxfp8e5m2, rule, x);
      expect({ rule, scaleCode, clips, last: values.at(-1) }).toEqual({ rule, scaleCode: 119, clips: 0, last: 128 });
      expect(values.slice(0, 31)).toEqual(rounded);
    }
  });
});

describe('vllm-project/vllm pull request 43557: E8M0 scales of an MXFP4 kernel', () => {
  const bits = new DataView(new ArrayBuffer(4));
  /** The biased exponent of a binary32 number. */
  const exponent = (v: number): number => {
    bits.setFloat32(0, v);
    return (bits.getUint32(0) >>> 23) & 0xff;
  };
  /** Before: the exponent of amax / 6. */
  const exponentOfSixth = (amax: number): number => 2 ** (exponent(Math.fround(amax) / 6) - 127);
  /** After: 2^21 is added to the bits, so that fractions from 1.75 on carry; of that the exponent, less 2. */
  const exponentOfRounded = (amax: number): number => {
    bits.setFloat32(0, amax);
    return (((bits.getUint32(0) + 2 ** 21) >>> 23) & 0xff) - 2;
  };

  it.each([
    [2.7, 125, 126],
    [5.5, 126, 127],
    [1.2, 124, 125],
  ])('%f: the exponent of amax / 6 is %i and clips, rounded first it is %i and holds', (amax, old, corrected) => {
    expect(blockBy(mxfp4, exponentOfSixth, [amax])).toMatchObject({
      scaleCode: old,
      clips: 1,
      values: [6 * 2 ** (old - 127)],
    });
    expect(blockBy(mxfp4, 'even', [amax])).toMatchObject({ scaleCode: corrected, clips: 0 });
    expect(exponentOfRounded(amax)).toBe(corrected);
  });

  it('the correction is the rule even, for every fraction and beside what decides', () => {
    const next = generator(43557);
    const edges = [1, 1.25, 1.5, 1.75, 2].flatMap((v) => [v - 2 ** -23, v, v + 2 ** -22]);
    const random = Array.from({ length: 400 }, () => Math.fround((1 + next()) * 2 ** Math.floor(next() * 200 - 100)));
    for (const amax of [...edges, ...random].map(Math.fround)) {
      expect([amax, blockBy(mxfp4, 'even', [amax]).scaleCode]).toEqual([amax, exponentOfRounded(amax)]);
    }
  });

  it('its reviewer’s threshold, 1.5, is rceil: nothing is clipped', () => {
    expect(blockBy(mxfp4, 'rceil', [6.5])).toMatchObject({ scaleCode: 128, clips: 0 });
    expect(blockBy(mxfp4, 'even', [6.5])).toMatchObject({ scaleCode: 127, values: [6] });
    expect(exponentOfRounded(6.5)).toBe(127);
  });
});

describe('kekzl/imp issue 1544: NVFP4 activations without a scale of the tensor', () => {
  const x = vector(2700, 1500, -300, ...new Array(13).fill(1), 2688, ...new Array(15).fill(2));
  const direct = parseBlock('block:e2m1fn;size=16;scale=e4m3fn');

  it('above 6 · 448 = 2688 a block’s scale is clamped, and its largest number clipped; at 2688 it is not', () => {
    const blocks = quantizeBlocks(x, direct);
    expect([...blocks.scaleCodes].map((code) => decode(direct.scale, code))).toEqual([448, 448]);
    expect([...dequantizeBlocks(blocks)].filter((_, i) => i % 16 === 0)).toEqual([2688, 2688]);
    // 450 rounds to 448: between 448 and 464 the scale is rounded down and not counted as too large.
    expect([...blocks.scaleOverflows]).toEqual([0, 0]);
    const larger = quantizeBlocks(vector(4000, 1500), direct);
    expect([...dequantizeBlocks(larger)]).toEqual([2688, 1344]);
    expect([larger.scaleOverflows[0], larger.clips[0]]).toEqual([1, 1]);
  });

  it('both as the oracle has them, without the scale and with it, from far below to far above the limit', () => {
    const next = generator(1544);
    const amaxes = [
      2687,
      2688,
      2700,
      2784,
      2785,
      3000,
      4000,
      1e5,
      1e-3,
      0,
      ...Array.from({ length: 20 }, () => 5000 * next()),
    ];
    const rows = amaxes.map((amax) =>
      [amax, ...Array.from({ length: 15 }, () => amax * (2 * next() - 1))].map(Math.fround),
    );
    const { name: _, ...recipe } = byRule('amax');
    for (const [format, own, wanted] of [
      [
        direct,
        { recipe: byRule('amax') },
        { tensorScale: 1, blocks: rows.map((row) => oracle.block(direct, recipe as never, row)) },
      ],
      [nvfp4, {}, oracle.twoLevel(nvfp4, rows)],
    ] as const) {
      const blocks = quantizeBlocks(vector(...rows.flat()), format, own);
      expect(blocks.tensorScale).toBe(wanted.tensorScale);
      expect([...blocks.scaleCodes].map((code) => decode(format.scale, code))).toEqual(
        wanted.blocks.map(({ scale }) => scale),
      );
      expect([...dequantizeBlocks(blocks)]).toEqual(
        wanted.blocks.flatMap((block) => oracle.blockValues(block, wanted.tensorScale)),
      );
      expect([...blocks.clips]).toEqual(wanted.blocks.map(({ clips }) => clips));
      expect([...blocks.scaleOverflows]).toEqual(wanted.blocks.map(({ scaleOverflows }) => scaleOverflows));
    }
  });

  it('a scale of the tensor keeps every block in range, and `bittrue recipes` tells which blocks are not', () => {
    const blocks = quantizeBlocks(vector(3000, 1500), nvfp4);
    expect([blocks.scaleOverflows[0], blocks.clips[0]]).toEqual([0, 0]);
    expect(dequantizeBlocks(blocks)[0]).toBeCloseTo(3000, 3);
    const recipes = ['nvfp4', 'block:e2m1fn;size=16;scale=e4m3fn', 'block:e2m1fn;size=16;scale=ue5m3'];
    const { rows } = compareRecipes(vector(3000, 1500), { recipes });
    expect(rows.map(({ scaleOverflows }) => scaleOverflows)).toEqual([0, 1, 0]);
  });
});
