/**
 * Codes to ask a live function, the same in every run.
 *
 * @module
 */
import { generator } from '../random.ts';

const next = generator('live');
export const anyCode = (bits: number) => Math.floor(next() * 2 ** bits);
/** A code of binary32 of about 1, any finite one, or any at all. */
const single = () => [0x3f000000 + anyCode(25) + (next() < 0.5 ? 2 ** 31 : 0), anyCode(32)][anyCode(1)] as number;
export const singles = (length: number) => Uint32Array.from({ length }, single);
const isNaNCode = (code: number) => (code & 0x7fffffff) > 0x7f800000;
export const plain = (code: number) => (isNaNCode(code) ? Number.NaN : code);
export const ROWS = 3000;
