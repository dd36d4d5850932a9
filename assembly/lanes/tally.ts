/**
 * Counting, lane by lane: a tally is one 16-byte vector of counts for each kind.
 *
 * What is counted raw is made a rounding's own count by `drainTally`: an infinite operand is no overflow, a NaN not inexact.
 *
 * @module
 */
import {
  ABSORPTION_KIND, DIVIDE_BY_ZERO_KIND, FLUSH_KIND, INEXACT_KIND, INVALID_KIND, KINDS, OVERFLOW_KIND, SATURATION_KIND,
  UNDERFLOW_KIND,
} from './kinds';
import { count, infinity, zero } from './rounding';

/** Offsets in a tally. Results that differ from the exact ones; NaN always does. */
export const INEXACT: usize = 0;
export const UNDERFLOW: usize = 16;
/** Exact results of at least the threshold, infinite ones too. */
export const LARGE: usize = 32;
export const INFINITE: usize = 48;
export const NAN: usize = 64;
export const INVALID: usize = 80;
export const ABSORPTION: usize = 96;
export const FLUSH: usize = 112;
export const DIVIDE_BY_ZERO: usize = 128;
/** Results that are not finite. */
export const NON_FINITE: usize = 144;
export const TALLY_BYTES: usize = 160;

/** How a rounding takes overflow and infinite operands; bits of `drainTally`'s argument. */
const OVERFLOW_SATURATES: i32 = 1;
const INFINITY_SATURATES: i32 = 2;
const INFINITY_INVALID: i32 = 4;

@inline
export function bump<T>(counter: usize, mask: v128): void {
  v128.store(counter, count<T>(v128.load(counter), mask));
}

/** What two masks count, in the two halves of 32 bits: fewer than 2^16 times. */
@inline
export function count2(n: v128, exact: v128, same: v128): v128 {
  return i16x8.sub(n, v128.shuffle<u16>(exact, same, 0, 9, 2, 11, 4, 13, 6, 15));
}

@inline
function enterVector(counted: v128, n: usize, tally: usize, kind: usize): void {
  const inexact = i32x4.sub(i32x4.splat(<i32>n), v128.and(counted, i32x4.splat(0xffff)));
  v128.store(tally, i32x4.add(v128.load(tally, INEXACT), inexact), INEXACT);
  v128.store(tally + kind, i32x4.add(v128.load(tally + kind), i32x4.shr_u(counted, 16)));
}

/** Enters what four vectors of n steps counted: exact ones, and another kind. */
@inline
export function addTwoCounts(n0: v128, n1: v128, n2: v128, n3: v128, n: usize, tallies: usize, kind: usize): void {
  enterVector(n0, n, tallies, kind);
  enterVector(n1, n, tallies + TALLY_BYTES, kind);
  enterVector(n2, n, tallies + 2 * TALLY_BYTES, kind);
  enterVector(n3, n, tallies + 3 * TALLY_BYTES, kind);
}

/** What is rare: large, infinite, NaN and not finite. `s`: the exact result, `r`: the rounded one. */
@inline
export function bumpLarge<T>(tally: usize, s: v128, r: v128, over: v128): void {
  const a = v128.abs<T>(s);
  bump<T>(tally + LARGE, v128.ge<T>(a, over));
  bump<T>(tally + INFINITE, v128.eq<T>(a, infinity<T>()));
  bump<T>(tally + NAN, v128.ne<T>(s, s));
  bump<T>(tally + NON_FINITE, v128.not(v128.lt<T>(v128.abs<T>(r), infinity<T>())));
}

/** Adds counts. */
@inline
export function add<T>(counter: usize, n: v128): void {
  v128.store(
    counter,
    sizeof<T>() == 4 ? i32x4.add(v128.load(counter), n) : i64x2.add(v128.load(counter), n),
  );
}

/** Adds what a loop counted to a tally. Its roundings to nearest treat large and infinite numbers alike. */
@inline
export function addToTally<T>(tally: usize, inexact: v128, underflow: v128, large: v128, infinite: v128, nan: v128, top: v128): void {
  add<T>(tally + INEXACT, inexact);
  add<T>(tally + UNDERFLOW, underflow);
  add<T>(tally + LARGE, large);
  add<T>(tally + INFINITE, infinite);
  add<T>(tally + NAN, nan);
  const isFinite = v128.lt<T>(top, infinity<T>());
  add<T>(tally + NON_FINITE, sizeof<T>() == 4 ? i32x4.add(nan, v128.andnot(large, isFinite)) : i64x2.add(nan, v128.andnot(large, isFinite)));
}

/** Empties a tally. */
@inline
export function clear(tally: usize): void {
  for (let i: usize = 0; i < TALLY_BYTES; i += 16) v128.store(tally + i, zero());
}

@inline
function lane<T>(tally: usize, kind: usize, i: usize): i32 {
  return load<i32>(tally + kind + i * sizeof<T>());
}

@inline
function credit(totals: usize, kind: usize, n: i32): void {
  store<f64>(totals + kind * 8, load<f64>(totals + kind * 8) + <f64>n);
}

/**
 * Adds the first `lanes` lanes of a tally to totals (binary64, one an event kind, then one of NaN, and one of infinite operands), ORs their flags into
 * 16-bit words `flagStride` bytes apart, and empties the tally. `finite`: bytes that are cleared where a result of the
 * lane was not finite, as far apart as half of `flagStride`; 0: none.
 */
@inline
export function drainTally<T>(
  tally: usize,
  overflowAccounting: i32,
  lanes: usize,
  totals: usize,
  flags: usize,
  flagStride: usize,
  finite: usize,
): void {
  // Most tallies have nothing rare.
  let rare = v128.or(v128.load(tally + LARGE), v128.load(tally + NAN));
  rare = v128.or(rare, v128.or(v128.load(tally + INVALID), v128.load(tally + FLUSH)));
  rare = v128.or(rare, v128.or(v128.load(tally + DIVIDE_BY_ZERO), v128.load(tally + NON_FINITE)));
  const isRare = v128.any_true(v128.or(rare, v128.load(tally + INFINITE)));
  if (!isRare) {
    let inexact = 0;
    let underflow = 0;
    let absorption = 0;
    for (let i: usize = 0; i < lanes; i++) {
      const n = lane<T>(tally, INEXACT, i);
      const u = lane<T>(tally, UNDERFLOW, i);
      const l = lane<T>(tally, ABSORPTION, i);
      inexact += n;
      underflow += u;
      absorption += l;
      const at = flags + i * flagStride;
      store<u16>(at, load<u16>(at) | <u16>((i32(n != 0) << INEXACT_KIND) | (i32(u != 0) << UNDERFLOW_KIND) | (i32(l != 0) << ABSORPTION_KIND)));
    }
    if (inexact) credit(totals, INEXACT_KIND, inexact);
    if (underflow) credit(totals, UNDERFLOW_KIND, underflow);
    if (absorption) credit(totals, ABSORPTION_KIND, absorption);
    v128.store(tally + INEXACT, zero());
    v128.store(tally + UNDERFLOW, zero());
    v128.store(tally + ABSORPTION, zero());
    return;
  }
  for (let i: usize = 0; i < lanes; i++) {
    const infinite = lane<T>(tally, INFINITE, i);
    const nan = lane<T>(tally, NAN, i);
    const overflow = lane<T>(tally, LARGE, i) - infinite;
    const changed = overflowAccounting & (INFINITY_SATURATES | INFINITY_INVALID) ? infinite : 0;
    const inexact = lane<T>(tally, INEXACT, i) - nan - changed;
    const underflow = lane<T>(tally, UNDERFLOW, i);
    const invalid = lane<T>(tally, INVALID, i) + (overflowAccounting & INFINITY_INVALID ? infinite : 0);
    const saturation =
      (overflowAccounting & OVERFLOW_SATURATES ? overflow : 0) + (overflowAccounting & INFINITY_SATURATES ? infinite : 0);
    const absorption = lane<T>(tally, ABSORPTION, i);
    const flush = lane<T>(tally, FLUSH, i);
    const byZero = lane<T>(tally, DIVIDE_BY_ZERO, i);
    let raised = 0;
    if (inexact != 0) {
      raised |= 1 << INEXACT_KIND;
      credit(totals, INEXACT_KIND, inexact);
    }
    if (underflow != 0) {
      raised |= 1 << UNDERFLOW_KIND;
      credit(totals, UNDERFLOW_KIND, underflow);
    }
    if (absorption != 0) {
      raised |= 1 << ABSORPTION_KIND;
      credit(totals, ABSORPTION_KIND, absorption);
    }
    if ((overflow | invalid | saturation | flush | byZero) != 0) {
      raised |= (i32(overflow != 0) << OVERFLOW_KIND) | (i32(byZero != 0) << DIVIDE_BY_ZERO_KIND);
      raised |= (i32(invalid != 0) << INVALID_KIND) | (i32(saturation != 0) << SATURATION_KIND) | (i32(flush != 0) << FLUSH_KIND);
      credit(totals, OVERFLOW_KIND, overflow);
      credit(totals, DIVIDE_BY_ZERO_KIND, byZero);
      credit(totals, INVALID_KIND, invalid);
      credit(totals, SATURATION_KIND, saturation);
      credit(totals, FLUSH_KIND, flush);
    }
    // Any NaN at all: formats without NaN ask.
    credit(totals, KINDS, nan);
    credit(totals, KINDS + 1, infinite);
    const at = flags + i * flagStride;
    store<u16>(at, load<u16>(at) | <u16>raised);
    if (finite != 0 && lane<T>(tally, NON_FINITE, i) != 0) store<u8>(finite + (i * flagStride) / 2, 0);
  }
  clear(tally);
}

/** Enters the tallies of four vectors, of which `active` lanes are outputs. */
@inline
export function drainTallies<T>(tallies: usize, overflowAccounting: i32, active: i32, totals: usize, flags: usize): void {
  const lanes = 16 / <i32>sizeof<T>();
  for (let g = 0; g < 4; g++) {
    const own = max(0, min(lanes, active - g * lanes));
    drainTally<T>(tallies + <usize>g * TALLY_BYTES, overflowAccounting, own, totals, flags + <usize>(g * lanes * 2), 2, 0);
  }
}
