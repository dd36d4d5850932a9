/**
 * The flag bits, written down a second time on purpose: the oracle shares no code with what it judges.
 *
 * @module
 */

export const INEXACT = 1;
export const UNDERFLOW = 2;
export const OVERFLOW = 4;
export const DIVIDE_BY_ZERO = 8;
export const INVALID = 16;
export const SATURATION = 32;
export const WRAP = 64;
export const ABSORPTION = 128;
export const FLUSH = 256;
export const NEGATIVE_VARIANCE = 2048;
