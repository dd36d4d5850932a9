/**
 * Formats the oracle is tested on: the catalogue's floats, and combinations that no catalogue has.
 *
 * @module
 */
import { catalogue, defineFloat, defineP3109, type FloatFormat } from '../../../src/formats/index.ts';

export const catalogueFloats: [string, FloatFormat][] = Object.entries(catalogue).filter(
  (entry): entry is [string, FloatFormat] => entry[1].kind === 'float',
);

export const oddFormats: [string, FloatFormat][] = [
  ['p1 signed', defineP3109({ bits: 6, precision: 1 })],
  ['p1 unsigned finite', defineP3109({ bits: 6, precision: 1, signed: false, extended: false })],
  ['p2 unsigned extended', defineP3109({ bits: 6, precision: 2, signed: false })],
  ['one exponent bit', defineP3109({ bits: 8, precision: 7 })],
  [
    'gap above zero',
    defineFloat({ exponentBits: 3, mantissaBits: 3, infinities: 'topCode', nan: 'topCode', lowest: 'normalButZero' }),
  ],
  ['gap, no specials', defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'none', lowest: 'normalButZero' })],
  ['no zero, signed', defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'none', lowest: 'normal' })],
  [
    'no zero, NaN',
    defineFloat({ exponentBits: 4, mantissaBits: 1, infinities: 'none', nan: 'topCode', lowest: 'normal' }),
  ],
  ['infinity without NaN', defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'topCode', nan: 'none' })],
  ['ieee, bias off centre', defineFloat({ exponentBits: 3, mantissaBits: 3, bias: -2 })],
  ['unsigned ieee', defineFloat({ exponentBits: 4, mantissaBits: 3, signed: false })],
];
