/**
 * Products on codes beside emulated ones, as a table.
 *
 * @module
 */
import { checkList, checkMade, printableData } from '../../errors/index.ts';
import type { EmulatedProduct } from '../../studies/index.ts';
import { brief, decibels, percent } from '../numbers.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

const NOTE =
  'SQNR in dB, of the exact product of the quantized operands: on the codes of the unit, and emulated, both operands as bfloat16 numbers. ' +
  'Rounded: operands that bfloat16 rounds once their scales are in; differ: outputs whose bfloat16 numbers do; largest: their largest ' +
  'difference, over the root mean square of outputs.';

/**
 * A line a product, as `compareEmulated` gives it.
 *
 * @throws {@link BittrueError} for what is no list of products
 * @example
 * import { formatEmulated } from 'bittrue/reports';
 * import { compareEmulated } from 'bittrue/studies';
 * const x = { data: Float64Array.from({ length: 32 }, (_, i) => Math.cos(i)), shape: [1, 32] };
 * formatEmulated([compareEmulated('w', x, x, { target: 'b200:mxfp4' })]).includes('mxfp4'); // true
 */
export function formatEmulated(products: readonly EmulatedProduct[], options: RenderOptions = {}): string {
  checkLook(options);
  const rows = checkList('products', products).map((given, i) => {
    const keys = ['name', 'target', 'unit', 'codesSqnr', 'emulatedSqnr'];
    checkMade(`products[${i}]`, given, keys, 'a product, as compareEmulated gives it');
    const one = printableData(given) as EmulatedProduct;
    return [
      `${one.target}:${one.unit}`,
      one.name,
      decibels(one.codesSqnr),
      decibels(one.emulatedSqnr),
      percent(one.rounded),
      percent(one.different),
      brief(one.largest),
    ];
  });
  const columns = [
    { title: 'unit', align: 'left' },
    { title: 'weight', align: 'left' },
    ...['codes', 'emulated', 'rounded', 'differ', 'largest'].map((title) => ({ title })),
  ] as const;
  return [...table(columns, rows, options), '', ...wrap(NOTE, '  ', options)].join('\n');
}
