import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnyBlock,
  codebookTies,
  defineBlock,
  defineCodebook,
  type FloatFormat,
  hifloat8,
  iq4nl,
  nf4,
  parseBlock,
  parseFormat,
} from '../../../src/formats/index.ts';
import { blockRecipes, compareRecipes, dequantizeBlocks, quantizeBlocks } from '../../../src/quantization/index.ts';
import { type OracleBlockRecipe, oracleBlock, oracleBlockValues } from '../../../src/testing/oracle/blocks.ts';
import { oracleDecode } from '../../../src/testing/oracle/codes.ts';
import { vector } from '../helpers.ts';

const SIZE = 6;
const own = codebookTies.map((ties) =>
  defineCodebook({ name: `own-${ties}`, values: [-5, -2, -0.5, -0, 0, 0.75, 3, 4], ties }),
);
const formats: AnyBlock[] = ['e8m0fnu', 'binary16', 'e4m3fn', 'binary32'].flatMap((scale) =>
  [nf4, iq4nl, hifloat8, ...own].map((element) =>
    defineBlock({ name: 'x', element, scale: parseFormat(scale) as FloatFormat, size: SIZE, scaleRule: 'amax' }),
  ),
);

/** Thresholds times scales, what lies beside them, and anything. */
function numbers({ element }: AnyBlock): fc.Arbitrary<number[]> {
  if (element.kind !== 'codebook') throw new Error('a codebook');
  const at = [...element.thresholds, ...element.values, ...element.ends].filter((x) => Number.isFinite(x));
  const near = fc
    .tuple(
      fc.constantFrom(...at),
      fc.constantFrom(1, 1 + 2 ** -52, 1 - 2 ** -53, 1 + 2 ** -23),
      fc.integer({ min: -4, max: 4 }),
    )
    .map(([x, times, shift]) => x * times * 2 ** shift);
  const any = fc.oneof(
    { weight: 5, arbitrary: near },
    { weight: 3, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -500, max: 500 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, 1e-40, 5e-324, 1e39, 1e300, Infinity, Number.NaN) },
  );
  return fc.array(any, { minLength: 1, maxLength: SIZE });
}

describe('blocks of a codebook', () => {
  it('equal the oracle, exactly divided or by a reciprocal in binary32', () => {
    const recipes = fc.record<OracleBlockRecipe>({
      scaleRule: fc.constant('amax'),
      rounding: fc.constant('tiesToEven'),
      zero: fc.constantFrom<OracleBlockRecipe['zero'][]>('smallest', 1),
      tooLarge: fc.constantFrom('largest', 'nan'),
      infinity: fc.constantFrom('nan', 'largest'),
      division: fc.constantFrom('exact', 'reciprocal'),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...formats).chain((format) => fc.tuple(fc.constant(format), numbers(format))),
        recipes,
        ([format, x], recipe) => {
          const blocks = quantizeBlocks(vector(...x), format, { recipe: { name: 'mine', ...recipe } });
          const { scale, elements, ...counts } = oracleBlock(format, recipe, x);
          expect(oracleDecode(format.scale, blocks.scaleCodes[0] as number)).toBe(scale);
          const { clips, underflows, zeroed, scaleUnderflows, scaleOverflows } = blocks;
          expect({
            clips: clips[0],
            underflows: underflows[0],
            zeroed: zeroed[0],
            scaleUnderflows: scaleUnderflows[0],
            scaleOverflows: scaleOverflows[0],
          }).toEqual(counts);
          if (Number.isNaN(scale)) return;
          const { element } = format;
          if (element.kind !== 'codebook') throw new Error('a codebook');
          expect(Array.from(blocks.codes, (code) => element.values[code])).toEqual(elements);
          expect([...dequantizeBlocks(blocks)]).toEqual(oracleBlockValues({ scale, elements, ...counts }));
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('NF4 as bitsandbytes quantizes it: binary32 at every step, written out', () => {
    const format = parseBlock('block:nf4;size=64;scale=binary32');
    const rows = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -3, max: 3 }), {
      minLength: 64,
      maxLength: 64,
    });
    fc.assert(
      fc.property(rows, (x) => {
        const blocks = quantizeBlocks(vector(...x), format, { recipe: 'bitsandbytes' });
        const amax = x.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
        if (amax === 0) return;
        const factor = Math.fround(1 / amax);
        const codes = x.map(
          (one) => nf4.thresholds.filter((threshold) => Math.fround(one * factor) > threshold).length,
        );
        if (factor < Infinity) expect([...blocks.codes]).toEqual(codes);
        expect([...dequantizeBlocks(blocks)]).toEqual(
          [...blocks.codes].map((code) => (nf4.values[code] as number) * amax),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('stand among the recipes in use', () => {
    const x = { data: Float64Array.from({ length: 256 }, (_, i) => Math.sin(i * 1.7) * 3), shape: [4, 64] };
    const { rows } = compareRecipes(x, {
      recipes: [
        'block:nf4;size=64;scale=binary32@bitsandbytes',
        'block:int4;size=64;scale=binary32',
        'block:iq4nl;size=32;scale=binary16',
      ],
    });
    expect(rows.map(({ bits }) => bits)).toEqual([4.5, 4.5, 4.5]);
    for (const { sqnr } of rows) expect(sqnr).toBeGreaterThan(15);
    expect(blockRecipes.bitsandbytes?.division).toBe('reciprocal');
  });
});
