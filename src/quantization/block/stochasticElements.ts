/**
 * Elements that are rounded at random, by a few operations of binary64: the numbers of a format with gradual underflow are multiples of a
 * step in every binade, a fraction of a step goes up by random bits, and exact ones need none.
 *
 * @module
 */
import type { Format } from '../../formats/index.ts';
import { resolvePolicy } from '../../rounding/index.ts';
import { philox4x32 } from '../../rounding/philox.ts';
import { exponentOf } from '../../rounding/rounder.ts';
import { goesUpStochastically, type Stochastic } from '../../rounding/stochastic.ts';
import { countFound, enter, type Place, TINY, ZERO } from './run.ts';

/** The numbers of a format, and what decides between them. */
interface RandomGrid extends Stochastic {
  readonly emin: number;
  readonly mantissaBits: number;
  /** One over the steps of the binades, the lowest one first. */
  readonly perStep: Float64Array;
  readonly max: number;
  readonly sign: number;
  readonly minusZero: number;
}

/** The grid of a format; null where the unit of the format must decide. */
function randomGrid(format: Format, rounding: Partial<Stochastic>): RandomGrid | null {
  if (format.kind !== 'float' || !format.signed || format.lowest !== 'subnormal' || format.bits > 16) return null;
  const { stochastic } = resolvePolicy(format, { rounding: 'stochastic', stochastic: rounding });
  const { emin, emax, mantissaBits, bits, max, negativeZero } = format;
  const sign = 2 ** (bits - 1);
  return {
    ...(stochastic as Stochastic),
    emin,
    mantissaBits,
    perStep: Float64Array.from({ length: emax - emin + 1 }, (_, i) => 2 ** (mantissaBits - emin - i)),
    max,
    sign,
    minusZero: negativeZero ? sign : 0,
  };
}

/** Smaller magnitudes other than zero are asked. */
const LEAST = 2 ** -900;

/** Places at random by the grid of a format; null where there is none. */
export function placeAtRandom(format: Format, rounding: Partial<Stochastic>): Place | null {
  const grid = randomGrid(format, rounding);
  if (grid === null) return null;
  const { emin, mantissaBits, perStep, max, sign, minusZero, bits, variant, seed } = grid;
  const perBinade = 2 ** mantissaBits;
  const perFraction = 2 ** (bits + 1);
  const [key0, key1] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  return (x, from, to, isExact, into, ask) => {
    const { numbers, codes, origin } = into;
    for (let i = from; i < to; i++) {
      const y = numbers[i]!;
      const a = Math.abs(y);
      if (a < max && a >= LEAST) {
        const exponent = exponentOf(a);
        const binade = Math.max(0, exponent - emin);
        const scaled = a * perStep[binade]!;
        const n = Math.floor(scaled);
        const fraction = (scaled - n) * perFraction;
        const whole = Math.floor(fraction);
        // What decides is a multiple of half of that.
        if (isExact || Math.floor(2 * fraction) !== 2 * fraction) {
          let found = 0;
          let code = binade * perBinade + n;
          if (fraction !== 0) {
            const index = origin + i;
            const random = philox4x32(index >>> 0, Math.floor(index / 2 ** 32), 0, 0, key0, key1) >>> (32 - bits);
            if (goesUpStochastically(variant, bits, { whole, sticky: whole !== fraction }, random)) code++;
            if (exponent < emin) {
              // Tiny is what stays below the smallest normal number with its precision, but no bound to its exponent.
              const finer = 2 * scaled;
              const last = Math.floor(finer);
              const share = (finer - last) * perFraction;
              const sticky = share !== Math.floor(share);
              const isRaised =
                exponent === emin - 1 &&
                last === 2 * perBinade - 1 &&
                goesUpStochastically(variant, bits, { whole: Math.floor(share), sticky }, random);
              if (!isRaised) found = TINY;
            }
          }
          if (code === 0) found = ZERO;
          codes[i] = y >= 0 ? code : code === 0 ? minusZero : sign + code;
          if (found !== 0) countFound(into, x[i]!, found);
          continue;
        }
      }
      if (a === 0 && x[i] === 0) codes[i] = Object.is(y, -0) ? minusZero : 0;
      else enter(into, i, x[i]!, ask(i));
    }
  };
}
