/**
 * The rows of the page as TypeScript.
 *
 * @module
 */
import { codeList } from '../shared/numbers';

/** What the rows are made of. */
export interface RowsAs {
  readonly kind: string;
  readonly rows: number;
  readonly width: number;
  readonly scale: number;
  readonly outlier: number;
  readonly text: readonly number[];
}

/** A statement that makes `x`; null for rows of a file. */
export function drawCode({ kind, rows, width, scale, outlier, text }: RowsAs): string | null {
  if (kind === 'pasted') return `const x = Float32Array.from(${codeList(text)});`;
  if (kind === 'alternating')
    return `const x = Float32Array.from({ length: ${rows * width} }, (_, i) => (i % 2 === 0 ? ${scale} : ${-scale}));`;
  if (kind !== 'normal') return null;
  return `function hash(i: number): number {
  let x = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
const x = Float32Array.from({ length: ${rows * width} }, (_, i) => {
  const [p, q] = [hash(2 * i) / 2 ** 32, hash(2 * i + 1) / 2 ** 32];
  return Math.fround(Math.sqrt(-2 * Math.log(p + 2 ** -33)) * Math.cos(2 * Math.PI * q)) * ${scale};
});
${outlier === 0 ? '' : `for (let r = 0; r < ${rows}; r++) x[r * ${width} + (r % ${width})] = ${outlier * scale};\n`}`.trimEnd();
}
