import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../../src/arithmetic/index.ts';
import { type BlockFormat, binary16, e4m3fn, if4, if6e2m3, if6e3m2 } from '../../../src/formats/index.ts';
import { dequantizeBlocks, quantizeBlocks, twoLevelRecipes } from '../../../src/quantization/index.ts';
import { decodeCodebook } from '../../../src/rounding/codebook.ts';
import { decode } from '../../../src/rounding/index.ts';
import { oracleTwoLevel } from '../../../src/testing/oracle/twoLevel.ts';
import { failure, vector } from '../helpers.ts';

/**
 * The inputs of the published testbench of IF4's arithmetic unit (if4_mac_golden_ref.svh): for each of three sums ten blocks,
 * each the scale of a, that of w, 16 codes of a, 16 of w; and the sums as binary32.
 */
const golden = [
  'E84137B0F64BD953F79EB6D47B66BF0AD636',
  '946573DA4B26F3ACDE7C0774F7C976C05A75',
  '9EA1CEF4D062FA5750ABB5A071B3AABF3544',
  '6E244CFA644927A5F2490AD3570DFBDFB916',
  '03ABED9CBE07E35C9FF79416119A5C29FE1C',
  '1418E2DFB1A5759D24E7F2043F7EF3229F27',
  'C8890C92A32D369D471EED7762262A7B0376',
  'F46ED2EC6B1B0DCCD22E7419E4E153BCF53A',
  'DCC4CD64EDB4970CD4422DC6AEF5D52060C0',
  'E1EC3F3F3C1BC5290AFA4BA5CD527B5CA979',
  '66173C39EADC2E00E43FF10A4B6FCAFE40ED',
  '8B49FF92DC70FCADC304D99FD3E4BE5A2B07',
  '5C7A754A74B3466F2A3B4A1F94FA751F5D3B',
  '4457E5A1A7E543B362424B942734675A4C5C',
  '8697F4F923A01B630053BAFACFD911DD6E6D',
  '4C9865232C1767B41441E3F930EBF35BC990',
  '6B68C795333C43D7B1FAEBCC6C77DBE23D9E',
  '30E72110CE4E6D3573EEDAAF37C64EEDBFFB',
  '47C4C60A7DD6D77AC976F34C06A1639DE934',
  '680B60C361B13BDD679076B597497BAAAA64',
  'DDEEAA322CC25A54B2A20B14364733FEBC1D',
  '9EAF415B0DD6C5400029CDCE23ACF62ED56E',
  '669C62736D2714140C0D037DC2FF39F277C5',
  '4A671431612E45C2D554F3EE115EE12DA205',
  '7040952FD49A75D7F443D1EA442EA9B19F1A',
  '0109EF32616D71763CDB9293172199BD66C0',
  '864EC3917DC1E20E6EE3D14159EC353B23CD',
  'FA725B2D0737CB27D539C0BFEB42FA731209',
  '74270C3F4036D414B1EDF1B99DCE9B4C2110',
  '98A0D34EEA453B9C5457594ED397619649C0',
];
const sums = [0xc802a96c, 0x493f9837, 0x4a323662];

describe('IF4', () => {
  it('gives the golden sums of the published arithmetic unit', () => {
    const { fround } = Math;
    const half = createUnit({ format: binary16 });
    const integers = if4.beside?.kind === 'choice' ? if4.beside : null;
    const [ratio, both] = [fround(6 / 7), fround(36 / 49)];
    expect(integers?.ratio).toBe(ratio);
    const value = (isInteger: boolean, digit: string): number => {
      const code = Number.parseInt(digit, 16);
      return isInteger ? decodeCodebook(integers!.element as never, code) : decode(if4.element, code);
    };
    // The unit reads the code of NaN as the largest number.
    const scaleOf = (code: number): number => decode(e4m3fn, Math.min(code & 0x7f, 0x7e));
    for (let run = 0; run < 3; run++) {
      const lanes = new Float32Array(16);
      for (const line of golden.slice(run * 10, run * 10 + 10)) {
        const [a, w] = [line.slice(0, 2), line.slice(2, 4)].map((text) => Number.parseInt(text, 16)) as [
          number,
          number,
        ];
        const kinds = Number(a >= 128) + Number(w >= 128);
        let scale = fround(scaleOf(a) * scaleOf(w));
        if (kinds > 0) scale = fround(scale * (kinds === 2 ? both : ratio));
        lanes.forEach((sum, i) => {
          const product = half.multiply(value(a >= 128, line[4 + i]!), value(w >= 128, line[20 + i]!));
          lanes[i] = sum + fround(product * scale);
        });
      }
      let all = [...lanes];
      while (all.length > 1) all = all.flatMap((x, i) => (i % 2 === 0 ? [fround(x + all[i + 1]!)] : []));
      expect(new Uint32Array(Float32Array.of(all[0]!).buffer)[0]).toBe(sums[run]);
    }
  });

  it('takes integers where they differ less, and says so by the sign of the scale', () => {
    const integers = quantizeBlocks(vector(7, 6, 5, 4, 3, 2, 1, -7), if4);
    expect([...integers.codes]).toEqual([7, 6, 5, 4, 3, 2, 1, 9]);
    expect(integers.scaleCodes[0]).toBe(0xfe);
    const values = [...dequantizeBlocks(integers)];
    [7, 6, 5, 4, 3, 2, 1, -7].forEach((x, i) => void expect(values[i]).toBeCloseTo(x, 6));
    const floats = quantizeBlocks(vector(6, 4, 3, 2, 1, 0.5), if4);
    expect(floats.scaleCodes[0]).toBe(0x7e);
    expect([...floats.codes]).toEqual([7, 6, 5, 4, 2, 1]);
  });

  it.each([if4, if6e2m3, if6e3m2].map((format) => [format.name, format] as const))(
    '%s equals the oracle',
    (_, format) => {
      const size = 5;
      const own = { ...format, size } as BlockFormat;
      const number = fc.oneof(
        fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }),
        fc.integer({ min: -31, max: 31 }),
        fc.constantFrom(0, -0, 1e-30, 3e38),
      );
      const block = fc.array(number, { minLength: size, maxLength: size });
      fc.assert(
        fc.property(
          fc.array(block, { minLength: 1, maxLength: 3 }),
          fc.constantFrom('intFloat', 'fourOverSix'),
          (rows, name) => {
            const recipe =
              name === 'intFloat' ? name : { ...twoLevelRecipes.intFloat!, candidates: ['largest', 4] as const };
            const blocks = quantizeBlocks({ data: Float64Array.from(rows.flat()), shape: [rows.length, size] }, own, {
              recipe,
            });
            const { levels: _, name: __, ...spelled } = typeof recipe === 'string' ? twoLevelRecipes.intFloat! : recipe;
            const found = oracleTwoLevel(own, rows, spelled);
            expect(blocks.tensorScale).toBe(found.tensorScale);
            found.blocks.forEach(({ scale, elements, clips, zeroed }, b) => {
              expect(decode(own.scale, blocks.scaleCodes[b]!)).toBe(scale);
              const isOther = blocks.scaleCodes[b]! >= 128;
              const other = own.beside?.kind === 'choice' ? own.beside.element : null;
              const read = (code: number): number =>
                isOther ? decodeCodebook(other as never, code) : decode(own.element, code);
              const codes = [...blocks.codes.subarray(b * size, (b + 1) * size)];
              expect(codes.map(read).map((x) => x + 0)).toEqual(elements.map((x) => x + 0));
              expect([blocks.clips[b], blocks.zeroed[b]]).toEqual([clips, zeroed]);
            });
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  it('refuses a producer that divides', () => {
    expect(failure(() => quantizeBlocks(vector(1), if4, { recipe: 'torchao' }))).toBe('unsupported options.recipe');
  });
});
