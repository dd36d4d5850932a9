/**
 * What converters do wrong when they round: the mode, lost bits, two roundings.
 *
 * @module
 */

import { createUnit } from '../../arithmetic/unit.ts';
import { bfloat16, binary16, binary32, catalogue, tf32 } from '../../formats/catalogue.ts';
import { defineFloat } from '../../formats/float.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { areEqual } from '../../formats/nameOf.ts';
import type { Policy } from '../../rounding/policy.ts';
import type { Setup } from '../conformance/compute.ts';
import type { Behaviour } from './behaviour.ts';
import { cut, exponentIn, inSteps, leastNormal, quantumAt } from './grid.ts';
import { isBelow, isNegative, isPositive, only } from './places.ts';
import { reading } from './reading.ts';
import { writing } from './writing.ts';

/** A change of the policy. */
export function withPolicy(group: string, name: string, text: string, policy: Partial<Policy>): Behaviour<Setup> {
  return {
    name,
    text,
    group,
    change: (setup) => ({ ...setup, policy: Object.freeze({ ...setup.policy, ...policy }) }),
  };
}

/** A change of the setup. */
export function withSetup(group: string, name: string, text: string, changes: Partial<Setup>): Behaviour<Setup> {
  return { name, text, group, change: (setup) => ({ ...setup, ...changes }) };
}

/** The modes that a policy names. */
export const modes: readonly Behaviour<Setup>[] = [
  withPolicy('rounding', 'towardZero', 'truncates: rounds toward zero', { rounding: 'towardZero' }),
  withPolicy('rounding', 'tiesToAway', 'rounds ties away from zero', { rounding: 'tiesToAway' }),
  withPolicy('rounding', 'tiesToEven', 'rounds ties to even', { rounding: 'tiesToEven' }),
  withPolicy('rounding', 'towardPositive', 'rounds toward positive', { rounding: 'towardPositive' }),
  withPolicy('rounding', 'towardNegative', 'rounds toward negative', { rounding: 'towardNegative' }),
  withPolicy('rounding', 'toOdd', 'rounds to odd', { rounding: 'toOdd' }),
];

const conversionModes: readonly Behaviour<Setup>[] = [
  withSetup('rounding', 'tiesUp', 'rounds ties upward, as floor(x + 0.5) does', { ties: 'up' }),
  withSetup('rounding', 'tiesToZero', 'rounds ties toward zero', { ties: 'zero' }),
  withSetup('rounding', 'tiesToOdd', 'rounds ties to the odd number', { ties: 'odd' }),
  withSetup('rounding', 'awayFromZero', 'rounds every inexact number away from zero', { away: true }),
];

/** Ties by the exponent; of numbers without a fraction the exponent is the code. */
const exponentModes: readonly Behaviour<Setup>[] = [
  withSetup(
    'rounding',
    'tiesByEvenExponent',
    'rounds ties away from zero where the exponent field is even, else toward it',
    {
      ties: 'evenField',
    },
  ),
  withSetup(
    'rounding',
    'tiesByOddExponent',
    'rounds ties away from zero where the exponent field is odd, else toward it',
    {
      ties: 'oddField',
    },
  ),
];

/** Directed modes under which what overflows is infinite all the same, as converters do that round after their checks. */
const overflowing: readonly Behaviour<Setup>[] = modes
  .filter(({ name }) => !name.startsWith('ties'))
  .map(({ name, text, group, change }) => ({
    name: `${name} overflowing`,
    text: `${text}, but overflows to infinity`,
    group,
    change: (setup) => {
      const { policy, ...rest } = change(setup);
      const overflow = policy.overflow === 'ieee' ? 'infinity' : policy.overflow;
      return { ...rest, policy: Object.freeze({ ...policy, overflow }) };
    },
  }));

/** The modes that a format can be rounded in. */
function modesOf(format: Format): Behaviour<Setup>[] {
  const hasInfinity = format.kind === 'float' && format.infinities !== 'none';
  const hasFraction = format.kind === 'float' && format.mantissaBits > 0;
  return [...modes, ...conversionModes, ...(hasFraction ? exponentModes : []), ...(hasInfinity ? overflowing : [])];
}

/** Modes and lost bits: what may hold for a part of the range alone. */
export function plainRoundings(format: Format): Behaviour<Setup>[] {
  if (format.bits > 53) return [];
  const steps = format.kind === 'integer' || format.mantissaBits > 0 ? [coarser(format), ...thresholds(format)] : [];
  return [...modesOf(format), ...[1, 2, 3].map((kept) => stickyLost(format, kept)), ...steps];
}

/** The deviations in rounding to a format. */
export function roundingBehaviours(format: Format): Behaviour<Setup>[] {
  if (format.bits > 53) return [];
  const all = modesOf(format);
  const subnormal = isBelow(leastNormal(format));
  const lost = [1, 2, 3].map((kept) => stickyLost(format, kept));
  return [
    ...all,
    ...lost,
    ...(format.kind === 'integer' ? [halfAdded(format)] : []),
    ...cuts(format),
    ...detours(format),
    ...(format.kind === 'integer' || format.mantissaBits > 0 ? [coarser(format), ...thresholds(format)] : []),
    ...(format.kind === 'float' && format.minSubnormal !== null
      ? [
          twiceBelowNormal(format),
          reading(
            'subnormals',
            'subnormalResultsHalved',
            'makes subnormal results a binade too small',
            (x) => x / 2,
            subnormal,
          ),
          reading(
            'subnormals',
            'subnormalResultsDoubled',
            'makes subnormal results a binade too large',
            (x) => x * 2,
            subnormal,
          ),
          ...[...all, ...lost, coarser(format)].map((one) =>
            only(one, 'in subnormals', 'where the result is subnormal', subnormal),
          ),
        ]
      : []),
    ...(format.signed
      ? [
          ...all.map((one) => only(one, 'for negatives', 'where the number is negative', isNegative)),
          ...all.map((one) => only(one, 'for positives', 'where the number is positive', isPositive)),
        ]
      : []),
    ...[1, 2, 3].map((more) => bitsFirst(format, more)),
  ];
}

/** Only some bits beyond the result's last one are looked at. */
export function stickyLost(format: Format, kept: number): Behaviour<Setup> {
  const looked = kept === 1 ? 'the first bit' : `the first ${kept} bits`;
  return reading(
    'sticky',
    `stickyLost${kept}`,
    `loses the sticky bit: looks at ${looked} beyond the last one only, so that what lies just above a tie is one`,
    (x) => cut(x, quantumAt(format, Math.abs(x)) / 2 ** kept),
  );
}

/** floor(x + 0.5) in binary64, whose sum rounds. */
function halfAdded(format: Format): Behaviour<Setup> {
  const quantum = quantumAt(format, 0);
  return writing(format, 'rounding', 'halfAdded', 'computes floor(x + 0.5), and rounds the sum', (_, x) => {
    if (!Number.isFinite(x)) return null;
    return (
      Math.min(
        Math.max(Math.floor(x / quantum + 0.5) * quantum, format.kind === 'integer' ? format.min : 0),
        format.max,
      ) + 0
    );
  });
}

/** One bit of the result lost. */
function coarser(format: Format): Behaviour<Setup> {
  return reading(
    'precision',
    'bitFewer',
    'keeps one bit fewer than the format has: rounds to every other number',
    (x) => {
      const step = 2 * quantumAt(format, Math.abs(x));
      const { whole, rest } = inSteps(x, step);
      const up = rest > 0.5 || (rest === 0.5 && whole % 2 !== 0);
      const found = (up ? whole + Math.sign(x) : whole) * step;
      return Math.abs(x) <= format.max && Math.abs(found) <= format.max ? found : x;
    },
  );
}

/** The line between two neighbours drawn at a quarter of the way, or at three. */
function thresholds(format: Format): Behaviour<Setup>[] {
  const words: readonly (readonly [number, string, string])[] = [
    [0.25, 'upFromQuarter', 'rounds up from a quarter of the way on, not from half'],
    [0.75, 'upFromThreeQuarters', 'rounds up from three quarters of the way on, not from half'],
  ];
  return words.map(([at, name, text]) =>
    writing(format, 'rounding', name, text, (_, x) => {
      const step = quantumAt(format, Math.abs(x));
      const { whole, rest } = inSteps(x, step);
      const found = (rest >= at ? whole + Math.sign(x) : whole) * step;
      // What leaves the range is overflow, which others tell of.
      return rest > 0 && Math.abs(x) <= format.max && Math.abs(found) <= format.max ? found : null;
    }),
  );
}

/** The source cut to fewer bits before it is rounded. */
function cuts(format: Format): Behaviour<Setup>[] {
  return wider(format).map((via) => {
    const name = formatName(via);
    const unit = createUnit({ format: via, policy: { rounding: 'towardZero', overflow: 'ieee' } });
    return reading('cut', `cut to ${name}`, `cuts the number to ${name} before it rounds`, (x) =>
      Number.isFinite(x) && Math.abs(x) <= via.max ? unit.round(x) : x,
    );
  });
}

/** Double rounding by way of another format: a finer one of those that are usual, or any of the catalogue. */
export function detours(format: Format, which: 'finer' | 'all' = 'finer'): Behaviour<Setup>[] {
  const usual = wider(format);
  const others = (): FloatFormat[] =>
    Object.values(catalogue).filter(
      (one): one is FloatFormat =>
        one.kind === 'float' && one.bits <= 53 && ![format, ...usual].some((two) => areEqual(two, one)),
    );
  return (which === 'finer' ? usual : others()).map((via) => {
    const name = formatName(via);
    return withSetup('via', `via ${name}`, `rounds twice, first to ${name}`, { via });
  });
}

/** Double rounding by way of a few bits more, as a register with guard bits has. */
function bitsFirst(format: Format, more: number): Behaviour<Setup> {
  const bits = more === 1 ? 'one more bit' : `${['two', 'three'][more - 2]} more bits`;
  return reading('via', `via ${more} more`, `rounds twice, first to ${bits}`, (x) => {
    const step = quantumAt(format, Math.abs(x)) / 2 ** more;
    const quotient = x / step;
    if (!(Math.abs(quotient) < 2 ** 52)) return x;
    const whole = Math.trunc(quotient);
    const rest = Math.abs(quotient - whole);
    const up = rest > 0.5 || (rest === 0.5 && whole % 2 !== 0);
    return x === 0 ? x : (up ? whole + Math.sign(x) : whole) * step;
  });
}

/** The formats that numbers are often carried in, finer than a format. */
export function wider(format: Format): FloatFormat[] {
  return [binary32, binary16, bfloat16, tf32].filter(
    (via) => !areEqual(via, format) && (format.kind === 'integer' || via.precision > format.precision),
  );
}

/** First to the full precision, then to the grid of subnormal numbers. */
function twiceBelowNormal(format: FloatFormat): Behaviour<Setup> {
  const normal = format.minNormal;
  const { bits: _bits, ...shape } = { ...format };
  const unit = createUnit({
    format: defineFloat({
      exponentBits: 9,
      mantissaBits: shape.mantissaBits,
      infinities: shape.mantissaBits === 0 ? 'topCode' : 'ieee',
      nan: shape.mantissaBits === 0 ? 'topCode' : 'ieee',
    }),
  });
  return reading(
    'via',
    'twiceInSubnormals',
    'rounds subnormal results twice: to the full precision first, then to the subnormal grid',
    // Below the smallest numbers of the wide format one rounding more or less gives zero all the same.
    (x) => (x !== 0 && Math.abs(x) < normal && exponentIn(Math.abs(x)) > -240 ? unit.round(x) : x),
  );
}
