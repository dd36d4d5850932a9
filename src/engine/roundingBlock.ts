/**
 * A rounding as the module reads it: a block of constants. What they are is asked of the specification's own rounding, so
 * that the engine has no meaning of its own.
 *
 * @module
 */
import type { FloatFormat } from '../formats/format.ts';
import { INVALID, OVERFLOW, SATURATION, UNDERFLOW } from '../rounding/flags.ts';
import { idealFormat } from '../rounding/ideal.ts';
import { Rounder } from '../rounding/rounder.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { type Fields, layoutBytes, roundingLayout, writeConstants } from './layouts.ts';
import type { Core, Pointer } from './module.ts';

/** Bytes of a number in a lane: binary32 or binary64. */
export type LaneBytes = 4 | 8;

/** A rounding's constants for lanes of one width. */
export interface Block {
  readonly rounding: Rounding;
  readonly lane: LaneBytes;
  /** Whether it needs the general rounding: a mode, a subnormal policy or an outcome that rounding to nearest, ties to even, does not have. */
  readonly isGeneral: boolean;
  /** How `drainTally` accounts overflow and infinite operands. */
  readonly overflowAccounting: number;
  /** Whether a NaN must go through the specification, since the format has none. */
  readonly refusesNaN: boolean;
  /** Numbers and masks. `layouts.ts` says what each is. */
  readonly constants: Fields<typeof roundingLayout>;
}

export const BLOCK_BYTES: number = /* @__PURE__ */ layoutBytes(roundingLayout);

/** The widest fraction that leaves room for two more places in the lane's own. */
const WIDEST = { 4: 21, 8: 24 } as const;
const FRACTION = { 4: 23, 8: 52 } as const;
const LARGEST = { 4: 127, 8: 1023 } as const;
const SMALLEST = { 4: -126, 8: -1022 } as const;

const blocks = /* @__PURE__ */ new WeakMap<Rounding, Partial<Record<LaneBytes, Block | null>>>();

/** Whether the lanes' fused multiply-adds count as the rounding does: they tell of ∞ · 0 whatever the addend. */
export function hasFused({ policy }: Rounding): boolean {
  return policy.fusedInvalid === 'always';
}

/** The constants of a step, or null where only the specification can carry it out in such lanes. */
export function roundingBlock(rounding: Rounding, lane: LaneBytes): Block | null {
  let known = blocks.get(rounding);
  if (known === undefined) {
    known = {};
    blocks.set(rounding, known);
  }
  let block = known[lane];
  if (block === undefined) {
    block = createBlock(rounding, lane);
    known[lane] = block;
  }
  return block;
}

function createBlock(rounding: Rounding, lane: LaneBytes): Block | null {
  const { format, policy } = rounding;
  if (format.kind !== 'float' || format === idealFormat || format.lowest !== 'subnormal' || !format.signed) return null;
  if (policy.rounding === 'stochastic' || (format.mantissaBits === 0 && policy.parity === 'code')) return null;
  // The lanes count a flushed result as inexact, since it differs from the exact one.
  const flushesOutputs = policy.subnormals === 'flushOutputs' || policy.subnormals === 'flushBoth';
  if (flushesOutputs && policy.flushFlags === 'underflow') return null;
  const { mantissaBits, emax, emin, minNormal, max } = format;
  if (mantissaBits > WIDEST[lane] || emin < SMALLEST[lane]) return null;
  if (emax + FRACTION[lane] - mantissaBits > LARGEST[lane]) return null;
  const rounder = new Rounder(format, policy);
  const probe = (x: number): { value: number; flags: number } => ({ value: rounder.round(x, 0), flags: rounder.flags });
  const above = probe(2 ** 900);
  const below = probe(-(2 ** 900));
  const infinite = probe(Infinity);
  if (((above.flags ^ below.flags) & SATURATION) !== 0) return null;
  const { rounding: mode, subnormals } = policy;
  const isGeneral =
    mode !== 'tiesToEven' ||
    subnormals !== 'gradual' ||
    !format.negativeZero ||
    !(Object.is(above.value, infinite.value) || (Number.isNaN(above.value) && Number.isNaN(infinite.value)));
  // In binary32 lanes, quanta of subnormal numbers would be subnormal themselves: rounding to nearest, ties to even, does not need them.
  if (isGeneral && lane === 4) return null;
  const flushesInputs = subnormals === 'flushInputs' || subnormals === 'flushBoth';
  return {
    rounding,
    lane,
    isGeneral,
    overflowAccounting:
      (above.flags & SATURATION ? 1 : 0) | (infinite.flags & SATURATION ? 2 : 0) | (infinite.flags & INVALID ? 4 : 0),
    refusesNaN: format.nan === 'none',
    constants: {
      minNormal,
      roundingConstant: 2 ** (FRACTION[lane] - mantissaBits),
      over: overflowFrom(format, lane, (x) => (probe(x).flags & OVERFLOW) !== 0),
      tiny: tinyBelow(format, lane, (x) => (probe(x).flags & UNDERFLOW) !== 0),
      top: Math.abs(above.value),
      overNegative: overflowFrom(format, lane, (x) => (probe(-x).flags & OVERFLOW) !== 0),
      tinyNegative: tinyBelow(format, lane, (x) => (probe(-x).flags & UNDERFLOW) !== 0),
      topNegative: Math.abs(below.value),
      infinite: Math.abs(infinite.value),
      quantum: 2 ** -mantissaBits,
      toEven: mode === 'tiesToEven',
      toAway: mode === 'tiesToAway',
      upIfPositive: mode === 'towardPositive',
      upIfNegative: mode === 'towardNegative',
      toOdd: mode === 'toOdd',
      flushOutputs: flushesOutputs,
      flushBelow: flushesInputs ? minNormal : 0,
      negativeZero: format.negativeZero,
      negativeSum: mode === 'towardNegative',
    },
  };

  function overflowFrom(_: FloatFormat, bytes: LaneBytes, overflows: (x: number) => boolean): number {
    const ulp = 2 ** (emax - mantissaBits);
    const candidates = [nextUp(max, bytes), max + ulp / 2, nextUp(max + ulp / 2, bytes), max + ulp];
    return candidates.find(overflows) ?? Infinity;
  }

  function tinyBelow(_: FloatFormat, bytes: LaneBytes, isTiny: (x: number) => boolean): number {
    const quantum = 2 ** (emin - 1 - mantissaBits);
    const last = minNormal - quantum;
    const middle = minNormal - quantum / 2;
    return [last, nextUp(last, bytes), middle, nextUp(middle, bytes)].find((x) => !isTiny(x)) ?? minNormal;
  }
}

/** The next larger number of a lane; a > 0. */
function nextUp(a: number, lane: LaneBytes): number {
  if (lane === 4) {
    const single = Float32Array.of(a);
    new Uint32Array(single.buffer)[0]! += 1;
    return single[0] as number;
  }
  const double = Float64Array.of(a);
  new BigUint64Array(double.buffer)[0]! += 1n;
  return double[0] as number;
}

/** Writes a block's constants, each splatted over 16 bytes. */
export function writeBlock(core: Core, { constants, lane }: Block, at: Pointer): void {
  writeConstants(core, at, roundingLayout, constants, lane);
}
