/**
 * The checksum of ZIP (PKWARE APPNOTE.TXT 6.3.10, section 4.4.7): polynomial 0xEDB88320, reflected.
 *
 * @module
 */

let table: Uint32Array | null = null;

/** The checksum of bytes. */
export function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, i) => {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let sum = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) sum = table[(sum ^ bytes[i]) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}
