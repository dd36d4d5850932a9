/**
 * The event kinds: the one table that says what each is called, which flag bit it has, whether it makes a run fail and
 * whether a finite output masks it. Reports, recorders and the engine (`assembly/lanes/kinds.ts`) derive theirs from it.
 *
 * @module
 */
import { checkInteger } from '../errors/index.ts';

/** The result was rounded. */
export const INEXACT = 1;
/** The result is tiny and inexact. */
export const UNDERFLOW = 2;
/** The result, rounded with unbounded exponent, exceeds the largest finite number. */
export const OVERFLOW = 4;
/** A finite number other than zero was divided by zero. */
export const DIVIDE_BY_ZERO = 8;
/** No value is defined: ∞ − ∞, 0 · ∞, √−1, a negative number in an unsigned format. */
export const INVALID = 16;
/** ±max replaced an infinity, a NaN or a number out of range. */
export const SATURATION = 32;
/** An integer result was reduced modulo 2^bits. */
export const WRAP = 64;
/** A sum of two finite numbers other than zero equals one of them: the other addend is lost. */
export const ABSORPTION = 128;
/** A subnormal operand was read as zero. */
export const FLUSH = 256;
/** The scale of a block with a finite element other than zero became zero, or was raised to the smallest scale. */
export const SCALE_UNDERFLOW = 512;
/** The scale of a block, rounded with unbounded exponent, exceeds the largest number of the scale's format. */
export const SCALE_OVERFLOW = 1024;
/** A variance came out negative, as differences of large sums do. */
export const NEGATIVE_VARIANCE = 2048;

/** The kinds in flag-bit order: the first five are TestFloat's. */
const table = [
  { kind: 'inexact', bit: INEXACT, isFailure: false, isMaskable: false },
  { kind: 'underflow', bit: UNDERFLOW, isFailure: false, isMaskable: false },
  { kind: 'overflow', bit: OVERFLOW, isFailure: true, isMaskable: true },
  { kind: 'divideByZero', bit: DIVIDE_BY_ZERO, isFailure: true, isMaskable: true },
  { kind: 'invalid', bit: INVALID, isFailure: true, isMaskable: true },
  { kind: 'saturation', bit: SATURATION, isFailure: true, isMaskable: false },
  { kind: 'wrap', bit: WRAP, isFailure: true, isMaskable: false },
  { kind: 'absorption', bit: ABSORPTION, isFailure: false, isMaskable: false },
  { kind: 'flush', bit: FLUSH, isFailure: false, isMaskable: false },
  { kind: 'scaleUnderflow', bit: SCALE_UNDERFLOW, isFailure: true, isMaskable: false },
  { kind: 'scaleOverflow', bit: SCALE_OVERFLOW, isFailure: true, isMaskable: false },
  { kind: 'negativeVariance', bit: NEGATIVE_VARIANCE, isFailure: true, isMaskable: false },
] as const;

/** What can happen in one operation. */
export type EventKind = (typeof table)[number]['kind'];

/** The kinds that may leave no trace in an output: an infinity or NaN on the way to a finite number. */
export type MaskableKind = Extract<(typeof table)[number], { readonly isMaskable: true }>['kind'];

/** The kinds in flag-bit order: kind k has the bit `1 << k`, and column k in every table of counts. */
export const eventKinds: readonly EventKind[] = /* @__PURE__ */ table.map(({ kind }) => kind);

/** The kinds that make a run not `ok`, in flag-bit order. */
export const failureKinds: readonly EventKind[] = /* @__PURE__ */ table.flatMap(({ kind, isFailure }) =>
  isFailure ? [kind] : [],
);

/** The kinds that a run tells as masked where the outputs that depend on them are finite, in flag-bit order. */
export const maskableKinds: readonly MaskableKind[] = /* @__PURE__ */ table.flatMap((row) =>
  row.isMaskable ? [row.kind] : [],
);

/** The flags that make a run not `ok`. */
export const FAILURES: number = /* @__PURE__ */ table.reduce((bits, row) => (row.isFailure ? bits | row.bit : bits), 0);

/** The flags of the maskable kinds. */
export const MASKABLE: number = /* @__PURE__ */ table.reduce(
  (bits, row) => (row.isMaskable ? bits | row.bit : bits),
  0,
);

/**
 * The names of the kinds in a flags integer, in bit order.
 *
 * @throws {@link BittrueError} for what is no sum of flags
 * @example
 * import { flagNames } from 'bittrue/rounding';
 * flagNames(5); // ['inexact', 'overflow']
 */
export function flagNames(flags: number): EventKind[] {
  checkInteger('flags', flags, 0, 2 ** eventKinds.length - 1);
  return eventKinds.filter((_, bit) => flags & (1 << bit));
}
