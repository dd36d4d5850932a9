/**
 * Bit splitting: codes of any width travel as planes of 8, 4, 2 and 1 bits, so that every byte of a plane holds whole codes
 * (FlashCommunication V2, arXiv 2508.03760). Which bits go into which plane is ours: the widest plane has the lowest ones.
 *
 * @module
 */
import { getBits, putBits } from './bits.ts';

/** The widths of a code's planes: 5 is [4, 1], 7 is [4, 2, 1]; a power of two is one plane. */
export function planesOf(bits: number): readonly number[] {
  return [8, 4, 2, 1].filter((width) => (bits & width) !== 0);
}

/** Bytes of the planes of `count` codes: each plane starts at a whole byte. */
export function planeBytes(bits: number, count: number): number {
  return planesOf(bits).reduce((sum, width) => sum + Math.ceil((count * width) / 8), 0);
}

/** Writes codes 0 … 2^bits − 1 as planes behind byte `from`; the bytes there must be 0. */
export function putPlanes(bytes: Uint8Array, from: number, bits: number, codes: ArrayLike<number>): void {
  let base = from;
  let low = 0;
  for (const width of planesOf(bits)) {
    for (let i = 0; i < codes.length; i++) {
      putBits(bytes, base, i * width, width, (codes[i] >>> low) & (2 ** width - 1));
    }
    base += Math.ceil((codes.length * width) / 8);
    low += width;
  }
}

/** Reads the codes that `putPlanes` wrote. */
export function getPlanes(bytes: Uint8Array, from: number, bits: number, codes: Uint8Array): void {
  let base = from;
  let low = 0;
  codes.fill(0);
  for (const width of planesOf(bits)) {
    for (let i = 0; i < codes.length; i++) codes[i] |= getBits(bytes, base, i * width, width) << low;
    base += Math.ceil((codes.length * width) / 8);
    low += width;
  }
}
