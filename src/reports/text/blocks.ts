/**
 * Numbers in blocks, as text.
 *
 * @module
 */

import { size, value } from '../numbers.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

/** Some numbers in a block format: what became of each. */
export interface BlockExplanation {
  readonly format: string;
  readonly tensorScale: number;
  readonly blocks: readonly {
    readonly scale: number;
    readonly scaleCode: number;
    readonly clips: number;
    readonly zeroed: number;
    readonly numbers: readonly {
      readonly input: number;
      readonly code: number;
      readonly element: number;
      readonly value: number;
    }[];
  }[];
}

/** Each block's scale, and a line a number: its code, its element, what it reads back as. */
export function formatBlocks(told: BlockExplanation, options: RenderOptions = {}): string {
  checkLook(options);
  const { format, tensorScale, blocks } = told;
  const columns = [
    { title: 'number' },
    { title: 'code' },
    { title: 'element' },
    { title: 'stored as' },
    { title: 'error' },
  ];
  const lines = blocks.flatMap(({ scale, scaleCode, clips, zeroed, numbers }, i) => {
    const name = blocks.length === 1 ? 'scale' : `block ${i + 1}: scale`;
    const lost = [clips > 0 ? `${clips} clipped` : '', zeroed > 0 ? `${zeroed} became zero` : ''];
    const words = [`${name} ${value(scale)} (0x${scaleCode.toString(16)})`, ...lost].filter((word) => word !== '');
    const rows = numbers.map(({ input, code, element, value: stored }) => [
      value(input),
      `0x${code.toString(16)}`,
      value(element),
      value(stored),
      size(stored - input),
    ]);
    return ['', ...wrap(words.join(', '), '  ', options), ...table(columns, rows, options)];
  });
  const count = blocks.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const tensor = tensorScale === 1 ? '' : `; scale of the tensor ${size(tensorScale)}`;
  return [
    ...wrap(`${count} ${count === 1 ? 'number' : 'numbers'} in ${format}${tensor}`, '  ', options),
    ...lines,
  ].join('\n');
}
