/**
 * Codes of any width in a stream of bytes, the lowest bit first: two INT4 codes share a byte, the earlier one in its
 * low half.
 *
 * @module
 */

/** Writes the lowest `width` bits (at most 32) of a code at bit `at` behind byte `from`; the bits there must be 0. */
export function putBits(bytes: Uint8Array, from: number, at: number, width: number, code: number): void {
  let index = from + (at >>> 3);
  let shift = at & 7;
  let rest = code;
  for (let left = width; left > 0; left -= 8 - shift, shift = 0) {
    bytes[index++] |= (rest << shift) & 255;
    rest >>>= 8 - shift;
  }
}

/** Reads a code of `width` bits (at most 32) at bit `at` behind byte `from`. */
export function getBits(bytes: Uint8Array, from: number, at: number, width: number): number {
  let index = from + (at >>> 3);
  let shift = at & 7;
  if (shift + width <= 8) return (bytes[index] >>> shift) & (2 ** width - 1);
  let code = 0;
  let placed = 0;
  for (let left = width; left > 0; left -= 8 - shift, shift = 0) {
    // Multiplied, since a shift by 24 and more would reach the sign.
    code += (bytes[index++] >>> shift) * 2 ** placed;
    placed += 8 - shift;
  }
  return placed > width ? code % 2 ** width : code;
}
