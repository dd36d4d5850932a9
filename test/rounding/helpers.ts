/**
 * The fast rounding against the oracle.
 *
 * @module
 */
import { Unit } from '../../src/arithmetic/unit.ts';
import {
  catalogue,
  defineFloat,
  defineP3109,
  type FloatFormat,
  type Format,
  formatName,
} from '../../src/formats/index.ts';
import { type Policy, parityRules, resolvePolicy } from '../../src/rounding/index.ts';
import { deterministicModes } from '../../src/testing/arbitraries/index.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { outcome, range, share, shareOf } from '../testing/helpers.ts';

/** The first number on which the two differ, in words; null when there is none. */
export function firstDifference(format: Format, policy: Policy, xs: readonly number[]): string | null {
  const unit = new Unit(format, policy);
  for (const x of xs) {
    const found = outcome(() => unit.round(x));
    const { flags } = unit;
    const wanted = outcome(() => oracleRound(format, policy, x));
    if (wanted === 'refused' ? found === wanted : Object.is(found, wanted.value) && flags === wanted.flags) continue;
    const want = wanted === 'refused' ? wanted : `${wanted.value} with flags ${wanted.flags}`;
    const shown = (y: unknown) => (Object.is(y, -0) ? '-0' : String(y));
    return `${formatName(format)} ${JSON.stringify(policy)}: ${shown(x)} gives ${shown(found)} with flags ${flags}, not ${want}`;
  }
  return null;
}

const overflows = ['ieee', 'infinity', 'saturate', 'saturateFinite', 'nan'] as const;
const subnormals = ['gradual', 'flushOutputs', 'flushInputs', 'flushBoth'] as const;
const tininess = ['afterRounding', 'beforeRounding'] as const;

/** Every deterministic mode, with either parity where the two may differ. */
export function modePolicies(format: Format): Policy[] {
  const parities = format.kind === 'float' && format.mantissaBits === 0 ? parityRules : (['significand'] as const);
  return deterministicModes.flatMap((rounding) =>
    parities.map((parity) => resolvePolicy(format, { rounding, parity, nanInput: 'zero' })),
  );
}

/** Every deterministic policy. */
export function allPolicies(format: Format): Policy[] {
  const overflowChoices = format.kind === 'integer' ? (['saturate', 'wrap'] as const) : overflows;
  return modePolicies(format).flatMap((base) =>
    overflowChoices.flatMap((overflow) =>
      subnormals.flatMap((subnormal) =>
        tininess.map((rule) =>
          resolvePolicy(format, { ...base, overflow, subnormals: subnormal, tininess: rule, nanInput: 'max' }),
        ),
      ),
    ),
  );
}

/** Combinations that no standard has. */
const odd: FloatFormat[] = [
  defineFloat({ exponentBits: 3, mantissaBits: 3, infinities: 'topCode', nan: 'topCode', lowest: 'normalButZero' }),
  defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'none', lowest: 'normalButZero' }),
  defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'none', lowest: 'normal' }),
  defineFloat({ exponentBits: 4, mantissaBits: 1, infinities: 'none', nan: 'topCode', lowest: 'normal' }),
  defineFloat({ exponentBits: 3, mantissaBits: 0, infinities: 'topCode', nan: 'topCode', lowest: 'normal' }),
  defineFloat({ exponentBits: 3, mantissaBits: 0, infinities: 'topCode', nan: 'none', lowest: 'normalButZero' }),
  defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'topCode', nan: 'none' }),
  defineFloat({ exponentBits: 3, mantissaBits: 3, bias: -2 }),
  defineFloat({ exponentBits: 4, mantissaBits: 3, signed: false }),
  defineFloat({ exponentBits: 2, mantissaBits: 3, infinities: 'none', signed: false }),
  defineFloat({ exponentBits: 1, mantissaBits: 6, infinities: 'none' }),
  defineFloat({ exponentBits: 7, mantissaBits: 0, bias: 380, infinities: 'none', nan: 'negativeZero' }),
];

/** Mutation testing runs a share of the cases, for every mutant anew. */
export const isScaledDown = share < 0.0625;

/** Every format of at most 8 bits: the catalogue's, all of P3109, and odd ones; none twice. */
export const smallFormats: [name: string, format: Format][] = Object.entries(
  Object.fromEntries(
    [
      ...Object.values(catalogue).filter(({ bits }) => bits <= 8),
      ...range(3, 8).flatMap((bits) =>
        [true, false].flatMap((signed) =>
          range(1, signed ? bits - 1 : bits).flatMap((precision) =>
            [true, false].map((extended) => defineP3109({ bits, precision, signed, extended })),
          ),
        ),
      ),
      ...odd,
    ].map((format) => [formatName(format), format]),
  ),
);

const common = new Set(['e4m3fn', 'e5m2', 'e2m1fn', 'int8']);

/** The formats of at most 8 bits that long sweeps take in `npm test`: the commonest, and a sixteenth of all. */
export const sweptFormats: [name: string, format: Format][] = [
  ...new Set([...smallFormats.filter(([name]) => common.has(name)), ...shareOf(smallFormats)]),
];

/** Ordinals around the places where policies differ: zero, the smallest normal numbers, both ends. */
export function cornerOrdinals({ low, high, minNormal }: { low: number; high: number; minNormal: number }): number[] {
  const around = [0, minNormal, -minNormal, high, low].flatMap((center) => range(center - 2, center + 2));
  return [...new Set(around)].filter((ordinal) => ordinal >= low - 3 && ordinal <= high + 3);
}
