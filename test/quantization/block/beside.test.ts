import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BlockFormat,
  blockName,
  defineBlock,
  hif4,
  int4,
  nvfp4,
  parseBlock,
  uint4,
  uint8,
} from '../../../src/formats/index.ts';
import {
  affineRecipes,
  applyRecipe,
  blockRecipes,
  dequantizeBlocks,
  groupRecipes,
  hadamard,
  parseRecipe,
  quantizeBlocks,
} from '../../../src/quantization/index.ts';
import { encodeValue } from '../../../src/rounding/codes.ts';
import { decode, resolvePolicy } from '../../../src/rounding/index.ts';
import { type OracleBlockRecipe, oracleBlock } from '../../../src/testing/oracle/blocks.ts';
import { oracleAffine, oracleGroupExponents } from '../../../src/testing/oracle/blocksBeside.ts';
import { oracleRandomBits } from '../../../src/testing/oracle/philox.ts';
import { oracleStochastic } from '../../../src/testing/oracle/stochastic.ts';
import { generator, normal } from '../../random.ts';
import { failure, matrix, vector } from '../helpers.ts';

const number = fc.oneof(
  { weight: 6, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -10, max: 10 }) },
  { weight: 3, arbitrary: fc.integer({ min: -30, max: 30 }).map((n) => n / 8) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 5e-324, 1e-40, 1e-7, 65520, 1e39) },
);

/**
 * Eight blocks by the arithmetic of GPTQ's quant.py (symmetric off) and AWQ's quantizer.py, run in torch 2 on binary32: ordinary ones, one
 * above zero, one below, one of zeros, an outlier, steps below 1e-5. Scales are stored in binary16.
 */
const recordedZeroPoints: Readonly<
  { numbers: readonly number[] } & Record<'gptq' | 'awq', Readonly<Record<'scales' | 'zeros' | 'codes', number[]>>>
> = JSON.parse(readFileSync(new URL('zeroPoints.json', import.meta.url), 'utf8'));

describe('zero points', () => {
  it('counts storage, and says so in the notation', () => {
    const format = parseBlock('block:uint4;size=128;scale=binary16;zero=uint4');
    expect(format.bitsPerNumber).toBe(4 + 20 / 128);
    expect(blockName(format)).toBe('block:uint4;size=128;scale=binary16;zero=uint4');
    expect(parseBlock('block:e2m1fn;size=128;scale=binary16;signs=2').bitsPerNumber).toBe(4.25);
    expect(parseBlock('block:e4m3fn;size=128;rows=128;scale=binary32').bitsPerNumber).toBe(8 + 32 / 16384);
    expect(hif4.bitsPerNumber).toBe(4.5);
  });

  it.each(['gptq', 'awq'] as const)(
    '%s gives the codes, zero points and scales that its public files give in torch',
    (producer) => {
      const format = parseBlock('block:uint4;size=16;scale=binary16;zero=uint4');
      const { numbers, ...wanted } = recordedZeroPoints;
      const blocks = quantizeBlocks({ data: Float64Array.from(numbers), shape: [8, 16] }, format, { recipe: producer });
      const { scales, zeros, codes } = wanted[producer];
      expect([...blocks.scaleCodes].map((code) => decode(format.scale, code))).toEqual(scales);
      expect([...blocks.besideCodes!]).toEqual(zeros);
      expect([...blocks.codes]).toEqual(codes);
    },
  );

  it('by hand: AWQ cuts a block above zero, GPTQ takes zero into its range', () => {
    const format = parseBlock('block:uint4;size=4;scale=binary16;zero=uint4');
    const gptq = quantizeBlocks(vector(-1, 0, 0.5, 2), format, { recipe: 'gptq' });
    expect([gptq.besideCodes![0], ...gptq.codes]).toEqual([5, 0, 5, 7, 15]);
    const scale = decode(format.scale, gptq.scaleCodes[0]!);
    expect(scale).toBe(0.199951171875);
    expect([...dequantizeBlocks(gptq)]).toEqual([-5, 0, 2, 10].map((steps) => steps * scale));
    const awq = quantizeBlocks(vector(1, 1.1, 2), format, { recipe: 'awq' });
    expect([awq.besideCodes![0], ...awq.codes, awq.clips[0]]).toEqual([0, 15, 15, 15, 2]);
  });

  it.each(Object.entries(affineRecipes))('%s equals the oracle', (_, recipe) => {
    for (const [element, scale, zero] of [
      [uint4, 'binary16', uint4],
      [uint8, 'binary32', uint8],
      [uint4, 'e4m3fn', uint8],
    ] as const) {
      const format = defineBlock({
        ...{ name: 'x', element, size: 5, beside: { kind: 'zeroPoint', format: zero } as const },
        scale: parseBlock(`block:int4;size=5;scale=${scale}`).scale,
      });
      fc.assert(
        fc.property(fc.array(number, { minLength: 1, maxLength: 5 }), (x) => {
          const wanted = oracleAffine(format, zero, recipe, x);
          const found = quantizeBlocks(vector(...x), format, { recipe });
          if (wanted === null) {
            expect(decode(format.scale, found.scaleCodes[0]!)).toBeNaN();
            return;
          }
          expect([decode(format.scale, found.scaleCodes[0]!), found.besideCodes![0]]).toEqual([
            wanted.scale,
            wanted.zero,
          ]);
          expect([...found.codes]).toEqual(wanted.codes);
          expect([...dequantizeBlocks(found)]).toEqual(wanted.codes.map((code) => (code - wanted.zero) * wanted.scale));
        }),
        { numRuns: 120 },
      );
    }
  });

  it('refuses what does not fit', () => {
    const beside = { kind: 'zeroPoint', format: uint4 } as const;
    expect(failure(() => defineBlock({ name: 'x', element: int4, size: 4, beside }))).toBe('unsupported element');
    expect(failure(() => defineBlock({ name: 'x', element: uint4, size: 4 }))).toBe('unsupported element');
    expect(failure(() => defineBlock({ name: 'x', element: uint4, size: 4, beside }))).toBe('unsupported beside');
    expect(failure(() => parseBlock('block:uint4;size=4;scale=binary16;zero=uint4;signs=2'))).toBe('name block');
    const format = parseBlock('block:uint4;size=4;scale=binary16;zero=uint4');
    expect(failure(() => quantizeBlocks(vector(1), format, { recipe: 'ocp' }))).toBe('name options.recipe');
    expect(failure(() => quantizeBlocks(vector(1), format, { stochastic: { seed: 1 } }))).toBe(
      'unsupported options.stochastic',
    );
    expect(failure(() => parseRecipe('block:uint4;size=4;scale=binary16;zero=uint4@ocp'))).toBe('name recipe');
  });
});

describe('two-dimensional blocks and scales of both signs', () => {
  it('shares a scale over rows, short at the ends', () => {
    const format = parseBlock('block:e4m3fn;size=2;rows=2;scale=binary32');
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ];
    const blocks = quantizeBlocks(matrix(rows), format);
    const tiles = [[1, 2, 4, 5], [3, 6], [7, 8], [9]];
    const { name: _, ...ocp } = blockRecipes.ocp!;
    const recipe = { ...ocp, scaleRule: 'amax', division: 'exact' } as OracleBlockRecipe;
    const wanted = tiles.map((tile) => oracleBlock(format, recipe, tile));
    expect(Array.from(blocks.scaleCodes, (code) => decode(format.scale, code))).toEqual(
      wanted.map(({ scale }) => scale),
    );
    const at = (tile: number, i: number) => wanted[tile]!.elements[i]! * wanted[tile]!.scale;
    expect([...dequantizeBlocks(blocks)]).toEqual(
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [0, 2],
        [0, 3],
        [1, 1],
        [2, 0],
        [2, 1],
        [3, 0],
      ].map(([tile, i]) => at(tile!, i!)),
    );
  });

  it('gives each sign the scale of the oracle for its own numbers', () => {
    const format = parseBlock('block:e2m1fn;size=6;scale=binary16;signs=2');
    const { name: _, ...ocp } = blockRecipes.ocp!;
    const recipe = { ...ocp, scaleRule: 'amax', division: 'exact' } as OracleBlockRecipe;
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), (x) => {
        const blocks = quantizeBlocks(vector(...x), format);
        const isBelow = (v: number) => v < 0 || Object.is(v, -0);
        const [above, below] = [x.filter((v) => !isBelow(v)), x.filter(isBelow)];
        const under = (own: readonly number[]) => oracleBlock(format, recipe, own.length === 0 ? [0] : own);
        const [positive, negative] = [under(above), under(below)];
        expect(decode(format.scale, blocks.scaleCodes[0]!)).toBe(positive.scale);
        expect(decode(format.scale, blocks.besideCodes![0]!)).toBe(negative.scale);
        const values = x.map((v) => {
          const own = isBelow(v) ? negative : positive;
          return (own.elements[(isBelow(v) ? below : above).indexOf(v)] as number) * own.scale;
        });
        expect([...dequantizeBlocks(blocks)].map((v) => v + 0)).toEqual(values.map((v) => v + 0));
        expect(blocks.clips[0]).toBe(positive.clips + negative.clips);
      }),
      { numRuns: 200 },
    );
  });
});

/** Eight blocks as the authors' reference gives them; their numbers are drawn in the test. */
const recorded: readonly (readonly number[])[] = JSON.parse(
  readFileSync(new URL('hifloat4.json', import.meta.url), 'utf8'),
);

describe('HiFloat4', () => {
  it.each(Object.entries(groupRecipes))('%s equals the oracle', (_, recipe) => {
    const format = { ...hif4, size: 16 } as BlockFormat;
    const groups = hif4.beside?.kind === 'exponents' ? hif4.beside.groups : [];
    fc.assert(
      fc.property(fc.array(number, { minLength: 16, maxLength: 16 }), (x) => {
        const wanted = oracleGroupExponents(format, groups, recipe, x);
        const blocks = quantizeBlocks(vector(...x), format, { recipe });
        if (wanted === null) {
          expect(decode(format.scale, blocks.scaleCodes[0]!)).toBeNaN();
          return;
        }
        expect(decode(format.scale, blocks.scaleCodes[0]!)).toBe(wanted.scale);
        const bits = wanted.bits.flat().reduce((all, bit, i) => all + bit * 2 ** i, 0);
        expect(blocks.besideCodes![0]).toBe(bits);
        expect(Array.from(blocks.codes, (code) => decode(format.element, code))).toEqual(wanted.elements);
        const powers = x.map(
          (_, i) => 2 ** (wanted.bits[0]![Math.floor(i / 8)]! + wanted.bits[1]![Math.floor(i / 4)]!),
        );
        expect([...dequantizeBlocks(blocks)]).toEqual(wanted.elements.map((e, i) => e * powers[i]! * wanted.scale));
      }),
      { numRuns: 200 },
    );
  });

  it('equals what the authors’ reference gave (ddddwee1/HiFloat4, HiF4_NVFP4_v14f16.py, run on numpy 2.4.6)', () => {
    let state = 4242;
    const next = (): number => {
      state = (state * 1664525 + 1013904223) % 2 ** 32;
      return state / 2 ** 32;
    };
    const number = (kind: number): number => {
      if (kind === 2) return (Math.floor(next() * 57) - 28) / 16;
      const x = 2 * next() - 1;
      if (kind === 0) return x;
      return kind === 1 ? x * 2 ** Math.trunc(next() * 16 - 12) : x * (next() < 0.05 ? 40 : 1) * 2 ** -20;
    };
    recorded.forEach((wanted, i) => {
      const data = Float64Array.from({ length: 64 }, () => Math.fround(number(i % 4)));
      expect([...dequantizeBlocks(quantizeBlocks({ data, shape: [64] }, hif4))].map((v) => v + 0)).toEqual(wanted);
    });
  });

  it('holds 7 · scale, and keeps a quiet group fine', () => {
    const x = Float64Array.from({ length: 64 }, (_, i) => (i === 0 ? 7 : i >= 8 && i < 12 ? 1.75 : 0.25));
    const blocks = quantizeBlocks({ data: x, shape: [64] }, hif4);
    expect([blocks.scaleCodes[0], blocks.besideCodes![0]]).toEqual([48 << 2, 1 | (1 << 8)]);
    expect([...dequantizeBlocks(blocks).subarray(0, 12)]).toEqual([
      7, 0, 0, 0, 0.5, 0.5, 0.5, 0.5, 1.75, 1.75, 1.75, 1.75,
    ]);
  });
});

describe('scale rules of one’s own', () => {
  const base = { ...blockRecipes.ocp!, name: 'mine', division: 'exact' } as const;
  const rules: readonly OracleBlockRecipe['scaleRule'][] = [
    { limit: 7 },
    { limit: [6, 7, 8] },
    { limit: 5.5 },
    { scales: [0.25, 0.5, 1, 2, 16] },
  ];

  it.each(['e8m0fnu', 'binary16', 'ue5m3'])('limits and tables under %s equal the oracle', (scale) => {
    const format = parseBlock(`block:e2m1fn;size=4;scale=${scale}`) as BlockFormat;
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 4 }), fc.constantFrom(...rules), (x, scaleRule) => {
        const blocks = quantizeBlocks(vector(...x), format, { recipe: { ...base, scaleRule } });
        const { name: _, ...spelled } = base;
        const wanted = oracleBlock(format, { ...spelled, scaleRule } as OracleBlockRecipe, x);
        expect(decode(format.scale, blocks.scaleCodes[0]!)).toBe(wanted.scale);
        expect([...blocks.codes]).toEqual(wanted.elements.map((value) => encodeValue(format.element, value, false)));
        expect([blocks.clips[0], blocks.scaleUnderflows[0], blocks.scaleOverflows[0]]).toEqual([
          wanted.clips,
          wanted.scaleUnderflows,
          wanted.scaleOverflows,
        ]);
      }),
      { numRuns: 250 },
    );
  });

  it('takes a function, which is given the largest magnitude and the numbers', () => {
    const format = parseBlock('block:e2m1fn;size=4;scale=binary16') as BlockFormat;
    const seen: unknown[] = [];
    const scaleRule = (amax: number, numbers: readonly number[]) => {
      seen.push([amax, ...numbers]);
      return amax / 3 + 1e-9;
    };
    const blocks = quantizeBlocks(vector(3, -6, 1), format, { recipe: { ...base, scaleRule } });
    expect(seen).toEqual([[6, 3, -6, 1]]);
    expect(decode(format.scale, blocks.scaleCodes[0]!)).toBe(2);
    expect([...dequantizeBlocks(blocks)]).toEqual([3, -6, 1]);
    const none = { ...base, scaleRule: () => 0 };
    expect(failure(() => quantizeBlocks(vector(1), format, { recipe: none }))).toBe('range options.recipe.scaleRule');
  });

  it('reads limits in texts, and refuses others', () => {
    expect(parseRecipe('mxfp4@limit=7').recipe).toMatchObject({ name: 'limit=7', scaleRule: { limit: 7 } });
    expect(parseRecipe('mxfp4@limit=6/7').recipe).toMatchObject({ scaleRule: { limit: [6, 7] } });
    expect(parseRecipe('mxfp4@search').recipe).toMatchObject({ scaleRule: { limit: expect.any(Array) } });
    for (const text of [
      'mxfp4@limit=0',
      'mxfp4@limit=',
      'mxfp4@limit=6//7',
      'nvfp4@limit=7',
      'mxfp4+limit=7',
      'hif4@search',
    ]) {
      expect(failure(() => parseRecipe(text))).toBe('name recipe');
    }
    const format = parseBlock('mxfp4');
    const own = (scaleRule: never) =>
      failure(() => quantizeBlocks(vector(1), format, { recipe: { ...base, scaleRule } }));
    expect(own({ limit: [] } as never)).toBe('value options.recipe.scaleRule.limit');
    expect(own({ scales: [2, 1] } as never)).toBe('value options.recipe.scaleRule.scales[1]');
    expect(own({ scales: [0.3] } as never)).toBe('value options.recipe.scaleRule.scales[0]');
    expect(own({ limits: 7 } as never)).toBe('name options.recipe.scaleRule.limits');
  });
});

describe('stages', () => {
  const next = generator(11);
  const data = Float64Array.from({ length: 96 }, () => Math.fround(normal(next) * (next() < 0.1 ? 20 : 1)));
  const x = { data, shape: [2, 48] };

  it('transforms by TransformerEngine’s signs and Sylvester’s matrix, exactly, and back', () => {
    const { signs } = hadamard();
    const wide = 'block:binary16;size=16;scale=binary32';
    const { blocks, from, values } = applyRecipe(x, { name: 'x', format: parseBlock(wide), stages: [hadamard()] });
    expect(blocks.width).toBe(48);
    const parity = (n: number) => [...n.toString(2)].filter((bit) => bit === '1').length % 2;
    for (let block = 0; block < 6; block++) {
      for (let k = 0; k < 16; k++) {
        let sum = 0;
        for (let j = 0; j < 16; j++) sum += data[block * 16 + j]! * signs[j]! * (parity(j & k) === 1 ? -1 : 1);
        expect(from[block * 16 + k]).toBe(sum / 4);
      }
    }
    const error = values.reduce((sum, value, i) => sum + (value - data[i]!) ** 2, 0);
    const energy = data.reduce((sum, value) => sum + value ** 2, 0);
    expect(error / energy).toBeLessThan(1e-6);
    expect(hadamard({ size: 64, seed: 3 })).toEqual(hadamard({ size: 64, seed: 3 }));
    expect(hadamard({ size: 64, seed: 3 }).signs).not.toEqual(hadamard({ size: 64, seed: 4 }).signs);
    expect(failure(() => hadamard({ size: 24, seed: 1 }))).toBe('value options.size');
    expect(failure(() => hadamard({ size: 32 }))).toBe('value options.size');
  });

  it('rounds elements at random as the oracle does, by place and seed', () => {
    const format = parseBlock('mxfp4') as BlockFormat;
    const { blocks } = applyRecipe(x, 'mxfp4+stochastic=7');
    const plain = quantizeBlocks(x, format);
    expect(blocks.scaleCodes).toEqual(plain.scaleCodes);
    expect(blocks.codes).not.toEqual(plain.codes);
    const policy = resolvePolicy(format.element, { overflow: 'saturate' });
    blocks.codes.forEach((code, i) => {
      const scale = decode(format.scale, blocks.scaleCodes[Math.floor(i / 48) * 2 + Math.floor((i % 48) / 32)]!);
      const random = oracleRandomBits(7n, { index: i, step: 0, stage: 0 }, 32);
      const wanted = oracleStochastic(format.element, policy, data[i]! / scale, 32, 'B', random).value;
      expect(decode(format.element, code)).toBe(wanted);
    });
    expect(applyRecipe(x, 'mxfp4+stochastic=8').blocks.codes).not.toEqual(blocks.codes);
    expect(applyRecipe(x, 'nvfp4+hadamard+stochastic').blocks.format).toBe(nvfp4);
  });

  it('refuses stages that there are not', () => {
    for (const text of ['mxfp4+', 'mxfp4+dither', 'mxfp4+stochastic=x', 'mxfp4+hadamard@ocp']) {
      expect(failure(() => parseRecipe(text))).toBe('name recipe');
    }
    const stages = [{ kind: 'hadamard', size: 4, signs: [1, 1, 1, 2] }];
    expect(failure(() => applyRecipe(x, { name: 'x', format: nvfp4, stages } as never))).toBe(
      'value recipe.stages[0].signs[3]',
    );
    expect(failure(() => applyRecipe(x, 'block:nf4;size=32;scale=binary32+stochastic'))).toBe(
      'unsupported options.stochastic',
    );
  });
});
