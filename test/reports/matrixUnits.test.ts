import { describe, expect, it } from 'vitest';
import { accumulatorText, formatMatrixUnits, formatTargetComparison } from '../../src/reports/index.ts';
import { compareTargets } from '../../src/studies/index.ts';
import {
  amx,
  armBf16,
  avx512Bf16,
  b200,
  findMatrixUnit,
  fp16,
  h100,
  mi200,
  mi300,
  type Target,
  targets,
} from '../../src/targets/index.ts';

const words = (target: Target, name: string): string => accumulatorText(findMatrixUnit(target, name));

describe('accumulatorText', () => {
  it('puts a sum into words', () => {
    expect(words(h100, 'fp8Wgmma')).toBe('fused blocks of 32, 13 bits cut, to e8m13 towardZero');
    expect(words(b200, 'nvfp4')).toContain('groups of 16 exact');
    expect(words(mi300, 'fp8')).toContain('odd and even apart, addend late, cut again, to binary32');
    expect(words(mi200, 'f16')).toContain('4 at a time: pairwise additions in binary32 flushed');
    expect(words(avx512Bf16, 'bf16')).toContain('multiply-adds in binary32 flushed, last first');
    expect(words(amx, 'bf16')).toContain('2 interleaved sums');
    expect(words(armBf16, 'bfdot')).toMatch(/^products to binary32 toOdd flushed; /);
    expect(words(armBf16, 'bfdotEbf')).toContain('exact, rounded once to binary32');
  });
});

describe('formatMatrixUnits', () => {
  it('names every unit, vendor and source, in 100 columns', () => {
    const text = formatMatrixUnits(Object.values(targets));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    for (const { name, vendor, matrixUnits, sameAs } of Object.values(targets)) {
      if (sameAs !== undefined) {
        expect(text).toMatch(new RegExp(`\\n  alike +[^→;]*\\b${name}\\b`));
        continue;
      }
      const matrix = Object.values(matrixUnits);
      if (matrix.length > 0) expect(text).toContain(vendor === '' ? `${name}: ` : `${name} (${vendor}): `);
      for (const unit of matrix) expect(text).toContain(`\n  ${unit.name} `);
    }
    expect(formatMatrixUnits([fp16])).toBe('');
  });
});

describe('formatTargetComparison', () => {
  const compare = (x: number[], y: number[], c: number[]) =>
    formatTargetComparison(
      compareTargets(x, y, {
        rows: 1,
        width: x.length,
        c,
        contenders: [
          { target: h100, unit: 'f16' },
          { target: mi300, unit: 'f16' },
        ],
      }),
    );

  it('shows both codes, or that there is nothing to show', () => {
    const different = compare([1, 2 ** -14], [1, 1.5 * 2 ** -9], [1]);
    expect(different.split('\n')[0]).toBe('h100 f16 and mi300 f16: different bits in 1 of 1 dot products of 2');
    expect(different).toContain('40000000');
    expect(different).toContain('40000001');
    expect(compare([1, 1], [1, 1], [1]).split('\n')[0]).toContain('the same bits in all 1');
  });
});
