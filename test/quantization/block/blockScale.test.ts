import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlockFormat, defineBlock, parseBlock, parseFormat } from '../../../src/formats/index.ts';
import {
  blockRecipes,
  dequantizeBlocks,
  quantizeBlocks,
  type TwoLevelRecipe,
  twoLevelRecipes,
} from '../../../src/quantization/index.ts';
import { decode } from '../../../src/rounding/index.ts';
import {
  type OracleBlock,
  type OracleBlockRecipe,
  oracleBlock,
  oracleBlockValues,
} from '../../../src/testing/oracle/blocks.ts';
import { oracleDecode, oracleEncode } from '../../../src/testing/oracle/codes.ts';
import { oracleTwoLevel } from '../../../src/testing/oracle/twoLevel.ts';
import { failure, vector } from '../helpers.ts';

/** Scales of every shape, by what is special about them. */
const scales: Readonly<Record<string, string>> = {
  'a power of two without zero': 'e8m0fnu',
  'a power of two with zero and NaN': 'float:e5m0:inf=none:nan=topCode',
  'a power of two with zero alone': 'float:e4m0:inf=none:unsigned',
  'four bits, unsigned': 'float:e5m3:unsigned',
  e4m3fn: 'e4m3fn',
  'one without NaN': 'float:e4m3:inf=none:nan=none',
  'one with NaN at negative zero': 'e4m3fnuz',
  'one with infinities at the top code': 'float:e4m3:inf=topCode:nan=topCode',
  'one without subnormals': 'float:e4m3:inf=none:nan=topCode:lowest=normalButZero',
  'one without zero': 'float:e5m3:unsigned:inf=none:nan=topCode:lowest=normal',
  e5m2: 'e5m2',
  bfloat16: 'bfloat16',
  binary16: 'binary16',
  binary32: 'binary32',
};
const elements = ['e2m1fn', 'e4m3fn', 'e5m2', 'e2m3fn', 'int8', 'mxint8', 'int4', 'float:e1m3:bias=1:inf=none'];
const powers = ['floor', 'ceil', 'rceil', 'even', 'tosa'] as const;
const SIZE = 6;

/** Numbers around everything that decides: the scale's ends, midpoints of elements, zeros, specials. */
function numbers({ element, scale }: BlockFormat): fc.Arbitrary<number[]> {
  const smallest = scale.minSubnormal ?? scale.minNormal;
  const about = fc
    .tuple(
      fc.constantFrom(1, element.max, scale.max * element.max, smallest * element.max, (smallest * element.max) / 2),
      fc.constantFrom(1, 1 + 2 ** -52, 1 - 2 ** -53, 1.0625, 0.9375, 1.25, 0.75, 0.5, 0.25),
      fc.constantFrom(1, -1),
    )
    .map(([at, near, sign]) => at * near * sign);
  const codes = fc
    .tuple(fc.nat(Math.min(element.codes, 2 ** 16) - 2), fc.constantFrom(0, 1), fc.integer({ min: -3, max: 3 }))
    .map(([code, between, shift]) => {
      const [low, high] = [decode(element, code), decode(element, code + between)];
      const middle = ((low + high) / 2) * 2 ** shift;
      return Number.isFinite(middle) ? middle : 1;
    });
  const wild = fc
    .tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.integer({ min: -1080, max: 1022 }))
    .map(([x, exponent]) => x * 2 ** exponent);
  const any = fc.oneof(
    { weight: 6, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }) },
    { weight: 6, arbitrary: codes },
    { weight: 3, arbitrary: about },
    { weight: 2, arbitrary: fc.constantFrom(0, -0) },
    { weight: 1, arbitrary: wild },
    { weight: 1, arbitrary: fc.constantFrom(5e-324, 1e-40, Number.MAX_VALUE, 1e39, Infinity, -Infinity, Number.NaN) },
  );
  const small = fc.array(any, { minLength: 1, maxLength: SIZE });
  const scaled = fc
    .tuple(fc.array(codes, { minLength: 1, maxLength: SIZE }), fc.constantFrom(0.1, 1 / 3, scale.max, smallest, 7e-5))
    .map(([x, by]) => x.map((v) => v * by));
  return fc.oneof({ weight: 3, arbitrary: small }, { weight: 2, arbitrary: scaled });
}

/** What the library makes of one block, in the oracle's words. */
function made(
  format: BlockFormat,
  x: readonly number[],
  recipe?: OracleBlockRecipe,
): OracleBlock & { values: number[] } {
  const options = recipe === undefined ? {} : { recipe: { name: 'mine', ...recipe } };
  const blocks = quantizeBlocks(vector(...x), format, options);
  const scale = oracleDecode(format.scale, blocks.scaleCodes[0]);
  return {
    scale,
    elements: Number.isNaN(scale) ? [] : Array.from(blocks.codes, (code) => oracleDecode(format.element, code)),
    clips: blocks.clips[0],
    underflows: blocks.underflows[0],
    zeroed: blocks.zeroed[0],
    scaleUnderflows: blocks.scaleUnderflows[0],
    scaleOverflows: blocks.scaleOverflows[0],
    values: Number.isNaN(scale) ? [] : [...dequantizeBlocks(blocks)],
  };
}

function wanted(block: OracleBlock): OracleBlock & { values: number[] } {
  return { ...block, values: oracleBlockValues(block) };
}

const recipes = fc.record<OracleBlockRecipe>({
  scaleRule: fc.constantFrom(...powers, 'amax'),
  rounding: fc.constantFrom('tiesToEven', 'tiesToAway', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd'),
  zero: fc.constantFrom<OracleBlockRecipe['zero'][]>('smallest', 2 ** -126, 1),
  tooLarge: fc.constantFrom('largest', 'infinity', 'nan'),
  infinity: fc.constantFrom('nan', 'largest'),
  division: fc.constant('exact'),
});

describe('every recipe × every shape of scale equals the oracle', () => {
  it.each(Object.entries(scales))('%s: %s', (_, text) => {
    const scale = parseFormat(text);
    if (scale.kind !== 'float') throw new Error('a float');
    const formats = elements.map((element) =>
      defineBlock({ name: 'x', element: parseFormat(element), scale, size: SIZE }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...formats).chain((format) => fc.tuple(fc.constant(format), numbers(format))),
        recipes,
        fc.boolean(),
        ([format, x], recipe, reciprocal) => {
          const isFraction = scale.mantissaBits > 0;
          const scaleRule = isFraction || reciprocal ? 'amax' : recipe.scaleRule;
          const own: OracleBlockRecipe = { ...recipe, scaleRule, division: reciprocal ? 'reciprocal' : 'exact' };
          const lost = x.some((v) => Number.isNaN(v) || Math.abs(reciprocal ? Math.fround(v) : v) === Infinity);
          const needsNaN = x.some(Number.isNaN) || (lost && own.infinity === 'nan');
          if (scale.nan === 'none' && needsNaN) {
            expect(failure(() => made(format, x, own))).toMatch(/^value x\[\d+\]$/);
            return;
          }
          expect(made(format, x, own)).toEqual(wanted(oracleBlock(format, own, x)));
        },
      ),
      { numRuns: 600 },
    );
  });

  it.each(Object.entries(blockRecipes))('the named producer %s', (_, { name, ...rest }) => {
    const named = { ...rest, division: rest.division ?? 'exact' };
    const fits = Object.values(scales)
      .map((text) => parseFormat(text))
      .filter((scale) => scale.kind === 'float' && scale.nan !== 'none')
      .filter(
        (scale) =>
          scale.kind === 'float' && (['ocp', 'bitsandbytes', 'ggml'].includes(name) || scale.mantissaBits === 0),
      );
    for (const scale of fits) {
      if (scale.kind !== 'float') continue;
      const format = defineBlock({ name: 'x', element: parseFormat('int8'), scale, size: SIZE });
      const scaleRule = named.scaleRule === 'format' ? format.scaleRule : named.scaleRule;
      fc.assert(
        fc.property(numbers(format), (x) => {
          const blocks = quantizeBlocks(vector(...x), format, { recipe: name });
          const found = oracleBlock(format, { ...named, scaleRule } as OracleBlockRecipe, x);
          if (Number.isNaN(found.scale)) expect(decode(scale, blocks.scaleCodes[0])).toBeNaN();
          else {
            expect(blocks.scaleCodes[0]).toBe(oracleEncode(scale, found.scale));
            expect([...blocks.codes]).toEqual(found.elements.map((value) => oracleEncode(format.element, value)));
          }
        }),
        { numRuns: 100 },
      );
    }
  });

  it.each([
    'nvfp4',
    'block:e2m1fn;size=6;scale=e4m3fn;rule=nvfp4',
    'block:int8;size=6;scale=binary16;tensor=binary32',
    'block:e4m3fn;size=6;scale=binary32;tensor=binary32',
    'block:e2m1fn;size=6;scale=float:e5m3:unsigned:inf=none:nan=topCode:lowest=normal;tensor=binary32',
  ])('%s, by two levels or one', (text) => {
    const format = { ...(parseBlock(text) as BlockFormat), size: SIZE };
    const anyRecipe: fc.Arbitrary<string | TwoLevelRecipe | undefined> = fc.oneof(
      fc.constantFrom(undefined, ...Object.keys(twoLevelRecipes)),
      fc.record({
        levels: fc.constant(2 as const),
        name: fc.constant('any'),
        top: fc.constantFrom('largest' as const, 256, 100.1),
        order: fc.constantFrom('reciprocals', 'quotients', 'decode'),
        candidates: fc.array(fc.constantFrom('largest' as const, 4, 3, 5.5), { minLength: 1, maxLength: 3 }),
        error: fc.constantFrom('absolute', 'squared', 'largest'),
        least: fc.constantFrom('zero', 'normal'),
      }),
    );
    fc.assert(
      fc.property(fc.array(numbers(format), { minLength: 1, maxLength: 3 }), anyRecipe, (parts, recipe) => {
        const rows = parts.map((part) => [...part, ...new Array<number>(SIZE - part.length).fill(0)]);
        const x = { data: Float64Array.from(rows.flat()), shape: [rows.length, SIZE] };
        const blocks = quantizeBlocks(x, format, recipe === undefined ? {} : { recipe });
        const own = typeof recipe === 'string' ? twoLevelRecipes[recipe] : recipe;
        const { levels: _, name: __, ...spelled } = own ?? twoLevelRecipes.transformerEngine!;
        const found = oracleTwoLevel(format, rows, spelled);
        expect(blocks.tensorScale).toBe(found.tensorScale);
        const values = dequantizeBlocks(blocks);
        found.blocks.forEach((block, b) => {
          const { scale, elements: own, ...counts } = block;
          expect(oracleDecode(format.scale, blocks.scaleCodes[b])).toBe(scale);
          const { clips, underflows, zeroed, scaleUnderflows, scaleOverflows } = blocks;
          expect({
            clips: clips[b],
            underflows: underflows[b],
            zeroed: zeroed[b],
            scaleUnderflows: scaleUnderflows[b],
            scaleOverflows: scaleOverflows[b],
          }).toEqual(counts);
          if (Number.isNaN(scale)) return;
          const codes = [...blocks.codes.subarray(b * SIZE, (b + 1) * SIZE)];
          expect(codes).toEqual(own.map((value) => oracleEncode(format.element, value)));
          expect([...values.subarray(b * SIZE, (b + 1) * SIZE)]).toEqual(oracleBlockValues(block, found.tensorScale));
        });
      }),
      { numRuns: 600 },
    );
  });
});
