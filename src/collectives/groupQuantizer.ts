/**
 * One group of numbers: its spikes, its scale and minimum, and the code of each number.
 *
 * @module
 */
import { quotientResidual, sumResidual } from '../arithmetic/residual.ts';
import {
  INEXACT,
  INVALID,
  OVERFLOW,
  SATURATION,
  SCALE_OVERFLOW,
  SCALE_UNDERFLOW,
  UNDERFLOW,
} from '../rounding/index.ts';
import { Rounder } from '../rounding/rounder.ts';
import type { GroupCodec } from './codec.ts';

/**
 * Quantizes groups, one after the other; a class so that its constants sit in fields.
 *
 * Why every rounding is that of the exact value. Let m be the minimum as it is sent and d the difference x − m in binary64,
 * r what it lost. Wherever a rounding decides, between two codes or two numbers of the scale's format, the deciding point is a
 * number t of few bits, and t · s (s: the divisor) is a binary64 number. Since d is the nearest one to x − m, x − m lies on the
 * same side of t · s as d, or d is t · s and the sign of r decides.
 */
export class GroupQuantizer {
  /** As they are sent. */
  scale = 0;
  minimum = 0;
  /** Places of the least and the largest number that travel by themselves; −1 where none do. */
  lowest = -1;
  highest = -1;
  /** What the scale and the minimum raised, and where: at the largest and the least number that they are made of. */
  scaleFlags = 0;
  minimumFlags = 0;
  largestAt = 0;
  leastAt = 0;
  /** Of the last code. */
  flags = 0;
  /** Whether the last code is one of the two outermost. */
  limit = false;
  /** How many steps the scale divides a range into. */
  readonly levels: number;
  private readonly low: number;
  private readonly high: number;
  private readonly scales: Rounder;
  private readonly minima: Rounder | null;
  private readonly hasSpikes: boolean;

  constructor({ bits, scale, minimum, spikes }: GroupCodec) {
    const codes = 2 ** bits;
    this.low = minimum === null ? -codes / 2 : 0;
    this.high = this.low + codes - 1;
    this.levels = this.high;
    this.scales = new Rounder(scale.format, scale.policy);
    this.minima = minimum === null ? null : new Rounder(minimum.format, minimum.policy);
    this.hasSpikes = spikes !== null;
  }

  /** Settles spikes, minimum and scale for the numbers from `from` to before `to`. */
  open(data: Float64Array, from: number, to: number): void {
    this.lowest = -1;
    this.highest = -1;
    if (this.hasSpikes) this.findSpikes(data, from, to);
    const { lowest, highest, minima, scales, levels } = this;
    let least = -1;
    let largest = -1;
    for (let i = from; i < to; i++) {
      const x = data[i];
      if (x - x !== 0 || i === lowest || i === highest) continue;
      if (minima === null) {
        if (largest < 0 || Math.abs(x) > Math.abs(data[largest])) largest = i;
        continue;
      }
      if (least < 0 || x < data[least]) least = i;
      if (largest < 0 || x > data[largest]) largest = i;
    }
    const top = largest < 0 ? 0 : data[largest];
    this.minimum = 0;
    this.minimumFlags = 0;
    if (minima !== null) {
      this.minimum = minima.round(least < 0 ? 0 : data[least], 0);
      this.minimumFlags = minima.flags;
    }
    const extent = minima === null ? Math.abs(top) : top - this.minimum;
    this.scale = 0;
    this.scaleFlags = 0;
    this.leastAt = Math.max(least, from);
    this.largestAt = Math.max(largest, from);
    if (!(extent > 0)) return;
    const quotient = extent / levels;
    const remainder = quotientResidual(extent, levels, quotient);
    const lost = minima === null ? 0 : sumResidual(top, -this.minimum, extent);
    this.scale = scales.round(quotient, remainder !== 0 ? remainder : lost);
    this.scaleFlags = ((scales.flags & OVERFLOW) !== 0 ? SCALE_OVERFLOW : 0) | (this.scale === 0 ? SCALE_UNDERFLOW : 0);
  }

  /** The first least number, and the first largest of the others; one number is both, and of none the first place is. */
  private findSpikes(data: Float64Array, from: number, to: number): void {
    let lowest = -1;
    for (let i = from; i < to; i++) {
      if (data[i] === data[i] && (lowest < 0 || data[i] < data[lowest])) lowest = i;
    }
    let highest = -1;
    for (let i = from; i < to; i++) {
      if (i !== lowest && data[i] === data[i] && (highest < 0 || data[i] > data[highest])) highest = i;
    }
    this.lowest = lowest < 0 ? from : lowest;
    this.highest = highest < 0 ? this.lowest : highest;
  }

  /** The code of a number of the group. */
  code(x: number): number {
    const { minimum, scale, low, high } = this;
    if (x !== x) {
      const code = this.code(0);
      this.flags = INVALID;
      this.limit = false;
      return code;
    }
    const difference = x - minimum;
    this.limit = false;
    if (scale === 0) {
      const isVanished = this.scaleFlags === 0 ? 0 : UNDERFLOW;
      this.flags = x === minimum ? 0 : x - x === 0 ? INEXACT | isVanished : SATURATION;
      return 0;
    }
    const quotient = difference / scale;
    const lower = Math.floor(quotient);
    let n = lower;
    if (lower >= low - 1 && lower <= high) {
      const lost = sumResidual(x, -minimum, difference);
      const middle = (lower + 0.5) * scale;
      const isUp = difference > middle || (difference === middle && (lost > 0 || (lost === 0 && (lower & 1) === 1)));
      if (isUp) n++;
      this.flags = difference === n * scale && lost === 0 ? 0 : INEXACT;
    }
    if (n < low || n > high) {
      n = n < low ? low : high;
      this.flags = x - x === 0 ? OVERFLOW | INEXACT | SATURATION : SATURATION;
    }
    this.limit = n === low || n === high;
    return n;
  }
}
