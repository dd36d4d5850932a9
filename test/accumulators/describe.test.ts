import { describe, expect, it } from 'vitest';
import { orderText, reductionText, stepText } from '../../src/accumulators/describe.ts';
import { defineReduction } from '../../src/accumulators/index.ts';
import { defineRounding } from '../../src/rounding/index.ts';

const cut = { format: 'binary32', policy: { rounding: 'towardZero', subnormals: 'flushBoth', overflow: 'infinity' } };
const half = { format: 'binary16' };
const sequential = (accumulator: object) => ({ kind: 'sequential', accumulator });
const float = { kind: 'float', rounding: half };
const aligned = { kind: 'aligned', fractionBits: 24, lost: 'truncate', output: cut };

const brief = (reduction: object) => reductionText(defineReduction(reduction));
const full = (reduction: object) => reductionText(defineReduction(reduction), true);

describe('stepText', () => {
  it('tells rounding and flushing, in full all that is not the default', () => {
    expect(stepText(defineRounding(half))).toBe('binary16');
    expect(stepText(defineRounding(cut))).toBe('binary32 towardZero flushed');
    expect(stepText(defineRounding(half), true)).toBe('binary16');
    expect(stepText(defineRounding(cut), true)).toMatch(/^binary32, rounding towardZero, .*subnormals flushBoth/);
  });
});

describe('reductionText', () => {
  it.each([
    [float, 'additions in binary16'],
    [{ ...float, fused: true }, 'multiply-adds in binary16'],
    [{ kind: 'fixed', rounding: { format: 'int32:fraction=16' } }, 'fixed-point additions in int32:fraction=16'],
    [{ kind: 'integer', bits: 24, overflow: 'saturate' }, '24-bit integer, saturate every step'],
    [{ kind: 'integer', bits: 24, overflow: 'wrap', when: { every: 4 } }, '24-bit integer, wrap every 4'],
    [{ kind: 'neumaier', rounding: half }, 'neumaier sums in binary16'],
    [{ kind: 'exact', output: half }, 'exact, rounded once to binary16'],
    [aligned, 'fused 24 bits cut, to binary32 towardZero flushed'],
  ])('names %o', (accumulator, words) => {
    expect(brief(sequential(accumulator))).toBe(words);
  });

  it('tells orders, tiles and lanes', () => {
    expect(brief({ ...sequential(float), order: 'descending' })).toBe('additions in binary16, last first');
    const tree = { kind: 'pairwise', leaf: 'element', accumulator: float };
    expect(brief(tree)).toBe('pairwise additions in binary16');
    expect(full(tree)).toBe('pairwise additions in binary16, from the elements themselves');
    const tiles = { kind: 'tiled', size: 8, within: sequential(float), across: 'chain' };
    expect(brief(tiles)).toBe('8 at a time: additions in binary16');
    expect(full(tiles)).toBe('8 at a time: additions in binary16, one on top of the other');
    expect(brief({ ...tiles, across: tree })).toBe(
      '8 at a time: additions in binary16; then pairwise additions in binary16',
    );
    const lanes = { kind: 'strided', lanes: 4, run: 2, within: sequential(float), across: 'chain' };
    expect(brief(lanes)).toBe('4 sums of interleaved runs of 2, each additions in binary16, one on top of the other');
  });

  it('calls tiles that chain and round once blocks', () => {
    const blocks = (accumulator: object) => ({
      kind: 'tiled',
      size: 4,
      within: sequential(accumulator),
      across: 'chain',
    });
    expect(brief(blocks(aligned))).toBe('fused blocks of 4, 24 bits cut, to binary32 towardZero flushed');
    expect(brief(blocks({ kind: 'exact', output: half }))).toBe('blocks of 4, exact, rounded once to binary16');
  });

  it('leaves no field out in full', () => {
    const rules = { leastExponent: -132, zeroGroups: 'scale', zeroSign: 'rounded' };
    const words = full(sequential({ ...aligned, ...rules, group: 16 }));
    for (const [key, value] of Object.entries(rules)) expect(words).toContain(`, ${key} ${value}`);
    expect(words).toContain('groups of 16 exact');
    const addend = { sumBits: 31, addendBits: 24, lost: 'floor', far: 'zero', settle: 20 };
    expect(
      full(sequential({ ...aligned, zeroRule: 'mmasim1', productOverflow: 'infinity', addend, lanes: 2 })),
    ).toContain(
      'fused 24 bits cut, odd and even apart, addend late, cut again ' +
        '(sumBits 31, addendBits 24, lost floor, far zero, settle 20), zeroRule mmasim1, productOverflow infinity, to binary32',
    );
    expect(full(sequential({ kind: 'exact', output: half, productExponent: -3 }))).toContain('productExponent -3');
    const register = { kind: 'integer', bits: 9, overflow: 'wrap', nonFinite: 'invalid' };
    expect(full(sequential(register))).toBe('9-bit integer, wrap every step, nonFinite invalid');
    expect(full(sequential(aligned))).not.toContain('zero');
  });
});

describe('orderText', () => {
  it('leaves accumulators out', () => {
    const order = (reduction: object) => orderText(defineReduction(reduction));
    expect(order(sequential(float))).toBe('sequential');
    const tree = { kind: 'butterfly', accumulator: float };
    expect(order({ kind: 'tiled', size: 64, within: sequential(float), across: tree })).toBe(
      '64 at a time; then butterfly',
    );
    expect(order({ kind: 'strided', lanes: 8, within: tree, across: tree })).toBe(
      '8 interleaved sums: butterfly; then butterfly',
    );
  });
});
