/**
 * Arbitrary numbers for block formats.
 *
 * @module
 */
import fc from 'fast-check';
import { checkInteger, checkObject } from '../../errors/index.ts';
import { checkBlockFormat } from '../../formats/check.ts';
import type { BlockFormat } from '../../formats/index.ts';
import { nextNumber } from '../binary64.ts';
import { exponentIn } from '../diagnosis/grid.ts';
import { numberAt, ordinalsOf } from '../ordinals.ts';
import { numbersOf } from './numbers.ts';

/** How many blocks. */
export interface BlocksConstraints {
  /** @defaultValue 3 */
  readonly maxBlocks?: number;
}

/**
 * Numbers of one or more blocks, on which quantizers into a block format go wrong: elements on values and halfway between
 * them at the block's scale; a largest one at an edge of a binade, or of the elements' range; scales at the ends of their
 * range and beyond; blocks of zeros; one large number among small ones; a last block that is short. Shrinks to one number.
 *
 * @param format - MX, NVFP4, or one's own of `defineBlock`
 * @example
 * import fc from 'fast-check';
 * import { mxfp4 } from 'bittrue/formats';
 * import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';
 * import { blocks } from 'bittrue/testing/arbitraries';
 * const again = (x: Float64Array) => dequantizeBlocks(quantizeBlocks({ data: x, shape: [x.length] }, mxfp4));
 * const isFixed = (x: Float64Array) => again(again(x)).every((one, i) => one === again(x)[i]);
 * fc.assert(fc.property(blocks(mxfp4), isFixed));
 */
export function blocks(format: BlockFormat, constraints: BlocksConstraints = {}): fc.Arbitrary<Float64Array> {
  checkBlockFormat('format', format);
  checkObject('constraints', constraints, ['maxBlocks']);
  const { maxBlocks = 3 } = constraints;
  checkInteger('constraints.maxBlocks', maxBlocks, 1, 2 ** 10);
  const { size } = format;
  const drawn = fc
    .tuple(
      fc.array(block(format), { minLength: 1, maxLength: maxBlocks }),
      fc.nat({ max: size - 1 }),
      fc.nat({ max: 3 }),
    )
    .map(([all, short, isShort]) => all.flat().slice(0, all.length * size - (isShort === 0 ? short : 0)));
  return numbersOf(drawn, { holds: Number.isFinite });
}

function block({ element, scale, size, tensorScale }: BlockFormat): fc.Arbitrary<number[]> {
  const { low, high } = ordinalsOf(element);
  // Values, midpoints and what lies beside them, at a scale of 1; a little beyond the largest.
  const units = fc
    .tuple(fc.integer({ min: low - 2, max: high + 2 }), fc.constantFrom(0, 0.5), fc.constantFrom(0, 1, -1))
    .map(([ordinal, half, ulps]) => {
      const x = numberAt(element, ordinal);
      return nextNumber(x + (numberAt(element, ordinal + 1) - x) * half, ulps);
    });
  const largest = fc.constantFrom(
    element.max,
    -element.max,
    2 ** exponentIn(element.max),
    1,
    nextNumber(element.max, 1),
  );
  const exponents = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -4, max: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: Math.max(scale.emin, -900) - 3, max: Math.min(scale.emax, 900) + 3 }) },
  );
  const significand =
    scale.mantissaBits === 0 && tensorScale === null ? fc.constant(1) : fc.constantFrom(1, 1.5, 1.25, 1.0625);
  return fc
    .record({
      kind: fc.constantFrom('dense', 'dense', 'dense', 'outlier', 'equal', 'zero'),
      elements: fc.array(units, { minLength: size, maxLength: size }),
      largest,
      at: fc.nat({ max: size - 1 }),
      exponent: exponents,
      significand,
    })
    .map(({ kind, elements, largest: top, at, exponent, significand: factor }) => {
      const of = 2 ** exponent * factor;
      if (kind === 'zero') return new Array<number>(size).fill(0);
      if (kind === 'equal') return new Array<number>(size).fill(top * of);
      return elements.map((x, i) => {
        if (i === at) return top * of;
        return (kind === 'outlier' ? x * 2 ** -8 : x) * of;
      });
    })
    .map((numbers) => numbers.map((x) => (Number.isFinite(x) ? x : Math.sign(x) * Number.MAX_VALUE)));
}
