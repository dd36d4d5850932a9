/**
 * Rows for a kernel: drawn or typed.
 *
 * @module
 */
import { numbersIn } from '../shared/numbers';

/** A matrix of rows. */
export interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** Where the second operand's numbers begin among the drawn ones. */
export const SECOND = 2 ** 23;

/** 32 random bits of a counter: the same everywhere. */
function hash(i: number): number {
  let x = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Normal numbers by where they begin, the same for the same place; made once. */
const drawn = new Map<number, Float32Array>();

function normals(length: number, start: number): Float32Array {
  const found = drawn.get(start);
  if (found !== undefined && found.length >= length) return found;
  const made = Float32Array.from({ length }, (_, i) => {
    const [p, q] = [hash(2 * (start + i)) / 2 ** 32, hash(2 * (start + i) + 1) / 2 ** 32];
    return Math.sqrt(-2 * Math.log(p + 2 ** -33)) * Math.cos(2 * Math.PI * q);
  });
  drawn.set(start, made);
  return made;
}

/** Fills `out` with normal numbers times `size`. */
export function drawNormal(out: Float32Array, size: number, start = 0): void {
  const from = normals(out.length, start);
  for (let i = 0; i < out.length; i++) out[i] = (from[i] as number) * size;
}

/** Gives every row one outlier of so many standard deviations. */
export function addOutliers(out: Float32Array, rows: number, width: number, size: number, outlier: number): void {
  if (outlier !== 0) for (let r = 0; r < rows; r++) out[r * width + (r % width)] = outlier * size;
}

/** Lines of numbers; a text without line ends is one row. */
export function pasted(text: string): Rows {
  const lines = text
    .split(/\n|;/)
    .map(numbersIn)
    .filter(({ length }) => length > 0);
  const width = lines[0]?.length ?? 0;
  if (width === 0) throw new Error('paste numbers, a row a line');
  const odd = lines.findIndex(({ length }) => length !== width);
  if (odd > 0) throw new Error(`row ${odd} has ${lines[odd]?.length} of the ${width} numbers that row 0 has`);
  return { data: Float32Array.from(lines.flat()), rows: lines.length, width };
}
