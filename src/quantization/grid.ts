/**
 * The grids of LLM-FP4 (arXiv 2310.16836, Eq. 1): EjMk with bias 0, every code a number.
 *
 * @module
 */
import { BittrueError, checkInteger, checkText } from '../errors/index.ts';
import { defineFloat, type FloatFormat } from '../formats/index.ts';

/**
 * The grid of a name `e2m1`: j exponent and k mantissa bits, bias 0, no infinities and no NaN, subnormals at exponent
 * field 0. With one exponent bit it is uniform.
 *
 * @throws {@link BittrueError} `name` for another form or more than 8 exponent bits
 * @example
 * import { gridFormat } from 'bittrue/quantization';
 * gridFormat('e2m1').max; // 12
 * gridFormat('e1m2').minSubnormal; // 0.5
 */
export function gridFormat(name: string): FloatFormat {
  let format = known.get(name);
  if (format === undefined) {
    format = defineGrid(name);
    known.set(name, format);
  }
  return format;
}

/** One object a grid, so that what is derived from it (steps, thresholds) is derived once; there are few names. */
const known = /* @__PURE__ */ new Map<string, FloatFormat>();

function defineGrid(name: string): FloatFormat {
  const parts = /^e([1-8])m(\d{1,2})$/.exec(checkText('grid', name, 'a name such as e2m1'));
  if (parts === null) throw new BittrueError('name', 'grid', name, 'e1m2, e2m1, … of 1–8 exponent bits');
  const exponentBits = Number(parts[1]);
  return defineFloat({ exponentBits, mantissaBits: Number(parts[2]), bias: 0, infinities: 'none' });
}

/**
 * All grids of a width that a search tries, most exponent bits first. From 8 bits on no more than 5 exponent bits, as
 * the published code: wider ones leave binary32.
 *
 * @throws {@link BittrueError} `range` outside 3–12 bits
 * @example
 * import { gridNames } from 'bittrue/quantization';
 * gridNames(4); // ['e3m0', 'e2m1', 'e1m2']
 * gridNames(8); // ['e5m2', 'e4m3', 'e3m4', 'e2m5', 'e1m6']
 */
export function gridNames(bits: number): readonly string[] {
  checkInteger('bits', bits, 3, 12);
  const names: string[] = [];
  for (let exponentBits = Math.min(bits - 1, bits >= 8 ? 5 : 8); exponentBits >= 1; exponentBits--) {
    names.push(`e${exponentBits}m${bits - 1 - exponentBits}`);
  }
  return names;
}

/** The grid that a method without a search uses, and where a search starts: half of the bits are exponent bits. */
export function usualGrid(bits: number): string {
  const exponentBits = Math.min(5, Math.floor(checkInteger('bits', bits, 3, 12) / 2));
  return `e${exponentBits}m${bits - 1 - exponentBits}`;
}
