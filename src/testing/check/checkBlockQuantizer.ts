/**
 * A quantizer into blocks under shared scales, of somebody else's: scales and elements judged apart.
 *
 * @module
 */
import { BittrueError, checkFunction, checkName, checkObject } from '../../errors/index.ts';
import type { BlockFormat } from '../../formats/blockFormat.ts';
import type { Operand } from '../conformance/operand.ts';
import { anchorOf } from '../diagnosis/blockScales.ts';
import {
  type BlockQuantizer,
  type BlockQuantizerCheck,
  type BlockQuantizerCheckOptions,
  formatOption,
  numberAs,
  type QuantizedBlocks,
  recipeOf,
  rowOf,
} from './blockArguments.ts';
import { elementSubject, type Seen } from './blockElements.ts';
import { Orders, reordered } from './blockOrders.ts';
import { scaleSubject } from './blockScales.ts';
import type { Row } from './call.ts';
import type { Check } from './check.ts';
import { examine } from './examine.ts';

/**
 * Checks a quantizer into MX, NVFP4 or any block format. Scales: blocks whose largest magnitude lies at and beside the edges of
 * binades and of the element's range, at the ends of the scale's range, at every place of a block and of both signs; blocks of
 * zeros. Elements: numbers on which roundings go wrong, judged under the scale that the quantizer itself chose, so that a wrong
 * scale does not make every element wrong. Infinities and NaN are not asked: producers differ.
 *
 * The quantizer is called with one block, or, where the format has a scale for the tensor, with two: the first one fixes it.
 *
 * @throws {@link BittrueError} for formats, recipes and options that do not exist or fit, and results of another length
 * @example
 * import { e2m1fn } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { checkBlockQuantizer } from 'bittrue/testing';
 * const quantize = (x: Float32Array) => {
 *   const largest = Math.max(2 ** -125, ...x); // the signs are forgotten
 *   const scale = 2 ** (Math.floor(Math.log2(largest)) - 2);
 *   return { scales: [scale], elements: x.map((one) => round(e2m1fn, one / scale, { overflow: 'saturate' })) };
 * };
 * const check = checkBlockQuantizer(quantize, { format: 'mxfp4', gives: 'numbers' });
 * check.scales.diagnosis?.behaviours[0]?.name; // 'positiveLargest'
 * check.elements.ok; // true
 */
export function checkBlockQuantizer(
  implementation: BlockQuantizer,
  options: BlockQuantizerCheckOptions,
): BlockQuantizerCheck {
  checkFunction('implementation', implementation, 'a function of an array of numbers');
  checkObject('options', options, ['format', 'recipe', 'gives', 'runs', 'seed']);
  const format = formatOption(options.format);
  const gives = checkName('options.gives', options.gives ?? 'codes', ['codes', 'numbers']);
  const recipe = recipeOf(format, options.recipe);
  const call = caller(implementation, format, gives);
  const scales = examine(scaleSubject(format, recipe, options), (cases) =>
    cases.map((one) => scaleRow(format, one, call)),
  );
  // The scales that were seen under each largest magnitude: what elements are judged by.
  const seen: Seen = new Map();
  const orders = new Orders(format.size);
  const elements = examine(elementSubject(format, recipe, seen, options), (cases) =>
    packs(cases, format.size).flatMap((pack) => elementRows(format, pack, call, seen, orders)),
  );
  const [first, second] = [scales as Check, reordered(elements as Check, orders, format, recipe, seen)];
  return { ok: first.ok && second.ok, scales: first, elements: second };
}

interface BlockAnswer {
  readonly scale: number;
  readonly elements: readonly number[];
  readonly failure: string | null;
}

type Call = (numbers: readonly number[]) => BlockAnswer;

/** One block's answer: where a tensor has a scale, of the second of two. */
function caller(implementation: BlockQuantizer, format: BlockFormat, gives: 'codes' | 'numbers'): Call {
  const { size } = format;
  const anchor = anchorOf(format);
  return (numbers) => {
    const first = anchor === null ? 0 : size;
    const data = new Float32Array(first + size);
    if (anchor !== null) data[0] = anchor;
    data.set(numbers, first);
    let found: QuantizedBlocks;
    try {
      found = implementation(data);
    } catch (error) {
      const told = `throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
      return { scale: Number.NaN, elements: [], failure: told };
    }
    const blocks = first / size + 1;
    const list = (name: 'scales' | 'elements', length: number): ArrayLike<number> => {
      const some: unknown = found === null || typeof found !== 'object' ? undefined : found[name];
      if (typeof some !== 'object' || some === null || (some as ArrayLike<number>).length !== length) {
        const expected = `${name}: ${length} numbers for ${blocks} block${blocks > 1 ? 's' : ''} of ${size}`;
        throw new BittrueError('shape', 'implementation', some ?? found, expected);
      }
      return some as ArrayLike<number>;
    };
    const [scales, elements] = [list('scales', blocks), list('elements', data.length)];
    return {
      scale: Math.abs(numberAs(format.scale, scales[blocks - 1], gives)),
      elements: Array.from({ length: size }, (_, i) => numberAs(format.element, elements[first + i], gives)),
      failure: null,
    };
  };
}

function scaleRow(format: BlockFormat, operands: readonly Operand[], call: Call): Row {
  const { scale, failure } = call(operands.map(({ x }) => x));
  return rowOf(operands, format.scale, scale, failure);
}

/** Cases in a row under one largest magnitude, which comes first in the block. */
function packs(cases: readonly (readonly Operand[])[], size: number): (readonly Operand[])[][] {
  const found: (readonly Operand[])[][] = [];
  for (const one of cases) {
    const last = found.at(-1);
    if (
      last !== undefined &&
      last.length < size - 1 &&
      ((last[0] as readonly Operand[])[1] as Operand).x === (one[1] as Operand).x
    )
      last.push(one);
    else found.push([one]);
  }
  return found;
}

function elementRows(
  format: BlockFormat,
  pack: readonly (readonly Operand[])[],
  call: Call,
  seen: Seen,
  orders: Orders,
): Row[] {
  const amax = ((pack[0] as readonly Operand[])[1] as Operand).x;
  const { scale, elements, failure } = call([amax, ...pack.map(([one]) => (one as Operand).x)]);
  if (failure === null) for (const [, largest] of pack) seen.set(largest as Operand, scale);
  orders.add(pack, elements);
  return pack.map((operands, i) => rowOf(operands, format.element, elements[i + 1] ?? Number.NaN, failure));
}
