/** Matchers as vitest runs them, and what they say where they fail. */
import { describe, expect, it } from 'vitest';
import { bfloat16 } from '../../../src/formats/index.ts';
import { layerNorm } from '../../../src/kernels/index.ts';
import { round } from '../../../src/rounding/index.ts';
import { fp16 } from '../../../src/targets/index.ts';
import { type Match, matchers } from '../../../src/testing/matchers/index.ts';
import { failure } from '../helpers.ts';

expect.extend(matchers as never);
/** A matcher as expect gives it. */
const that = (received: unknown) => expect(received) as unknown as Record<string, (...args: unknown[]) => unknown>;

const large = layerNorm(
  Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795)),
  { rows: 1, width: 768, target: fp16 },
);
const small = layerNorm(Float64Array.of(1, 2, 3, 4), { rows: 1, width: 4, target: fp16 });

describe('matchers', () => {
  it('hold in vitest', async () => {
    that(0.5).toBeBitEqual!(0.5);
    that([1, Number.NaN]).toBeBitEqual!([1, Number.NaN]);
    that(new Float32Array([1, 1.0078125])).toBeWithinUlp!([1, 1], 1, 'bfloat16');
    that((x: number) => round(bfloat16, x)).toRoundAs!(bfloat16, { from: 'binary32', runs: 500 });
    await that(async (x: number) => round(bfloat16, x)).toRoundAs!('bfloat16', { runs: 500 });
    that(small).toHaveNoEvents!();
    that(large).toOverflowAt!('square', { row: 0, index: 0 });
    expect(() => that(-0).toBeBitEqual!(0)).toThrow('1 of 1 numbers are not bit-equal:\n  [0] is -0, not 0');
  });

  it('say why they fail', () => {
    expect(matchers.toBeBitEqual([1, 2], [1]).message()).toBe('expected 1 numbers, received 2');
    expect(matchers.toBeWithinUlp(1.5, 1, 2, 'bfloat16').message()).toContain('[0] is 1.5, 64 ulp from 1');
    expect(matchers.toBeWithinUlp(Number.NaN, 1, 2, 'bfloat16').pass).toBe(false);
    expect(matchers.toBeWithinUlp(1, Infinity, 2, 'bfloat16').pass).toBe(false);
    const away = matchers.toRoundAs((x: number) => round(bfloat16, x, { rounding: 'tiesToAway' }), 'bfloat16', {
      runs: 500,
    }) as Match;
    expect(away.pass).toBe(false);
    expect(away.message()).toContain('the implementation rounds ties away from zero: explains all');
    expect(matchers.toHaveNoEvents(large.report).message()).toContain(
      'overflow in square, row 0, element 0: exactly 632025, masked',
    );
    expect(matchers.toOverflowAt(large, 'squareSum').message()).toMatch(
      /expected the first overflow at squareSum; there is overflow in square/,
    );
    expect(matchers.toOverflowAt(small, 'square').message()).toContain('nothing overflows');
  });

  it('refuse bad input', () => {
    expect(failure(() => matchers.toBeBitEqual('1' as never, 1))).toBe('type received');
    expect(failure(() => matchers.toBeWithinUlp(1, 1, -1, 'bfloat16'))).toBe('range ulps');
    expect(failure(() => matchers.toRoundAs(1 as never, 'bfloat16'))).toBe('type received');
    expect(failure(() => matchers.toHaveNoEvents({} as never))).toBe('type received');
    expect(failure(() => matchers.toOverflowAt(large, 'squares'))).toBe('name stage');
  });
});
