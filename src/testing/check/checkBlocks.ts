/**
 * Blocks that a quantizer made somewhere else, judged as a function is.
 *
 * @module
 */
import { BittrueError, checkInteger, checkMade, checkName, checkNumbers, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/index.ts';
import { numberOperand, type Operand } from '../conformance/operand.ts';
import { amaxOf } from '../diagnosis/blockScales.ts';
import {
  type BlockQuantizerCheck,
  type BlockQuantizerCheckOptions,
  formatOption,
  numberAs,
  type QuantizedBlocks,
  recipeOf,
  rowOf,
} from './blockArguments.ts';
import { elementSubject, type Seen } from './blockElements.ts';
import { scaleSubject } from './blockScales.ts';
import type { Row } from './call.ts';
import type { Check } from './check.ts';
import { examine, ofCases, type Subject } from './examine.ts';

/** What was written down: numbers, and what a quantizer made of them. */
export interface RecordedBlocks extends QuantizedBlocks {
  /** Blocks run along rows of this many numbers; default: one row. A row's last block may be short. */
  readonly width?: number;
}

/**
 * Judges blocks that were written down as `checkBlockQuantizer` judges a function: scales by the numbers, elements under the scales.
 *
 * @param numbers - what was quantized, row by row
 * @throws {@link BittrueError} for lengths that do not fit, and as `checkBlockQuantizer`
 * @example
 * import { mxfp4 } from 'bittrue/formats';
 * import { quantizeBlocks } from 'bittrue/quantization';
 * import { checkBlocks } from 'bittrue/testing';
 * const data = Float64Array.from({ length: 64 }, (_, i) => Math.sin(i));
 * const { scaleCodes, codes } = quantizeBlocks({ data, shape: [64] }, mxfp4, { recipe: 'microxcaling' });
 * checkBlocks(data, { scales: scaleCodes, elements: codes }, { format: mxfp4 }).scales.ok; // true
 */
export function checkBlocks(
  numbers: ArrayLike<number>,
  blocks: RecordedBlocks,
  options: Omit<BlockQuantizerCheckOptions, 'runs' | 'seed'>,
): BlockQuantizerCheck {
  checkNumbers('numbers', numbers, 'an array of numbers');
  checkObject('options', options, ['format', 'recipe', 'gives']);
  checkMade('blocks', blocks, ['scales', 'elements'], 'blocks: { scales, elements }');
  const format = formatOption(options.format);
  const gives = checkName('options.gives', options.gives ?? 'codes', ['codes', 'numbers']);
  const recipe = recipeOf(format, options.recipe);
  const { size } = format;
  const width = checkInteger('blocks.width', blocks.width ?? Math.max(1, numbers.length), 1, 2 ** 40);
  const [rows, across] = [numbers.length / width, Math.ceil(width / size)];
  if (numbers.length === 0 || !Number.isInteger(rows)) {
    throw new BittrueError('shape', 'numbers', `${numbers.length} numbers`, `rows of ${width}`);
  }
  checkLength('blocks.scales', blocks.scales, rows * across);
  checkLength('blocks.elements', blocks.elements, numbers.length);
  const anchor = format.tensorScale === null ? null : amaxOf(Array.from(numbers));
  const seen: Seen = new Map();
  const [scaleCases, scales] = [[] as Operand[][], [] as number[]];
  const [elementCases, elements] = [[] as Operand[][], [] as number[]];
  for (let block = 0; block < rows * across; block++) {
    const from = Math.floor(block / across) * width + (block % across) * size;
    const to = Math.min(from + size, (Math.floor(block / across) + 1) * width);
    const some = Array.from({ length: to - from }, (_, i) => numberOperand(numbers[from + i] as number));
    // Producers differ in what they do with NaN and infinities.
    if (some.some(({ x }) => x - x !== 0)) continue;
    const scale = Math.abs(numberAs(format.scale, blocks.scales[block], gives));
    const largest = numberOperand(amaxOf(some.map(({ x }) => x)));
    seen.set(largest, scale);
    scaleCases.push(some);
    scales.push(scale);
    some.forEach((one, i) => {
      elementCases.push([one, largest]);
      elements.push(numberAs(format.element, blocks.elements[from + i], gives));
    });
  }
  const judged = <Setup>(
    subject: Subject<Setup>,
    of: Format,
    cases: readonly Operand[][],
    values: readonly number[],
  ): Check => {
    let at = 0;
    const ask = (asked: readonly (readonly Operand[])[]): Row[] =>
      asked.map((operands) => rowOf(operands, of, values[at++] as number, null));
    return examine(ofCases(subject, cases), ask) as Check;
  };
  const first = judged(scaleSubject(format, recipe, {}, anchor), format.scale, scaleCases, scales);
  const second = judged(elementSubject(format, recipe, seen, {}, anchor), format.element, elementCases, elements);
  return { ok: first.ok && second.ok, scales: first, elements: second };
}

function checkLength(argument: string, given: ArrayLike<number>, length: number): void {
  checkNumbers(argument, given);
  if (given.length !== length) throw new BittrueError('shape', argument, `${given.length} numbers`, `${length}`);
}
