/**
 * A fingerprint of data: FNV-1a of 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv). It tells files apart that were made from
 * different data by mistake; it is no defence against forgery.
 *
 * @module
 */

/** The prime is 2^40 + this. */
const PRIME = 0x1b3;

/** The fingerprint of bytes, 16 hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (let i = 0; i < bytes.length; i++) {
    low = (low ^ (bytes[i] as number)) >>> 0;
    const product = low * PRIME;
    high = (high * PRIME + Math.floor(product / 2 ** 32) + low * 2 ** 8) % 2 ** 32;
    low = product % 2 ** 32;
  }
  return [high, low].map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** The fingerprint of a text. */
export function digestOfText(text: string): string {
  return digestOf(new TextEncoder().encode(text));
}

/** The fingerprint of numbers as binary64, low byte first. */
export function digestOfNumbers(x: Float64Array): string {
  return digestOf(new Uint8Array(x.buffer, x.byteOffset, x.byteLength));
}
