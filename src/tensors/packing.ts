/**
 * Codes of a few bits side by side: the lowest bits of a byte first, every row from a byte of its own on.
 *
 * @module
 */
import { BittrueError, checkInteger } from '../errors/index.ts';

/**
 * Bytes that a row of codes takes.
 *
 * @throws {@link BittrueError} `range` for a width or bits that are no such integers
 */
export function packedWidth(width: number, bits: number): number {
  checkInteger('width', width, 0, 2 ** 31);
  checkInteger('bits', bits, 1, 16);
  return Math.ceil((width * bits) / 8);
}

/**
 * Rows of codes packed.
 *
 * @param codes - [rows, width], each 0 … 2^bits − 1, or a negative number in two's complement
 * @param bits - 1–16
 * @returns [rows, packedWidth]
 * @throws {@link BittrueError} `shape` for codes that are no whole rows, `range` for codes beyond the bits
 * @example
 * import { packCodes } from 'bittrue/tensors';
 * [...packCodes([1, 15, 7], 3, 4)]; // [241, 7]
 * [...packCodes([-1, 1], 2, 4)]; // [31]
 */
export function packCodes(codes: ArrayLike<number>, width: number, bits: number): Uint8Array {
  checkInteger('bits', bits, 1, 16);
  const rows = rowsOf('codes', codes.length, checkInteger('width', width, 1, 2 ** 31));
  const span = packedWidth(width, bits);
  const out = new Uint8Array(rows * span);
  const limit = 2 ** bits;
  for (let r = 0; r < rows; r++) {
    let held = 0;
    let filled = 0;
    let at = r * span;
    for (let i = r * width; i < (r + 1) * width; i++) {
      const code = codes[i];
      if (!Number.isInteger(code) || code >= limit || code < -limit / 2) {
        throw new BittrueError('range', `codes[${i}]`, code, `an integer of ${bits} bits`);
      }
      held |= (code & (limit - 1)) << filled;
      for (filled += bits; filled >= 8; filled -= 8) {
        out[at++] = held & 255;
        held >>>= 8;
      }
    }
    if (filled > 0) out[at] = held;
  }
  return out;
}

/**
 * The inverse of {@link packCodes}; codes without sign.
 *
 * @throws {@link BittrueError} `shape` for bytes that are no whole rows
 * @example
 * import { unpackCodes } from 'bittrue/tensors';
 * [...unpackCodes(Uint8Array.of(241, 7), 3, 4)]; // [1, 15, 7]
 */
export function unpackCodes(bytes: Uint8Array, width: number, bits: number): Uint16Array {
  checkInteger('bits', bits, 1, 16);
  const span = packedWidth(checkInteger('width', width, 1, 2 ** 31), bits);
  const rows = rowsOf('bytes', bytes.length, span);
  const out = new Uint16Array(rows * width);
  for (let r = 0; r < rows; r++) {
    let held = 0;
    let filled = 0;
    let at = r * span;
    for (let i = r * width; i < (r + 1) * width; i++) {
      for (; filled < bits; filled += 8) held |= bytes[at++] << filled;
      out[i] = held & (2 ** bits - 1);
      held >>>= bits;
      filled -= bits;
    }
  }
  return out;
}

function rowsOf(argument: string, length: number, width: number): number {
  const rows = length / width;
  if (!Number.isInteger(rows)) throw new BittrueError('shape', argument, `${length} numbers`, `rows of ${width}`);
  return rows;
}
